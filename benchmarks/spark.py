"""Many counties on Spark against the same counties one after the other: `python benchmarks/spark.py`.

Both read the same Parquet files, rate every county's year by `rules/six`, and write its result; the digests of all are
compared. Each runs in a process of its own and is measured by the clock and by processor time, Java and
workers counted.

`--groups` measures instead what one county's year takes by itself, at several sizes, and what monthly readings weigh.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.frames import QUANTITY, firms
from benchmarks.memory import memory
from mujun.rating import rate
from mujun.rules import RuleSet, load_rules
from mujun.spark.needs import needs_of
from mujun.spark.one_county import computed

RULES = str((Path(__file__).parent / "rules" / "six").absolute())
FIRST_YEAR = 2020
GROUPS = (3_500, 35_000, 350_000)


def six() -> RuleSet:
    """The rules, for any year: their own is 2022 only."""
    rules = load_rules(RULES)
    assert rules.rating is not None
    return replace(rules, rating=replace(rules.rating, years=()))


def made(folder: Path, counties: int, years: int, size: int) -> None:
    """Write the firms of every county, all years in one file, a folder for each county."""
    for number in range(counties):
        inside = folder / f"county={number:03d}"
        inside.mkdir(parents=True)
        frames = [
            firms(size, seed=number * years + year).with_columns(pl.lit(FIRST_YEAR + year, pl.Int32).alias("year"))
            for year in range(years)
        ]
        pl.concat(frames).drop("county").write_parquet(inside / "firms.parquet")


def in_a_loop(folder: Path, results: Path) -> dict[str, str]:
    """Every county's year, one after the other, on all cores of this PC."""
    rules = six()
    digests = {}
    for file in sorted(folder.glob("county=*/firms.parquet")):
        county = file.parent.name.removeprefix("county=")
        for (year,), frame in pl.read_parquet(file, hive_partitioning=False).partition_by("year", as_dict=True).items():
            rating = rate(frame.with_columns(pl.lit(county).alias("county")), rules)
            inside = results / f"county={county}" / f"year={year}"
            inside.mkdir(parents=True)
            rating.ratings.write_parquet(inside / "ratings.parquet")
            digests[f"{county} {year}"] = rating.digest
    return digests


def on_spark(folder: Path, results: Path, cores: int) -> dict[str, str]:
    """The same on Spark; with Spark's own log of what it shuffled in `events` beside the results."""
    from mujun import spark

    session = spark.local_session(cores, memory="2g", settings=_logged(results))
    done = spark.rate(session.read.parquet(str(folder)), six()).write(str(results))
    digests = {f"{row['county']} {row['year']}": row["digest"] for row in done.counties.collect()}
    print(json.dumps({"cpu": processor_time(os.getpid())}), file=sys.stderr)
    session.stop()
    return digests


def _logged(results: Path) -> dict[str, str]:
    events = results.with_name("events")
    events.mkdir(parents=True)
    settings = {"enabled": "true", "dir": events.as_uri(), "compress": "false", "rolling.enabled": "false"}
    return {f"spark.eventLog.{name}": value for name, value in settings.items()}


def processor_time(process: int) -> float:
    """Seconds of a process, of all that it started, and of what these have waited for."""
    total = 0
    for one in (process, *_below(process)):
        numbers = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(n) for n in numbers[11:15])
    return total / os.sysconf("SC_CLK_TCK")


def _below(process: int) -> Iterator[int]:
    children = Path(f"/proc/{process}/task").glob("*/children")
    for child in " ".join(file.read_text() for file in children).split():
        yield int(child)
        yield from _below(int(child))


def shuffled(results: Path) -> dict[str, int]:
    """Records and bytes that Spark moved between tasks for the groups, as its own log of events says."""
    written: dict[int, list[int]] = {}
    for file in results.with_name("events").rglob("*"):
        if file.is_dir() or file.name.startswith((".", "appstatus")):
            continue
        for line in file.read_text().splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
                metrics = event["Task Metrics"]["Shuffle Write Metrics"]
                stage = written.setdefault(event["Stage ID"], [0, 0])
                stage[0] += metrics["Shuffle Records Written"]
                stage[1] += metrics["Shuffle Bytes Written"]
    records, size = max(written.values())
    return {"records": records, "bytes": size}


def one_run(way: str, folder: Path, results: Path, cores: int) -> None:
    """What a process of its own does: digests and figures as JSON."""
    started = time.perf_counter()
    digests = in_a_loop(folder, results) if way == "loop" else on_spark(folder, results, cores)
    figures: dict[str, object] = {"clock": time.perf_counter() - started, "digests": digests}
    if way == "loop":
        figures["cpu"] = processor_time(os.getpid())
    print(json.dumps(figures))


