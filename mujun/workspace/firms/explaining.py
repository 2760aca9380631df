"""Explanations with the records behind them: the store's part of `explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

import mujun
from mujun.analysis import Explainer, Explanation, Origin, RunInfo, Ways, fields_behind
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import TABLES, Field, Table, nearest
from mujun.messages import Guess
from mujun.rules import load_rules
from mujun.rules.named_lists import with_list
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.asking import codes_of
from mujun.workspace.computing import YearResult
from mujun.workspace.county_file import CountyFile
from mujun.workspace.identity.former_codes import heirs_at, under_standing_codes, with_former
from mujun.workspace.runs import past
from mujun.workspace.runs.policies import listing_of
from mujun.workspace.runs.standing_alone import result_for, stands_alone

if TYPE_CHECKING:
    from mujun.allocation import Allocation

_TABLES: tuple[str, ...] = ("enterprises", "land", "tax", "energy", "output", "emissions", "water", "labels", "extra")
"""Where the figures of a frame stand."""


@dataclass(frozen=True)
class Explaining:
    """A past run ready to be explained, one firm or many: what they have in common is computed once.

    Attributes:
        county: the county.
        rated: the run, rated again; `result` is it once its digest is known to be the run's.
        amounts: whether the derivation of amounts is wanted.
        together: the indicators that the way up moves together; all that can move unless told.
    """

    county: CountyFile = field(repr=False)
    rated: YearResult
    amounts: bool = False
    together: tuple[str, ...] = ()

    @cached_property
    def result(self) -> YearResult:
        """The run, computed again: from what it kept or, where that does not give its digest, from the records."""
        if self._digest is None or self._digest.result() == self.rated.unconfirmed:
            return self.rated
        return past.recomputed(self.county, self.rated.number)

    @cached_property
    def _digest(self) -> Future[str] | None:
        """The digest of what was rated, worked out beside whatever is done meanwhile; nothing where it is confirmed."""
        if self.rated.unconfirmed is None:
            return None
        beside, rating = ThreadPoolExecutor(1), self.rated.rating
        digest = beside.submit(lambda: rating.digest)
        beside.shutdown(wait=False)
        return digest

    @cached_property
    def _explainer(self) -> Explainer:
        return explainer(self.rated)

    @cached_property
    def _ways(self) -> Ways:
        return ways_of(self.rated, self.together)

    def firms_of(self, township: str) -> list[str]:
        """The enterprises of a township that the rules look at, by code.

        Raises:
            UsageError: there is no such township; names the nearest.
        """
        return firms_of(self.rated, township)

    def of(self, asked: Sequence[str], *, ways: bool = True, figures: bool = False) -> list[Explanation]:
        """The explanations of some enterprises, every figure with the file, sheet and row it stands in.

        Args:
            asked: the enterprises: codes, names, or parts of names that no other bears.
            ways: whether the ways up and down are wanted.
            figures: whether the way up tries each figure of the records as well, a second a firm.

        Raises:
            UsageError: one of them does not exist; names the nearest, or all that may be meant.
        """
        digest = self._digest
        explanations = self._of(asked, ways=ways, figures=figures)
        if digest is None or self.result is self.rated:
            return explanations
        return replace(self, rated=self.result)._of(asked, ways=ways, figures=figures)

    def _of(self, asked: Sequence[str], *, ways: bool, figures: bool) -> list[Explanation]:
        rated = self.rated
        credit_codes = codes_of(rated.rating.enterprises, asked)
        step("step_explaining", count=len(credit_codes))
        given = rated.tiers_from is not None and rated.tiers_from.given
        up = self._ways if ways and not given else None
        explanations = explained(
            self.county, self._explainer, rated, credit_codes, amounts=self.amounts, ways=up, figures=figures
        )
        # Of a tier that was taken over nobody knows the points.
        return [replace(e, score=None, cut=None) for e in explanations] if given else explanations


def explaining(
    county: CountyFile,
    run: int | YearResult | None = None,
    *,
    rules: str | None = None,
    year: int | None = None,
    amounts: bool = False,
    together: Sequence[str] = (),
    name: str | None = None,
) -> Explaining:
    """A past run ready to be explained: why each enterprise has its tier, and the cheapest way up.

    Args:
        county: the county.
        run: which run, or what computing it gave; the newest where none is named.
        rules: another rule set whose list and amounts are explained beside the tiers.
        year: the data year, with `rules` that rate nobody themselves.
        amounts: whether the derivation of amounts is wanted.
        together: the indicators that the way up moves together; all that can move unless told.
        name: which of several lists of the rules.

    Raises:
        UsageError: there is no such run or list, or `rules` have a rating of their own, which `rate` has to make first.
    """
    chosen = with_list(load_rules(rules), name) if rules is not None else None
    if chosen is not None and not stands_alone(chosen):
        raise UsageError(problem("explain_rules_rate", address=rules))
    result = (
        run if isinstance(run, YearResult) else result_for(county, chosen, year, run, amounts=amounts, confirmed=False)
    )
    if chosen is None and name is not None:
        result = replace(result, listing=listing_of(county, result, with_list(result.ruleset, name)))
    return Explaining(county, result, amounts, tuple(together))


def explain(
    county: CountyFile,
    asked: str,
    run: int | YearResult | None = None,
    *,
    amounts: bool = False,
    together: Sequence[str] = (),
    ways: bool = True,
    figures: bool = True,
) -> Explanation:
    """Why an enterprise has its tier: every number from record to tier, and what the next tier would take.

    Args:
        county: the county.
        asked: the enterprise: its code, its name, or a part of its name that no other bears.
        run, amounts, together: as in `explaining`.
        ways: whether the ways up and down are wanted.
        figures: whether the way up tries each figure of the records as well.

    Raises:
        UsageError: there is no such run or enterprise; names the nearest.
    """
    return explaining(county, run, amounts=amounts, together=together).of([asked], ways=ways, figures=figures)[0]


def explainer(result: YearResult, amounts: Allocation | None = None) -> Explainer:
    """The explainer of a run.

    Args:
        result: a year rated, or a past run computed again.
        amounts: by other rules than its own.
    """
    run = RunInfo(result.number, result.batch, mujun.__version__)
    frame = result.frame_read if amounts is None else result.frame
    return Explainer(result.rating, frame, result.listing, amounts or result.allocation, run)


def explained(
    county: CountyFile,
    made: Explainer,
    result: YearResult,
    credit_codes: Sequence[str],
    *,
    amounts: bool = False,
    ways: Ways | None = None,
    figures: bool = False,
) -> list[Explanation]:
    """The explanations of some enterprises, every figure with the file, sheet and row it stands in.

    Args:
        made: the run's explainer.
        result: the run.
        credit_codes: the enterprises.
        amounts: whether the derivation of their amounts is wanted.
        ways: what `ways_of` gives, where the way up is wanted.
        figures: whether it tries each figure of the records as well, a second a firm.

    Raises:
        UsageError: one of them does not exist; names the nearest code.
    """
    # The records are looked through while the ways are searched.
    with ThreadPoolExecutor(1) as beside:
        behind = beside.submit(copy_context().run, records_behind, county, made, result, credit_codes)
        return made.explain_all(credit_codes, origins=behind.result, amounts=amounts, ways=ways, figures=figures)


def ways_of(result: YearResult, chosen: Sequence[str] = ()) -> Ways:
    """What computes the ways up of a run, for one firm or many.

    Args:
        result: the run.
        chosen: the indicators to be moved together; all that can move unless told.

    Raises:
        UsageError: the rules have no such indicator; names the nearest.
    """
    return Ways(result.rating, result.frame_read, result.previous_read, chosen)


def firms_of(result: YearResult, township: str) -> list[str]:
    """The enterprises of a township that the rules look at, by code.

    Raises:
        UsageError: there is no such township; names the nearest.
    """
    rows = result.rating.enterprises
    known = rows["township"].drop_nulls().unique().sort().to_list()
    if township not in known:
        near = Guess(nearest(township, known))
        raise UsageError(problem("unknown_township", township=township, near=near, known=known or "—"))
    mine = rows.filter(pl.col("township") == township, pl.col("treatment") != "out")
    return sorted(mine["credit_code"].to_list())


def records_behind(
    county: CountyFile, made: Explainer, result: YearResult, credit_codes: Sequence[str]
) -> dict[str, list[Origin]]:
    """Where the figures that the rules read stand, firm by firm; `field` of each is the frame's field.

    A pooled subject's figures are those of all its members; what stands under an old code is told with that code.
    """
    wanted = {name: fields_behind(name) for name in made.names_read}
    members = _members_of(result, credit_codes)
    origins: dict[str, list[Origin]] = {code: [] for code in members}
    with Store.open(county.path) as store:
        heirs = heirs_at(store, result.year, as_of_batch=result.batch or None)
        asked = with_former(list(members), heirs)
        backs = sorted({b for several in wanted.values() for _, b in several})
        by_field = {b: {f: name for name, several in wanted.items() for f, of in several if of == b} for b in backs}
        fields = {(t, back): _fields_of(TABLES[t], by_field[back]) for back in backs for t in _TABLES}
        asked_of, years = {t for (t, _), some in fields.items() if some}, [result.year - back for back in backs]
        told = store.origins(asked_of, asked, years, as_of_batch=result.batch or None)
    for (name, back), some in fields.items():
        if some:
            table, year, rows = TABLES[name], result.year - back, told[name]
            of_year = rows.filter(pl.col("year") == year) if table.yearly else rows
            standing = under_standing_codes(name, of_year, heirs)
            for code, origin in _told(table, some, standing, by_field[back], year):
                origins[code].append(origin)
    return _gathered(origins, members, credit_codes)


def _fields_of(table: Table, wanted: Mapping[str, str]) -> list[Field]:
    """The fields of a table that make up some figures of a frame."""
    return [f for f in table.fields if f.name in wanted or (table.name == "extra" and f.name == "value")]


@dataclass(frozen=True)
class _Member:
    """A firm that is rated with others: its name, and the firms that are asked about in its subject."""

    name: str | None
    asked: tuple[str, ...]


def _members_of(result: YearResult, credit_codes: Sequence[str]) -> dict[str, _Member]:
    """All firms whose records make up the figures of some: they themselves, and whoever was rated with them."""
    rating = result.rating
    firms = rating.enterprises.select("credit_code", "subject", "name")
    mine = firms.filter(pl.col("credit_code").is_in(list(credit_codes))).group_by("subject", maintain_order=True)
    asked = {subject: tuple(rows["credit_code"].to_list()) for (subject,), rows in mine}
    together = firms.filter(pl.col("subject").is_in(list(asked))).sort("credit_code")
    sizes = dict(together.group_by("subject").agg(pl.len()).iter_rows())
    members = {
        code: _Member((name or code) if sizes[subject] > 1 else None, asked[subject])
        for code, subject, name in together.iter_rows()
    }
    # A firm that the rating does not know is refused by the explainer, with the nearest code.
    return members | {code: _Member(None, (code,)) for code in credit_codes if code not in members}


def _gathered(
    origins: Mapping[str, Sequence[Origin]], members: Mapping[str, _Member], credit_codes: Sequence[str]
) -> dict[str, list[Origin]]:
    """Each asked firm's origins: its own, or those of all members of its subject, each under the member's name."""
    gathered: dict[str, list[Origin]] = {code: [] for code in credit_codes}
    for code, member in members.items():
        named = [replace(o, member=member.name) for o in origins[code]]
        for asked in member.asked:
            gathered[asked] += named
    return gathered


def _told(
    table: Table, fields: Iterable[Field], rows: pl.DataFrame, by_field: dict[str, str], year: int
) -> Iterator[tuple[str, Origin]]:
    named = {f.name: f for f in fields}
    if table.name == "labels":
        yield from _labels(table, rows, by_field, year)
        return
    if table.name == "land":
        rows = _with_tenure(rows)
    for row in rows.iter_rows(named=True):
        field = named.get(row["field"])
        if field is None or row["batch"] is None:
            continue
        # A local indicator's record is named by its field.
        name = row["record"] if table.name == "extra" else by_field.get(field.name, field.name)
        yield (
            row["whose"],
            Origin(
                table.label, name, field.label, field.unit, row["year"], row["record"], row["value"], row["batch"],
                row["file"], row["sheet"], row["row"],
            ),
        )  # fmt: skip


def _with_tenure(rows: pl.DataFrame) -> pl.DataFrame:
    """Areas of land told apart by their tenure, parcel and the other side of a lease."""
    place = ["whose", "batch", "sheet", "row"]
    parts = [
        rows.filter(pl.col("field") == name).select(*place, pl.col("value").alias(name))
        for name in ("tenure", "parcel", "counterparty")
    ]
    areas = rows.filter(pl.col("field") == "area_mu")
    for part in parts:
        areas = areas.join(part, on=place, how="left", nulls_equal=True, maintain_order="left")
    record = pl.concat_str("tenure", "parcel", "counterparty", separator=" ", ignore_nulls=True)
    return areas.with_columns(record.alias("record"))


def _labels(table: Table, rows: pl.DataFrame, by_field: dict[str, str], year: int) -> Iterator[tuple[str, Origin]]:
    """A label is its key; it is told once, at the place of its newest row."""
    if "label" not in by_field:
        return
    once = rows.filter(pl.col("batch").is_not_null()).unique(["whose", "record"], keep="first", maintain_order=True)
    for row in once.iter_rows(named=True):
        yield (
            row["whose"],
            Origin(
                table.label, "labels", table.by_name["label"].label, "", None, row["record"], row["record"],
                row["batch"], row["file"], row["sheet"], row["row"],
            ),
        )  # fmt: skip
