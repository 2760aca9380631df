"""Good files, mutated as offices mutate them; the oracle is the grid a person sees.

A seed makes a small table of firms and figures, a plain sheet of it, and up to three mutations: columns moved, a figure
split into parts or months with or without its sum, headers merged over sub-columns, renamed, units changed or moved,
figures retyped as text, titles, dividers, totals and notes added, the table cut in two under or beside
each other, rows given by meter, another file form. Each mutation keeps what the sheet says, so that the table it began
with is what must come in. What is asked or told instead is counted, and a figure that comes in must be right.

`python -m tests.intake.mutation` tries 5,000 seeds; `--only SEED` shows one.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mujun
from mujun import messages
from tests.intake.forms import WRITERS
from tests.intake.grid import Cell, Sheet, Span, code, name

Figure = Decimal | None


@dataclass(frozen=True)
class Column:
    """A field as a column of figures: headers it goes by, units and what each is of the dictionary's unit."""

    table: str
    field: str
    headers: tuple[str, ...]
    units: tuple[tuple[str, Decimal], ...]
    least: int
    most: int
    parts: tuple[tuple[str, ...], ...] = ()


_MONEY = (("万元", Decimal(1)), ("元", Decimal("0.0001")), ("千元", Decimal("0.1")), ("亿元", Decimal(10000)))
_MONTHS = tuple(f"{m}月" for m in range(1, 13))
_QUARTERS = ("一季度", "二季度", "三季度", "四季度")
_TAXES = (("增值税", "企业所得税"), ("国税", "地税"))
_WATER = (("立方米", Decimal(1)), ("万立方米", Decimal(10000)), ("吨", Decimal(1)))
COLUMNS = (
    Column("tax", "tax_paid", ("实缴税金", "入库税收", "实缴税收"), _MONEY[:3], 20, 900, _TAXES),
    Column("tax", "tax_refund", ("退税", "出口退税"), _MONEY[:3], 1, 90),
    Column("output", "revenue", ("营业收入", "主营业务收入"), _MONEY, 900, 30000),
    Column("output", "value_added", ("工业增加值", "增加值"), _MONEY, 200, 8000),
    Column("output", "employees", ("从业人员", "平均用工人数"), (("人", Decimal(1)),), 10, 400),
    Column(
        "energy",
        "electricity_kwh",
        ("用电量", "全年用电量"),
        (("千瓦时", Decimal(1)), ("万千瓦时", Decimal(10000)), ("度", Decimal(1))),
        90000,
        4000000,
        (_MONTHS, _QUARTERS, ("峰", "平", "谷")),
    ),
    Column("water", "water_m3", ("用水量", "年用水量"), _WATER[:2], 500, 90000, (_MONTHS, _QUARTERS)),
)


