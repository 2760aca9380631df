"""What another file said before: nothing is erased, replaced or added in silence; the order of files does not matter.

The model here is plain Python and knows nothing of forms and views: of each figure every sender has one claim, his
newest; where all claims agree it stands, else it is a question.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mujun.records.loaded import FileRecords
from mujun.store import AlreadyLoaded, Store

from .given import file, rows

A, B = "91350100M000100Y43", "91512081MA62K0260E"
FIELDS = ("electricity_kwh", "energy_tce", "gas_m3")
OWN, IN, OUT = "自有", "租入", "租出"

Claim = tuple[str, str, str, object]
"""Firm, field or tenure, sender, and what he says."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "嵊州.duckdb"
    Store.create(path).close()
    return path


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    with Store.open(shutil.copy(empty, tmp_path / "嵊州.duckdb"), write=True) as store:
        yield store


@pytest.fixture(scope="module")
def many_years(empty: Path) -> Iterator[Store]:
    """One store for all examples: each has a year of its own."""
    with Store.open(shutil.copy(empty, empty.with_name("years.duckdb")), write=True) as store:
        yield store


def power(name: str, *firms: tuple[str, float | None]) -> FileRecords:
    """A power station's file: firms and kWh."""
    said = rows("energy", *({"year": 2022, "credit_code": c, "electricity_kwh": v} for c, v in firms))
    return file(name, {"energy": said}, columns={"energy": ("electricity_kwh",)})


def ground(name: str, *records: tuple[str, str, float], year: int = 2022) -> FileRecords:
    """A land file: firms, tenures and areas."""
    said = rows("land", *({"year": year, "credit_code": c, "tenure": t, "area_mu": a} for c, t, a in records))
    return file(name, {"land": said}, content=f"{name} {year}")


def kwh(store: Store) -> dict[str, object]:
    return dict(store.table("energy").select("credit_code", "electricity_kwh").iter_rows())


def areas(store: Store) -> list[tuple[object, ...]]:
    return sorted(store.table("land").select("credit_code", "tenure", "area_mu").iter_rows())


def waits(store: Store) -> list[tuple[object, ...]]:
    return store.contested().select("credit_code", "field", "stands", "stands_in", "says", "file").rows()


# ------------------------------------------------------------------------------------------------------ field by field


def test_an_empty_cell_erases_nothing(store: Store) -> None:
    store.take_in(power("一站.csv", (A, 100.0)), who="王")
    store.take_in(power("二站.csv", (A, None), (B, 7.0)), who="王")
    assert kwh(store) == {A: 100, B: 7}
    assert waits(store) == []


def test_a_correction_may_still_say_that_there_is_nothing(store: Store) -> None:
    store.take_in(power("一站.csv", (A, 100.0)), who="王")
    store.add_batch(power("更正", (A, None)), who="王", reason="误报")
    assert kwh(store) == {A: None}


def test_what_another_file_says_otherwise_waits_and_what_agrees_does_not(store: Store) -> None:
    store.take_in(power("一站.csv", (A, 100.0), (B, 5.0)), who="王")
    taken = store.take_in(power("二站.csv", (A, 30.0), (B, 5.0)), who="王")
    assert not isinstance(taken, AlreadyLoaded)
    assert kwh(store) == {A: 100, B: 5}
    assert waits(store) == [(A, "electricity_kwh", "100", "一站.csv", "30", "二站.csv")]
    told = taken.met.waiting.select("credit_code", "field", "stands", "stands_in", "says", "file").rows()
    assert told == waits(store)
    assert (taken.met.replaced, taken.met.older) == (0, 0)


@pytest.mark.parametrize(("again", "stands"), [("replace", 30), ("add", 130), ("keep", 100)])
def test_a_person_decides(store: Store, again: str, stands: int) -> None:
    store.take_in(power("一站.csv", (A, 100.0), (B, 5.0)), who="王")
    store.take_in(power("二站.csv", (A, 30.0), (B, 5.0)), who="王")
    decided = store.take_in(power("二站.csv", (A, 30.0), (B, 5.0)), again, who="李")  # type: ignore[arg-type]
    assert not isinstance(decided, AlreadyLoaded)
    assert kwh(store)[A] == stands
    assert waits(store) == []
    # Once more changes nothing: no second 30 is added.
    assert isinstance(store.take_in(power("二站.csv", (A, 30.0), (B, 5.0)), "ask", who="李"), AlreadyLoaded)
    store.take_in(power("二站.csv", (A, 30.0), (B, 5.0)), again, who="李")  # type: ignore[arg-type]
    assert kwh(store)[A] == stands


@pytest.mark.parametrize("order", list(itertools.permutations(("一站.csv", "二站.csv", "三站.csv"))))
def test_stations_that_are_added_in_any_order(store: Store, order: Sequence[str]) -> None:
    used = {"一站.csv": 100.0, "二站.csv": 30.0, "三站.csv": 100.0}
    for name in order:
        store.take_in(power(name, (A, used[name])), "add", who="王")
    assert kwh(store) == {A: 230}
    origin = store.origin("energy", A, 2022).filter(field="electricity_kwh").row(0, named=True)
    assert (origin["value"], sorted(origin["file"].split(" + "))) == ("230", sorted(used))


