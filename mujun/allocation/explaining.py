"""How an amount came about, in words, with the document it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from mujun.allocation.periods import Span
from mujun.allocation.result import Allocation
from mujun.dataclass import dataclass
from mujun.messages import Firm, MessageKey, Word, key, language, show, text
from mujun.rating.values import values_of
from mujun.rules.allocation_plan import SHARE, MeasurePlan
from mujun.rules.expressions import Compiled
from mujun.rules.in_words import in_words


def explain_amount(allocation: Allocation, credit_code: str) -> tuple[str, ...]:
    """Each measure that touches an enterprise, derived step by step, in the language in force.

    Args:
        allocation: what `allocate` gave.
        credit_code: the enterprise.

    Returns:
        Lines; one that nothing touches has one line that says so.
    """
    rows = allocation.of(credit_code)
    if not rows.height:
        return (text("amount_untouched", code=Firm(credit_code)),)
    lines: list[str] = []
    first = rows.row(0, named=True)
    shown = {"tier": first["tier"] or "—", "streak": first["streak"], "year": allocation.year or "—"}
    standing: MessageKey = "amount_who" if first["streak"] is not None else "amount_who_untiered"
    lines.append(text(standing, code=credit_code, name=first["name"] or "", **shown))
    if first["tier_shown"] != first["tier"]:
        lines.append(text("amount_managed_as", tier=first["tier"] or "—", shown=first["tier_shown"] or "—"))
    for row in rows.iter_rows(named=True):
        lines += _measure(allocation, row)
    return tuple(lines)


@dataclass(frozen=True)
class Stretch:
    """The days on which one rate applied to an enterprise, and how its quantity comes about."""

    segment: Mapping[str, Any]
    row: Mapping[str, Any]

    @property
    def parts_of_years(self) -> list[str]:
        """Its days over the length of each calendar year that it touches."""
        span = Span(self.segment["from"], self.segment["until"])
        return [f"{days} ÷ {length}" for days, length in span.days_by_year]

    @property
    def working(self) -> str:
        """Its quantity as a sum that a calculator takes."""
        if self.row["basis"] != "year" or self.whole_year:
            return show(self.segment["finely"])
        parts = self.parts_of_years
        return f"{show(self.row['yearly'])} × {parts[0] if len(parts) == 1 else '（' + ' + '.join(parts) + '）'}"

    @property
    def whole_year(self) -> bool:
        """Whether it is the year's figure as it stands."""
        return bool(self.segment["finely"] == self.row["yearly"])


def _measure(allocation: Allocation, row: Mapping[str, Any]) -> Iterator[str]:
    plan = allocation.measure(row["measure"])
    yield text(
        "amount_measure", label=row["label"], kind=Word(key(f"measure_{row['kind']}")), document=row["document"],
        first=row["from"], last=row["until"],
    )  # fmt: skip
    frame = allocation.frames[plan.part].filter(pl.col("credit_code") == row["credit_code"])
    yield from _own_period(allocation, plan, row, frame)
    segments = allocation.segments.filter(
        (pl.col("credit_code") == row["credit_code"]) & (pl.col("measure") == row["measure"])
    ).sort("from")
    for segment in segments.iter_rows(named=True):
        yield from _segment(allocation, plan, segment, row, frame)
    if segments["note"].null_count():
        charged = [Stretch(s, row) for s in segments.filter(pl.col("note").is_null()).iter_rows(named=True)]
        yield from _quantity(allocation, plan, row, frame, charged)
        yield from _amount(allocation, plan, row, charged)
    if row["binding"] is False:
        yield text("amount_trial")


def _own_period(
    allocation: Allocation, plan: MeasurePlan, row: Mapping[str, Any], frame: pl.DataFrame
) -> Iterator[str]:
    """Why an enterprise is charged over days of its own."""
    period = plan.source.period
    for bound, source, code in (
        (plan.begins, period.begins, "amount_own_first"),
        (plan.ends, period.ends, "amount_own_last"),
    ):
        if bound is None or source is None:
            continue
        day = frame.select(bound.value.expr.alias("day"))["day"][0]
        source_words = in_words(source, allocation.words[plan.part]) if language() == "zh" else source.text
        grace = text("amount_own_grace", months=period.grace) if period.grace and bound is plan.begins else ""
        yield text(key(code), day=day, source=source_words, grace=grace, values=_names(allocation, plan, bound, frame))


