"""Codes that changed: a firm keeps its history, a merger adds up, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.fields import TABLES
from mujun.records import YearEnd, build_frame, check_tables, with_successors
from mujun.records.succession import succession_at

# Codes with right check digits and an organisation that nobody has.
A, B, C, D = "91330683XXXX90018D", "91330683XXXX900268", "91330683XXXX900343", "91330683XXXX90042X"
WORKSHOP = "ZR330683000001"


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of a table with what is not given missing, and a row number."""
    schema = {**TABLES[name].schema, "_file": pl.String(), "_sheet": pl.String(), "_row": pl.Int64()}
    made = [{column: row.get(column) for column in schema} | {"_row": i} for i, row in enumerate(rows, start=2)]
    return pl.DataFrame(made, schema=schema, orient="row")


def change(old: str, new: str, since: str, kind: str = "换码", **more: Any) -> dict[str, Any]:
    return {"credit_code": old, "successor": new, "since": date.fromisoformat(since), "change": kind, **more}


def firm(code: str, year: int, name: str | None = None, scale: str = "规下") -> dict[str, Any]:
    return {"credit_code": code, "year": year, "name": name or f"示例{code[-6:]}有限公司", "scale": scale}


def tax(code: str, year: int, paid: str, refund: str | None = None) -> dict[str, Any]:
    more = {} if refund is None else {"tax_refund": Decimal(refund)}
    return {"credit_code": code, "year": year, "tax_paid": Decimal(paid), **more}


def own(code: str, year: int, mu: str, **more: Any) -> dict[str, Any]:
    return {"credit_code": code, "year": year, "tenure": "自有", "area_mu": Decimal(mu), **more}


def tier(code: str, year: int, letter: str) -> dict[str, Any]:
    return {"credit_code": code, "year": year, "tier": letter}


