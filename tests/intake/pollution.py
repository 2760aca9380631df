"""A department's CSV of 83 firms, polluted at every row and column, after the kinds of the Pollock benchmark.

Pollock, of Hasso Plattner Institute, pollutes a well-formed CSV in one place at a time: a separator less or more, a
quote too many, another dialect, headers and tables too many or missing. These are generators of our own, on a file as
a tax office sends it: 2,290 variants each of four files (cells quoted or not; figures last, or a blank last column).
What must hold: a figure that comes in is the firm's own, and a figure that does not come in was spoken of.

`python -m tests.intake.pollution` tries all variants; `--only NAME` shows one.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import mujun
from mujun import messages
from tests.intake.grid import code

FIRMS = 83
FIELDS = ("tax_paid", "tax_refund", "tax_credit", "land_use_tax")
HEADER = ("实缴税金（万元）", "退税（万元）", "减免抵税（万元）", "城镇土地使用税（万元）")
Truth = dict[str, dict[str, Decimal | None]]
Table = list[list[str]]


@dataclass(frozen=True)
class Variant:
    """A polluted file: its name, its bytes, the line where a quote was left open, how many firms are still in it."""

    name: str
    content: bytes
    opened: int | None = None
    firms: int = FIRMS


def source(*, blank_last: bool, seed: int = 83) -> tuple[Table, Truth]:
    """Header and rows of the clean file, nine columns, and what each firm's figures are."""
    chance = random.Random(seed)
    rows: Table = [["年度", "统一社会信用代码", "企业名称", "镇街", *HEADER]]
    truth: Truth = {}
    for n in range(1, FIRMS + 1):
        figures = [Decimal(chance.randint(10_0000, 900_0000)).scaleb(-4) for _ in FIELDS]
        given: list[Decimal | None] = [f if chance.random() > 0.2 else None for f in figures]
        town = chance.choice(("甘霖镇", "长乐镇", "崇仁镇"))
        rows.append(["2022", code(n), f"示例{n:03d}号机械厂", town, *("" if f is None else f"{f:f}" for f in given)])
        truth[code(n)] = dict(zip(FIELDS, given, strict=True))
    for row, first in zip(rows, ["序号", *map(str, range(1, FIRMS + 1))], strict=True):
        if blank_last:
            row.append("备注" if first == "序号" else "")
        else:
            row.insert(0, first)
    return rows, truth


def _line(cells: list[str], *, quoted: bool, separator: str = ",", quote: str = '"') -> str:
    return separator.join(f"{quote}{c}{quote}" for c in cells) if quoted else separator.join(cells)


def variants(rows: Table, *, quoted: bool) -> Iterator[Variant]:
    """All 2,290 of a file."""
    lines = [_line(row, quoted=quoted) for row in rows]
    width = len(rows[0])

    def with_line(i: int, line: str) -> bytes:
        return ("\n".join([*lines[:i], line, *lines[i + 1 :]]) + "\n").encode()

    for i, row in enumerate(rows):
        cells = [f'"{c}"' if quoted else c for c in row]
        for j in range(width - 1):
            joined = [*cells[:j], cells[j] + cells[j + 1], *cells[j + 2 :]]
            yield Variant(f"less_separator_row{i}_col{j}", with_line(i, ",".join(joined)))
        for j in range(width):
            yield Variant(f"more_separator_row{i}_col{j}", with_line(i, ",".join([*cells[:j], "", *cells[j:]])))
        for j in range(width):
            stray = f'"{row[j]}""' if quoted else f'"{row[j]}'
            line = ",".join([*cells[:j], stray, *cells[j + 1 :]])
            yield Variant(f"stray_quote_row{i}_col{j}", with_line(i, line), opened=i + 1)
        yield Variant(f"other_separator_row{i}", with_line(i, _line(row, quoted=quoted, separator=";")))
    for name, text in _whole_files(rows, lines, quoted=quoted):
        left = {"empty": 0, "only_header": 0, "one_row": 1}.get(name, FIRMS)
        yield Variant(name, text.encode(), firms=left)


