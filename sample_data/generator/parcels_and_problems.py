"""What a census of parcels and a walk through the county add: titles, 标准地, transfers, problems.

All of it is laid over the finished county with random numbers of its own, so that nobody's figures move.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from .codes import exact
from .files import Cell
from .firms import FIRST, SECOND, Firm
from .land import Land, Parcel
from .places import COUNTY_NAME, TOWNSHIPS

SILENT = ("下王镇", "贵门乡")
"""Townships that have not sent their list of problems."""


@dataclass(frozen=True)
class Title:
    """What the register says of a parcel beside its area."""

    title: str
    number: str
    on: date | None
    address: str
    township: str
    park: str | None
    floor_ratio: Decimal
    standard: bool
    tax_per_mu: Decimal | None = None
    investment_per_mu: Decimal | None = None
    promised_ratio: Decimal | None = None
    start: date | None = None
    finish: date | None = None
    production: date | None = None
    sold_by: str | None = None
    sold_on: date | None = None
    price: Decimal | None = None


@dataclass(frozen=True)
class Trouble:
    """A problem found at a firm or on a parcel, and what became of it."""

    number: str
    firm: Firm | None
    parcel: Parcel | None
    township: str
    kind: str
    text: str
    found_on: date
    handled_by: str
    order: str | None = None
    deadline: date | None = None
    mended_on: date | None = None
    result: str | None = None
    fined_on: date | None = None
    fine: Decimal | None = None
    closed_on: date | None = None


# ------------------------------------------------------------------------------------------------------------- titles


def entitle(seed: int, land: Land) -> dict[str, Title]:
    """The titles of all parcels, by number."""
    rng = Random(f"{seed}:titles")
    return {p.code: _title(rng, p, n) for n, p in enumerate(sorted(land.parcels, key=lambda p: p.code), start=1)}


def township_of(parcel: Parcel) -> str:
    """The township in a parcel's number."""
    return list(TOWNSHIPS)[int(parcel.code[6:9]) - 1]


def _title(rng: Random, parcel: Parcel, serial: int) -> Title:
    township, holder = township_of(parcel), parcel.holder
    ratio = Decimal(rng.choice(("1.0", "1.2", "1.5", "1.8", "2.0")))
    if not isinstance(holder, Firm):
        number = f"嵊集用（{rng.randrange(2005, 2019)}）第{serial:05d}号"
        return Title("集体", number, None, f"{township}示例村{rng.randrange(1, 200)}号", township, None, ratio, False)
    kind = rng.choices(("国有出让", "国有划拨", "国有租赁"), (90, 7, 3))[0]
    since = holder.registered_on + timedelta(days=rng.randrange(60, 500))
    on = min(since, date(parcel.since, 10, 31))
    number = f"浙（{on.year}）{COUNTY_NAME}示例不动产权第{serial:07d}号"
    address = f"{township}示例{rng.choice(('工业', '创业', '兴工', '科技'))}路{rng.randrange(1, 400)}号"
    plain = Title(kind, number, on, address, township, holder.park, ratio, False)
    if parcel.since == SECOND and kind == "国有出让":
        return _standard(rng, plain, on)
    if kind == "国有出让" and rng.random() < 0.02:
        sold_on = min(on, date(2020, 12, 31))
        seller = f"{COUNTY_NAME}示例{9000 + serial % 1000}{rng.choice(('纺织', '机械', '服饰'))}有限公司"
        price = exact(Decimal(parcel.m2) * 3 / 2000 * rng.randrange(28, 55), 2)
        return Title(
            kind, number, on, address, township, holder.park, ratio, False, sold_by=seller, sold_on=sold_on, price=price
        )
    return plain


def _standard(rng: Random, plain: Title, on: date) -> Title:
    """标准地: what was promised when the land was sold, and by when."""
    start = on + timedelta(days=rng.randrange(60, 150))
    finish = start + timedelta(days=rng.choice((365, 540)))
    return Title(
        plain.title, plain.number, on, plain.address, plain.township, plain.park, Decimal("1.5"), True,
        Decimal(rng.choice((25, 28, 30, 35))), Decimal(rng.choice((350, 400, 450))), Decimal("1.5"),
        start, finish, finish + timedelta(days=180),
    )  # fmt: skip


def title_cells(title: Title) -> dict[str, Cell]:
    """What the census of the second year asks of a parcel beside its area."""
    return {
        "title": title.title, "title_number": title.number, "title_on": title.on, "address": title.address,
        "township": title.township, "park": title.park, "planned_floor_ratio": title.floor_ratio,
        "standard_land": "是" if title.standard else "否", "promised_tax_per_mu": title.tax_per_mu,
        "promised_investment_per_mu": title.investment_per_mu, "promised_floor_ratio": title.promised_ratio,
        "contract_start_on": title.start, "contract_finish_on": title.finish,
        "contract_production_on": title.production, "transferred_from": title.sold_by,
        "transferred_on": title.sold_on, "transfer_price": title.price,
    }  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- problems

