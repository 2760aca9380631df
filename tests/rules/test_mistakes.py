"""Every kind of mistake in a rule file, and the sentence that a clerk reads: what is wrong, where, and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import polars as pl
import pytest

from mujun import messages
from mujun.errors import Problem
from mujun.rules.checking import check_rules
from mujun.rules.folders import shipped_rules
from tests.rules.mistaken import Mistake, mistakes, right_files, written

FRAME = pl.DataFrame(
    {
        "credit_code": ["E1", "E2"],
        "township": ["东城街道", "北城街道"],
        "emissions_t": [None, None],
        "scale": ["规上", "规下"],
        "labels": [["高新技术企业"], ["安全生产事故"]],
        "cohort": ["above", "below"],
        "land_mu": [20, 4],
        "tax_per_mu": [15.0, 9.0],
    },
    schema_overrides={
        "emissions_t": pl.Decimal(18, 6),
        "labels": pl.List(pl.String),
        "land_mu": pl.Decimal(18, 6),
    },
)


def _found(case: Mistake, folder: Path) -> tuple[Problem, ...]:
    checked = check_rules(written(case.files, folder), FRAME if case.frame else None)
    return (*checked.problems, *checked.warnings)


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with messages.speaking("zh"):
        yield


def test_the_base_is_right(tmp_path: Path) -> None:
    checked = check_rules(written(right_files(), tmp_path))
    assert [str(p) for p in (*checked.problems, *checked.warnings)] == []


@pytest.mark.parametrize("case", mistakes(), ids=lambda m: m.id)
def test_a_mistake_is_said(case: Mistake, tmp_path: Path) -> None:
    problems = _found(case, tmp_path)
    assert [p.code for p in problems] == list(case.codes)
    assert [str(p) for p in problems] == list(case.says)
    for p in problems:
        # A whole sentence, with its place, and nothing of Python in it.
        assert str(p)[-1] in "。？"
        assert str(p).startswith(("set/", "base/", "water/"))
        assert not re.search(r"None|Decimal\(|Place\(|<class", str(p))
        with messages.speaking("en"):
            assert str(p)[-1] in ".?"


@pytest.mark.parametrize("case", [m for m in mistakes() if m.en], ids=lambda m: m.id)
def test_a_mistake_is_said_in_english(case: Mistake, tmp_path: Path) -> None:
    problems = _found(case, tmp_path)
    with messages.speaking("en"):
        assert str(problems[0]) == case.en


def test_ids_are_unique() -> None:
    ids = [m.id for m in mistakes()]
    assert len(ids) == len(set(ids))


# ------------------------------------------------------------------------------------------- every sentence is reached

WORDS = {"case_true_or_false", "sound_word_reason", "sound_word_label"}
"""Messages that are words in others."""

ELSEWHERE = {
    "needs no file": {"rules_no_such_set", "rules_no_such_set_near", "rules_file_too_large"},
    "said when something is run that a set has not": {"rules_no_rating", "rules_abstract"},
    "only data can show it": {
        "lookup_no_row", "statistic_too_large", "frame_no_codes", "frame_code_missing", "frame_code_twice",
        "frame_column_type", "previous_absent", "no_cohort", "benchmark_unusable",
    },
    "said when pooled subjects are rated": {"field_pools_again"},
    "brought about in tests/rating/test_peers.py, test_areas.py and test_smaller.py": {
        "area_with", "members_without_area", "zone_undeclared",
        "lookup_no_bounds", "lookup_bound", "lookup_bounds_order", "lookup_overlap", "lookup_range_number",
        "same_as_unknown", "same_as_circle", "group_weights", "group_item_twice", "expression_between_codes",
    },
}  # fmt: skip
"""Messages of these files that no wrong rule file brings about, and why."""


@pytest.mark.parametrize("room", ["rules", "expressions", "soundness"])
def test_every_message_has_a_mistake(room: str) -> None:
    text = (resources.files("mujun.messages") / f"{room}.toml").read_text(encoding="utf-8")
    codes = {k for k in tomllib.loads(text) if not k.startswith("kind_") and k not in WORDS}
    if room == "soundness":
        # What `rules diff` and `rules new` say stands there too.
        codes = {k for k in codes if k.startswith("sound_")}
    reached = {code for m in mistakes() for code in m.codes}
    assert sorted(codes - reached - set().union(*ELSEWHERE.values())) == []


def test_exceptions_are_no_more_than_needed() -> None:
    reached = {code for m in mistakes() for code in m.codes}
    assert sorted(reached & set().union(*ELSEWHERE.values())) == []


def test_a_rating_that_cannot_be_read_is_not_held_against_what_stands_on_it(tmp_path: Path) -> None:
    shipped = shipped_rules() / "zhejiang" / "shengzhou-2022"
    for name in ("rating.yaml", "rectification.yaml"):
        text = (shipped / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            text.replace("\npopulation:", "\npopulation:\n  subject: parcel"), encoding="utf-8"
        )
    assert [p.code for p in check_rules(tmp_path).problems] == ["rules_duplicate_key"]