def measured(way: str, folder: Path, results: Path, cores: int) -> dict[str, object]:
    """Run one way in a process of its own."""
    command = [sys.executable, __file__, "--run", way, "--folder", str(folder), "--results", str(results)]
    done = subprocess.run([*command, "--cores", str(cores)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    figures: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    if told := re.search(r'\{"cpu": [0-9.]+\}', done.stderr):
        figures |= json.loads(told[0])
    return figures


def one_group(size: int) -> None:
    """Print, as a process of its own, what one county's year takes: seconds of the processor and memory."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    frame, rules = firms(size), six()
    table = frame.to_arrow()
    needs = needs_of(rules, "rating", frame.columns)
    computed(rules, "rating", needs, {0: firms(500)}, None, year=FIRST_YEAR)
    del frame
    before, started = memory("VmRSS"), time.process_time()
    done = computed(rules, "rating", needs, {0: pl.DataFrame(table).select(needs.columns)}, None, year=FIRST_YEAR)
    assert done.table is not None
    handed_back = done.table.to_arrow()
    seconds = time.process_time() - started
    print(
        f"{size:>9,} firms: processor {seconds:7.2f} s, memory {before:6.0f} MB before, {memory('VmHWM'):6.0f} MB at "
        f"most; Arrow in {table.nbytes / 1e6:.1f} MB, out {handed_back.nbytes / 1e6:.1f} MB"
    )


def readings_weighed(folder: Path, size: int) -> None:
    """Print what monthly readings of electricity add to what is shuffled."""
    from mujun import spark

    some = firms(size).with_columns(
        pl.lit("001").alias("county"), pl.lit("D").alias("tier"), (pl.col("revenue") * 1000).alias("electricity_kwh")
    )
    months = pl.DataFrame({"from": [date(2022, 12, 1), *(date(2023, month, 1) for month in range(1, 7))]})
    bills = some.join(months, how="cross")
    share = pl.Series(np.random.default_rng(1).uniform(0.05, 0.2, bills.height).round(4)).cast(QUANTITY)
    bills = bills.select(
        "county", "credit_code", pl.lit("电").alias("utility"), "from", pl.col("from").dt.month_end().alias("until"),
        (pl.col("electricity_kwh") * share).cast(QUANTITY).alias("quantity"),
    )  # fmt: skip
    sizes = []
    for name, usage in (("without", None), ("with", bills)):
        results = folder / name / "results"
        session = spark.local_session(2, settings=_logged(results))
        some.write_parquet(folder / "some.parquet")
        bills.write_parquet(folder / "bills.parquet")
        frame = session.read.parquet(str(folder / "some.parquet"))
        given = None if usage is None else session.read.parquet(str(folder / "bills.parquet"))
        rules = load_rules("zhejiang/ruian-electricity-2022")
        spark.allocate(frame, rules, usage=given).counties.collect()
        session.stop()
        sizes.append(shuffled(results))
    more = {what: sizes[1][what] - sizes[0][what] for what in ("records", "bytes")}
    print(f"{bills.height:,} readings: {more['records']:,} shuffled, {more['bytes'] / more['records']:.0f} bytes each")


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=90)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--firms", type=int, default=3500)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--groups", action="store_true", help="one county's year at several sizes, and readings")
    parser.add_argument("--group", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--run", choices=("loop", "spark"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.groups:
        for size in GROUPS:
            subprocess.run([sys.executable, __file__, "--group", str(size)], check=True)
        with tempfile.TemporaryDirectory() as made_here:
            readings_weighed(Path(made_here), given.firms)
        return
    if given.group:
        one_group(given.group)
        return
    if given.run:
        one_run(given.run, given.folder, given.results, given.cores)
        return
    with tempfile.TemporaryDirectory() as made_here:
        folder = Path(made_here) / "frames"
        made(folder, given.counties, given.years, given.firms)
        loop = measured("loop", folder, Path(made_here) / "loop", given.cores)
        spark = measured("spark", folder, Path(made_here) / "spark" / "results", given.cores)
        moved = shuffled(Path(made_here) / "spark" / "results")
    assert loop.pop("digests") == spark.pop("digests"), "the digests differ"
    rows = given.counties * given.years * given.firms
    print(f"{given.counties} counties × {given.years} years × {given.firms:,} firms")
    for name, figures in (("loop", loop), (f"Spark, local[{given.cores}]", spark)):
        print(f"{name:<18} clock {figures['clock']:8.1f} s   processor {figures['cpu']:8.1f} s")
    print(f"ratio: clock {_ratio(spark, loop, 'clock'):.2f}, processor {_ratio(spark, loop, 'cpu'):.2f}; same digests")
    print(f"shuffled: {moved['records']:,} rows of {rows:,}, {moved['bytes'] / moved['records']:.0f} bytes a row")


def _ratio(one: dict[str, object], other: dict[str, object], name: str) -> float:
    return float(str(one[name])) / float(str(other[name]))


if __name__ == "__main__":
    main()
