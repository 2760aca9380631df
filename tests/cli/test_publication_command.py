"""`publication`: put on record, listed and taken back as a clerk types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import run
from tests.workspace.small_county import county

DAYS = ("--from", "2023-05-08", "--until", "2023-05-14")


def test_put_on_record_listed_and_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", county(tmp_path).path)
    assert run(capsys, *db, "publication", "list")[1] == "还没有登记过公示。\n"
    status, _, refused = run(capsys, *db, "publication", "add", "2021", *DAYS, "--where", "网站")
    assert status == 1
    assert "2021年度还没有定稿，不能登记结果公示" in refused
    done = run(capsys, *db, "publication", "add", "2022", *DAYS, "--where", "网站", "--objections-by", "2023-05-12")
    assert done[0] == 0
    assert "已登记为第 1 号：评价结果公示，2023-05-08 至 2023-05-14，共 7 天，其中周一至周五 5 天" in done[1]
    listed = run(capsys, *db, "publication", "list", "2022")[1]
    assert "网站" in listed
    assert "2023-05-12" in listed
    assert run(capsys, *db, "publication", "revoke", "1")[0] == 2
    assert "第 1 号公示登记已撤回" in run(capsys, *db, "publication", "revoke", "1", "--reason", "记错了")[1]
    assert "记错了" in run(capsys, *db, "publication", "list")[1]
    assert "taken back" in run(capsys, *db, "--lang", "en", "publication", "list")[1]
