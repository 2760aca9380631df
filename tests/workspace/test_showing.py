"""One code, everything: a firm's and a parcel's card, with the place of every figure and what was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mujun.errors import UsageError
from mujun.reports.firms.card import Card, card_json, card_text
from mujun.reports.firms.card_page import card_page
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.asking import Known, asked_for
from mujun.workspace.firms.showing import enterprise_card
from mujun.workspace.firms.showing_parcels import parcel_card

from ..store.given import file, rows

OWNER, TENANT = "91330683XXXX0305XJ", "ZR330683000001"
PARCEL = "330683001001GB00003"


def firm(code: str, name: str, scale: str) -> dict[str, object]:
    return {"year": 2022, "credit_code": code, "name": name, "township": "甲镇", "scale": scale}


def land(code: str, tenure: str, area: str, parcel: str | None, other: str | None = None) -> dict[str, object]:
    return {"year": 2022, "credit_code": code, "tenure": tenure, "area_mu": Decimal(area), "parcel": parcel,
            "counterparty": other}  # fmt: skip


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> County:
    """An owner of ten mu that lets two of them to a workshop; the owner's tax is corrected, and its land re-sent."""
    roll = rows("enterprises", firm(OWNER, "示例纺织有限公司", "规上"), firm(TENANT, "示例<b>作坊</b>", "规下"))
    ground = rows("land", land(OWNER, "自有", "10", PARCEL), land(OWNER, "租出", "2", PARCEL, TENANT),
                  land(TENANT, "租入", "2.5", PARCEL, OWNER))  # fmt: skip
    taxes = [{"year": 2022, "credit_code": c, "tax_paid": Decimal(t)} for c, t in ((OWNER, "90"), (TENANT, "10"))]
    again = rows("land", land(OWNER, "自有", "11", PARCEL), land(OWNER, "租出", "2", PARCEL, TENANT))
    title = {"parcel": PARCEL, "holder": "示例纺织有限公司", "area_mu": Decimal(10), "land_grade": "三级"}
    path = tmp_path_factory.mktemp("county") / "county.duckdb"
    with Store.create(path) as store:
        store.add_batch(file("名录.xlsx", {"enterprises": roll, "land": ground}), who="甲")
        store.add_batch(file("税收.csv", {"tax": rows("tax", *taxes)}, columns={"tax": ["tax_paid"]}), who="甲")
        store.add_batch(file("地块.xlsx", {"parcels": rows("parcels", title)}), who="甲")
        corrected = rows("tax", {"year": 2022, "credit_code": OWNER, "tax_paid": Decimal(100)})
        store.add_batch(
            file("更正.csv", {"tax": corrected}, columns={"tax": ["tax_paid"]}),
            who="乙",
            reason="申诉",
            document="文1",
        )
        store.add_batch(file("用地.xlsx", {"land": again}), who="甲")
    return County(path)


@pytest.fixture(scope="module")
def cards(own: County) -> dict[str, Card]:
    """The cards of both firms, made once."""
    return {code: enterprise_card(own, code) for code in (OWNER, TENANT)}


@pytest.fixture(scope="module")
def known(own: County) -> Known:
    return Known.of(own.data.table("enterprises"))


def section(card: Card, name: str) -> list[Mapping[str, object]]:
    return next(list(s.rows) for s in card.sections if s.id == name)


def test_every_figure_has_its_place_and_every_change_its_old_value(cards: dict[str, Card]) -> None:
    card = cards[OWNER]
    tax = next(r for r in section(card, "figures") if r["field"] == "tax_paid")
    assert (tax["value"], tax["batch"], tax["file"], tax["row"]) == ("100", 4, "更正.csv", 2)
    changed = [(r["table"], r["field"], r["old"], r["new"], r["document"]) for r in section(card, "changes")]
    assert changed == [("tax", "tax_paid", "90", "100", "文1"), ("land", "area_mu", "10", "11", None)]
    sums = section(card, "land_sums")[0]
    assert [sums[c] for c in ("owned_mu", "rented_out_mu", "land_mu")] == [Decimal(11), Decimal(2), Decimal(9)]


