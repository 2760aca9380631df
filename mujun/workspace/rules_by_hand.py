"""Rules changed by hand: tried as they are typed, and saved only where they hold, never into a set that ships."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import Place, Problem, RuleError, UsageError, problem
from mujun.messages import language
from mujun.notebooks import InNotebooks
from mujun.rules import CaseOutcome, RuleSet, run_cases
from mujun.rules.checking import Checked, checked, with_papers
from mujun.rules.differing import Difference, differences
from mujun.rules.filling import Change, NotInPlace, answers, changed_texts, pages_of
from mujun.rules.filling.cells import FormCell, FormPage, Grid
from mujun.rules.filling.filled_in import shown
from mujun.rules.filling.kept import KeptRules, decoded, kept_rules
from mujun.rules.filling.moving import moved_files, renamed
from mujun.rules.folders import FILES, DiskFolder, find_folder
from mujun.rules.loading import read_drafted, read_kept, read_rules
from mujun.rules.new_file import EVERY_FILE
from mujun.rules.paper_texts import FILE as PAPERS
from mujun.workspace.computing import case_engine
from mujun.workspace.rules_in_excel import nearness
from mujun.writing import file_name, folder_written, note_edited, write_bytes
from mujun.writing.cell_names import cell_name

Cell = tuple[str, int, int]
"""An open cell of the form: its page's name, row and column, counted from 0 as `FormPage.cells` counts them."""


@dataclass(frozen=True)
class RuleFiles(InNotebooks):
    """A rule set as its own files have it, well-formed or not.

    Attributes:
        address: what the set is called.
        shipped: whether it came with the program, and so is never changed.
        texts: its files by name: YAML, then lookup tables; lines end with a line feed alone, whatever the file has.
        mark: what tells these files from the same ones after somebody changed them.
        pages: the form; empty where the set is not well-formed.
        worded: the same with its titles, headers and conditions in the language of whoever asks.
        problems: what is wrong with the set as it stands.
    """

    address: str
    shipped: bool
    texts: Mapping[str, str] = field(repr=False)
    mark: str
    pages: tuple[FormPage, ...] = field(repr=False)
    worded: tuple[FormPage, ...] = field(repr=False)
    problems: tuple[Problem, ...]

    @cached_property
    def stands(self) -> dict[Cell, str]:
        """What each open cell of the form holds, as text."""
        return {cell: shown(c) for cell, c in self._opened}

    @cached_property
    def paths(self) -> dict[Cell, str]:
        """Of each open cell the dotted path of its key."""
        return {cell: c.spot.path for cell, c in self._opened if c.spot is not None}

    @cached_property
    def _opened(self) -> list[tuple[Cell, FormCell]]:
        every = [((p.name, row, column), c) for p in self.pages for row, column, c in p.cells()]
        return [(cell, c) for cell, c in every if c.spot is not None]


