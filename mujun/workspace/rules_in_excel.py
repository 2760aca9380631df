"""Rules in Excel: a rule set as a workbook to fill in, and the workbook back as a new rule set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import InputError, Place, Problem, RuleError, UsageError, problem
from mujun.messages import text
from mujun.notebooks import InNotebooks
from mujun.records.container import container_of, read_bytes
from mujun.records.sheet_marks import At
from mujun.records.sheets import Sheet, read_sheets
from mujun.reports.rules_form import MARK, ORIGINAL, RulesForm
from mujun.rules import RuleSet, run_cases
from mujun.rules.checking import Checked, check_rules, checked
from mujun.rules.differing import Difference, differences
from mujun.rules.filling import Change, NotInPlace, answers, changed_texts, pages_of
from mujun.rules.filling.cells import FormPage
from mujun.rules.filling.filled_in import shown
from mujun.rules.filling.kept import LAYOUT, KeptRules, NotKept, kept_rules, packed, unpacked
from mujun.rules.filling.moving import moved_files, renamed
from mujun.rules.loading import load_kept, load_rules, read_kept
from mujun.workspace.computing import case_engine
from mujun.writing import folder_written, write_bytes
from mujun.writing.cell_names import cell_name


@dataclass(frozen=True)
class TakenBack(InNotebooks):
    """A rule set that was made from a filled-in workbook.

    Attributes:
        folder: where it is.
        files: its files.
        source: the set from which the workbook was made.
        before: that set, as it was when the workbook was made.
        differences: what was changed, in words.
        checked: what is doubtful about it.
        failing: its hand-computed cases that no longer hold, by id.
    """

    folder: Path
    files: tuple[str, ...]
    source: str
    before: RuleSet = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)
    checked: Checked = field(repr=False)
    failing: tuple[str, ...] = ()


def rules_form(rules: str | Path) -> RulesForm:
    """A rule set as `papers.rules_form` writes it into a workbook.

    Raises:
        UsageError: there is no such rule set.
        RuleError: it is not well-formed.
    """
    ruleset, kept = kept_rules(rules)
    return RulesForm(ruleset.name, ruleset.address, pages_of(ruleset), packed(kept), LAYOUT)


def take_back(file: str | Path, folder: str | Path, *, name: str = "") -> TakenBack:
    """A new rule set from a filled-in workbook; where nothing was changed its files are those of the old one.

    Comments, order and everything else that was not changed stay as they are in the files. A base or an included set
    is taken along where it was changed or cannot be found from the new folder.

    Args:
        file: the workbook, as `rules_form` made it and somebody filled it in.
        folder: where the new set goes; must not exist yet, or be an empty folder.
        name: what the new set is called, unless the workbook calls it otherwise; as the old one where it is empty.

    Raises:
        InputError: the file is no such workbook, or cells of it are wrong: a sentence for each; nothing is written.
        UsageError: the folder is taken.
    """
    path, target = Path(file), Path(folder)
    kept, sheets = _workbook(path)
    before = load_kept(kept.address, kept.texts)
    problems: list[Problem] = []
    changes = _changes(pages_of(before), sheets, path.name, problems)
    texts = _texts(kept, changes, path.name, problems)
    # With the cells that can be read the rules are tried even where others cannot, so that all is told at once.
    problems += _at_cells(checked(*read_kept(kept.address, texts)).problems, changes, path.name)
    if problems:
        raise InputError(problems)
    return _taken(kept, before, texts, target, name)


def with_numbers(rules: str | Path, numbers: Mapping[str, str], folder: str | Path, *, name: str = "") -> TakenBack:
    """A new rule set that is another with some of its numbers changed; everything else stays as it stands in the files.

    Args:
        rules: an address or a folder.
        numbers: the new numbers by their paths, such as `tiers.cut.default.shares.A`.
        folder: where the new set goes; must not exist yet, or be an empty folder.
        name: what the new set is called; as the old one where it is empty.

    Raises:
        UsageError: there is no such rule set, a path names no number of it, or the folder is taken.
        RuleError: the changed rules are wrong; nothing is written.
    """
    before, kept = kept_rules(rules)
    cells = (cell for page in pages_of(before) for _, _, cell in page.cells())
    spots = {c.spot.path: c.spot for c in cells if c.spot is not None and c.spot.kind in NUMBERS}
    unknown = [problem("rules_no_such_number", path=path) for path in numbers if path not in spots]
    if unknown:
        raise UsageError(unknown)
    changes = [Change(spots[path], number) for path, number in numbers.items()]
    texts = kept.texts | changed_texts(kept.texts, changes)
    problems = checked(*read_kept(kept.address, texts)).problems
    if problems:
        raise RuleError(problems)
    return _taken(kept, before, texts, Path(folder), name)


NUMBERS = ("number", "whole")
"""Kinds of spots that hold one number."""


def _taken(kept: KeptRules, before: RuleSet, texts: Mapping[str, str], target: Path, name: str) -> TakenBack:
    files = moved_files(kept, renamed(kept, texts, name), target)
    with folder_written(target) as draft:
        for name, data in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(draft / name, data)
    failing = tuple(o.case.id for o in run_cases(load_rules(target), case_engine) if not o.passed)
    changes = differences(before, load_kept(kept.address, texts))
    return TakenBack(target, tuple(files), before.address, before, changes, check_rules(target), failing)


_Found = tuple[Change, str, str]
"""A change, with the sheet and cell in which it was made."""


def _workbook(path: Path) -> tuple[KeptRules, dict[str, Sheet]]:
    data = read_bytes(path)
    sheets = {s.name or "": s for s in read_sheets(data, container_of(data, path), path)}
    place = Place(file=path.name)
    if ORIGINAL not in sheets or not sheets[ORIGINAL].texts(0)[0].startswith(MARK):
        raise InputError(problem("sheet_not_rules", place))
    original = sheets[ORIGINAL]
    if original.texts(0)[1] != str(LAYOUT):
        raise InputError(problem("sheet_other_layout", place))
    try:
        kept = unpacked("".join(original.texts(i)[0] for i in range(1, original.cells.height)))
    except NotKept:
        raise InputError(problem("sheet_original_damaged", place, sheet=ORIGINAL)) from None
    return kept, sheets


def _changes(
    pages: Sequence[FormPage], sheets: Mapping[str, Sheet], file: str, problems: list[Problem]
) -> list[_Found]:
    """The changes that cells make; `problems` gathers what is wrong with others."""
    changes: list[_Found] = []
    for page in pages:
        sheet = sheets.get(page.name)
        if sheet is None:
            problems.append(problem("sheet_gone", Place(file=file), sheet=page.name))
            continue
        given = {(r, c): shown(cell) for r, c, cell in page.cells() if cell.spot is not None}
        doubtful = _doubtful(given, page.name, sheet, file)
        # What such a cell holds is not asked: it is said once what is wrong with it.
        now = _cells(sheet) | {at: given[at] for at in doubtful}
        changes += [(c, page.name, cell) for c, cell in answers(page, now, file, problems)]
        problems += doubtful.values()
    return changes


def _cells(sheet: Sheet) -> dict[At, str]:
    texts = {}
    for column, name in enumerate(sheet.cells.columns):
        for row, value in zip(sheet.rows, sheet.cells[name], strict=True):
            if value is not None:
                texts[int(row) - 1, column] = str(value)
    return texts


def _doubtful(opened: Collection[At], page: str, sheet: Sheet, file: str) -> dict[At, Problem]:
    """Open cells that hold something else than they show: a formula never computed, a number in a scaling format."""
    marks = sheet.marks
    place = Place(file=file, sheet=page)
    doubts = {}
    for position, row in enumerate(sheet.rows):
        for column in range(sheet.cells.width):
            at, cell = (position, column), (int(row) - 1, column)
            if cell not in opened:
                continue
            if at in marks.uncomputed or at in marks.doubtful:
                doubts[cell] = problem("sheet_cell_formula", place, cell=cell_name(*cell))
            elif at in marks.scaled:
                seen, holds = marks.scaled[at].shown, sheet.texts(position)[column]
                doubts[cell] = problem("sheet_cell_scaled", place, cell=cell_name(*cell), shown=seen, value=holds)
    return doubts


def _texts(kept: KeptRules, changes: list[_Found], file: str, problems: list[Problem]) -> dict[str, str]:
    """The set's texts with the changes; one that cannot be made where it stands is taken out of them and told."""
    texts = kept.texts
    while True:
        try:
            return texts | changed_texts(texts, [c for c, _, _ in changes])
        except NotInPlace as wrong:
            found = next(f for f in changes if f[0] is wrong.change)
            changes.remove(found)
            spot, (_, sheet, cell) = wrong.change.spot, found
            at = f"{spot.file} {spot.path}"
            problems.append(problem("sheet_cell_by_hand", Place(file=file, sheet=sheet), cell=cell, at=at))


def _at_cells(problems: Sequence[Problem], changed_cells: list[_Found], file: str) -> list[Problem]:
    """What is wrong with the changed rules, each with the changed cell that is nearest to it."""
    led_to = []
    for wrong in problems:
        near = sorted(changed_cells, key=lambda f: -nearness(wrong, f[0]))
        if not near:
            led_to.append(wrong)
            continue
        _, sheet, cell = near[0]
        why = text(wrong.code, **wrong.values)
        led_to.append(problem("sheet_cell_leads_to", Place(file=file, sheet=sheet), cell=cell, why=why))
    return led_to


def nearness(wrong: Problem, change: Change) -> int:
    """How near what is wrong with rules is to a change of them: the larger, the nearer."""
    key = (wrong.place.key or "").split(".")
    path = change.spot.path.split(".")
    same = next((i for i, (a, b) in enumerate(zip(key, path, strict=False)) if a != b), min(len(key), len(path)))
    line = change.spot.node.line if change.spot.node is not None else 0
    return same * 2 + (wrong.place.file == change.spot.file and wrong.place.line == line)