def _whole_files(rows: Table, lines: list[str], *, quoted: bool) -> Iterator[tuple[str, str]]:
    plain = "\n".join(lines) + "\n"
    head, body = lines[0], "\n".join(lines[1:]) + "\n"
    again = [_line([row[1], row[0], *row[2:]], quoted=quoted) for row in rows]
    yield "empty", ""
    yield "only_header", head + "\n"
    yield "no_header", body
    yield "one_row", f"{head}\n{lines[1]}\n"
    yield "no_end_of_line", plain.rstrip("\n")
    yield "two_ends_of_line", plain + "\n"
    yield "title", f"2022年工业企业税收情况表\n\n{plain}"
    yield "two_header_rows", f"{_line(['', '', '', '', '税收', '', '', '', ''], quoted=quoted)}\n{plain}"
    third = _line(["一", "二", "三", "四", "五", "六", "七", "八", "九"], quoted=quoted)
    yield (
        "three_header_rows",
        f"{_line(['企业', '', '', '', '税收', '', '', '', ''], quoted=quoted)}\n{head}\n{third}\n{body}",
    )
    yield "second_table_less", f"{plain}\n" + "\n".join(_line(r[:3], quoted=quoted) for r in rows[:9]) + "\n"
    yield "second_table_more", f"{plain}\n" + "\n".join(_line([*r, "附注"], quoted=quoted) for r in rows[:9]) + "\n"
    yield "second_table_other_order", f"{plain}\n" + "\n".join(again[:9]) + "\n"
    yield "separated_by_blanks", "".join(_line(r, quoted=quoted, separator=" ") + "\n" for r in rows)
    yield "comma_and_blank", "".join(_line(r, quoted=quoted, separator=", ") + "\n" for r in rows)
    yield "semicolons", "".join(_line(r, quoted=quoted, separator=";") + "\n" for r in rows)
    yield "tabs", "".join(_line(r, quoted=quoted, separator="\t") + "\n" for r in rows)
    yield "single_quotes", "".join(_line(r, quoted=True, quote="'") + "\n" for r in rows)
    escaped = [[c.replace("号", '\\"号\\"') for c in r] for r in rows]
    yield "backslash_before_quotes", "".join(_line(r, quoted=True) + "\n" for r in escaped)
    bare = [[c.replace("号", '"号"') for c in r] for r in rows]
    yield "quotes_not_doubled", "".join(_line(r, quoted=True) + "\n" for r in bare)
    yield "returns_only", plain.replace("\n", "\r")
    yield "returns_and_feeds", plain.replace("\n", "\r\n")
    yield "feeds_within_names", plain.replace("号机械厂", "号\r机械厂") if quoted else plain.replace("\n", "\n\r")


@dataclass(frozen=True)
class Found:
    """What one variant came to; all empty is as it should be."""

    name: str
    wrong: str = ""
    unsaid: str = ""
    quote_not_named: str = ""
    read: int = 0
    lost: int = 0

    @property
    def kind(self) -> str:
        """`wrong`, `unsaid`, `quote`, or nothing."""
        return "wrong" if self.wrong else "unsaid" if self.unsaid else "quote" if self.quote_not_named else ""

    @property
    def bad(self) -> str:
        """The first thing that is not as it should be."""
        return self.wrong or self.unsaid or self.quote_not_named