@dataclass(frozen=True)
class RulesTried(InNotebooks):
    """What changed rules would be.

    Attributes:
        checked: what is wrong with them, or doubtful.
        cells: what is wrong with single cells of the form; with any of these nothing else was looked at.
        cases: the hand-computed cases, run; none while something is wrong.
        differences: what was changed, in words; none while something is wrong with the old or the new rules.
        files: every file that is otherwise now, or new, as text, by `address/name`.
        gone: the files that are taken away, by name.
    """

    checked: Checked = field(repr=False)
    cells: Mapping[Cell, Problem] = field(default_factory=dict)
    cases: tuple[CaseOutcome, ...] = ()
    differences: tuple[Difference, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    gone: tuple[str, ...] = ()

    @property
    def wrong(self) -> tuple[Problem, ...]:
        """Everything because of which the rules cannot be saved."""
        return (*self.cells.values(), *self.checked.problems)


@dataclass(frozen=True)
class RulesSaved(InNotebooks):
    """Rules that were saved: where, which files were written, and what was tried before."""

    address: str
    folder: Path
    files: tuple[str, ...]
    tried: RulesTried


def rule_files(rules: str | Path) -> RuleFiles:
    """A rule set's own files as they stand, for whoever wants to change them.

    Raises:
        UsageError: there is no such rule set.
        RuleError: a file of it cannot be read as text.
    """
    folder = find_folder(rules)
    data = _data(folder)
    ruleset, problems = read_rules(rules)
    pages = () if problems else pages_of(ruleset)
    return RuleFiles(
        folder.address,
        folder.ships,
        {name: _plain(decoded(content)[0]) for name, content in data.items()},
        _mark(data),
        pages,
        pages if problems or language() == "zh" else pages_of(ruleset, language()),
        tuple(problems),
    )


def _data(folder: DiskFolder) -> dict[str, bytes]:
    """The bytes of a set's own files; read as every other reader of rules reads them, so that what is odd is said."""
    names = [*EVERY_FILE, *sorted(p.name for p in folder.path.glob("*.csv"))]
    return {name: (folder.path / name).read_bytes() for name in names if folder.read(name) is not None}


def _mark(data: Mapping[str, bytes]) -> str:
    told = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(data.items())]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --------------------------------------------------------------------------------------------------------------- trying


def try_texts(rules: str | Path, texts: Mapping[str, str | None]) -> RulesTried:
    """A rule set with some of its files' texts replaced: checked, its cases run, and what differs in words.

    Args:
        rules: an address or a folder.
        texts: the new texts by file name; `None` takes a file away. A name that the set does not have is a new file:
            one that the language knows, or a lookup table (`.csv`). See `begin_file`.

    Raises:
        UsageError: there is no such rule set, it can have no such file, or no file with rules would be left.
    """
    folder = find_folder(rules)
    data = _data(folder)
    known = list(dict.fromkeys([*data, *EVERY_FILE]))
    unknown = [problem("rules_no_file_of_name", file=name, known=known) for name in texts
               if name not in known and not _is_table(name)]  # fmt: skip
    if unknown:
        raise UsageError(unknown)
    names = ({*data} - {n for n, t in texts.items() if t is None}) | {n for n, t in texts.items() if t is not None}
    if not names & {*FILES}:
        raise UsageError(problem("rules_none_left", address=folder.address))
    after, wrong = read_drafted(rules, texts)
    before, already = read_rules(rules)
    files = {
        f"{folder.address}/{name}": text
        for name, text in texts.items()
        if text is not None and (name not in data or _plain(text) != _plain(decoded(data[name])[0]))
    }
    look = checked(after, wrong)
    if PAPERS in names:
        words = texts.get(PAPERS) or decoded(data.get(PAPERS, b""))[0]
        look = with_papers(look, words, folder.shown(PAPERS))
    gone = tuple(name for name, text in texts.items() if text is None and name in data)
    return replace(_looked_at(None if already else before, look, files), gone=gone)


def _is_table(name: str) -> bool:
    return name.endswith(".csv") and name == Path(name).name == file_name(name) and not name.startswith(".")


def try_form(rules: str | Path, cells: Mapping[Cell, str]) -> RulesTried:
    """A rule set with cells of its form filled in otherwise; comments and all else stay as they are in the files.

    Args:
        rules: an address or a folder.
        cells: what they hold now; those left out hold what they were given.

    Raises:
        UsageError: there is no such rule set.
        RuleError: the set is not well-formed as it stands: it is mended in its files.
    """
    before, kept = kept_rules(rules)
    changed, wrong = _changes(pages_of(before), cells)
    if not wrong:
        try:
            files = changed_texts(kept.texts, [c for c, _ in changed])
        except NotInPlace as refused:
            cell = next(cell for change, cell in changed if change is refused.change)
            spot = refused.change.spot
            at = f"{spot.file.rpartition('/')[2]} {spot.path}"
            wrong = {cell: problem("sheet_cell_by_hand", cell=_label(pages_of(before), cell), at=at)}
    if wrong:
        return RulesTried(Checked(before, (), ()), wrong)
    look = checked(*read_kept(kept.address, kept.texts | files))
    tried = _looked_at(before, look, files)
    return replace(tried, cells=_leading_there(look.problems, changed, pages_of(before)))


