"""A year computed: from the tables of one moment and a rule set to the rating, the list and the amounts.

Everything that a run rests on passes through here as tables, so that a store, a past batch and a bundle on another
machine give the same result by the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import LAGS, Kind
from mujun.notebooks import InNotebooks
from mujun.records import Finding, build_frame, with_successors
from mujun.records.frame import READS as OF_FRAME
from mujun.rules import RuleSet
from mujun.rules.named_lists import lists_of, with_list
from mujun.steps import step
from mujun.store import FRAME, PREVIOUS, RunRecord, Store
from mujun.workspace.executed import EXECUTED, executed_amounts, with_amounts_last
from mujun.workspace.tiers_from import TiersFrom

if TYPE_CHECKING:
    from mujun.allocation import Allocation
    from mujun.rating import Rating
    from mujun.rectification import Listing
    from mujun.rules.model import Case
    from mujun.rules.testing import Results

Tables = Mapping[str, pl.DataFrame]

LIST = "rectification"
"""The table of a run's list; of one of several, its name is put behind."""


@dataclass(frozen=True)
class YearResult(InNotebooks):
    """A year rated: the frame, the rating, and what follows from it where the rule set says so.

    `previous` is the frame of the year before, where the rules look back at it.
    """

    year: int
    ruleset: RuleSet
    frame: pl.DataFrame = field(repr=False)
    rating: Rating = field(repr=False)
    batch: int = 0
    number: int | None = None
    listing: Listing | None = field(default=None, repr=False)
    listings: Mapping[str, Listing] = field(default_factory=dict, repr=False)
    """By name, the lists of rules that make several; `listing` is missing then."""
    allocation: Allocation | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    previous: pl.DataFrame | None = field(default=None, repr=False)
    tiers_from: TiersFrom | None = None
    """Where the tiers come from, of rules that rate nobody themselves."""


YEARLY = ("land", "tax", "energy", "output", "emissions", "water", "extra", "surveys")
"""Tables of which a year's frame reads nothing but the year and those that it looks back at."""

LOOKS_BACK = max(LAGS.values()) + 1
"""The years before the data year that its frame and that of the year before look back at."""


def inputs_at(
    store: Store, batch: int | None, before_run: int | None = None, *, year: int | None = None, back: int = LOOKS_BACK
) -> dict[str, pl.DataFrame]:
    """Every table as it stood, and in `ratings` what mujun itself rated as final.

    Args:
        store: an open store.
        batch: the newest batch that counts; `None` for the tables as they stand.
        before_run: only final runs before this one count as earlier results.
        year: the only data year that is to be computed: then nothing is read but what its frame, that of the year
            before and its bills rest on.
        back: the years before it that are looked back at; of its own frame, without that of the year before, one less.
    """
    tables = store.tables(as_of_batch=batch) if year is None else _of_frame(store, batch, year, back)
    tables["ratings"] = _with_final_runs(store, tables["ratings"], before_run)
    executed = executed_amounts(store, final_runs(store, before_run), before_run)
    return tables if executed.is_empty() else tables | {EXECUTED: executed}


def _of_frame(store: Store, batch: int | None, year: int, back: int) -> dict[str, pl.DataFrame]:
    """What a year's frame, that of the year before and its bills rest on, without fields and years that they pass over.

    Of `extra` places are read as well: what cannot be read of it is told.
    """
    names = (*OF_FRAME, "usage")
    fields = {name: several for name, several in OF_FRAME.items() if name != "extra"}
    years = dict.fromkeys(YEARLY, range(year - back, year + 1))
    aliases = store.table("aliases", as_of_batch=batch)
    # Old names decide on successors, of whatever year they are.
    of_roll = {} if aliases.height else {"enterprises": years["land"]}
    tables = store.tables(names, as_of_batch=batch, years=years | of_roll, fields=fields)
    if not (tables["enterprises"]["year"] == year).any():
        tables |= store.tables(["enterprises"], as_of_batch=batch, fields=fields)
    return tables


