"""Progress by hand: each thing once, in the period in which it was accepted, and the race."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.monitoring import against_targets, by_group, totals
from mujun.monitoring.progress import per_month
from mujun.numbers import months_later, months_left
from mujun.rectification.states import Event, history
from mujun.rectification.tracking import TRACK_SCHEMA, counted_acceptance, watch_end
from mujun.rules import load_rules
from mujun.rules.targets_plan import check_targets, whole_targets

DAY = date(2023, 9, 30)


def rows(*given: dict[str, Any]) -> pl.DataFrame:
    filled: list[dict[str, Any]] = []
    for row in given:
        base = {"kind": "enterprise", "subject": f"S{len(filled)}", "others": [], "state": "listed"}
        exact = {n: Decimal(str(v)) if n.endswith(("_mu", "_tce")) and v is not None else v for n, v in row.items()}
        filled.append(base | exact)
    return pl.DataFrame([{n: r.get(n) for n in TRACK_SCHEMA} for r in filled], schema=TRACK_SCHEMA)


DONE = {"state": "accepted"}
FEB, MARCH, MAY, OCTOBER = date(2023, 2, 1), date(2023, 3, 1), date(2023, 5, 1), date(2023, 10, 1)
COUNTY = rows(
    # Three firms share parcel P; two of them are done, one of these with energy.
    {"township": "甲", "path": "整治提升", "others": ["P"], "expected_energy_tce": 100, "verified_energy_tce": 90,
     "accepted_on": date(2022, 11, 1), **DONE},
    {"township": "甲", "path": "关停退出", "others": ["P"], "expected_land_mu": 5, "expected_energy_tce": 50,
     "accepted_on": FEB, **DONE},
    {"township": "甲", "path": "整治提升", "others": ["P"], "expected_energy_tce": 10, "state": "in_progress",
     "deadline": date(2023, 9, 29)},
    {"kind": "parcel", "township": "甲", "path": "拆除重建", "others": ["S0", "S1", "S2"], "verified_land_mu": 12.5,
     "accepted_on": MARCH, **DONE},
    # A firm on no parcel counts its own land; one on a parcel would not, even if a figure stood there.
    {"township": "乙", "path": "关停退出", "verified_land_mu": 3, "verified_energy_tce": 20,
     "accepted_on": MAY, **DONE},
    {"township": "乙", "path": "整治提升", "others": ["Q"], "verified_land_mu": 7, "accepted_on": OCTOBER, **DONE},
    {"township": None, "path": "整治提升"},
)  # fmt: skip


def test_everything_counts_once() -> None:
    t = totals(COUNTY, DAY)
    # Firms 0, 1 and 4; firm 5 was accepted on the day after.
    assert (t.firms, t.done, t.parcels, t.parcels_done, t.overdue) == (6, 3, 1, 1, 1)
    assert (t.verified_land_mu, t.verified_energy_tce) == (Decimal("15.5"), Decimal(110))
    assert (t.expected_land_mu, t.expected_energy_tce, t.without_energy) == (Decimal(5), Decimal(160), 1)


def test_the_race_of_townships() -> None:
    groups = by_group(COUNTY, DAY, "township", until=date(2023, 12, 31))
    told = groups.select("group", "firms", "done", "rank", "verified_land_mu", "per_month").rows()
    # 甲 2 of 3, 乙 1 of 2; three months are left: 1/3 and 1/3 a month, rounded up.
    assert told == [
        ("甲", 3, 2, 1, Decimal("12.5"), 0.34), ("乙", 2, 1, 2, 3, 0.34), (None, 1, 0, 3, 0, 0.34),
    ]  # fmt: skip


def test_a_township_with_a_target_of_its_own_races_for_it() -> None:
    targets = {"甲": Decimal(10), "乙": Decimal(2)}
    groups = by_group(COUNTY.head(6), DAY, "township", until=date(2023, 12, 31), targets=targets)
    # 2 of 10 against 1 of 2: 乙 leads; 甲 lacks 8 in three months, 2.666… rounded up.
    assert groups.select("group", "target", "target_share", "rank", "per_month").rows() == [
        ("乙", 2, 0.5, 1, 0.34), ("甲", 10, 0.2, 2, 2.67),
    ]  # fmt: skip


def test_groups_of_equal_share_are_of_equal_rank() -> None:
    table = rows({"tier": "D", "accepted_on": DAY, **DONE}, {"tier": "C", "accepted_on": DAY, **DONE}, {"tier": "B"})
    assert by_group(table, DAY, "tier").select("group", "rank").rows() == [("C", 1), ("D", 1), ("B", 3)]


@pytest.mark.parametrize("dimension", ["township", "park", "industry", "tier", "path"])
def test_every_grouping_adds_up_to_the_whole(dimension: str) -> None:
    whole, parts = totals(COUNTY, DAY), by_group(COUNTY, DAY, dimension)
    assert parts["done"].sum() == whole.done
    assert parts["verified_land_mu"].sum() == whole.verified_land_mu
    assert parts["verified_energy_tce"].sum() == whole.verified_energy_tce


@pytest.mark.parametrize(
    ("day", "until", "left"),
    [
        (date(2023, 1, 1), date(2023, 12, 31), 12), (date(2023, 1, 31), date(2023, 12, 31), 11),
        (date(2022, 12, 31), date(2023, 12, 31), 12), (date(2023, 12, 30), date(2023, 12, 31), 1),
        (date(2023, 12, 31), date(2023, 12, 31), 0),
    ],
)  # fmt: skip
def test_months_left(day: date, until: date, left: int) -> None:
    assert months_left(day, until) == left


def test_what_is_needed_each_month_arrives() -> None:
    for remaining in range(1, 40):
        needed = per_month(Fraction(remaining), 7)
        assert needed is not None
        assert needed * 7 >= remaining
    assert per_month(Fraction(1), 0) is None


# --------------------------------------------------------------------------------------------------------- acceptances


def told(*events: tuple[str, str]) -> Any:
    return history(Event("T", action, date.fromisoformat(day)) for day, action in events)  # type: ignore[arg-type]


TO_ACCEPTED = (
    ("2022-01-01", "screen"), ("2022-01-02", "verify"), ("2022-01-03", "list"), ("2022-01-04", "plan"),
    ("2022-01-05", "start"), ("2022-01-06", "report"), ("2022-02-01", "accept"),
)  # fmt: skip
STRUCK = (*TO_ACCEPTED, ("2022-02-02", "strike_off"), ("2022-02-02", "watch"))
RELAPSED = (*STRUCK, ("2022-08-01", "relapse"))
AGAIN = (("2022-08-02", "list"), ("2022-08-03", "plan"), ("2022-08-04", "start"), ("2022-09-01", "report"))


@pytest.mark.parametrize(
    ("events", "on"),
    [
        (TO_ACCEPTED[:-1], None),
        (TO_ACCEPTED, "2022-02-01"),
        (STRUCK, "2022-02-01"),
        (RELAPSED, None),
        ((*RELAPSED, *AGAIN, ("2022-10-01", "accept")), "2022-10-01"),
        # Closed and on another list later: the first acceptance counts, the second not once more.
        ((*STRUCK, ("2023-02-02", "close"), ("2023-03-01", "screen")), "2022-02-01"),
    ],
)
def test_the_acceptance_that_counts(events: Any, on: str | None) -> None:
    acceptance = counted_acceptance(told(*events))
    assert (acceptance.on.isoformat() if acceptance else None) == on


def test_a_watch_ends_so_many_months_after_striking_off() -> None:
    assert watch_end(told(*STRUCK), 12) == date(2023, 2, 2)
    assert watch_end(told(*RELAPSED), 12) is None
    assert months_later(date(2024, 2, 29), 12) == date(2025, 2, 28)


# -------------------------------------------------------------------------------------------------------------- targets

HEAD = "mujun: 1\nkind: targets\nname: 目标\n"


def file_of(folder: Path, body: str) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "targets.yaml").write_text(HEAD + body, encoding="utf-8")
    targets = load_rules(folder).targets
    assert targets is not None
    return targets


def test_targets_against_what_the_loop_counts(tmp_path: Path) -> None:
    file = file_of(
        tmp_path / "t",
        """targets:
  - id: firms
    label: 企业
    kind: campaign
    unit: 家
    base: {"2021": 27}
    targets: {"2022": 100, "2023": 200}
    counts: firms
  - {id: closed, label: 关停, kind: campaign, unit: 家, targets: {"2023": 10}, counts: firms, path: 关停退出}
  - {id: land, label: 用地, kind: campaign, unit: 亩, targets: {"2023": 100}, counts: land}
  - {id: energy, label: 用能, kind: campaign, unit: 万吨标煤, targets: {"2023": 5}, counts: energy}
  - id: giants
    label: 巨人
    kind: cumulative
    base: {"2020": 2, "2021": 2}
    yearly: {"2022": 2}
    targets: {"2023": 7}
    actual: {"2022": 3}
  - {id: tax, label: 税, kind: level, targets: {"2023": 28}, base: {"2020": 13.68}}
