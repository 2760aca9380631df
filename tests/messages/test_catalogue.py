"""The catalogue of messages: both languages whole, nothing missing, nothing unused."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

import mujun
from mujun import messages
from mujun.messages.key_list import written

PACKAGE = Path(mujun.__file__).parent

SAID_BY_CODE_ALONE: frozenset[str] = frozenset()
"""Keys that nothing in the package names and that are needed all the same."""


@cache
def _nodes() -> list[tuple[Path, ast.Constant | ast.JoinedStr | ast.Call]]:
    """Every text, f-string and call of the package, in the one walk that there has to be."""
    files = [f for f in sorted(PACKAGE.rglob("*.py")) if f != PACKAGE / "messages" / "keys.py"]
    wanted = (ast.Constant, ast.JoinedStr, ast.Call)
    return [(f, n) for f in files for n in ast.walk(ast.parse(f.read_text(encoding="utf-8"))) if isinstance(n, wanted)]


def _constants() -> Iterator[str]:
    """Every text in the code, docstrings aside."""
    for _, node in _nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _patterns() -> Iterator[re.Pattern[str]]:
    """F-strings as patterns: `rules_want_{kind}` is any key that begins so."""
    for _, node in _nodes():
        if not isinstance(node, ast.JoinedStr):
            continue
        parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values]
        literal = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
        # A key has an underscore: `{a}_{b}` alone would match everything.
        if re.fullmatch(r"[a-z0-9_]+", literal) and len(literal) > 2 and "_" in literal:
            yield re.compile("".join(parts))


def _placeholders(sentence: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None
    }


KEYS = sorted(messages.catalogue())

SIGNS_OF_THEIR_OWN = ("# [ {", "[ {", "{points", "{id", "{A")
"""Braces that a sentence shows to its reader."""


def test_both_languages_with_the_same_placeholders() -> None:
    for key, entry in messages.catalogue().items():
        assert set(entry) in ({"zh", "en"}, {"zh", "en", "zh_here", "en_here"}), key
        for language in ("zh", "en"):
            assert _placeholders(entry.get(f"{language}_here", "")) <= _placeholders(entry[language]), key
        assert entry["zh"].strip(), key
        assert entry["en"].strip(), key
        assert _placeholders(entry["zh"]) == _placeholders(entry["en"]), key
        assert all(re.fullmatch(r"[a-z_0-9]+", name) for name in _placeholders(entry["zh"])), key


ON_THE_COMMAND_LINE_ALONE = {
    "finding_alias_circle_do", "finding_alias_no_code_do", "finding_credit_code_invalid_do_none",
    "finding_correct_other_code_do",
}  # fmt: skip
"""Remedies whose work no page does yet: licences confirmed, changes of codes put down and listed."""


def test_on_a_page_no_remedy_of_a_finding_names_a_command() -> None:
    named = set()
    for key, entry in messages.catalogue().items():
        for language in ("zh", "en"):
            if key.startswith("finding_") and re.search(r"mujun [a-z]", entry.get(f"{language}_here", entry[language])):
                named.add(key)
    assert named == ON_THE_COMMAND_LINE_ALONE
    with messages.on_pages():
        assert "“更正”" in messages.text("finding_in_already_do")
    assert "mujun correct" in messages.text("finding_in_already_do")


def test_each_message_is_read_as_the_whole_file_would_be() -> None:
    """Messages are read one by one, between the lines that name them; the parser of whole files says the same."""
    files = {f.name: f.read_text(encoding="utf-8") for f in (PACKAGE / "messages").glob("*.toml")}
    whole = {key: entry for text in files.values() for key, entry in tomllib.loads(text).items()}
    assert dict(messages.catalogue()) == whole
    with pytest.raises(KeyError, match="stands twice"):
        messages.Catalogue({"a.toml": '[one]\nzh = "一"\n', "b.toml": '[one]\nzh = "壹"\n'})


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_message_can_be_said(language: messages.Language) -> None:
    with messages.speaking(language):
        for key, entry in messages.catalogue().items():
            sentence = messages.text(messages.key(key), **dict.fromkeys(_placeholders(entry["zh"]), "值"))
            for sign in SIGNS_OF_THEIR_OWN:
                sentence = sentence.replace(sign, "")
            assert "{" not in sentence, key


def test_chinese_is_punctuated_as_chinese() -> None:
    """Between Chinese characters stand Chinese signs; no doubled ones where a value ends the sentence."""
    for key, entry in messages.catalogue().items():
        assert not re.search(r"[一-鿿][,;:?!][一-鿿]", entry["zh"]), key
        assert not re.search(r"。。|，，|。，|，。", entry["zh"]), key


CHOICE = re.compile(r"\{([a-z_0-9]+):([^{}|]*)\|([^{}|]*)\}")
BARE = re.compile(r"\{([a-z_0-9]+)\} ((?:[a-z-]+ ){0,2}?)([a-z-]+s)(?![a-z-])")
BETWEEN = {
    *("in", "on", "of", "by", "as", "to", "at", "and", "are", "have", "is", "the", "that", "with", "from", "when"),
    *("since", "still", "also", "what", "whose", "among", "for"),
}
"""Words after which a word in -s no longer goes by the number before them."""
NO_NUMBERS = {"is", "as", "has", "was", "its", "does", "times", "omits", "this"}
"""Words in -s that go by no number; what is so many times as much is so once too."""
NOT_COUNTED = {
    *("batch", "run", "year", "number", "firm", "landlord", "reporter"),  # what follows them is a verb
    *("limit", "least", "most", "largest", "draws", "cuts"),  # numbers of ours that are never 1
    "small",  # numbers already in words
}  # fmt: skip


def _english() -> Iterator[tuple[str, str]]:
    for key, entry in messages.catalogue().items():
        yield from ((key, entry[language]) for language in ("en", "en_here") if language in entry)


def test_english_says_1_row_and_2_rows() -> None:
    """What is counted is `{count} {count:row|rows}`: a bare `{count} rows` would say “1 rows”."""
    chosen = [choice for _, sentence in _english() for choice in CHOICE.findall(sentence)]
    counts = {name for name, _, _ in chosen}
    plurals = {word for _, _, more in chosen for word in more.split()}
    bare = [
        f"{key}: {{{name}}} {between}{word}"
        for key, sentence in _english()
        for name, between, word in BARE.findall(sentence)
        if not BETWEEN & set(between.split())
        and word not in NO_NUMBERS
        and name not in NOT_COUNTED
        and (name in counts or word in plurals)
    ]
    assert bare == []
    assert [key for key, entry in messages.catalogue().items() if CHOICE.search(entry["zh"])] == []
    with messages.speaking("en"):
        assert [messages.text("grid_count", count=n) for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_the_keys_are_known_to_the_type_checker() -> None:
    """`keys.py` has each key once; the order of its lines is free, so that changes merge by union."""
    listed = (PACKAGE / "messages" / "keys.py").read_text(encoding="utf-8").splitlines()
    assert sorted(listed) == sorted(written().splitlines()), "run: python -m mujun.messages.key_list"


def test_a_key_put_together_has_to_exist() -> None:
    assert messages.key("state_" + "accepted") == "state_accepted"
    with pytest.raises(KeyError):
        messages.key("state_" + "nowhere")


def test_no_message_is_unused() -> None:
    used = {*_constants(), *SAID_BY_CODE_ALONE}
    patterns = list(_patterns())
    unused = [k for k in KEYS if k not in used and not any(p.fullmatch(k) for p in patterns)]
    assert unused == []


def _keys_of(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
        yield argument.value
    if isinstance(argument, ast.IfExp):
        yield from _keys_of(argument.body)
        yield from _keys_of(argument.orelse)


def test_values_given_fit_the_placeholders() -> None:
    """`problem("key", place, a=…)` gives what the sentence asks for, where the call spells it out."""
    wrong: list[str] = []
    for file, node in _nodes():
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "problem" or not node.args:
            continue
        if any(k.arg is None for k in node.keywords):
            continue
        given = {k.arg for k in node.keywords}
        for key in _keys_of(node.args[0]):
            asked = _placeholders(messages.catalogue().get(key, {"zh": ""})["zh"])
            if not asked <= given:
                wrong.append(f"{file.relative_to(PACKAGE)}:{node.lineno} {key} {sorted(asked - given)}")
    assert wrong == []


def test_a_key_stands_in_one_file() -> None:
    seen: dict[str, str] = {}
    for file in resources.files("mujun.messages").iterdir():
        if file.name.endswith(".toml"):
            for key in tomllib.loads(file.read_text(encoding="utf-8")):
                assert key not in seen, f"{key} in {file.name} and {seen[key]}"
                seen[key] = file.name


@pytest.mark.parametrize(("language", "joined"), [("zh", "甲；乙"), ("en", "甲; 乙")])
def test_clauses_stand_apart_as_the_language_writes_it(language: messages.Language, joined: str) -> None:
    with messages.speaking(language):
        assert messages.clauses(["甲", "乙"]) == joined
