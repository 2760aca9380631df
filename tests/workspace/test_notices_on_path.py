"""Notices that are out on the year's path: every one is named, and the list comes after them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mujun import County
from mujun.workspace.year_path import Step
from tests.workspace.small_county import county as small
from tests.workspace.small_county import rules_at

FIRST, UNTIL, BY = date(2023, 5, 8), date(2023, 5, 14), date(2023, 5, 20)

OF_RUN_1 = "第 1 次的结果公示（2023-05-08 至 2023-05-14，在网站，异议截止 2023-05-20）还没有结束；"


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = small(tmp_path)
    made.runs.publish(2022, first=FIRST, until=UNTIL, place="网站", objections_by=BY)
    return made


def steps(county: County, day: date) -> tuple[Step, Step, str | None]:
    """The steps of publication and list, and what comes next."""
    path = county.monitor.year_path(2022, day=day)
    by_name = {s.name: s for s in path.steps}
    # Visits on site are asked for first, and wait for nobody here.
    asking = [s for s in path.steps if s.next_action is not None and s.name in ("publication", "list")]
    return by_name["publication"], by_name["list"], asking[0].name if asking else None


def test_the_list_comes_after_the_notice(county: County) -> None:
    for day, state in ((date(2023, 5, 7), "ahead"), (UNTIL, "running"), (BY, "running")):
        publication, listed, following = steps(county, day)
        assert (publication.state, following) == (state, "publication")
        assert str(publication.next_action) == "处理异议，公示到 2023-05-20 才结束"
        assert "第 1 次的结果公示（连同异议期）到 2023-05-20 才结束。" in [str(f) for f in listed.facts]
    publication, listed, following = steps(county, date(2023, 5, 21))
    assert (publication.state, publication.next_action, following) == ("done", None, "list")
    assert len(listed.facts) == 1
    # A list that is issued before waits for nothing any more.
    county.rectify.issue(title="清单", document="小县〔2023〕1号", issued_on=UNTIL)
    publication, _, following = steps(county, UNTIL)
    assert (publication.state, publication.next_action, following) == ("running", None, None)


def test_a_notice_is_still_named_when_another_result_is_final(county: County, tmp_path: Path) -> None:
    county.runs.rate(rules_at(tmp_path / "rules"), 2022, final=True)
    publication, listed, following = steps(county, BY)
    told = [str(f) for f in publication.facts]
    assert [t.startswith(OF_RUN_1) for t in told] == [True, False]
    assert told[1] == "第 2 次已定稿，还没有登记公示。"
    assert (publication.state, following) == ("waits", "publication")
    assert [str(f) for f in listed.facts][1:] == ["第 1 次的结果公示（连同异议期）到 2023-05-20 才结束。"]
    # Over, it is a matter of the past.
    publication, _, _ = steps(county, date(2023, 5, 21))
    assert str(publication.facts[0]) == "第 1 次的结果 2023-05-08 公示过，后来又定了新稿。"
    # Its successor's own record hides it only when it is over.
    county.runs.publish(2022, first=date(2023, 5, 18), until=date(2023, 5, 24), place="公告栏")
    publication, _, _ = steps(county, BY)
    assert [f.values["run"] for f in publication.facts] == [2, 1]
    assert str(publication.facts[1]).startswith(OF_RUN_1)
    assert str(publication.next_action) == "处理异议，公示到 2023-05-24 才结束"
    publication, _, _ = steps(county, date(2023, 5, 21))
    assert [f.values["run"] for f in publication.facts] == [2]
