"""The house: rooms import only downwards, names say what is inside, nothing of this machine is in the tree."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

HERE = Path(__file__).parent.parent
MODULES = sorted((HERE / "mujun").rglob("*.py"))
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|misc|core|managers?)$")


def test_rooms_import_only_downwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(HERE).as_posix())
def test_names_say_what_is_inside(module: Path) -> None:
    assert not any(VAGUE.search(part) for part in module.relative_to(HERE).with_suffix("").parts)


def test_one_module_imports_xlsxwriter() -> None:
    importing = [
        p.name for p in MODULES if re.search(r"^\s*(import|from) xlsxwriter", p.read_text("utf-8"), re.MULTILINE)
    ]
    assert importing == ["workbook_file.py"]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=HERE, check=False).stdout.split(
        "\n"
    )
    return [HERE / name for name in listed if name and (HERE / name).is_file()]


def test_nothing_names_a_registry_or_a_path_of_one_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs"]
    foreign = re.compile("|".join(re.escape(h) for h in hosts) + r"|(^|[\s\"'(=])/(home|Users|work)/\w", re.MULTILINE)
    found = []
    for file in tracked():
        if file.suffix in (".py", ".toml", ".md", ".txt", ".yaml", ".yml", ".csv", ""):
            text = file.read_text(encoding="utf-8", errors="ignore")
            if foreign.search(text):
                found.append(file.relative_to(HERE).as_posix())
    assert found == []


def test_the_lowest_versions_are_those_that_the_project_accepts() -> None:
    # The file was written by hand and run by nobody: it named what mujun no longer needs, and missed what it does.
    needed = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    bounds = {}
    for line in needed:
        found = re.fullmatch(r"([a-z0-9-]+)(?:\[[a-z]+\])?>=([0-9.]+),<[0-9.]+", line)
        assert found, line
        bounds[found[1]] = found[2]
    lines = (HERE / "constraints-lowest.txt").read_text("utf-8").splitlines()
    lowest = dict(line.split("==") for line in lines if not line.startswith("#"))

    def whole(version: str) -> list[int]:
        parts = [int(p) for p in version.split(".")]
        return parts + [0] * (3 - len(parts))

    assert {n: whole(v) for n, v in lowest.items()} == {n: whole(v) for n, v in bounds.items()}
