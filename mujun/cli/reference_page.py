"""The reference of the command line, written from the commands themselves: `python -m mujun.cli.reference_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mujun import cli, messages
from mujun.cli import entry, options

_KEPT = ("mujun.cli.entry", "mujun.cli.reference_page", __name__)

_HEAD = """# The command line · 命令行

Written by `python -m mujun.cli.reference_page` from the commands themselves; a test keeps it true.
本页由命令本身生成，测试保证与程序一致。

`mujun [--db FILE] [--lang zh|en] COMMAND` — the store is `mujun.duckdb` here, or `$MUJUN_DB`; the language follows
`--lang`, `$MUJUN_LANG`, the locale. `$MUJUN_RULES` names a folder of your own rule sets. Exit status: 0 done, 1 could
not be done (one clear sentence), 2 wrong usage.
"""


def reference() -> str:
    """The page: every command with its arguments and options, in Chinese and English."""
    parts = [_HEAD]
    spoken = {language: dict(_commands(language)) for language in messages.LANGUAGES}
    for name, command in spoken["en"].items():
        parts.append(_section(name, command, spoken["zh"][name]))
    return "\n".join(parts)


def _commands(language: messages.Language) -> Iterator[tuple[str, click.Command]]:
    with messages.speaking(language):
        # Help texts are made when a module is read: all are read anew, those that a group is spread over too.
        for module in [m for m in sys.modules if m.startswith("mujun.cli.") and m not in _KEPT]:
            del sys.modules[module]
            vars(cli).pop(module.rpartition(".")[2], None)  # `from mujun.cli import x` looks there first
        group = entry.command_line()
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
    body = [f"## {name}", "", f"{english.help}  ", f"{chinese.help}", "", f"    {' '.join(usage)}", ""]
    return "\n".join([*body, *table, *([""] if table else [])])


def write(path: Path) -> None:
    """Write the page."""
    path.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(options.__file__).with_name("README.md"))