def test_both_sides_of_a_lease_stand_on_both_cards(cards: dict[str, Card]) -> None:
    for asked in (OWNER, TENANT):
        lease = section(cards[asked], "leases")[0]
        assert (lease["area_landlord"], lease["area_tenant"], lease["said_by"]) == (Decimal(2), Decimal("2.5"), "both")


def test_a_finding_that_names_the_firm_is_on_its_card(cards: dict[str, Card]) -> None:
    # The tenant's row is the one pointed at; the landlord has to see it too.
    for asked in (OWNER, TENANT):
        assert "lease_differs" in [f["code"] for f in section(cards[asked], "findings")]


@pytest.mark.parametrize("asked", [OWNER.lower(), "示例纺织有限责任公司", "纺织", "示例 纺织"])
def test_a_firm_is_found_by_code_name_or_part_of_it(known: Known, asked: str) -> None:
    assert asked_for(known, asked) == OWNER


@pytest.mark.parametrize(("asked", "code", "says"), [
    ("91330683XXXX0305XX", "asked_nobody", OWNER),
    ("示例", "asked_several", TENANT),
    ("示例纺只有限公司", "asked_nobody", "示例纺织有限公司"),
])  # fmt: skip
def test_nobody_or_several_are_told_with_who_is_near(known: Known, asked: str, code: str, says: str) -> None:
    with pytest.raises(UsageError) as refusal:
        asked_for(known, asked)
    assert refusal.value.problems[0].code == code
    assert says in str(refusal.value)


def test_a_parcel_yields_as_a_whole(own: County) -> None:
    card = parcel_card(own, PARCEL)
    whole = section(card, "benefit")[0]
    # 100 + 10 万元 on (11 − 2) + 2 亩: where the two sides differ the landlord's area stands.
    assert (whole["firms"], whole["land_mu"], whole["tax_paid"]) == (2, Decimal(11), Decimal(110))
    assert whole["tax_per_mu"] == 10.0
    assert (whole["value_added"], whole["value_added_per_mu"]) == (None, None)
    owner = next(r for r in section(card, "firms") if r["credit_code"] == OWNER)
    assert [owner[c] for c in ("owned_mu", "rented_in_mu", "rented_out_mu")] == [Decimal(11), None, Decimal(2)]
    assert [f["code"] for f in section(card, "findings")] == ["parcel_area_differs"]


def test_an_unknown_parcel_is_told_the_nearest(own: County) -> None:
    with pytest.raises(UsageError, match=PARCEL):
        parcel_card(own, PARCEL[:-1] + "9")


def test_the_forms_say_the_same(cards: dict[str, Card]) -> None:
    card = cards[TENANT]
    whole = json.loads(card_json(card))
    assert (whole["format"], whole["id"], whole["sections"]["land"][0]["area_mu"]) == ("mujun-card-1", TENANT, "2.5")
    page = card_page(card)
    assert "示例&lt;b&gt;作坊" in page
    assert "<b>" not in page
    assert "批次 1：名录.xlsx Sheet1 第 4 行" in card_text(card)


def test_a_firm_keeps_its_history_under_another_code(tmp_path: Path) -> None:
    old, new = TENANT, OWNER
    with Store.create(tmp_path / "county.duckdb") as store:
        for year, code, tax in ((2021, old, "7"), (2022, new, "9")):
            roll = rows("enterprises", {**firm(code, "示例纺织有限公司", "规下"), "year": year})
            taxed = rows("tax", {"year": year, "credit_code": code, "tax_paid": Decimal(tax)})
            store.add_batch(file(f"{year}.xlsx", {"enterprises": roll, "tax": taxed}), who="甲")
        change = {"credit_code": old, "since": date(2022, 3, 1), "successor": new, "change": "换码"}
        store.add_batch(file("更名.xlsx", {"aliases": rows("aliases", change)}), who="甲")
    own = County(tmp_path / "county.duckdb")
    for asked in (old, "示例纺织"):
        card = enterprise_card(own, asked)
        assert (card.id, card.facts["old_codes"]) == (new, [old])
        taxes = [(r["year"], r["value"], r["under"]) for r in section(card, "figures") if r["field"] == "tax_paid"]
        assert taxes == [(2022, "9", None), (2021, "7", old)]
