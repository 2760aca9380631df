"""`allocate`: amounts per enterprise and measure, and what offices, quarters and projects get of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages
from mujun.cli.options import (
    WHOLE,
    Amount,
    county_of,
    output_option,
    reads,
    run_option,
    tell_final,
    tell_tiers,
    words,
    year_option,
)
from mujun.cli.tables import table
from mujun.errors import UsageError, problem
from mujun.messages import MessageKey
from mujun.steps import whole

if TYPE_CHECKING:
    from mujun import Allocation, County
    from mujun.workspace import YearResult

DIMENSIONS = ("tier", "township", "industry", "scale", "park", "cohort")
"""By what totals can be broken down."""

OFFICES = ("power", "water", "gas", "heat", "tax")


@click.group(help=words("help_allocate"), invoke_without_command=True)
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@click.option("--explain", "code", help=words("help_allocate_explain"))
@click.option("--by", type=click.Choice(DIMENSIONS), multiple=True, help=words("help_allocate_by"))
@click.option("--what-if", help=words("help_allocate_what_if"))
@click.option("--keep", is_flag=True, help=words("help_allocate_keep"))
@click.option("--label", default="", help=words("help_allocate_label"))
@output_option(".xlsx", ".csv", ".parquet", ".json")
@click.pass_context
def allocate(
    ctx: click.Context,
    run: int | None,
    rules: str | None,
    year: int | None,
    code: str | None,
    by: tuple[str, ...],
    what_if: str | None,
    keep: bool,
    label: str,
    output: Path | None,
) -> None:
    """Amounts per enterprise and measure."""
    if ctx.invoked_subcommand is not None:
        return
    if by or what_if is not None:
        _check_workbook(output)
    county = county_of(ctx)
    result, allocation = county.money.allocate(run, rules, year=year)
    tell_final(county, result.number, run)
    tell_tiers(result, allocation.counted_in_words)
    _apart(allocation.plan.ruleset.address, allocation.year, county.money.years_apart(allocation))
    if keep:
        number = county.money.keep(result, label=label)
        click.echo(messages.text("amounts_kept", number=number, year=result.year))
    if code is not None:
        for line in county.money.explain(allocation, code):
            click.echo(line)
    elif what_if is not None:
        _what_if(county, result, allocation, what_if, output)
    elif by:
        from mujun.reports.money.money_sheets import with_industry

        totals = {name: county.money.against_last_year(result, allocation, name) for name in by}
        for name, total in totals.items():
            head = messages.text("allocate_by_head", by=messages.Word(messages.key(f"dimension_{name}")))
            columns = ("label", name, "enterprises", "amount", "amount_last", "change", "unit")
            rows = with_industry(total.rows) if name == "industry" else total.rows
            click.echo(table(head, rows.select(columns).iter_rows()))
            if not total.last_runs:
                click.echo(messages.text("allocate_no_last_year", year=result.year - 1))
            if total.tried:
                click.echo(messages.text("allocate_last_year_tried", year=result.year - 1))
        if output is not None:
            _written(county.papers.totals(output, {n: t.rows for n, t in totals.items()}, allocation))
    else:
        show_amounts(allocation)
        if output is not None:
            county.papers.allocation(allocation, output)
            click.echo(messages.text("export_done", what="allocation", rows=allocation.allocation.height, file=output))


def total_of(allocation: Allocation, kind: str) -> object:
    """The sum of the amounts of a kind of measure, in 万元."""
    return allocation.allocation.filter(
        pl.col("kind") == kind, pl.col("excluded_by").is_null(), pl.col("unit") == "万元"
    )["amount"].sum()


def show_amounts(allocation: Allocation) -> None:
    """Totals, then amounts by measure and tier."""
    rows = allocation.allocation
    click.echo(
        messages.text(
            "allocate_done",
            rows=rows.height,
            surcharge=total_of(allocation, "surcharge"),
            relief=total_of(allocation, "relief"),
        )
    )
    shown = [
        (r["label"], r["tier"], r["enterprises"], r["amount"], r["unit"])
        for r in allocation.totals.iter_rows(named=True)
        if r["kind"] != "note" and r["amount"] is not None
    ]
    click.echo(table(messages.text("allocate_head"), shown))


def _check_workbook(output: Path | None) -> None:
    """Refuse a name that is no workbook's, before anything is computed."""
    if output is not None and output.suffix.lower() != ".xlsx":
        raise UsageError(problem("only_workbooks", file=output.name))


def _apart(address: str, year: int | None, years: Sequence[int]) -> None:
    """Say that rules are tried on a year that they are not for."""
    if years:
        click.echo(messages.text("allocation_tried_on_year", address=address, year=year or "—", years=list(years)))


def _written(path: Path) -> None:
    click.echo(messages.text("money_written", file=path))