@dataclass(frozen=True)
class Given:
    """What the sheet is made of; a mutation replaces parts of it.

    Attributes:
        columns: header, unit, and how many of the unit's figures make one of the dictionary's.
        firms, figures: rows, in the dictionary's units.
        above, below: lines above the header, lines below the last row.
    """

    columns: tuple[tuple[Column, str, str, Decimal], ...]
    firms: tuple[int, ...]
    figures: tuple[tuple[Figure, ...], ...]
    above: tuple[tuple[str, ...], ...] = ()
    below: tuple[tuple[str, ...], ...] = ()
    split: dict[int, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    text: bool = False
    units_in: str = "header"
    name_first: bool = False
    numbered: bool = False
    remark: bool = False
    totals: bool = False
    dividers: bool = False
    stacked: bool = False
    beside: bool = False
    by_meter: bool = False
    merged_keys: bool = False
    blank_rows: bool = False
    form: str = "xlsx"


def begun(chance: random.Random) -> Given:
    """A plain table of one to three columns and four to eight firms."""
    table = chance.choice(sorted({c.table for c in COLUMNS}))
    of_table = [c for c in COLUMNS if c.table == table]
    chosen = chance.sample(of_table, chance.randint(1, min(3, len(of_table))))
    firms = tuple(chance.sample(range(1, 40), chance.randint(4, 8)))
    rows = []
    for _ in firms:
        row: list[Figure] = []
        for c in chosen:
            whole = chance.randint(c.least, c.most)
            fine = c.field in ("employees", "electricity_kwh", "water_m3")
            cents = 0 if fine else Decimal(chance.randint(0, 99)) / 100
            row.append(None if chance.random() < 0.1 else whole + Decimal(cents))
        rows.append(tuple(row))
    return Given(tuple((c, c.headers[0], *c.units[0]) for c in chosen), firms, tuple(rows))


# ---------------------------------------------------------------------------------------------------------- mutations

Mutation = Callable[[Given, random.Random], Given]


def _move(g: Given, chance: random.Random) -> Given:
    order = list(range(len(g.columns)))
    chance.shuffle(order)
    moved = {order.index(i): split for i, split in g.split.items()}
    figures = tuple(tuple(row[i] for i in order) for row in g.figures)
    columns = tuple(g.columns[i] for i in order)
    return replace(g, columns=columns, figures=figures, split=moved, name_first=not g.name_first)


def _rename(g: Given, chance: random.Random) -> Given:
    return replace(g, columns=tuple((c, chance.choice(c.headers), u, f) for c, _, u, f in g.columns))


def _other_unit(g: Given, chance: random.Random) -> Given:
    return replace(g, columns=tuple((c, h, *chance.choice(c.units)) for c, h, _, _ in g.columns))


def _units_elsewhere(g: Given, chance: random.Random) -> Given:
    return replace(g, units_in=chance.choice(("row", "line")))


def _split(g: Given, chance: random.Random) -> Given:
    able = [i for i, (c, *_) in enumerate(g.columns) if c.parts]
    if not able:
        return g
    i = chance.choice(able)
    parts, total = chance.choice(g.columns[i][0].parts), chance.choice(("", "合计", "小计"))
    return replace(g, split={**g.split, i: (parts, total)})


def _last_year(g: Given, chance: random.Random) -> Given:
    i = chance.randrange(len(g.columns))
    this_year = chance.choice(("本年", "本年累计"))
    return g if i in g.split else replace(g, split={**g.split, i: (("上年同期",), this_year)})


def _title(g: Given, chance: random.Random) -> Given:
    return replace(g, above=(("2022年度工业企业情况表",), *g.above, *((),) * chance.randint(0, 1)))


def _note(g: Given, chance: random.Random) -> Given:
    notes = ("注：数据截止2022年12月31日。", "填表人：张三", "备注：不含个体户")
    return replace(g, below=(*g.below, (chance.choice(notes),)))


def _by_meter(g: Given, chance: random.Random) -> Given:
    return replace(g, by_meter=g.columns[0][0].table in ("energy", "water"))


def _flag(name: str, g: Given, chance: random.Random) -> Given:
    change: dict[str, Any] = {name: True}
    return replace(g, **change)


def _other_form(g: Given, chance: random.Random) -> Given:
    return replace(g, form=chance.choice(sorted(WRITERS)))


FLAGS = (
    *("text", "numbered", "remark", "totals", "dividers"),
    *("stacked", "beside", "merged_keys", "blank_rows"),
)
MUTATIONS: dict[str, Mutation] = {
    "move": _move,
    "rename": _rename,
    "unit": _other_unit,
    "units elsewhere": _units_elsewhere,
    "split": _split,
    "last year": _last_year,
    "title": _title,
    "note": _note,
    "form": _other_form,
    "by meter": _by_meter,
    **{flag: partial(_flag, flag) for flag in FLAGS},
}


def mutated(seed: int) -> tuple[Given, list[str]]:
    """The table of a seed, and the names of its mutations."""
    chance = random.Random(seed)
    given = begun(chance)
    done = chance.sample(sorted(MUTATIONS), chance.randint(1, 3))
    for mutation in done:
        given = MUTATIONS[mutation](given, chance)
    if given.form not in ("xlsx", "xlsxwriter", "xls", "ods", "html"):
        given = replace(given, merged_keys=False)
    if given.merged_keys and not given.by_meter:
        given = replace(given, merged_keys=False)
    return replace(given, beside=given.beside and not given.stacked), done


# --------------------------------------------------------------------------------------------------------- the sheet


def sheet_of(g: Given, chance: random.Random) -> Sheet:
    """The grid as a person sees it."""
    half = (len(g.firms) + 1) // 2
    if g.stacked or g.beside:
        one, two = _table(g, range(half), chance), _table(g, range(half, len(g.firms)), chance)
        if g.beside:
            width = max(len(r) for r in one.rows)
            return _beside(one, two, width + 1)
        return _under(one, two)
    return _table(g, range(len(g.firms)), chance)


def _heads(g: Given) -> tuple[list[list[str]], dict[Span, Span]]:
    keys = ["企业名称", "统一社会信用代码"] if g.name_first else ["统一社会信用代码", "企业名称"]
    keys = (["序号"] if g.numbered else []) + keys + (["户号"] if g.by_meter else [])
    upper, lower, units = list(keys), [""] * len(keys), [""] * len(keys)
    spans: dict[Span, Span] = {}
    for i, (_, header, unit, _) in enumerate(g.columns):
        shown = f"{header}（{unit}）" if g.units_in == "header" else header
        parts, total = g.split.get(i, ((), ""))
        subs = [*parts, *([total] if total else [])]
        if subs:
            spans[0, len(upper)] = (1, len(subs))
        upper += [shown, *[""] * (len(subs) - 1)] if subs else [shown]
        lower += subs or [""]
        units += [unit] * max(1, len(subs))
    if g.remark:
        upper, lower, units = [*upper, "备注"], [*lower, ""], [*units, ""]
    lines = [upper]
    if g.split:
        lines.append(lower)
        spans.update({(0, c): (2, 1) for c, sub in enumerate(lower) if not sub and upper[c]})
    if g.units_in == "row":
        lines.append(units)
    return lines, {at: size for at, size in spans.items() if size != (1, 1)}


def _table(g: Given, rows: range, chance: random.Random) -> Sheet:
    lines: list[list[Cell]] = [[_cell(t) for t in line] for line in g.above]
    if g.units_in == "line":
        lines.append([_cell("单位：" + "、".join(dict.fromkeys(u for _, _, u, _ in g.columns)))])
    top = len(lines)
    heads, spans = _heads(g)
    spans = {(r + top, c): size for (r, c), size in spans.items()}
    lines += [[_cell(t) for t in line] for line in heads]
    sums: list[Decimal | None] = []
    for n, i in enumerate(rows):
        if g.dividers and n % 3 == 0:
            lines.append([_cell(f"{'一二三四五六'[n // 3]}、{('甘霖镇', '长乐镇', '崇仁镇')[n // 3 % 3]}")])
        lines += _rows_of(g, i, len(lines), spans, sums)
        if g.blank_rows and n == 1:
            lines.append([])
    if g.totals and not g.by_meter:
        lead = (1 if g.numbered else 0) + 2
        lines.append([_cell("合计"), *[Cell()] * (lead - 1), *(Cell(s) for s in sums)])
    lines += [[_cell(t) for t in line] for line in g.below]
    return Sheet("Sheet1", tuple(map(tuple, lines)), spans=spans)


def _rows_of(g: Given, i: int, at: int, spans: dict[Span, Span], sums: list[Decimal | None]) -> list[list[Cell]]:
    meters = 2 if g.by_meter else 1
    figures: list[list[Decimal | None]] = [[] for _ in range(meters)]
    for c, (_, _, _, factor) in enumerate(g.columns):
        value = g.figures[i][c]
        figure = None if value is None else value / factor
        shares = [figure] if meters == 1 else [_half(figure), None if figure is None else figure - (_half(figure) or 0)]
        for share, into in zip(shares, figures, strict=True):
            into += _parts(share, *g.split.get(c, ((), "")))
    for column in range(len(figures[0])):
        if len(sums) <= column:
            sums.append(None)
        for own_row in figures:
            if own_row[column] is not None:
                sums[column] = (sums[column] or Decimal(0)) + (own_row[column] or 0)
    number = g.firms[i]
    keys = [name(number), code(number)] if g.name_first else [code(number), name(number)]
    keys = ([str(i + 1)] if g.numbered else []) + keys
    rows = []
    for m, own_row in enumerate(figures):
        lead = keys if m == 0 or not g.merged_keys else [""] * len(keys)
        cells = [_cell(k) for k in lead] + ([_cell(f"33{number:05d}{m}")] if g.by_meter else [])
        cells += [_figure(v, text=g.text) for v in own_row]
        rows.append(cells + ([_cell("重点企业" if i % 3 == 0 else "")] if g.remark else []))
    if meters > 1 and g.merged_keys:
        spans.update({(at, c): (meters, 1) for c in range(len(keys))})
    return rows


def _half(value: Decimal | None) -> Decimal | None:
    return None if value is None else (value / 2).quantize(Decimal(1) if value == value.to_integral_value() else value)


def _parts(value: Decimal | None, parts: tuple[str, ...], total: str) -> list[Decimal | None]:
    """A figure as its parts and their sum; last year's figure is another one."""
    if not parts:
        return [value]
    if parts == ("上年同期",):
        return [None if value is None else value + 7, value]
    if value is None:
        return [None] * (len(parts) + bool(total))
    share = (value / len(parts)).quantize(Decimal(1) if value == value.to_integral_value() else value)
    made: list[Decimal | None] = [share] * (len(parts) - 1)
    made.append(value - share * (len(parts) - 1))
    return [*made, *([value] if total else [])]


def _cell(text: str) -> Cell:
    return Cell(text or None)


def _figure(value: Decimal | None, *, text: bool) -> Cell:
    if value is None:
        return Cell()
    plain = Decimal(f"{value.normalize():f}")
    return Cell(f"{plain:,f}" if text else plain)


def _under(one: Sheet, two: Sheet) -> Sheet:
    down = len(one.rows) + 1
    spans = one.spans | {(r + down, c): size for (r, c), size in two.spans.items()}
    return Sheet(one.name, (*one.rows, (), *two.rows), spans=spans)


def _beside(one: Sheet, two: Sheet, right: int) -> Sheet:
    rows = []
    for r in range(max(len(one.rows), len(two.rows))):
        left = one.rows[r] if r < len(one.rows) else ()
        other = two.rows[r] if r < len(two.rows) else ()
        rows.append((*left, *[Cell()] * (right - len(left)), *other))
    return Sheet(one.name, tuple(rows), spans=one.spans | {(r, c + right): size for (r, c), size in two.spans.items()})


# ------------------------------------------------------------------------------------------------------ what came of it


@dataclass(frozen=True)
class Found:
    """What one seed came to: `right`, `told` (nothing wrong in; told why not all), `wrong`, `silent`, `crash`."""

    seed: int
    word: str
    mutations: tuple[str, ...]
    what: str = ""

    @property
    def bad(self) -> bool:
        """Whether a figure is wrong, or was not read and not spoken of."""
        return self.word in ("silent", "wrong", "crash")


def tried(seed: int, folder: Path) -> Found:
    """One seed, written and read."""
    given, done = mutated(seed)
    suffix, writer = WRITERS[given.form]
    path = folder / f"2022年数据{suffix}"
    writer([sheet_of(given, random.Random(seed))], path)
    steps = tuple(done)
    try:
        records = mujun.read_file(path, year=2022)
    except mujun.InputError as refusal:
        return Found(seed, "told", steps, str(refusal)[:160])
    except Exception as broken:
        return Found(seed, "crash", steps, f"{type(broken).__name__}: {broken}"[:200])
    have: dict[tuple[str, str], Decimal] = {}
    for loaded in records.tables:
        for row in loaded.rows.to_dicts():
            for name_, value in row.items():
                if isinstance(value, Decimal) and loaded.table not in ("accounts", "usage"):
                    have[row["credit_code"], name_] = value
    true = {
        (code(firm), column.field): value
        for firm, row in zip(given.firms, given.figures, strict=True)
        for (column, *_), value in zip(given.columns, row, strict=True)
        if value is not None
    }
    wrong = [f"{k[1]} of {k[0]}: {v} for {true.get(k)}" for k, v in have.items() if v != true.get(k)]
    missing = [f"{k[1]} of {k[0]}: none for {v}" for k, v in true.items() if k not in have]
    sentences = [f.what for f in records.findings if f.code != "columns_not_taken"]
    sentences += map(str, getattr(records, "questions", ()))
    if not wrong and not missing:
        return Found(seed, "right", steps)
    what = f"{(wrong or missing)[0]}; said: {sentences[0] if sentences else 'nothing'}"[:200]
    return Found(seed, "silent" if not sentences else "wrong" if wrong else "told", steps, what)


def _portion(seeds: range) -> list[Found]:
    messages.set_language("zh")
    with TemporaryDirectory(prefix="mujun-mutation-") as folder:
        return [tried(seed, Path(folder)) for seed in seeds]


def main() -> int:
    """Try many seeds and print what is not right."""
    parser = argparse.ArgumentParser(prog="python -m tests.intake.mutation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("--only", type=int, help="one seed: print its grid and what came of it")
    given = parser.parse_args()
    if given.only is not None:
        made, done = mutated(given.only)
        for r, row in enumerate(sheet_of(made, random.Random(given.only)).rows):
            print(f"{r + 1:>3}  " + " | ".join(cell.shown for cell in row))
        print(done, made.form, _portion(range(given.only, given.only + 1))[0], sep="\n")
        return 0
    with ProcessPoolExecutor(2) as pool:
        parts = pool.map(_portion, [range(s, min(s + 50, given.seeds)) for s in range(0, given.seeds, 50)])
        trials = [f for part in parts for f in part]
    counts = Counter(f.word for f in trials)
    print(f"{given.seeds} mutated files: " + ", ".join(f"{n} {word}" for word, n in counts.most_common()))
    by_step = Counter(step for f in trials if f.bad for step in f.mutations)
    print("mutations of the wrong ones: " + ", ".join(f"{step} {n}" for step, n in by_step.most_common()))
    told = Counter(step for f in trials if f.word == "told" for step in f.mutations)
    print("mutations of those told: " + ", ".join(f"{step} {n}" for step, n in told.most_common()))
    for f in [f for f in trials if f.bad][:15]:
        print(f"  {f.seed} {f.word} [{', '.join(f.mutations)}] {f.what}")
    return 1 if any(f.bad for f in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
