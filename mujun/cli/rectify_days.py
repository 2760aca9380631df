"""Days on the command line of the rectification."""

from __future__ import annotations

from datetime import date, datetime

import click

from mujun.cli.options import Decorator, words
from mujun.messages import MessageKey


def day_option(*names: str, help_key: MessageKey, required: bool = False) -> Decorator:
    """An option that takes a day, `2023-03-31`."""
    return click.option(*names, type=click.DateTime(["%Y-%m-%d"]), required=required, help=words(help_key))


def day(given: datetime | None) -> date | None:
    """The day of what `day_option` gave."""
    return given.date() if given is not None else None


def today_or(given: datetime | None) -> date:
    """The day given, else today."""
    return given.date() if given is not None else date.today()
