"""What `packaging/` makes has every file of the package, and its scripts are sound: read, not built."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

HERE = Path(__file__).parents[2]
PACKAGING = HERE / "packaging"
SCRIPTS = sorted(p for p in PACKAGING.rglob("*") if p.suffix in (".py", ".spec", ".sh", ".bat", ".txt"))


def data_files(package: Path) -> list[tuple[Path, Path]]:
    """As the bundle's recipe asks for them."""
    function = runpy.run_path(str(PACKAGING / "contents.py"))["data_files"]
    return cast("Callable[[Path], list[tuple[Path, Path]]]", function)(package)


def test_the_bundle_has_every_file_of_the_package_that_is_no_module() -> None:
    tracked = subprocess.run(
        ["git", "-c", "core.quotepath=off", "ls-files", "mujun"], capture_output=True, cwd=HERE, check=True
    ).stdout.decode()
    wanted = {name for name in tracked.splitlines() if not name.endswith(".py") and (HERE / name).is_file()}
    bundled = {(folder / file.name).as_posix() for file, folder in data_files(HERE / "mujun")}
    assert "mujun/reports/pages/base.html" in wanted
    assert wanted <= bundled


def test_the_bundle_has_what_the_wheel_takes_from_beside_the_package(tmp_path: Path) -> None:
    # As an installed wheel has it: the build of the bundle reads that.
    project = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))
    shipped = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, target in shipped.items():
        shutil.copytree(HERE / source, tmp_path / target)
    bundled = {(folder / file.name).as_posix() for file, folder in data_files(tmp_path / "mujun")}
    for one in ("rules/zhejiang/shengzhou-2022/rating.yaml", "sample_data/镇街界线.geojson", "docs/year.md"):
        assert f"mujun/_shipped/{one}" in bundled
    wanted = {
        f"{target}/{file.relative_to(HERE / source).as_posix()}"
        for source, target in shipped.items()
        for file in (HERE / source).rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc")
    }
    assert wanted == bundled


def test_the_library_of_the_same_name_is_still_found_from_here() -> None:
    # A folder without `__init__.py` gives way to any package of its name, wherever on the path that stands.
    assert not (PACKAGING / "__init__.py").exists()
    asked = "import packaging.version; print(packaging.version.Version('1.2').minor, packaging.__file__)"
    said = subprocess.run([sys.executable, "-c", asked], cwd=HERE, capture_output=True, text=True, check=True).stdout
    assert said.startswith("2 ")
    assert str(PACKAGING) not in said


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_scripts_name_no_registry_and_no_path_of_one_machine(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    hosts = ["pypi" + ".org", "python" + "hosted", "tuna.", "aliyun", "--index-url", "--extra-index"]
    assert [host for host in hosts if host in text] == []
    assert not re.search(r"(^|[\s\"'(=])/(home|Users|work|opt)/\w", text, re.MULTILINE)


@pytest.mark.parametrize("script", [s for s in SCRIPTS if s.suffix == ".sh"], ids=lambda p: p.name)
@pytest.mark.skipif(os.name == "nt", reason="no sh there")
def test_shell_scripts_are_read_by_sh(script: Path) -> None:
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", [s for s in SCRIPTS if s.suffix == ".bat"], ids=lambda p: p.name)
def test_batch_files_can_be_written_for_a_chinese_cmd(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.encode("gbk")
    # A label that is jumped to is there; `cmd` says so only when it gets there.
    labels = set(re.findall(r"^:(\w+)", text, re.MULTILINE))
    assert set(re.findall(r"goto (\w+)", text)) <= labels
    # Quotes stand in pairs: a path with a blank stays one word.
    assert [line for line in text.splitlines() if line.count('"') % 2] == []


@pytest.mark.parametrize("name", ["install.sh", "install.bat"])
def test_installing_asks_no_index(name: str) -> None:
    text = (PACKAGING / "wheelhouse" / name).read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "-m pip" in line]
    assert {"--isolated", "--no-index", "--find-links", "--no-cache-dir"} <= set(line.split())


@pytest.mark.skipif(os.name == "nt", reason="no sh there")
def test_installing_without_python_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "U盘 拷贝"
    shutil.copytree(PACKAGING / "wheelhouse", folder)
    (folder / "pythons.txt").write_text("3.11 3.12\n", encoding="ascii")
    shell = shutil.which("sh")
    assert shell is not None
    done = subprocess.run(
        [shell, folder / "install.sh"],
        env={"PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    assert "没有可用的 Python（需要的版本：3.11 3.12）" in said
    assert "请先安装" in said
    started = subprocess.run(
        [shell, folder / "start.sh"], env={"PATH": ""}, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert (started.returncode, started.stderr) == (1, "还没有安装：请先运行 ./install.sh。\n")
