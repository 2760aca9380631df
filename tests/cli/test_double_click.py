"""A double click: the workbench of the store among one's documents; with arguments the whole command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mujun.cli import double_click

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the registry says there where documents are")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "张 三"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("MUJUN_DB", raising=False)
    return home


def settings(home: Path, text: str) -> None:
    (home / ".config").mkdir()
    (home / ".config" / "user-dirs.dirs").write_text(text, encoding="utf-8")


def test_the_desktop_says_where_documents_are(home: Path) -> None:
    settings(home, '# 说明\nXDG_DESKTOP_DIR="$HOME/桌面"\nXDG_DOCUMENTS_DIR="$HOME/文 档"\n')
    assert double_click.store_of_person() == home / "文 档" / "亩均" / "mujun.duckdb"
    assert (home / "文 档" / "亩均").is_dir()


def test_documents_elsewhere_than_at_home(home: Path, tmp_path: Path) -> None:
    settings(home, f'XDG_DOCUMENTS_DIR="{tmp_path}/数据盘"\n')
    assert double_click.documents() == tmp_path / "数据盘"


def test_without_a_desktop_the_usual_folder_or_home(home: Path) -> None:
    assert double_click.documents() == home
    (home / "Documents").mkdir()
    assert double_click.documents() == home / "Documents"


def test_the_stated_store_goes_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJUN_DB", "别处/库.duckdb")
    assert double_click.store_of_person() == Path("别处/库.duckdb")
    assert list(home.iterdir()) == []


def double_clicked(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mujun.cli.double_click", *words], capture_output=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def test_a_folder_that_cannot_be_made_is_said(home: Path) -> None:
    settings(home, 'XDG_DOCUMENTS_DIR="$HOME/文档"\n')
    (home / "文档").write_text("", encoding="utf-8")
    done = double_clicked()
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"无法建立存放数据的文件夹 {home / '文档' / '亩均'}（")
    assert "MUJUN_DB" in done.stderr


def test_with_arguments_it_is_the_command_line(home: Path) -> None:
    done = double_clicked("--lang", "en", "rules", "list")
    assert done.returncode == 0
    assert "zhejiang/shengzhou-2022" in done.stdout
    # No store was opened, and no folder made.
    assert list(home.iterdir()) == []
    assert double_clicked("浏览").returncode == 2
