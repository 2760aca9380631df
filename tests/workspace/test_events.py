"""Events: what may be recorded, from the command line and from sheets, and what was known when."""

from __future__ import annotations

import itertools
import random
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from mujun.errors import MujunError, UsageError
from mujun.messages import Firm
from mujun.rectification.states import Event, State
from mujun.reports.rectification.progress_sheet import AGAIN, KEYS, filled_headers
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.book import event_rows, read_book, steps_of
from mujun.workspace.rectification.amending import amend
from mujun.workspace.rectification.candidates import screen_candidates
from mujun.workspace.rectification.events import Recording, load_events, record, revoke, tracked
from mujun.workspace.rectification.handed_out import hand_out
from mujun.workspace.rectification.lists import issue, summaries
from mujun.workspace.rectification.looking_back import course
from mujun.workspace.rectification.monitoring import status
from mujun.workspace.rectification.papers import progress_sheet, recheck_sheet
from mujun.workspace.rectification.rechecking import recheck
from tests.workspace.small_county import F, P, code, files_at, rules_at

HEAD = (
    "统一社会信用代码,地块编号,动作,日期,经办,佐证材料,免交理由,改定整治方式,改定完成时限,"
    "核实腾出用地（亩）,核实腾出用能（吨标煤）"
)


@pytest.fixture(scope="module")
def issued(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = County(shutil.copy(made_small_county, tmp_path_factory.mktemp("issued") / "small.duckdb"))
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1), recorded_at=datetime(2023, 3, 1, 8))
    return own.path


@pytest.fixture
def listed(issued: Path, tmp_path: Path) -> County:
    """The small county with its list of 1 March 2023."""
    return County(shutil.copy(issued, tmp_path / "small.duckdb"))


def told(code: str, action: str, day: str, **more: Any) -> Event:
    return Event(code, action, date.fromisoformat(day), **more)  # type: ignore[arg-type]


def state(own: County, code: str, day: date | None = None) -> State | None:
    steps = read_book(own).steps(day)
    return next((s[-1].after for (_, c), s in steps.items() if c == code), None)


def sheet(folder: Path, name: str, *lines: str) -> Path:
    file = folder / f"{name}.csv"
    file.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return file


def walk(own: County, subject: str, *events: tuple[str, str], **more: Any) -> None:
    """Events put straight into the book, as the beginning of a story."""
    kind = "parcel" if "GB" in subject else "enterprise"
    several = [told(subject, a, day, kind=kind, **(more if a == "accept" else {})) for a, day in events]
    with Store.open(own.path, write=True) as store:
        store.add_events(event_rows(several), who="t")


def test_one_event_leads_on(listed: County) -> None:
    number, after = record(listed, told(F[1], "plan", "2023-04-01", path="功能转型", deadline=date(2024, 1, 31)))
    assert (number, after) == (31, "planned"), "thirty events came with the list"
    row = tracked(read_book(listed)).filter(pl.col("subject") == F[1]).row(0, named=True)
    assert (row["path"], row["deadline"], row["department"]) == ("功能转型", date(2024, 1, 31), "三江街道办事处")


