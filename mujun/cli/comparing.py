"""Comparisons as the terminal shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages

if TYPE_CHECKING:
    from mujun.analysis.comparison import Comparison, Side
from mujun.cli.tables import table
from mujun.messages import MessageKey
from mujun.reports.drawing.terminal import fitted, text_table

BY = {"cohort": "cohort", "township": "township", "industry": "industry_division", "scale": "scale"}
"""What `--by` takes, and the column it means."""


WIDEST_NAME = 26
"""Columns of the terminal that a name may take."""


def show_comparison(comparison: Comparison, *, by: str, top: int) -> None:
    """Two runs side by side: counts, migration, movers with causes, what lies between."""
    for side in (comparison.before, comparison.after):
        click.echo(_side(side))
    show_moves(comparison, by=by)
    if comparison.untold is not None:
        click.echo(str(comparison.untold))
    show_movers(comparison, top)
    _show_changed(comparison, top)
    if comparison.batches is not None:
        _show_batches(comparison.batches)
    show_rules(comparison, top)


def _side(side: Side) -> str:
    label = messages.text("diff_label", label=side.label) if side.label else ""
    return messages.text(
        "diff_side", run=side.number, year=side.year, rules=side.rules, batch=side.batch, digest=side.digest[:12],
        label=label,
    )  # fmt: skip


def show_moves(comparison: Comparison, *, by: str) -> None:
    """How many moved, the migration matrix, movements by group, list and amounts."""
    from mujun.reports.runs.comparison_groups import counts_said, migration_table

    click.echo(counts_said(comparison.firms))
    if comparison.entered or comparison.left:
        click.echo(messages.text("diff_presence", entered=comparison.entered, left=comparison.left))
    if comparison.moved:
        tiers, wide = migration_table(comparison, None)
        none = messages.text("diff_no_tier")
        head = (messages.text("diff_migration_head"), *tiers, none, messages.text("diff_total"))
        columns = ["from", *(f"to:{t}" for t in tiers), "to:", "total"]
        click.echo(text_table(head, wide.with_columns(pl.col("from").fill_null(none)).select(columns).rows()))
    if comparison.differs:
        _show_groups(comparison, by)
    if comparison.lists is None:
        click.echo(messages.text("diff_no_list"))
    else:
        named = "list" in comparison.lists.columns
        several = comparison.lists.partition_by("list", maintain_order=True) if named else [comparison.lists]
        for one in (t for t in several if t.height):
            counts = {c: (one["change"] == c).sum() for c in ("listed", "struck", "reasons")}
            key: MessageKey = "diff_list_named" if named else "diff_list"
            click.echo(messages.text(key, **counts, **({"list": one["list"][0]} if named else {})))
    if comparison.amounts is None:
        click.echo(messages.text("diff_no_amounts"))
    elif comparison.amounts.height:
        burden = comparison.amounts["burden"].sum()
        click.echo(
            messages.text("diff_amounts", count=comparison.amounts["credit_code"].n_unique(), burden=signed(burden))
        )


def _show_groups(comparison: Comparison, by: str) -> None:
    """Everything that differs, by group; columns that the rules say nothing of are left out."""
    counted = comparison.effects(BY[by])
    words = comparison.cohorts if by == "cohort" else {}
    shown = [n for n in counted.columns if counted[n].null_count() < counted.height or n == "group"]
    rows = [
        [
            (words.get(r["group"], r["group"]) or "—") if n == "group" else signed(r[n]) if n == "burden" else r[n]
            for n in shown
        ]
        for r in counted.iter_rows(named=True)
    ]
    titles = dict(zip(counted.columns, messages.text("diff_by_head").split("\t"), strict=True))
    click.echo(text_table([titles[n] for n in shown], rows))


def show_movers(comparison: Comparison, top: int) -> None:
    """Those who moved, those who fell furthest first."""
    movers = comparison.movers
    if movers.is_empty() or top < 1:
        return
    caused = comparison.causes is not None
    shown = movers.head(top)
    # A column of dashes says nothing: mostly everything can be told apart.
    joint = caused and any(shown[f"{n}_joint"].null_count() < shown.height for n in ("score", "rank"))
    parts = ("own", "peers", "rules", *(("joint",) if joint else ())) if caused else ()
    rows = []
    for r in shown.iter_rows(named=True):
        row = [fitted(r["name"] or "—", WIDEST_NAME), r["credit_code"], _way(r["tier_before"], r["tier_after"])]
        row += [*_figures(r, "score", parts), *_figures(r, "rank", parts)]
        if caused:
            row.append(messages.show([messages.text(messages.key(f"step_{s}")) for s in r["tier_by"] or ()]))
        rows.append(row)
    key: MessageKey = (
        ("diff_movers_joint_head" if joint else "diff_movers_head") if caused else "diff_movers_plain_head"
    )
    click.echo(table(messages.text(key), rows))
    if movers.height > top:
        click.echo(messages.text("diff_more", count=movers.height - top))
    if caused:
        click.echo(messages.text("diff_how"))


def _show_changed(comparison: Comparison, top: int) -> None:
    """Those whose own figures changed though their tier did not."""
    from mujun.reports.runs.comparison_groups import figures_changed

    changed = comparison.changed
    if changed.is_empty() or top < 1:
        return
    click.echo(messages.text("diff_figures", count=changed.height))
    told = dict(figures_changed(comparison).iter_rows())
    caused = comparison.causes is not None
    rows = []
    for r in changed.head(top).iter_rows(named=True):
        row = [fitted(r["name"] or "—", WIDEST_NAME), r["credit_code"], r["tier_after"] or "—"]
        row += _figures(r, "score", ("own",) if caused else ())
        rows.append([*row, told.get(r["credit_code"], "—")])
    key: MessageKey = "diff_figures_head" if caused else "diff_figures_plain_head"
    click.echo(table(messages.text(key), rows))
    if changed.height > top:
        click.echo(messages.text("diff_figures_more", count=changed.height - top))


def _figures(row: dict[str, object], name: str, parts: tuple[str, ...]) -> list[str]:
    way = _way(*(_said(row[f"{name}_{s}"]) for s in ("before", "after")))
    return [way, *(signed(row[f"{name}_{part}"]) for part in parts)]


def _said(value: object) -> str | None:
    return None if value is None else messages.show(value)


def _way(before: object, after: object) -> str:
    return f"{'—' if before is None else before}→{'—' if after is None else after}"


def signed(value: object) -> str:
    """A change with its sign; a dash for none that could be told."""
    if value is None:
        return "—"
    number = Decimal(str(value))
    return ("+" if number > 0 else "") + messages.show(number)


def _show_batches(batches: pl.DataFrame) -> None:
    if batches.is_empty():
        click.echo(messages.text("diff_no_batches"))
        return
    rows = [
        (r["number"], r["file"], r["reason"] or "", r["document"] or "", r["firms"], r.get("changed", "—"), r["moved"])
        for r in batches.iter_rows(named=True)
    ]
    click.echo(table(messages.text("diff_batches_head"), rows))


def show_rules(comparison: Comparison, top: int) -> None:
    """What the rules say differently."""
    if not comparison.rules:
        click.echo(messages.text("diff_rules_same"))
        return
    click.echo(messages.text("diff_rules_count", count=len(comparison.rules)))
    for difference in comparison.rules[:top]:
        click.echo(f"  {difference}")
