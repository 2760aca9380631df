"""`publication`: put on record, listed and taken back as a clerk types it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from mujun import County
from tests.cli.running import run
from tests.workspace.small_county import F, county, files_at, rules_at

DAYS = ("--from", "2023-05-08", "--until", "2023-05-14")


def test_put_on_record_listed_and_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", county(tmp_path).path)
    assert run(capsys, *db, "publication", "list")[1] == "还没有登记过公示。\n"
    status, _, refused = run(capsys, *db, "publication", "add", "2021", *DAYS, "--where", "网站")
    assert status == 1
    assert "2021年度还没有定稿，不能登记结果公示" in refused
    done = run(capsys, *db, "publication", "add", "2022", *DAYS, "--where", "网站", "--objections-by", "2023-05-12",
               "--objections", "市经信局 0575-1")  # fmt: skip
    assert done[0] == 0
    said = "已登记为第 1 号：评价结果公示（第 1 次评价，rules），2023-05-08 至 2023-05-14，共 7 天，其中周一至周五 5 天"
    assert said in done[1]
    assert "早于第 1 次评价作出的日期" in done[2]
    assert "异议截止日 2023-05-12 早于公示最后一天 2023-05-14" in done[2]
    assert run(capsys, *db, "publication", "list", "2018")[1] == "2018年度还没有登记过公示；登记过公示的年度：2022。\n"
    listed = run(capsys, *db, "publication", "list", "2022")[1]
    put_down = County(db[1]).runs.published()[0].at.date()
    for shown in ("网站", "2023-05-12", "市经信局 0575-1", f"{put_down}"):
        assert shown in listed
    shown = run(capsys, *db, "runs", "show", "1")[1]
    assert "评价结果公示：2023-05-08 至 2023-05-14，网站，异议截止 2023-05-12（登记第 1 号，已期满）\n" in shown
    assert run(capsys, *db, "publication", "revoke", "1")[0] == 2
    assert "第 1 号公示登记已撤回" in run(capsys, *db, "publication", "revoke", "1", "--reason", "记错了")[1]
    assert re.search(r"\d{4}-\d\d-\d\d \S+：记错了", run(capsys, *db, "publication", "list")[1])
    assert "taken back" in run(capsys, *db, "--lang", "en", "publication", "list")[1]
    assert "公示" not in run(capsys, *db, "runs", "show", "1")[1]


def test_a_run_of_a_notice_of_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", county(tmp_path).path)
    add = ("publication", "add", "2022", *DAYS, "--where", "网站", "--notice", "data")
    status, _, refused = run(capsys, *db, *add, "--run", "1")
    assert (status, "请去掉第 1 次（--run）" in refused) == (1, True)
    assert "已登记为第 1 号：用地数据公示，2023-05-08" in run(capsys, *db, *add)[1]


def test_what_is_done_while_a_notice_is_out_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = county(tmp_path)
    db, until = ("--db", own.path), date.today() + timedelta(days=6)
    own.runs.publish(2022, first=date.today(), until=until, place="网站")
    named = f"（登记第 1 号，{date.today()} 至 {until}，异议截止 {until}）还没有结束"
    why = ("--year", "2022", "--reason", "更正", "--document", "1号")
    assert named in run(capsys, *db, "correct", F[2], "tax_paid=5", *why)[2]
    issue = ("rectify", "issue", "--title", "清单", "--document", "1号", "--on", date.today())
    done = run(capsys, *db, *issue, "--unverified", "list")
    assert (done[0], f"清单 {date.today()} 印发时" in done[2], named in done[2]) == (0, True, True)
    rate = ("rate", "--rules", rules_at(tmp_path / "rules"), "--year", "2022", "--after-list")
    assert named not in run(capsys, *db, *rate)[2]
    assert named in run(capsys, *db, *rate, "--final")[2]
    own.runs.take_back_publication(1, reason="没有发出")
    assert named not in run(capsys, *db, "correct", F[2], "tax_paid=6", *why)[2]


def test_a_day_is_asked_for_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    for language, form in (("zh", "--from 年-月-日"), ("en", "--from YYYY-MM-DD")):
        shown = run(capsys, "--lang", language, "publication", "add", "--help")[1]
        assert form in shown
        assert "%Y" not in shown


def test_objections_are_put_down_decided_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", county(tmp_path).path)
    until = f"{date.today() + timedelta(days=3)}"
    days = ("--from", f"{date.today()}", "--until", until)
    assert run(capsys, *db, "publication", "add", "2022", *days, "--where", "网站")[0] == 0
    assert run(capsys, *db, "objections", "list", "2022")[1] == "2022 年度没有登记异议。\n"
    add = ("objections", "add", "示例6厂", "tax_paid", "--year", "2022", "--asked", "12", "--reason", "漏计")
    status, out, error = run(capsys, *db, *add)
    assert (status, error) == (0, "")
    assert "还没有核定意见" in out
    assert "已登记，记为第" in out
    status, out, error = run(capsys, *db, *add, "--verdict", "agreed")
    assert (status, "但没有填：文号" in error, "没有写入。" in error) == (1, True, True)
    agreed = (*add, "--verdict", "agreed", "--document", "9号")
    for more in (("--dry-run",), ()):
        status, out, error = run(capsys, *db, *agreed, *more)
        assert (status, "实缴税金由 8 更正为 12（漏计，9号）" in out) == (0, True)
        assert "还没有结束" in out + error
    listed = run(capsys, *db, "--lang", "en", "objections", "list", "2022")[1]
    assert re.search(rf"示例6厂（{F[6]}） +Tax paid +Tax paid corrected from 8 to 12 .* agreed", listed)
    status, _, refused = run(capsys, *db, "objections", "add", F[6], "实缴税", "--year", "2022", "--asked", "1")
    assert (status, "是否为“实缴税金”？" in refused) == (1, True)


def test_a_file_sent_anew_names_a_notice_that_is_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", county(tmp_path / "small").path)
    days = ("--from", f"{date.today()}", "--until", f"{date.today() + timedelta(days=3)}")
    assert run(capsys, *db, "publication", "add", "2022", *days, "--where", "网站")[0] == 0
    tax = next(f for f in files_at(tmp_path / "又", 2022, taxes={1: 11}) if f.stem.startswith("税收"))
    told = "还没有结束；公示的结果里没有这项更正"
    looked = run(capsys, *db, "load", tax, "--dry-run")
    assert (looked[0], told in looked[2]) == (0, False)
    status, out, error = run(capsys, *db, "load", tax)
    assert (status, error.count(told)) == (0, 1), (out, error)
    assert run(capsys, *db, "load", tax)[2] == ""