DONE = (("plan", "2023-04-01"), ("start", "2023-04-02"), ("report", "2023-06-01"))
SEEN = {"evidence": ("镇街核查表",)}
REFUSED: list[tuple[Event, str]] = [
    (told(F[1], "start", "2023-04-01"), "event_not_allowed"),
    (told(F[1], "plan", "2023-02-01"), "event_not_allowed"),
    (told(F[1], "plan", "2200-01-01"), "event_in_future"),
    (told(F[1], "remove", "2023-04-01"), "event_by_document"),
    (told(F[1], "plan", "2023-04-01", path="拆除"), "event_unknown_path"),
    (told(F[1], "plan", "2023-04-01", deadline=date(2023, 3, 31)), "event_deadline_past"),
    (told(F[1], "plan", "2023-04-01", energy_tce=Decimal(1)), "event_effects_only_accepted"),
    (told(F[1], "plan", "2023-04-01", waiver="略"), "event_waiver_only_accepted"),
    (told("91330683MA9999999X", "screen", "2023-04-01"), "event_firm_unknown"),
    (told("P", "screen", "2023-04-01", kind="parcel"), "event_parcel_unknown"),
    (told(F[1], "list", "2023-03-01", document="1号"), "event_already"),
    (told(F[7], "list", "2023-04-01"), "event_by_document"),
    (told(F[2], "accept", "2023-06-02", energy_tce=Decimal(0)), "event_evidence_lacking"),
    (told(F[2], "accept", "2023-06-02", **SEEN, energy_tce=Decimal(0), land_mu=Decimal(4)), "event_land_by_parcel"),
    (told(F[2], "accept", "2023-06-02", **SEEN, energy_tce=Decimal("100.000001")), "event_energy_too_much"),
    (told(F[2], "accept", "2023-06-02", **SEEN, energy_tce=Decimal(-1)), "event_negative"),
    (told(F[2], "accept", "2023-06-02", **SEEN), "event_energy_needed"),
    (told(P[2], "accept", "2023-06-02", **SEEN, kind="parcel"), "event_land_needed"),
    # Firms 3 and 4 on the parcel have not begun; on none of its firms' paths is land freed.
    (told(P[2], "accept", "2023-06-02", **SEEN, kind="parcel", land_mu=Decimal(0)), "event_firms_not_begun"),
    (told(P[2], "accept", "2023-06-02", **SEEN, kind="parcel", land_mu=Decimal("15.1")), "event_land_too_much"),
    (
        told(P[2], "accept", "2023-06-02", **SEEN, kind="parcel", land_mu=Decimal(15), energy_tce=Decimal(1)),
        "event_energy_by_firm",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def far_on(issued: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """Listed, with firm 2 and parcel 2 reported done; only read from."""
    own = County(shutil.copy(issued, tmp_path_factory.mktemp("far") / "far.duckdb"))
    walk(own, F[2], *DONE)
    walk(own, P[2], *DONE)
    return own


@pytest.mark.parametrize(("event", "code"), REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_what_cannot_be_recorded_is_refused_in_one_sentence(far_on: County, event: Event, code: str) -> None:
    before = read_book(far_on).records.height
    with pytest.raises(UsageError) as caught:
        record(far_on, event)
    assert [p.code for p in caught.value.problems] == [code]
    assert "\n" not in str(caught.value)
    assert read_book(far_on).records.height == before


def test_acceptance_wants_the_evidence_of_the_path_or_a_waiver(listed: County) -> None:
    walk(listed, F[5], *DONE)
    with pytest.raises(UsageError) as caught:
        record(listed, told(F[5], "accept", "2023-07-01", evidence=("镇街核查表",), energy_tce=Decimal(0)))
    # Firm 5 is to close: what was dismantled has to be shown too.
    assert caught.value.problems[0].values["kinds"] == ["设备拆除凭证"]
    assert (
        record(listed, told(F[5], "accept", "2023-07-01", waiver="设备已由法院处置", energy_tce=Decimal(450)))[1]
        == "accepted"
    )


def test_evidence_sent_with_the_report_counts(listed: County) -> None:
    walk(listed, F[1], *DONE[:2])
    record(listed, told(F[1], "report", "2023-06-01", evidence=("镇街核查表",)))
    assert record(listed, told(F[1], "accept", "2023-07-01", energy_tce=Decimal(0)))[1] == "accepted"


def test_a_parcel_whose_firms_free_nothing_is_asked_back(listed: County) -> None:
    walk(listed, F[1], ("plan", "2023-04-01"), ("start", "2023-04-02"))
    walk(listed, P[1], *DONE)
    accept = told(P[1], "accept", "2023-07-01", **SEEN, kind="parcel", land_mu=Decimal(10))
    with pytest.raises(UsageError) as caught:
        record(listed, accept)
    # Firm 1 is to be improved where it stands: by the rules that frees none of its land.
    assert [p.code for p in caught.value.problems] == ["event_frees_nothing"]
    assert (
        record(listed, told(P[1], "accept", "2023-07-01", **SEEN, kind="parcel", land_mu=Decimal(0)))[1] == "accepted"
    )


def test_a_watch_is_not_closed_before_it_ends(listed: County) -> None:
    walk(listed, F[1], *DONE, ("accept", "2023-07-01"), ("strike_off", "2023-07-31"), ("watch", "2023-07-31"), **SEEN)
    with pytest.raises(UsageError) as caught:
        record(listed, told(F[1], "close", "2024-07-30"))
    assert caught.value.problems[0].code == "event_watch_not_over"
    assert record(listed, told(F[1], "close", "2024-07-31"))[1] == "closed"


def test_an_event_dated_back_that_makes_later_ones_impossible(listed: County) -> None:
    walk(listed, F[1], ("plan", "2023-04-01"))
    with pytest.raises(UsageError) as caught:
        record(listed, told(F[1], "plan", "2023-03-20"))
    assert caught.value.problems[0].code == "event_before_another"


# ------------------------------------------------------------------------------------------------------------ by sheet

STORY = (
    f"{F[1]},,确定方案,2023-04-01,,,,功能转型,,,",
    f"{F[1]},,开始整治,2023-05-01,,,,,,,",
    f"{F[1]},,申报完成,2023-06-01,,,,,,,",
    f"{F[1]},,退回,2023-06-10,,,,,,,",
    f"{F[1]},,申报完成,2023-07-01,,,,,,,",
    f"{F[1]},,验收通过,2023-07-10,,镇街核查表,,,,,120.5",
    f",{P[2]},plan,2023.4.1,,,,拆除重建,,,",
    f",{P[2]},start,2023年4月2日,,,,,,,",
)


def test_rows_that_cannot_be_are_told_with_their_place_and_the_others_count(listed: County, tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        "进度",
        f"{F[1]},,确定方案,2023-04-01,,,,,,,",
        f"{F[2]},,验收通过,2023-04-01,,,,,,,",
        f"{F[3]},,确定,2023-04-01,,,,,,,",
        f"{F[4]},,确定方案,四月,,,,,,,",
        f"{F[5]},,,2023-04-01,,,,,,,",
        f"{F[6]},,,,,,,,,,",
        "91330683MA00000070,,确定方案,2023-04-01,,,,,,,",
        f",{P[1]},确定方案,,,,,,,,",
    )
    done = load_events(listed, [file])
    assert [(e.subject, e.action) for _, e in done.recorded] == [(F[1], "plan")]
    assert (done.already, done.blank, done.rows_refused) == (0, 1, 6)
    assert [(p.place.row, p.code) for p in done.refused] == [
        (3, "event_not_allowed"),
        (4, "events_unknown_action"),
        (5, "events_bad_date"),
        (6, "events_no_action"),
        (8, "event_firm_unknown"),
        (9, "events_no_date"),
    ]
    assert str(done.refused[0]).startswith("进度.csv")


def test_files_in_any_order_and_rows_in_any_order_give_the_same_state(issued: Path, tmp_path: Path) -> None:
    outcomes = set()
    for seed, order in enumerate(itertools.islice(itertools.permutations(range(3)), 0, None, 2)):
        own = County(shutil.copy(issued, tmp_path / f"{seed}.duckdb"))
        rows = list(STORY)
        random.Random(seed).shuffle(rows)
        files = [sheet(tmp_path, f"{seed}_{n}", *rows[n::3]) for n in order]
        done = load_events(own, files)
        assert (len(done.recorded), done.refused) == (8, ())
        kept = tracked(read_book(own)).sort("subject")
        outcomes.add(str(kept.to_dicts()))
    assert len(outcomes) == 1
    row = kept.filter(pl.col("subject") == F[1]).row(0, named=True)
    assert (row["state"], row["path"], row["verified_energy_tce"]) == ("accepted", "功能转型", Decimal("120.5"))


def test_the_same_file_twice_records_nothing_twice(listed: County, tmp_path: Path) -> None:
    file = sheet(tmp_path, "进度", *STORY)
    assert len(load_events(listed, [file]).recorded) == 8
    before = read_book(listed).records
    again = load_events(listed, [file, sheet(tmp_path, "同样内容", *reversed(STORY))])
    assert (again.recorded, again.already, again.refused) == ((), 16, ())
    assert read_book(listed).records.equals(before)


def test_checking_only_records_nothing(listed: County, tmp_path: Path) -> None:
    before = read_book(listed).records.height
    assert len(load_events(listed, [sheet(tmp_path, "进度", *STORY)], dry_run=True).recorded) == 8
    assert read_book(listed).records.height == before


def filled(own: County, path: Path, cells: dict[str, dict[str, Any]], township: str | None = None) -> Path:
    """A progress sheet as mujun writes it, with some cells filled in by hand."""
    hand_out(own, path, progress_sheet(own, township))
    book = openpyxl.load_workbook(path)
    for page in book:
        head = {c.value: c.column for c in page[3]}
        for row in page.iter_rows(min_row=4):
            for cell in row[:2]:
                for header, value in cells.get(str(cell.value), {}).items():
                    if header in head:
                        page.cell(cell.row, head[header]).value = value
    book.save(path)
    return path


def test_a_sheet_goes_out_is_filled_in_and_comes_back(listed: County, tmp_path: Path) -> None:
    cells: dict[str, dict[str, Any]] = {
        F[1]: {"动作": "确定方案", "日期": date(2023, 4, 1), "改定完成时限": date(2023, 12, 31)},
        P[2]: {"动作": "确定方案", "日期": "2023-04-02"},
    }
    file = filled(listed, tmp_path / "三江.xlsx", cells, "三江街道")
    page = openpyxl.load_workbook(file)["企业进度"]
    assert [page.cell(r, 2).value for r in range(4, 9)] == [*(F[n] for n in (1, 2, 3, 4)), None]
    lists = {str(v.formula1) for v in page.data_validations.dataValidation}
    assert '"确定方案"' in lists, "a listed firm can only be planned"
    done = load_events(listed, [file])
    assert ([e.action for _, e in done.recorded], done.refused, done.blank) == (["plan", "plan"], (), 4)
    assert tracked(read_book(listed)).filter(pl.col("subject") == F[1])["deadline"][0] == date(2023, 12, 31)


@pytest.mark.parametrize("name", ["企业进度", "地块进度"])
def test_each_locked_cell_that_was_changed_is_refused_by_its_cell(listed: County, tmp_path: Path, name: str) -> None:
    file = hand_out(listed, tmp_path / "进度.xlsx", progress_sheet(listed))
    book = openpyxl.load_workbook(file)
    page = book[name]
    assert page.protection.sheet
    head = {c.value: c.column_letter for c in page[3]}
    locked = [h for h, letter in head.items() if page[f"{letter}4"].protection.locked]
    assert set(head) - set(locked) == set(filled_headers())
    key = KEYS[name]
    page[f"{head['动作']}4"], page[f"{head['日期']}4"] = "确定方案", "2023-04-01"
    page[f"{head['动作']}5"], page[f"{head['日期']}5"] = "确定方案", "2023-04-01"
    for header in locked:
        if header != key:
            page[f"{head[header]}4"] = "改过"
    page[f"{head[key]}6"] = page[f"{head[key]}5"].value  # another's code over its own
    book.save(file)
    done = load_events(listed, [file])
    assert (len(done.recorded), done.rows_refused) == (1, 2), "the row that nobody touched counts"
    said = [str(p) for p in done.refused]
    for header in set(locked) - {key}:
        assert sum(f"{head[header]}4 的“{header}”被改为“改过”" in s for s in said) == 1, header
    # A code that was changed shows in the other cells of its row: they are still those of the firm it was made for.
    other = AGAIN[name][1]
    assert any(f"{head[other]}6 的“{other}”" in s for s in said)
    assert all(p.place.row in (4, 6) for p in done.refused)


def test_a_code_of_nobody_on_the_sheet_is_refused(listed: County, tmp_path: Path) -> None:
    file = filled(listed, tmp_path / "a.xlsx", {F[1]: {"动作": "确定方案", "日期": "2023-04-01"}})
    book = openpyxl.load_workbook(file)
    book["企业进度"]["B4"] = F[7]
    book.save(file)
    done = load_events(listed, [file])
    assert not done.recorded
    assert f"B4 的“{F[7]}”" in str(done.refused[0])


def test_a_further_row_repeats_code_and_name(listed: County, tmp_path: Path) -> None:
    file = filled(listed, tmp_path / "a.xlsx", {F[1]: {"动作": "确定方案", "日期": "2023-04-01"}})
    book = openpyxl.load_workbook(file)
    page = book["企业进度"]
    head = {c.value: c.column for c in page[3]}
    rows = ((F[1], "示例1厂", "开始整治"), (F[2], "示例1厂", "确定方案"), (F[3], None, "确定方案"))
    last = max(r for r in range(4, page.max_row + 1) if page.cell(r, 2).value)
    for at, (code_, name, action) in enumerate(rows, start=last + 1):
        assert not page.cell(at, 2).protection.locked
        for header, value in (
            ("统一社会信用代码", code_),
            ("企业名称", name),
            ("动作", action),
            ("日期", "2023-05-01"),
        ):
            page.cell(at, head[header]).value = value
    book.save(file)
    done = load_events(listed, [file])
    assert [(e.subject, e.action) for _, e in done.recorded] == [(F[1], "plan"), (F[1], "start")]
    assert [p.place.row for p in done.refused] == [last + 2, last + 3], "one digit wrong does not hit another firm"


@pytest.mark.parametrize(("mark", "code"), [("", "events_no_mark"), ("编号：MP1-00000000", "returned_foreign")])
def test_a_sheet_without_its_number_is_refused(listed: County, tmp_path: Path, mark: str, code: str) -> None:
    file = filled(listed, tmp_path / "a.xlsx", {F[1]: {"动作": "确定方案", "日期": "2023-04-01"}})
    book = openpyxl.load_workbook(file)
    for page in book:
        page["A2"] = mark
    book.save(file)
    assert [p.code for p in load_events(listed, [file]).files_refused] == [code]


def test_a_changed_header_stops_the_sheet_by_its_cell(listed: County, tmp_path: Path) -> None:
    file = filled(listed, tmp_path / "a.xlsx", {F[1]: {"动作": "确定方案", "日期": "2023-04-01"}})
    book = openpyxl.load_workbook(file)
    book["企业进度"]["A3"] = "名字"
    book.save(file)
    (wrong,) = load_events(listed, [file]).files_refused
    assert (wrong.code, wrong.values["cell"]) == ("returned_header", "A3")


def test_a_sheet_of_an_earlier_list_is_refused(listed: County, tmp_path: Path) -> None:
    file = filled(listed, tmp_path / "a.xlsx", {F[1]: {"动作": "确定方案", "日期": "2024-10-01"}})
    struck = (("accept", "2023-07-01"), ("strike_off", "2023-07-31"), ("watch", "2023-07-31"), ("close", "2024-08-01"))
    walk(listed, F[1], *DONE, *struck, **SEEN)
    issue(listed, title="清单", document="2号", issued_on=date(2024, 9, 1))
    (wrong,) = load_events(listed, [file]).refused
    assert (wrong.code, wrong.values["then"], wrong.values["now"]) == ("event_of_earlier_list", 1, 2)


def test_in_a_table_of_ones_own_code_and_name_belong_together(listed: County, tmp_path: Path) -> None:
    file = tmp_path / "自制.csv"
    lines = (
        "统一社会信用代码,企业名称,动作,日期",
        f"{F[1]},示例2厂,确定方案,2023-04-01",
        f"{F[2]},示例２厂,确定方案,2023-04-01",
    )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = load_events(listed, [file])
    assert ([e.subject for _, e in done.recorded], [p.code for p in done.refused]) == ([F[2]], ["event_name_differs"])


def test_an_unknown_township_is_refused_with_the_nearest(listed: County) -> None:
    with pytest.raises(UsageError) as caught:
        progress_sheet(listed, "三江")
    assert "是否为“三江街道”？" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        progress_sheet(listed, "火星镇")
    # None is near: none is named.
    assert "是否为" not in str(caught.value)


@pytest.mark.parametrize("content", ["甲,乙\n1,2\n", "企业名称,动作\n甲,确定方案\n"])
def test_a_file_that_is_no_progress_sheet(listed: County, tmp_path: Path, content: str) -> None:
    file = tmp_path / "别的.csv"
    file.write_text(content, encoding="utf-8")
    done: Recording = load_events(listed, [file, tmp_path / "没有.xlsx", sheet(tmp_path, "进度", STORY[0])])
    assert [p.code for p in done.files_refused] == ["events_no_header", "file_not_found"]
    assert len(done.recorded) == 1, "the other files count"


def test_what_was_done_counts_by_the_path_by_which_it_was_done(listed: County) -> None:
    walk(listed, F[1], *DONE, ("accept", "2023-07-01"), ("strike_off", "2023-07-31"), **SEEN)
    record(listed, told(F[1], "watch", "2024-02-01", path="关停退出"))
    row = tracked(read_book(listed)).filter(pl.col("subject") == F[1]).row(0, named=True)
    assert (row["path"], row["accepted_path"]) == ("关停退出", "整治提升")
    groups = status(listed, date(2024, 3, 1)).groups["path"].select("group", "done").rows()
    assert [g for g in groups if g[1]] == [("整治提升", 1)]


def test_listed_again_after_the_round_was_closed_the_old_path_still_counts(listed: County, tmp_path: Path) -> None:
    struck = (("accept", "2023-07-01"), ("strike_off", "2023-07-31"), ("watch", "2023-07-31"), ("close", "2024-08-01"))
    walk(listed, F[1], *DONE, *struck, **SEEN)
    # Its next round is to close it: 0.5 万元 per mu.
    listed.data.load(files_at(tmp_path / "2023", 2023, taxes={1: 5}))
    listed.runs.rate(rules_at(tmp_path / "rules"), 2023)
    issue(listed, title="清单", document="2号", issued_on=date(2024, 9, 1))
    row = tracked(read_book(listed)).filter(pl.col("subject") == F[1]).row(0, named=True)
    assert (row["state"], row["path"], row["accepted_path"]) == ("listed", "关停退出", "整治提升")


# ------------------------------------------------------------------------------------------------- taking back, knowing


def test_an_event_recorded_by_mistake_is_taken_back_and_stays_in_the_book(listed: County, tmp_path: Path) -> None:
    file = sheet(tmp_path, "进度", STORY[0], STORY[1])
    first, second = (n for n, _ in load_events(listed, [file]).recorded)
    with pytest.raises(MujunError) as caught:
        revoke(listed, first, reason="登错")
    assert caught.value.problems[0].code == "event_others_rest_on_it"
    revoke(listed, second, reason="登错", document="2号")
    assert state(listed, F[1]) == "planned"
    entries = course(read_book(listed), "enterprise", F[1])
    assert [(e.number, e.state, e.revoked_by) for e in entries[-2:]] == [(first, "planned", None), (second, None, 33)]
    # The file that it came from does not bring it back; a person may record it anew.
    assert load_events(listed, [file]).already == 2
    assert record(listed, told(F[1], "start", "2023-05-01"))[1] == "in_progress"


@pytest.mark.parametrize(("number", "code"), [(1, "event_of_document"), (99, "event_unknown_number")])
def test_what_cannot_be_taken_back(listed: County, number: int, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        revoke(listed, number, reason="登错")
    assert [p.code for p in caught.value.problems] == [code]


def test_an_impossible_history_is_set_aside_and_the_others_read(listed: County) -> None:
    with Store.open(listed.path, write=True) as store:
        store.add_events(event_rows([told(F[1], "accept", "2023-04-01")]), who="t")
    record(listed, told(F[2], "plan", "2023-04-01"))
    found = status(listed, date(2023, 5, 1))
    assert found.totals.firms == 5
    assert [(p.code, p.values["code"]) for p in found.set_aside] == [("history_impossible", Firm(F[1]))]
    entries = course(read_book(listed), "enterprise", F[1])
    assert (entries[-1].event.action, entries[-1].state) == ("accept", None)
    revoke_it = read_book(listed).records.filter(pl.col("action") == "accept")["number"][0]
    revoke(listed, revoke_it, reason="登错")
    assert status(listed, date(2023, 5, 1)).set_aside == ()


def test_an_acceptance_s_figures_are_corrected_without_revoking(listed: County) -> None:
    walk(listed, F[1], *DONE, ("accept", "2023-07-01"), ("strike_off", "2023-07-31"), **SEEN, energy_tce=Decimal(100))
    given: dict[str, Any] = {"reason": "复核", "document": "9号", "issued_on": date(2023, 9, 1)}
    with pytest.raises(UsageError) as caught:
        amend(listed, correct=[(F[2], "核实腾出用能", "1"), (F[1], "verified_energy_tce", "360.1")], **given)
    # The most energy that firm 1 used in a year is 360 tce.
    assert [p.code for p in caught.value.problems] == ["correct_not_accepted", "correct_too_much"]
    amend(listed, correct=[(F[1], "核实腾出用能", "80.5")], **given)
    energy = {day: status(listed, day).totals.verified_energy_tce for day in (date(2023, 8, 31), date(2023, 9, 1))}
    assert list(energy.values()) == [Decimal(100), Decimal("80.5")]
    assert state(listed, F[1]) == "off_list"


def test_what_was_known_on_a_day_can_be_told_after_more_became_known(listed: County) -> None:
    record(listed, told(F[1], "plan", "2023-04-01"), recorded_at=datetime(2023, 4, 3))
    # The event is dated back; on 10 April nobody knew of it.
    record(listed, told(F[1], "start", "2023-04-05"), recorded_at=datetime(2023, 5, 1))
    on = date(2023, 4, 10)
    assert state(listed, F[1], on) == "in_progress"
    known = read_book(listed, known_on=on)
    assert known.steps(on)["enterprise", F[1]][-1].after == "planned"


@pytest.mark.parametrize(("hour", "known"), [(15, True), (16, False)])
def test_a_day_ends_at_midnight_in_china(listed: County, hour: int, known: bool) -> None:
    record(
        listed,
        told(F[1], "plan", "2023-04-01"),
        recorded_at=datetime(2023, 4, 3, hour, 30),
    )
    steps = read_book(listed, known_on=date(2023, 4, 3)).steps()
    assert (steps["enterprise", F[1]][-1].after == "planned") is known


def test_one_subject_has_the_steps_that_the_book_of_all_has_of_it(listed: County) -> None:
    record(listed, told(F[1], "plan", "2023-04-01"))
    number, _ = record(listed, told(F[2], "plan", "2023-04-01"))
    revoke(listed, number, reason="登错")
    every = read_book(listed).steps()
    listed_only = len(every["enterprise", F[2]])
    assert len(every["enterprise", F[1]]) == listed_only + 1
    for (kind, subject), steps in every.items():
        assert steps_of(listed, kind, subject) == steps
    assert steps_of(listed, "enterprise", "nobody") == ()


# ------------------------------------------------------------------------------------------------------------- rechecks


def test_newer_data_propose_acceptance_with_the_margin_and_relapse_without(listed: County, tmp_path: Path) -> None:
    struck = (*DONE, ("accept", "2023-07-01"), ("strike_off", "2023-07-31"))
    walk(listed, F[1], *struck, **SEEN)
    walk(listed, F[4], *struck, **SEEN)
    # 2023, in 万元 per mu: firm 1 5.9, firm 2 7, firm 3 6.8, firm 4 6, firm 5 0.5, firm 6 has gone.
    taxes = {1: 59, 2: 28, 3: 34, 4: 36}
    files = files_at(tmp_path / "2023", 2023, taxes=taxes)
    for file in files:
        kept = [line for line in file.read_text(encoding="utf-8").splitlines() if F[6] not in line]
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    listed.data.load(files)
    with pytest.raises(UsageError) as caught:
        recheck(listed, 1)
    assert caught.value.problems[0].code == "recheck_not_newer"
    listed.runs.rate(rules_at(tmp_path / "rules"), 2023)
    found = recheck(listed)
    said = dict(found.proposals.select("credit_code", "proposal").iter_rows())
    assert said == {F[1]: "relapse", F[2]: "accept", F[3]: "keep", F[4]: "keep", F[5]: "evidence", F[6]: "gone"}
    assert "亩均税收 5.9万元/亩" in found.proposals.filter(pl.col("credit_code") == F[1])["values"][0]
    # Nothing was recorded; the sheet of the proposals is filled in and loaded like any other.
    assert state(listed, F[1]) == "off_list"
    path = hand_out(listed, tmp_path / "复核.xlsx", recheck_sheet(listed, found))
    page = openpyxl.load_workbook(path)["企业进度"]
    assert [page.cell(r, 2).value for r in range(4, 9)] == [F[1], F[2], F[6], F[5], None]
    head = {c.value: c.column for c in page[3]}
    assert "回潮" in page.cell(4, head["建议和依据"]).value
    page.cell(4, head["动作"]).value = "认定回潮"
    page.cell(4, head["日期"]).value = "2024-03-01"
    page.parent.save(path)
    done = load_events(listed, [path])
    assert ([e.action for _, e in done.recorded], done.refused) == (["relapse"], ())
    assert state(listed, F[1]) == "relapsed"
    assert tracked(read_book(listed)).filter(pl.col("subject") == F[1])["accepted_on"][0] is None


def test_a_firm_that_was_taken_over_is_named_with_its_successor(listed: County, tmp_path: Path) -> None:
    files = files_at(tmp_path / "2023", 2023, taxes={1: 50})
    for file in files:
        kept = [line for line in file.read_text(encoding="utf-8").splitlines() if F[6] not in line]
        file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    file = tmp_path / "合并.csv"
    file.write_text(
        f"原信用代码,原企业名称,变更日期,现信用代码,现企业名称,变更类型\n{F[6]},示例6厂,2023-05-01,{F[1]},示例1厂,合并\n",
        encoding="utf-8",
    )
    listed.data.load([*files, file])
    listed.runs.rate(rules_at(tmp_path / "rules"), 2023)
    found = recheck(listed)
    row = found.proposals.filter(pl.col("credit_code") == F[6]).row(0, named=True)
    # Firm 1 pays 50 on its 10 mu; nothing of firm 6 is reported any more.
    assert row["proposal"] == "merged"
    assert row["values"] == f"2023-05-01 并入示例1厂（{F[1]}），以下为该企业数据；亩均税收 5万元/亩"


def test_a_firm_that_changes_its_code_keeps_its_place_on_the_list(listed: County, tmp_path: Path) -> None:
    walk(listed, F[1], ("plan", "2023-04-01"))
    new = code(99)
    file = tmp_path / "更名.csv"
    file.write_text(
        f"原信用代码,原企业名称,变更日期,现信用代码,现企业名称,变更类型\n{F[1]},示例1厂,2023-05-01,{new},新厂,换码\n",
        encoding="utf-8",
    )
    assert listed.data.load([file], table="aliases").files[0].batch is not None
    book = read_book(listed)
    rows = {r["subject"]: r for r in tracked(book).iter_rows(named=True)}
    assert (rows[new]["state"], F[1] in rows) == ("planned", False)
    assert rows[P[1]]["others"] == [new]
    # Either code means the firm from now on; nothing is lost or counted twice.
    assert record(listed, told(F[1], "start", "2023-05-02"))[1] == "in_progress"
    assert record(listed, told(new, "report", "2023-06-02"))[1] == "reported_done"
    assert [e.state for e in course(read_book(listed), "enterprise", F[1])][-3:] == [
        "planned",
        "in_progress",
        "reported_done",
    ]
    assert summaries(read_book(listed))[0].whole, "the document itself stays as it was issued"


def test_lists_by_data_of_the_old_code_are_of_the_firm_as_it_is_now(
    made_small_county: Path, listed: County, tmp_path: Path
) -> None:
    one, seven = code(99), code(77)
    file = tmp_path / "更名.csv"
    file.write_text(
        "原信用代码,原企业名称,变更日期,现信用代码,现企业名称,变更类型\n"
        f"{F[1]},示例1厂,2023-05-01,{one},新厂,换码\n{F[7]},示例7厂,2023-05-01,{seven},新厂七,换码\n",
        encoding="utf-8",
    )
    listed.data.load([file])
    # The data are of 2022, when firm 1 had its old code: it is carried over, not listed a second time.
    second = issue(listed, title="清单", document="2号", issued_on=date(2023, 9, 1), run=1)
    entries = dict(second.tables["firms"].select("credit_code", "entry").iter_rows())
    assert (entries[one], F[1] in entries) == ("carried", False)
    assert set(second.tables["triggers"]["credit_code"]) == set(entries)
    assert state(listed, one) == "listed"
    # Either code adds and corrects.
    amend(
        listed, add=[F[7]], correct=[(F[1], "责任单位", "发改局")], reason="核", document="3号",
        issued_on=date(2023, 9, 2),
    )  # fmt: skip
    rows = {r["subject"]: r for r in tracked(read_book(listed)).iter_rows(named=True)}
    assert (rows[seven]["state"], rows[one]["department"]) == ("listed", "发改局")
    assert all(s.whole for s in summaries(read_book(listed)))
    # Before any list: who is screened is screened under the code of now.
    fresh = County(shutil.copy(made_small_county, tmp_path / "fresh.duckdb"))
    fresh.data.load([file])
    assert screen_candidates(fresh, date(2023, 6, 1)).screened == 6
    assert (state(fresh, one), state(fresh, F[1])) == ("screened", None)