def _looked_at(before: RuleSet | None, look: Checked, files: Mapping[str, str]) -> RulesTried:
    if look.problems:
        return RulesTried(look, files=files)
    told = differences(before, look.ruleset) if before is not None else ()
    return RulesTried(look, {}, run_cases(look.ruleset, case_engine), told, files)


_Changed = list[tuple[Change, Cell]]


def _changes(pages: Sequence[FormPage], cells: Mapping[Cell, str]) -> tuple[_Changed, dict[Cell, Problem]]:
    """The changes that cells make, and what is wrong with cells."""
    changed: _Changed = []
    wrong: dict[Cell, Problem] = {}
    for page in pages:
        stands = {(row, column): shown(cell) for row, column, cell in page.cells()}
        named = {cell_name(*at): (page.name, *at) for at in stands}
        now = {at: text for at, text in stands.items() if text}
        now |= {(row, column): text.strip() for (name, row, column), text in cells.items() if name == page.name}
        problems: list[Problem] = []
        changed += [(change, named[name]) for change, name in answers(page, now, "", problems)]
        for refusal in problems:
            cell = named[str(refusal.values["cell"])]
            wrong[cell] = replace(refusal, place=Place(), values={**refusal.values, "cell": _label(pages, cell)})
    return changed, wrong


def _label(pages: Sequence[FormPage], cell: Cell) -> str:
    """A cell as a reader of the form calls it: what its row is about, and its column's header."""
    name, row, column = cell
    page = next(p for p in pages if p.name == name)
    at = 0
    for part in page.parts:
        if not isinstance(part, Grid):
            at += 1
            continue
        if row <= at + len(part.rows):
            line = part.rows[row - at - 1]
            about = next(
                (shown(c) for c in line if c.value is not None and (c.spot is None or c.spot.key == "label")), ""
            )
            header = part.headers[column]
            return about if header == "内容" else f"{about} · {header}".removeprefix(" · ")
        at += len(part.rows) + 2
    return cell_name(row, column)


def _leading_there(problems: Sequence[Problem], changed: _Changed, pages: Sequence[FormPage]) -> dict[Cell, Problem]:
    """What is wrong with the changed rules at the changed cell that is nearest to it."""
    told: dict[Cell, Problem] = {}
    for trouble in problems:
        if changed:
            cell = max(changed, key=lambda c: nearness(trouble, c[0]))[1]
            why = str(replace(trouble, place=Place()))
            told.setdefault(cell, problem("sheet_cell_leads_to", cell=_label(pages, cell), why=why))
    return told


# --------------------------------------------------------------------------------------------------------------- saving


def save_texts(
    rules: str | Path, texts: Mapping[str, str | None], *, mark: str | None = None, folder: str | Path | None = None,
    name: str = "",
) -> RulesSaved:  # fmt: skip
    """Save a rule set with some of its files' texts replaced: into itself, or as a new set.

    Args:
        rules: an address or a folder.
        texts: the new texts by file name, as of `try_texts`: new files and files that go too.
        mark: of the files that were changed, as `rule_files` gave it; where it is not theirs any more somebody else
            changed them meanwhile.
        folder: where a new set goes; the set itself is changed where none is given.
        name: what a new set is called (`name` of its first file), unless the new texts call it otherwise already.

    Raises:
        UsageError: there is no such rule set or file; the set ships and no folder is given; it was changed meanwhile;
            or the folder is taken.
        RuleError: the changed rules are wrong; nothing is written.
        InputError: a file cannot be written; all of them are as they were.
    """
    return _saved(rules, try_texts(rules, texts), mark, folder, name)


