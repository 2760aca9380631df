"""Help fits the terminal by columns, and no word of it is broken."""

from __future__ import annotations

import click
import pytest

from mujun import messages
from mujun.cli.entry import COMMANDS, command_line
from mujun.cli.help_layout import HelpLayout, lines_of
from mujun.reports.drawing.terminal import width


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("columns", [60, 80])
def test_help_fits_its_columns_and_breaks_no_word(
    language: messages.Language, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with messages.speaking(language):
        shown = help_of([])
        sentences = {name: messages.text(messages.key(_key(name))) for name in COMMANDS}
    assert max(width(line) for line in shown.split("\n")) < columns
    listed = "".join(shown.partition("Commands:\n")[2].split())
    # The very text, whatever the lines: nothing is lost where they are broken.
    assert listed == "".join("".join((name + sentence).split()) for name, sentence in sentences.items())
    words = {word for line in shown.split("\n") for word in line.replace("、", " ").split()}
    assert "findings" in " ".join(words)
    assert not {"findin", "gs", "findi", "ngs"} & words


def help_of(words: list[str]) -> str:
    """What `--help` prints, in the columns of the environment."""
    command: click.Command = command_line()
    context = command.context_class(command, info_name="mujun")
    for word in words:
        assert isinstance(command, click.Group)
        inner = command.get_command(context, word)
        assert inner is not None
        command, context = inner, inner.context_class(inner, info_name=word, parent=context)
    return command.get_help(context)


def _key(name: str) -> str:
    return "help_rules_group" if name == "rules" else f"help_{name}"


def test_choices_are_broken_between_two_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with messages.speaking("en"):
        usage = help_of(["export"]).split("\n\n")[0].split("\n")
    assert usage[0].endswith("allocation|")
    assert usage[1].strip().startswith("enterprises|findings|")


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("短", 2, ["短"]),
        ("", 10, []),
        # ten columns: five characters, and the comma may not begin a line
        ("甘霖镇企业，崇仁镇", 10, ["甘霖镇企", "业，崇仁镇"]),
        ("（甘霖）镇", 8, ["（甘霖）", "镇"]),
        ("甘霖镇（崇）", 8, ["甘霖镇", "（崇）"]),
        ("a verylongword b", 6, ["a", "verylongword", "b"]),
    ],
)
def test_where_lines_end(text: str, columns: int, lines: list[str]) -> None:
    assert lines_of(text, columns) == lines


def test_a_block_that_is_laid_out_stays_so() -> None:
    formatter = HelpLayout(width=12)
    formatter.write_text("many words in one line\n\n\b\na line that is longer than all")
    assert formatter.getvalue() == "many words\nin one line\n\na line that is longer than all\n"


def test_a_term_that_is_long_has_its_meaning_below() -> None:
    formatter = HelpLayout(width=40)
    formatter.write_dl([("-x", "短"), ("--a-very-long-option-indeed NAME", "meaning"), ("--none", "")])
    assert formatter.getvalue().split("\n") == [
        "-x" + " " * 30 + "短", "--a-very-long-option-indeed NAME", " " * 32 + "meaning", "--none", "",
    ]  # fmt: skip


def test_every_command_has_this_layout() -> None:
    group = command_line()
    context = group.make_context("mujun", ["runs"])
    inner = group.get_command(context, "runs")
    assert isinstance(inner, click.Group)
    assert isinstance(context.make_formatter(), HelpLayout)
    assert all(issubclass(c.context_class.formatter_class, HelpLayout) for c in (inner, *inner.commands.values()))
