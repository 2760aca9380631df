"""mujun beside others who do the same, in one run: `python benchmarks/peers.py`.

Each peer first has to give mujun's answer, as far as it can express it. Then all are timed in turns, by processor time
with all threads counted, which a busy machine stretches least; medians with the least and the most. The command writes
the table into `benchmarks/README.md` and the figures beside it into `peers.json`.

`--check` times the peers that a developer has, at small sizes, until each ratio is within half again of what
`bounds.json` records, and fails where one never is; `--record` writes the bounds. Both are to be run with
`POLARS_MAX_THREADS=1`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import by_others
from benchmarks.by_hand import COLUMNS, INDICATORS, in_duckdb, in_polars
from benchmarks.frames import firms
from mujun.rating import rate
from mujun.rules import RuleSet, load_rules

HERE = Path(__file__).parent
RULES = {name: HERE / "rules" / name for name in ("six", "fixed")}
POINTS = [f"{name}_points" for name in INDICATORS]
NOTES = [f"{name}_note" for name in INDICATORS]
OF_DEVELOPERS = ("Polars by hand", "DuckDB SQL", "plain Python")
CHECKED_SIZES = (3_000, 30_000)
ROUNDS = 12
WORSE = 1.5
"""A ratio fails where it is worse than recorded by half."""

ROUNDED = 0.00031
"""What six points rounded at four decimals and not rounded may differ by, added up."""


@dataclass(frozen=True)
class Peer:
    """Somebody else who rates.

    Attributes:
        name: as the table calls it.
        rules: which rule set.
        distribution: the package whose version is told, and without which it is left out.
        does: what of the rule set it does in the time that is measured.
        prepare: what it starts from, made of a frame outside of that time.
        run: what is measured.
        agrees: holds its answer against mujun's subjects.
        most: the largest number of firms that it is asked for.
    """

    name: str
    rules: str
    distribution: str | None
    does: str
    prepare: Callable[[pl.DataFrame], Any]
    run: Callable[[Any], Any]
    agrees: Callable[[Any, pl.DataFrame], bool]
    most: int = 1_000_000

    @property
    def version(self) -> str | None:
        """The version that is installed; `None` where it is not."""
        if self.distribution is None:
            return sys.version.split()[0]
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return None


# ------------------------------------------------------------------------------------------------------ same answers


def _micro(ours: pl.DataFrame, columns: Sequence[str]) -> list[list[int]]:
    return [ours[c].to_physical().to_list() for c in columns]


def _to_the_bit(theirs: pl.DataFrame, ours: pl.DataFrame) -> bool:
    """Every value, benchmark, points and note is the same as well, in the order of the frame."""
    mine = ours.select(COLUMNS)
    return mine.equals(theirs.with_columns(pl.col("rank", "size").cast(pl.Int64)))


def _as_frame(theirs: pl.DataFrame, ours: pl.DataFrame) -> bool:
    """Points, score, notes, rank and tier are the same to the last digit."""
    theirs = theirs.sort("credit_code")
    mine = ours.sort("credit_code")
    columns = [*POINTS, "score"]
    exact = _micro(mine, columns) == _micro(theirs.select(pl.col(columns).cast(pl.Decimal(18, 4))), columns)
    return exact and all(mine[c].to_list() == theirs[c].to_list() for c in (*NOTES, "rank", "tier"))


def _as_rows(theirs: Any, ours: pl.DataFrame) -> bool:
    codes, points, score, rank, tier = (list(column) for column in zip(*theirs, strict=True))
    mine = [list(column) for column in zip(*_micro(ours, POINTS), strict=True)]
    return (codes, points, [score], rank, tier) == (
        ours["credit_code"].to_list(), mine, _micro(ours, ["score"]), ours["rank"].to_list(), ours["tier"].to_list(),
    )  # fmt: skip


def _as_pandas(theirs: Any, ours: pl.DataFrame) -> bool:
    columns = [*POINTS, "score"]
    return [theirs[c].tolist() for c in columns] == _micro(ours, columns) and all(
        theirs[c].tolist() == ours[c].to_list() for c in ("credit_code", "rank", "tier")
    )


def _scores_agree(theirs: np.ndarray, ours: pl.DataFrame) -> bool:
    return bool(np.abs(theirs - ours["score"].cast(pl.Float64).to_numpy()).max() <= ROUNDED)


def _in_order(theirs: tuple[np.ndarray, np.ndarray], ours: pl.DataFrame) -> bool:
    """Scores are the same but for the rounding of points, and so is the order, ties among equals aside."""
    scores, ranks = theirs
    by_rank = ours["score"].cast(pl.Float64).to_numpy()[np.argsort(ranks, kind="stable")]
    return _scores_agree(scores, ours) and bool(np.diff(by_rank).max(initial=0.0) <= 2 * ROUNDED)


def _in_tiers(theirs: tuple[np.ndarray, list[str]], ours: pl.DataFrame) -> bool:
    """Scores are the same, and tiers but for scores that lie on a threshold within the rounding of 32 bits."""
    scores, tiers = theirs
    mine = ours["score"].cast(pl.Float64).to_numpy()
    near = np.min([np.abs(mine - limit) for limit, _ in by_others.THRESHOLDS], axis=0) <= ROUNDED
    return _scores_agree(scores, ours) and bool(np.all((np.array(tiers) == ours["tier"].to_numpy()) | near))


# ------------------------------------------------------------------------------------------------------------- peers


def _in_duckdb(frame: pl.DataFrame) -> pl.DataFrame:
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {int(os.environ.get('POLARS_MAX_THREADS', os.cpu_count() or 1))}")
        return in_duckdb(frame, connection)


def _same(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


ALL = "all of it"
BY_HAND = Peer("Polars by hand", "six", "polars", ALL, _same, in_polars, _to_the_bit)
IN_SQL = Peer("DuckDB SQL", "six", "duckdb", ALL, _same, _in_duckdb, _as_frame)
PEERS = (
    BY_HAND,
    IN_SQL,
    Peer("pandas", "six", "pandas", ALL, by_others.for_pandas, by_others.in_pandas, _as_pandas),
    Peer("plain Python", "six", None, ALL, by_others.for_python, by_others.in_python, _as_rows, 100_000),
    Peer(
        "scikit-criteria", "fixed", "scikit-criteria", "weighted sum and rank of the ratios",
        by_others.ratios, by_others.in_scikit_criteria, _in_order,
    ),
    Peer(
        "pymcdm", "fixed", "pymcdm", "weighted sum and rank of the ratios, its checks left out",
        by_others.ratios, by_others.in_pymcdm, _in_order,
    ),
    Peer(
        "GoRules Zen", "fixed", "zen-engine", "points, score, tiers and the rule, a firm at a time",
        lambda frame: (by_others.zen_decision(), by_others.for_zen(frame)),
        lambda given: by_others.in_zen(*given), _in_tiers, 10_000,
    ),
    Peer(
        "OpenFisca", "fixed", "openfisca-core", "points, score, tiers and the rule, in floats of 32 bits",
        lambda frame: (by_others.openfisca_system(), by_others.for_openfisca(frame)),
        lambda given: by_others.in_openfisca(*given), _in_tiers,
    ),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ timing


def timed(jobs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of the processor of each job, taken in turns so that what the machine does meanwhile hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            started = time.process_time()
            job()
            seconds[name].append(time.process_time() - started)
    return seconds


def jobs_of(peers: Sequence[Peer], rules: RuleSet, size: int) -> dict[str, Callable[[], object]]:
    """mujun and its peers, each seen to give mujun's answer.

    Raises:
        SystemExit: one does not.
    """
    frame = firms(size)
    ours = rate(frame, rules).subjects
    jobs: dict[str, Callable[[], object]] = {"mujun": lambda: rate(frame, rules)}
    for peer in peers:
        given = peer.prepare(frame)
        if not peer.agrees(peer.run(given), ours):
            raise SystemExit(f"{peer.name} gives another answer for {size:,} firms")
        jobs[peer.name] = lambda run=peer.run, given=given: run(given)  # type: ignore[misc]
    return jobs


def compared(sizes: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """A row per rule set, size and peer: medians, least and most, and mujun's time in the peer's."""
    for peer in PEERS:
        if peer.version is None:
            print(f"{peer.name} is left out, for it is not installed: see the extra `peers`", file=sys.stderr)
    rows: list[dict[str, Any]] = []
    for name, folder in RULES.items():
        rules = load_rules(str(folder.absolute()))
        for size in sizes:
            peers = [p for p in PEERS if p.rules == name and p.version is not None and size <= p.most]
            seconds = timed(jobs_of(peers, rules, size), rounds)
            ours = statistics.median(seconds["mujun"])
            for peer in peers:
                theirs = seconds[peer.name]
                rows.append(
                    {
                        "rules": name, "firms": size, "peer": peer.name, "version": peer.version, "does": peer.does,
                        "mujun": _spread(seconds["mujun"]), "seconds": _spread(theirs),
                        "ratio": round(ours / statistics.median(theirs), 3),
                    }
                )  # fmt: skip
                print(f"{name:<6} {size:>9,} {peer.name:<16} {rows[-1]['ratio']:>8.3f}", flush=True)
    return rows


def _spread(seconds: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(seconds), 5), "least": round(min(seconds), 5), "most": round(max(seconds), 5),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- table


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table of `benchmarks/README.md`."""
    lines = [
        "| rules | firms | peer | what it does | its processor time, s | mujun's, s | mujun / peer |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        lines.append(
            f"| {row['rules']} | {row['firms']:,} | {row['peer']} {row['version']} | {row['does']} | "
            f"{_told(row['seconds'])} | {_told(row['mujun'])} | {row['ratio']:.3g} |"
        )
    absent = [p.name for p in PEERS if p.version is None]
    return "\n".join([*lines, *([f"\nNot installed in this run: {', '.join(absent)}."] if absent else [])])


