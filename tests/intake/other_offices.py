"""The sample county as other offices would send it: the same firms and figures in other layouts, units and file forms.

`plainly` writes the figures of the sample county's six kinds of files with one header row each; `otherwise` writes the
same figures as sheets that offices elsewhere send. Only firms without a planted defect are taken, and of these every
so manieth. The figures are read from the sample files here, by openpyxl and csv, not by mujun.

`python -m tests.intake.other_offices` sends the whole county so; `--every 30` every thirtieth firm.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import polars as pl

import mujun
from tests.intake import in_excel, in_open_document, in_text
from tests.intake.grid import Cell, Sheet, Span
from tests.intake.judging import Verdict

SAMPLE = Path(__file__).parents[2] / "sample_data" / "2022"
Record = dict[str, str]
Records = dict[str, list[Record]]
_BLANK = ("", "-", "/", "无", "—", "——")
_CODES = ("统一社会信用代码", "社会信用代码", "统一信用代码", "信用代码", "纳税人识别号")


def _grids(path: Path) -> Iterator[list[list[str]]]:
    if path.suffix == ".csv":
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        yield list(csv.reader(io.StringIO(text)))
        return
    book = openpyxl.load_workbook(path, read_only=True)
    for sheet in book:
        yield [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]
    book.close()


def _records(start: str) -> list[Record]:
    """The rows of a sample file below its headers, all sheets together; the code under `code`."""
    records = []
    for grid in _grids(next(SAMPLE.glob(f"{start}*"))):
        header = next(i for i, row in enumerate(grid) if any(c in row for c in _CODES))
        names = ["code" if n in _CODES else n for n in grid[header]]
        records += [dict(zip(names, row, strict=False)) for row in grid[header + 1 :]]
    return [r for r in records if r.get("code", "").strip()]


def sample(every: int) -> Records:
    """Rows by kind of file, of every so manieth firm of the roll without a defect."""
    manifest = (SAMPLE.parent / "manifest.csv").read_text(encoding="utf-8")
    kinds = {"roll": "01", "land": "02", "tax": "04", "power": "05", "output": "06", "emissions": "07", "water": "08"}
    rows = {kind: _records(start) for kind, start in kinds.items()}
    rows["energy"] = [r for r in rows["output"] if "综合能耗（等价值）" in r]
    rows["output"] = [r for r in rows["output"] if "主营业务收入(万元)" in r]
    clean = [r["code"] for r in rows["roll"] if r["code"] not in manifest]
    chosen = set(clean[::every])
    return {kind: [r for r in of_kind if r["code"] in chosen] for kind, of_kind in rows.items()}


def exact(text: str) -> Decimal | None:
    """A figure of the sample county, which writes some with full-width digits, separators or words for blank."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if plain in _BLANK:
        return None
    try:
        return Decimal(plain)
    except InvalidOperation as why:
        raise ValueError(f"no figure of a firm without defects: {text}") from why


def _figure(row: Mapping[str, str], header: str, times: str = "1") -> Decimal | None:
    value = exact(row.get(header, ""))
    return None if value is None else value * Decimal(times)


Line = list[str | Decimal | None]


def _sheet(name: str, lines: Iterable[Line], spans: dict[Span, Span] | None = None) -> Sheet:
    rows = tuple(tuple(Cell(_plain(v)) for v in line) for line in lines)
    return Sheet(name, rows, spans=spans or {})


def _plain(value: str | Decimal | None) -> str | Decimal | None:
    return Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else (value or None)


def _sum(rows: Iterable[Line], column: int) -> Decimal:
    return sum((v for row in rows if isinstance(v := row[column], Decimal)), Decimal(0))


# --------------------------------------------------------------------------------------------------- as one would like


