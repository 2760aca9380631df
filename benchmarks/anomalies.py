"""How well unit slips are found, planted into 1 % of a year's records. `python benchmarks/anomalies.py`.

A record is a firm's row of a table in the data year. A slip is one figure of it (or, one time in three,
all its figures of the same unit) multiplied or divided by what comes of writing 元 for 万元, ㎡ for 亩, kWh
for 万kWh, kg for t, kgce for tce, m³ for 万m³. A figure counts as found where the search names it. False
alarms are firms of the clean county with any anomaly at all. A value is proposed only where last year
and the peers agree on it; how many of the found are put right is a figure of its own.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from decimal import Decimal
from math import exp
from pathlib import Path
from random import Random

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.county_tables import clean_tables
from mujun.analysis.anomalies import Anomaly, find_anomalies
from mujun.fields import TABLES, slips_of
from mujun.fields.slips import without
from mujun.records import build_frame

PLANTED_IN = ("tax", "energy", "output", "emissions", "water", "land")


@dataclass(frozen=True)
class Planted:
    """A figure in the wrong unit: whose, which, and what was right."""

    credit_code: str
    field: str
    right: Decimal


@dataclass(frozen=True)
class Measured:
    """How well it went."""

    planted: int
    found: int
    put_right: int
    proposed_wrong: int
    told: int
    right: int

    @property
    def recall(self) -> float:
        """The share of planted figures that were found and put right."""
        return self.found / self.planted

    @property
    def precision(self) -> float:
        """The share of slips told that were planted."""
        return self.right / self.told if self.told else 1.0


def with_slips(
    tables: dict[str, pl.DataFrame], year: int, seed: int, share: float = 0.01
) -> tuple[dict[str, pl.DataFrame], list[Planted]]:
    """The tables with slips, and which; a firm has one slip at most."""
    rng = Random(f"{seed}:slips")
    planted: list[Planted] = []
    touched: set[str] = set()
    given = dict(tables)
    for name in PLANTED_IN:
        rows = given[name].to_dicts()
        # The frame adds up a firm's rows of land: one of several in the wrong unit gives no exact factor.
        counts: dict[str, int] = {}
        for row in rows:
            if row["year"] == year:
                counts[row["credit_code"]] = counts.get(row["credit_code"], 0) + 1
        places = [i for i, r in enumerate(rows) if r["year"] == year and counts[r["credit_code"]] == 1]
        for at in rng.sample(places, max(1, round(len(places) * share))):
            row = rows[at]
            fields = [f for f in TABLES[name].fields if slips_of(f) and row[f.name]]
            if row["credit_code"] in touched or not fields:
                continue
            touched.add(row["credit_code"])
            first = rng.choice(fields)
            whole_row = rng.random() < 1 / 3
            chosen = [f for f in fields if f is first or (whole_row and f.unit == first.unit)]
            up = rng.random() < 0.6
            for f in chosen:
                factor = slips_of(f)[0].factor
                right = row[f.name]
                row[f.name] = without(right, 1 / factor if up else factor)
                if row[f.name]:
                    tenure = {"自有": "owned_mu", "租入": "rented_in_mu", "租出": "rented_out_mu"}
                    named = tenure[row["tenure"]] if f.name == "area_mu" else f.name
                    planted.append(Planted(row["credit_code"], named, right))
        given[name] = pl.DataFrame(rows, schema=tables[name].schema, orient="row")
    return given, planted


def measured(found: tuple[Anomaly, ...], planted: list[Planted]) -> Measured:
    """What was found of what was planted."""
    told = {(a.credit_code, a.field): a for a in found if a.kind == "slip"}
    wanted = {(p.credit_code, p.field): p.right for p in planted}
    named = told.keys() & wanted.keys()
    put_right = sum(1 for key in named if _same(told[key].likely, wanted[key]))
    wrong = sum(
        1 for key, a in told.items() if a.likely is not None and not _same(a.likely, wanted.get(key, -a.likely))
    )
    return Measured(len(wanted), len(named), put_right, wrong, len(told), len(named))


def heavier(tables: dict[str, pl.DataFrame], seed: int) -> dict[str, pl.DataFrame]:
    """The county with heavier tails: firms that differ more, figures that go less together, years that move more.

    Every quantity of a firm is multiplied by a factor of its own that lasts (Student's t with 4 degrees of freedom,
    0.35 natural logarithms wide, half of it shared by all the firm's figures) and by one of the year (0.2 wide).
    """
    rng = Random(f"{seed}:heavier")
    firm: dict[str, float] = {}
    lasting: dict[tuple[str, str], float] = {}

    def student() -> float:
        return float(rng.gauss(0, 1) / (rng.gammavariate(2, 1) / 2) ** 0.5)

    given = dict(tables)
    for name in ("tax", "energy", "output", "emissions", "water"):
        rows = given[name].to_dicts()
        for row in rows:
            code = row["credit_code"]
            shared = firm.setdefault(code, student())
            for f in TABLES[name].fields:
                if f.kind != "quantity" or not row[f.name]:
                    continue
                own = lasting.setdefault((code, f.name), student())
                factor = exp(0.35 * (shared + own) / 2**0.5 + 0.2 * student())
                row[f.name] = round(row[f.name] * Decimal(repr(factor)), 4)
        given[name] = pl.DataFrame(rows, schema=tables[name].schema, orient="row")
    return given


def _same(likely: Decimal | None, right: Decimal) -> bool:
    # A figure divided by ten thousand keeps six decimals.
    return likely is not None and abs(likely - right) <= max(abs(right) / 1000, Decimal("0.01"))


def main() -> None:
    """Print recall, precision and false alarms over several seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many times slips are planted")
    given = parser.parse_args()
    sample = clean_tables()
    _report("sample county", sample, given.seeds)
    _report("heavier tails", heavier(sample, 1), given.seeds)


def _report(title: str, tables: dict[str, pl.DataFrame], seeds: int) -> None:
    year = 2022
    frame, _ = build_frame(tables, year)
    clean = find_anomalies(frame)
    firms = len({a.credit_code for a in clean})
    proposed = sum(a.likely is not None for a in clean)
    share = 100 * firms / frame.height
    print(f"{title}, clean: {frame.height} firms, {firms} with an anomaly ({share:.2f} %), {proposed} values proposed")
    for seed in range(1, seeds + 1):
        soiled, planted = with_slips(tables, year, seed)
        result = measured(find_anomalies(build_frame(soiled, year)[0]), planted)
        quality = f"recall {result.recall:.3f}, precision {result.precision:.3f}"
        mended = f"put right {result.put_right}, proposed wrongly {result.proposed_wrong}"
        print(f"{title}, seed {seed}: {result.planted} figures planted, {quality}, {mended}")


if __name__ == "__main__":
    main()
