"""How an amount came about, in words, with the document it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from mujun.allocation.result import Allocation
from mujun.messages import MessageKey, Word, key, language, text
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
        return (text("amount_untouched", code=credit_code),)
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


def _measure(allocation: Allocation, row: Mapping[str, Any]) -> Iterator[str]:
    plan = allocation.measure(row["measure"])
    yield text(
        "amount_measure", label=row["label"], kind=Word(key(f"measure_{row['kind']}")), document=row["document"],
        first=row["from"], last=row["until"],
    )  # fmt: skip
    frame = allocation.frames[plan.part].filter(pl.col("credit_code") == row["credit_code"])
    segments = allocation.segments.filter(
        (pl.col("credit_code") == row["credit_code"]) & (pl.col("measure") == row["measure"])
    ).sort("from")
    for segment in segments.iter_rows(named=True):
        yield from _segment(allocation, plan, segment, row, frame)
    if segments["note"].null_count():
        yield from _quantity(allocation, plan, row, frame)
        yield from _amount(plan, row)
    if row["binding"] is False:
        yield text("amount_trial")


def _segment(
    allocation: Allocation, plan: MeasurePlan, segment: Mapping[str, Any], row: Mapping[str, Any], frame: pl.DataFrame
) -> Iterator[str]:
    rate = next(r for r in plan.rates if r.source.id == segment["rate_id"])
    days = {"first": segment["from"], "last": segment["until"], "days": segment["days"]}
    if segment["note"] is not None:
        yield text("amount_note", id=segment["rate_id"], note=segment["note"], **days)
    else:
        yield text("amount_rate", id=segment["rate_id"], rate=_rate(segment["rate"], row["per"]), **days)
    if rate.when is not None and rate.when.names:
        condition = _names(allocation, plan, rate.when, frame)
        sentence = _in_words(allocation, plan, rate.when)
        yield text("amount_because", condition=sentence, values=condition)


def _quantity(allocation: Allocation, plan: MeasurePlan, row: Mapping[str, Any], frame: pl.DataFrame) -> Iterator[str]:
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
        missing = [n for n in sorted(plan.of.names) if n in frame.columns and frame[n].null_count()]
        yield text("amount_quantity_missing", of=of, missing=missing or [of])
    elif row["basis"] == "usage":
        code: MessageKey = "amount_by_usage" if row["covered_days"] >= row["days"] else "amount_by_usage_partly"
        yield text(
            code, of=of, quantity=row["quantity"], unit=unit, days=row["days"], covered=row["covered_days"]
        )  # fmt: skip
    elif row["quantity"] == row["yearly"]:
        yield text("amount_by_year", of=of, quantity=row["quantity"], unit=unit)
    else:
        yield text(
            "amount_by_days", of=of, quantity=row["quantity"], unit=unit, yearly=row["yearly"], days=row["days"]
        )  # fmt: skip


def _amount(plan: MeasurePlan, row: Mapping[str, Any]) -> Iterator[str]:
    unit = row["unit"]
    if row["exempt"] is not None:
        yield text("amount_exempt", id=row["exempt"], reason=row["exempt_reason"])
        return
    if row["computed"] is None:
        yield text("amount_not_computed")
        return
    if plan.of is None and plan.refunds is None:
        yield text("amount_lump", amount=row["computed"], unit=unit)
    elif row["rate"] is not None:
        yield text(
            "amount_product", quantity=row["quantity"], rate=_rate(row["rate"], row["per"]), amount=row["computed"],
            unit=unit,
        )  # fmt: skip
    else:
        yield text("amount_sum", amount=row["computed"], unit=unit)
    if row["capped"]:
        yield text("amount_capped", most=row["max_amount"], unit=unit)
    if row["excluded_by"] is not None:
        yield text(
            "amount_excluded", by=row["excluded_by"], name=row["exclusive"], alone=row["amount_alone"], unit=unit
        )
    yield text("amount_result", amount=row["amount"], unit=unit)


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
    values = values_of(frame, allocation.words[plan.part].meanings(when.names))
    return [
        f"{r['label']} {r['value'] if r['value'] is not None else '—'} {r['unit']}".rstrip()
        for r in values.iter_rows(named=True)
    ]
