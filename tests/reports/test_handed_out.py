"""Pages that leave the house show of natural persons their family name; what stays inside shows everything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mujun.analysis import Explainer, Explanation
from mujun.analysis.explanation import Member, Origin, OtherResult
from mujun.messages import speaking
from mujun.reports.firms.card import Card, Section, card_json, card_text
from mujun.reports.firms.card_page import card_page
from mujun.reports.firms.explanation_file import drawn
from tests.reports import given

CODE, LOCAL = "9133068300000" + "0001X", "JD0001"


def explained() -> Explanation:
    """A workshop under its owner's name, rated with another's and with a company."""
    year = given.year()
    (explanation,) = Explainer(year.rating, year.frame, year.listing, year.allocation).explain_all([CODE])
    place = (2022, None, "3", 1, "税收13812345678.xlsx", None, 2)
    origins = (Origin("tax", "tax_paid", "实缴税金", "万元", *place, member="欧阳小明"),)
    members = (Member(LOCAL, "张三", ()), Member("JD0002", "欧阳小明", ()), Member(CODE, "东方纺织", ()))
    other = OtherResult("merged", "alone", LOCAL, ("张三", "欧阳小明", "东方纺织"), None, None, None, None, None)
    return replace(
        explanation, name="张三", credit_code=LOCAL, members=members, other=other,
        figures=(replace(explanation.figures[0], origins=origins), *explanation.figures[1:]),
    )  # fmt: skip


def test_the_page_of_an_explanation_masks_persons() -> None:
    # Pages were handed to townships and firms with the names of other workshops' owners in full.
    explanation = explained()
    page = drawn(explanation, "html")
    assert "张*" in page
    assert "欧阳*" in page
    assert "东方纺织" in page  # its code is a company's
    assert not any(word in page for word in ("张三", "欧阳小明", "13812345678"))
    inside = drawn(explanation, "json") + drawn(explanation, "text")
    assert "张三" in inside
    assert "欧阳小明" in inside


def test_a_rule_set_may_have_persons_in_full() -> None:
    explanation = explained()
    page = drawn(replace(explanation, basis=replace(explanation.basis, persons="full")), "html")
    assert "张三" in page
    assert "欧阳小明" in page


def test_the_page_of_a_card_masks_persons() -> None:
    leases = {
        "year": 2022, "landlord": f"张三（{LOCAL}）", "tenant": f"东方纺织（{CODE}）", "parcel": "330683001001",
        "area_landlord": Decimal("13812345678"), "area_tenant": None, "area_mu": Decimal(3), "said_by": "landlord",
    }  # fmt: skip
    finding = {
        "severity": "warning", "year": 2022, "table": "land", "field": "counterparty", "value": "李小红",
        "what": "出租方“李小红”（电话0575-83012345）不在册；张三丰纺织有限公司另有一行", "batch": 1,
        "file": "张三.xlsx", "sheet": None, "row": 2,
    }  # fmt: skip
    card = Card(
        "enterprise", LOCAL, "张三", {"credit_code": LOCAL, "other_names": ["王五", "东方纺织厂"]},
        (
            Section("leases", tuple(leases), (leases,)),
            Section("findings", ("severity", "year", "table", "field", "value", "what", "place"), (finding,)),
        ),
    )  # fmt: skip
    with speaking("zh"):
        page = card_page(card)
    assert not any(word in page for word in ("李小红", "王五", "83012345", "张三（", "张三.xlsx"))
    for shown in ("张*", "李*", "王*", f"张*（{LOCAL}）", f"东方纺织（{CODE}）", "东方纺织厂", "330683001001"):
        assert shown in page, shown
    assert "张三丰纺织有限公司" in page  # another's name that begins alike
    assert "13,812,345,678" in page or "13812345678" in page  # a figure is nobody's telephone
    assert "李小红" in card_text(card)
    assert "李小红" in card_json(card)