def save_form(
    rules: str | Path, cells: Mapping[Cell, str], *, mark: str | None = None, folder: str | Path | None = None,
    name: str = "",
) -> RulesSaved:  # fmt: skip
    """Save a rule set with cells of its form filled in otherwise: into itself, or as a new set.

    A base or an included set that is changed with it is taken along into a folder below.

    Args:
        rules: an address or a folder.
        cells: what they hold now, as of `try_form`.
        mark, folder, name: as of `save_texts`.

    Raises:
        UsageError, RuleError, InputError: as of `save_texts`.
    """
    return _saved(rules, try_form(rules, cells), mark, folder, name)


def _saved(rules: str | Path, tried: RulesTried, mark: str | None, folder: str | Path | None, name: str) -> RulesSaved:
    source = find_folder(rules)
    if mark is not None and mark != _mark(_data(source)):
        raise UsageError(problem("rules_changed_meanwhile", address=source.address))
    if folder is None and source.ships:
        raise UsageError(problem("rules_shipped_stay", address=source.address))
    if tried.wrong:
        raise RuleError(tried.wrong)
    target = source.path if folder is None else Path(folder)
    data = _data(source)
    files: dict[str, bytes | None]
    if folder is None and all(name.rpartition("/")[0] == source.address for name in tried.files):
        files = {n: _as_written(data.get(n), tried.files[f"{source.address}/{n}"])
                 for n in dict.fromkeys([*data, *(f.rpartition("/")[2] for f in tried.files)])
                 if f"{source.address}/{n}" in tried.files}  # fmt: skip
    else:
        _, kept = kept_rules(rules)
        own = {f"{source.address}/{n}": d for n, d in data.items() if n not in tried.gone}
        new = {n: t.encode() for n, t in tried.files.items() if n not in kept.files and n not in own}
        went = {f"{source.address}/{n}" for n in tried.gone}
        kept = KeptRules(kept.address, {n: d for n, d in ({**kept.files, **own, **new}).items() if n not in went})
        texts = kept.texts | _line_ends(kept, tried.files)
        files = {**moved_files(kept, renamed(kept, texts, name) if folder is not None else texts, target)}
    files |= dict.fromkeys(tried.gone) if folder is None else {}
    if folder is None:
        return RulesSaved(source.address, target, _replaced(target, files), tried)
    with folder_written(target) as draft:
        for name, content in files.items():
            assert content is not None
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(draft / name, content)
    return RulesSaved(find_folder(target).address, target, tuple(files), tried)


def _line_ends(kept: KeptRules, files: Mapping[str, str]) -> dict[str, str]:
    return {name: _with_ends(decoded(kept.files[name])[0], text) for name, text in files.items()}


def _with_ends(before: str, text: str) -> str:
    """A text with the line ends that the file has."""
    return _plain(text).replace("\n", "\r\n") if "\r\n" in before else text


def _as_written(before: bytes | None, text: str) -> bytes:
    """A text as the file has it: in its encoding, with its line ends; a new one in UTF-8."""
    if before is None:
        return _plain(text).encode()
    old, encoding = decoded(before)
    return _with_ends(old, text).encode(encoding)


def _replaced(folder: Path, files: Mapping[str, bytes | None]) -> tuple[str, ...]:
    """Write files in place of those that stand there, or take them away: all of them, or none."""
    before: dict[Path, bytes | None] = {}
    try:
        for name, content in files.items():
            file = folder / name
            stands = file.read_bytes() if file.is_file() else None
            if stands == content:
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            before[file] = stands
            if stands is not None:
                note_edited(file)
            if content is None:
                file.unlink()
            else:
                write_bytes(file, content)
    except BaseException:
        for file, stands in before.items():
            if stands is None:
                file.unlink(missing_ok=True)
            else:
                note_edited(file)
                write_bytes(file, stands)
        raise
    return tuple(file.relative_to(folder).as_posix() for file in before)