def county(**tables: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    return {name: table(name, rows) for name, rows in tables.items()}


def only(frame: pl.DataFrame, code: str) -> dict[str, Any]:
    return frame.row(by_predicate=pl.col("credit_code") == code, named=True)


# ---------------------------------------------------------------------------------------------- the same firm, new code


def recoded(**more: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """A became B on 1 June 2022."""
    given: dict[str, Sequence[Mapping[str, Any]]] = {
        "aliases": [change(A, B, "2022-06-01")],
        "enterprises": [firm(A, 2021, scale="规上"), firm(B, 2022, scale="规上")],
        "tax": [tax(A, 2021, "80"), tax(B, 2022, "100")],
        "land": [own(A, 2021, "10"), own(B, 2022, "10")],
        "ratings": [tier(A, 2020, "C"), tier(A, 2021, "B")],
    }
    return county(**{**given, **more})


def test_a_firm_keeps_its_history_under_the_new_code() -> None:
    frame, _ = build_frame(recoded(), 2022)
    row = only(frame, B)
    assert frame.height == 1
    assert (row["tier_last"], row["tier_history"]) == ("B", ["B", "C"])
    assert (row["tax_paid"], row["tax_paid_last"]) == (Decimal(100), Decimal(80))
    assert (row["land_mu"], row["land_mu_last"], row["scale_last"]) == (Decimal(10), Decimal(10), "规上")


def test_an_earlier_year_is_as_it_was() -> None:
    frame, _ = build_frame(recoded(), 2021)
    assert frame["credit_code"].to_list() == [A]


def test_a_change_on_new_years_eve_counts_and_one_a_day_later_does_not() -> None:
    for day, expected in (("2022-12-31", [B]), ("2023-01-01", [A, B])):
        tables = recoded(aliases=[change(A, B, day)], enterprises=[firm(A, 2022), firm(B, 2022)])
        assert build_frame(tables, 2022)[0]["credit_code"].to_list() == expected


def test_a_change_of_changes_is_followed_to_its_end() -> None:
    tables = recoded(
        aliases=[change(A, B, "2021-02-01"), change(B, C, "2022-02-01")],
        enterprises=[firm(B, 2021), firm(C, 2022)],
        ratings=[tier(A, 2020, "C"), tier(B, 2021, "D")],
        tax=[tax(A, 2020, "1"), tax(B, 2021, "2"), tax(C, 2022, "3")],
    )
    row = only(build_frame(tables, 2022)[0], C)
    assert row["tier_history"] == ["D", "C"]
    assert (row["tax_paid_last2"], row["tax_paid_last"], row["tax_paid"]) == (1, 2, 3)
    assert only(build_frame(tables, 2021)[0], B)["tier_last"] == "C"


def test_a_workshop_with_a_local_code_becomes_a_company() -> None:
    tables = recoded(
        aliases=[change(WORKSHOP, B, "2022-03-01")],
        enterprises=[firm(WORKSHOP, 2021), firm(B, 2022)],
        ratings=[tier(WORKSHOP, 2021, "D")],
    )
    assert only(build_frame(tables, 2022)[0], B)["tier_last"] == "D"


@pytest.mark.parametrize(
    ("old", "new", "expected", "code"),
    [
        (tax(A, 2022, "30"), tax(B, 2022, "70"), "100", "alias_record"),
        (tax(A, 2022, "100"), tax(B, 2022, "100"), "100", "alias_same_figures"),
        (tax(A, 2022, "30", "5"), tax(B, 2022, "30", "6"), "60", "alias_record"),
        (tax(A, 2022, "0"), tax(B, 2022, "0"), "0", "alias_record"),
    ],
)
def test_a_part_of_the_year_under_the_old_code_adds_up_and_a_repeated_report_does_not(
    old: dict[str, Any], new: dict[str, Any], expected: str, code: str
) -> None:
    tables = recoded(tax=[old, new])
    assert only(build_frame(tables, 2022)[0], B)["tax_paid"] == Decimal(expected)
    assert [(f.code, f.credit_code, f.row) for f in check_tables(YearEnd.of(tables, 2022)) if f.table == "tax"] == [
        (code, A, 2)
    ]


def test_what_only_the_old_code_has_is_filled_in() -> None:
    """The power company still uses the old code, the statistics bureau the new one."""
    energy = [
        {"credit_code": A, "year": 2022, "electricity_kwh": Decimal(5000)},
        {"credit_code": B, "year": 2022, "energy_tce": Decimal(7)},
    ]
    row = only(build_frame(recoded(energy=energy), 2022)[0], B)
    assert (row["electricity_kwh"], row["energy_tce"], row["gas_m3"]) == (5000, 7, None)


def test_land_under_both_codes_counts_once() -> None:
    tables = recoded(land=[own(A, 2022, "10"), own(B, 2022, "12")])
    assert only(build_frame(tables, 2022)[0], B)["land_mu"] == 12
    assert [(f.code, f.row) for f in check_tables(YearEnd.of(tables, 2022)) if f.table == "land"] == [
        ("alias_land_twice", 2)
    ]


def test_a_lease_names_the_old_code_or_the_old_name() -> None:
    for other in (A, "示例老厂（有限责任公司）"):
        tables = recoded(
            aliases=[change(A, B, "2022-06-01", name="示例老厂有限公司")],
            enterprises=[firm(B, 2022), firm(C, 2022)],
            land=[
                own(B, 2022, "10"),
                {**own(C, 2022, "3"), "tenure": "租入", "counterparty": other},
            ],
        )
        frame, _ = build_frame(tables, 2022)
        assert (only(frame, B)["land_mu"], only(frame, C)["land_mu"]) == (7, 3)


def test_the_old_code_on_the_roll_is_one_firm_and_said() -> None:
    tables = recoded(enterprises=[firm(A, 2022, "旧"), firm(B, 2022, "新")])
    assert build_frame(tables, 2022)[0].select("credit_code", "name").rows() == [(B, "新")]
    [finding] = [f for f in check_tables(YearEnd.of(tables, 2022)) if f.table == "enterprises"]
    assert (finding.code, finding.credit_code, finding.row) == ("alias_record", A, 2)
    tables = recoded(enterprises=[firm(A, 2022, "旧")])
    assert build_frame(tables, 2022)[0].select("credit_code", "name").rows() == [(B, "旧")]


# ------------------------------------------------------------------------------------------------------- two became one


def merged(**more: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataFrame]:
    """B took A over on 1 June 2022."""
    given: dict[str, Sequence[Mapping[str, Any]]] = {
        "aliases": [change(A, B, "2022-06-01", "合并")],
        "enterprises": [firm(A, 2021, scale="规上"), firm(B, 2021), firm(B, 2022)],
        "tax": [tax(A, 2021, "80"), tax(B, 2021, "20"), tax(A, 2022, "30"), tax(B, 2022, "90")],
        "land": [own(A, 2021, "10"), own(B, 2021, "5"), own(B, 2022, "15")],
        "ratings": [tier(A, 2021, "A"), tier(B, 2020, "D"), tier(B, 2021, "C")],
    }
    return county(**{**given, **more})


def test_who_takes_over_another_keeps_its_own_tiers_and_adds_its_quantities() -> None:
    frame, _ = build_frame(merged(), 2022)
    row = only(frame, B)
    assert frame.height == 1
    assert (row["tier_last"], row["tier_history"], row["scale_last"]) == ("C", ["C", "D"], "规下")
    # The year of the merger and the one before cover the same two firms: 30 + 90 after 80 + 20.
    assert (row["tax_paid"], row["tax_paid_last"]) == (120, 100)
    assert (row["land_mu"], row["land_mu_last"]) == (15, 15)
    before = build_frame(merged(), 2021)[0]
    assert before.select("credit_code", "tax_paid", "land_mu").rows() == [(A, 80, 10), (B, 20, 5)]


def test_equal_figures_of_two_firms_that_merged_are_two_amounts() -> None:
    tables = merged(tax=[tax(A, 2022, "50"), tax(B, 2022, "50")])
    assert only(build_frame(tables, 2022)[0], B)["tax_paid"] == 100


def test_a_code_changed_before_the_merger_goes_along() -> None:
    tables = merged(
        aliases=[change(A, C, "2021-03-01"), change(C, B, "2022-06-01", "合并")],
        tax=[tax(A, 2021, "30"), tax(C, 2021, "50"), tax(B, 2021, "20"), tax(C, 2022, "1"), tax(B, 2022, "2")],
    )
    row = only(build_frame(tables, 2022)[0], B)
    assert (row["tax_paid"], row["tax_paid_last"], row["tier_last"]) == (3, 100, "C")


def test_what_two_merged_firms_let_each_other_is_no_lease() -> None:
    lets = {**own(A, 2022, "4"), "tenure": "租出", "counterparty": B}
    rents = {**own(B, 2022, "4"), "tenure": "租入", "counterparty": f"示例{A[-6:]}有限公司"}
    tables = merged(land=[own(A, 2022, "10"), lets, own(B, 2022, "5"), rents])
    row = only(build_frame(tables, 2022)[0], B)
    assert (row["owned_mu"], row["rented_in_mu"], row["rented_out_mu"], row["land_mu"]) == (15, 0, 0, 15)


def test_labels_come_along_as_the_change_says() -> None:
    def label(code: str, text: str, since: str) -> dict[str, Any]:
        return {"credit_code": code, "label": text, "since": date.fromisoformat(since)}

    labels = [
        label(A, "高新技术企业", "2021-05-01"),
        label(A, "环境违法", "2022-07-01"),
        label(B, "首台套", "2020-01-01"),
    ]
    assert only(build_frame(merged(labels=labels), 2022)[0], B)["labels"] == ["环境违法", "首台套"]
    assert only(build_frame(recoded(labels=labels), 2022)[0], B)["labels"] == ["环境违法", "首台套", "高新技术企业"]


def test_bills_go_to_who_has_the_meter_now() -> None:
    def bill(code: str, first: str, last: str, kwh: int) -> dict[str, Any]:
        period = {"from": date.fromisoformat(first), "until": date.fromisoformat(last)}
        return {"credit_code": code, "utility": "电", **period, "quantity": Decimal(kwh)}

    bills = [bill(A, "2022-05-01", "2022-05-31", 7), bill(A, "2022-06-01", "2022-06-30", 5),
             bill(B, "2022-06-01", "2022-06-30", 2)]  # fmt: skip

    def usage(tables: dict[str, pl.DataFrame]) -> list[tuple[Any, ...]]:
        rows = with_successors(tables, 2022)[0]["usage"].select("credit_code", "until", "quantity")
        return sorted(rows.rows())

    june, may = date(2022, 6, 30), date(2022, 5, 31)
    assert usage(merged(usage=bills)) == [(A, may, 7), (B, june, 7)]
    assert usage(recoded(usage=bills)) == [(B, may, 7), (B, june, 7)]


# ------------------------------------------------------------------------------------------------ nothing is guessed


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ([change(A, A, "2022-01-01")], {(A, "alias_self")}),
        ([change(A, B, "2022-01-01"), change(B, A, "2022-02-01")], {(A, "alias_circle"), (B, "alias_circle")}),
        ([change(A, B, "2022-01-01"), change(A, C, "2022-02-01")], {(A, "alias_two_successors")}),
        ([change(A, "91330683XXXX0001", "2022-01-01")], {(A, "alias_no_code")}),
        ([change(A, B[:-1] + "0", "2022-01-01")], {(A, "alias_no_code")}),
        ([change(A, "91330683XXXX0001", "2022-01-01", successor_licence="示例〔2022〕1号")], {(A, "alias_no_code")}),
        ([change(A, B, "2022-01-01", "撤销")], set()),
        # D leads into a circle: it has no end either.
        (
            [change(D, A, "2022-01-01"), change(A, B, "2022-01-01"), change(B, A, "2022-02-01")],
            {(A, "alias_circle"), (B, "alias_circle")},
        ),
    ],
)
def test_changes_that_contradict_each_other_are_left_aside(
    changes: list[dict[str, Any]], codes: set[tuple[str, str]]
) -> None:
    succession = succession_at(table("aliases", changes), 2022)
    assert succession.heirs == {}
    assert {(f.credit_code, f.code) for f in succession.findings} == codes
    assert all(f.what and f.remedy and f.row for f in succession.findings)


