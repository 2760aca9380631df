"""What commands say of themselves: keys of messages where they are declared, sentences when they are shown."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import click

from mujun import messages
from mujun.cli.help_layout import HelpContext


@cache
def examples() -> Mapping[str, str]:
    """An example of every command, by its name."""
    return tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))


def spoken(command: click.Command, name: str = "") -> click.Command:
    """A command as it speaks in the language in force: its help, its options', its subcommands', with an example.

    Raises:
        KeyError: a help text is no key of a message.
    """
    translated = copy.copy(command)
    translated.context_class = HelpContext
    translated.help = messages.text(messages.key(command.help)) if command.help else None
    translated.params = [_spoken(parameter) for parameter in command.params]
    if name in examples():
        # \b keeps click from breaking the line.
        translated.epilog = "\b\n" + messages.text("help_example", example=examples()[name])
    if isinstance(translated, click.Group):
        translated.commands = {inner: spoken(c, f"{name} {inner}") for inner, c in translated.commands.items()}
    return translated


def _spoken(parameter: click.Parameter) -> click.Parameter:
    translated = copy.copy(parameter)
    if isinstance(translated, click.Option) and translated.help:
        translated.help = messages.text(messages.key(translated.help))
    if isinstance(translated.type, click.DateTime):
        translated.metavar = messages.text("help_day_form")  # click shows the form as programs write it, %Y-%m-%d
    return translated