def frame_at(tables: Tables, year: int, ruleset: RuleSet | None) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The frame of a year, with the extra fields that a rule set reads.

    Raises:
        UsageError: there are no enterprises of that year.
    """
    if not (tables["enterprises"]["year"] == year).any():
        known = sorted(tables["enterprises"]["year"].unique().to_list())
        raise UsageError(problem("year_without_enterprises", year=year, known=known or "—"))
    frame, findings = build_frame(dict(tables), year, extra=extra_kinds(ruleset))
    return with_amounts_last(frame, tables, year, ruleset), findings


OF_USAGE = ("aliases", "enterprises", "usage")
"""The tables that `usage_at` reads."""


def usage_at(tables: Tables, year: int) -> pl.DataFrame:
    """Bills by the codes that are right at the end of a year."""
    wanted = {name: tables[name] for name in OF_USAGE if name in tables}
    return with_successors(wanted, year)[0]["usage"]


def previous_at(tables: Tables, year: int, ruleset: RuleSet) -> pl.DataFrame | None:
    """Last year's frame, where a statistic of the rules asks for it and there is one.

    For a list or amounts that look back it also has each enterprise's tier of that year.
    """
    if not looks_back(ruleset) or not (tables["enterprises"]["year"] == year - 1).any():
        return None
    frame = frame_at(tables, year - 1, ruleset)[0]
    if not _policies_look_back(ruleset):
        return frame
    then = with_successors({n: tables[n] for n in ("aliases", "enterprises", "ratings")}, year - 1)[0]["ratings"]
    given = then.filter(pl.col("year") == year - 1).select("credit_code", "tier", "score", "cohort")
    return frame.join(given.unique("credit_code", maintain_order=True), on="credit_code", how="left")


def looks_back(ruleset: RuleSet) -> bool:
    """Whether a statistic of the rules asks for last year's frame."""
    rating = ruleset.rating
    rates = rating is not None and any(s.year == "previous" for s in rating.statistics.values())
    return rates or _policies_look_back(ruleset)


def _policies_look_back(ruleset: RuleSet) -> bool:
    files = (ruleset.rectification, *(p.file for p in ruleset.allocation_parts))
    return any(s.year == "previous" for f in files if f is not None for s in f.statistics.values())


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
    return gathered_at(tables, year, ruleset).computed(batch)


@dataclass(frozen=True)
class Gathered:
    """What a year is computed from, put together, so that nobody has to hold the tables any longer.

    Attributes:
        ruleset, year: the rules and the data year.
        frame, findings: what `frame_at` gives.
        previous: what `previous_at` gives.
        usage: what `usage_at` gives, where the rules have amounts.
    """

    ruleset: RuleSet
    year: int
    frame: pl.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    previous: pl.DataFrame | None = field(repr=False)
    usage: pl.DataFrame | None = field(repr=False)

    def computed(self, batch: int) -> YearResult:
        """The year rated, listed and allocated.

        Raises:
            RuleError, RatingError: as `mujun.rate` says.
        """
        result = rated_from(self.ruleset, self.year, self.frame, self.previous, usage=self.usage)
        return replace(result, batch=batch, findings=self.findings)


def gathered_at(tables: Tables, year: int, ruleset: RuleSet) -> Gathered:
    """What a year is computed from, out of the tables of one moment.

    Raises:
        UsageError: there are no enterprises of that year.
    """
    frame, findings = frame_at(tables, year, ruleset)
    usage = usage_at(tables, year) if ruleset.allocation else None
    return Gathered(ruleset, year, frame, findings, previous_at(tables, year, ruleset), usage)


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
        frame: what `frame_at` gives.
        previous: what `previous_at` gives.
        usage: what `usage_at` gives, where the rules have amounts.
        amounts: whether amounts are wanted.

    Raises:
        RuleError, RatingError: as `mujun.rate` says.
    """
    from mujun.rating import rate

    step("step_rating", of=3, count=frame.height)
    rating = rate(frame, ruleset, previous)
    listing, allocation = followed(ruleset, frame, rating, previous, usage=usage, amounts=amounts)
    several = listed_by_name(ruleset, frame, rating, previous)
    return YearResult(year, ruleset, frame, rating, 0, None, listing, several, allocation, previous=previous)


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
    rating = result.rating
    tables = {"subjects": rating.subject_ratings.drop("run")}
    if rating.plan.rating.population.area is None:
        # A rating of townships or parks says nothing of any one enterprise. Where each is its own subject, both tables
        # are one, which is gone through once.
        one = not rating.merged and rating.other is None
        tables["ratings"] = tables["subjects"] if one else rating.ratings.drop("run")
    if result.listing is not None:
        tables[LIST] = result.listing.rectification
    tables |= {table_of_list(name): one.rectification for name, one in result.listings.items()}
    if result.allocation is not None:
        tables["allocation"] = result.allocation.allocation
    return tables


def table_of_list(name: str) -> str:
    """What a run calls the table of one of its lists; of its only one where no name is given."""
    return f"{LIST}_{name}" if name else LIST


def kind_of(name: str) -> str:
    """What kind of table a run's table is, by which its columns are named: each of several lists is a list."""
    return LIST if name.startswith(f"{LIST}_") else name


