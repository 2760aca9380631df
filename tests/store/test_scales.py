"""A firm in a 规上 list and in a 规下 list: the 规上 row stands, whichever file came first."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import pytest

from mujun.store import Store

from .given import file, rows

A, B, C = "91350100M000100Y43", "91512081MA62K0260E", "913306830000000000"


class Roll(TypedDict):
    """A list's name, and the scale that it gives to each firm."""

    name: str
    firms: dict[str, str | None]


UPPER: Roll = {"name": "规上名录", "firms": {A: "规上", B: "规上"}}
LOWER: Roll = {"name": "规下名录", "firms": {A: "规下", C: "规下"}}
ROLL: Roll = {"name": "总名录", "firms": {A: "规下", B: "规上", C: "规下"}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "a.duckdb")


def load(store: Store, name: str, firms: dict[str, str | None], year: int = 2022, reason: str | None = None) -> None:
    """A file that lists these firms with these scales."""
    given = ({"year": year, "credit_code": c, "name": f"{c}{name}", "scale": s} for c, s in firms.items())
    store.add_batch(file(name, {"enterprises": rows("enterprises", *given)}), who="王", reason=reason)


def scale(store: Store, of: str = A, as_of: int | None = None) -> object:
    table = store.table("enterprises", as_of_batch=as_of)
    return dict(table.select("credit_code", "scale").iter_rows())[of]


def found(store: Store) -> list[tuple[object, ...]]:
    return store.findings().select("batch", "code", "file", "row", "credit_code", "value").rows()


def test_a_list_of_the_lower_scale_loaded_later(store: Store) -> None:
    load(store, **UPPER)
    load(store, **LOWER)
    assert [scale(store, firm) for firm in (A, B, C)] == ["规上", "规上", "规下"]
    assert found(store) == [(2, "both_scales", "规下名录", 2, A, "规下")]
    assert store.batches()["warnings"].to_list() == [0, 1]
    # The 规上 row stands whole, with its place; the other is kept.
    assert store.table("enterprises").filter(credit_code=A)["_file"].to_list() == ["规上名录"]
    history = store.history("enterprises", A).select("_batch", "scale", "_current").rows()
    assert history == [(2, "规下", False), (1, "规上", True)]
    assert store.origin("enterprises", A)["batch"].unique().to_list() == [1]


def test_a_list_of_the_lower_scale_loaded_before(store: Store) -> None:
    load(store, **LOWER)
    load(store, **UPPER)
    assert scale(store) == "规上"
    assert scale(store, as_of=1) == "规下"
    assert found(store) == [(2, "both_scales", "规下名录", 2, A, "规下")]


def test_the_whole_roll_says_what_is_so_now(store: Store) -> None:
    load(store, **UPPER)
    load(store, **ROLL)
    assert scale(store) == "规下"
    assert found(store) == []


def test_a_correction_stands(store: Store) -> None:
    load(store, **UPPER)
    load(store, "更正", {A: "规下"}, reason="统计局来函")
    assert scale(store) == "规下"
    assert found(store) == []


def test_each_year_has_its_own_roll(store: Store) -> None:
    load(store, **UPPER, year=2021)
    load(store, **LOWER)
    assert scale(store, C) == "规下"
    assert store.table("enterprises").filter(year=2022, credit_code=A)["scale"].to_list() == ["规下"]
    assert found(store) == []


def test_a_file_that_says_nothing_of_scales(store: Store) -> None:
    load(store, **UPPER)
    load(store, "补充", {A: None, C: None})
    assert scale(store) is None
    assert found(store) == []