def _told(spread: Mapping[str, float]) -> str:
    return f"{spread['median']:.3g} ({spread['least']:.3g}–{spread['most']:.3g})"


BEGIN, END = "<!-- peers -->", "<!-- end -->"


def written(rows: list[dict[str, Any]]) -> None:
    """The table into README.md between its marks, the figures beside it."""
    page = HERE / "README.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", encoding="utf-8")
    text = json.dumps({"cores": os.cpu_count(), "rows": rows}, indent=1, ensure_ascii=False)
    (HERE / "peers.json").write_text(text + "\n", encoding="utf-8")


# ------------------------------------------------------------------------------------------------------------- bounds


def ratios(size: int, allowed: Mapping[str, float], rounds: int) -> dict[str, float]:
    """mujun's best time in each peer's best, measured until all are allowed or the rounds are over."""
    rules = load_rules(str(RULES["six"].absolute()))
    jobs = jobs_of([p for p in PEERS if p.name in OF_DEVELOPERS], rules, size)
    best = dict.fromkeys(jobs, float("inf"))
    measured: dict[str, float] = {}
    for turn in range(rounds):
        for name, seconds in timed(jobs, 1).items():
            best[name] = min(best[name], seconds[0])
        measured = {name: best["mujun"] / best[name] for name in OF_DEVELOPERS}
        if turn >= 2 and allowed and all(measured[n] <= allowed[n] for n in measured):
            break
    return measured