_KINDS: tuple[tuple[str, str, str], ...] = (
    ("违法用地", "自然资源局", "厂区北侧占用集体土地堆放原料"),
    ("安全隐患", "应急管理局", "车间电气线路老化，未装漏电保护"),
    ("无照经营", "市场监管局", "承租户未办理营业执照"),
    ("产品质量", "市场监管局", "抽检一批次产品不合格"),
    ("违法建设", "综合行政执法局", "厂房之间搭建钢棚"),
    ("环境污染", "生态环境局", "废气处理设施未正常运行"),
    ("偷税漏税", "税务局", "厂房出租收入未申报"),
    ("消防隐患", "消防救援大队", "疏散通道堆放成品"),
)
_STATES = ("open", "ordered", "ordered", "mended", "fined", "closed", "closed")
_AT_FIRMS, _ON_PARCELS = 56, 14


def find(seed: int, firms: list[Firm], land: Land, marked: Iterable[Firm]) -> list[Trouble]:
    """The problems found in spring of the year after: at firms, no manufacturers among them, and on parcels.

    Args:
        seed: the county's.
        firms: all firms.
        land: their ground.
        marked: firms that are no manufacturers.
    """
    rng = Random(f"{seed}:problems")
    sending = [f for f in firms if SECOND in f.scale and f.township not in SILENT and not f.namesake]
    with_land = [f for f in sending if land.net_m2(f, SECOND) >= 2000]
    gone = [f for f in firms if set(f.scale) == {FIRST} and not f.arranged and f.township not in SILENT][:2]
    at = [*(f for f in marked if f.township not in SILENT), *gone]
    at += rng.sample([f for f in with_land if f not in at], _AT_FIRMS - len(at))
    parcels = rng.sample([p for p in land.parcels if township_of(p) not in SILENT and p.since == FIRST], _ON_PARCELS)
    found = [_trouble(rng, n, firm, None, firm.township) for n, firm in enumerate(at, start=1)]
    found += [_trouble(rng, n, None, p, township_of(p)) for n, p in enumerate(parcels, start=len(at) + 1)]
    return found


def _trouble(rng: Random, serial: int, firm: Firm | None, parcel: Parcel | None, township: str) -> Trouble:
    kind, office, text = _KINDS[serial % len(_KINDS)] if firm else rng.choice((_KINDS[0], _KINDS[4]))
    state = rng.choice(_STATES)
    on = date(2023, rng.choice((2, 3)), rng.randrange(1, 28))
    open_one = Trouble(
        number=f"WT2023-{serial:03d}", firm=firm, parcel=parcel, township=township, kind=kind, text=text, found_on=on,
        handled_by=office,
    )  # fmt: skip
    if state == "open":
        return open_one
    order, deadline = f"示例责改〔2023〕{serial}号", on + timedelta(days=rng.choice((15, 30, 60)))
    if state == "ordered":
        return replace(open_one, order=order, deadline=deadline)
    if state == "fined":
        fine = Decimal(rng.choice(("0.5", "1", "2", "5")))
        return replace(open_one, order=order, deadline=deadline, fined_on=deadline + timedelta(days=5), fine=fine)
    mended, result = deadline - timedelta(days=rng.randrange(1, 10)), "已按要求整改，现场复查合格"
    closed = mended + timedelta(days=7) if state == "closed" else None
    return replace(open_one, order=order, deadline=deadline, mended_on=mended, result=result, closed_on=closed)


def trouble_cells(trouble: Trouble, name: str | None) -> dict[str, Cell]:
    """A problem as the list has it; `name` is what the firm is called in the year."""
    return {
        "problem": trouble.number, "name": name, "credit_code": trouble.firm.code if trouble.firm else None,
        "parcel": trouble.parcel.code if trouble.parcel else None, "township": trouble.township,
        "problem_kind": trouble.kind, "problem_text": trouble.text, "found_by": "镇街核查组",
        "found_on": trouble.found_on, "handled_by": trouble.handled_by, "order_document": trouble.order,
        "order_deadline": trouble.deadline, "mended_on": trouble.mended_on, "mend_result": trouble.result,
        "fined_on": trouble.fined_on, "fine_amount": trouble.fine, "closed_on": trouble.closed_on,
    }  # fmt: skip
