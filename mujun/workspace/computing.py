"""A year computed: from the tables of one moment and a rule set to the rating, the list and the amounts.

Everything that a run rests on passes through here as tables, so that a store, a past batch and a bundle on another
machine give the same result by the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.records import Finding
from mujun.rules import RuleSet
from mujun.rules.named_lists import lists_of, with_list
from mujun.steps import step
from mujun.store import FRAME, PREVIOUS, PackedFrame, PackedTable, RunRecord, packed_table
from mujun.workspace.frames_at import FrameForRules, frame_at, frame_for_rules, has_before, previous_at, usage_at
from mujun.workspace.names_of_tables import LIST, table_of_list
from mujun.workspace.tables_at import Tables
from mujun.workspace.tiers_from import TiersFrom

if TYPE_CHECKING:
    from mujun.allocation import Allocation
    from mujun.rating import Rating
    from mujun.rectification import Listing
    from mujun.rules.model import Case
    from mujun.rules.testing import Results

GivenFrame = pl.DataFrame | PackedFrame
"""A frame, in memory or packed."""


@dataclass(frozen=True)
class YearResult(InNotebooks):
    """A year rated: the frame, the rating, and what follows from it where the rule set says so.

    `given` and `given_before` are the frame and that of the year before, where the rules look back at it: packed where
    it was made to be kept or was kept, since the rules read an eighth of it.
    """

    year: int
    ruleset: RuleSet
    given: GivenFrame = field(repr=False)
    rating: Rating = field(repr=False)
    batch: int = 0
    number: int | None = None
    listing: Listing | None = field(default=None, repr=False)
    listings: Mapping[str, Listing] = field(default_factory=dict, repr=False)
    """By name, the lists of rules that make several; `listing` is missing then."""
    allocation: Allocation | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    given_before: GivenFrame | None = field(default=None, repr=False)
    tiers_from: TiersFrom | None = None
    """Where the tiers come from, of rules that rate nobody themselves."""
    read: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    """Of kept frames, by the names they are kept under, what the rules read and what land is made of."""
    unconfirmed: str | None = field(default=None, repr=False)
    """Of a run rated again, the digest that it had, where that of `rating` has not been compared with it."""

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The frame with all its columns, a row per enterprise."""
        return whole(self.given)

    @cached_property
    def previous(self) -> pl.DataFrame | None:
        """The frame of the year before, where the rules look back at it."""
        return None if self.given_before is None else whole(self.given_before)

    @property
    def frame_read(self) -> pl.DataFrame:
        """The frame with the columns that its rules read and what land is made of at least."""
        read = self.read.get(FRAME)
        return self.frame if read is None else read

    @property
    def previous_read(self) -> pl.DataFrame | None:
        """That of the year before, likewise."""
        read = self.read.get(PREVIOUS)
        return self.previous if read is None else read


def whole(given: GivenFrame) -> pl.DataFrame:
    """A frame in memory."""
    return given if isinstance(given, pl.DataFrame) else given.read()


def computed(ruleset: RuleSet, year: int, tables: Tables, batch: int) -> YearResult:
    """A year rated, listed and allocated from the tables of one moment.

    Args:
        ruleset: the rules.
        year: the data year.
        tables: what `inputs_at` gives.
        batch: the newest batch among them.

    Raises:
        UsageError: there are no enterprises of that year.
        RuleError, RatingError: as `mujun.rate` says.
    """
    frame, findings = frame_at(tables, year, ruleset)
    usage = usage_at(tables, year) if ruleset.allocation else None
    result = rated_from(ruleset, year, frame, previous_at(tables, year, ruleset), usage=usage)
    return replace(result, batch=batch, findings=findings)


