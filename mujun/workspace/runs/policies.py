"""What follows from a result, by its own rules or by others: the rectification list and the amounts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from mujun.rules import RuleSet, load_rules
from mujun.store import Store
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.frames_at import frame_at, previous_at, usage_at
from mujun.workspace.tables_at import inputs_at

if TYPE_CHECKING:
    from mujun.allocation import Allocation
    from mujun.rectification import Listing


def listing_of(county: CountyFile, result: YearResult, rules: str | Path | RuleSet | None = None) -> Listing | None:
    """The rectification list of a result, by its own rules or by others; `None` where they have none."""
    if rules is None:
        return result.listing
    ruleset = rules if isinstance(rules, RuleSet) else load_rules(rules)
    if ruleset.rectification is None:
        return None
    from mujun.rectification import list_enterprises

    frame, previous = frames_beside(county, result, ruleset)
    return list_enterprises(ruleset, frame, result.rating, previous=previous)


def amounts_of(county: CountyFile, result: YearResult, rules: str | Path | None = None) -> Allocation | None:
    """The amounts of a result, by its own rules or by others; `None` where they have none."""
    if rules is None:
        return result.allocation
    ruleset = load_rules(rules)
    if ruleset.allocation is None:
        return None
    from mujun.allocation import allocate

    frame, previous = frames_beside(county, result, ruleset)
    with Store.open(county.path) as store:
        tables = store.tables(("aliases", "enterprises", "usage"), as_of_batch=result.batch)
    return allocate(ruleset, frame, result.rating, usage=usage_at(tables, result.year), previous=previous)


def frames_beside(county: CountyFile, result: YearResult, ruleset: RuleSet) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The frame of a result with what another rule set reads as well, and last year's where that looks back."""
    both = replace(ruleset, rating=result.ruleset.rating)
    with Store.open(county.path) as store:
        tables = inputs_at(store, result.batch, result.number)
    return frame_at(tables, result.year, both)[0], previous_at(tables, result.year, both)
