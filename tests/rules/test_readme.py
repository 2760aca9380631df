"""rules/README.md: every example runs, the tutorial's rule set passes its own cases, generated tables are fresh."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from mujun.rules import addresses, load_rules, model, run_cases
from mujun.rules.checking import check_rules
from mujun.rules.folders import find_folder, shipped_rules
from mujun.rules.reference import described_models, reference_parts, refreshed
from mujun.workspace import case_engine

PAGE = shipped_rules() / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLE = re.compile(r"<!-- example (\w+) (\S+) -->\n```yaml\n(.*?)```", re.DOTALL)
FILE = re.compile(r"<!-- file (\S+) -->\n```yaml\n(.*?)```", re.DOTALL)
HEAD = ("mujun: 1", "name:", "years:", "extends:", "sources:", "kind:")


@dataclass(frozen=True)
class Example:
    kind: str
    base: str
    text: str

    @property
    def said_from(self) -> str | None:
        found = re.match(r"# 出自 (\S+)", self.text)
        return found[1] if found else None


EXAMPLES = [Example(*found) for found in EXAMPLE.findall(TEXT)]


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def test_every_yaml_block_is_tested() -> None:
    assert TEXT.count("```yaml") == len(EXAMPLES) + len(FILE.findall(TEXT))
    assert len(EXAMPLES) > 20


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.kind}:{lines_of(e.text)[0]}:{len(e.text)}")
def test_examples_compile(example: Example, tmp_path: Path) -> None:
    """An example laid upon the rule set it is explained with is well-formed."""
    own = tmp_path / "set"
    own.mkdir()
    base = find_folder(example.base)
    given = lines_of(example.text)
    head = {
        "mujun: 1": "mujun: 1",
        "kind:": f"kind: {example.kind}",
        "name:": "name: 例",
        "years:": "years: [2022]",
        "extends:": f"extends: {example.base}",
    }
    # A base stands for itself: what it says of `extends` is not to be tried here.
    text = re.sub(r"^extends:.*\n", "", example.text, flags=re.MULTILINE)
    if example.kind == "tests":
        (own / "tests.yaml").write_text(text, encoding="utf-8")
        (own / "allocation.yaml").write_text(str(base.read("allocation.yaml")), encoding="utf-8")
    else:
        missing = [v for k, v in head.items() if k == "extends:" or not any(g.startswith(k) for g in given)]
        (own / f"{example.kind}.yaml").write_text("\n".join(missing) + "\n" + text, encoding="utf-8")
    if example.kind in ("rectification", "allocation") and base.read("rating.yaml") is not None:
        rating = f"mujun: 1\nkind: rating\nname: 例\nyears: [2022]\nextends: {example.base}\n"
        (own / "rating.yaml").write_text(rating, encoding="utf-8")
    found = check_rules(own)
    assert [str(p) for p in found.problems] == []
    if example.kind == "tests":
        assert all(o.passed for o in run_cases(found.ruleset, case_engine))


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.said_from], ids=lambda e: f"{e.said_from}:{len(e.text)}")
def test_examples_are_taken_from_real_sets(example: Example) -> None:
    folder = find_folder(str(example.said_from))
    real = {
        line
        for name in ("rating", "rectification", "allocation")
        for line in lines_of(folder.read(f"{name}.yaml") or "")
    }
    assert [line for line in lines_of(example.text) if line not in real] == []


def test_the_tutorial_makes_a_rule_set_that_passes_its_cases(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for name, text in FILE.findall(TEXT):
        files[name] = files.get(name, "") + text
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = check_rules(tmp_path)
    assert [str(p) for p in (*found.problems, *found.warnings)] == []
    outcomes = run_cases(found.ruleset, case_engine)
    assert len(outcomes) == 2
    assert [m for o in outcomes for m in o.mismatches] == []
    assert all(o.passed for o in outcomes)


def test_generated_tables_are_fresh() -> None:
    """If not: python -m mujun.rules.reference writes them anew."""
    assert refreshed(TEXT) == TEXT
    assert set(re.findall(r"<!-- begin: (.*?) -->", TEXT)) == set(reference_parts())


def test_every_model_is_explained() -> None:
    # Policies are a table of their own, scoring is keyed by indicator, targets are described by the file.
    aside = {"Policy", "Scoring"}
    models = {getattr(model, n) for n in model.__all__ if isinstance(getattr(model, n), type)}
    assert {m.__name__ for m in models if dataclasses.is_dataclass(m)} - aside <= {
        m.__name__ for m in described_models()
    }


@pytest.mark.parametrize("word", ["mujun rules new", "mujun rules show", "mujun rules diff", "mujun rules schema"])
def test_commands_are_told(word: str) -> None:
    assert word in TEXT


def test_addresses_that_are_named_exist() -> None:
    named = set(re.findall(r"\b((?:zhejiang|jiangsu|anhui|shandong|sichuan)/[a-z0-9-]+)", TEXT))
    assert named <= set(addresses())
    for address in named:
        load_rules(address)
