"""The explanation of a firm that is rated both alone and merged says both results."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from mujun import messages
from mujun.analysis import explain
from mujun.analysis.as_json import as_json
from mujun.reports.firms.explanation_page import explanation_html
from mujun.reports.firms.explanation_text import other_words
from tests.rating.given import frame_of, rated
from tests.rating.test_both import FIRMS, RULES

NAMED = [{**firm, "name": f"{firm['credit_code']}<厂>"} for firm in FIRMS]


@pytest.mark.parametrize(("subject", "members", "score", "rank"), [("enterprise", 2, 60, 2), ("parcel", 1, 20, 3)])
def test_the_other_result_is_told(subject: str, members: int, score: int, rank: int) -> None:
    said = explain(rated(RULES % (subject, "true"), NAMED), "混", frame_of(NAMED))
    assert said.other is not None
    assert (len(said.other.members), said.other.score, said.other.rank) == (members, Decimal(score), rank)
    assert json.loads(as_json(said))["other"]["way"] == said.other.way
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            assert str(score) in other_words(said.other)
    page = explanation_html(said)
    assert "单独、合并各评一次" in page
    assert "混&lt;厂&gt;" in page
    assert "<厂>" not in page


def test_whoever_is_rated_one_way_has_no_other() -> None:
    assert explain(rated(RULES % ("enterprise", "true"), NAMED), "主", frame_of(NAMED)).other is None
