"""Measure the corpus. `python -m tests.intake [CASE…] [--open] [--sampled]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from mujun import messages
from tests.intake import beyond, kinds
from tests.intake.case import Case, cases
from tests.intake.forms import write_all
from tests.intake.grid import Cell, Sheet, in_short
from tests.intake.judging import VERDICTS, Verdict, tried
from tests.intake.open_cases import open_cases, write_open


def shown(sheet: Sheet) -> str:
    """A grid as a person sees it, as far as text can."""

    def text(cell: Cell) -> str:
        value = f"={cell.formula}" + (f" → {cell.shown}" if cell.kept else "") if cell.formula else cell.shown
        return value + (f" ({cell.shape})" if cell.shape else "") + (f" «{cell.note}»" if cell.note else "")

    marks = [(sheet.hidden_rows, "hidden"), (sheet.filtered_rows, "filtered"), (sheet.struck_rows, "struck")]
    lines = []
    for r, row in enumerate(sheet.rows):
        told = "".join(f" [{word}]" for rows, word in marks if r in rows)
        lines.append(f"  {r + 1:>3}{told}  " + " | ".join(map(text, row)))
    merged = ", ".join(f"{chr(65 + c)}{r + 1}:{chr(64 + c + w)}{r + h}" for (r, c), (h, w) in sheet.spans.items())
    return "\n".join([f"--- {sheet.name}", *lines, *([f"  merged: {merged}"] if merged else [])])


def show(case: Case) -> None:
    """The grid, what came in, what was expected, what was said, for each form."""
    print(f"=== {case.name}: {case.kind}\n    {case.does}")
    for file in case.files:
        print(f">>> {file.stem}")
        print(file.raw if file.encoding else "\n".join(map(shown, file.sheets)))
    print("expected:")
    for given in case.gives:
        print(f"  {given.table} {given.year} {given.firm} {' '.join(f'{k}={v}' for k, v in given.fields.items())}"
              f"{' (or asked)' if given.asked else ''}")  # fmt: skip
    print(f"  says: {'; '.join(case.says)}")
    for form in case.forms:
        verdict, came_in = tried(case, form)
        print(f"\n[{form}] {verdict.word.upper() or 'as it should be'} {verdict.what}")
        for table, rows in came_in.rows.items():
            for row in rows:
                kept = {k: str(v) for k, v in row.items() if v is not None and not k.startswith("_")}
                print(f"  in   {table} {kept}")
        for sentence in came_in.said:
            print(f"  said {sentence}")


def verdict_of(job: tuple[Case, str, bool]) -> tuple[str, str, Verdict]:
    """One case in one form."""
    case, form, through_store = job
    messages.set_language("zh")
    return case.name, form, tried(case, form, through_store=through_store)[0]


def main() -> int:
    """Show the cases named, or measure all of them in all forms and compare with the list of open ones.

    `--open` with names tries these only, and leaves the other lines of the list as they are.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.intake", description=__doc__)
    parser.add_argument("case", nargs="*", help="names, or beginnings of names")
    parser.add_argument("--open", action="store_true", help="write open.txt and the docs' table anew")
    parser.add_argument("--sampled", action="store_true", help="only the forms that the tests try")
    parser.add_argument("--store", action="store_true", help="by way of a store, as the command does it")
    parser.add_argument("--keep", metavar="FOLDER", help="also write the files of the cases named into this folder")
    given = parser.parse_args()
    messages.set_language("zh")
    every = list(cases())
    if given.case and given.open:
        every = [c for c in every if any(c.name.startswith(n) for n in given.case)]
    elif given.case:
        named = [c for c in every if any(c.name.startswith(n) for n in given.case)]
        for case in named:
            show(case)
            if given.keep:
                write_all(case, given.keep)
        return 0 if named else 1
    jobs = [(c, form, given.store) for c in every for form in (c.sampled() if given.sampled else c.forms)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        verdicts = {(name, form): v for name, form, v in pool.map(verdict_of, jobs, chunksize=8)}
    if not given.case:
        verdicts.update(beyond.verdicts())
    counts = Counter(v.word for v in verdicts.values())
    plain = sum(c.plain for c in every)
    print(f"{len(every)} cases, {plain} of them plain; of {len(verdicts)} files and measures {counts['']} are right")
    print("  " + ", ".join(f"{word} {counts[word]}" for word in VERDICTS))
    if given.open:
        write_open(verdicts, [*((c.name, form) for c in cases() for form in c.forms), *beyond.names()])
        kinds.PAGE.parent.mkdir(exist_ok=True)
        kinds.PAGE.write_text(kinds.page(), encoding="utf-8")
        return 0
    listed = {key: what for key, what in open_cases().items() if key in verdicts}
    worse = {k: v for k, v in verdicts.items() if v.word and k not in listed}
    better = [k for k in listed if not verdicts[k].word]
    for name in dict.fromkeys(name for name, _ in worse):
        by_form = {form: v for (n, form), v in worse.items() if n == name}
        first = next(iter(by_form.values()))
        print(f"new    {name} {' '.join(by_form)}: {first.word}: {in_short(first.what)[:150]}")
    for name in dict.fromkeys(name for name, _ in better):
        print(f"closed {name} {' '.join(form for n, form in better if n == name)}: out of open.txt with it (--open)")
    return 1 if worse or better else 0


if __name__ == "__main__":
    sys.exit(main())
