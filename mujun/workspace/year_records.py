"""The records of a year as they stand, read once for several questions about them."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.executed import amounts_asked
from mujun.workspace.frames_at import extra_kinds, frame_at
from mujun.workspace.tables_at import recorded_at, with_results

if TYPE_CHECKING:
    from mujun.rules import RuleSet


@dataclass(frozen=True)
class YearRecords:
    """The tables and the frame of a year, each read or made when it is first asked for.

    They are those of that moment: for one command, not to be held on to.
    """

    county: CountyFile = field(repr=False)
    year: int

    @cached_property
    def recorded(self) -> dict[str, pl.DataFrame]:
        """Every table as departments sent it, of yearly ones what questions about the year look at."""
        with Store.open(self.county.path) as store:
            return recorded_at(store, self.year)

    @cached_property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The same with what mujun rated itself as final, as `with_results` gives them."""
        with Store.open(self.county.path) as store:
            return with_results(store, self.recorded)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The year's frame by no rules.

        Raises:
            UsageError: there are no enterprises of that year.
        """
        return frame_at(self.tables, self.year, None)[0]

    def frame_for(self, ruleset: RuleSet | None) -> pl.DataFrame:
        """The year's frame, with the extra fields and amounts that a rule set reads.

        Raises:
            UsageError: there are no enterprises of that year.
        """
        if ruleset is None or not (extra_kinds(ruleset) or amounts_asked(ruleset)):
            return self.frame
        return frame_at(self.tables, self.year, ruleset)[0]
