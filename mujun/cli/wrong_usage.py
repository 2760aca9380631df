"""What is said of a command that was typed wrongly, in the language in force: click itself speaks English only."""

from __future__ import annotations

import re

import click
from click import exceptions

from mujun import messages


def said_of(error: click.ClickException) -> str:
    """The sentence about a wrong command, and where its usage is told."""
    if isinstance(error, exceptions.NoArgsIsHelpError):
        return error.format_message()
    sentence = _sentence(error)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return sentence
    return f"{sentence}\n{messages.text('misuse_help', command=context.command_path)}"


def _sentence(error: click.ClickException) -> str:
    if isinstance(error, click.MissingParameter):
        return messages.text("misuse_missing", name=_called(error))
    if isinstance(error, click.NoSuchOption):
        return messages.text("misuse_no_option", name=error.option_name, guess=_guess(error.possibilities))
    if isinstance(error, exceptions.NoSuchCommand):
        from mujun.fields import nearest  # the dictionary knows Polars' types, which take long to load

        near = nearest(error.command_name, _commands(error.ctx))
        return messages.text("misuse_no_command", name=error.command_name, guess=messages.Guess(near))
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if isinstance(error, click.BadOptionUsage):
        return messages.text("misuse_no_value", name=error.option_name)
    return error.format_message()


def _called(error: click.BadParameter) -> str:
    """The option or argument as it is typed."""
    if isinstance(error.param_hint, str):
        return error.param_hint
    if isinstance(error.param, click.Option):
        return error.param.opts[-1]
    return error.param.make_metavar(error.ctx) if error.param is not None and error.ctx is not None else "—"


def _bad_value(error: click.BadParameter) -> str:
    """What a value has to be; our own commands say it themselves, click's kinds do not say it in Chinese."""
    wanted = _wanted(error.param.type) if error.param is not None else None
    # click keeps the value that was typed in its sentence only, in quotes.
    typed = re.search(r"'([^']*)'", error.message)
    if wanted is None or typed is None:
        return messages.text("misuse_bad_value", name=_called(error), why=error.message)
    return messages.text("misuse_other_value", name=_called(error), value=typed[1], why=wanted)


def _wanted(kind: click.ParamType[object]) -> str | None:
    if isinstance(kind, click.Choice):
        return messages.text("misuse_want_choice", known=[str(c) for c in kind.choices])
    if isinstance(kind, click.types.IntParamType):
        return messages.text("misuse_want_whole")
    if isinstance(kind, click.types.FloatParamType):
        return messages.text("misuse_want_number")
    if isinstance(kind, click.DateTime):
        return messages.text("misuse_want_date")
    if isinstance(kind, click.Path):
        return messages.text("misuse_want_file" if kind.file_okay else "misuse_want_folder")
    return None


def _commands(context: click.Context | None) -> list[str]:
    group = context.command if context is not None else None
    return group.list_commands(context) if isinstance(group, click.Group) and context is not None else []


def _guess(possibilities: object) -> messages.Guess:
    options = sorted(possibilities) if isinstance(possibilities, (list, tuple, set)) else []
    return messages.Guess(options[0] if options else None)
