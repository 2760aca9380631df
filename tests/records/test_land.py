"""Leases worked out by hand, one pattern each, and what must always hold."""

from __future__ import annotations

import random
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mujun import messages
from mujun.fields import TABLES
from mujun.records.finding import Finding
from mujun.records.land import LAND_SCHEMA, land_per_firm
from mujun.records.land_findings import doubtful_parties, land_findings, party_findings
from mujun.records.leases import leases_of

YEAR = 2022
# Firms by one letter; D is 规上 like A, the others are 规下.
FIRMS = {
    "A": ("示例电机有限公司", "规上"),
    "B": ("浙江（嵊州）示例领带有限责任公司", "规下"),
    "C": ("示例厨电股份有限公司", "规下"),
    "D": ("示例药业有限公司", "规上"),
}

Row = tuple[object, ...]
Areas = dict[str, tuple[float, ...]]
Found = list[tuple[str, str | None, int | None]]


def land_of(*rows: Row) -> pl.DataFrame:
    """`(firm, tenure, area[, counterparty[, parcel[, floor]]])`, numbered from row 2 of 用地.xlsx."""
    whole = [(*r, *[None] * (6 - len(r))) for r in rows]
    full = [
        {
            "year": YEAR, "credit_code": code, "name": FIRMS[code][0] if code in FIRMS else None, "tenure": tenure,
            "area_mu": Decimal(str(area)), "counterparty": other, "parcel": parcel,
            "floor_area_m2": None if floor is None else Decimal(str(floor)),
            "_file": "用地.xlsx", "_sheet": "用地", "_row": n,
        }
        for n, (code, tenure, area, other, parcel, floor) in enumerate(whole, start=2)
    ]  # fmt: skip
    schema = {**TABLES["land"].schema, "_file": pl.String(), "_sheet": pl.String(), "_row": pl.Int64()}
    return pl.DataFrame(full, schema=schema)


def roll(**scales: str | None) -> pl.DataFrame:
    firms = [
        {"year": YEAR, "credit_code": code, "name": name, "scale": scales.get(code, scale)}
        for code, (name, scale) in FIRMS.items()
    ]
    return pl.DataFrame(firms, schema=TABLES["enterprises"].schema)


