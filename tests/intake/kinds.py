"""`docs/department-files.md`: the kinds of department files and what mujun does with each, made from the corpus."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from tests.intake.case import Case, cases
from tests.intake.open_cases import open_cases

PAGE = Path(__file__).parents[2] / "docs" / "department-files.md"

_HEAD = """\
# Department files: what mujun makes of them

A figure is read right, or the clerk is told; never a third thing. This table is made from the corpus in
`tests/intake/`: small sheets as a person sees them, written into real files ({forms}),
each with what must come in and what must be said. {cases} cases, {plain} of them plain files about which nothing may
be asked or said. `python -m tests.intake CASE` shows a case: its grid, what came in, what was said; `--open` writes
this table anew.

† marks a kind of which some case is not yet as it should be; `tests/intake/open.txt` says which, in which file forms,
and what happens now.

| kind of file | what mujun does | cases |
| --- | --- | --- |
"""

_MEASURED = """
## Measured besides

- **Polluted CSV** (separators, quotes, headers, tables, dialects at every row and column, after the Pollock benchmark):
  of four files of 83 firms, 2,290 variants each, no figure came in wrong, none was missing unsaid, every open quote was
  named at its line. Refused as a whole, with a reason: 780 variants of the files without quotes, 863 of those with.
  `python -m tests.intake.pollution`, 30 November 2026.
- **Good files, mutated** as offices mutate them, 5,000 of them: no figure wrong or missing in silence; 4,996 right, 4
  told (where the figures' unit was moved or lost). `python -m tests.intake.mutation`, 30 November 2026.
- **Thirty-one layouts more**, made up by hand, in one or two file forms each. Five were not right: headers down the
  side (twice) were told misleadingly, 其中：出租 was refused as an empty file, an area beside 出租 was left out, as
  a column not read, and `2022年1-12月` over several figures was refused. All are mended; the rest was right or told.
- **A second blind test**: 206 files written from the issue's words before they were tried. Before: 16 read wrong or
  unsaid (13 of them silent), 7 refused or remarked on that could simply be read. After, each in one or two file forms:
  none silent; figures right, or told.
- **The sample county sent by other offices** (two-row headers, by meter and month, merged firms, 千元, stacked blocks,
  totals, notes, .ods, a web page): the figures of all 2,556 firms without a planted defect and the tiers of the rating
  are those of the same county sent plainly. `python -m tests.intake.other_offices`, 30 November 2026.
"""


def page() -> str:
    """The page as it should stand."""
    every = list(cases())
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case in every:
        by_kind[case.kind].append(case)
    still_open = {name for name, _ in open_cases()}
    lines = []
    for kind, cases_of_kind in by_kind.items():
        does = "; ".join(dict.fromkeys(c.does for c in cases_of_kind if c.does)) or "read as it stands"
        mark = " †" if any(c.name in still_open for c in cases_of_kind) else ""
        lines.append(f"| {_cell(kind)}{mark} | {_cell(does)} | {len(cases_of_kind)} |")
    forms = ".xlsx by two writers, .xls, .et, .ods, web pages named .xls, .csv in four encodings"
    head = _HEAD.format(forms=forms, cases=len(every), plain=sum(c.plain for c in every))
    return head + "\n".join(lines) + "\n" + _MEASURED


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
