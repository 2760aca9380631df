"""A command typed wrongly is told in the user's language, with the nearest right word and where usage is told."""

from __future__ import annotations

import click
import pytest

from mujun.cli import main
from mujun.cli.options import WHOLE
from mujun.cli.reference_page import commands


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("rat", "没有命令 rat。是否为“rate”？\n用法见 mujun --help。"),
        ("rectify lst", "没有命令 lst。是否为“list”？\n用法见 mujun rectify --help。"),
        ("rate --yeer 3", "没有选项 --yeer。是否为“--year”？\n用法见 mujun rate --help。"),
        ("rate", "缺少 --rules。\n用法见 mujun rate --help。"),
        ("load", "缺少 FILES...。\n用法见 mujun load --help。"),
        ("rate --rules", "选项 --rules 后面要写一个值。"),
        ("rate --rules x --year y", "--year 的值“y”不对：要写整数。\n用法见 mujun rate --help。"),
        ("identity alias A B --since 2022-13-01", "--since 的值“2022-13-01”不对：要写日期，如 2023-03-31。"),
        ("show A --format pdf", "--format 的值“pdf”不对：可写 text、json、html。"),
        ("screen --min-mu abc", "--min-mu 的值不对：“abc”不是不小于零、至多 6 位小数的数。\n"),
        ("stability --seed x", "--seed 的值“x”不对：要写整数。"),
    ],
)
def test_in_chinese(typed: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(typed.split())
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--lang", "en", "rate", "--yeer", "3"])
    assert capsys.readouterr().err == "There is no option --yeer. Did you mean “--year”?\nSee mujun rate --help.\n"


def test_a_group_alone_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rectify"])
    printed = capsys.readouterr().err
    assert ended.value.code == 2
    assert "rectify [OPTIONS] COMMAND" in printed
    assert "--help。" not in printed


def test_a_whole_number_that_no_store_holds_is_said_by_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    # `coverage 999999999999` was “a fault of the program”.
    whole = [p for _, c in commands() for p in c.params if isinstance(p.type, click.types.IntParamType)]
    assert [p.name for p in whole if not isinstance(p.type, click.IntRange) and p.type is not WHOLE] == []
    assert len(whole) > 15
    with pytest.raises(SystemExit) as ended:
        main(["coverage", "999999999999"])
    assert ended.value.code == 2
    assert "“999999999999”太大" in capsys.readouterr().err
