"""Loading the sample county finds every defect that was planted, each in its row, and invents none."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from mujun.fields import TABLES
from mujun.records import Finding, YearEnd, build_frame, check_tables, read_file, repair_of
from sample_data.generator.build import Sample, build, write

YEARS = (2021, 2022)

ABOUT_THE_FIRM = (
    "no_land",
    "no_enterprise",
    "alias_record",
    "name_changed",
    "both_scales",
    "lease_differs",
    "lease_one_sided",
)


@dataclass(frozen=True)
class Loaded:
    """All files, read and laid side by side."""

    tables: dict[str, pl.DataFrame]
    findings: list[Finding]
    totals: dict[str, int]


@dataclass(frozen=True)
class Line:
    """A line of the manifest; `place` is what a finding must have in common with it."""

    place: tuple[str, str, int, str, str, str]
    credit_code: str
    value: str
    note: str


@pytest.fixture(scope="module")
def manifest(folder: Path) -> list[Line]:
    return manifest_of(folder)


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Loaded:
    return load(folder)


@pytest.fixture(scope="module")
def frames(loaded: Loaded) -> dict[int, pl.DataFrame]:
    """The frames of both years."""
    tables = {**loaded.tables, "energy": one_row_each(loaded.tables["energy"])}
    return {year: build_frame(tables, year)[0] for year in YEARS}


def manifest_of(folder: Path) -> list[Line]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [
            Line(
                (Path(x["file"]).name, x["sheet"], int(x["row"]), x["table"], x["field"], x["code"]),
                *(x["credit_code"], x["value"], x["note"]),
            )
            for x in csv.DictReader(file)
        ]


def load(folder: Path) -> Loaded:
    """Every file of a sample county, and what `check_tables` says of both years."""
    rows: dict[str, list[pl.DataFrame]] = {}
    findings: list[Finding] = []
    totals: dict[str, int] = {}
    for number, path in enumerate(sorted(p for year in YEARS for p in (folder / str(year)).iterdir())):
        records = read_file(path)
        findings += records.findings
        totals[records.file] = records.totals_left_out
        for part in records.tables:
            said = part.rows.with_columns(_file=pl.lit(records.file), _batch=pl.lit(number))
            rows.setdefault(part.table, []).append(said)
    layer = rows["parcels"].pop()
    tables = {name: current(name, pl.concat(parts)) for name, parts in rows.items()}
    # The layer says shapes and nothing else: all else stands as the lists say it.
    shapes = layer.select("parcel", "geometry")
    parcels = tables["parcels"]
    tables["parcels"] = parcels.drop("geometry").join(shapes, on="parcel", how="left").select(parcels.columns)
    for year in YEARS:
        findings += check_tables(YearEnd.of(tables, year))
    return Loaded(tables, findings, totals)


def current(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """What the newest file says of each key; energy keeps both, for two departments report different fields of it."""
    newest = pl.col("_batch") == pl.col("_batch").max().over(TABLES[name].key)
    return rows if name == "energy" else rows.filter(newest)


def one_row_each(energy: pl.DataFrame) -> pl.DataFrame:
    """Energy with both departments' fields in one row."""
    key = list(TABLES["energy"].key)
    return energy.sort("_batch").group_by(key, maintain_order=True).agg(pl.exclude(key).drop_nulls().last())


def place(f: Finding) -> tuple[str, str, int, str, str, str]:
    return (f.file or "", f.sheet or "", f.row or 0, f.table, f.field or "", f.code)


def test_findings_are_exactly_the_manifest(loaded: Loaded, manifest: list[Line]) -> None:
    same(loaded, manifest)


def test_so_they_are_of_a_county_nobody_looked_at(tmp_path: Path) -> None:
    write(build(4), tmp_path)
    same(load(tmp_path), manifest_of(tmp_path))


def same(loaded: Loaded, manifest: list[Line]) -> None:
    """The findings are those of the manifest, place by place."""
    found = Counter(place(f) for f in loaded.findings)
    planted = Counter(line.place for line in manifest)
    assert sorted((planted - found).elements()) == [], "planted and not found"
    assert sorted((found - planted).elements()) == [], "found and not planted"


