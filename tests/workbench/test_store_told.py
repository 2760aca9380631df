"""A store of an older format: said on the first page, once; and that it was upgraded, after the first change."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import ui

from mujun import County
from mujun.messages import Language
from tests.store.given import kept_store
from tests.workbench.simulated import Bench, played

SAID: dict[Language, tuple[str, str]] = {
    "zh": ("是较旧的格式 4：页面读的是临时升级的副本", "原文件保留为同一文件夹下的 county.v4.duckdb"),
    "en": ("is of the older format 4: pages read a temporary", "the old file is kept beside it as county.v4.duckdb"),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_older_store_is_told_of_once_and_so_is_its_upgrade(tmp_path: Path, language: Language) -> None:
    store = kept_store("v4_round", tmp_path)
    before = store.read_bytes()
    older, upgraded = SAID[language]

    async def play(bench: Bench) -> None:
        bench.user.http_client.cookies.set("mujun_language", language)
        await bench.open("/")
        await bench.sees(older)
        assert [older in note for note in notes(bench)].count(True) == 1
        await bench.open("/data")
        await bench.lacks(older)
        assert store.read_bytes() == before
        county: County = bench.desk.county
        year = county.data.years()[-1]
        run = int(county.runs.list().filter("final")["number"][0])
        await bench.desk.change(lambda c: c.runs.rate(c.runs.recall(run).ruleset, year), "王五")
        await bench.open("/data")
        await bench.sees(upgraded)
        await bench.lacks(older)
        await bench.open("/checks")
        await bench.lacks(upgraded)

    played(store, tmp_path, play)
    assert (tmp_path / "county.v4.duckdb").read_bytes() == before


def notes(bench: Bench) -> list[str]:
    """What is told beside the page until it is read."""
    return [e.message for e in bench.user._client.elements.values() if isinstance(e, ui.notification)]
