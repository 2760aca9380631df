"""The digest of everything that the shipped rule sets make of the sample county, as version 0.2.0 computed it.

    python -m tests.rules.sample_digests            # all of them, held against what was written down; about 25 s
    python -m tests.rules.sample_digests --write    # written down anew: only where a change of results is meant

What is written down changes with the rule sets and with the sample county, never with the engine.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mujun.allocation import allocate
from mujun.rectification import list_enterprises
from mujun.rules import addresses, load_rules
from mujun.samples import sample_files
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.computing import YearResult, computed, digests, result_tables
from mujun.workspace.frames_at import frame_at, usage_at
from mujun.workspace.tables_at import inputs_at

FILE = Path(__file__).with_suffix(".json")
YEAR = 2022
RATED_BY = "zhejiang/shengzhou-2022"
"""Whose tiers a rule set without a rating of its own is held against."""


def digests_of(store: Path, wanted: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """By the address of a rule set, the digest of each table of its result on the sample county's year 2022.

    A set whose rating is a base for others, or that has only targets, makes nothing and is left out.
    """
    with Store.open(store) as opened:
        batch = opened.newest_batch()
        tables = inputs_at(opened, batch)
    base: YearResult | None = None
    for address in wanted:
        ruleset = load_rules(address)
        if ruleset.rating is not None:
            if ruleset.rating.status != "abstract":
                yield address, digests(result_tables(computed(ruleset, YEAR, tables, batch)))
            continue
        base = base or computed(load_rules(RATED_BY), YEAR, tables, batch)
        frame, _ = frame_at(tables, YEAR, replace(ruleset, rating=base.ruleset.rating))
        made = {}
        if ruleset.rectification is not None:
            made["rectification"] = list_enterprises(ruleset, frame, base.rating).rectification
        if ruleset.allocation is not None:
            made["allocation"] = allocate(ruleset, frame, base.rating, usage=usage_at(tables, YEAR)).allocation
        if made:
            yield address, digests(made)


def written() -> dict[str, dict[str, str]]:
    """What was written down."""
    kept: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def main(*, write: bool) -> int:
    """Compute all of them and compare, or write them down; the number of rule sets that differ."""
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "mujun.duckdb")
        county.data.load(sample_files())
        made = dict(digests_of(county.path, addresses()))
    if write:
        FILE.write_text(json.dumps(made, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    kept = written()
    differing = sorted(a for a in {*kept, *made} if kept.get(a) != made.get(a))
    for address in differing:
        print(address, "written:", kept.get(address), "computed:", made.get(address), sep="\n  ")
    print(f"{len(made)} rule sets computed, {len(differing)} differ")
    return len(differing)


if __name__ == "__main__":
    sys.exit(1 if main(write="--write" in sys.argv) else 0)
