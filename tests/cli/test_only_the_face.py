"""Commands are thin: at run time they know the county's face, words, and how things are drawn; nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click

import mujun.cli
from mujun.cli.reference_page import commands

FOLDER = Path(mujun.cli.__file__).parent

KNOWN = (
    "mujun.cli",
    "mujun.dataclass",
    "mujun.errors",
    "mujun.fields",
    "mujun.messages",
    "mujun.personal",
    "mujun.reports",
    "mujun.samples",
    "mujun.steps",
    "mujun.workbench",
    "mujun.writing",
)
"""What commands may import besides the names of `mujun` itself. Types for annotations are no matter of run time."""

NAMES = {"County", "messages", "__version__", "cli"}
"""What they take from `mujun` itself."""


def imports(node: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Module and name of every import at run time: those for type checkers are passed over."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from ((a.name, None) for a in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from ((child.module or "", a.name) for a in child.names)
        else:
            yield from imports(child)


def test_every_module_of_commands_knows_the_face_only() -> None:
    wrong = []
    for file in sorted(FOLDER.glob("*.py")):
        for module, name in imports(ast.parse(file.read_text(encoding="utf-8"))):
            if module.split(".")[0] != "mujun" or module.startswith(KNOWN):
                continue
            if module == "mujun" and name in (None, *NAMES):
                continue
            wrong.append(f"{file.name}: {module} {name or ''}")
    # The page of commands is written beside the rules that ship.
    assert wrong == ["reference_page.py: mujun.rules.folders shipped_rules"]


def test_no_command_writes_a_file_by_itself() -> None:
    """Files are written by `county.papers`: notebooks and the workbench write them by the same verbs."""
    for file in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        drawn = [n for m, n in imports(tree) if m.startswith("mujun.reports") and n and n.startswith("write")]
        assert not drawn, f"{file.name}: {drawn}"


def test_every_command_stands_in_a_module_that_was_looked_at() -> None:
    looked_at = {f"mujun.cli.{file.stem}" for file in FOLDER.glob("*.py")}
    by_name = dict(commands())
    assert len(by_name) > 50
    for name, command in by_name.items():
        assert isinstance(command, click.Command)
        assert command.callback is not None, name
        assert command.callback.__module__ in looked_at, name