def lists_in(tables: Tables) -> dict[str, pl.DataFrame]:
    """The lists among a run's tables by their names; an only list under the empty one."""
    return {n.removeprefix(LIST).removeprefix("_"): t for n, t in tables.items() if n.split("_")[0] == LIST}


def frames_of(result: YearResult) -> dict[str, pl.DataFrame]:
    """What was rated, by the names under which a run keeps it."""
    return {FRAME: result.frame} | ({} if result.previous is None else {PREVIOUS: result.previous})


def digests(tables: Tables, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The digest of each table; of some it may be known."""
    from mujun.rating import digest_of

    of_table = {id(tables[name]): digest for name, digest in known.items()}
    for table in tables.values():
        if id(table) not in of_table:
            of_table[id(table)] = digest_of(table)
    return {name: of_table[id(table)] for name, table in tables.items()}


def record_of(result: YearResult, *, version: str, who: str, label: str = "", final: bool = False) -> RunRecord:
    """What the store keeps of a result."""
    tables = result_tables(result)
    # The rating's own digest is that of the table it keeps: a hundred thousand firms are not gone through twice.
    digest = result.rating.digest
    # Frames are sealed by the SHA-256 of their bytes alone: what they say follows from the records.
    given = digests(tables, {"ratings" if "ratings" in tables else "subjects": digest})
    return RunRecord(
        year=result.year,
        rules=result.ruleset.address,
        rule_files=result.ruleset.texts,
        batch=result.batch,
        mujun_version=version,
        digest=digest,
        results=tables,
        label=label,
        final=final,
        binding=result.rating.binding,
        who=who,
        digests=given,
        frames=frames_of(result),
    )


def extra_kinds(ruleset: RuleSet | None) -> dict[str, Kind]:
    """The fields that a rule set's files take from the `extra` table, and their kinds."""
    if ruleset is None:
        return {}
    files = (ruleset.rating, ruleset.rectification, *(p.file for p in ruleset.allocation_parts))
    return {n: f.input for file in files if file is not None for n, f in file.fields.items() if f.input}


def check_year(ruleset: RuleSet, year: int) -> None:
    """Refuse a year that the rules are not for.

    Raises:
        UsageError: the rules name their years, and this is none of them.
    """
    if not fits_year(ruleset, year):
        assert ruleset.rating is not None
        years: Sequence[int] = ruleset.rating.years
        raise UsageError(problem("rules_not_for_year", address=ruleset.address, year=year, years=list(years)))


def fits_year(ruleset: RuleSet, year: int) -> bool:
    """Whether the rules may rate a year."""
    rating = ruleset.rating
    return rating is None or not rating.years or year in rating.years


def final_runs(store: Store, before_run: int | None) -> pl.DataFrame:
    """The newest final binding run of each year and rule set."""
    runs = store.runs().filter(pl.col("final"), pl.col("binding"))
    if before_run is not None:
        runs = runs.filter(pl.col("number") < before_run)
    return runs.sort("number").unique(["year", "rules"], keep="last", maintain_order=True)


def _with_final_runs(store: Store, ratings: pl.DataFrame, before_run: int | None) -> pl.DataFrame:
    """The table of earlier results with what mujun rated itself, which goes first."""
    of_runs: list[pl.DataFrame] = []
    for number, year in final_runs(store, before_run).select("number", "year").iter_rows():
        wanted = ("credit_code", "name", "tier", "score", "cohort")
        tiered = store.run_table(number, columns=wanted).filter(pl.col("tier").is_not_null())
        of_runs.append(
            tiered.select(
                pl.lit(year, dtype=pl.Int32).alias("year"),
                "credit_code",
                "name",
                "tier",
                pl.col("score").cast(pl.Decimal(18, 6)),
                "cohort",
            )
        )
    if not of_runs:
        return ratings
    mine = pl.concat(of_runs).unique(["year", "credit_code"], keep="last", maintain_order=True)
    rated_years = mine["year"].unique().implode()
    # A year that mujun rated is mujun's: a firm without a tier in it has none.
    return pl.concat([ratings.filter(~pl.col("year").is_in(rated_years)), mine], how="diagonal")


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
