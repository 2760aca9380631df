"""Options that several commands share."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mujun import County, messages
from mujun.errors import Place, UsageError, problem
from mujun.messages import MessageKey
from mujun.writing import apart, target_of

if TYPE_CHECKING:
    from mujun.workspace import YearResult

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Whole(click.types.IntParamType):
    """A whole number that a store's columns hold: a year or a number of twelve digits is a slip."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = int(super().convert(value, param, ctx))
        if abs(number) > MOST_WHOLE:
            self.fail(messages.text("misuse_whole_too_large", value=str(value), most=MOST_WHOLE), param, ctx)
        return number


MOST_WHOLE = 2**31 - 1
WHOLE = _Whole()


def words(key: MessageKey) -> MessageKey:
    """The key of a help text; it is looked up when it is shown (`help_texts.spoken`)."""
    return key


def county_of(ctx: click.Context) -> County:
    """The county whose store `--db` names; sentences of this command call firms by its names."""
    county = County(ctx.obj)
    messages.name_firms_by(county.name_of)
    return county


def year_option(*, required: bool = False) -> Decorator:
    """`--year`."""
    return click.option("--year", type=WHOLE, required=required, help=words("help_year"))


def list_option() -> Decorator:
    """`--list NAME`: which of several lists of the rules."""
    return click.option("--list", "name", metavar="NAME", help=words("help_list_name"))


def rules_option(*, required: bool = True) -> Decorator:
    """`--rules`."""
    return click.option("--rules", required=required, help=words("help_rules"))


def run_option(help_key: MessageKey = "help_run") -> Decorator:
    """`--run`."""
    return click.option("--run", type=WHOLE, help=words(help_key))


def township_option() -> Decorator:
    """`--township`."""
    return click.option("--township", help=words("help_township"))


def asks_for_json(form: str | None, output: Path | None) -> bool:
    """Whether JSON is wanted: by `--format`, else by the ending of the file to be written."""
    return form == "json" or (form is None and output is not None and output.suffix.lower() == ".json")


def shown(county: County, result: object, form: str | None, output: Path | None, show: Callable[[], object]) -> bool:
    """Show a result on the screen, or print its JSON where that is asked for and no file takes it; whether it is."""
    as_json = asks_for_json(form, output)
    if not as_json:
        show()
    elif output is None:
        click.echo(county.papers.json(result))
    return as_json


def json_option() -> Decorator:
    """`--format`: text on the screen, or JSON."""
    return click.option("--format", "form", type=click.Choice(["text", "json"]), help=words("help_rectify_format"))


def output_option(
    *endings: str,
    names: Sequence[str] = ("-o", "--output"),
    required: bool = False,
    help_key: MessageKey = "help_out_file",
) -> Decorator:
    """`-o`, a file of one of these endings, so that no file is called what it is not; looked at before any work."""
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option(*names, type=path, required=required, callback=writes(*endings), help=words(help_key))


def writes(*endings: str) -> Callable[[click.Context, click.Parameter | None, Path | None], Path | None]:
    """The callback of a parameter that names a file to be written: it may be, and is none that the command reads."""

    def looked(ctx: click.Context, parameter: click.Parameter | None, value: Path | None) -> Path | None:
        if value is None:
            return None
        if value.suffix.lower() not in endings:
            raise UsageError(problem("output_ending", file=value, known=list(endings)))
        target = target_of(value)
        if ctx.obj is not None and target.real == Path(ctx.obj).resolve():
            raise UsageError(problem("output_is_store", Place(file=str(value))))
        ctx.meta.setdefault(_WRITES, []).append(value)
        _keep_apart(ctx)
        return value

    return looked


def reads(
    ctx: click.Context, parameter: click.Parameter, value: Path | tuple[Path, ...] | None
) -> Path | tuple[Path, ...] | None:
    """The callback of a parameter that names files to be read."""
    paths = (value,) if isinstance(value, Path) else value or ()
    for path in paths:
        _ordinary(path)
    ctx.meta.setdefault(_READS, []).extend(paths)
    _keep_apart(ctx)
    return value


def _ordinary(path: Path) -> None:
    """Refuse pipes, devices and sockets before any work; what is missing or a folder is said by who reads it."""
    with contextlib.suppress(OSError, ValueError):
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise UsageError(problem("file_not_regular", Place(file=str(path))))


_WRITES, _READS = "mujun.writes", "mujun.reads"


def _keep_apart(ctx: click.Context) -> None:
    # Called by either side, for options come in any order.
    apart(ctx.meta.get(_WRITES, ()), ctx.meta.get(_READS, ()))


class Amount(click.ParamType[Decimal]):
    """An exact number, at least zero, as quantities are kept."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The number as a decimal."""
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount < 10**12 or amount.as_tuple().exponent < -6:  # type: ignore[operator]
            self.fail(messages.text("not_an_amount", value=str(value)), param, ctx)
        return amount


def tell_final(county: County, number: int | None, asked: int | None) -> None:
    """What `tell_what_came_since` says; and, where no run was named, that a newer trial stands behind the final one."""
    tell_what_came_since(county, number)
    trial = county.runs.newer_trial(number) if number is not None and asked is None else None
    if trial is not None:
        click.echo(messages.text("final_before_trial", run=number, trial=trial), err=True)


def tell_what_came_since(county: County, number: int | None) -> None:
    """Say so where records came in after a run: whoever acts on it should know."""
    count = county.runs.loaded_since(number) if number is not None else 0
    if count:
        click.echo(messages.text("loaded_since_run", run=number, count=count), err=True)


def tell_still_out(county: County, code: MessageKey, year: int, day: date | None = None) -> None:
    """Name each notice of a year's result that is not over on a day, today by default: what is done touches it."""
    for known in county.runs.still_out(year, day=day):
        click.echo(known.told(code, day), err=True)


def tell_tiers(result: YearResult, counted: Iterable[str] = ()) -> None:
    """Where the tiers come from of rules that rate nobody themselves, and among whom statistics are computed."""
    for line in ([str(result.tiers_from)] if result.tiers_from is not None else []) + [c for c in counted if c]:
        click.echo(line)
