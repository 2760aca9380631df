"""Peers are compared only where they give mujun's answer, and the check of ratios fails where it should."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from benchmarks import peers
from benchmarks.frames import firms
from benchmarks.peers import CHECKED_SIZES, OF_DEVELOPERS, PEERS, RULES, Peer, checked, jobs_of, table
from mujun.rating import rate
from mujun.rules import load_rules


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # what others' libraries say of one another
@pytest.mark.parametrize("peer", PEERS, ids=lambda p: p.name)
def test_a_peer_gives_the_same_answer(peer: Peer) -> None:
    if peer.version is None:
        pytest.skip(f"{peer.distribution} is not installed: pip install 'mujun[peers]'")
    frame, rules = firms(700), load_rules(str(RULES[peer.rules].absolute()))
    ours = rate(frame, rules).subjects
    given = peer.prepare(frame)
    answer = peer.run(given)
    assert peer.agrees(answer, ours)
    # The same answer to other firms is none.
    assert not peer.agrees(answer, rate(firms(700, seed=2), rules).subjects)


def test_whoever_gives_another_answer_is_not_timed() -> None:
    polars = PEERS[0]
    liar = replace(polars, run=lambda frame: polars.run(frame).with_columns(pl.lit("A").alias("tier")))
    with pytest.raises(SystemExit, match="another answer for 300 firms"):
        jobs_of([liar], load_rules(str(RULES["six"].absolute())), 300)


def test_a_ratio_that_is_worse_by_half_fails() -> None:
    assert checked({"300": dict.fromkeys(OF_DEVELOPERS, 1e6)}, rounds=3) == []
    worse = checked({"300": dict.fromkeys(OF_DEVELOPERS, 1e-6)}, rounds=3)
    assert [line.split(":")[0] for line in worse] == ["300 firms"] * 3


def test_bounds_are_recorded_for_what_is_checked() -> None:
    bounds = json.loads((Path(peers.__file__).parent / "bounds.json").read_text(encoding="utf-8"))
    assert {int(size) for size in bounds} == set(CHECKED_SIZES)
    assert all(set(recorded) == set(OF_DEVELOPERS) for recorded in bounds.values())


def test_the_table_in_the_page_is_that_of_the_figures_beside_it() -> None:
    folder = Path(peers.__file__).parent
    page = (folder / "README.md").read_text(encoding="utf-8")
    shown = page.split("<!-- peers -->\n")[1].split("\n<!-- end -->")[0]
    rows = json.loads((folder / "peers.json").read_text(encoding="utf-8"))["rows"]
    assert shown.splitlines()[2 : 2 + len(rows)] == table(rows).splitlines()[2 : 2 + len(rows)]
    assert {row["peer"] for row in rows} == {p.name for p in PEERS}
