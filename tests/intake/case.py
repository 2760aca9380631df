"""A case: files as grids, what must come in, and what must be said. Cases stand in `cases/*.txt`:

    === tax-under-a-header            the case's name
    kind: header of two rows          what the table in the docs calls it
    does: the total counts            what mujun does with it, for the same table
    forms: merged                     which file forms (FORMS below); `all` if not said
    file: 2022年税收                   a file's name; a second `file:` begins a second file
    --- 税收                           a sheet, if it has a name; `--- 税收 hide B D`, `--- 底稿 hidden`
    统一社会信用代码 | 企业名称 | 实缴税金（万元） | <
    ^                |          | 增值税           | 合计
    @1               | #1       | 6                | 10
    gives:
    tax @1 tax_paid=10
    says: nothing

`raw: utf-8` instead of a grid: text line by line (`\\r`, `\\t`, `\\xE4` as in Python; no line end after the last `\\`).
`roll: yes`: firms 1 to 9 are on the roll before. `load: each`: one load per file; else all in one.
`year: -`: no year is given to the command (2022 otherwise).
`answer: …`, `replace: yes`, `add: yes` as on the command line.

`gives` lists table, firm, field=figure; `tax@2021 @1 …` is of another year; land is `自有=10`, `租入=5` (mu, all rows
together), and what is not listed must not come in; `field~figure` and `field~one|other` may. `asked` behind a line:
these figures, or none and a word about them.
`says`: `nothing`; `free` (right figures are enough; the default); `told` (anything); `question`; `row 4, row 5` (a
finding for each); `/…/` (a pattern that one of the texts must have). Several, separated by `;`, must all hold.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tests.intake.grid import Sheet, code, firms_named, sheet_of

FORMS = {
    "all": ("xlsx", "xlsxwriter", "xls", "ods", "utf8", "bom", "gb18030", "utf16", "html"),
    "sheets": ("xlsx", "xlsxwriter", "xls", "ods"),
    "merged": ("xlsx", "xlsxwriter", "xls", "ods", "html"),
    "excel": ("xlsx", "xls"),
    "zipped": ("xlsx", "ods"),
    "text": ("utf8", "bom", "gb18030", "utf16"),
}


@dataclass(frozen=True)
class GivenFile:
    """One file of a case: sheets, or the very text of a text file."""

    stem: str
    sheets: tuple[Sheet, ...] = ()
    raw: str = ""
    encoding: str = ""
    suffix: str = ".csv"


@dataclass(frozen=True)
class Figures:
    """What must come in for one firm in one table of one year."""

    table: str
    year: int
    firm: str
    fields: dict[str, Decimal | str | None]
    may: dict[str, tuple[Decimal | str | None, ...]] = field(default_factory=dict)
    asked: bool = False


@dataclass(frozen=True)
class Case:
    """A case of the corpus."""

    name: str
    kind: str
    does: str
    forms: tuple[str, ...]
    files: tuple[GivenFile, ...]
    gives: tuple[Figures, ...]
    says: tuple[str, ...]
    year: int | None = 2022
    roll: bool = False
    each: bool = False
    options: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether it is a file that nothing may be asked or said about."""
        return self.says == ("nothing",)

    def sampled(self) -> list[str]:
        """The forms that are tried in CI: one, two of a plain file; always the same, all in turn over the corpus."""
        first = zlib.crc32(self.name.encode()) % len(self.forms)
        second = (first + len(self.forms) // 2) % len(self.forms) if self.plain else first
        return list(dict.fromkeys([self.forms[first], self.forms[second]]))


HERE = Path(__file__).parent / "cases"


def cases() -> Iterator[Case]:
    """All cases, file by file.

    Raises:
        ValueError: a case that is not written as it should be, or a name used twice.
    """
    seen: set[str] = set()
    for path in sorted(HERE.glob("*.txt")):
        for text in ("\n" + path.read_text(encoding="utf-8")).split("\n=== ")[1:]:
            case = case_of(text)
            if case.name in seen:
                raise ValueError(f"{path.name}: two cases are called {case.name}")
            seen.add(case.name)
            yield case


_KEYS = ("kind", "does", "forms", "year", "roll", "load", "says", "answer", "replace", "add")


def case_of(text: str) -> Case:
    """One case from its text, without the `=== `."""
    head, *lines = text.rstrip().split("\n")
    name = head.split()[0]
    given: dict[str, str] = {}
    files: list[tuple[str, list[str]]] = []
    gives: list[str] = []
    into: list[str] | None = None
    for line in lines:
        key, colon, value = line.partition(":")
        if line.startswith("//"):
            continue
        if colon and key in _KEYS:
            given[key] = value.strip()
            into = None
        elif colon and key == "file":
            into = []
            files.append((value.strip(), into))
        elif line.strip() == "gives:":
            into = gives
        elif into is None:
            if line.strip():
                raise ValueError(f"{name}: what is this line? {line}")
        elif line.strip():
            into.append(line)
    if not files or "kind" not in given:
        raise ValueError(f"{name}: a case needs kind: and file:")
    made = tuple(_file_of(stem, body) for stem, body in files)
    raw = any(f.encoding for f in made)
    return Case(
        name,
        given["kind"],
        given.get("does", ""),
        ("raw",) if raw else tuple(f for part in given.get("forms", "all").split() for f in FORMS.get(part, (part,))),
        made,
        tuple(_figures_of(line) for line in gives),
        tuple(part.strip() for part in given.get("says", "free").split(";")),
        year=None if given.get("year") == "-" else int(given.get("year", "2022")),
        roll=given.get("roll") == "yes",
        each=given.get("load") == "each",
        options={k: given[k] for k in ("answer", "replace", "add") if k in given},
    )


def _file_of(stem: str, body: list[str]) -> GivenFile:
    if body and body[0].startswith("raw:"):
        encoding, *suffix = body[0][4:].split()
        text = "\n".join(map(firms_named, body[1:]))
        return GivenFile(stem, raw=text, encoding=encoding, suffix=suffix[0] if suffix else ".csv")
    sheets: list[tuple[str, list[str]]] = []
    for line in body:
        if line.startswith("--- "):
            sheets.append((line[4:], []))
        else:
            if not sheets:
                sheets.append(("Sheet1", []))
            sheets[-1][1].append(line)
    return GivenFile(stem, sheets=tuple(_sheet_of(title, lines) for title, lines in sheets))


def _sheet_of(title: str, lines: list[str]) -> Sheet:
    name, _, columns = title.partition(" hide ")
    hidden = name.endswith(" hidden")
    return sheet_of(name.removesuffix(" hidden").strip(), lines, columns, hidden=hidden)


def _figures_of(line: str) -> Figures:
    table, firm, *fields = line.split()
    asked = "asked" in fields
    table, _, year = table.partition("@")
    values: dict[str, Decimal | str | None] = {}
    may: dict[str, tuple[Decimal | str | None, ...]] = {}
    for part in fields:
        if part != "asked":
            key, sign, value = part.partition("=" if "=" in part else "~")
            if sign == "=":
                values[key] = _expected(value)
            else:
                may[key] = tuple(map(_expected, value.split("|")))
    firm = code(int(firm[1:])) if firm.startswith("@") else firm
    return Figures(table, int(year or "2022"), firm, values, may, asked)


def _expected(value: str) -> Decimal | str | None:
    if value == "-":
        return None
    try:
        return Decimal(value)
    except ArithmeticError:
        return firms_named(value)