def reconcile_land(
    land: pl.DataFrame, enterprises: pl.DataFrame, year: int, parcels: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Land per firm by code, and what is doubtful about it."""
    leases = leases_of(land, enterprises, year)
    per_firm = land_per_firm(leases).sort("credit_code")
    return per_firm, land_findings(leases, per_firm, year, parcels)


def reconciled(
    *rows: Row,
) -> tuple[Areas, Found]:
    """Owned, rented in, rented out, net per firm, and the findings as (code, firm, row)."""
    per_firm, findings = reconcile_land(land_of(*rows), roll(), YEAR)
    areas = per_firm.select("credit_code", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu")
    return {code: tuple(map(float, a)) for code, *a in areas.iter_rows()}, [
        (f.code, f.credit_code, f.row) for f in findings
    ]


# ------------------------------------------------------------------------------------------------------ lease patterns

B_BY_NAME, A_BY_NAME = FIRMS["B"][0], FIRMS["A"][0]
ONE_SIDED = "lease_one_sided"

PATTERNS: dict[str, tuple[list[Row], Areas, Found]] = {
    "owner only": ([("A", "自有", 12.5)], {"A": (12.5, 0, 0, 12.5)}, []),
    "several parcels add up": ([("A", "自有", 12.5), ("A", "自有", 12.5)], {"A": (25, 0, 0, 25)}, []),
    "tenant only": (
        [("A", "自有", 20), ("B", "租入", 8, "A")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [(ONE_SIDED, "B", 3)],
    ),
    "landlord only": (
        [("A", "自有", 20), ("A", "租出", 8, "B")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [(ONE_SIDED, "A", 3)],
    ),
    "both agree": (
        [("A", "自有", 20), ("A", "租出", 8, "B"), ("B", "租入", 8, "A")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [],
    ),
    "both differ": (
        [("A", "自有", 20), ("A", "租出", 8, "B"), ("B", "租入", 7.5, "A")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [("lease_differs", "B", 4)],
    ),
    "the same area in ㎡ and in 亩 does not differ": (
        [("A", "自有", 20), ("A", "租出", 8, "B"), ("B", "租入", "7.999995", "A")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [],
    ),
    "a chain of sub-leases": (
        [
            ("A", "自有", 30), ("A", "租出", 20, "B"), ("B", "租入", 20, "A"), ("B", "租出", 5, "C"),
            ("C", "租入", 5, "B"), ("C", "租出", 2, "D"), ("D", "租入", 2, "C"),
        ],
        {"A": (30, 0, 20, 10), "B": (0, 20, 5, 15), "C": (0, 5, 2, 3), "D": (0, 2, 0, 2)},
        [],
    ),
    "a village as landlord": (
        [("B", "租入", 6, "甘霖镇示例村经济合作社")],
        {"B": (0, 6, 0, 6)},
        [],
    ),
    "a person as landlord, and another as tenant": (
        [("B", "租入", 6, "张三"), ("B", "租出", 1, "李四")],
        {"B": (0, 6, 1, 5)},
        [],
    ),
    "nobody named": ([("B", "租入", 6)], {"B": (0, 6, 0, 6)}, []),
    "by name on both sides": (
        [("A", "自有", 20), ("A", "租出", 8, "浙江(嵊州)示例领带 有限公司"), ("B", "租入", 8, A_BY_NAME)],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [],
    ),
    "a code in full width and lower case": (
        [("A", "自有", 20), ("A", "租出", 8, "ｂ"), ("B", "租入", 8, " a ")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [],
    ),
    "several leases of a pair add up": (
        [("A", "自有", 20), ("A", "租出", 5, "B"), ("A", "租出", 3, "B"), ("B", "租入", 8, "A")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [],
    ),
    "leases by parcel, where both name it": (
        [
            ("A", "自有", 20), ("A", "租出", 5, "B", "P1"), ("A", "租出", 3, "B", "P2"),
            ("B", "租入", 4, "A", "P1"), ("B", "租入", 3, "A", "p2 "),
        ],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [("lease_differs", "B", 5)],
    ),
    "leases by pair, where one side names no parcel": (
        [("A", "自有", 20), ("A", "租出", 5, "B", "P1"), ("A", "租出", 3, "B", "P2"), ("B", "租入", 8, "A")],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [],
    ),
    "each lets to the other": (
        [
            ("A", "自有", 20), ("B", "自有", 10), ("A", "租出", 8, "B"), ("B", "租入", 8, "A"),
            ("B", "租出", 1, "A"), ("A", "租入", 1, "B"),
        ],
        {"A": (20, 1, 8, 13), "B": (10, 8, 1, 17)},
        [],
    ),
    "a landlord who names nobody is not counted twice": (
        [("A", "自有", 20), ("A", "租出", 10), ("B", "租入", 4, "A"), ("C", "租入", 5, "A")],
        {"A": (20, 0, 10, 10), "B": (0, 4, 0, 4), "C": (0, 5, 0, 5)},
        [(ONE_SIDED, "B", 4), (ONE_SIDED, "C", 5)],
    ),
    "a tenant who names nobody is not counted twice": (
        [("A", "自有", 20), ("A", "租出", 8, "B"), ("B", "租入", 8)],
        {"A": (20, 0, 8, 12), "B": (0, 8, 0, 8)},
        [(ONE_SIDED, "A", 3)],
    ),
    "a row without name on another parcel is another lease": (
        [("A", "自有", 20), ("A", "租出", 8, "B", "P1"), ("B", "租入", 3, None, "P2")],
        {"A": (20, 0, 8, 12), "B": (0, 11, 0, 11)},
        [(ONE_SIDED, "A", 3)],
    ),
    "own landlord": ([("A", "自有", 20), ("A", "租入", 2, "A")], {"A": (20, 2, 0, 22)}, []),
    "all let": (
        [("A", "自有", 8), ("A", "租出", 8, "B"), ("B", "租入", 8, "A")],
        {"A": (8, 0, 8, 0), "B": (0, 8, 0, 8)},
        [("net_land_not_positive", "A", 2)],
    ),
    "more let than held": (
        [("A", "自有", 5), ("A", "租出", 8, "B"), ("B", "租入", 8, "A")],
        {"A": (5, 0, 8, -3), "B": (0, 8, 0, 8)},
        [("net_land_not_positive", "A", 2)],
    ),
    "let by one who holds none": (
        [("A", "租出", 8, "B"), ("B", "租入", 8, "A")],
        {"A": (0, 0, 8, -8), "B": (0, 8, 0, 8)},
        [("lets_without_holding", "A", 2)],
    ),
    "said to let by its tenant only": (
        [("B", "租入", 8, "A")],
        {"A": (0, 0, 8, -8), "B": (0, 8, 0, 8)},
        [("lets_without_holding", "A", 2), (ONE_SIDED, "B", 2)],
    ),
    "a reporter who is not on the roll": (
        [("A", "自有", 20), ("X", "租入", 8, "A"), ("A", "租出", 8, "X")],
        {"A": (20, 0, 8, 12), "X": (0, 8, 0, 8)},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "areas", "findings"), PATTERNS.values(), ids=PATTERNS)
def test_lease_patterns(rows: list[Row], areas: Areas, findings: Found) -> None:
    assert reconciled(*rows) == (areas, findings)


def test_a_name_that_two_firms_bear_names_neither() -> None:
    twins = roll().with_columns(
        pl.when(pl.col("credit_code").is_in(["A", "C"])).then(pl.lit("同名厂")).otherwise("name").alias("name")
    )
    per_firm, findings = reconcile_land(land_of(("B", "租入", 6, "同名厂")), twins, YEAR)
    assert per_firm["credit_code"].to_list() == ["B"]
    assert findings == ()


# --------------------------------------------------------------------------------------------- tenants, floor, parcels


def test_tenants_are_counted_once_by_scale() -> None:
    land = land_of(
        ("A", "自有", 90), ("A", "租出", 5, "B"), ("A", "租出", 3, "B"), ("C", "租入", 2, "A"), ("A", "租出", 9, "D"),
        ("A", "租出", 4, "张三"), ("B", "租入", 8, "A"), ("D", "租入", 0, "B"),
    )  # fmt: skip
    per_firm, _ = reconcile_land(land, roll(), YEAR)
    tenants = per_firm.select("credit_code", "tenants_above", "tenants_below").rows()
    assert tenants == [("A", 1, 2), ("B", 0, 0), ("C", 0, 0), ("D", 0, 0)]
    unknown_scale, _ = reconcile_land(land, roll(D=None), YEAR)
    assert unknown_scale.row(0, named=True)["tenants_above"] == 0


def test_floor_area_is_missing_where_nothing_held_has_one() -> None:
    land = land_of(
        ("A", "自有", 20, None, None, 9000), ("A", "租出", 8, "B", None, 2000), ("B", "租入", 8, "A", None, 1900),
        ("C", "自有", 5), ("C", "租出", 1, "张三", None, 100), ("D", "自有", 5, None, None, 0),
    )  # fmt: skip
    per_firm, _ = reconcile_land(land, roll(), YEAR)
    assert per_firm.select("credit_code", "floor_area_m2").rows() == [("A", 7000), ("B", 2000), ("C", None), ("D", 0)]


def test_parcels_are_those_of_own_rows_and_of_leases() -> None:
    land = land_of(
        ("A", "自有", 20, None, "Ｐ2"), ("A", "自有", 5, None, "P1 "), ("A", "租出", 8, "B", "P2"), ("C", "自有", 1)
    )
    per_firm, _ = reconcile_land(land, roll(), YEAR)
    assert per_firm.select("credit_code", "parcels").rows() == [("A", ["P1", "P2"]), ("B", ["P2"]), ("C", [])]


# ------------------------------------------------------------------------------------------------------------ findings


def finding_of(*rows: Row, parcels: pl.DataFrame | None = None) -> Finding:
    _, (finding,) = reconcile_land(land_of(*rows), roll(), YEAR, parcels)
    return finding


def test_a_finding_names_both_sides_in_both_languages() -> None:
    finding = finding_of(("A", "自有", 20), ("A", "租出", "8.50", "B"), ("B", "租入", 7, "A"))
    assert (finding.severity, finding.field, finding.value, finding.owner) == ("warning", "area_mu", "7", "自然资源局")
    assert (finding.file, finding.sheet, finding.row, finding.year) == ("用地.xlsx", "用地", 4, YEAR)
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            for part in ("示例电机有限公司（A）", "8.5 ", " 7 ", "用地.xlsx 用地 3"):
                assert part in finding.what
            assert finding.remedy


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "自有", 20), ("A", "租出", 8, "B")],
        [("A", "自有", 8), ("A", "租出", 8, "张三")],
        [("A", "租出", 8, "张三")],
    ],
)
def test_every_finding_speaks_both_languages(rows: list[Row]) -> None:
    finding = finding_of(*rows)
    sentences = set()
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            sentences |= {finding.what, finding.remedy}
    assert len(sentences) == 4


def parcels_of(**areas: object) -> pl.DataFrame:
    parcels = [{"parcel": p, "area_mu": None if a is None else Decimal(str(a))} for p, a in areas.items()]
    return pl.DataFrame(parcels, schema=TABLES["parcels"].schema)


def test_owned_areas_are_held_against_the_parcel() -> None:
    rows = [
        ("A", "自有", 12, None, "p1"), ("B", "自有", 9, None, "P1"), ("A", "租出", 3, "张三", "P1"),
        ("C", "自有", 5, None, "P2"), ("C", "自有", 5, None, "P3"), ("C", "自有", 5, None, "P4"),
    ]  # fmt: skip
    finding = finding_of(*rows, parcels=parcels_of(P1=20, P2="5.003", P3=None, P5=7))
    assert (finding.code, finding.credit_code, finding.row, finding.value) == ("parcel_area_differs", "A", 2, "21")
    with messages.speaking("zh"):
        assert "20" in finding.what
        assert "用地.xlsx 用地 2、3" in finding.what


@pytest.mark.parametrize(
    ("rows", "area", "differing"),
    [
        # A village's ground: what firms rent of it may be less than the parcel, not more.
        ([("A", "租入", 12, "示例村", "P1"), ("B", "租入", 7, "示例村", "P1")], 20, None),
        ([("A", "租入", 12, "示例村", "P1"), ("B", "租入", 9, "示例村", "P1")], 20, ("21", "2、3")),
        # Owned and rented from outside make up the parcel together.
        ([("A", "自有", 12, None, "P1"), ("B", "租入", 8, "张三", "P1")], 20, None),
        ([("A", "自有", 12, None, "P1"), ("B", "租入", 7, "张三", "P1")], 20, ("19", "2、3")),
        # What known firms let to each other is on the owner's ground already.
        ([("A", "自有", 20, None, "P1"), ("A", "租出", 8, "B", "P1"), ("B", "租入", 8, "A", "P1")], 20, None),
    ],
)
def test_the_ground_of_a_parcel(rows: list[Row], area: int, differing: tuple[str, str] | None) -> None:
    _, findings = reconcile_land(land_of(*rows), roll(), YEAR, parcels_of(P1=area))
    with messages.speaking("zh"):
        told = [(f.value, str(f.values["rows"])) for f in findings if f.code == "parcel_area_differs"]
    assert told == ([] if differing is None else [(differing[0], f"用地.xlsx 用地 {differing[1]}")])


def test_a_finding_names_all_its_rows() -> None:
    rows = [
        ("A", "自有", 5), ("A", "租出", 4, "B"), ("A", "租出", 4, "B"), ("B", "租入", 3, "A"), ("B", "租入", 4, "A"),
        ("C", "租入", 1, "A"), ("C", "租出", 1, "A"),
    ]  # fmt: skip
    _, findings = reconcile_land(land_of(*rows), roll(), YEAR)
    with messages.speaking("zh"):
        told = [
            (
                f.code,
                f.credit_code,
                [str(v).removeprefix("用地.xlsx 用地 ") for k, v in f.values.items() if "rows" in k],
            )
            for f in findings
        ]
    assert told == [
        # A's own rows and those of whoever names it: 5 + 1 − 8 − 1 = −3. C: 1 − 1 = 0.
        ("net_land_not_positive", "A", ["2、3、4、5、6、7、8"]),
        ("lease_differs", "B", ["3、4", "5、6"]),
        ("lease_one_sided", "C", ["7"]),
        ("net_land_not_positive", "C", ["7、8"]),
        ("lease_one_sided", "C", ["8"]),
    ]


def test_more_rows_than_a_sentence_holds_are_counted() -> None:
    rows: list[Row] = [("A", "租出", 1, "张三") for _ in range(40)]
    finding = finding_of(*rows)
    words: dict[messages.Language, str] = {"zh": "等共 40 行", "en": "40 rows in all"}
    for language, text in words.items():
        with messages.speaking(language):
            assert text in finding.what
            assert "30、31" in finding.what or "30, 31" in finding.what
            assert "32" not in finding.what


# ------------------------------------------------------------------------------------------------------------- parties

PARTIES_BY_NAME = {
    "甘霖镇示例村股份经济合作社": "village",
    "示例村": "village",
    "示例社区居民委员会": "village",
    "示例村村民委员会": "village",
    "三江街道办事处": "public",
    "示例市人民政府": "public",
    "示例国有资产经营公司": "public",
    "张三": "person",
    "欧阳示例": "person",
    "示例村民274": "person",
    "阿卜杜拉·示例": "person",
    "李某": "person",
    "示例纺织有限公司": "unlisted",
    "示例五金厂": "unlisted",
    "91350100M000100Y43": "unlisted",
    "91350100M000100Y40": "unlisted",
    "待定待定待定": "unknown",
    "?": "unknown",
    "B": "self",
    A_BY_NAME: "firm",
    None: "unnamed",
    "  ": "unnamed",
}


@pytest.mark.parametrize(("counterparty", "party"), PARTIES_BY_NAME.items())
def test_who_the_other_side_is(counterparty: str | None, party: str) -> None:
    leases = leases_of(land_of(("B", "租入", 6, counterparty)), roll(), YEAR)
    assert leases.rows["party"].to_list() == [party]


def test_one_finding_per_party_with_all_its_rows() -> None:
    rows = [
        ("A", "租入", 6, "示例村"), ("B", "租入", "2.5", "示例 村"), ("B", "租出", 1, "李四"), ("C", "租入", 3),
        ("D", "自有", 9), ("D", "租出", 4, "X厂"), ("D", "租出", 2, "D"),
    ]  # fmt: skip
    findings = party_findings(leases_of(land_of(*rows), roll(), YEAR), YEAR)
    assert [(f.code, f.credit_code, f.row, f.values["area"], f.values["firms"]) for f in findings] == [
        ("party_village", "A", 2, Decimal("8.5"), 2),
        ("party_person", "B", 4, 1, 1),
        ("party_unnamed", "C", 5, 3, 1),
        ("party_unlisted", "D", 7, 4, 1),
        ("party_self", "D", 8, 2, 1),
    ]
    asked = doubtful_parties(leases_of(land_of(*rows), roll(), YEAR), YEAR)
    assert [f.code for f in asked] == ["party_unnamed", "party_unlisted", "party_self"]
    with messages.speaking("zh"):
        assert findings[0].what.startswith("出租方是村集体“示例村”：2 家企业所报，共 8.5 亩")
        assert findings[1].what.startswith("承租方是个人")
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            assert all(f.what and f.remedy and "{" not in f.what for f in findings)


def test_a_row_that_names_nobody_is_a_finding_only_for_what_others_do_not_report() -> None:
    told = [("A", "自有", 20), ("A", "租出", 10), ("B", "租入", 4, "A"), ("C", "租入", 6, "A")]
    assert party_findings(leases_of(land_of(*told), roll(), YEAR), YEAR) == ()
    (finding,) = party_findings(leases_of(land_of(*told[:3]), roll(), YEAR), YEAR)
    assert (finding.code, finding.row, finding.values["area"]) == ("party_unnamed", 3, 6)


def test_a_name_of_two_firms_is_said_to_be_one() -> None:
    twins = roll().with_columns(
        pl.when(pl.col("credit_code").is_in(["A", "C"])).then(pl.lit("同名厂")).otherwise("name").alias("name")
    )
    (finding,) = party_findings(leases_of(land_of(("B", "租入", 6, "同名厂")), twins, YEAR), YEAR)
    assert finding.code == "party_several"


# --------------------------------------------------------------------------------------------------- what always holds

AREAS = st.decimals(min_value=0, max_value=1000, places=6, allow_nan=False)
ROWS = st.tuples(
    st.sampled_from("ABCDX"),
    st.sampled_from(["自有", "租入", "租出"]),
    AREAS,
    st.sampled_from([None, "A", "B", "C", "D", "X", A_BY_NAME, B_BY_NAME, "张三", "示例村"]),
    st.sampled_from([None, "P1", "P2"]),
    st.none() | AREAS,
)
PARCELS = parcels_of(P1=100, P2=50)


@settings(max_examples=60)
@given(st.lists(ROWS, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_rows_plays_no_part(rows: list[Row], random: random.Random) -> None:
    land, firms = land_of(*rows), roll()
    per_firm, findings = reconcile_land(land, firms, YEAR, PARCELS)
    order = list(range(land.height))
    random.shuffle(order)
    shuffled, findings_shuffled = reconcile_land(land[order], firms.reverse(), YEAR, PARCELS)
    assert_frame_equal(per_firm, shuffled)
    assert findings == findings_shuffled


@settings(max_examples=60)
@given(st.lists(ROWS, max_size=14))
def test_what_known_firms_let_to_each_other_neither_makes_nor_loses_land(rows: list[Row]) -> None:
    # Without outsiders and unnamed parties all land is somebody's own.
    rows = [r for r in rows if r[1] == "自有" or (r[3] in ("A", "B", "C", "D", "X") and r[3] != r[0])]
    reporters = {r[0] for r in rows}
    rows = [r for r in rows if r[3] != "X" or "X" in reporters]
    per_firm, _ = reconcile_land(land_of(*rows), roll(), YEAR)
    owned = sum((Decimal(str(r[2])) for r in rows if r[1] == "自有"), Decimal(0))
    assert (per_firm["land_mu"].sum() or 0) == owned
    assert per_firm["rented_in_mu"].sum() == per_firm["rented_out_mu"].sum()
    assert dict(per_firm.schema) == LAND_SCHEMA


def test_no_land_at_all() -> None:
    per_firm, findings = reconcile_land(land_of(), roll(), YEAR, PARCELS)
    assert (per_firm.height, findings) == (0, ())
    assert dict(per_firm.schema) == LAND_SCHEMA


def test_another_year_is_another_matter() -> None:
    land = land_of(("A", "自有", 20)).with_columns(pl.lit(2021, dtype=pl.Int32).alias("year"))
    assert reconcile_land(land, roll(), YEAR)[0].is_empty()
