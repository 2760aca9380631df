"""`correct`, `corrections`: figures said anew with a reason and a document, and what that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mujun import messages
from mujun.cli.options import WHOLE, county_of, rules_option, tell_still_out, words
from mujun.cli.tables import called, table
from mujun.fields import TABLES
from mujun.fields.here import table_here
from mujun.reports.firms.card import field_shown

if TYPE_CHECKING:
    from mujun.workspace.rounds.correction_effects import Effect

SHOWN = 50
"""Changes, and firms corrected, that are listed on screen; counts are complete."""

OTHERS = 10
"""Other firms whose tier moves that are listed on screen; the count is complete."""


@click.command(help=words("help_correct"))
@click.argument("code")
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--year", type=WHOLE, required=True, help=words("help_year"))
@click.option("--reason", required=True, help=words("help_load_reason"))
@click.option("--document", required=True, help=words("help_correct_document"))
@click.option("--parcel", help=words("help_correct_parcel"))
@click.option(
    "--tenure", type=click.Choice(TABLES["land"].by_name["tenure"].choices), help=words("help_correct_tenure")
)
@click.option("--counterparty", help=words("help_correct_counterparty"))
@click.option("--dry-run", is_flag=True, help=words("help_correct_dry_run"))
@rules_option(required=False)
@click.pass_context
def correct(
    ctx: click.Context, code: str, values: tuple[str, ...], year: int, reason: str, document: str, parcel: str | None,
    tenure: str | None, counterparty: str | None, dry_run: bool, rules: str | None,
) -> None:  # fmt: skip
    """Say figures of an enterprise anew."""
    county = county_of(ctx)
    rounds = county.rounds
    figures = dict(_parted(v) for v in values)
    asked = {"parcel": parcel, "tenure": tenure, "counterparty": counterparty}
    record = {k: v for k, v in asked.items() if v is not None}
    made = rounds.correct(code, year, figures, reason=reason, document=document, record=record, dry_run=dry_run)
    click.echo(messages.text("correct_head", name=made.name, code=made.credit_code, year=year))
    rows = [(field_shown(c.change.field), _shown(c.old), _shown(c.new)) for c in made.changed]
    click.echo(table(messages.text("correct_columns"), rows))
    for finding in made.findings:
        click.echo(messages.text("correct_doubt", what=finding.what, remedy=finding.remedy))
    if made.batch is None:
        click.echo(messages.text("correct_not_kept"))
        effects = rounds.effect_if(made, year, rules)
    else:
        click.echo(messages.text("correct_kept", batch=made.batch, document=document))
        effects = rounds.effect(made.batch, rules)
    _show_effects(effects)
    if made.batch is not None:
        click.echo(messages.text("correct_next", year=year))
    tell_still_out(county, "publication_out_corrected", year)


def _parted(word: str) -> tuple[str, str | None]:
    name, sign, value = word.partition("=")
    if not sign or not name.strip():
        raise click.BadParameter(messages.text("correct_form", word=word))
    return name.strip(), value.strip() or None


def _shown(value: object) -> str:
    return "—" if value is None else messages.show(value)


def _show_effects(effects: tuple[Effect, ...]) -> None:
    if not effects:
        click.echo(messages.text("effect_no_rules"))
    for effect in effects:
        click.echo(effect.rated_by)
        corrected = effect.firms.filter("own")
        click.echo(
            table(messages.text("effect_columns"), [_line(r) for r in corrected.head(SHOWN).iter_rows(named=True)])
        )
        if corrected.height > SHOWN:
            click.echo(messages.text("lines_unlisted", count=corrected.height - SHOWN))
        others = effect.moved.filter(~effect.moved["own"])
        click.echo(messages.text("effect_others", count=others.height))
        if others.height:
            shown = [_line(r) for r in others.head(OTHERS).iter_rows(named=True)]
            click.echo(table(messages.text("effect_columns"), shown))
            if others.height > OTHERS:
                click.echo(messages.text("lines_unlisted", count=others.height - OTHERS))


def _line(row: dict[str, object]) -> tuple[str, ...]:
    pairs = [f"{_shown(row[f'{c}_before'])} → {_shown(row[f'{c}_after'])}" for c in ("score", "rank", "tier")]
    return str(row["credit_code"]), str(row["name"] or ""), *pairs


@click.command(help=words("help_corrections"))
@click.argument("batch", type=WHOLE, required=False)
@rules_option(required=False)
@click.pass_context
def corrections(ctx: click.Context, batch: int | None, rules: str | None) -> None:
    """Corrections on record, or what one of them changed."""
    rounds = county_of(ctx).rounds
    if batch is None:
        rows = rounds.corrections()
        if rows.is_empty():
            click.echo(messages.text("corrections_none"))
            return
        click.echo(table(messages.text("corrections_columns"), rows.rows()))
        return
    head = rounds.correction(batch)
    click.echo(messages.text("corrections_head", **{k: _shown(v) for k, v in head.items()}))
    changed = rounds.changes(batch)
    lines = [
        (r["year"], called(r["credit_code"], r["name"]),
         field_shown(r["field"]) if r["field"] else table_here(r["table"]), _shown(r["old"]), _shown(r["new"]))
        for r in changed.iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("corrections_changes"), lines[:SHOWN]))
    if len(lines) > SHOWN:
        click.echo(messages.text("lines_unlisted", count=len(lines) - SHOWN))
    _show_effects(rounds.effect(batch, rules))
