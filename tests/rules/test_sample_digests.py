"""The sample county's results are those of version 0.2.0 to the last bit."""

from __future__ import annotations

from pathlib import Path

from mujun.rules import addresses
from tests.rules.sample_digests import RATED_BY, digests_of, written

SOME = (RATED_BY, "shandong/changle-2023", "zhejiang/pinghu-2022", "zhejiang/ruian-electricity-2022")
"""One of each kind; all of them by `python -m tests.rules.sample_digests`."""


def test_the_digests_are_those_of_0_2_0(loaded_county: Path) -> None:
    assert dict(digests_of(loaded_county, SOME)) == {address: written()[address] for address in SOME}


def test_only_rule_sets_that_ship_are_written_down() -> None:
    assert set(SOME) <= set(written()) <= set(addresses())
