"""What no command writes over, and what a full disk leaves: for every command that writes, those to come with them.

`-o mujun.duckdb` on `show`, `explain`, `rules show` replaced the store by text and ended with 0; `load X --findings X`
and `verify X -o X` replaced what an office had sent; `explain -o`, `rules show -o`, `export -o x.json` cut the old file
short when the disk was full, the last one without a word.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from mujun.cli.options import reads
from mujun.cli.reference_page import commands
from mujun.workspace import County
from tests.cli import running
from tests.cli.test_hostile_paths import is_written
from tests.workspace.small_county import F, county

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outputs")
    county(folder)
    return folder


@pytest.fixture
def rated(small: Path, tmp_path: Path) -> County:
    return County(shutil.copy(small / "small.duckdb", tmp_path / "mujun.duckdb"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command on a store: its exit status, and all that it said."""

    def command(store: Path, *words: object) -> tuple[int, str]:
        status, printed, complained = running.run(capsys, "--lang", "zh", "--db", store, *words)
        return status, printed + complained

    return command


def outputs() -> list[tuple[str, click.Parameter]]:
    return [(name, p) for name, command in commands() for p in command.params if is_written(p)]


ENDINGS = (".duckdb", ".xlsx", ".html", ".json", ".csv", ".geojson", ".yaml", ".parquet")


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_no_command_writes_over_the_store_or_its_log(run: Run, rated: County, tmp_path: Path) -> None:
    before = rated.path.read_bytes()
    log = tmp_path / "mujun.duckdb.wal"
    links = [tmp_path / f"link{ending}" for ending in ENDINGS]
    for link in links:
        link.symlink_to(rated.path)
    named = outputs()
    assert len(named) >= 30
    for name, parameter in named:
        option = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
        for target in (rated.path, log, *links):
            status, printed = run(rated.path, *name.split(), *option, target)
            assert status != 0, (name, target, printed)
            assert "程序的问题" not in printed, (name, printed)
            assert rated.path.read_bytes() == before, (name, target)
            assert not log.exists(), name


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_no_command_writes_over_a_file_that_it_reads(run: Run, rated: County, tmp_path: Path) -> None:
    tried = 0
    for name, command in commands():
        written = [p for p in command.params if is_written(p)]
        read = [p for p in command.params if p.callback is reads]
        for to in written:
            for given in read:
                for ending in (".xlsx", ".csv", ".parquet", ".yaml", ".json"):
                    sent, link = tmp_path / f"sent{ending}", tmp_path / f"another{ending}"
                    sent.write_bytes(b"what the office sent")
                    link.unlink(missing_ok=True)
                    link.symlink_to(sent)
                    words = [*([given.opts[0]] if isinstance(given, click.Option) else []), sent]
                    words += [*([to.opts[0]] if isinstance(to, click.Option) else []), link]
                    status, printed = run(rated.path, *name.split(), *words)
                    assert status != 0, (name, printed)
                    assert sent.read_bytes() == b"what the office sent", name
                    tried += 1
    assert tried >= 20


FULL: dict[str, tuple[tuple[object, ...], str]] = {
    "explain": (("explain", F[1], "-o", "{}/一企.html"), "一企.html"),
    "explain as text": (("explain", F[1], "-o", "{}/一企.txt"), "一企.txt"),
    "rules show": (("rules", "show", "{rules}", "-o", "{}/规则.html"), "规则.html"),
    "export": (("export", "ratings", "-o", "{}/x.json"), "x.json"),
    "export csv": (("export", "ratings", "-o", "{}/x.csv"), "x.csv"),
    "township pages": (("explain", "--township", "甘霖镇", "-o", "{}/页"), "页"),
    "coverage": (("coverage", 2022, "-o", "{}/齐.xlsx"), "齐.xlsx"),
    "report in Word": (("report", 2022, "--only", "notice", "-o", "{}/材料"), "材料"),
    "report with pictures": (("report", 2022, "--only", "report,briefing", "-o", "{}/材料"), "材料"),
    "rules sheet": (("rules", "sheet", "{rules}", "-o", "{}/规则.xlsx"), "规则.xlsx"),
    "parcels": (("parcels", "list", "-o", "{}/普查.geojson"), "普查.geojson"),
    "problems": (("problems", "list", "-o", "{}/问题.xlsx"), "问题.xlsx"),
}


@pytest.mark.parametrize("name", FULL)
def test_a_full_disk_leaves_the_old_file_whole(
    request: pytest.FixtureRequest, run: Run, rated: County, small: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, name: str,
) -> None:  # fmt: skip
    if name == "report with pictures":
        request.getfixturevalue("chinese_font")
    words, named = FULL[name]
    folder = tmp_path / "出"
    folder.mkdir()
    told = [str(w).format(folder, rules=small / "rules") for w in words]
    assert run(rated.path, *told)[0] == 0
    old = {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    assert old
    for file in old:
        file.write_bytes(b"old")

    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    status, printed = run(rated.path, *told)
    monkeypatch.undo()
    assert status == 1, printed
    assert named in printed
    assert "磁盘" in printed
    assert ".mujun-" not in printed
    assert {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()} == dict.fromkeys(old, b"old")


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
@pytest.mark.usefixtures("chinese_font")
# Under 077 a file has the mode of any temporary one, whoever made it: the two others tell more.
@pytest.mark.parametrize("mask", [0o002, 0o027])
def test_the_umask_holds_for_every_output(run: Run, rated: County, small: Path, tmp_path: Path, mask: int) -> None:
    folder = tmp_path / "出"
    folder.mkdir()
    before = os.umask(mask)
    try:
        for words, _ in FULL.values():
            assert run(rated.path, *(str(w).format(folder, rules=small / "rules") for w in words))[0] == 0
        assert run(rated.path, "rules", "load", folder / "规则.xlsx", "--as", folder / "新规则")[0] in (0, 1)
        assert run(rated.path, "runs", "bundle", 1, "-o", folder / "存证")[0] == 0
        assert run(folder / "另.duckdb", "init")[0] == 0
    finally:
        os.umask(before)
    made = list(folder.rglob("*"))
    assert len(made) > 25
    for path in made:
        wanted = (0o777 if path.is_dir() else 0o666) & ~mask
        assert path.stat().st_mode & 0o777 == wanted, (path, oct(path.stat().st_mode))
    # What is replaced keeps its own.
    kept = folder / "x.csv"
    kept.chmod(0o640)
    assert run(rated.path, "export", "ratings", "-o", kept)[0] == 0
    assert kept.stat().st_mode & 0o777 == 0o640


def test_what_is_public_is_what_a_notice_shows(run: Run, rated: County, tmp_path: Path) -> None:
    assert run(rated.path, "export", "ratings", "--public", "-o", tmp_path / "x.csv")[0] == 0
    head, *rows = (tmp_path / "x.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head.split(",") == ["year", "cohort", "township", "name", "tier"]
    assert len(rows) == 8
    assert not any(code in line for line in rows for code in F.values())
