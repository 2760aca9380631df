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
from mujun.cli.help_texts import spoken
from mujun.cli.screen import Screen
from mujun.cli.steps_shown import steps_shown
from mujun.cli.wrong_usage import said_of
from mujun.errors import MujunError
from mujun.messages import Language
from mujun.personal import masked
from mujun.writing import one_command

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


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process with 0 done, 1 could not be done, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    messages.set_language(_chosen_language(given))
    # NumPy would start a thread for every core, and here nobody multiplies matrices of floats.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console may be GBK: what it cannot show must not stop the work.
        cast("Any", stream).reconfigure(errors="replace")
    screen = sys.stdout
    sys.stdout = cast("TextIO", Screen(screen))
    try:
        status = _run(given)
    finally:
        sys.stdout = screen
    sys.exit(status)


def _steps_shown(arguments: list[str]) -> contextlib.AbstractContextManager[None]:
    """What is in work on a terminal: of every command but those that wait for somebody."""
    return contextlib.nullcontext() if WAITING.intersection(arguments) else steps_shown()


def _run(arguments: list[str]) -> int:
    try:
        with one_command(), _steps_shown(arguments):
            result = command_line().main(args=arguments, prog_name="mujun", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo(messages.text("interrupted"), err=True)
        return 1
    except click.ClickException as error:
        click.echo(said_of(error), err=True)
        return error.exit_code
    except MujunError as error:
        click.echo(str(error), err=True)
        return 1
    except BrokenPipeError:
        # The reader has seen enough (`mujun … | head`).
        sys.stderr.close()
        return 0
    except OSError as error:
        folder = Path(error.filename or "—").parent
        if isinstance(error, FileNotFoundError) and not folder.is_dir():
            click.echo(messages.text("no_such_folder", folder=folder), err=True)
            return 1
        click.echo(
            messages.text("file_trouble", file=error.filename or "—", said=error.strerror or str(error)), err=True
        )
        return 1
    except BaseException as error:  # the last resort: no traceback ever reaches a user
        # What panics inside Polars is no `Exception`; an exit and an interruption are not ours to tell.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if os.environ.get("MUJUN_DEBUG"):
            raise
        click.echo(
            messages.text("not_to_be_done", kind=type(error).__name__, said=masked(str(error).split("\n")[0])[:200]),
            err=True,
        )
        return 1
    return result if isinstance(result, int) else 0
