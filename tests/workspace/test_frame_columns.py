"""What a rule set reads of a frame is enough: without every other column it gives the same to the last bit."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given

from benchmarks.county_tables import clean_tables
from mujun.errors import MujunError
from mujun.rating import digest_of, rate
from mujun.records import build_frame
from mujun.rules import RuleSet, addresses, load_kept, load_rules
from mujun.rules.frame_columns import columns_asked
from mujun.workspace.computing import digests, followed, listed_by_name, rated_from, result_tables
from tests.oracle import strategies
from tests.rating.against_oracle import frame_of, ruleset_of
from tests.rectification.test_against_oracle import SETTINGS, engine_frame, lists, prices, texts

YEAR = 2022
BASES = ("huangyan-base", "sichuan/parks-2022")
"""Ratings that others build on, and targets: they make nothing of their own."""


@pytest.fixture(scope="module")
def county() -> Mapping[int, pl.DataFrame]:
    """The sample county's frames, and the tiers that sets without a rating of their own go by."""
    tables = clean_tables(every=6)
    frames = {back: build_frame(tables, YEAR - back)[0] for back in (0, 1)}
    of = {back: rate(frame, load_rules("zhejiang/shengzhou-2022")).enterprises for back, frame in frames.items()}
    given = {back: rows.select("credit_code", "tier", "score", "cohort") for back, rows in of.items()}
    return {
        back: f.join(given[back], on="credit_code", how="left", maintain_order="left") for back, f in frames.items()
    }


@pytest.mark.parametrize("address", [a for a in addresses() if not a.endswith(BASES)])
def test_rules_that_ship(address: str, county: Mapping[int, pl.DataFrame]) -> None:
    ruleset = load_rules(address)
    made = _told(ruleset, county[0], county[1])
    assert made
    assert _told(ruleset, *(_narrowed(ruleset, county[back]) for back in (0, 1))) == made


def test_few_columns_are_asked_for(county: Mapping[int, pl.DataFrame]) -> None:
    assert _narrowed(load_rules("zhejiang/shengzhou-2022"), county[0]).width * 4 < county[0].width


@given(strategies.cases())
@SETTINGS
def test_any_rating(case: strategies.Case) -> None:
    previous = None if case.previous is None else frame_of(case.previous, case.rules, YEAR - 1)
    _agree(ruleset_of(case), frame_of(case.rows, case.rules, YEAR), previous)


@given(lists())
@SETTINGS
def test_any_list(case: tuple[strategies.Rules, list[strategies.Row], list[strategies.Row]]) -> None:
    rules, rows, before = case
    loaded = load_kept("tests/case", texts(rules, "rectification"))
    _agree(loaded, engine_frame(rows, YEAR), engine_frame(before, YEAR - 1))


@given(prices())
@SETTINGS
def test_any_amounts(case: tuple[strategies.Rules, list[strategies.Row], list[strategies.Row]]) -> None:
    rules, rows, before = case
    loaded = load_kept("tests/case", texts(rules, "allocation"))
    _agree(loaded, engine_frame(rows, YEAR), engine_frame(before, YEAR - 1))


def _agree(ruleset: RuleSet, frame: pl.DataFrame, previous: pl.DataFrame | None) -> None:
    narrow = None if previous is None else _narrowed(ruleset, previous)
    assert _told(ruleset, _narrowed(ruleset, frame), narrow) == _told(ruleset, frame, previous)


def _narrowed(ruleset: RuleSet, frame: pl.DataFrame) -> pl.DataFrame:
    asked = columns_asked(ruleset)
    return frame.select(n for n in frame.columns if asked is None or n in asked)


def _told(ruleset: RuleSet, frame: pl.DataFrame, previous: pl.DataFrame | None) -> dict[str, str] | str:
    """The digests of what comes out, or what is refused."""
    try:
        return _made(ruleset, frame, previous)
    except MujunError as error:
        return error.problems[0].code


def _made(ruleset: RuleSet, frame: pl.DataFrame, previous: pl.DataFrame | None) -> dict[str, str]:
    """The digest of each table that rules give of a frame."""
    if ruleset.rating is not None:
        result = rated_from(ruleset, YEAR, frame, previous, usage=None)
        return digests(result_tables(result)) | {"every column": digest_of(result.rating.enterprises)}
    listing, allocation = followed(ruleset, frame, None, previous, usage=None)
    lists = listed_by_name(ruleset, frame, None, previous) | ({} if listing is None else {"": listing})
    made = {f"list {name}": one.rectification for name, one in lists.items()}
    return digests(made if allocation is None else made | {"allocation": allocation.allocation})