def test_each_station_corrects_its_own_part_of_a_sum(store: Store) -> None:
    store.take_in(power("一站.csv", (A, 100.0)), who="王")
    store.take_in(power("二站.csv", (A, 30.0)), "add", who="王")
    store.take_in(power("一站（更正）.csv", (A, 120.0)), who="王")
    assert kwh(store) == {A: 150}
    store.take_in(power("二站（更正）.csv", (A, 40.0)), who="王")
    assert kwh(store) == {A: 160}
    assert waits(store) == []
    changed = store.changes("energy", A).select("old", "new", "batch").rows()
    assert changed == [("100", "130", 2), ("130", "150", 3), ("150", "160", 4)]
    # What was added is gone when somebody decides what the figure is.
    store.add_batch(power("更正", (A, 99.0)), who="王", reason="核实")
    assert kwh(store) == {A: 99}


def test_a_sender_replaces_his_own_figures_and_it_is_told(store: Store) -> None:
    store.take_in(power("2022年供电.csv", (A, 100.0), (B, 5.0)), who="王")
    taken = store.take_in(power("2022年供电（更正）.csv", (A, 90.0), (B, None)), who="王")
    assert not isinstance(taken, AlreadyLoaded)
    assert (kwh(store), taken.met.replaced, waits(store)) == ({A: 90, B: 5}, 1, [])


def test_what_waited_is_settled_when_its_sender_agrees(store: Store) -> None:
    store.take_in(power("一站.csv", (A, 100.0)), who="王")
    store.take_in(power("二站.csv", (A, 30.0)), who="王")
    store.take_in(power("二站（更正）.csv", (A, 100.0)), who="王")
    assert waits(store) == []


def test_what_agreed_waits_when_the_other_changes(store: Store) -> None:
    store.take_in(power("一站.csv", (A, 100.0)), who="王")
    store.take_in(power("二站.csv", (A, 100.0)), who="王")
    store.take_in(power("一站（更正）.csv", (A, 80.0)), who="王")
    assert kwh(store) == {A: 100}
    assert waits(store) == [(A, "electricity_kwh", "100", "二站.csv", "80", "一站（更正）.csv")]


@pytest.mark.parametrize("order", [(2021, 2022), (2022, 2021)])
def test_of_two_editions_of_a_register_the_newer_holds(store: Store, order: Sequence[int]) -> None:
    size = {2021: 10.0, 2022: 12.0}
    for year in order:
        parcel = rows("parcels", {"parcel": "P1", "area_mu": size[year]})
        store.take_in(file(f"{year}年地块.xlsx", {"parcels": parcel}), who="王")
    assert store.table("parcels")["area_mu"].to_list() == [12]
    assert waits(store) == []


def test_a_name_beside_a_figure_is_no_question_on_the_roll_it_is(store: Store) -> None:
    for n, name in enumerate(("甲厂", "甲公司")):
        tax = rows("tax", {"year": 2022, "credit_code": A, "name": name, "tax_paid": 1.0})
        roll = rows("enterprises", {"year": 2022, "credit_code": A, "name": name, "scale": "规上"})
        store.take_in(file(f"税务{'甲乙'[n]}", {"tax": tax, "enterprises": roll}), who="王")
    assert [(t, f) for _, t, _, _, _, _, f, *_ in store.contested().rows()] == [("enterprises", "name")]


@pytest.mark.parametrize("order", [("规上名录", "规下名录"), ("规下名录", "规上名录")])
def test_a_firm_of_both_scales_counts_as_the_larger_in_any_order(store: Store, order: Sequence[str]) -> None:
    for name in order:
        roll = rows("enterprises", {"year": 2022, "credit_code": A, "name": "甲厂", "scale": name[:2],
                                    "park": "园区" if name == "规下名录" else None})  # fmt: skip
        store.take_in(file(name, {"enterprises": roll}), who="王")
    found = store.table("enterprises").select("scale", "park").rows()
    assert (found, waits(store)) == ([("规上", "园区")], [])
    assert store.findings()["code"].to_list() == ["both_scales"]


# ------------------------------------------------------------------------------------------------------------- of land


def test_own_land_and_leases_come_from_two_files(store: Store) -> None:
    store.take_in(ground("自有.xlsx", (A, OWN, 10.0), (A, OWN, 6.0)), who="王")
    store.take_in(ground("租赁.xlsx", (A, IN, 2.0), (B, OUT, 2.0)), who="王")
    assert areas(store) == [(A, IN, 2), (A, OWN, 6), (A, OWN, 10), (B, OUT, 2)]
    assert waits(store) == []


