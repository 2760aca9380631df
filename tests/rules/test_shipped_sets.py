"""Every rule set that ships: it checks without a doubt, its cases come out, its sources were looked at."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mujun.rules import addresses, compile_rating, load_kept, load_rules, run_cases
from mujun.rules.checking import check_rules
from mujun.rules.folders import shipped_rules
from mujun.workspace import case_engine

SHIPPED = addresses()
ABSTRACT = {a for a in SHIPPED if (r := load_rules(a).rating) is not None and r.status == "abstract"}


@pytest.mark.parametrize("address", SHIPPED)
def test_nothing_is_wrong_or_doubtful(address: str) -> None:
    check = check_rules(address)
    assert [str(p) for p in (*check.problems, *check.warnings)] == []


@pytest.mark.parametrize("address", [a for a in SHIPPED if a not in ABSTRACT])
def test_its_cases_come_out(address: str) -> None:
    outcomes = run_cases(load_rules(address), case_engine)
    assert outcomes
    assert [(o.case.id, o.stopped, o.mismatches) for o in outcomes if not o.passed] == []
    # A case that holds nothing against anything proves nothing.
    assert all(o.checked for o in outcomes)


@pytest.mark.parametrize("address", SHIPPED)
def test_its_head_says_where_the_numbers_are_from(address: str) -> None:
    ruleset = load_rules(address)
    files = [f for f in (ruleset.rating, ruleset.rectification, ruleset.allocation, ruleset.targets) if f is not None]
    for file in files:
        assert file.sources
        assert all(s.checked is not None for s in file.sources)
        assert file.years
        assert file.place
        if file.status in ("excerpt", "example", "abstract"):
            assert file.omits


@pytest.mark.parametrize("address", SHIPPED)
def test_what_a_run_keeps_of_it_is_the_same_set(address: str) -> None:
    ruleset = load_rules(address)
    kept = load_kept(address, ruleset.texts)
    assert kept.digest == ruleset.digest
    assert kept.resolved == ruleset.resolved


@pytest.mark.parametrize("address", [a for a in SHIPPED if load_rules(a).rating is not None])
def test_it_compiles_in_a_tenth_of_a_second(address: str) -> None:
    compile_rating(load_rules(address))  # the first one imports
    took: list[float] = []
    for _ in range(3):
        ruleset = load_rules(address)
        begun = time.process_time()
        compile_rating(ruleset)
        took.append(time.process_time() - begun)
    assert min(took) < 0.1


def test_every_folder_is_a_rule_set() -> None:
    root = shipped_rules()
    folders = {p.relative_to(root).as_posix() for p in root.glob("*/*") if p.is_dir()}
    assert folders == set(SHIPPED)


@pytest.mark.parametrize("file", sorted(shipped_rules().glob("*/*/*")), ids=lambda p: "/".join(p.parts[-3:]))
def test_files_are_plain_text(file: Path) -> None:
    data = file.read_bytes()
    text = data.decode("utf-8")
    assert b"\r" not in data
    assert text.endswith("\n")
    assert "\t" not in text
