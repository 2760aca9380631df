"""The same event of several at once, what may happen next, and files of evidence beside the store."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mujun.errors import InputError, UsageError
from mujun.workspace import County
from mujun.workspace.problems.evidence import evidence_folder
from tests.workspace.small_county import F, P, county


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of 1 March 2023: the firms 1 to 6 are below 6 万元 a mu or so; 7 and 8 pay 30 and 40."""
    own = county(tmp_path_factory.mktemp("together"))
    own.rectify.issue(title="清单", document="1号", issued_on=date(2023, 3, 1))
    return own.path


@pytest.fixture
def own(issued: Path, tmp_path: Path) -> County:
    return County(shutil.copy(issued, tmp_path / "small.duckdb"))


def states(own: County) -> dict[str, str]:
    return dict(own.monitor.status(date.today()).tracked.select("subject", "state").iter_rows())


def listed(own: County) -> list[str]:
    return sorted(code for code in states(own) if code in F.values())


def test_all_that_can_and_the_others_with_their_reasons(own: County) -> None:
    on_list = listed(own)
    first, *rest = on_list
    own.rectify.record(first, "plan", on=date(2023, 4, 1))
    before = own.data.changes().height
    asked = [*on_list, F[7], "91330683MA9999999X", on_list[1]]
    tried = own.rectify.record_together(asked, "plan", on=date(2023, 4, 2), document="计划1号", dry_run=True)
    assert own.data.changes().height == before
    made = own.rectify.record_together(asked, "plan", on=date(2023, 4, 2), document="计划1号")
    assert [r.event for r in tried.recorded] == [r.event for r in made.recorded]
    assert [r.event.subject for r in made.recorded] == rest
    assert {r.state for r in made.recorded} == {"planned"}
    assert {code: why[0].code for code, why in made.refused.items()} == {
        first: "event_not_allowed", F[7]: "event_not_allowed", "91330683MA9999999X": "event_firm_unknown",
    }  # fmt: skip
    assert {s for c, s in states(own).items() if c in on_list} == {"planned"}
    again = own.rectify.record_together(rest, "plan", on=date(2023, 4, 2), document="计划1号")
    assert again.recorded == ()
    assert {why[0].code for why in again.refused.values()} == {"event_already"}


def test_what_is_each_ones_own_is_refused_with_the_reason(own: County) -> None:
    """Acceptance wants the energy freed of every firm: several at once cannot say it."""
    code = listed(own)[0]
    for action in ("plan", "start", "report"):
        own.rectify.record_together([code], action, on=date(2023, 4, 1))
    made = own.rectify.record_together([code], "accept", on=date(2023, 5, 1), evidence=["镇街核查表", "设备拆除凭证"])
    assert made.recorded == ()
    assert "event_energy_needed" in {p.code for p in made.refused[code]}
    with pytest.raises(UsageError, match="至少写一家"):
        own.rectify.record_together([], "plan")


def test_only_what_is_allowed_next_with_what_it_asks_for(own: County) -> None:
    code = listed(own)[0]
    following = own.rectify.next_of(code)
    assert following.state == "listed"
    assert following.actions == {"plan": ("path", "way", "deadline", "department")}
    assert following.wanted("plan") == ()
    for action in ("plan", "start"):
        own.rectify.record(code, action, on=date(2023, 4, 1))
    own.rectify.record(code, "report", on=date(2023, 4, 2), evidence=["镇街核查表"])
    after = own.rectify.next_of(code)
    assert list(after.actions) == ["return", "accept"]
    # Its land is counted with its parcel.
    assert after.actions["accept"] == ("energy_tce", "waiver")
    assert "镇街核查表" in after.wanted("accept")
    assert after.shown == ("镇街核查表",)
    assert own.rectify.next_of(P[1]).kind == "parcel"
    nothing_yet = own.rectify.next_of(F[7])
    assert (nothing_yet.state, dict(nothing_yet.actions)) == (None, {})


def test_files_are_kept_beside_the_store_once_and_found_again(own: County, tmp_path: Path) -> None:
    photo = tmp_path / "现场 照片.jpg"
    photo.write_bytes(b"\xff\xd8\xffpicture")
    several = listed(own)[:2]
    made = own.rectify.record_together(several, "plan", on=date(2023, 4, 1), files=[photo])
    (name,) = {n for r in made.recorded for n in own.problems.kept_files(r.event.evidence)}
    assert name.endswith("_现场 照片.jpg")
    assert [f.name for f in evidence_folder(own).iterdir()] == [name]
    copied = own.problems.copy_evidence(name, tmp_path / "copy.jpg")
    assert copied.read_bytes() == photo.read_bytes()
    (entry,) = [e for e in own.rectify.history(several[0]).entries if e.event.action == "plan"]
    assert entry.event.evidence == (name,)
    for wrong in ("../small.duckdb", "0123456789ab_x.jpg", "small.duckdb", f"../small.evidence/{name}", ""):
        with pytest.raises(UsageError, match="佐证文件"):
            own.problems.copy_evidence(wrong, tmp_path / "other")


def test_nothing_is_kept_of_an_event_that_cannot_be(own: County, tmp_path: Path) -> None:
    photo = tmp_path / "照片.jpg"
    photo.write_bytes(b"\xff\xd8\xffpicture")
    code = listed(own)[0]
    with pytest.raises(UsageError):
        own.rectify.record(code, "accept", on=date(2023, 4, 1), energy_tce=Decimal(0), files=[photo])
    assert own.rectify.record_together([code], "close", on=date(2023, 4, 1), files=[photo]).recorded == ()
    assert not evidence_folder(own).exists()
    with pytest.raises(InputError):
        own.rectify.record(code, "plan", on=date(2023, 4, 1), files=[tmp_path / "none.jpg"])
    assert states(own)[code] == "listed"