COLUMNS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "tax": (
        "税收",
        (
            ("实缴税金（元）", "税收实缴额(元)"),
            ("城镇土地使用税（元）", "土地使用税(元)"),
            ("退税（元）", "退税额(元)"),
            ("减免抵税（元）", "免抵调库(元)"),
        ),
    ),
    "power": ("用电", (("用电量（千瓦时）", "全年用电量(kWh)"),)),
    "output": (
        "产出",
        (
            ("工业总产值（万元）", "总产值(万元)"),
            ("营业收入（万元）", "主营业务收入(万元)"),
            ("工业增加值（万元）", "增加值(万元)"),
            ("利润总额（万元）", "利润(万元)"),
            ("从业人员（人）", "平均用工人数(人)"),
            ("研发费用（万元）", "研发费用(万元)"),
        ),
    ),
    "energy": (
        "能耗",
        (
            ("综合能耗（等价值）（吨标煤）", "综合能耗（等价值）"),
            ("综合能耗（当量值）（吨标煤）", "综合能耗（当量值）"),
            ("天然气（立方米）", "天然气用量（立方米）"),
            ("煤炭（吨）", "煤炭消费量（吨）"),
        ),
    ),
    "emissions": (
        "污染物排放",
        (
            ("化学需氧量（千克）", "COD排放量（千克）"),
            ("氨氮（千克）", "氨氮排放量（kg）"),
            ("二氧化硫（吨）", "SO2（吨）"),
            ("氮氧化物（吨）", "NOx（吨）"),
        ),
    ),
    "water": ("用水", (("用水量（万立方米）", "用水量（万立方米）"),)),
    "land": ("用地", (("用地面积（亩）", "实际用地面积（亩）"), ("建筑面积（㎡）", "厂房建筑面积（㎡）"))),
}
_NAMES = ("单位名称", "纳税人名称", "用户名称", "单位详细名称", "企业名称", "户名")


def _name(row: Mapping[str, str]) -> str:
    return next(row[n] for n in _NAMES if n in row)


def roll(rows: Records, folder: Path) -> Path:
    """The roll, the same for both."""
    lines: list[Line] = [["年度", "统一社会信用代码", "企业名称", "镇街", "行业代码", "规模"]]
    for r in rows["roll"]:
        scale = "规上" if r["是否规上"] == "是" else "规下"
        lines.append(["2022", r["code"], r["单位名称"], r["乡镇（街道）"], r["行业代码"], scale])
    path = folder / "2022年企业名录.csv"
    in_text.as_csv([_sheet("名录", lines)], path, "utf8")
    return path


def plainly(kind: str, rows: Records, folder: Path) -> Path:
    """The figures of one kind, with one header row and units in the headers."""
    title, columns = COLUMNS[kind]
    more = ("地块编号", "用地方式", "租赁对方") if kind == "land" else ()
    head: Line = ["统一社会信用代码", "企业名称", *more, *(ours for ours, _ in columns)]
    body: list[Line] = [
        [r["code"], _name(r), *(r[m] for m in more), *(_figure(r, theirs) for _, theirs in columns)] for r in rows[kind]
    ]
    path = folder / f"2022年{title}.csv"
    in_text.as_csv([_sheet(title, [head, *body])], path, "utf8")
    return path


# ------------------------------------------------------------------------------------------------------- as others do


def tax_in_thousands(rows: Records, folder: Path) -> Path:
    """.xlsx; 人民币千元 in a line above; 税收情况 over its parts and their sum; a total row and notes below."""
    body: list[Line] = []
    for r in rows["tax"]:
        paid = _figure(r, "税收实缴额(元)", "0.001")
        land, back, credit = (_figure(r, h, "0.001") for h in ("土地使用税(元)", "退税额(元)", "免抵调库(元)"))
        added = None if paid is None else (paid * Decimal("0.6")).quantize(Decimal("0.001"))
        rest = None if paid is None or added is None else paid - added
        body.append([r["code"], _name(r), added, rest, paid, land, back, credit])
    total: Line = ["合计", None, *(_sum(body, c) for c in range(2, 8))]
    lines: list[Line] = [
        ["2022年度工业企业税收情况表"],
        ["填报单位：示例市税务局", None, None, None, "金额单位：人民币千元（列至角分）"],
        ["纳税人识别号", "纳税人名称", "实缴税金", None, None, "城镇土地使用税", "退税", "减免抵税"],
        [None, None, "增值税", "其他税种", "合计", None, None, None],
        *body,
        total,
        ["注：入库数，不含社保费。"],
    ]
    spans = {(0, 0): (1, 8), (2, 2): (1, 3)} | {(2, c): (2, 1) for c in (0, 1, 5, 6, 7)}
    path = folder / "税务局2022年税收.xlsx"
    in_excel.by_openpyxl([_sheet("税收", lines, spans)], path)
    return path