@dataclass(frozen=True)
class Gathered:
    """What a year is computed from, put together, so that nobody has to hold the tables any longer.

    Attributes:
        ruleset, year: the rules and the data year.
        frame: the year's frame for these rules.
        before: that of the year before, where they look back at it and there is one.
        usage: what `usage_at` gives, where the rules have amounts.
    """

    ruleset: RuleSet
    year: int
    frame: FrameForRules
    before: FrameForRules | None
    usage: pl.DataFrame | None = field(repr=False)

    def computed(self, batch: int) -> YearResult:
        """The year rated, listed and allocated.

        Raises:
            RuleError, RatingError: as `mujun.rate` says.
        """
        before = self.before
        previous = None if before is None else before.asked
        result = rated_from(self.ruleset, self.year, self.frame.asked, previous, usage=self.usage)
        given_before = None if before is None else before.packed
        return replace(
            result, batch=batch, findings=self.frame.findings, given=self.frame.packed, given_before=given_before
        )


def gathered_at(tables: Tables, year: int, ruleset: RuleSet) -> Gathered:
    """What a year is computed from, out of the tables of one moment, which are asked for one after the other.

    Raises:
        UsageError: there are no enterprises of that year.
        RuleError: the rules do not fit together.
    """
    frame = frame_for_rules(tables, year, ruleset)
    before = frame_for_rules(tables, year - 1, ruleset, before=True) if has_before(tables, year, ruleset) else None
    return Gathered(ruleset, year, frame, before, usage_at(tables, year) if ruleset.allocation else None)


def rated_from(
    ruleset: RuleSet,
    year: int,
    frame: pl.DataFrame,
    previous: pl.DataFrame | None,
    *,
    usage: pl.DataFrame | None,
    amounts: bool = True,
) -> YearResult:
    """A frame rated, listed and allocated.

    Args:
        ruleset: the rules.
        year: the data year.
        frame: what `frame_at` gives, or at least what the rules read of it; it is what the result says was given.
        previous: what `previous_at` gives, likewise.
        usage: what `usage_at` gives, where the rules have amounts.
        amounts: whether amounts are wanted.

    Raises:
        RuleError, RatingError: as `mujun.rate` says.
    """
    from mujun.rating import rate

    step("step_rating", of=3, rows=frame.height, count=frame.height)
    rating = rate(frame, ruleset, previous)
    listing, allocation = followed(ruleset, frame, rating, previous, usage=usage, amounts=amounts)
    several = listed_by_name(ruleset, frame, rating, previous)
    return YearResult(year, ruleset, frame, rating, 0, None, listing, several, allocation, given_before=previous)


def followed(
    ruleset: RuleSet,
    frame: pl.DataFrame,
    rating: Rating | None,
    previous: pl.DataFrame | None,
    *,
    usage: pl.DataFrame | None,
    amounts: bool = True,
) -> tuple[Listing | None, Allocation | None]:
    """What follows from tiers by the rules: the list and the amounts, where they have them and they are wanted."""
    listing: Listing | None = None
    allocation: Allocation | None = None
    # Each room is read where it is used: one firm's explanation needs no amounts.
    if ruleset.lists:
        from mujun.rectification import list_enterprises

        step("step_listing", done=1, of=3)
        listing = list_enterprises(ruleset, frame, rating, previous=previous)
    if amounts and ruleset.allocation is not None:
        from mujun.allocation import allocate

        step("step_amounts", done=2, of=3)
        allocation = allocate(ruleset, frame, rating, usage=usage, previous=previous)
    return listing, allocation


def listed_by_name(
    ruleset: RuleSet, frame: pl.DataFrame, rating: Rating | None, previous: pl.DataFrame | None
) -> dict[str, Listing]:
    """Each of the lists of rules that make several; nothing where they make one or none."""
    return {
        name: listing
        for name in lists_of(ruleset)
        if (listing := followed(with_list(ruleset, name), frame, rating, previous, usage=None, amounts=False)[0])
    }


def result_tables(result: YearResult) -> dict[str, pl.DataFrame]:
    """The tables of a result that a run keeps, without the number of the run."""
    return {name: table for names, table in _each_table(result) for name in names}


