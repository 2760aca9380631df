"""Running compiled names over a frame: fields, treatments, cohorts, indicators and statistics, level by level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import RatingError, problem
from mujun.messages import Firm
from mujun.numbers import at12
from mujun.rating.columns import (
    COHORT,
    COHORT_CODE,
    COHORT_MET,
    GIVEN,
    SCOPE,
    SPECIAL,
    SPECIAL_MET,
    TREATMENT,
    UNDIVIDED,
)
from mujun.rating.groups import Groups, group_rows
from mujun.rating.ratios import with_ratios
from mujun.rating.relations import related_statistics
from mujun.rating.slices import in_slices
from mujun.rating.statistics import KnownStatistics, StatisticTable, compute_statistics, counted_by
from mujun.rules.expressions import Compiled, as_number
from mujun.rules.lookups import Lookup
from mujun.rules.model import Special
from mujun.rules.model.names import Relation
from mujun.rules.names import CasesPlan, FieldPlan, IndicatorPlan, Level, Names, StatisticPlan

PreviousYear = Callable[[], Mapping[str, StatisticTable]]


@dataclass(frozen=True)
class Evaluated:
    """A frame with every name computed, of the levels done so far.

    Attributes:
        frame: the input's columns, then one per name; `special:<i>`, `cohort:<i>` hold each case's condition,
            `<indicator>:undivided` whether a denominator was there but not above zero.
        statistics: by name, the number of each group.
        grouped: groups that were asked for before. They hold for what follows: rows neither come nor go, and no column
            that is there changes.
        worlds: the column that tells several copies of a county in one frame apart (see `worlds`); none: one.
        unplaced: how many firms belong to none of the areas that are rated.
    """

    frame: pl.DataFrame
    statistics: Mapping[str, StatisticTable] = field(default_factory=dict)
    grouped: dict[tuple[str, ...], Groups] = field(default_factory=dict)
    worlds: tuple[str, ...] = ()
    unplaced: int = 0

    def groups(self, names: tuple[str, ...]) -> Groups:
        """The rows grouped by some columns (within their world), computed once."""
        if names not in self.grouped:
            self.grouped[names] = group_rows(self.frame, (*self.worlds, *names))
        return self.grouped[names]


def evaluate(
    names: Names,
    frame: pl.DataFrame,
    specials: tuple[Special, ...] = (),
    cohorts: tuple[str, ...] = (),
    *,
    skip: frozenset[str] = frozenset(),
    given: KnownStatistics | None = None,
    previous: PreviousYear | None = None,
    worlds: tuple[str, ...] = (),
) -> Evaluated:
    """Every name computed for every row.

    Args:
        names: compiled names of a rule file.
        frame: typed columns that the names read.
        specials: the special cases in order.
        cohorts: the cohorts in order.
        skip: names that the frame brings already.
        given: statistics computed elsewhere (on the subjects), to be looked up here, not computed.
        previous: gives last year's statistics when one is asked for.
        worlds: the column that tells several worlds in one frame apart.

    Raises:
        RatingError: a lookup row that must be there is not, or a value is too large to be averaged.
    """
    done = Evaluated(frame, worlds=worlds)
    for level in names.levels:
        rows = [p for p in level.rows if plan_name(p) not in skip]
        placed = _rows(done.frame, rows, specials, cohorts)
        for lookup in level.tables:
            if not skip.issuperset(m.name for m in lookup.meanings):
                placed = _looked_up(placed, lookup)
        wanted = [s for s in level.statistics if s.name not in skip]
        done = _with_statistics(replace(done, frame=placed), wanted, given, previous)
    return done


def evaluated_again(
    names: Names,
    frame: pl.DataFrame,
    moved: frozenset[str],
    specials: tuple[Special, ...],
    cohorts: tuple[str, ...],
    *,
    skip: frozenset[str],
    given: KnownStatistics | None = None,
    previous: PreviousYear | None = None,
    worlds: tuple[str, ...] = (),
    counted: frozenset[str] = frozenset(),
) -> Evaluated:
    """What `evaluate` gives, of rows that have every name already, some columns of which moved.

    Args:
        names: compiled names of a rule file.
        frame: rows as `evaluate` left them, then changed in some columns, or with `given:<id>` for some indicators.
        moved: these columns and indicators; only what follows from them is computed.
        specials, cohorts, skip, given, previous, worlds: as for `evaluate`.
        counted: columns that are others in some rows, which have all that follows from them row by row: only statistics
            that count them are computed, where none are given, and what follows from these.

    Returns:
        The rows; of the statistics those that were given or computed.

    Raises:
        RatingError: a lookup row that must be there is not, or a value is too large to be averaged.
    """
    changed, looked_up, stays = set(moved), set[str](), set[str]()
    for provided, reads, counts, spread in (one for level in names.levels for one in _parts_of(level)):
        told = frozenset[str]() if given is not None else counts
        if changed.isdisjoint(provided | reads | told) and counted.isdisjoint(told):
            stays |= provided
        else:
            changed |= provided
            looked_up |= provided if spread else frozenset()
    done = evaluate(
        names, frame.drop(looked_up - skip), specials, cohorts, skip=skip | stays, given=given, previous=previous,
        worlds=worlds,
    )  # fmt: skip
    return done if given is None else replace(done, statistics=given.tables)


def _parts_of(level: Level) -> Iterator[tuple[frozenset[str], frozenset[str], frozenset[str], bool]]:
    """What a level computes, in order: the names of each part, what each row of it goes by, of which columns of all
    rows it is made, and whether rows look it up."""
    for plan in level.rows:
        yield frozenset({plan.name}), reads_of(plan), frozenset(), False
    for lookup in level.tables:
        yield frozenset(m.name for m in lookup.meanings), frozenset(lookup.asked), frozenset(), True
    for one in level.statistics:
        otherwise = one.otherwise.names if one.otherwise is not None else frozenset[str]()
        yield frozenset({one.name}), otherwise.union(one.source.keys), counted_by(one), True


def following(names: Names, frame: pl.DataFrame, moved: frozenset[str]) -> tuple[pl.DataFrame, frozenset[str]]:
    """The fields and indicators that follow from some columns, computed again; statistics and cases stay.

    Args:
        names: compiled names of a rule file.
        frame: the columns that its fields and indicators read.
        moved: the columns that have other values now; they stay as they are.

    Returns:
        The frame, and the names that are no longer what they were, `moved` among them.
    """
    plans: list[FieldPlan | IndicatorPlan | CasesPlan] = []
    changed = set(moved)
    for plan in (p for level in names.levels for p in level.rows):
        if not isinstance(plan, CasesPlan) and plan.name not in changed and reads_of(plan) & changed:
            plans.append(plan)
            changed.add(plan.name)
    return _rows(frame, plans, (), ()), frozenset(changed)


def met_anew(
    names: Names,
    frame: pl.DataFrame,
    moved: frozenset[str],
    numbers: Mapping[str, pl.Series],
    anew: Mapping[str, tuple[StatisticTable, pl.Series]],
) -> pl.DataFrame:
    """Rows that have every name already, with the statistics of some groups put in anew and what follows from them.

    Args:
        names: compiled names of a rule file.
        frame: the rows.
        moved: statistics, and names that follow from them row by row; none of them a case or a key.
        numbers: of statistics that others may stand in for (`otherwise`) the number of each row's group as it was.
        anew: by name the statistics of some groups, and for each row which of these is its own; missing where it is
            none of them.
    """
    for level in names.levels:
        frame = _rows(frame, [plan for plan in level.rows if plan.name in moved], (), ())
        for plan in (one for one in level.statistics if one.name in moved):
            column = frame[plan.name] if plan.otherwise is None else numbers[plan.name]
            if plan.name in anew:
                table, places = anew[plan.name]
                there = pl.lit(table.by_code).gather(pl.lit(places))
                column = pl.select(
                    pl.when(places.is_not_null()).then(there).otherwise(column).alias(plan.name)
                ).to_series()
            frame = frame.with_columns(column).with_columns(_stood_in([plan]))
    return frame


def plan_name(plan: FieldPlan | IndicatorPlan | CasesPlan) -> str:
    """The name that a plan computes."""
    return plan.name


# --------------------------------------------------------------------------------------------------------- row by row


def _rows(
    frame: pl.DataFrame,
    plans: list[FieldPlan | IndicatorPlan | CasesPlan],
    specials: tuple[Special, ...],
    cohorts: tuple[str, ...],
) -> pl.DataFrame:
    anew = {name for plan in plans for name in (plan_name(plan), UNDIVIDED.of(plan_name(plan)))}

    def computed(rows: pl.DataFrame) -> pl.DataFrame:
        lazy, batch = rows.lazy(), list[FieldPlan | IndicatorPlan | CasesPlan]()
        for plan in plans:
            if reads_of(plan) & {p.name for p in batch}:
                lazy, batch = _with_batch(lazy, batch, frame.schema, specials, cohorts), []
            batch.append(plan)
        return _with_batch(lazy, batch, frame.schema, specials, cohorts).collect(engine="in-memory")

    return in_slices(frame, computed, anew)


def _with_batch(
    frame: pl.LazyFrame,
    plans: list[FieldPlan | IndicatorPlan | CasesPlan],
    known: pl.Schema,
    specials: tuple[Special, ...],
    cohorts: tuple[str, ...],
) -> pl.LazyFrame:
    """Names that do not read one another; `known` are the columns that are there before any of them."""
    columns: list[pl.Expr] = []
    ratios: list[IndicatorPlan] = []
    for plan in plans:
        if isinstance(plan, FieldPlan):
            columns += _field(plan)
        elif isinstance(plan, CasesPlan):
            frame = _with_cases(frame, plan, specials, cohorts)
        elif plan.of is not None and plan.per is not None:
            ratios.append(plan)
        else:
            columns.append(_value(plan))
    frame = frame.with_columns(columns)
    return _with_given(with_ratios(frame, ratios).lazy() if ratios else frame, plans, known)


def _value(plan: IndicatorPlan) -> pl.Expr:
    value = plan.value
    return (at12(as_number(value.value)) if value else pl.lit(None, dtype=pl.Float64)).alias(plan.name)


def _with_given(
    frame: pl.LazyFrame, plans: list[FieldPlan | IndicatorPlan | CasesPlan], known: pl.Schema
) -> pl.LazyFrame:
    """Indicators that the frame gives (`given:<id>`) in the place of what their sides come to."""
    stated = [p for p in plans if isinstance(p, IndicatorPlan) and GIVEN.of(p.name) in known]
    marks = [p.name for p in stated if p.of is not None and p.per is not None]
    return frame.with_columns(
        *(pl.coalesce(GIVEN.of(p.name), p.name).alias(p.name) for p in stated),
        *((pl.col(UNDIVIDED.of(n)) & pl.col(GIVEN.of(n)).is_null()).alias(UNDIVIDED.of(n)) for n in marks),
    )


def reads_of(plan: FieldPlan | IndicatorPlan | CasesPlan) -> frozenset[str]:
    """The columns of its own row that a name is computed from."""
    if isinstance(plan, FieldPlan):
        several: tuple[Compiled | None, ...] = (plan.compiled,)
    elif isinstance(plan, IndicatorPlan):
        several = (plan.of, plan.per, plan.value)
    else:
        several = (plan.scope, *plan.whens)
    also = {"treatment"} if plan.name == "cohort" else set()
    return frozenset(n for c in several if c is not None for n in c.names) | also


def _field(plan: FieldPlan) -> list[pl.Expr]:
    if plan.compiled is None:
        return []
    value = plan.compiled.value.expr
    return [(value.cast(plan.meaning.dtype) if plan.meaning.kind != "null" else value).alias(plan.name)]


def _first(conditions: list[str]) -> pl.Expr:
    """The number of the first column that holds, missing where none does."""
    if not conditions:
        return pl.lit(None, dtype=pl.Int32)
    return pl.coalesce([pl.when(name).then(pl.lit(i, dtype=pl.Int32)) for i, name in enumerate(conditions)])


def _worded(code: pl.Expr, words: Sequence[str]) -> pl.Expr:
    return pl.lit(pl.Series(words, dtype=pl.String)).gather(code)


def _with_cases(
    frame: pl.LazyFrame, plan: CasesPlan, specials: tuple[Special, ...], cohorts: tuple[str, ...]
) -> pl.LazyFrame:
    """Treatments or cohorts: each condition as a column, then which is the first that holds, then its word."""
    conditions = [(w.value.expr if w else pl.lit(value=False)) for w in plan.whens]
    if plan.name != "treatment":
        met = [COHORT_MET.of(i) for i in range(len(conditions))]
        # Who is out belongs to no cohort, unless he counts in its base.
        counted = [i for i, s in enumerate(specials) if s.in_base]
        there: pl.Expr = TREATMENT.col != "out"
        code = pl.when(there | SPECIAL.col.is_in(counted) if counted else there).then(_first(met))
        frame = frame.with_columns([c.alias(name) for name, c in zip(met, conditions, strict=True)])
        return frame.with_columns(code.alias(COHORT_CODE.name)).with_columns(
            _worded(COHORT_CODE.col.cast(pl.UInt32), list(cohorts)).alias(COHORT.name)
        )
    inside = plan.scope.value.expr if plan.scope else pl.lit(value=True)
    met = [SPECIAL_MET.of(i) for i in range(len(conditions))]
    words = [*(s.treatment for s in specials), "rated", "out"]
    rated, out = len(words) - 2, len(words) - 1
    in_scope = SCOPE.col.fill_null(value=False)
    frame = frame.with_columns(
        inside.cast(pl.Boolean).alias(SCOPE.name), *(c.alias(name) for name, c in zip(met, conditions, strict=True))
    )
    frame = frame.with_columns(pl.when(in_scope).then(_first(met)).alias(SPECIAL.name))
    treated = pl.when(in_scope).then(SPECIAL.col.fill_null(rated)).otherwise(out).cast(pl.UInt32)
    return frame.with_columns(_worded(treated, words).alias(TREATMENT.name))


# --------------------------------------------------------------------------------------------- tables and statistics


def _looked_up(frame: pl.DataFrame, lookup: Lookup) -> pl.DataFrame:
    columns = lookup.joined(frame)
    if lookup.required and lookup.meanings:
        nowhere = columns.select(pl.all_horizontal(pl.all().is_null()).alias("none"))["none"]
        if nowhere.any():
            row = frame.filter(nowhere).head(1)
            keys = [f"{k} = {row[k][0]}" for k in lookup.keys]
            code = row["credit_code"][0] if "credit_code" in row.columns else ""
            raise RatingError(
                problem(
                    "lookup_no_row",
                    table=lookup.file or lookup.id,
                    keys=keys,
                    code=Firm(code),
                    count=int(nowhere.sum()),
                )
            )
    return frame.hstack(columns)


def _stood_in(plans: Iterable[StatisticPlan]) -> list[pl.Expr]:
    """What stands in for statistics that have no number of their own, of those for which something does."""
    return [
        pl.coalesce(pl.col(p.name), p.otherwise.value.expr.cast(p.meaning.dtype)).alias(p.name)
        for p in plans
        if p.otherwise is not None
    ]


def _with_statistics(
    done: Evaluated,
    plans: list[StatisticPlan],
    given: KnownStatistics | None,
    previous: PreviousYear | None,
) -> Evaluated:
    tables: dict[str, StatisticTable] = {}
    columns: list[pl.Series] = []
    last_year: dict[str, StatisticTable] = {}
    together: dict[tuple[str, ...], list[StatisticPlan]] = {}
    related: dict[tuple[Relation, tuple[str, ...]], list[StatisticPlan]] = {}
    if given is not None:
        names = [plan.name for plan in plans]
        tables |= {name: given.tables[name] for name in names}
        columns += given.columns(done.frame, names)
    for plan in plans if given is None else ():
        if plan.source.year == "previous":
            if previous is None:
                raise RatingError(problem("previous_absent", plan.source.stands, name=plan.meaning.label))
            last_year[plan.name] = previous()[plan.name]
        elif plan.source.relation is not None:
            related.setdefault((plan.source.relation, plan.source.keys), []).append(plan)
        else:
            together.setdefault(plan.source.keys, []).append(plan)
    tables |= last_year
    columns += KnownStatistics(last_year).columns(done.frame, list(last_year))
    for over, several in together.items():
        groups = done.groups(over)
        mine = {table.plan.name: table for table in compute_statistics(several, done.frame, groups)}
        tables |= mine
        spread = pl.DataFrame({n: table.by_code for n, table in mine.items()}).select(pl.all().gather(groups.codes))
        columns += spread.get_columns()
    for (relation, keys), several in related.items():
        for table in related_statistics(several, done.frame, relation, (*done.worlds, *keys)):
            tables[table.plan.name] = table
            columns.append(table.by_code.alias(table.plan.name))
    if not columns:
        return done
    frame = done.frame.hstack(columns).with_columns(_stood_in(plans))
    return replace(done, frame=frame, statistics={**done.statistics, **tables})
