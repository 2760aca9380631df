"""The county as one object: its verbs are the rooms' free functions, with the county given."""

import inspect
from pathlib import Path

import pytest

import mujun
from mujun.store import Store
from mujun.workspace.county.group import Group, Verb
from mujun.workspace.county.interface_page import interface, page
from mujun.workspace.runs.rating import rate_year


def groups(county: mujun.County) -> dict[str, Group]:
    named = {n: getattr(county, n) for n in dir(type(county)) if not n.startswith("_")}
    return {n: g for n, g in named.items() if isinstance(g, Group)}


def test_a_county_has_the_groups_of_the_bureau_s_work() -> None:
    assert set(groups(mujun.County("nowhere.duckdb"))) >= {
        "data", "identity", "rounds", "firms", "parcels", "runs", "rectify", "money", "monitor", "rules",
    }  # fmt: skip


def test_every_verb_says_what_it_does_and_asks_for_no_county() -> None:
    county = mujun.County("nowhere.duckdb")
    for name, group in groups(county).items():
        verbs = [n for n in dir(group) if not n.startswith("_")]
        assert verbs, name
        for verb in verbs:
            method = getattr(group, verb)
            assert inspect.getdoc(method), f"{name}.{verb}"
            assert "county" not in inspect.signature(method).parameters, f"{name}.{verb}"
            if isinstance(declared := vars(type(group)).get(verb), Verb):
                assert next(iter(inspect.signature(declared.function).parameters)) == "county", f"{name}.{verb}"


def test_a_verb_is_the_free_function_with_the_county_given() -> None:
    county = mujun.County("nowhere.duckdb")
    assert county.runs.rate.__func__ is rate_year  # type: ignore[attr-defined]
    assert county.runs.rate.__self__ is county  # type: ignore[attr-defined]
    assert repr(county.runs) == "County('nowhere.duckdb').runs"


def test_the_store_notes_who_was_at_work(tmp_path: Path) -> None:
    file = tmp_path / "2022年税收.csv"
    file.write_text("统一社会信用代码,年度,实缴税金(万元)\n91330683MA2AJ43M9X,2022,12\n", encoding="utf-8")
    county = mujun.County(tmp_path / "county.duckdb", who="张三")
    assert county.data.load([file]).files[0].batch == 1
    with Store.open(county.path) as store:
        assert store.batches()["who"].to_list() == ["张三"]
    assert mujun.County(county.path).who


def test_what_replaced_the_workspace_of_0_2_is_said() -> None:
    with pytest.raises(AttributeError, match=r"mujun\.County"):
        mujun.Workspace  # noqa: B018


def test_the_page_of_the_interface_is_fresh() -> None:
    assert page().read_text(encoding="utf-8") == interface(), "run: python -m mujun.workspace.county.interface_page"
