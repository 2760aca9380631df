"""The house: rooms import only downwards, names say what is inside, nothing of this machine is in the tree."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
MODULES = sorted((HERE / "mujun").rglob("*.py"))
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|misc|core|managers?)$")


def test_rooms_import_only_downwards() -> None:
    # In a process of its own: it sets up logging, and what loggers were there before fall silent.
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", lint], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(HERE).as_posix())
def test_names_say_what_is_inside(module: Path) -> None:
    assert not any(VAGUE.search(part) for part in module.relative_to(HERE).with_suffix("").parts)


LONGEST = 450
"""Lines of a module; a longer one holds a second idea."""

LONG = {"mujun/messages/keys.py"}
"""Written by a generator, or waiting to be parted."""


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(HERE).as_posix())
def test_a_module_is_no_longer_than_one_idea_needs(module: Path) -> None:
    if module.relative_to(HERE).as_posix() not in LONG:
        assert len(module.read_text("utf-8").splitlines()) <= LONGEST, "find its second idea, and part it there"


def test_one_module_imports_xlsxwriter() -> None:
    importing = [
        p.name for p in MODULES if re.search(r"^\s*(import|from) xlsxwriter", p.read_text("utf-8"), re.MULTILINE)
    ]
    assert importing == ["workbook_file.py"]


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(HERE).as_posix())
def test_dataclasses_are_those_whose_methods_are_written_when_asked_for(module: Path) -> None:
    """Each of the standard library's costs every command that reads its module half a millisecond."""
    if module != HERE / "mujun" / "dataclass.py":
        text = module.read_text("utf-8")
        assert not re.search(r"^\s*from dataclasses import .*\bdataclass\b|@dataclasses\.", text, re.MULTILINE)
        assert not re.search(r"\bInitVar\b", text), "`mujun.dataclass` has fields only"


def test_no_key_is_any_message_or_nothing() -> None:
    """Told apart, the 3,500 keys are compared each with each: half a minute of mypy for every `is not None`.

    Name the keys that may come as a `Literal`, or pass a `Word`.
    """
    assert [m.name for m in MODULES if "MessageKey | None" in m.read_text("utf-8")] == []


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


def test_every_requirement_is_a_range_that_holds_the_tested_version() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    lines = (HERE / "constraints.txt").read_text("utf-8").splitlines()
    tested = {n.lower(): v for n, _, v in (line.partition("==") for line in lines if not line.startswith("#")) if v}

    def ordered(version: str) -> list[int]:
        parts = [int(part) for part in version.split(".") if part.isdigit()]
        return parts + [0] * (5 - len(parts))

    for requirement in needed:
        if requirement.startswith("mujun["):
            continue
        read = re.fullmatch(r"([\w-]+)(?:\[\w+\])?>=([0-9.]+)(?:,<([0-9.]+))?", requirement)
        assert read, f"{requirement}: no lowest version"
        version = ordered(tested[read[1].lower()])
        assert ordered(read[2]) <= version, requirement
        assert read[3] is None or version < ordered(read[3]), requirement
