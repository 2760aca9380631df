"""`land`: who stands on which ground."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from mujun import messages
from mujun.cli.options import WHOLE, county_of, output_option, township_option, words, year_option
from mujun.cli.tables import table
from mujun.reports.firms.words_here import tenure_here

if TYPE_CHECKING:
    from mujun.records import LandRegister

SHOWN = 40
"""Firms listed on screen."""


@click.command(help=words("help_land"))
@click.argument("code", required=False)
@year_option(required=True)
@township_option()
@output_option(".xlsx", ".json", help_key="help_land_output")
@click.option("--as-of-batch", type=WHOLE, help=words("help_as_of_batch"))
@click.pass_context
def land(
    ctx: click.Context, code: str | None, year: int, township: str | None, output: Path | None, as_of_batch: int | None
) -> None:
    """The land register of a year."""
    county = county_of(ctx)
    register = county.parcels.register(year, township=township, code=code, as_of_batch=as_of_batch)
    if output is not None:
        whose = township or (register.firms["name"][0] or code if code else "")
        county.papers.land(register, output, whose=whose or "")
        _say_written(output, register)
    elif code is not None:
        _show_firm(register)
    else:
        _show_head(register)
        if township is None:
            _show_townships(register)
            click.echo(messages.text("land_next", year=year))
        else:
            _show_firms(register)


def _say_written(output: Path, register: LandRegister) -> None:
    counts = {"firms": register.firms.height, "leases": register.leases.height}
    click.echo(messages.text("land_written", file=output, findings=len(register.findings), **counts))


def _show_head(register: LandRegister) -> None:
    outside = register.leases["party"] != "firm"
    between = register.leases.filter(~outside)
    both = between.filter(pl.col("said_by") == "both").height
    off = register.off_roll
    counted = messages.text("land_counted", firms=register.firms.height - off)
    if off:
        counted += messages.text("land_counted_off_roll", count=off)
    click.echo(
        messages.text(
            "land_head", year=register.year, counted=counted,
            known=register.firms["land_mu"].count(), leases=register.leases.height, both=both,
            one=between.height - both, outside=int(outside.sum()), findings=len(register.findings),
        )
    )  # fmt: skip
    if register.kinds:
        rows = [(messages.text(messages.key(f"land_kind_{code}")), count) for code, count in register.kinds.items()]
        click.echo(table(messages.text("land_kinds_head"), rows))


def _show_townships(register: LandRegister) -> None:
    rows = [(t or messages.text("land_no_township"), *rest) for t, *rest in register.townships.iter_rows()]
    click.echo(table(messages.text("land_townships_head"), rows))


def _show_firms(register: LandRegister) -> None:
    rows = [
        (
            f["credit_code"], f["name"], f["scale"], messages.text(messages.key(f"land_tenure_{f['tenure']}")),
            f["owned_mu"], f["rented_in_mu"], f["rented_out_mu"], f["land_mu"], f["floor_area_m2"],
            f["tenants_above"], f["tenants_below"], f["findings"] or None,
        )
        for f in register.firms.head(SHOWN).iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("land_firms_head"), rows))
    if register.firms.height > SHOWN:
        click.echo(messages.text("land_listed", shown=SHOWN, count=register.firms.height))


def _show_firm(register: LandRegister) -> None:
    firm = register.firms.row(0, named=True)
    tenure = messages.text(messages.key(f"land_tenure_{firm['tenure']}"))
    about = {n: firm[n] or "—" for n in ("name", "township", "scale")}
    click.echo(messages.text("land_firm", code=firm["credit_code"], tenure=tenure, **about))
    if firm["land_mu"] is None:
        click.echo(messages.text("land_firm_unknown"))
        return
    floor = firm["floor_area_m2"]
    click.echo(
        messages.text(
            "land_firm_sum", owned=firm["owned_mu"], rented_in=firm["rented_in_mu"], rented_out=firm["rented_out_mu"],
            net=firm["land_mu"], floor="—" if floor is None else floor, above=firm["tenants_above"],
            below=firm["tenants_below"], parcels=firm["parcels"] or "—",
        )
    )  # fmt: skip
    rows = [
        (
            r["name"] or r["credit_code"], tenure_here(r["tenure"]), r["area_mu"], r["floor_area_m2"], r["parcel"],
            r["counterparty"], messages.text(messages.key(f"land_party_{r['party']}")) if r["party"] else None,
            " ".join(str(r[c]) for c in ("_file", "_sheet", "_row") if r[c] is not None),
        )
        for r in register.rows.iter_rows(named=True)
    ]  # fmt: skip
    click.echo(table(messages.text("land_rows_head"), rows))
    leases = [
        (
            r["landlord_name"], r["tenant_name"], messages.text(messages.key(f"land_party_{r['party']}")),
            messages.show(r["parcels"]), r["area_landlord"], r["area_tenant"], r["area_mu"],
            messages.text(messages.key(f"land_said_by_{r['said_by']}")),
        )
        for r in register.leases.iter_rows(named=True)
    ]  # fmt: skip
    if leases:
        click.echo(table(messages.text("land_leases_head"), leases))
    for finding in register.findings:
        click.echo(messages.text("land_finding", what=finding.what, remedy=finding.remedy))
