"""What was said of a problem taken back, step by step, and a problem withdrawn; nothing of it goes from the record."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mujun.errors import UsageError
from mujun.rectification.problems import OVER
from mujun.workspace import County
from mujun.workspace.rectification.papers import due_matters
from mujun.workspace.rectification.parcel_papers import problems_on
from tests.cli.running import run
from tests.store.given import kept_store
from tests.workspace.small_county import F, P

ONE = "W1"
LIST = (
    "问题编号,统一社会信用代码,企业名称,地块编号,镇街,问题类别,问题描述,发现人,发现日期,处置部门\n"
    f"{ONE},{F[5]},示例5厂,{P[3]},甘霖镇,消防隐患,无喷淋,张三,2023-03-20,消防救援大队\n"
)


@pytest.fixture
def own(small: County, tmp_path: Path) -> County:
    """The small county with a problem found on a firm and its parcel."""
    file = tmp_path / "问题隐患.csv"
    file.write_text(LIST, encoding="utf-8")
    outcome = small.data.load([file], table="problems")
    assert not outcome.refused
    return County(small.path, who="张三")


def stands(own: County) -> dict[str, Any]:
    return own.problems.list().rows.filter(problem=ONE).row(0, named=True)


def back(own: County, reason: str = "登记错了") -> str:
    return str(own.problems.take_back(ONE, reason=reason).state)


def test_steps_are_taken_back_one_by_one_until_the_finding_stands_alone(own: County) -> None:
    found = stands(own)
    own.problems.say(ONE, "order", deadline=date(2023, 5, 1), document="1号", department="应急管理局")
    first = stands(own)
    own.problems.say(ONE, "order", deadline=date(2023, 6, 30), document="2号")
    second = stands(own)
    own.problems.say(ONE, "fine", on=date(2023, 7, 2), amount=Decimal(3))
    own.problems.say(ONE, "close", on=date(2023, 7, 9))
    assert [back(own), back(own)] == ["fined", "ordered"]
    kept = [c for c in second if not c.startswith("_")]
    assert {c: stands(own)[c] for c in kept} == {c: second[c] for c in kept}
    # The deadline of the order before stands again, then none, and the department is the one that it was found for.
    assert back(own) == "ordered"
    assert {c: stands(own)[c] for c in kept} == {c: first[c] for c in kept}
    assert back(own) == "open"
    assert {c: stands(own)[c] for c in kept} == {c: found[c] for c in kept}
    with pytest.raises(UsageError, match="没有可撤回的"):
        back(own)


def test_what_is_said_after_something_was_taken_back_is_taken_back_by_itself(own: County) -> None:
    own.problems.say(ONE, "order", deadline=date(2023, 5, 1))
    own.problems.say(ONE, "mend", on=date(2023, 4, 20), result="已装")
    assert back(own) == "ordered"
    own.problems.say(ONE, "mend", on=date(2023, 4, 25), result="装好了")
    assert stands(own)["mend_result"] == "装好了"
    assert back(own) == "ordered"
    assert (stands(own)["mended_on"], stands(own)["mend_result"]) == (None, None)
    assert back(own) == "open"


def test_the_course_tells_who_said_and_took_back_what(own: County) -> None:
    own.problems.say(ONE, "order", deadline=date(2023, 5, 1), document="1号")
    County(own.path, who="李四").problems.take_back(ONE, reason="发错了", document="2号")
    found, ordered, taken = own.problems.course(ONE)
    assert (found.actions, found.values["problem_text"]) == (("found",), "无喷淋")
    assert (ordered.actions, ordered.who, ordered.document) == (("order",), "张三", "1号")
    assert (ordered.taken_back, ordered.takes_back) == (taken.batch, None)
    assert (taken.actions, taken.who, taken.reason, taken.document) == (("take_back",), "李四", "发错了", "2号")
    assert (taken.takes_back, taken.taken_back) == (ordered.batch, None)
    with pytest.raises(UsageError, match="W2"):
        own.problems.course("W2")
    for reason, why in (("  ", "要写理由"),):
        with pytest.raises(UsageError, match=why):
            own.problems.take_back(ONE, reason=reason)


def test_a_problem_that_is_none_is_withdrawn_and_counts_nowhere(own: County, tmp_path: Path) -> None:
    day = date(2023, 4, 1)
    own.problems.say(ONE, "order", deadline=day + timedelta(days=5))
    assert due_matters(own, day, 30).rows["subject"].to_list() == [ONE]
    assert own.parcels.list(2022).brief.filter(parcel=P[3])["problems"].to_list() == [1]
    with pytest.raises(UsageError, match="要写明为什么"):
        own.problems.say(ONE, "withdraw")
    assert own.problems.say(ONE, "withdraw", reason="现场核实有喷淋", on=day).state == "withdrawn"
    assert stands(own)["withdrawn_why"] == "现场核实有喷淋"
    assert own.problems.list().counts == {"withdrawn": 1}
    assert own.problems.list(only_open=True).rows.is_empty()
    assert due_matters(own, day, 30).rows.is_empty()
    assert own.parcels.list(2022).brief.filter(parcel=P[3])["problems"].to_list() == [0]
    assert problems_on(own, P[3], [F[5]]).is_empty()
    status = own.problems.status(day).filter(township="甘霖镇").row(0, named=True)
    assert (status["found"], status["ordered"]) == (0, 0)
    with pytest.raises(UsageError, match="已于 2023-04-01 撤销"):
        own.problems.say(ONE, "mend", on=day)
    # The withdrawal was wrong: it is taken back, and what was ordered stands.
    assert back(own) == "ordered"
    assert stands(own)["withdrawn_why"] is None
    assert "withdrawn" in OVER


def test_on_the_command_line(own: County, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", own.path, "problems")
    assert run(capsys, *db, "event", ONE, "order", "--deadline", "2023-05-01")[0] == 0
    assert "现为“待处置”" in run(capsys, *db, "revoke", ONE, "--reason", "发错了")[1]
    assert run(capsys, *db, "revoke", ONE, "--reason", "又一次")[0] == 1
    assert "要写明为什么" in run(capsys, *db, "event", ONE, "withdraw")[2]
    assert run(capsys, *db, "event", ONE, "withdraw", "--reason", "不是问题")[0] == 0
    assert "另有已撤销的 1 条" in run(capsys, *db, "list")[1]
    course = run(capsys, *db, "course", ONE)[1]
    assert [word in course for word in ("发现", "交办", "撤回", "撤销", "发错了")] == [True] * 5


def test_a_store_of_format_4_takes_it(tmp_path: Path) -> None:
    county = County(kept_store("v4_round", tmp_path))
    file = tmp_path / "问题隐患.csv"
    file.write_text(LIST, encoding="utf-8")
    county.data.load([file], table="problems")
    county.problems.say(ONE, "order", deadline=date(2023, 5, 1))
    assert county.problems.take_back(ONE, reason="错了").state == "open"
