"""Why an enterprise has its tier, taken from the columns that the rating kept.

`Explainer` holds what the explanations of one rating share, so that a thousand firms cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from mujun.analysis.explanation import (
    Basis,
    Computed,
    Document,
    Explanation,
    Figure,
    ListReason,
    ListStep,
    Member,
    Missing,
    Origin,
    OtherResult,
    TriggerValue,
)
from mujun.analysis.indicator_steps import IndicatorSteps
from mujun.analysis.off_list import exits_of
from mujun.analysis.tier_steps import cut_step, rule_steps, score_step
from mujun.analysis.way_up import WayUp
from mujun.analysis.ways import Ways
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, LAND_PARTS, nearest
from mujun.messages import Guesses
from mujun.rating import Rating, notes_of
from mujun.rating.result import OTHER
from mujun.rules.in_words import in_words
from mujun.rules.model.rating import FIRMS
from mujun.rules.names import FieldPlan
from mujun.rules.rating_plan import columns_read

if TYPE_CHECKING:
    from mujun.allocation import Allocation
    from mujun.rectification import Listing

Row = Mapping[str, Any]

_UNSEEN: frozenset[str] = frozenset({"year", "credit_code", "name", "as_of", "tier_history"})


@dataclass(frozen=True)
class RunInfo:
    """What is known of the run that an explanation rests on, and the version of mujun that explains it."""

    number: int | None = None
    batch: int | None = None
    engine: str = ""


_NO_RUN = RunInfo()


class Explainer:
    """The explanations of one rating.

    Args:
        rating: the rating.
        frame: the frame that was rated, one row per enterprise; at least what the rules read of it, and `LAND_PARTS`.
        listing: its rectification list, if the rules have one.
        allocation: its amounts; asked for only with `explain(…, amounts=True)`.
        run: the run it was kept as.
    """

    def __init__(
        self,
        rating: Rating,
        frame: pl.DataFrame,
        listing: Listing | None = None,
        allocation: Allocation | None = None,
        run: RunInfo = _NO_RUN,
    ) -> None:
        self.rating, self.frame, self.listing, self.allocation, self.run = rating, frame, listing, allocation, run
        self.steps = IndicatorSteps(rating)

    # ------------------------------------------------------------------------------------------------ what is shared

    @cached_property
    def basis(self) -> Basis:
        """What every explanation of this rating rests on."""
        plan, ruleset = self.rating.plan, self.rating.plan.ruleset
        documents = tuple(Document(s.document, s.url, s.checked, s.note) for s in ruleset.sources)
        files = (ruleset.rating, ruleset.rectification, ruleset.allocation)
        omits = tuple(dict.fromkeys(line for f in files if f is not None for line in f.omits))
        return Basis(
            self.run.number, self.run.batch, self.rating.year, self.run.engine, ruleset.address, plan.rating.name,
            plan.rating.status, ruleset.digest, self.rating.digest, self.rating.binding, documents, omits,
            "full" if any(f is not None and f.persons == "full" for f in files[:2]) else "masked",
        )  # fmt: skip

    @cached_property
    def names_read(self) -> tuple[str, ...]:
        """The frame's fields that the rules read, in the order of the dictionary, the land's parts with the land."""
        read = {n for n in {*columns_read(self.rating.plan), *self._asked_by_others} if n in FRAME_FIELDS} - _UNSEEN
        if self.rating.plan.rating.population.area is not None:
            # An area has the sums of its firms; what else the rules read of each firm is none of its own.
            read = {n for n in read if FRAME_FIELDS[n].kind == "quantity"}
        elif "land_mu" in read:
            read |= set(LAND_PARTS)
        return tuple(n for n in FRAME_FIELDS if n in read)

    @property
    def _asked_by_others(self) -> set[str]:
        """What a list or amounts ask for that are not of the rating's own rule set."""
        asked: set[str] = set()
        if self.listing is not None and self.listing.plan.ruleset.rating is None:
            asked |= set(self.listing.plan.reads())
        if self.allocation is not None and self.allocation.plan.ruleset.rating is None:
            asked |= {n for part in self.allocation.plan.parts for n in part.reads()}
        return asked

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {c.id: c.label or c.id for c in self.rating.plan.rating.cohorts}

    @cached_property
    def _rules(self) -> dict[str, str]:
        """What the rules' conditions decide, in words, by their place in the rule file."""
        rating = self.rating.plan.rating
        tiers = rating.tiers
        return {
            "population.scope": f"评价范围：{self.steps.in_words(rating.population.scope)}",
            **{f"special.{s.id}": s.reason for s in rating.population.special},
            **{f"cohort.{c.id}": c.label or c.id for c in rating.cohorts},
            **{f"adjustments.{a.id}": a.label or a.id for a in rating.adjustments.items},
            **{f"before.{b.id}": b.reason for b in (tiers.before if tiers else ())},
            **{f"after.{a.id}": a.reason for a in (tiers.after if tiers else ())},
        }

    def _missing(self, subjects: Collection[str]) -> dict[str, tuple[Missing, ...]]:
        missing: dict[str, list[Missing]] = {}
        for row in notes_of(self.rating, subjects).iter_rows(named=True):
            labels = tuple(self.steps.words.of(n) for n in row["missing"])
            rule = self._rules.get(row["where"], row["where"])
            missing.setdefault(row["subject"], []).append(Missing(row["where"], tuple(row["missing"]), rule, labels))
        return {subject: tuple(several) for subject, several in missing.items()}

    def subjects(self, names: Iterable[str]) -> dict[str, Row]:
        """Subjects by name with everything the rating kept, and both sides of every ratio."""
        wanted = self.rating.subjects.filter(pl.col("subject").is_in(list(names)))
        sides = [
            compiled.value.expr.alias(f"side:{p.name}:{which}")
            for p in self.rating.plan.indicators
            for which, compiled in (("of", p.of), ("per", p.per))
            if compiled is not None
        ]
        return {r["subject"]: r for r in wanted.with_columns(sides).iter_rows(named=True)}

    # ------------------------------------------------------------------------------------------------- explanations

    def explain(
        self,
        credit_code: str,
        *,
        origins: Sequence[Origin] = (),
        amounts: bool = False,
    ) -> Explanation:
        """The explanation of one enterprise.

        Args:
            credit_code: the enterprise.
            origins: where its figures stand in the records.
            amounts: whether the derivation of its amounts is wanted.

        Raises:
            UsageError: there is no such enterprise; names the nearest code.
        """
        return self.explain_all([credit_code], origins=lambda: {credit_code: origins}, amounts=amounts)[0]

    def explain_all(
        self,
        credit_codes: Sequence[str],
        *,
        origins: Callable[[], Mapping[str, Sequence[Origin]]] | None = None,
        amounts: bool = False,
        ways: Ways | None = None,
        figures: bool = False,
    ) -> list[Explanation]:
        """The explanations of several enterprises, in their order.

        Args:
            credit_codes: the enterprises.
            origins: tells by enterprise where its figures stand in the records; asked when the ways are found.
            amounts: whether the derivation of their amounts is wanted.
            ways: computes the way up, where that is wanted.
            figures: whether the way up tries each figure of the records as well, a second a firm.

        Raises:
            UsageError: one of them does not exist; names the nearest code.
        """
        firms = self._firms(credit_codes)
        subjects = self.subjects({firms[c]["subject"] for c in credit_codes})
        parts, members, missing = self._beside(subjects), self._members(subjects), self._missing(subjects)
        listed = self._listed(credit_codes)
        up = self._ways(ways, firms, subjects, figures=figures) if ways is not None else {}
        places = origins() if origins is not None else {}
        off = exits_of(self.listing, credit_codes) if ways is not None and self.listing is not None else {}
        explanations = []
        for code in credit_codes:
            firm = firms[code]
            row = subjects[firm["subject"]]
            name = row["subject"]
            told = parts.get(name, {}), members.get(name, ()), missing.get(name, ()), places.get(code, ())
            explanation = self._explained(firm, row, *told)
            lines = _amount_lines(self.allocation, code) if amounts and self.allocation is not None else None
            way = up.get(firm["subject"])
            way = replace(way, off_list=off.get(code, ())) if way is not None else None
            explanations.append(replace(explanation, listing=listed.get(code), amounts=lines, way_up=way))
        return explanations

    @staticmethod
    def _ways(ways: Ways, firms: Mapping[str, Row], subjects: Mapping[str, Row], *, figures: bool) -> dict[str, WayUp]:
        # A pooled subject's figures are moved through the first of its members that is asked for.
        by_subject = {f["subject"]: code for code, f in reversed(list(firms.items()))}
        return ways.of(list(subjects.values()), figures=by_subject if figures else None)

    def _firms(self, codes: Sequence[str]) -> dict[str, Row]:
        columns = ["subject", "credit_code", "name", "township", "park", "industry", "scale"]
        if self.rating.other is not None:
            columns += ["counted_as", "other_as", *(f"other_{name}" for name in OTHER)]
        rows = self.rating.enterprises.filter(pl.col("credit_code").is_in(list(codes))).select(columns)
        firms: dict[str, Row] = {r["credit_code"]: r for r in rows.iter_rows(named=True)}
        for code in codes:
            if code not in firms:
                near = nearest(code, self.rating.enterprises["credit_code"].to_list())
                told = Guesses([near] if near else [])
                raise UsageError(problem("unknown_enterprise", code=code, year=self.rating.year, near=told))
        return firms

    def _explained(
        self,
        firm: Row,
        row: Row,
        parts: Row,
        members: tuple[Member, ...],
        missing: tuple[Missing, ...],
        origins: Sequence[Origin],
    ) -> Explanation:
        plan, rating = self.rating.plan, self.rating
        phrase, scope = self.steps.in_words, plan.rating.population.scope
        tiers = {c.id: c.label or c.id for c in plan.rating.tiers.classes} if plan.rating.tiers else {}
        return Explanation(
            basis=self.basis,
            credit_code=firm["credit_code"],
            name=firm["name"] or "",
            township=firm["township"],
            park=firm["park"],
            industry=firm["industry"],
            scale=firm["scale"],
            subject=row["subject"],
            subject_kind=plan.rating.population.merges_by if len(members) > 1 else plan.rating.population.subject,
            members=members,
            other=self._other(firm),
            treatment=row["treatment"],
            reason=row["reason"],
            scope=phrase(scope),
            scope_formula=None if scope is None else scope.text,
            cohort=row["cohort"],
            cohort_label=self._labels.get(row["cohort"]),
            figures=self._figures(row, parts, origins),
            computed=self._computed(row),
            indicators=self.steps.of(row) if row["treatment"] not in ("out", "collected") else (),
            score=score_step(rating, row, phrase, self.steps.words),
            cut=cut_step(rating, row, phrase, self.steps.words),
            rules=rule_steps(rating, row, phrase),
            tier=row["tier"],
            tier_label=tiers.get(row["tier"]),
            managed_as=row["managed_as"],
            missing=missing,
            listing=None,
            amounts=None,
            way_up=None,
        )

    def _other(self, firm: Row) -> OtherResult | None:
        """The result the firm has the other way, where it is rated alone and merged."""
        if firm.get("counted_as") is None:
            return None
        members = self._names.filter(pl.col("credit_code").is_in(firm["other_members"]))["name"]
        label = self._labels.get(firm["other_cohort"])
        return OtherResult(
            firm["counted_as"], firm["other_as"], firm["other_subject"], tuple(members), label, firm["other_score"],
            firm["other_rank"], firm["other_size"], firm["other_tier"],
        )  # fmt: skip

    @cached_property
    def _names(self) -> pl.DataFrame:
        return self.rating.enterprises.select("credit_code", pl.coalesce("name", "credit_code")).sort("credit_code")

    # ------------------------------------------------------------------------------------------------------ figures

    def _figures(self, row: Row, parts: Row, origins: Sequence[Origin]) -> tuple[Figure, ...]:
        by_field: dict[str, list[Origin]] = {}
        for origin in origins:
            by_field.setdefault(origin.field, []).append(origin)
        figures = []
        if self.rating.plan.rating.population.area is not None:
            counted = self.rating.plan.scope.meanings[FIRMS]
            figures.append(Figure(FIRMS, counted.label, self.steps.words.unit_of(FIRMS), row[FIRMS], ()))
        for name in self.names_read:
            field = FRAME_FIELDS[name]
            value = row[name] if name in row else parts.get(name)
            shown = tuple(value) if isinstance(value, list) else value
            figures.append(Figure(name, field.label, field.unit, shown, tuple(by_field.get(name, ()))))
        for plan in self._inputs:
            unit = self.steps.words.unit_of(plan.name)
            figures.append(
                Figure(plan.name, plan.meaning.label, unit, row[plan.name], tuple(by_field.get(plan.name, ())))
            )
        return tuple(figures)

    @cached_property
    def _inputs(self) -> tuple[FieldPlan, ...]:
        """The rules' own fields that departments report (`input:`)."""
        plans = self.rating.plan.names.all_of(FieldPlan)
        return tuple(p for p in plans if isinstance(p, FieldPlan) and p.compiled is None)

    def _beside(self, subjects: Mapping[str, Row]) -> dict[str, Row]:
        """What the rating did not bring of subjects that are one enterprise; a pooled subject's are its members'."""
        alone = [name for name, row in subjects.items() if row.get("members") is None]
        # Rules that read little have it all in the rating: a frame without columns has no rows either.
        if not self._figures_beside.width:
            return {}
        mine = self.frame["credit_code"].is_in(alone)
        rows = self._figures_beside.filter(mine).iter_rows(named=True)
        return dict(zip(self.frame["credit_code"].filter(mine), rows, strict=True))

    @cached_property
    def _figures_beside(self) -> pl.DataFrame:
        wanted = dict.fromkeys((*LAND_PARTS, *self.names_read))
        return self.frame.select(n for n in wanted if n in self.frame.columns and n not in self.rating.subjects.columns)

    def _computed(self, row: Row) -> tuple[Computed, ...]:
        steps = []
        for plan in self.rating.plan.names.all_of(FieldPlan):
            if not isinstance(plan, FieldPlan) or plan.compiled is None:
                continue
            source, value = plan.compiled.source, row[plan.name]
            shown = tuple(value) if isinstance(value, list) else value
            unit = self.steps.words.unit_of(plan.name)
            steps.append(
                Computed(plan.name, plan.meaning.label, unit, shown, str(source), self.steps.in_words(source) or "")
            )
        return tuple(steps)

    def _members(self, subjects: Mapping[str, Row]) -> dict[str, tuple[Member, ...]]:
        """The firms of pooled subjects with their own part of each quantity."""
        pooled = {n: r["members"] for n, r in subjects.items() if r.get("members") is not None}
        if not pooled:
            return {}
        quantities = [n for n in self.names_read if FRAME_FIELDS[n].kind == "quantity" and n in self.frame.columns]
        codes = [c for several in pooled.values() for c in several]
        rows = self.frame.filter(pl.col("credit_code").is_in(codes)).select("credit_code", *quantities)
        rows = rows.join(self.rating.enterprises.select("credit_code", "name"), on="credit_code", how="left")
        by_code = {r["credit_code"]: r for r in rows.iter_rows(named=True)}

        def member(code: str) -> Member:
            row = by_code[code]
            return Member(code, row["name"] or "", tuple((n, row[n]) for n in quantities if row[n] is not None))

        return {name: tuple(member(c) for c in several) for name, several in pooled.items()}

    # --------------------------------------------------------------------------------------------------------- list

    def _listed(self, codes: Sequence[str]) -> dict[str, ListStep]:
        listing = self.listing
        if listing is None:
            return {}
        reasons = [(r, when) for r, when in listing.plan.listing if when is not None]
        met = pl.any_horizontal([pl.col(f"met:{r.id}") for r, _ in reasons]) if reasons else pl.lit(value=False)
        mine = listing.frame.filter(pl.col("credit_code").is_in(list(codes)) & met)
        entries = {r["credit_code"]: r for r in replace(listing, frame=mine).rectification.iter_rows(named=True)}
        documents = tuple(s.document for s in listing.plan.file.sources)
        exempts = [e.reason for e, _ in listing.plan.exempt]
        values = self._trigger_values(listing, mine)
        by_firm: dict[str, ListStep] = {}
        for row in mine.iter_rows(named=True):
            code = row["credit_code"]
            entry: Row = entries.get(code, {})
            steps = tuple(
                ListReason(
                    r.id,
                    r.reason,
                    str(when.source),
                    in_words(when.source, listing.words),
                    values.get((code, r.id), ()),
                    exempts[row[f"exempted:{r.id}"]] if row[f"exempted:{r.id}"] is not None else None,
                )
                for r, when in reasons
                if row[f"met:{r.id}"]
            )
            by_firm[code] = ListStep(
                bool(row["listed"]), steps, entry.get("path"), entry.get("deadline"), entry.get("expected_land_mu"),
                entry.get("expected_energy_tce"), documents,
            )  # fmt: skip
        return by_firm

    @staticmethod
    def _trigger_values(listing: Listing, rows: pl.DataFrame) -> dict[tuple[str, str], tuple[TriggerValue, ...]]:
        by_reason: dict[tuple[str, str], list[TriggerValue]] = {}
        for row in listing.values_behind(rows).iter_rows(named=True):
            value = TriggerValue(row["field"], row["label"], row["value"], row["unit"])
            by_reason.setdefault((row["credit_code"], row["reason"]), []).append(value)
        return {key: tuple(several) for key, several in by_reason.items()}


def explain(rating: Rating, credit_code: str, frame: pl.DataFrame, listing: Listing | None = None) -> Explanation:
    """The explanation of one enterprise's result; for several, make one `Explainer`.

    Args:
        rating: a rating.
        credit_code: the enterprise.
        frame: the frame that was rated.
        listing: its rectification list, if there is one.

    Raises:
        UsageError: there is no such enterprise; names the nearest code.
    """
    return Explainer(rating, frame, listing).explain(credit_code)


def _amount_lines(allocation: Allocation, credit_code: str) -> tuple[str, ...]:
    from mujun.allocation import explain_amount  # what charges is read only where amounts are explained

    return explain_amount(allocation, credit_code)