def _what_if(county: County, result: YearResult, allocation: Allocation, what_if: str, output: Path | None) -> None:
    other = county.money.other_rules(result, allocation, what_if)
    change = other.change
    opening: MessageKey = "what_if_rated" if other.rated_anew else "what_if_same_tiers"
    click.echo(messages.text(opening, rules=other.address, base=allocation.plan.ruleset.address))
    _apart(other.address, result.year, other.years)
    if other.dropped:
        click.echo(messages.text("what_if_dropped", rules=other.address, measures=list(other.dropped)))
    columns = ("label", "before", "after", "change")
    click.echo(table(messages.text("what_if_head"), change.measures.select(columns).iter_rows()))
    for by in ("tier", "township"):
        head = messages.text("what_if_by_head", by=messages.Word(messages.key(f"dimension_{by}")))
        groups = change.by(by).select(by, "firms", "losers", "winners", "change")
        click.echo(table(head, groups.iter_rows()))
    moved: tuple[tuple[MessageKey, pl.DataFrame], ...] = (
        ("what_if_losers", change.losers),
        ("what_if_winners", change.winners),
    )
    for key, firms in moved:
        click.echo(messages.text(key, count=firms.height, amount=firms["change"].sum()))
        most = firms.head(5).select("credit_code", "name", "tier_before", "tier", "change")
        if most.height:
            click.echo(table(messages.text("what_if_firms_head"), most.iter_rows()))
    if output is not None:
        _written(county.papers.money_change(output, change, allocation, other.address))


@allocate.command("kept", help=words("help_allocate_kept"))
@click.argument("number", type=WHOLE, required=False)
@click.option("--explain", "code", help=words("help_allocate_explain"))
@click.pass_context
def kept(ctx: click.Context, number: int | None, code: str | None) -> None:
    """Amounts of rules that stand alone that were kept."""
    county = county_of(ctx)
    if number is None:
        rows = [
            (
                r["number"], r["year"], r["rules"], messages.text(messages.key(f"tiers_source_{r['tiers']}")),
                r["runs"] or None, r["rows"], r["label"], r["digest"][:12],
            )
            for r in county.money.kept().iter_rows(named=True)
        ]  # fmt: skip
        click.echo(table(messages.text("amounts_kept_head"), rows) if rows else messages.text("amounts_kept_none"))
        return
    recalled = county.money.recall(number)
    for line in (str(recalled.tiers_from), *recalled.kept.counted):
        click.echo(line)
    if not recalled.same:
        click.echo(messages.text("amounts_differ", number=number, version=recalled.kept.mujun_version))
    if code is None:
        show_amounts(recalled.allocation)
        return
    for line in county.money.explain(recalled.allocation, code):
        click.echo(line)


# ------------------------------------------------------------------------------------------------ offices and quarters


@allocate.command("offices", help=words("help_allocate_offices"))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@click.option("--office", type=click.Choice(OFFICES), multiple=True, help=words("help_allocate_office"))
@click.pass_context
def offices(
    ctx: click.Context, folder: Path, run: int | None, rules: str | None, year: int | None, office: tuple[str, ...]
) -> None:
    """One workbook per office."""
    county = county_of(ctx)
    result, allocation = county.money.allocate(run, rules, year=year)
    tell_final(county, result.number, run)
    tell_tiers(result, allocation.counted_in_words)
    lists = county.money.offices(allocation, office)  # type: ignore[arg-type]
    if not lists:
        raise UsageError(problem("offices_none", address=allocation.plan.ruleset.address))
    shown: list[tuple[object, ...]] = []
    with whole():
        written = county.papers.offices(folder, result, allocation, lists)
    for listed, path in zip(lists, written, strict=True):
        total = listed.lines["amount"].sum()
        without = listed.without_account["credit_code"].n_unique()
        firms = listed.lines["credit_code"].n_unique()
        name = messages.text(messages.key(f"office_{listed.office}"))
        shown.append((name, firms, listed.lines["account"].count(), total, without, listed.open.height, path.name))
    click.echo(table(messages.text("offices_head"), shown))
    click.echo(messages.text("offices_done", folder=folder))


@allocate.command("levers", help=words("help_allocate_levers"))
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@output_option(".xlsx")
@click.pass_context
def levers_(ctx: click.Context, run: int | None, rules: str | None, year: int | None, output: Path | None) -> None:
    """The quarterly ledger."""
    from mujun.reports.money.lever_ledger import name_of, tiers_of, why_blank

    county = county_of(ctx)
    result, allocation = county.money.allocate(run, rules, year=year)
    tell_final(county, result.number, run)
    tell_tiers(result, allocation.counted_in_words)
    _apart(allocation.plan.ruleset.address, allocation.year, county.money.years_apart(allocation))
    ledger = county.money.levers(result, allocation)
    head = "\t".join([messages.text("levers_head"), *map(str, ledger.quarters), messages.text("levers_head_end")])
    rows = [
        (tiers_of(li), name_of(li), li.unit, *(li.amounts.get(q) for q in ledger.quarters), li.total, why_blank(li))
        for li in ledger.lines
    ]
    click.echo(table(head, rows))
    if ledger.outside:
        click.echo(messages.text("levers_outside", measures=list(ledger.outside)))
    if output is not None:
        _written(county.papers.levers(output, ledger, allocation))


