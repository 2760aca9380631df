"""papers.yaml read: from the folder of a rule set, and from beside a store, which has the last word."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mujun.errors import Place, Problem, RuleError, UsageError, problem
from mujun.messages.visible import visible
from mujun.rules.folders import DiskFolder, find_folder
from mujun.rules.model.head import TO_FILL
from mujun.rules.model.papers import ThePapers
from mujun.rules.shape import Reading, keys_of, read
from mujun.rules.tree import Node, child, merge, read_tree

FILE = "papers.yaml"
KIND = "papers"
LONGEST_TEXT = 2000
"""Characters of one text: how objections are raised takes two hundred."""
LONGEST_NAME = 40


def papers_texts(address: str | None, *files: Path) -> ThePapers:
    """The words of a county's papers.

    Args:
        address: a rule set whose folder may have a papers.yaml; one that is no longer there has none.
        files: further files, the later ones over the earlier; each has to be there.

    Raises:
        InputError: a file is not there or cannot be read.
        RuleError: something in a file is wrong; all of it at once.
    """
    trees = [*_of_rule_set(address), *(_of_file(f) for f in files)]
    if not trees:
        return ThePapers(mujun=1, kind=KIND, name="")
    reading = Reading()
    texts = _texts_of(trees, reading)
    if reading.problems:
        raise RuleError(reading.problems)
    assert isinstance(texts, ThePapers)
    return texts


def wrong_in_papers(text: str, shown: str) -> list[Problem]:
    """Everything that is wrong with the text of a papers.yaml.

    Args:
        text: the file's text.
        shown: what the file is called.
    """
    reading = Reading()
    try:
        _texts_of([read_tree(text, shown)], reading)
    except RuleError as error:
        return list(error.problems)
    return reading.problems


def to_fill_in_papers(text: str, shown: str) -> list[Problem]:
    """Doubts about a papers.yaml that is right: what still has to be filled in, in a value or a comment.

    A comment such as `# 待填：number: …`, as `rules new` writes it, is done with once the key is stated.

    Args:
        text: the file's text.
        shown: what the file is called.
    """
    tree = read_tree(text, shown)
    stated = tree.value if isinstance(tree.value, dict) else {}
    places = [value.place(key) for key, value in stated.items() if any(TO_FILL in text for text in _texts_in(value))]
    for line, written in enumerate(text.splitlines(), 1):
        waiting = _WAITING.match(written)
        if waiting is not None and waiting[1] not in stated:
            places.append(Place(file=shown, line=line, key=waiting[1]))
    return [problem("sound_to_fill", place, word=TO_FILL) for place in sorted(places, key=lambda p: p.line or 0)]


def _texts_in(node: Node) -> Iterator[str]:
    if isinstance(node.value, (dict, tuple)):
        for inner in node.value.values() if isinstance(node.value, dict) else node.value:
            yield from _texts_in(inner)
    else:
        yield node.text


_WAITING = re.compile(rf"#\s*{TO_FILL}[：:]\s*([A-Za-z_]+)\s*:")


def _texts_of(trees: list[Node], reading: Reading) -> ThePapers | None:
    """The words of several files, the later ones over the earlier; what is wrong is in `reading`."""
    whole = trees[0]
    for over in trees[1:]:
        whole = merge(whole, over)
    _check_texts(whole, "", reading)
    kind = child(whole, "kind")
    if kind is not None and kind.text != KIND:
        reading.wrong("rules_other_kind", kind, "kind", kind=kind.text, wanted=KIND, file=FILE)
    texts: ThePapers | None = read(ThePapers, whole, "", reading)
    if texts is not None and texts.period_from and texts.period_until and texts.period_until < texts.period_from:
        until = child(whole, "period_until")
        place = until.place("period_until") if until is not None else Place(file=whole.file)
        reading.problems.append(problem("papers_period", place, first=texts.period_from, last=texts.period_until))
    return texts


def _check_texts(node: Node, path: str, reading: Reading) -> None:
    """Note texts that no paper can show: with characters that nobody sees, or of the length of a book."""
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            _check_text(key, inner, path, reading)
            _check_texts(inner, f"{path}.{visible(key)[:LONGEST_NAME]}" if path else visible(key), reading)
    elif isinstance(node.value, tuple):
        for i, inner in enumerate(node.value):
            _check_texts(inner, f"{path}[{i}]", reading)
    else:
        _check_text(node.text, node, path, reading)


def _check_text(text: str, node: Node, path: str, reading: Reading) -> None:
    if len(text) > LONGEST_TEXT:
        reading.wrong("papers_text_too_long", node, path, length=len(text), limit=LONGEST_TEXT)
    elif visible(text) != text:
        reading.wrong("papers_text_unseen", node, path, text=text[:LONGEST_NAME])


def _of_rule_set(address: str | None) -> Iterator[Node]:
    if address is None:
        return
    try:
        folder = find_folder(address)
    except UsageError:
        # A run is computed from the rules it kept; their folder may be gone, and with it these words.
        return
    text = folder.read(FILE)
    if text is not None:
        yield read_tree(text, folder.shown(FILE))


def _of_file(file: Path) -> Node:
    if not os.path.lexists(file):
        raise UsageError(problem("papers_no_file", file=file))
    text = DiskFolder(file.parent, str(file.parent)).read(file.name)
    return read_tree(text or "", str(file))


def papers_template(name: str) -> str:
    """A papers.yaml to be filled in: every key with what it means, none of them set.

    Args:
        name: what the texts are called.
    """
    lines = ["mujun: 1", f"kind: {KIND}", f"name: {name}", *_keys()]
    return "\n".join(lines) + "\n"


def _keys() -> Iterable[str]:
    from mujun.rules.model.head import Head

    for key, (field, _) in keys_of(ThePapers).items():
        if key not in keys_of(Head):
            yield f"# {field.metadata['doc']}"
            yield f"# {key}:"
