"""What `check --anomalies` prints: how many of which kind, what they would change, and the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.tables import table
from mujun.fields import FRAME_FIELDS
from mujun.fields.here import field_here, with_unit

if TYPE_CHECKING:
    from mujun.analysis.anomalies import Anomaly, Kind
    from mujun.workspace.second_look import SecondLook

GROUPED = ("zero", "blank")
"""Kinds that are told in one line per field: what one firm lacks, dozens lack."""
NAMED = 3
"""Firms that such a line names."""
SHOWN = 15
"""Figures listed on screen; counts are always complete."""


def show_second_look(look: SecondLook) -> None:
    """Counts by kind, the effect of all likely values, and the first figures in the order of their effect."""
    anomalies = look.anomalies
    if look.right:
        click.echo(messages.text("anomalies_right", count=look.right))
    if not anomalies:
        click.echo(messages.text("anomalies_none"))
        return
    click.echo(messages.text("anomalies_count", count=len(anomalies), firms=len({a.credit_code for a in anomalies})))
    counts = [(messages.text(messages.key(f"anomaly_kind_{kind}")), *several) for kind, several in look.kinds.items()]
    click.echo(table(messages.text("anomalies_kind_head"), counts))
    _show_effect(look)
    single = [a for a in anomalies if a.kind not in GROUPED]
    if single:
        click.echo(table(messages.text("anomalies_head"), [_row(a, look) for a in single[:SHOWN]]))
    if len(single) > SHOWN:
        click.echo(messages.text("anomalies_more", shown=SHOWN, count=len(single)))
    _show_gaps([a for a in anomalies if a.kind in GROUPED])


def _show_gaps(gaps: list[Anomaly]) -> None:
    """Nothing where peers have something: a line per field, with the first of the firms."""
    several: dict[tuple[str, Kind], list[Anomaly]] = {}
    for a in gaps:
        several.setdefault((a.field, a.kind), []).append(a)
    rows = [
        (
            field_here(field), messages.text(messages.key(f"anomaly_kind_{kind}")), len(alike),
            messages.clauses(a.name or a.credit_code for a in alike[:NAMED]),
        )
        for (field, kind), alike in sorted(several.items(), key=lambda item: (-len(item[1]), item[0]))
    ]  # fmt: skip
    if rows:
        click.echo(table(messages.text("anomalies_gaps_head"), rows))


def _show_effect(look: SecondLook) -> None:
    if look.not_rated is not None:
        click.echo(messages.text("anomalies_not_rated", rules=look.rules, why=look.not_rated))
    elif look.effect is None:
        click.echo(messages.text("anomalies_no_rules"))
    else:
        effect = look.effect
        moved = sum(steps > 0 for steps in effect.moved.values())
        count = sum(a.likely is not None for a in look.anomalies)
        click.echo(messages.text("anomalies_effect", count=count, rules=look.rules, moved=moved, others=effect.others))


def _row(a: Anomaly, look: SecondLook) -> tuple[object, ...]:
    tier = "—"
    if look.effect is not None and a.likely is not None and a.credit_code in look.effect.tiers:
        before, after = (t or "—" for t in look.effect.tiers[a.credit_code])
        tier = before if before == after else f"{before} → {after}"
    label = with_unit(FRAME_FIELDS[a.field])
    last = a.values.get("last")
    shown = ["—" if v is None else messages.show(v) for v in (a.value, last, a.likely)]
    return (a.name or a.credit_code, label, *shown, tier, messages.text(messages.key(f"anomaly_kind_{a.kind}")))
