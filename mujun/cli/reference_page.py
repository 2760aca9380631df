"""The reference of the command line, written from the commands themselves: `python -m mujun.cli.reference_page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from mujun import messages
from mujun.cli.entry import command_line
from mujun.cli.help_texts import examples
from mujun.rules.folders import shipped_rules

_HEAD = """# The command line · 命令行

Written by `python -m mujun.cli.reference_page` from the commands themselves; a test keeps it true.
本页由命令本身生成，测试保证与程序一致。

`mujun [--db FILE] [--lang zh|en] COMMAND` — the store is `mujun.duckdb` here, or `$MUJUN_DB`; the language follows
`--lang`, `$MUJUN_LANG`, the locale. `$MUJUN_RULES` names a folder of your own rule sets. Exit status: 0 done, 1 could
not be done (one clear sentence), 2 wrong usage. `mujun COMMAND --help` says the same as this page. An asterisk marks
an option that must be given.

On a terminal a command that takes longer than a second says in one line what it is at: the share where it is known, the
file, the stage, rows a second, the seconds; in a pipe it says nothing of it. Ctrl-C ends it, however often it is
pressed: it tells which files are in the store or written and which sets of files are incomplete, and leaves nothing
half-written. A reader who leaves (`mujun … | head`) does not end it.
"""


def page() -> Path:
    """The page in the checkout or inside the wheel."""
    return shipped_rules().parent / "docs" / "commands.md"


def reference() -> str:
    """The page: every command with an example, its arguments and options, in Chinese and English."""
    spoken: dict[str, dict[str, click.Command]] = {}
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            spoken[language] = dict(commands())
    return "\n".join([_HEAD, *(_section(n, c, spoken["zh"][n]) for n, c in spoken["en"].items())])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words one types, in the language in force."""
    group = command_line()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield name, command
            for inner, leaf in sorted(command.commands.items()):
                yield f"{name} {inner}", leaf
        else:
            yield name, command


def _section(name: str, english: click.Command, chinese: click.Command) -> str:
    usage = [f"mujun {name}"]
    rows: list[str] = []
    for one, other in zip(english.params, chinese.params, strict=True):
        if isinstance(one, click.Argument):
            word = one.make_metavar(click.Context(english))
            usage.append(word)
            continue
        assert isinstance(one, click.Option)
        assert isinstance(other, click.Option)
        flags = ", ".join(f"`{o}`" for o in one.opts)
        required = " *" if one.required else ""
        rows.append(f"| {flags}{required} | {one.help} | {other.help} |")
    table = ["| option | | |", "| --- | --- | --- |", *rows] if rows else []
    example = ["```sh", examples()[name], "```", ""] if name in examples() else []
    body = [f"## {name}", "", f"{english.help}  ", f"{chinese.help}", "", f"    {' '.join(usage)}", "", *example]
    return "\n".join([*body, *table, *([""] if table else [])])


def write(path: Path) -> None:
    """Write the page."""
    path.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    write(page())
