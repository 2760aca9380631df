"""The sample county: the same from the same seed, believable, clean where nothing was planted, nobody's real data."""

from __future__ import annotations

import csv
import functools
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from statistics import correlation, mean, median, stdev

import openpyxl
import pytest
from stdnum.cn import uscc

from mujun.fields.tables.problems import KINDS
from sample_data.generator.build import SEED, Sample, true_county, write
from sample_data.generator.departments import County
from sample_data.generator.firms import ABOVE, BELOW, Firm
from sample_data.generator.land import OWN, RENTED_IN, RENTED_OUT
from sample_data.generator.manifest import CONSEQUENCE
from sample_data.generator.places import INDUSTRIES, TOWNSHIPS, UTILITIES

FINDINGS = {
    *("unreadable_cell", "missing_key", "missing_required", "credit_code_invalid", "negative_value", "impossible_year"),
    *("duplicate_key", "unknown_choice", "too_large", "no_land", "no_enterprise", "both_scales", "name_changed"),
    *("code_as_number", "several_holders", "unit_slip", "lease_differs", "lease_one_sided", "net_land_not_positive"),
    *("lets_without_holding", "parcel_area_differs", "duplicate_row", "total_differs"),
    *("alias_record", "alias_self", "alias_circle", "alias_two_successors", "alias_no_code"),
}


@functools.cache
def cells(path: Path) -> list[tuple[object, ...]]:
    """All cells of a workbook, sheet after sheet."""
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        return [(sheet.title, *row) for sheet in book for row in sheet.iter_rows(values_only=True)]


def in_year(county: County, year: int, scale: str | None = None) -> list[Firm]:
    return [f for f in county.firms if year in f.scale and scale in (None, f.scale[year])]


def mu(county: County, firm: Firm, year: int) -> float:
    return county.land.net_m2(firm, year) * 0.0015


@pytest.fixture(scope="module")
def county(sample: Sample) -> County:
    return sample.county


# ------------------------------------------------------------------------------------------------- the same every time