def _segment(
    allocation: Allocation, plan: MeasurePlan, segment: Mapping[str, Any], row: Mapping[str, Any], frame: pl.DataFrame
) -> Iterator[str]:
    rate = next(r for r in plan.rates if r.source.id == segment["rate_id"])
    days = {"first": segment["from"], "last": segment["until"], "days": segment["days"]}
    if segment["note"] is not None:
        yield text("amount_note", id=segment["rate_id"], note=segment["note"], **days)
    else:
        shown = _rate(segment["rate"], row["per"])
        # What a document allows up to a ceiling is computed at the ceiling, and said to be that.
        shown = text("amount_at_most", rate=shown) if rate.source.up_to is not None else shown
        yield text("amount_rate", id=segment["rate_id"], rate=shown, **days)
    if rate.when is not None and rate.when.names:
        condition = _names(allocation, plan, rate.when, frame)
        sentence = _in_words(allocation, plan, rate.when)
        yield text("amount_because", condition=sentence, values=condition)


def _quantity(
    allocation: Allocation,
    plan: MeasurePlan,
    row: Mapping[str, Any],
    frame: pl.DataFrame,
    charged: Sequence[Stretch],
) -> Iterator[str]:
    if row["basis"] == "measure":
        collected = allocation.measure(plan.refunds or "")
        yield text("amount_refunds", label=collected.source.label, quantity=row["quantity"], unit=row["unit"])
        return
    if plan.of is None or row["exempt"] is not None:
        return
    known = allocation.plan.parts[plan.part].scope.find(plan.of.source.text.strip())
    of = known.label if known is not None and known.label else plan.of.source.text
    unit = str(plan.of.value.unit) if plan.of.value.unit is not None else ""
    if known is None and row["quantity"] is not None and plan.of.names:
        values = _names(allocation, plan, plan.of, frame)
        yield text("amount_of_values", of=_in_words(allocation, plan, plan.of), values=values)
        of = text("amount_the_quantity")
    if row["quantity"] is None:
        scope = allocation.plan.parts[plan.part].scope
        missing = [n for n in sorted(plan.of.names) if n in frame.columns and frame[n].null_count()]
        labels = [meaning.label if (meaning := scope.find(n)) is not None and meaning.label else n for n in missing]
        yield text("amount_quantity_missing", of=of, missing=labels or [of])
    elif row["basis"] == "usage":
        code: MessageKey = "amount_by_usage" if row["covered_days"] >= row["days"] else "amount_by_usage_partly"
        yield text(
            code, of=of, quantity=row["quantity"], unit=unit, days=row["days"], covered=row["covered_days"]
        )  # fmt: skip
    elif row["basis"] == "usage_rest":
        yield text(
            "amount_by_usage_and_rest", of=of, quantity=row["quantity"], unit=unit, days=row["days"],
            covered=row["covered_days"], billed=row["billed"], rest=row["quantity"] - row["billed"],
            open=row["days"] - row["covered_days"], yearly=row["yearly"], carried=row["carried"], year=allocation.year,
        )  # fmt: skip
    elif len(charged) == 1 and charged[0].whole_year:
        yield text("amount_by_year", of=of, quantity=row["quantity"], unit=unit)
    elif len(charged) == 1:
        yield text(
            "amount_by_days", of=of, quantity=charged[0].segment["finely"], unit=unit, yearly=row["yearly"],
            days=row["days"], working=charged[0].working,
        )  # fmt: skip
    else:
        yield text("amount_by_stretches", of=of, unit=unit, yearly=row["yearly"])
    for stretch in charged if len(charged) > 1 and row["quantity"] is not None else ():
        days = {"first": stretch.segment["from"], "last": stretch.segment["until"], "days": stretch.segment["days"]}
        rate, quantity = _rate(stretch.segment["rate"], row["per"]), stretch.segment["finely"]
        sum_ = "" if row["basis"] != "year" or stretch.whole_year else f"{stretch.working} = "
        yield text("amount_stretch", **days, working=sum_, quantity=quantity, unit=unit, rate=rate)