def checked(bounds: Mapping[str, Mapping[str, float]], *, rounds: int = ROUNDS) -> list[str]:
    """The ratios that are worse than recorded by half, as sentences; nothing where all is well."""
    worse = []
    for size, recorded in bounds.items():
        measured = ratios(int(size), {name: bound * WORSE for name, bound in recorded.items()}, rounds)
        for name, bound in recorded.items():
            line = f"{int(size):,} firms: mujun / {name} {measured[name]:.2f}, recorded {bound:.2f}"
            print(line, flush=True)
            if measured[name] > bound * WORSE:
                worse.append(line)
    return worse


def main() -> int:
    """Compare, check or record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000", help="numbers of firms")
    parser.add_argument("--repeat", type=int, default=7, help="how many turns")
    parser.add_argument("--check", action="store_true", help="hold the ratios against bounds.json")
    parser.add_argument("--record", action="store_true", help="write bounds.json anew")
    given = parser.parse_args()
    file = HERE / "bounds.json"
    if given.record:
        recorded = {str(n): {k: round(r, 2) for k, r in ratios(n, {}, ROUNDS).items()} for n in CHECKED_SIZES}
        file.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
        return 0
    if given.check:
        worse = checked(json.loads(file.read_text(encoding="utf-8")))
        for line in worse:
            print(f"worse than recorded by more than half: {line}", file=sys.stderr)
        return 1 if worse else 0
    written(compared([int(size) for size in given.sizes.split(",")], given.repeat))
    return 0


if __name__ == "__main__":
    sys.exit(main())