@pytest.fixture(scope="module")
def made(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the sample county, written anew."""
    out = tmp_path_factory.mktemp("made")
    assert len(write(sample, out)) == 35
    return out


def files_in(folder: Path) -> list[Path]:
    return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())


def test_the_committed_files_are_what_the_seed_gives(made: Path, folder: Path) -> None:
    committed = {p.relative_to(folder) for p in folder.rglob("*") if p.suffix in (".csv", ".xlsx", ".geojson")}
    assert set(files_in(made)) == committed
    for name in files_in(made):
        one, other = made / name, folder / name
        # Another version of what writes workbooks may pack the same cells otherwise.
        if one.read_bytes() != other.read_bytes():
            assert name.suffix == ".xlsx", name
            assert cells(one) == cells(other), name


def test_the_command_writes_the_same_bytes_again(made: Path, tmp_path: Path, folder: Path) -> None:
    command = [sys.executable, str(folder / "generate.py"), "--seed", str(SEED), "--out", str(tmp_path / "again")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.startswith("35 files")
    assert files_in(tmp_path / "again") == files_in(made)
    for name in files_in(made):
        assert (made / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_another_seed_gives_another_county(county: County) -> None:
    assert [f.name for f in county.firms[:20]] != [f.name for f in true_county(1).firms[:20]]


def test_the_files_are_small_enough_for_git(folder: Path) -> None:
    files = [p for year in ("2021", "2022") for p in (folder / year).iterdir()]
    assert len(files) == 32
    assert sum(p.stat().st_size for p in files) < 4 * 2**20


# ------------------------------------------------------------------------------------------------------ nobody is real


def test_every_code_is_valid_and_artificial(county: County) -> None:
    codes = [f.code for f in county.firms]
    assert len(set(codes)) == len(codes)
    for firm in county.firms:
        if firm.kind == "自然人":
            assert re.fullmatch(r"ZR330683\d{6}", firm.code)
        else:
            assert uscc.is_valid(firm.code)
            # XXXX or a run of zeros where a real code has the organisation.
            assert firm.code[8:12] == "XXXX" or firm.code[8:11] == "000", firm.code


def test_every_name_says_that_it_is_an_example(sample: Sample) -> None:
    for book in sample.books:
        for sheet in book.sheets:
            for row in sheet.rows:
                for field in ("name", "holder", "counterparty"):
                    said = row.cells.get(field)
                    assert said is None or "示例" in str(said) or re.fullmatch(r"[0-9A-Z]{18}|ZR\d{12}", str(said)), (
                        said
                    )


# --------------------------------------------------------------------------------------------------------- the county


@pytest.mark.parametrize("year", [2021, 2022])
def test_three_thousand_firms_of_which_six_hundred_are_above(county: County, year: int) -> None:
    assert len(in_year(county, year)) == 3000
    assert len(in_year(county, year, ABOVE)) == 600


def test_ratios_of_sums_are_the_published_targets(county: County) -> None:
    above = in_year(county, 2021, ABOVE)
    area = sum(mu(county, f, 2021) for f in above)
    tax = sum(county.figures[2021][f.number].tax_paid for f in above)
    value = sum(county.figures[2021][f.number].value_added for f in above)
    assert float(tax) / area == pytest.approx(25, rel=0.005)
    assert float(value) / area == pytest.approx(100, rel=0.005)


def test_tax_per_mu_is_lognormal_as_in_a_real_district(county: County) -> None:
    above = in_year(county, 2021, ABOVE)
    logs = sorted(math.log(float(county.figures[2021][f.number].tax_paid) / mu(county, f, 2021)) for f in above)
    middle, spread = mean(logs), stdev(logs)
    assert spread == pytest.approx(1.039, abs=0.08)
    # The level is shifted so that the ratio of sums is 25; the shape stays.
    assert middle == pytest.approx(median(logs), abs=0.1)
    for share, z in ((0.1, -1.2816), (0.25, -0.6745), (0.75, 0.6745), (0.9, 1.2816)):
        assert logs[round(share * len(logs))] == pytest.approx(middle + z * spread, abs=0.15)


def test_land_is_of_the_usual_sizes(county: County) -> None:
    every = [mu(county, f, 2021) for f in in_year(county, 2021, ABOVE)]
    above = [area for area in every if area >= 3]
    assert len(every) - len(above) == 4, "四家规上企业用地不足3亩"
    below = [mu(county, f, 2021) for f in county.firms if f.scale.get(2021) == BELOW and not f.ever_above]
    assert 25 < mean(above) < 31
    assert min(above) > 7.9
    assert max(above) < 81
    assert min(below) > 0.3
    assert 2 < mean(below) < 4
    assert 600 < sum(area >= 3 for area in below) < 1100


def test_other_indicators_are_believable(county: County) -> None:
    above = [(f, county.figures[2021][f.number]) for f in in_year(county, 2021, ABOVE)]

    def total(name: str) -> float:
        return float(sum(getattr(figures, name) or 0 for _, figures in above))

    assert 18 < total("value_added") / total("employees") < 30
    assert 0.02 < total("rd_expense") / total("revenue") < 0.035
    assert 1.5 < total("value_added") / total("energy_tce") < 3.5
    assert 0.45 < total("energy_tce_calorific") / total("energy_tce") < 0.7
    assert 0.15 < total("value_added") / total("revenue") < 0.3
    emitting = [f for _, f in above if f.emissions]
    tonnes = sum((v or Decimal(0) for f in emitting for v in (f.emissions or {}).values()), Decimal(0))
    assert 600 < float(sum(f.value_added for f in emitting) / tonnes) < 5000
    assert 0.6 < len(emitting) / len(above) < 0.85


def test_years_are_alike_but_not_the_same(county: County) -> None:
    stay = [f for f in in_year(county, 2021, ABOVE) if f.scale.get(2022) == ABOVE]
    pairs = [[math.log(float(county.figures[y][f.number].tax_paid)) for f in stay] for y in (2021, 2022)]
    assert 0.93 < correlation(*pairs) < 0.999


def test_industries_townships_and_parks_are_the_countys(county: County) -> None:
    assert {f.township for f in county.firms} == set(TOWNSHIPS)
    assert {f.park for f in county.firms} == {None, "嵊州经济开发区", "高铁新城", "工业园区", "小微企业园"}
    known = {code for i in (*INDUSTRIES, *UTILITIES) for code in i.codes}
    assert {f.industry_code for f in county.firms} == known
    divisions = Counter(f.industry_code[:2] for f in county.firms)
    assert sum(divisions[d] for d in ("17", "18", "27", "34", "35", "38")) > 0.7 * len(county.firms)
    assert sum(divisions[d] for d in ("44", "45", "46")) == 3


# ------------------------------------------------------------------------------------------------------------- land


@pytest.mark.parametrize("year", [2021, 2022])
def test_both_sides_of_every_lease_agree(county: County, year: int) -> None:
    sides: dict[str, Counter[tuple[object, ...]]] = {RENTED_IN: Counter(), RENTED_OUT: Counter()}
    for fact in county.land.facts:
        if year in fact.years and isinstance(fact.other, Firm):
            pair = (fact.firm.code, fact.other.code) if fact.tenure == RENTED_OUT else (fact.other.code, fact.firm.code)
            sides[fact.tenure][(*pair, fact.parcel.code if fact.parcel else None, fact.m2)] += 1
    assert sides[RENTED_IN] == sides[RENTED_OUT]
    assert len(sides[RENTED_IN]) > 300


@pytest.mark.parametrize("year", [2021, 2022])
def test_the_firms_on_a_parcel_add_up_to_it(county: County, year: int) -> None:
    several = 0
    for parcel in county.land.parcels:
        on = county.land.on(parcel, year)
        if on:
            net = sum(-f.m2 if f.tenure == RENTED_OUT else f.m2 for f in on)
            owned = sum(f.m2 for f in on if f.tenure == OWN)
            assert net == parcel.m2
            assert owned in (0, parcel.m2)
            several += len({f.firm.number for f in on}) > 1
    assert several > 150


def test_there_are_chains_groups_villages_persons_and_new_names(county: County) -> None:
    land = county.land
    chained = [f for f in county.firms if {RENTED_IN, RENTED_OUT} <= {x.tenure for x in land.rows(f, 2021)}]
    assert len(chained) >= 3
    sizes = Counter(f.group for f in county.firms if f.group).values()
    assert len(sizes) >= 20
    assert set(sizes) <= {2, 3, 4}
    landlords = [x.other for x in land.facts if isinstance(x.other, str)]
    assert sum("股份经济合作社" in x for x in landlords) > 300
    assert sum("示例村民" in x for x in landlords) > 100
    assert sum(f.renamed for f in county.firms) == 14
    assert sum(f.kind == "自然人" for f in county.firms) > 50


# ------------------------------------------------------------------------------------------------------ who is who


def test_codes_change_and_firms_are_taken_over(county: County) -> None:
    recoded = [c for c in county.changes if not c.absorbed]
    merged = [c for c in county.changes if c.absorbed]
    assert (len(recoded), len(merged)) == (10, 4)
    known = {f.code: f for f in county.firms}
    chained = {c.new_code for c in recoded} & {c.old_code for c in recoded}
    assert len(chained) == 1
    for c in recoded:
        assert c.successor is not None
        assert c.old_code not in known
        assert c.new_code in {c.successor.code, *chained}
        assert len({c.successor.code_in(y) for y in (2021, 2022)}) == 2
    for c in merged:
        assert c.absorbed is not None
        assert c.successor is not None
        assert set(c.absorbed.scale) == {2021}
        assert c.absorbed.township == c.successor.township
        # The ground goes along.
        gained = county.land.net_m2(c.successor, 2022) - county.land.net_m2(c.successor, 2021)
        assert gained >= county.land.net_m2(c.absorbed, 2021)


def test_two_pairs_of_workshops_have_one_name_each(county: County) -> None:
    names = Counter((f.name[2022], f.township) for f in county.firms if 2022 in f.scale)
    assert sorted(n for n in names.values() if n > 1) == [2, 2]


def test_land_use_tax_follows_from_the_table_of_rates(sample: Sample) -> None:
    [sheet] = [s for b in sample.books for s in b.sheets if s.table == "land_grades"]
    rates = {(r.cells["township"], r.cells["land_grade"]): Decimal(str(r.cells["tax_rate"])) for r in sheet.rows}
    assert len(rates) == 4 * len(TOWNSHIPS)
    assert all(3 <= rate <= 16 for rate in rates.values())
    [tax] = [s for b in sample.books for s in b.sheets if s.table == "tax" and s.year == 2022]
    county = sample.county
    checked = 0
    for row in tax.rows:
        firm = row.firm
        if firm is None or firm.number in sample.touched or row.cells["land_use_tax"] is None:
            continue
        owned = [f for f in county.land.rows(firm, 2022) if f.tenure == OWN and f.parcel]
        due = sum(f.m2 * rates[firm.township, f"{'一二三四'[f.parcel.grade - 1]}级"] for f in owned if f.parcel)
        assert row.cells["land_use_tax"] == due
        checked += 1
    assert checked > 1000


def test_freed_energy_is_what_closed_firms_used_and_suffices_for_one_of_two_projects(county: County) -> None:
    for source in county.sources:
        if source.firm is not None:
            assert set(source.firm.scale) == {2021}
            assert source.tce == county.figures[2021][source.firm.number].energy_tce
    high = [p for p in county.projects if p.kind == "两高"]
    assert len(high) == 2
    for name in ("capacity", "tce", "coal", "pollutants", "carbon"):
        freed = sum((getattr(s, name) or Decimal(0) for s in county.sources), Decimal(0))
        needs = [getattr(p, name) for p in high]
        assert all(0 < need < freed for need in needs), name
        # With the usual multiple of 1.25 both together ask for too much.
        assert sum(needs, Decimal(0)) * Decimal("1.25") > freed, name


# ---------------------------------------------------------------------------------------------- parcels and problems


def test_every_parcel_has_a_title_and_new_ones_what_was_promised(county: County) -> None:
    titles = [county.titles[p.code] for p in county.land.parcels]
    assert Counter(t.title for t in titles).keys() == {"国有出让", "国有划拨", "国有租赁", "集体"}
    standard = [t for t in titles if t.standard]
    assert len(standard) > 20
    for t in standard:
        assert None not in (t.tax_per_mu, t.investment_per_mu, t.promised_ratio)
        assert t.start is not None
        assert t.finish is not None
        assert t.production is not None
        assert t.start < t.finish < t.production
    assert sum(t.sold_on is not None for t in titles) > 10


def test_problems_stand_in_every_state_at_firms_of_every_kind_and_on_parcels(county: County) -> None:
    found = county.troubles
    assert (sum(t.firm is not None for t in found), sum(t.parcel is not None for t in found)) == (56, 14)
    assert {t.kind for t in found} == set(KINDS)
    states = Counter(
        (t.order is not None, t.mended_on is not None, t.fined_on is not None, t.closed_on is not None) for t in found
    )
    # Found, ordered, mended, fined, closed.
    assert set(states) == {
        (False,) * 4, (True, False, False, False), (True, True, False, False), (True, False, True, False),
        (True, True, False, True),
    }  # fmt: skip
    at = [t.firm for t in found if t.firm]
    assert sum(f.industry_code[:2] in ("10", "44", "45", "46") for f in at) >= 2
    assert sum(2022 not in f.scale for f in at) == 2
    assert not {"下王镇", "贵门乡"} & {t.township for t in found}


# ------------------------------------------------------------------------------------------------------- the manifest


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_about_one_row_in_a_hundred_is_dirty(sample: Sample, folder: Path) -> None:
    planted = [x for x in lines(folder) if not x["note"].startswith(CONSEQUENCE)]
    rows = sum(len(sheet.rows) for book in sample.books for sheet in book.sheets)
    assert 0.007 < len(planted) / rows < 0.013
    assert {x["code"] for x in lines(folder)} == FINDINGS


def test_at_most_one_defect_is_planted_per_firm(sample: Sample) -> None:
    """Else it would not be known what follows from which."""
    firms: dict[str, set[int]] = {}
    for d in sample.manifest.defects:
        # A code with two successors, a firm twice with different figures: one defect of two rows each.
        of_two = ("alias_two_successors", "duplicate_key")
        if d.credit_code and not d.note.startswith(CONSEQUENCE) and d.code not in of_two:
            # A row whose figures are all in the wrong unit is one defect with several lines.
            firms.setdefault(d.credit_code, set()).add(id(d.row))
    assert {len(rows) for rows in firms.values()} == {1}


def texts(path: Path, sheet: str) -> list[list[str]]:
    """The rows of a sheet or csv file as texts."""
    if path.suffix == ".xlsx":
        return [[shown(c) for c in row] for name, *row in cells(path) if name == sheet]
    data = path.read_bytes()
    return list(csv.reader(data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "gb18030").splitlines()))


def shown(cell: object) -> str:
    """A cell as Excel shows it: numbers with 15 digits."""
    if isinstance(cell, float):
        return format(Decimal(f"{cell:.15g}"), "f")
    return "" if cell is None else str(cell)


def placed(folder: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Every line of the manifest with the cells of the row it points at."""
    books: dict[tuple[str, str], list[list[str]]] = {}
    for line in lines(folder):
        which = (line["file"], line["sheet"])
        if which not in books:
            books[which] = texts(folder / line["file"], line["sheet"])
        yield line, books[which][int(line["row"]) - 1]


def test_the_manifest_points_at_the_rows(folder: Path) -> None:
    for line, row in placed(folder):
        own = {line["credit_code"], line["value"]} - {""}
        unseen = ("missing_key", "parcel_area_differs", "total_differs")
        assert line["code"] in unseen or not own or own & set(row), (line, row)
