"""The register: every firm, every lease with both sides' reports, and the part of it that concerns somebody."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mujun import messages
from mujun.errors import UsageError
from mujun.records.land_findings import doubtful_parties
from mujun.records.land_register import LandRegister, land_register, of_firm, of_township
from mujun.records.leases import leases_of
from tests.records.test_land import YEAR, land_of, parcels_of, roll

TOWNSHIPS = {"A": "甘霖镇", "B": "甘霖镇", "C": "长乐镇", "D": None}


def tables() -> dict[str, pl.DataFrame]:
    """A owns 20 on P1 and lets 8 to B, who says 7.5; B rents 2 from a village; C owns 3; D is only on the roll."""
    land = land_of(
        ("A", "自有", 20, None, "P1", 900), ("A", "租出", 8, "B", "P1"), ("B", "租入", "7.5", "A", "P1"),
        ("B", "租入", 2, "示例村"), ("C", "自有", 3), ("X", "租入", 1, "C"),
    )  # fmt: skip
    townships = pl.col("credit_code").replace_strict(TOWNSHIPS, return_dtype=pl.String).alias("township")
    return {"land": land, "enterprises": roll().with_columns(townships), "parcels": parcels_of(P1=21)}


@pytest.fixture
def register() -> LandRegister:
    return land_register(tables(), YEAR)


def test_every_firm_has_its_land(register: LandRegister) -> None:
    wanted = ("credit_code", "tenure", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu", "floor_area_m2")
    firms = [[float(v) if isinstance(v, Decimal) else v for v in row] for row in register.firms.select(wanted).rows()]
    assert firms == [
        ["A", "own", 20, 0, 8, 12, 900],
        ["B", "rented", 0, 10, 0, 10, None],
        ["C", "own", 3, 0, 1, 2, None],
        ["D", "none", None, None, None, None, None],
        ["X", "rented", 0, 1, 0, 1, None],
    ]
    # X is on nobody's roll: land was reported under its code.
    assert dict(register.firms.select("credit_code", "on_roll").iter_rows()) == dict.fromkeys("ABCD", True) | {
        "X": False
    }
    assert (register.off_roll, of_township(register, "长乐镇").off_roll) == (1, 0)
    # 甘霖镇, 长乐镇, then those without a township.
    assert register.firms["leases"].to_list() == [1, 2, 1, 0, 1]


def test_every_lease_has_what_both_sides_say(register: LandRegister) -> None:
    wanted = ("landlord", "landlord_name", "tenant", "party", "area_landlord", "area_tenant", "area_mu", "difference")
    assert [tuple(map(str, row)) for row in register.leases.select(wanted).rows()] == [
        ("A", "示例电机有限公司", "B", "firm", "8.000000", "7.500000", "8.000000", "0.500000"),
        ("C", "示例厨电股份有限公司", "X", "firm", "None", "1.000000", "1.000000", "None"),
        ("None", "示例村", "B", "village", "None", "2.000000", "2.000000", "None"),
    ]
    assert register.leases.select("said_by", "landlord_rows", "tenant_rows").rows() == [
        ("both", "用地.xlsx 用地 3", "用地.xlsx 用地 4"),
        ("tenant", None, "用地.xlsx 用地 7"),
        ("tenant", None, "用地.xlsx 用地 5"),
    ]
    assert register.leases["parcels"].to_list() == [["P1"], [], []]


def test_all_that_is_doubtful_is_there(register: LandRegister) -> None:
    assert [(f.code, f.credit_code) for f in register.findings] == [
        ("parcel_area_differs", "A"), ("lease_differs", "B"), ("party_village", "B"), ("lease_one_sided", "X"),
    ]  # fmt: skip
    # A village as landlord is nothing to ask anybody about.
    assert doubtful_parties(leases_of(tables()["land"], tables()["enterprises"], YEAR), YEAR) == ()


def test_townships_add_up(register: LandRegister) -> None:
    sums = register.townships.select("township", "firms", "land_mu", "floor_area_m2", "leases", "findings")
    assert [tuple(float(v) if isinstance(v, Decimal) else v for v in row) for row in sums.rows()] == [
        ("甘霖镇", 2, 22, 900, 3, 3),
        ("长乐镇", 1, 2, None, 1, 0),
        (None, 2, 1, None, 1, 1),
    ]


@pytest.mark.parametrize(
    ("code", "leases", "findings"),
    [
        ("A", 1, ["parcel_area_differs", "lease_differs"]),
        ("b", 2, ["lease_differs", "party_village"]),
        # X's row concerns its landlord too.
        ("C", 1, ["lease_one_sided"]),
        ("D", 0, []),
    ],
)
def test_the_part_of_one_firm(register: LandRegister, code: str, leases: int, findings: list[str]) -> None:
    mine = of_firm(register, code)
    assert mine.firms["credit_code"].to_list() == [code.upper()]
    assert mine.leases.height == leases
    assert [f.code for f in mine.findings] == findings


def test_the_part_of_a_township(register: LandRegister) -> None:
    mine = of_township(register, "长乐镇")
    assert mine.firms["credit_code"].to_list() == ["C"]
    assert mine.leases["tenant"].to_list() == ["X"]
    assert mine.rows["credit_code"].to_list() == ["C", "X"]


def test_what_is_not_there_is_said(register: LandRegister) -> None:
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            with pytest.raises(UsageError, match="E9"):
                of_firm(register, "E9")
            with pytest.raises(UsageError, match="甘霖镇"):
                of_township(register, "火星镇")
            with pytest.raises(UsageError, match="2022"):
                land_register(tables(), 2019)


def test_no_lease_at_all() -> None:
    only = {"land": land_of(("A", "自有", 3)), "enterprises": roll()}
    register = land_register(only, YEAR)
    assert (register.leases.height, register.findings) == (0, ())
    # Under which title land is held says nothing of who rents it.
    assert set(register.rows.columns) > set(only["land"].columns) - {"year", "title"}