def test_findings_name_the_firm_and_the_value(loaded: Loaded, manifest: list[Line]) -> None:
    planted = {line.place: line for line in manifest}
    for f in loaded.findings:
        line = planted[place(f)]
        if f.code in ABOUT_THE_FIRM:
            assert f.credit_code == line.credit_code, f
        if f.code in ("credit_code_invalid", "code_as_number", "unreadable_cell", "unknown_choice", "several_holders"):
            assert f.value == line.value, f


def test_every_repairable_code_is_proposed_as_it_should_be(loaded: Loaded, manifest: list[Line]) -> None:
    broken = {line.place: line for line in manifest if line.place[-1] == "credit_code_invalid"}
    assert len(broken) > 150
    proposals = {place(f): str(f.values["repair"]) for f in loaded.findings if f.code == "credit_code_invalid"}
    for where, line in broken.items():
        # Which character is missing the code alone does not say, whatever the roll proposes.
        wanted = "" if "无法修复" in line.note or "17位" in line.note else line.credit_code
        assert proposals[where] == wanted, line
        assert (repair_of(line.value) or "") == wanted, line


def test_repairs_bring_the_rows_in(folder: Path, loaded: Loaded, manifest: list[Line]) -> None:
    path = next(p for p in (folder / "2022").iterdir() if "税务局" in p.name)
    mine = [line for line in manifest if line.place[0] == path.name and line.place[-1] == "credit_code_invalid"]
    repairable = {line.credit_code for line in mine if not ("无法修复" in line.note or "17位" in line.note)}
    [tax] = read_file(path, repair=True).tables
    before = set(loaded.tables["tax"].filter(pl.col("year") == 2022)["credit_code"])
    assert set(tax.rows["credit_code"]) - before == repairable


def test_every_total_row_is_left_out(loaded: Loaded) -> None:
    with_totals = ("用地", "供地", "地块", "税收", "用电", "污染物", "用水")
    for file, count in loaded.totals.items():
        if file.endswith(".geojson"):
            continue  # shapes have no total row
        wanted = 2 if "产出" in file else 1 if any(word in file for word in with_totals) else 0
        assert count == wanted, file


@pytest.mark.parametrize("year", YEARS)
def test_the_frame_is_the_county(frames: dict[int, pl.DataFrame], year: int) -> None:
    frame = frames[year]
    # 3,000 firms less the rows that are kept out.
    assert 2980 <= frame.height < 3000
    above = frame.filter(pl.col("scale") == "规上", pl.all_horizontal(pl.col("tax_paid", "land_mu").is_not_null()))
    assert 580 < above.height <= 600
    if year == 2021:
        for name, target in (("tax_paid", 25), ("value_added", 100)):
            both = above.filter(pl.col(name).is_not_null())
            assert float(both[name].sum()) / float(both["land_mu"].sum()) == pytest.approx(target, rel=0.005)
    else:
        assert frame["tier_history"].list.len().max() == 3
        assert frame.filter(pl.col("name_last").is_not_null()).height > 2900


def test_the_frame_is_the_truth_where_nothing_was_planted(frames: dict[int, pl.DataFrame], sample: Sample) -> None:
    county = sample.county
    for year, frame in frames.items():
        rows = {row["credit_code"]: row for row in frame.iter_rows(named=True)}
        for firm in county.firms:
            if year not in firm.scale or firm.number in sample.touched:
                continue
            row, true = rows[firm.code], county.figures[year][firm.number]
            assert row["name"] == firm.name[year]
            assert row["scale"] == firm.scale[year]
            assert row["started_on"] == firm.started_on
            assert row["registered_on"] == firm.registered_on
            assert row["land_mu"] * 2000 == county.land.net_m2(firm, year) * 3
            assert row["tax_paid"] == true.tax_paid
            assert row["tax_refund"] == true.tax_refund
            assert row["electricity_kwh"] == true.electricity_kwh
            if firm.scale[year] == "规上":
                for name in ("revenue", "value_added", "profit", "rd_expense", "employees", "energy_tce"):
                    assert row[name] == getattr(true, name), (firm.name, name)
                for name in ("energy_tce_calorific", "gas_m3", "coal_t", "heat_gj", "water_m3"):
                    assert row[name] == getattr(true, name), (firm.name, name)
                for name, amount in (true.emissions or {}).items():
                    assert row[name] == amount, (firm.name, name)
