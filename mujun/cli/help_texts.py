"""What commands say of themselves: keys of messages where they are declared, sentences when they are shown."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import click

from mujun import messages


@cache
def examples() -> Mapping[str, str]:
    """An example of every command, by its name."""
    file = resources.files(__name__.rpartition(".")[0]) / "examples.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def spoken(command: click.Command, name: str = "") -> click.Command:
    """A command as it speaks in the language in force: its help, its options', its subcommands', with an example.

    Raises:
        KeyError: a help text is no key of a message.
    """
    said = copy.copy(command)
    said.help = messages.text(messages.key(command.help)) if command.help else None
    said.params = [_spoken(parameter) for parameter in command.params]
    if name in examples():
        # \b keeps click from breaking the line.
        said.epilog = "\b\n" + messages.text("help_example", example=examples()[name])
    if isinstance(said, click.Group):
        said.commands = {inner: spoken(c, f"{name} {inner}") for inner, c in said.commands.items()}
    return said


def _spoken(parameter: click.Parameter) -> click.Parameter:
    said = copy.copy(parameter)
    if isinstance(said, click.Option) and said.help:
        said.help = messages.text(messages.key(said.help))
    return said