def _each_table(result: YearResult) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    """The same one by one, each with the names that it has; the first one's digest is the result's."""
    rating = result.rating
    if rating.plan.rating.population.area is not None:
        # A rating of townships or parks says nothing of any one enterprise.
        yield ("subjects",), rating.subject_ratings.drop("run")
    elif rating.merged or rating.other is not None:
        yield ("ratings",), rating.ratings.drop("run")
        yield ("subjects",), rating.subject_ratings.drop("run")
    else:
        # Where each is its own subject, both tables are one, which is gone through once.
        yield ("subjects", "ratings"), rating.ratings.drop("run")
    if result.listing is not None:
        yield (LIST,), result.listing.rectification
    for name, one in result.listings.items():
        yield (table_of_list(name),), one.rectification
    if result.allocation is not None:
        yield ("allocation",), result.allocation.allocation


def frames_of(result: YearResult) -> dict[str, GivenFrame]:
    """What was rated, by the names under which a run keeps it."""
    return {FRAME: result.given} | ({} if result.given_before is None else {PREVIOUS: result.given_before})


def digests(tables: Tables) -> dict[str, str]:
    """The digest of each table."""
    from mujun.rating import digest_of

    of_table: dict[int, str] = {}
    for table in tables.values():
        if id(table) not in of_table:
            of_table[id(table)] = digest_of(table)
    return {name: of_table[id(table)] for name, table in tables.items()}


def record_of(result: YearResult, *, version: str, who: str, label: str = "", final: bool = False) -> RunRecord:
    """What the store keeps of a result."""
    from mujun.rating import digest_of

    # The rating's own digest is that of the table it keeps: a hundred thousand firms are not gone through twice.
    digest, known = result.rating.digest, True
    packed, written = dict[str, PackedTable](), dict[str, str]()
    made = [result.rating, result.listing, *result.listings.values(), result.allocation]
    for names, table in _each_table(result):
        packed |= dict.fromkeys(names, packed_table(table))
        written |= dict.fromkeys(names, digest if known else digest_of(table))
        known = False
        # A table is as large as all that it is made of: packed, it goes.
        del table
        for one in made:
            _let_go(one)
    return RunRecord(
        year=result.year,
        rules=result.ruleset.address,
        rule_files=result.ruleset.texts,
        batch=result.batch,
        mujun_version=version,
        digest=digest,
        results={},
        label=label,
        final=final,
        binding=result.rating.binding,
        who=who,
        # Frames are sealed by the SHA-256 of their bytes alone: what they say follows from the records.
        digests=written,
        packed=packed,
        frames=frames_of(result),
    )


def _let_go(made: object) -> None:
    """The tables that a result's cached properties hold; they are made again where they are asked for again."""
    for name in ("ratings", "subject_ratings", "rectification", "allocation"):
        if isinstance(getattr(type(made), name, None), cached_property):
            vars(made).pop(name, None)


# ----------------------------------------------------------------------------------------------------------- rule tests


def case_engine(
    ruleset: RuleSet, case: Case, frame: pl.DataFrame, previous: pl.DataFrame | None, usage: pl.DataFrame | None
) -> Results:
    """What `rules test` runs: rates, lists and allocates the enterprises of a case."""
    from mujun.rating import rate

    del case
    results: dict[str, Sequence[Mapping[str, object]]] = {}
    rating = rate(frame, ruleset, previous) if ruleset.rating is not None else None
    if rating is not None:
        results["expect"] = rating.enterprises.to_dicts()
    rows: list[Mapping[str, object]] = []
    for name in lists_of(ruleset) or (None,):
        listing, _ = followed(with_list(ruleset, name), frame, rating, previous, usage=None, amounts=False)
        marked = {} if name is None else {"list": name}
        rows += [{**row, **marked} for row in listing.rectification.to_dicts()] if listing is not None else []
    if ruleset.rectification is not None:
        results["rectification"] = rows
    if ruleset.allocation is not None:
        from mujun.allocation import allocate

        results["allocation"] = allocate(ruleset, frame, rating, usage=usage, previous=previous).allocation.to_dicts()
    return results
