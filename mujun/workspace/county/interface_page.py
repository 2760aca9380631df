"""The page of the Python interface, written from the docstrings: `python -m mujun.workspace.county.interface_page`."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mujun
from mujun.rules.folders import shipped_rules
from mujun.workspace.county.county import County
from mujun.workspace.county.group import Group

_HEAD = """# The Python interface

Written by `python -m mujun.workspace.county.interface_page` from the docstrings; a test keeps it true.

```python
import mujun

county = mujun.County("mujun.duckdb")
county.data.load(["税收.csv"], year=2022)
result = county.runs.rate("zhejiang/shengzhou-2022", 2022)
county.firms.explain("91330683XXXX01644P")
```

A county is a store and what is done with it, in groups. The command line, notebooks and other programs use the same
verbs; each opens the store for as long as it needs it. What a verb gives is a frozen object with Polars frames;
`county.papers` writes it to a file, `county.papers.json` gives what `--format json` prints. Mistakes are raised as
`mujun.MujunError`, which says in one sentence what is wrong, where, and what to do.
"""

GROUPS = (
    "data", "identity", "rounds", "firms", "parcels", "runs", "rectify", "money", "monitor", "rules", "papers",
)  # fmt: skip
"""In the order of the year."""

_MANY = """Frames of Spark with many counties and years in, what came of each out; the extra `spark`. How to:
[spark.md](spark.md).
"""

_PURE = ("read_file", "build_frame", "load_rules", "rate", "list_enterprises", "allocate")


def page() -> Path:
    """The page in the checkout or inside the wheel."""
    return shipped_rules().parent / "docs" / "interface.md"


def interface() -> str:
    """The page: every verb of every group with its parameters, and what needs no store."""
    county = County("mujun.duckdb")
    parts = [_HEAD, *_listed(county)]
    for name in GROUPS:
        group = getattr(county, name)
        parts.append(f"## county.{name}\n\n{inspect.getdoc(type(group))}\n")
        parts += [_entry(f"county.{name}.{verb}", getattr(group, verb)) for verb in verbs_of(group)]
    parts.append("## Without a store\n\nPure functions: frames and rules in, results out.\n")
    parts += [_entry(f"mujun.{name}", getattr(mujun, name)) for name in _PURE]
    parts += ["## Many counties\n", _MANY, *_on_spark()]
    return "\n".join(parts)


def _on_spark() -> Iterator[str]:
    """What `mujun.spark` offers, read from its files: the page is made where Spark is not installed, too."""
    room = Path(mujun.__file__).parent / "spark"
    wanted = [node for node in _parsed(room / "__init__.py") if isinstance(node, ast.Assign)]
    modules = next(ast.literal_eval(n.value) for n in wanted if ast.unparse(n.targets[0]) == "_MODULES")
    for name, module in modules.items():
        found = [n for n in _parsed(room / f"{module}.py") if getattr(n, "name", None) == name]
        (node,) = (n for n in found if isinstance(n, ast.FunctionDef | ast.ClassDef))
        yield from _as_written(f"mujun.spark.{name}", node)


def _as_written(name: str, node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """The entry of a function, or of a class and its methods, as its file has it."""
    signature = ""
    if isinstance(node, ast.FunctionDef):
        given = ", ".join(part for part in ast.unparse(node.args).split(", ") if part not in ("self", "cls"))
        given = re.sub(r"(?<=\S)=(?=\S)", " = ", given).replace("'", "")
        asked = "" if any(ast.unparse(d) == "property" for d in node.decorator_list) else f"({given})"
        signature = f"{node.name}{asked} -> {ast.unparse(node.returns or ast.Constant(None))}"
    yield _told(name, signature or node.name, ast.get_docstring(node) or "")
    for inner in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
            yield from _as_written(f"{name}.{inner.name}", inner)


def _parsed(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text(encoding="utf-8")).body


def verbs_of(group: Group) -> list[str]:
    """The verbs of a group, in the order in which it declares them."""
    return [name for name in vars(type(group)) if not name.startswith("_")]


def _listed(county: County) -> Iterator[str]:
    yield "| group | |\n| --- | --- |"
    for name in GROUPS:
        yield f"| [`county.{name}`](#county{name}) | {inspect.getdoc(type(getattr(county, name)))} |"
    yield ""


def _entry(name: str, function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function)
    assert text is not None, name
    # What the group gives is not asked for, so it is not described.
    text = re.sub(r"\n    county: the county\b[^\n]*", "", text)
    text = re.sub(r"\nArgs:\n(?=\n|$)", "\n", text)
    return _told(name, f"{name.rpartition('.')[2]}{_signature(function)}", text)


def _told(name: str, signature: str, text: str) -> str:
    first, _, rest = text.partition("\n\n")
    body = f"\n\n```text\n{rest.rstrip()}\n```" if rest.strip() else ""
    return f"### {name}\n\n`{signature}`\n\n{first}{body}\n"


def _signature(function: Callable[..., Any]) -> str:
    """Parameters and what is given back, on one line; a default that is a function is not shown."""
    signature = inspect.signature(function)
    parameters = [
        p.replace(default=...) if callable(p.default) and p.default is not inspect.Parameter.empty else p
        for p in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters)).replace("'", "").replace("Ellipsis", "…")


if __name__ == "__main__":
    page().write_text(interface(), encoding="utf-8")
