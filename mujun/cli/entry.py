"""The `mujun` command: its options, its groups, and how errors reach the user."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path
from typing import Any, TextIO, cast

import click

import mujun
from mujun import messages
from mujun.cli.broken_off import said_so_far
from mujun.cli.help_texts import spoken
from mujun.cli.interruption import Interruption
from mujun.cli.screen import Outlet, Screen
from mujun.cli.steps_shown import steps_shown
from mujun.cli.wrong_usage import said_of
from mujun.errors import MujunError
from mujun.messages import Language
from mujun.personal import masked
from mujun.writing import drafts_dropped, one_command, so_far

COMMANDS: dict[str, str] = {
    "demo": "demo",
    "serve": "serve",
    "users": "users",
    "init": "records",
    "template": "records",
    "read": "reading",
    "load": "records",
    "layouts": "layouts",
    "check": "records",
    "identity": "identity",
    "coverage": "coverage",
    "land": "land",
    "parcels": "parcels",
    "rate": "rating",
    "show": "show",
    "explain": "explain",
    "screen": "township",
    "verify": "township",
    "confirm": "township",
    "correct": "correct",
    "corrections": "correct",
    "report": "report",
    "publication": "publication",
    "objections": "objections",
    "export": "export",
    "problems": "problems",
    "rectify": "rectify",
    "monitor": "monitor",
    "allocate": "allocate",
    "fairness": "fairness",
    "stability": "stability",
    "whatif": "whatif",
    "runs": "runs",
    "rules": "rules",
    "upgrade": "upgrade",
}
"""Commands in the order of the year and the module of each, read only when asked for: Polars is slow to load."""

WAITING = {"serve", "users"}
"""Commands that wait: for the workbench to be ended, for a password to be typed."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mujun.cli.{COMMANDS[cmd_name]}")
        return spoken(getattr(module, cmd_name), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The list is written from the catalogue, so that --help need not open every room.
        rows = [(name, messages.text(messages.key(_help_key(name)))) for name in COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _help_key(name: str) -> str:
    return "help_rules_group" if name == "rules" else f"help_{name}"


def _chosen_language(arguments: list[str]) -> Language | None:
    """`--lang` as given: it has to be known before any help text is made."""
    for position, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and position + 1 < len(arguments):
            value = arguments[position + 1]
        for language in messages.LANGUAGES:
            if value == language:
                return language
    return None


def command_line() -> click.Group:
    """The command with its groups, in the language in force."""

    @click.command(cls=_Commands, help="help_main", context_settings={"help_option_names": ["-h", "--help"]})
    @click.option("--db", default=lambda: os.environ.get("MUJUN_DB", "mujun.duckdb"), help="help_db")
    @click.option("--lang", type=click.Choice(messages.LANGUAGES), help="help_lang")
    @click.version_option(mujun.__version__, prog_name="mujun", help="help_version")
    @click.pass_context
    def entry(ctx: click.Context, db: str, lang: Language | None) -> None:
        if lang is not None:
            messages.set_language(lang)
        ctx.obj = Path(db)

    return cast("click.Group", spoken(entry))


def main(arguments: list[str] | None = None, interruption: Interruption | None = None) -> None:
    """Run the command line; ends the process with 0 done, 1 could not be done, 2 wrong usage.

    Args:
        arguments: those of the process unless told.
        interruption: who listens to Ctrl-C, if anybody does.
    """
    given = sys.argv[1:] if arguments is None else arguments
    messages.set_language(_chosen_language(given))
    # NumPy would start a thread for every core, and here nobody multiplies matrices of floats.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console may be GBK: what it cannot show must not stop the work.
        cast("Any", stream).reconfigure(errors="replace")
    screen, said = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast("TextIO", Screen(screen)), cast("TextIO", Outlet(said))
    try:
        with one_command():
            status = _run(given, interruption or Interruption())
    finally:
        sys.stdout, sys.stderr = screen, said
        # Whoever runs it inside his own program goes on to other counties, whose firms are called otherwise.
        messages.name_firms_by(None)
    sys.exit(status)


def broken_off(arguments: list[str] | None) -> int:
    """Say what an interrupted command has done so far, and leave nothing half-written; its status."""
    messages.set_language(_chosen_language(sys.argv[1:] if arguments is None else arguments))
    drafts_dropped()
    click.echo("\n".join([messages.text("interrupted"), *said_so_far(so_far())]), err=True)
    return 1


def _steps_shown(arguments: list[str]) -> contextlib.AbstractContextManager[None]:
    """What is in work on a terminal: of every command but those that wait for somebody."""
    return contextlib.nullcontext() if WAITING.intersection(arguments) else steps_shown()


def _run(arguments: list[str], interruption: Interruption) -> int:
    try:
        with _steps_shown(arguments):
            result = command_line().main(args=arguments, prog_name="mujun", standalone_mode=False)
    except BaseException as error:
        # Whatever is said then of a file that was being written, a query or a module: it was broken off.
        if interruption.happened or isinstance(error, click.exceptions.Abort):
            return broken_off(arguments)
        # What panics inside Polars is no `Exception`; an exit is not ours to tell.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return _failed(error)
    return result if isinstance(result, int) else 0


def _failed(error: BaseException) -> int:
    """Say why a command could not be done; its status."""
    if isinstance(error, click.ClickException):
        click.echo(said_of(error), err=True)
        return error.exit_code
    if isinstance(error, MujunError):
        said = str(error)
    elif isinstance(error, OSError):
        folder = Path(error.filename or "—").parent
        if isinstance(error, FileNotFoundError) and not folder.is_dir():
            said = messages.text("no_such_folder", folder=folder)
        else:
            said = messages.text("file_trouble", file=error.filename or "—", said=error.strerror or str(error))
    elif os.environ.get("MUJUN_DEBUG"):
        raise error
    else:  # the last resort: no traceback ever reaches a user
        said = messages.text("not_to_be_done", kind=type(error).__name__, said=masked(str(error).split("\n")[0])[:200])
    click.echo(said, err=True)
    return 1