""",
    )
    held = against_targets(file, COUNTY, DAY)
    told = {(r["id"], r["year"]): r for r in held.iter_rows(named=True)}
    # 2022: 27 of the base and firm 0; 2023: firms 1 and 4 as well.
    assert (told["firms", 2022]["done"], told["firms", 2022]["per_month"]) == (28, None)
    last = told["firms", 2023]
    # 200 − 30 = 170 in three months: 56.666…, rounded up.
    assert (last["done"], last["remaining"], last["per_month"]) == (30, 170, Decimal("56.67"))
    assert told["closed", 2023]["done"] == 2
    assert told["land", 2023]["done"] == Decimal("15.5")
    # 110 tce are 0.011 万吨标煤.
    assert (told["energy", 2023]["done"], told["energy", 2023]["source"]) == (Decimal("0.011"), "loop")
    assert (told["giants", 2022]["done"], told["giants", 2022]["basis"]) == (3, "yearly")
    assert (told["giants", 2023]["done"], told["giants", 2023]["source"]) == (7, "reported")
    assert (told["tax", 2023]["done"], told["tax", 2023]["source"]) == (None, "none")


def test_a_year_that_the_file_counts_is_not_counted_again(tmp_path: Path) -> None:
    file = file_of(
        tmp_path / "t",
        'targets: [{id: f, label: 企业, kind: campaign, base: {"2022": 27}, targets: {"2023": 200}, counts: firms}]\n',
    )
    # Firm 0 was accepted in 2022, for which the file gives 27: 27 + 2.
    assert against_targets(file, COUNTY, DAY)["done"].to_list() == [29]


def test_a_path_s_target_counts_what_was_done_by_that_path(tmp_path: Path) -> None:
    aim = "kind: campaign, unit: 家, targets: {'2023': 10}, counts: firms, path"
    body = f"targets:\n  - {{id: a, label: 甲, {aim}: 关停退出}}\n  - {{id: b, label: 乙, {aim}: 整治提升}}\n"
    # Accepted as closed; afterwards another path was decided for it.
    table = rows({"path": "整治提升", "accepted_path": "关停退出", "accepted_on": FEB, **DONE}, {"path": "整治提升"})
    assert against_targets(file_of(tmp_path / "t", body), table, DAY)["done"].to_list() == [1, 0]


MISTAKES = [
    ('{id: a, label: 甲, kind: level, targets: {"22": 1}}', "target_year"),
    ('{id: a, label: 甲, kind: level, base: {"2022": 1}}', "target_empty"),
    ('{id: a, label: 甲, kind: campaign, targets: {"2022": 1}, path: 关停退出}', "target_not_counted"),
    ('{id: a, label: 甲, kind: level, targets: {"2022": 1}, counts: firms}', "target_counted_kind"),
    ('{id: a, label: 甲, kind: campaign, unit: 家, targets: {"2022": 1}, counts: energy}', "target_unit"),
    ('{id: a, label: 甲, kind: campaign, unit: 万吨标煤当量值, targets: {"2022": 1}, counts: energy}', "target_unit"),
]


@pytest.mark.parametrize(("entry", "code"), MISTAKES)
def test_targets_that_do_not_fit_together(tmp_path: Path, entry: str, code: str) -> None:
    assert [p.code for p in check_targets(file_of(tmp_path / "t", f"targets:\n  - {entry}\n"))] == [code]


def test_the_plan_s_seventeen_indicators_are_whole() -> None:
    file = whole_targets(load_rules("zhejiang/shengzhou-2022"))
    assert len(file.targets) == 17
    by_id = {t.id: t for t in file.targets}
    assert (by_id["firms"].targets["2023"], by_id["land"].targets["2023"], by_id["energy"].targets["2023"]) == (
        Decimal(200), Decimal(5000), Decimal(5),
    )  # fmt: skip
    # What the printed columns must add up to where the plan counts with the 2020 base.
    for name, total in (("projects", 19), ("stock_listed", 9), ("champions", 1)):
        t = by_id[name]
        assert sum(t.base.values()) + sum(t.yearly.values()) == total
