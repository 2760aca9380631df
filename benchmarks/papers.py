"""All papers of a year of a large county: `python benchmarks/papers.py [--firms 50000] [--folder FOLDER]`.

The sample county is repeated under new codes, names and parcels, every figure moved by a factor of its firm, until
there are as many firms; it is loaded and rated once, and all papers but single firms' are made in a process of their
own. What is told: seconds by the clock and of the processor, memory at its peak, the size of all pages together.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks.county_tables import FIGURES, clean_tables
from mujun import County
from mujun.fields import TABLES
from mujun.samples import sample_data

YEAR, RULES = 2022, "zhejiang/shengzhou-2022"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def main() -> None:
    """Make the county where it is not there yet, and measure its papers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=50_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="mujun-papers-"))
    county = made(folder, given.firms)
    papers = folder / "材料"
    command = [sys.executable, "-c", _MEASURED, str(county.path), str(papers)]
    begun = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    told = json.loads(done.stdout.splitlines()[-1])
    pages = sum(f.stat().st_size for f in papers.rglob("*.html")) / 1e6
    largest = max(papers.rglob("*.html"), key=lambda f: f.stat().st_size)
    print(
        f"{given.firms} firms: {seconds:.1f} s, {told['cpu']:.1f} s of the processor, {told['memory']:.2f} GB; ", end=""
    )
    print(f"all pages {pages:.1f} MB, the largest {largest.stat().st_size / 1e6:.1f} MB ({largest.name})")


_MEASURED = f"""
import json, resource, sys, time
from pathlib import Path
from mujun import County
County(sys.argv[1]).papers.report({YEAR}, Path(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{"cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1e6}}))
"""


def made(folder: Path, firms: int) -> County:
    """The county, loaded and rated in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    county = County(folder / "mujun.duckdb")
    if not county.path.exists():
        county.data.load(files(folder / "sent", firms))
        county.runs.rate(RULES, YEAR, final=True)
    return county


def files(folder: Path, firms: int) -> list[Path]:
    """The departments' files of so many firms."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = clean_tables()
    codes = tables["enterprises"]["credit_code"].unique(maintain_order=True).to_list()
    several = [repeated(tables, codes, n) for n in range(-(-firms // len(codes)))]
    written = []
    for name in ("enterprises", "land", *FIGURES):
        rows = pl.concat(s[name] for s in several)
        headers = {f.name: f"{f.label}({f.unit})" if f.unit else f.label for f in TABLES[name].fields}
        shown = rows.select([c for c in rows.columns if c in headers and rows[c].null_count() < rows.height])
        file = folder / f"{TABLES[name].label}_{name}.csv"
        shown.rename({c: headers[c] for c in shown.columns}).write_csv(file)
        written.append(file)
    return [*written, *_parcels(folder, pl.concat(s["land"] for s in several), len(several))]


def repeated(tables: dict[str, pl.DataFrame], codes: list[str], number: int) -> dict[str, pl.DataFrame]:
    """The tables under the codes, names and parcels of a repetition."""
    draw = random.Random(number)
    new = {old: _code(number * len(codes) + i) for i, old in enumerate(codes)}
    factor = pl.DataFrame({"credit_code": codes, "_by": [draw.lognormvariate(0, 0.2) for _ in codes]})
    made = {}
    for name, rows in tables.items():
        moved = rows.join(factor, on="credit_code", how="left", maintain_order="left")
        figures = [f.name for f in TABLES[name].fields if f.kind == "quantity" and f.name in rows.columns]
        moved = moved.with_columns(
            (pl.col(c).cast(pl.Float64) * pl.col("_by")).round(2).cast(pl.Decimal(18, 6)) for c in figures
        )
        moved = moved.with_columns(pl.col("credit_code").replace(new), (pl.col("name") + f"{number:02d}").alias("name"))
        if "parcel" in rows.columns:
            moved = moved.with_columns(_parcel(number))
        made[name] = moved.drop("_by")
    return made


def _parcel(number: int) -> pl.Expr:
    return pl.when(pl.col("parcel").is_not_null()).then(
        pl.col("parcel").str.slice(0, 12) + pl.col("parcel").str.slice(12, 2)
        + pl.lit(f"{number:02d}") + pl.col("parcel").str.slice(16)
    )  # fmt: skip


def _code(number: int) -> str:
    body = f"91330683MA{number:07d}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def _parcels(folder: Path, land: pl.DataFrame, times: int) -> list[Path]:
    """The parcels on record, and their shapes: those of the sample county, moved aside for each repetition."""
    areas = land.filter(pl.col("parcel").is_not_null()).group_by("parcel").agg(pl.col("area_mu").max()).sort("parcel")
    record = folder / "工业地块清单.csv"
    areas.rename({"parcel": "地块编号", "area_mu": "用地面积(亩)"}).write_csv(record)
    given = json.loads(next((sample_data() / str(YEAR)).glob("*.geojson")).read_text(encoding="utf-8"))
    shapes = []
    for number in range(times):
        for feature in given["features"]:
            name = feature["properties"]["宗地号"]
            moved = [
                [[x + 0.001 * number, y + 0.001 * number] for x, y in r] for r in feature["geometry"]["coordinates"]
            ]
            shapes.append(
                {
                    "type": "Feature",
                    "properties": {"宗地号": f"{name[:14]}{number:02d}{name[16:]}"},
                    "geometry": {"type": "Polygon", "coordinates": moved},
                }
            )
    drawn = folder / "工业地块图形.geojson"
    drawn.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}), encoding="utf-8")
    return [record, drawn]


if __name__ == "__main__":
    main()