def _amount(
    allocation: Allocation, plan: MeasurePlan, row: Mapping[str, Any], charged: Sequence[Stretch]
) -> Iterator[str]:
    unit = row["unit"]
    if row["exempt"] is not None:
        yield text("amount_exempt", id=row["exempt"], reason=row["exempt_reason"])
        return
    if row["computed"] is None:
        yield text("amount_not_computed")
        return
    if plan.of is None and plan.refunds is None:
        yield text("amount_lump", amount=row["computed"], unit=unit)
    elif row["basis"] == "measure":
        rate = _rate(row["rate"], row["per"])
        yield text("amount_product", quantity=row["quantity"], rate=rate, factor="", amount=row["computed"], unit=unit)
    elif len(charged) == 1:
        rate, factor = _rate(charged[0].segment["rate"], row["per"]), _factor(plan.factor)
        yield text(
            "amount_product", quantity=charged[0].working, rate=rate, factor=factor, amount=row["computed"], unit=unit
        )
    else:
        terms = " + ".join(f"{s.working} × {_bare(s.segment['rate'], row['per'])}" for s in charged)
        factor = _factor(plan.factor)
        yield text(
            "amount_sum", terms=f"（{terms}）" if factor else terms, factor=factor, amount=row["computed"], unit=unit
        )
    if row["capped"]:
        yield text("amount_capped", most=row["max_amount"], unit=unit)
    if row["excluded_by"] is not None:
        yield _excluded(allocation, row)
    yield text("amount_result", amount=row["amount"], unit=unit)


def _excluded(allocation: Allocation, row: Mapping[str, Any]) -> str:
    """Which measure applies in place of this one, by its name, and whether both come to the same."""
    winner = allocation.of(row["credit_code"]).filter(pl.col("measure") == row["excluded_by"]).row(0, named=True)
    same = winner["amount_alone"] == row["amount_alone"]
    sentence: MessageKey = "amount_excluded_tie" if same else "amount_excluded"
    return text(
        sentence, by=winner["label"], other=winner["amount_alone"], alone=row["amount_alone"], unit=row["unit"]
    )  # fmt: skip


def _factor(factor: Fraction) -> str:
    """What brings quantity × rate to the unit of amounts, as a calculator takes it; nothing where they fit."""
    times = "" if factor.numerator == 1 else f" × {factor.numerator}"
    return times + ("" if factor.denominator == 1 else f" ÷ {factor.denominator}")


def _bare(rate: Decimal | None, per: str | None) -> str:
    """A rate without its unit."""
    return show(rate) if per != SHARE or rate is None else f"{show(rate * 100)}%"


def _in_words(allocation: Allocation, plan: MeasurePlan, condition: Compiled) -> str:
    """An expression in Chinese words; elsewhere as the rules have it."""
    if language() != "zh":
        return condition.source.text
    return in_words(condition.source, allocation.words[plan.part])


def _rate(rate: Decimal | None, per: str | None) -> str:
    if rate is None:
        return text("amount_rate_missing")
    if per == SHARE:
        return text("amount_share", per_cent=rate * 100)
    return text("amount_per", rate=rate, per=per or "")


def _names(allocation: Allocation, plan: MeasurePlan, when: Compiled, frame: pl.DataFrame) -> list[str]:
    names = allocation.plan.parts[plan.part].policy.names.with_what_tables_ask(when.names)
    values = values_of(frame, allocation.words[plan.part].meanings(names))
    return [
        f"{r['label']} {r['value'] if r['value'] is not None else '—'} {r['unit']}".rstrip()
        for r in values.iter_rows(named=True)
    ]