# ------------------------------------------------------------------------------------------------------------ projects


@allocate.command("pool", help=words("help_allocate_pool"))
@run_option("help_run_final")
@click.option("--rules", help=words("help_rules"))
@year_option()
@click.option("--pool", "only", help=words("help_allocate_pool_id"))
@click.option("--amount", type=Amount(), help=words("help_allocate_amount"))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help=words("help_allocate_as_of"))
@output_option(".xlsx", ".csv", ".parquet", ".json", names=("--plan",), help_key="help_allocate_plan")
@output_option(".xlsx")
@click.pass_context
def pool(
    ctx: click.Context,
    run: int | None,
    rules: str | None,
    year: int | None,
    only: str | None,
    amount: Decimal | None,
    as_of: datetime | None,
    plan: Path | None,
    output: Path | None,
) -> None:
    """Freed energy shared out among projects."""
    from mujun.reports.money.project_sheets import said_of

    county = county_of(ctx)
    _, allocation = county.money.allocate(run, rules, year=year)
    day = as_of.date() if as_of is not None else None
    pools = county.money.pools(allocation, only=only, amount=amount, as_of=day)
    if amount is None and any(p.plan.source.amount is None for p in pools):
        freed = county.money.freed(day)
        click.echo(messages.text("pool_freed", sources=freed.sources, accepted=freed.accepted, firms=freed.firms))
    for shared in pools:
        click.echo(
            messages.text(
                "pool_done", label=shared.plan.source.label, document=shared.plan.document, freed=shared.freed,
                amount=shared.amount, given=shared.given, left=shared.left,
            )
        )  # fmt: skip
        rows = [
            (
                r["project"], r["project_name"], r["project_kind"], r["priority"], r["need_tce"], r["given"],
                r["shortfall"], said_of(shared, r["why"], r["reason"]),
            )
            for r in shared.rows.iter_rows(named=True)
        ]  # fmt: skip
        click.echo(table(messages.text("pool_head"), rows))
        if shared.short.height:
            lacking = shared.short["shortfall"].sum()
            click.echo(messages.text("pool_short", count=shared.short.height, amount=lacking))
    if output is not None:
        _written(county.papers.pools(output, pools))
    if plan is not None:
        if len(pools) != 1:
            raise UsageError(problem("plan_of_one_pool", known=[p.plan.source.id for p in pools]))
        drawn = county.money.drawn_on(pools[0], day)
        county.papers.plan(drawn, plan)
        click.echo(messages.text("plan_written", file=plan, rows=drawn.rows.height))
        if drawn.earlier:
            click.echo(messages.text("plan_earlier", rows=drawn.earlier))
        if drawn.beyond:
            click.echo(messages.text("plan_beyond", amount=drawn.beyond))


@allocate.command("substitute", help=words("help_allocate_substitute"))
@click.argument("plan", type=click.Path(path_type=Path), required=False, callback=reads)
@run_option()
@click.option("--rules", help=words("help_rules"))
@year_option()
@click.option("--reason", help=words("help_allocate_reason"))
@click.option("--document", help=words("help_allocate_document"))
@click.option("--dry-run", is_flag=True, help=words("help_allocate_dry_run"))
@output_option(".xlsx")
@click.pass_context
def substitute(
    ctx: click.Context,
    plan: Path | None,
    run: int | None,
    rules: str | None,
    year: int | None,
    reason: str | None,
    document: str | None,
    dry_run: bool,
    output: Path | None,
) -> None:
    """The substitution ledger; with a file of plans, these entered into it."""
    county = county_of(ctx)
    if plan is not None:
        outcome, state = county.money.substitute(
            plan, rules, run=run, reason=reason, document=document, dry_run=dry_run
        )  # fmt: skip
        done: MessageKey = "substitute_checked" if dry_run else "substitute_entered"
        click.echo(messages.text(done, file=outcome.file, batch=outcome.batch or "—", rows=outcome.rows_in))
    else:
        state = county.money.substitutions(rules, run=run)
    balances = [
        (b.source.id, b.source.firm, b.source.amount, b.spent, b.left) for b in state.ledger.balances()
    ]  # fmt: skip
    click.echo(table(messages.text("substitute_head"), balances))
    for wrong in state.wrong:
        click.echo(str(wrong), err=True)
    needs = [(n.project, n.account, n.need, n.multiple, n.required, n.given, n.shortage) for n in state.needs]
    if needs:
        click.echo(messages.text("substitute_needs", document=state.document))
        click.echo(table(messages.text("substitute_needs_head"), needs))
    if output is not None:
        _written(county.papers.substitutions(state, output))