def tried(variant: Variant, truth: Truth, folder: Path) -> Found:
    """One variant read, and held against the truth."""
    path = folder / "tax.csv"
    path.write_bytes(variant.content)
    truth = dict(list(truth.items())[: variant.firms])
    try:
        records = mujun.read_file(path, year=2022)
    except mujun.InputError as refusal:
        named = variant.opened is None or _has_number(str(refusal), variant.opened)
        return Found(variant.name, quote_not_named="" if named else f"refused: {refusal}", lost=len(truth))
    except Exception as broken:
        return Found(variant.name, wrong=f"{type(broken).__name__}: {broken}"[:200])
    told = [f for f in records.findings if f.code != "columns_not_taken"]
    spoken_rows = {f.row for f in told if f.row}
    spoken = bool(told or getattr(records, "questions", ()))
    have: dict[str, list[dict[str, object]]] = {}
    for loaded in records.tables:
        for row in loaded.rows.to_dicts():
            have.setdefault(row["credit_code"], []).append(row)
    wrong, missing = [], []
    for i, (firm, figures) in enumerate(truth.items()):
        for field, true in figures.items():
            given = {row.get(field) for row in have.get(firm, ()) if row.get(field) is not None}
            if given - {true}:
                wrong.append(f"row {i + 2} {field}: {', '.join(map(str, given))} for {true}")
            elif true is not None and not given:
                missing.append(f"row {i + 2} {field}: none for {true}")
    wrong += [f"{firm} is no firm of the file" for firm in have if firm not in truth]
    if not wrong and not (missing and not spoken):
        lost_quote = missing and variant.opened is not None and not _names(told, variant.opened, spoken_rows)
        return Found(
            variant.name,
            quote_not_named=f"not named at line {variant.opened}; {missing[0]}" if lost_quote else "",
            read=1,
            lost=len(missing),
        )
    return Found(variant.name, "; ".join(wrong[:3]), "" if wrong else "; ".join(missing[:3]), read=1, lost=len(missing))


def _names(told: Sequence[object], line: int, rows: set[int]) -> bool:
    return line in rows or any(_has_number(str(getattr(f, "what", "")), line) for f in told)


def _has_number(text: str, number: int) -> bool:
    return re.search(rf"(?<![\d.]){number}(?![\d.])", text) is not None


SOURCES = {
    f"{'quoted' if quoted else 'bare'}_{'blank_last' if blank else 'figures_last'}": (quoted, blank)
    for quoted in (False, True)
    for blank in (False, True)
}


def every(name: str) -> tuple[list[Variant], Truth]:
    """The variants of one of the four files, and their truth."""
    quoted, blank = SOURCES[name]
    rows, truth = source(blank_last=blank)
    return list(variants(rows, quoted=quoted)), truth


def _portion(job: tuple[str, int, int]) -> list[Found]:
    name, start, step = job
    messages.set_language("zh")
    chosen, truth = every(name)
    with TemporaryDirectory(prefix="mujun-pollution-") as folder:
        return [tried(v, truth, Path(folder)) for v in chosen[start::step]]


def main() -> int:
    """Try all variants and print what is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.intake.pollution", description=__doc__)
    parser.add_argument("--only", help="one variant by name: print its file and what came of it")
    parser.add_argument("--every", type=int, default=1, help="only every so manieth variant")
    given = parser.parse_args()
    bad = 0
    for name in SOURCES:
        if given.only:
            chosen, truth = every(name)
            with TemporaryDirectory(prefix="mujun-pollution-") as folder:
                for v in chosen:
                    if v.name == given.only:
                        print(name, tried(v, truth, Path(folder)), v.content.decode()[:2000], sep="\n")
            continue
        parts = 8 * given.every
        with ProcessPoolExecutor(2) as pool:
            jobs = [(name, start, parts) for start in range(0, parts, given.every)]
            trials = [f for part in pool.map(_portion, jobs) for f in part]
        counts = Counter(
            "wrong" if f.wrong else "unsaid" if f.unsaid else "quote" if f.quote_not_named else "" for f in trials
        )
        print(
            f"{name}: {len(trials)} variants; {counts['wrong']} wrong figures in, {counts['unsaid']} missing unsaid, "
            f"{counts['quote']} open quotes not named at their line; {sum(not f.read for f in trials)} files refused"
        )
        for f in [f for f in trials if f.bad][:12]:
            print(f"  {f.name}: {f.bad}")
        bad += sum(bool(f.bad) for f in trials)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
