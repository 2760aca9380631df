"""From points to tier: adjustments, score, cut, and the rules before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mujun.analysis.explanation import AdjustmentStep, CutStep, FamilyStep, Place, RuleStep, ScoreStep
from mujun.messages import show, speaking
from mujun.rating import Rating
from mujun.rating.ranking import Cell, last_ranks
from mujun.rules.expressions import Expression
from mujun.rules.in_words import Words
from mujun.rules.rating_plan import AdjustmentPlan
from mujun.rules.showing_tiers import action_in_words, ordered_in_words

Row = Mapping[str, Any]
Said = Callable[[Expression | None], str | None]


def score_step(rating: Rating, row: Row, in_words: Said, words: Words) -> ScoreStep | None:
    """How the score adds up; `None` for a subject that is not scored."""
    if row["score"] is None:
        return None
    adjustments = rating.plan.rating.adjustments
    labels = {name: f.label or name for name, f in adjustments.families.items()}
    places = rating.plan.rating.decimals
    steps = tuple(
        AdjustmentStep(
            a.id,
            a.label or a.id,
            str(a.when) if a.when is not None else None,
            in_words(a.when),
            row[f"adj:{a.id}"],
            row[f"adj_{a.id}"] if row[f"adj_{a.id}"] is not None else Decimal(0),
            labels.get(a.family or "", a.family),
            _working(rating, row, plan, in_words, words),
        )
        for a, plan in zip(adjustments.items, rating.plan.adjustments, strict=True)
    )
    families = tuple(
        FamilyStep(labels[name], f.take, f.min, f.max, row[f"family:{name}"])
        for name, f in adjustments.families.items()
    )
    limits = adjustments.score
    return ScoreStep(row["score:points"], steps, families, limits.min, limits.max, places.score, row["score"])


def _working(rating: Rating, row: Row, plan: AdjustmentPlan, in_words: Said, words: Words) -> str | None:
    """How points that are no number are computed, and the values of what they read; by what a table was asked."""
    if plan.points is None or not plan.points.names:
        return None
    asked = rating.plan.names.with_what_tables_ask(plan.points.names)
    with speaking("zh"):
        values = [f"{words.of(n)} {show(row.get(n))} {words.unit_of(n)}".rstrip() for n in asked]
    return f"{in_words(plan.points.source)}（{'、'.join(values)}）"


def cell_of(rating: Rating, row: Row) -> Cell | None:
    """The cell in which a subject stands."""
    return next((c for c in rating.cells if c.code == row["_cell"]), None)


def cut_step(rating: Rating, row: Row, in_words: Said, words: Words) -> CutStep | None:
    """The cut of a subject's cell; `None` where it has no place in one."""
    cell, plan = cell_of(rating, row), rating.plan
    tiers = plan.rating.tiers
    if cell is None or tiers is None or row["score"] is None:
        return None
    cut = plan.cuts[cell.cut].source if cell.cut in plan.cuts else plan.cuts["default"].source
    labels = {c.id: c.label or c.id for c in tiers.classes}
    position = {t: i for i, t in enumerate(plan.tier_ids)}
    places: list[Place] = []
    if cut.shares is not None:
        ranks = last_ranks(cut, cell, position)
        places = [
            Place(t, labels[t], share, rank, None) for (t, share), rank in zip(cut.shares.items(), ranks, strict=True)
        ]
    elif cut.thresholds is not None:
        places = [Place(t, labels[t], None, None, limit) for t, limit in cut.thresholds.items()]
    if cut.rest is not None:
        places.append(Place(cut.rest, labels[cut.rest], None, None, None))
    cohort = row["cohort"]
    keys = tiers.rank_by.get(cohort) if "cohort" in tiers.cells else None
    with speaking("zh"):
        by = tuple(ordered_in_words(k, words) for k in keys or tiers.rank_by.get("default", ()))
        if cut.thresholds is not None:
            by = (in_words(Expression(cut.by)) or cut.by,)
        cell_words = tuple(
            (words.of(k), "—" if v is None else words.values.get(k, {}).get(str(v), show(v)))
            for k, v in cell.keys.items()
        )
        picks = tuple(
            f"{p.tier}：{in_words(p.among) or '全部'}，"
            f"{'；'.join(ordered_in_words(b, words) for b in p.by)}，取{show(p.take)}%"
            for p in cut.picks or ()
        )
    worse = row.get("_rank_worse") if cut.ties == "worse" else None
    return CutStep(
        cell_words,
        cell.size,
        cell.base,
        tuple((t, n) for t, n in cell.fixed.items() if n),
        by,
        cut.ties,
        cut.rounding,
        row["rank"],
        worse if worse is not None else row["rank"],
        tuple(places),
        picks,
        row["tier_cut"],
    )


def named_labels(condition: str, row: Row) -> tuple[str, ...]:
    """The labels of a subject that a condition names, in its order."""
    mine = row.get("labels")
    named = [label for label in mine or () if f"'{label}'" in condition]
    return tuple(sorted(dict.fromkeys(named), key=lambda label: condition.index(f"'{label}'")))


def rule_steps(rating: Rating, row: Row, in_words: Said) -> tuple[RuleStep, ...]:
    """The rules around the cut that concern a subject: those that matched, were met or could not be told."""
    plan = rating.plan
    if row["treatment"] != "rated":
        return ()
    matched, changed = row["rules_matched"], row["rules_changed"]
    steps: list[RuleStep] = []
    with speaking("zh"):
        for before, _ in plan.before:
            met = row[f"before:{before.id}"]
            action = action_in_words(before.set, None, None, None)
            steps.append(
                RuleStep(
                    before.id, "before", before.reason, str(before.when), in_words(before.when) or "", action,
                    met, before.id in matched, before.id in changed, named_labels(str(before.when), row),
                )
            )  # fmt: skip
        for after, condition in plan.after:
            column = row[f"after:{after.id}"]
            met = column if condition is not None else False
            action = action_in_words(after.set, after.at_most, after.at_least, after.move)
            steps.append(
                RuleStep(
                    after.id, "after", after.reason, str(after.when), in_words(after.when) or "", action,
                    met, after.id in matched, after.id in changed, named_labels(str(after.when), row),
                )
            )  # fmt: skip
    return tuple(steps)