def test_the_same_successor_said_twice_is_no_contradiction() -> None:
    succession = succession_at(table("aliases", [change(A, B, "2021-01-01"), change(A, B, "2022-02-01")]), 2022)
    assert (succession.heirs[A].code, succession.heirs[A].since, succession.findings) == (B, date(2021, 1, 1), ())


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from((A, B, C, D)), st.sampled_from((A, B, C, D)),
                          st.sampled_from(("换码", "合并"))), max_size=5), st.permutations(range(8)))  # fmt: skip
def test_every_amount_counts_once_whatever_the_changes(steps: list[tuple[str, str, str]], order: list[int]) -> None:
    aliases = [change(old, new, f"2022-0{i}-01", kind) for i, (old, new, kind) in enumerate(steps, start=1)]
    # Powers of two: no two sums of different firms are the same, and none is reported twice.
    paid = [
        tax(code, year, str(2 ** (2 * i + year - 2021))) for i, code in enumerate((A, B, C, D)) for year in (2021, 2022)
    ]
    tables = county(aliases=aliases, tax=[paid[i] for i in order], enterprises=[firm(c, 2022) for c in (A, B, C, D)])
    followed, _ = with_successors(tables, 2022)
    sums = followed["tax"].group_by("year").agg(pl.col("tax_paid").sum()).sort("year").rows()
    assert sums == [(2021, 1 + 4 + 16 + 64), (2022, 2 + 8 + 32 + 128)]
    assert not followed["tax"].select("year", "credit_code").is_duplicated().any()
    # Once followed there is nothing left to follow, and the order of rows plays no part.
    again = with_successors(followed, 2022)[0]["tax"]
    assert again.sort("year", "credit_code").equals(followed["tax"].sort("year", "credit_code"))
    straight = with_successors({**tables, "tax": table("tax", paid)}, 2022)[0]["tax"]
    columns = ["year", "credit_code", "tax_paid"]
    assert straight.select(columns).sort(columns).equals(followed["tax"].select(columns).sort(columns))
