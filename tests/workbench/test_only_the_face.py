"""Pages are thin: at run time they know the county's face, words, how things are drawn, and NiceGUI; nothing else."""

import ast
from pathlib import Path

import mujun.workbench
from tests.cli.test_only_the_face import imports

FOLDER = Path(mujun.workbench.__file__).parent

KNOWN = (
    "mujun.dataclass",
    "mujun.errors",
    "mujun.fields",
    "mujun.messages",
    "mujun.personal",
    "mujun.reports",
    "mujun.samples",
    "mujun.workbench",
    "mujun.workspace.county",
    "mujun.writing",
)
"""What pages may import. Types for annotations are no matter of run time."""


def test_every_page_knows_the_face_only() -> None:
    files = sorted(FOLDER.rglob("*.py"))
    assert len(files) > 10
    wrong = []
    for file in files:
        for module, name in imports(ast.parse(file.read_text(encoding="utf-8"))):
            if module.split(".")[0] != "mujun" or module.startswith(KNOWN) or (module, name) == ("mujun", "messages"):
                continue
            wrong.append(f"{file.name}: {module} {name or ''}")
    assert wrong == []


def test_no_page_writes_a_sentence_of_its_own() -> None:
    """What a reader sees stands in the catalogue, in both languages; only names of files are Chinese."""
    wrong = []
    for file in sorted((FOLDER / "pages").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("ui.label", "ui.button", "ui.link", "part"):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                wrong += [f"{file.name}: {t}" for t in texts if any("\u4e00" <= c <= "\u9fff" for c in t)]
    assert wrong == []


def test_every_page_says_what_it_reads_and_draws() -> None:
    """`Page` holds `draw` against `read`; `Any` in either would let a wrong attribute pass mypy."""
    wrong = []
    for file in sorted((FOLDER / "pages").rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("read"):
                wrong += [f"{file.name}: {node.name}"] if "Any" in _names(node.returns) else []
            if isinstance(node, ast.FunctionDef) and node.name.startswith("draw") and len(node.args.args) == 2:
                wrong += [f"{file.name}: {node.name}"] if "Any" in _names(node.args.args[1].annotation) else []
    assert wrong == []


def _names(annotation: ast.expr | None) -> set[str]:
    return {n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)} if annotation is not None else {"Any"}
