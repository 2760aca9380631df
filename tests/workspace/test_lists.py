"""Lists as documents: frozen when issued, changed only by amendments, whole for ever."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun import messages
from mujun.errors import MujunError
from mujun.rectification import Event, state_at
from mujun.rectification.documents import CORRECTABLE
from mujun.store import ListDocument, Store
from mujun.workspace import County
from mujun.workspace.book import read_book
from mujun.workspace.rectification.amending import amend, amendable
from mujun.workspace.rectification.events import record, tracked
from mujun.workspace.rectification.lists import draft, issue, preview, summaries
from mujun.workspace.rectification.monitoring import status
from tests.workspace.small_county import F, P, rules_at

ON = date(2023, 3, 1)


def issued(small: County, **more: Any) -> ListDocument:
    return issue(small, **{"title": "清单", "document": "1号", "issued_on": ON, **more})


@pytest.fixture(scope="module")
def one_list(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = County(shutil.copy(made_small_county, tmp_path_factory.mktemp("one") / "small.duckdb"))
    issued(own)
    return own.path


@pytest.fixture
def listed(one_list: Path, tmp_path: Path) -> County:
    """The small county with its first list."""
    return County(shutil.copy(one_list, tmp_path / "small.duckdb"))


def amended(small: County, **more: Any) -> ListDocument:
    return amend(small, **{"reason": "核实", "document": "2号", "issued_on": date(2023, 4, 1), **more})


def states(small: County, day: date | None = None) -> dict[tuple[str, str], str]:
    return {k: steps[-1].after for k, steps in read_book(small).steps(day).items()}


def test_a_preview_keeps_nothing(small: County) -> None:
    _, listing = preview(small)
    assert listing.rectification["credit_code"].to_list() == [F[n] for n in (1, 2, 3, 4, 6, 5)]
    # Only firm 5 (0.5 万元/亩) is to leave its 20 mu; firm 6 reported no energy, so that nothing can be computed.
    assert listing.paths.rows() == [
        ("关停退出", 1, Decimal(20), Decimal(20), Decimal(450), 0),
        ("整治提升", 5, Decimal(33), Decimal(0), Decimal(690), 1),
    ]
    assert read_book(small).documents == ()


def test_issuing_freezes_reasons_values_and_deadlines(small: County) -> None:
    listed = issued(small)
    assert listed.number == 1
    kept = read_book(small).documents[0]
    firms = {r["credit_code"]: r for r in kept.tables["firms"].iter_rows(named=True)}
    five, one = firms[F[5]], firms[F[1]]
    assert (five["path"], five["deadline"], five["expected_land_mu"]) == ("关停退出", date(2023, 9, 1), 20)
    # Means of 500 and 400, of 300 and 360; the bases are the larger years.
    assert (five["expected_energy_tce"], five["energy_base_tce"]) == (450, 500)
    assert (one["expected_energy_tce"], one["energy_base_tce"], one["department"]) == (330, 360, "三江街道办事处")
    triggers = kept.tables["triggers"].filter(pl.col("credit_code") == F[5])
    assert triggers.select("field", "value", "unit", "condition").rows() == [
        ("tax_per_mu", "0.5", "万元/亩", "tax_per_mu < 6")
    ]
    assert all(s.whole for s in summaries(read_book(small)))


def test_a_parcel_shared_by_three_firms_is_listed_once(small: County) -> None:
    parcels = {r["parcel"]: r for r in issued(small).tables["parcels"].iter_rows(named=True)}
    assert sorted(parcels) == [P[n] for n in (1, 2, 3, 4)]
    assert parcels[P[2]]["listed"] == [F[2], F[3], F[4]]
    assert (parcels[P[2]]["area_mu"], parcels[P[2]]["path"]) == (15, "整治提升")


def test_issuing_puts_firms_and_parcels_into_the_loop(listed: County) -> None:
    assert set(states(listed).values()) == {"listed"}
    assert len(states(listed)) == 6 + 4
    assert states(listed, date(2023, 2, 28)) == {}


def test_a_second_list_carries_over_who_is_on_the_first(small: County) -> None:
    issued(small)
    second = issued(small, document="3号", issued_on=date(2023, 5, 1))
    assert set(second.tables["firms"]["entry"]) == {"carried"}
    # A new list extends no deadline: twelve and six months from March, not from May.
    assert set(second.tables["firms"]["deadline"]) == {date(2024, 3, 1), date(2023, 9, 1)}
    assert read_book(small).in_force.height == 3 * 10, "nobody is listed twice"


def test_a_second_list_keeps_what_was_decided_and_leaves_out_who_is_done(small: County, tmp_path: Path) -> None:
    issued(small)
    # Firm 1 (10 mu) is to close by the end of June: 10 mu are expected of it now, beside the 20 of firm 5.
    told = Event(F[1], "plan", date(2023, 4, 1), path="关停退出", deadline=date(2023, 6, 30))
    record(small, told)
    row = tracked(read_book(small)).filter(pl.col("subject") == F[1]).row(0, named=True)
    assert (row["path"], row["expected_land_mu"]) == ("关停退出", Decimal(10))
    assert status(small, date(2023, 3, 31)).totals.expected_land_mu == Decimal(20)
    assert status(small, date(2023, 4, 30)).totals.expected_land_mu == Decimal(30)
    for action, day in (("plan", 1), ("start", 2), ("report", 3)):
        record(small, Event(F[2], action, date(2023, 4, day)))  # type: ignore[arg-type]
    record(small, Event(F[2], "accept", date(2023, 5, 1), evidence=("镇街核查表",), energy_tce=Decimal(5)))
    made = draft(small, date(2023, 9, 1))
    second = issued(small, document="3号", issued_on=date(2023, 9, 1))
    for name in ("firms", "parcels", "left_out"):
        assert made.tables[name].equals(second.tables[name]), name
    firms = {r["credit_code"]: r for r in second.tables["firms"].iter_rows(named=True)}
    assert set(firms) == {F[n] for n in (1, 3, 4, 5, 6)}
    assert second.tables["left_out"].rows() == [(F[2], "示例2厂", "已验收或已销号，不再结转")]
    assert [firms[F[1]][n] for n in ("entry", "path", "deadline", "expected_land_mu")] == [
        "carried", "关停退出", date(2023, 6, 30), Decimal(10)
    ]  # fmt: skip
    # On 1 September the deadline of firm 1 is over; that of firm 5 (six months from 1 March) is the day itself.
    assert [c for c, r in firms.items() if r["deadline"] < date(2023, 9, 1)] == [F[1]]
    preview_rows = {r["credit_code"]: r for r in made.rows.iter_rows(named=True)}
    assert (preview_rows[F[1]]["path"], preview_rows[F[1]]["expected_land_mu"]) == ("关停退出", Decimal(10))
    # The decision can be changed afterwards, and the expected effect follows it still.
    record(small, Event(F[1], "start", date(2023, 9, 2), path="整治提升"))
    row = tracked(read_book(small)).filter(pl.col("subject") == F[1]).row(0, named=True)
    assert (row["list"], row["path"], row["expected_land_mu"]) == (2, "整治提升", Decimal(0))


def test_an_amendment_adds_removes_and_corrects(listed: County) -> None:
    made = amended(
        listed, add=[F[7], P[5]], remove=[F[1]], correct=[(F[5], "path", "整治提升"), (F[5], "deadline", "2024-06-30")]
    )
    assert (made.number, made.amends) == (2, 1)
    assert made.tables["changes"].select("change", "subject", "field", "before", "after").rows() == [
        ("add", F[7], None, None, None),
        ("add", P[5], None, None, None),
        ("remove", F[1], None, None, None),
        ("correct", F[5], "path", "关停退出", "整治提升"),
        ("correct", F[5], "deadline", "2023-09-01", "2024-06-30"),
    ]
    book = read_book(listed)
    firms = {r["credit_code"]: r for r in book.standing().firms.iter_rows(named=True)}
    assert set(firms) == {F[n] for n in (2, 3, 4, 5, 6, 7)}
    assert (firms[F[5]]["path"], firms[F[5]]["deadline"]) == ("整治提升", date(2024, 6, 30))
    # Firm 7 does well: it has no reason of the rules; its deadline counts from the amendment.
    assert (firms[F[7]]["reasons"], firms[F[7]]["deadline"]) == ([], date(2024, 4, 1))
    parcel = book.standing().parcels.filter(pl.col("parcel") == P[5]).row(0, named=True)
    assert (parcel["listed"], parcel["area_mu"]) == ([F[7]], 10)
    assert states(listed)["enterprise", F[1]] == "removed"
    assert states(listed)["enterprise", F[7]] == "listed"


def test_the_list_before_its_amendment_can_still_be_told(listed: County) -> None:
    amended(listed, remove=[F[1]], correct=[(F[5], "path", "整治提升")])
    before = read_book(listed).standing(date(2023, 3, 31)).firms
    assert before["credit_code"].to_list() == [F[n] for n in (1, 2, 3, 4, 6, 5)]
    assert before.filter(pl.col("credit_code") == F[5])["path"][0] == "关停退出"
    assert states(listed, date(2023, 3, 31))["enterprise", F[1]] == "listed"


def test_who_was_taken_out_can_be_added_again(listed: County) -> None:
    amended(listed, remove=[F[1]])
    amended(listed, add=[F[1]], issued_on=date(2023, 5, 1))
    assert F[1] in read_book(listed).standing().firms["credit_code"].to_list()
    assert states(listed)["enterprise", F[1]] == "listed"


def test_an_amendment_is_looked_at_before_it_is_kept(listed: County) -> None:
    would = amended(listed, remove=[F[1]], correct=[(F[5], "deadline", "2024-06-30")], dry_run=True)
    assert (would.number, would.amends) == (None, 1)
    assert would.tables["changes"]["change"].to_list() == ["remove", "correct"]
    assert len(read_book(listed).documents) == 1
    assert states(listed)["enterprise", F[1]] == "listed"
    kept = amended(listed, remove=[F[1]], correct=[(F[5], "deadline", "2024-06-30")])
    assert (kept.number, kept.digest) == (2, would.digest)


def test_an_amendment_takes_names(listed: County) -> None:
    made = amended(listed, add=["示例7厂"], remove=["示例1厂"], correct=[("示例5厂", "path", "整治提升")])
    assert made.tables["changes"]["subject"].to_list() == [F[7], F[1], F[5]]
    # Firm 8 is no firm of the list, and firm 9 none of the county.
    with pytest.raises(MujunError) as caught:
        amended(listed, add=["示例9厂"], remove=["示例8厂"])
    assert [p.code for p in caught.value.problems] == ["asked_nobody", "asked_nobody"]


def test_what_an_amendment_may_change(listed: County) -> None:
    known = amendable(listed)
    assert (known.number, known.paths) == (1, ("关停退出", "整治提升", "拆除重建", "功能转型"))
    assert set(known.subjects["subject"]) == {*(F[n] for n in range(1, 7)), *(P[n] for n in range(1, 5))}
    assert list(known.fields_of("parcel", accepted=False)) == ["path", "deadline", "department"]
    assert list(known.fields_of("parcel", accepted=True)) == ["path", "deadline", "department", "verified_land_mu"]
    assert list(known.fields_of("enterprise", accepted=True)) == list(CORRECTABLE)


@pytest.mark.parametrize("name", CORRECTABLE)
def test_what_is_corrected_is_called_as_the_list_calls_it(name: str) -> None:
    assert messages.text(messages.key(f"correctable_{name}")) == CORRECTABLE[name]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "amend_nothing"),
    ({"add": ["91330683MA9999999X"]}, "event_firm_unknown"),
    ({"add": [F[1]]}, "already_on_list"),
    ({"remove": [F[8]]}, "not_on_list"),
    ({"correct": [(F[1], "pfad", "x")]}, "correct_unknown_field"),
    ({"correct": [(F[1], "deadline", "2024年底")]}, "correct_bad_value"),
    ({"correct": [(F[1], "完成时限", "2024年底")]}, "correct_bad_value"),
    ({"correct": [(P[1], "企业名称", "甲")]}, "correct_unknown_field"),
    ({"correct": [(F[1], "path", "随便拆")]}, "event_unknown_path"),
    ({"correct": [(F[1], "整治方式", "")]}, "event_unknown_path"),
    ({"correct": [(F[1], "expected_land_mu", "-1")]}, "correct_bad_value"),
    ({"correct": [(P[1], "expected_land_mu", "1")]}, "correct_unknown_field"),
    ({"remove": [F[1]], "issued_on": date(2023, 2, 1)}, "amend_before_list"),
    ({"remove": [F[1]], "number": 7}, "list_unknown"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED)
def test_amendments_that_cannot_be(listed: County, given: dict[str, Any], code: str) -> None:
    with pytest.raises(MujunError) as caught:
        amended(listed, **given)
    assert [p.code for p in caught.value.problems] == [code]
    assert len(read_book(listed).documents) == 1, "nothing is kept of it"


def test_all_mistakes_of_an_amendment_are_told_at_once(listed: County) -> None:
    with pytest.raises(MujunError) as caught:
        amended(listed, add=["X", F[2]], remove=[F[8]])
    assert [p.code for p in caught.value.problems] == ["event_firm_unknown", "already_on_list", "not_on_list"]


def test_amending_before_any_list_is_refused(small: County) -> None:
    with pytest.raises(MujunError) as caught:
        amended(small, remove=[F[1]])
    assert [p.code for p in caught.value.problems] == ["list_none"]


def test_a_list_by_other_rules_than_the_rating_s(small: County, tmp_path: Path) -> None:
    text = 'mujun: 1\nkind: rectification\nname: 别的\nlisting:\n  - {id: big, when: "land_mu >= 20", reason: 大}\n'
    folder = tmp_path / "others"
    rules_at(folder)
    (folder / "rectification.yaml").write_text(text, encoding="utf-8")
    listed = issued(small, rules=folder)
    assert listed.tables["firms"]["credit_code"].to_list() == [F[5]]
    # The rules are kept with the list: they may change or go.
    for file in folder.iterdir():
        file.unlink()
    assert amended(small, add=[F[8]]).tables["firms"]["reason_text"].to_list() == [""]


def test_a_list_that_was_tampered_with_is_told(listed: County) -> None:
    with Store.open(listed.path, write=True) as store:
        store._connection.execute("UPDATE list_document SET issued_on = DATE '2023-01-01'")
    assert [s.whole for s in summaries(read_book(listed))] == [False]


def test_the_state_of_one_subject_is_a_fold_over_its_events(listed: County) -> None:
    events = read_book(listed).by_subject["enterprise", F[1]]
    assert [e.action for e in events] == ["screen", "verify", "list"]
    assert state_at(events) == "listed"