def power_by_meter_and_month(rows: Records, folder: Path) -> Path:
    """.xlsx; a row per 户号, the firm's code and name merged over its rows; twelve months and their sum as columns."""
    lines: list[Line] = [
        ["统一社会信用代码", "用户名称", "户号", "用电量（千瓦时）", *[None] * 12],
        [None, None, None, *(f"{m}月" for m in range(1, 13)), "合计"],
    ]
    spans: dict[Span, Span] = {(0, 0): (2, 1), (0, 1): (2, 1), (0, 2): (2, 1), (0, 3): (1, 13)}
    for i, r in enumerate(rows["power"]):
        used = _figure(r, "全年用电量(kWh)")
        meters = 1 + i % 3
        if meters > 1:
            spans[len(lines), 0] = spans[len(lines), 1] = (meters, 1)
        for m in range(meters):
            of_meter = None if used is None else used // meters + (used % meters if m == 0 else 0)
            months: Line = [None] * 12
            if of_meter is not None:
                months = [of_meter // 12 + (of_meter % 12 if month == 11 else 0) for month in range(12)]
            first = m == 0
            lines.append(
                [r["code"] if first else None, _name(r) if first else None, f"33{i:06d}{m:02d}", *months, of_meter]
            )
    path = folder / "供电公司2022年用电.xlsx"
    in_excel.by_openpyxl([_sheet("用电", lines, spans)], path)
    return path


def output_stacked(rows: Records, folder: Path) -> Path:
    """.xls; two tables under each other: other columns, other order, 万元 in the first and 元 in the second."""
    half = len(rows["output"]) // 2
    above: list[Line] = []
    below: list[Line] = []
    headers = ("总产值(万元)", "主营业务收入(万元)", "增加值(万元)", "利润(万元)", "平均用工人数(人)", "研发费用(万元)")
    for i, r in enumerate(rows["output"]):
        gross, revenue, added, profit, people, research = (_figure(r, h) for h in headers)
        if i < half:
            above.append([str(i + 1), r["code"], _name(r), gross, revenue, added, profit, people, research])
        else:
            money = [None if v is None else v * 10000 for v in (added, revenue, gross, research, profit)]
            below.append([_name(r), r["code"], people, *money])
    lines: list[Line] = [
        ["表一 规上工业企业主要经济指标", None, None, "单位：万元、人"],
        [
            "序号",
            "统一社会信用代码",
            "单位详细名称",
            "工业总产值",
            "营业收入",
            "工业增加值",
            "利润总额",
            "从业人员",
            "研发费用",
        ],
        *above,
        ["合计", None, None, *(_sum(above, c) for c in range(3, 9))],
        [],
        ["表二 规下工业企业主要经济指标", None, None, "单位：元、人"],
        [
            "单位详细名称",
            "统一社会信用代码",
            "从业人员",
            "工业增加值",
            "营业收入",
            "工业总产值",
            "研发费用",
            "利润总额",
        ],
        *below,
        ["合计", None, *(_sum(below, c) for c in range(2, 8))],
    ]
    path = folder / "统计局2022年主要经济指标.xls"
    in_excel.by_xlwt([_sheet("产出", lines)], path)
    return path


def energy_as_web_page(rows: Records, folder: Path) -> Path:
    """A web page named .xls; 综合能耗 over 等价值 and 当量值; the unit in the upper header."""
    lines: list[Line] = [
        ["统一社会信用代码", "单位详细名称", "综合能耗（吨标煤）", None, "天然气（万立方米）", "煤炭（吨）"],
        [None, None, "等价值", "当量值", None, None],
    ]
    for r in rows["energy"]:
        whole, inner, coal = (_figure(r, h) for h in ("综合能耗（等价值）", "综合能耗（当量值）", "煤炭消费量（吨）"))
        lines.append([r["code"], _name(r), whole, inner, _figure(r, "天然气用量（立方米）", "0.0001"), coal])
    spans = {(0, 0): (2, 1), (0, 1): (2, 1), (0, 2): (1, 2), (0, 4): (2, 1), (0, 5): (2, 1)}
    path = folder / "统计局2022年能源消费.xls"
    in_text.as_page([_sheet("能耗", lines, spans)], path)
    return path


def emissions_with_unit_row(rows: Records, folder: Path) -> Path:
    """.ods; a row of units under the header; all in kilograms; last year's figures beside."""
    headers = (("COD排放量（千克）", "1"), ("氨氮排放量（kg）", "1"), ("SO2（吨）", "1000"), ("NOx（吨）", "1000"))
    lines: list[Line] = [
        ["2022年重点排污单位主要污染物排放量"],
        ["序号", "企业名称", "统一社会信用代码", "化学需氧量", "氨氮", "二氧化硫", "氮氧化物"],
        [None, None, None, "千克", "千克", "千克", "千克"],
    ]
    for i, r in enumerate(rows["emissions"]):
        lines.append([str(i + 1), _name(r), r["code"], *(_figure(r, h, times) for h, times in headers)])
    path = folder / "生态环境局2022年污染物排放.ods"
    in_open_document.by_hand([_sheet("排放", lines)], path)
    return path


def water_by_quarter(rows: Records, folder: Path) -> Path:
    """.ods; four quarters without their sum, in 立方米; 一、… dividers for townships and a subtotal each."""
    by_township: dict[str, list[Record]] = {}
    for r in rows["water"]:
        by_township.setdefault(r["乡镇（街道）"], []).append(r)
    lines: list[Line] = [
        ["信用代码", "户名", "用水量（立方米）", None, None, None],
        [None, None, "一季度", "二季度", "三季度", "四季度"],
    ]
    for i, (township, firms) in enumerate(by_township.items()):
        lines.append([f"（{i + 1}）{township}"])
        body: list[Line] = []
        for r in firms:
            used = _figure(r, "用水量（万立方米）", "10000")
            part = None if used is None else (used / 4).to_integral_value()
            last = None if used is None or part is None else used - 3 * part
            body.append([r["code"], _name(r), part, part, part, last])
        lines += [*body, ["小计", None, *(_sum(body, c) for c in range(2, 6))]]
    path = folder / "水务公司2022年用水.ods"
    in_open_document.by_hand([_sheet("用水", lines, {(0, 0): (2, 1), (0, 1): (2, 1), (0, 2): (1, 4)})], path)
    return path


def land_merged(rows: Records, folder: Path) -> Path:
    """.xlsx; the firm's number, code and name merged over its parcels; ㎡."""
    by_firm: dict[str, list[Record]] = {}
    for r in rows["land"]:
        by_firm.setdefault(r["code"], []).append(r)
    lines: list[Line] = [
        ["2022年度工业企业用地情况表"],
        ["序号", "统一社会信用代码", "企业名称", "宗地编号", "权属", "用地面积（㎡）", "建筑面积（㎡）", "租赁对方"],
    ]
    spans: dict[Span, Span] = {(0, 0): (1, 8)}
    for i, (firm, lots) in enumerate(by_firm.items()):
        if len(lots) > 1:
            spans.update({(len(lines), c): (len(lots), 1) for c in range(3)})
        for j, r in enumerate(lots):
            head: Line = [str(i + 1), firm, _name(r)] if j == 0 else [None, None, None]
            mu, floor = _figure(r, "实际用地面积（亩）"), _figure(r, "厂房建筑面积（㎡）")
            area = None if mu is None else mu * 2000 / 3
            lines.append([*head, r["地块编号"], r["用地方式"], area, floor, r["租赁对方"]])
    path = folder / "自然资源局2022年用地.xlsx"
    in_excel.by_openpyxl([_sheet("用地", lines, spans)], path)
    return path


@dataclass(frozen=True)
class Office:
    """How another office sends one kind of file, and the table and fields it fills."""

    kind: str
    table: str
    send: Callable[[Records, Path], Path]


OFFICES: tuple[Office, ...] = (
    Office("tax", "tax", tax_in_thousands),
    Office("power", "energy", power_by_meter_and_month),
    Office("output", "output", output_stacked),
    Office("energy", "energy", energy_as_web_page),
    Office("emissions", "emissions", emissions_with_unit_row),
    Office("water", "water", water_by_quarter),
    Office("land", "land", land_merged),
)


# ------------------------------------------------------------------------------------------------------ what came of it

RULES = "zhejiang/shengzhou-2022"
Figures = dict[tuple[str, ...], dict[str, Decimal]]


def figures(path: Path, office: Office) -> tuple[Figures, bool]:
    """Quantities by firm, by parcel, tenure and landlord for land; and whether anything was said."""
    figures_read: Figures = {}
    try:
        records = mujun.read_file(path, year=2022)
    except mujun.InputError:
        return {}, True
    for loaded in records.tables:
        for row in loaded.rows.to_dicts():
            key = (row["credit_code"], *(str(row.get(k) or "") for k in ("parcel", "tenure", "counterparty")))
            figures_of_row = {n: v for n, v in row.items() if isinstance(v, Decimal)}
            if figures_of_row and loaded.table == office.table:
                figures_read[key] = figures_of_row
    told = [f for f in records.findings if f.code != "columns_not_taken"]
    return figures_read, bool(told or getattr(records, "questions", ()))


def verdict(office: Office, rows: Records, folder: Path) -> Verdict:
    """What an office sends against the same figures sent plainly."""
    have, told = figures(office.send(rows, folder), office)
    true, _ = figures(plainly(office.kind, rows, folder), office)
    wrong = [
        k for k, figures_of_firm in have.items() if any(v != true.get(k, {}).get(n) for n, v in figures_of_firm.items())
    ]
    missing = [k for k, figures_of_firm in true.items() if figures_of_firm.keys() - have.get(k, {}).keys()]
    what = f"{len(wrong)} of {len(true)} firms have wrong figures, {len(missing)} lack some"
    if not wrong and not missing:
        return Verdict("")
    return Verdict("silent" if not told else "wrong" if wrong else "lost", what)


def rated(rows: Records, folder: Path, *, otherwise: bool) -> pl.DataFrame:
    """The rating of the county, sent otherwise or plainly."""
    sent = [o.send(rows, folder) if otherwise else plainly(o.kind, rows, folder) for o in OFFICES]
    county = mujun.County(folder / "county.duckdb")
    county.data.load([roll(rows, folder), *sent], year=2022)
    run = county.runs.rate(RULES, 2022, save=False)
    return run.rating.ratings


def main() -> int:
    """Send the county both ways and print what each office's file came to, and whether the ratings are the same."""
    parser = argparse.ArgumentParser(prog="python -m tests.intake.other_offices", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every so manieth firm")
    rows = sample(parser.parse_args().every)
    bad = 0
    print(f"{len(rows['roll'])} firms")
    ratings = []
    with TemporaryDirectory(prefix="mujun-offices-") as name:
        for office in OFFICES:
            outcome = verdict(office, rows, Path(name))
            bad += bool(outcome.word)
            told = f"{outcome.word} {outcome.what}" if outcome.word else "the same figures"
            print(f"{office.kind}: {len(rows[office.kind])} rows; {told}", flush=True)
        for sent in ("plainly", "otherwise"):
            folder = Path(name) / sent
            folder.mkdir()
            ratings.append(rated(rows, folder, otherwise=sent == "otherwise"))
    same = ratings[0].equals(ratings[1])
    tiers = ratings[0].group_by("tier").len().sort("tier").rows()
    print(f"ratings {'the same' if same else 'differ'}: {tiers}")
    return 1 if bad or not same else 0


if __name__ == "__main__":
    sys.exit(main())