@pytest.mark.parametrize(
    ("again", "stands"), [("ask", [10]), ("replace", [4]), ("add", [4, 10]), ("keep", [10])]
)  # fmt: skip
def test_own_land_from_two_files_is_for_a_person_to_decide(store: Store, again: str, stands: list[int]) -> None:
    store.take_in(ground("自有.xlsx", (A, OWN, 10.0)), who="王")
    store.take_in(ground("租赁.xlsx", (A, IN, 2.0)), who="王")
    store.take_in(ground("园区.xlsx", (A, OWN, 4.0), (B, OWN, 3.0)), again, who="王")  # type: ignore[arg-type]
    assert areas(store) == [(A, IN, 2), *((A, OWN, a) for a in stands), (B, OWN, 3)]
    open_ = [(A, "area_mu", "10亩", "自有.xlsx", "4亩", "园区.xlsx")] if again == "ask" else []
    assert waits(store) == open_


def test_a_land_office_sends_its_file_again(store: Store) -> None:
    store.take_in(ground("自有.xlsx", (A, OWN, 10.0), (A, OWN, 6.0), (B, OWN, 1.0)), who="王")
    store.take_in(ground("租赁.xlsx", (A, IN, 2.0)), who="王")
    taken = store.take_in(ground("自有（更正）.xlsx", (A, OWN, 15.0)), who="王")
    assert not isinstance(taken, AlreadyLoaded)
    assert areas(store) == [(A, IN, 2), (A, OWN, 15), (B, OWN, 1)]
    assert taken.met.replaced == 1


# -------------------------------------------------------------------------------------------------- what always holds


def model(sent: Iterable[Claim]) -> tuple[dict[tuple[str, str], object], dict[tuple[str, str], set[object]]]:
    """What stands, and what is a question with all that is said of it."""
    claims: dict[tuple[str, str], dict[str, object]] = {}
    for firm, what, sender, said in sent:
        if said is not None:
            claims.setdefault((firm, what), {})[sender] = said
    stands, questions = {}, {}
    for at, of in claims.items():
        said = list(of.values())
        if all(s == said[0] for s in said):
            stands[at] = said[0]
        else:
            questions[at] = set(said)
    return stands, questions


figures = st.sampled_from([None, Decimal(1), Decimal(2)])
energy_files = st.dictionaries(
    st.sampled_from(["甲站", "乙站", "丙站"]),
    st.dictionaries(st.sampled_from([A, B]), st.fixed_dictionaries(dict.fromkeys(FIELDS, figures)), min_size=1),
    max_size=3,
)
land_files = st.dictionaries(
    st.sampled_from(["甲所", "乙所", "丙所"]),
    st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from([OWN, IN]), st.sampled_from([1.0, 2.0])), max_size=3),
    max_size=3,
)


YEARS = itertools.count(1990)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(energy_files, land_files, st.randoms(use_true_random=False))
def test_files_in_any_order_give_the_same(
    many_years: Store,
    energy: Mapping[str, Mapping[str, Mapping[str, Decimal | None]]],
    land: Mapping[str, Sequence[tuple[str, str, float]]],
    chance: Random,
) -> None:
    year = next(YEARS)
    sent: list[tuple[FileRecords, list[Claim]]] = []
    for name, firms in energy.items():
        said = rows("energy", *({"year": year, "credit_code": c, **v} for c, v in firms.items()))
        given_file = file(f"{name}.csv", {"energy": said}, columns={"energy": FIELDS}, content=f"{name} {year}")
        sent.append((given_file, [(c, f, name, v[f]) for c, v in firms.items() for f in FIELDS]))
    for name, records in land.items():
        rows_of: dict[tuple[str, str], list[float]] = {}
        for c, t, a in records:
            rows_of.setdefault((c, t), []).append(a)
        claims: list[Claim] = [(c, t, name, tuple(sorted(v))) for (c, t), v in rows_of.items()]
        sent.append((ground(f"{name}.csv", *records, year=year), claims))
    chance.shuffle(sent)
    for given_records, _ in sent:
        many_years.take_in(given_records, who="王")
    found: dict[tuple[str, str], object] = {}
    for row in many_years.table("energy").filter(year=year).iter_rows(named=True):
        found |= {(row["credit_code"], f): row[f] for f in FIELDS if row[f] is not None}
    ground_now: dict[tuple[str, str], list[float]] = {}
    for row in many_years.table("land").filter(year=year).iter_rows(named=True):
        ground_now.setdefault((row["credit_code"], row["tenure"]), []).append(float(row["area_mu"]))
    found |= {at: tuple(sorted(v)) for at, v in ground_now.items()}
    waiting = many_years.contested(year).iter_rows(named=True)
    open_ = {(r["credit_code"], r["record"] or r["field"]) for r in waiting}
    stands, questions = model(claim for _, of_file in sent for claim in of_file)
    assert open_ == set(questions)
    assert {at: v for at, v in found.items() if at not in questions} == stands
    assert all(found[at] in said for at, said in questions.items())
