"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.workspace import County

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def words(key: str) -> str:
    """The key of a help text; it is looked up when it is shown (`help_texts.spoken`)."""
    return key


def workspace(ctx: click.Context) -> County:
    """The workspace that `--db` names."""
    return County(ctx.obj)


def year_option(*, required: bool = False) -> Decorator:
    """`--year`."""
    return click.option("--year", type=int, required=required, help=words("help_year"))


def rules_option(*, required: bool = True) -> Decorator:
    """`--rules`."""
    return click.option("--rules", required=required, help=words("help_rules"))


def run_option() -> Decorator:
    """`--run`."""
    return click.option("--run", type=int, help=words("help_run"))


def township_option() -> Decorator:
    """`--township`."""
    return click.option("--township", help=words("help_township"))


def output_option(*endings: str, required: bool = False) -> Decorator:
    """`-o`, a file; of one of these endings where any are given, so that no file is called what it is not."""
    path = click.Path(dir_okay=False, path_type=Path)

    def looked(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
        if value is not None and endings and value.suffix.lower() not in endings:
            raise UsageError(problem("output_ending", file=value, known=list(endings)))
        return value

    return click.option("-o", "--output", type=path, required=required, callback=looked, help=words("help_out_file"))


class Amount(click.ParamType[Decimal]):
    """An exact number, at least zero, as quantities are kept."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The number as a decimal."""
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal(-1)
        if not found.is_finite() or not 0 <= found < 10**12 or found.as_tuple().exponent < -6:  # type: ignore[operator]
            self.fail(messages.text("not_an_amount", value=str(value)), param, ctx)
        return found


def tell_what_came_since(own: County, number: int | None) -> None:
    """Say so where records came in after a run: whoever acts on it should know."""
    from mujun.workspace.runs.governing import loaded_since

    count = loaded_since(own, number) if number is not None else 0
    if count:
        click.echo(messages.text("loaded_since_run", run=number, count=count), err=True)
