"""`users`: who may come into a workbench that others reach over the network."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mujun import messages
from mujun.cli.options import county_of, words
from mujun.cli.tables import table
from mujun.errors import UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess
from mujun.workbench import people
from mujun.workbench.rights import ROLES, offices

ROLE_NAMES = {"经信": "bureau", "部门": "office", "镇街": "township", "只读": "reader"}
"""Roles as they may also be said."""


@click.group(help=words("help_users"))
def users() -> None:
    """Accounts of the workbench."""


@users.command(help=words("help_users_add"))
@click.argument("name")
@click.option("--role", type=click.Choice([*ROLE_NAMES, *ROLES]), required=True, help=words("help_users_role"))
@click.option("--office", help=words("help_users_office"))
@click.option("--township", help=words("help_users_township"))
@click.pass_context
def add(ctx: click.Context, name: str, role: str, office: str | None, township: str | None) -> None:
    """Make an account."""
    wanted = ROLE_NAMES.get(role, role)
    of = _of(ctx, wanted, office, township)
    made = people.add(ctx.obj, name, wanted, of, _asked())
    click.echo(messages.text("users_added", name=made.name, role=_role(made), file=people.file_of(ctx.obj).name))


@users.command("list", help=words("help_users_list"))
@click.pass_context
def list_(ctx: click.Context) -> None:
    """All accounts."""
    known = people.accounts(ctx.obj)
    if not known:
        click.echo(messages.text("users_none"))
        return
    click.echo(table(messages.text("users_columns"), [(a.name, _role(a), a.of or "—", a.since) for a in known]))


@users.command(help=words("help_users_remove"))
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Take an account away."""
    click.echo(messages.text("users_removed", name=people.remove(ctx.obj, name).name))


@users.command(help=words("help_users_password"))
@click.argument("name")
@click.pass_context
def password(ctx: click.Context, name: str) -> None:
    """Give an account another password."""
    known = people.one(ctx.obj, name)
    people.change_password(ctx.obj, known.name, _asked())
    click.echo(messages.text("users_password_changed", name=known.name))


def _role(account: people.Account) -> str:
    return messages.text(messages.key(f"role_{account.role}"))


def _of(ctx: click.Context, role: str, office: str | None, township: str | None) -> str:
    """The office or township that an account is of.

    Raises:
        UsageError: it lacks, is said of another role, or is none.
    """
    options = {"office": office, "township": township}
    others = [n for n, value in options.items() if value is not None and n != role]
    if others:
        raise UsageError(problem("users_of_another_role", option=f"--{others[0]}", role=role))
    if role not in options:
        return ""
    wanted = (options[role] or "").strip()
    if not wanted:
        raise UsageError(problem("users_of_nobody", option=f"--{role}"))
    known = offices() if role == "office" else _townships(ctx, ctx.obj)
    if wanted not in known:
        near = Guess(nearest(wanted, known))
        raise UsageError(problem(f"users_unknown_{role}", name=wanted, near=near, known=known or "—"))  # type: ignore[arg-type]
    return wanted


def _townships(ctx: click.Context, store: Path) -> list[str]:
    if not store.exists():
        return []
    return sorted(county_of(ctx).data.table("enterprises")["township"].drop_nulls().unique().to_list())


def _asked() -> str:
    """A new password, asked for twice on the screen; a line of the standard input where there is no screen."""
    click.echo(messages.text("users_policy", least=people.LEAST_LENGTH, different=people.LEAST_DIFFERENT), err=True)
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(
        click.prompt(
            messages.text("login_password"), hide_input=True, confirmation_prompt=messages.text("users_again"), err=True
        )
    )
