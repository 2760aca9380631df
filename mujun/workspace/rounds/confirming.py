"""Confirmation: a sheet per firm with every figure that will count, put down in the store as it was handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, TABLES, nearest
from mujun.messages import speaking, text
from mujun.records import with_successors
from mujun.records.land import land_per_firm
from mujun.records.leases import leases_of
from mujun.reports.rounds.confirmation_sheets import Confirmation, FirmSheet, Line, write_confirmation
from mujun.rules import RuleSet
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.rating_plan import columns_read, compile_rating
from mujun.rules.rectification_plan import compile_rectification
from mujun.store import Issue, Store
from mujun.store.issues import CONFIRMATION
from mujun.workspace.governing import rules_for
from mujun.workspace.workspace import Workspace, who_works

FIGURES: tuple[str, ...] = ("enterprises", "tax", "energy", "output", "emissions", "water")
"""Tables whose fields are lines of a sheet, where the rules read them."""

LAND_NAMES = frozenset({"land_mu", "owned_mu", "rented_in_mu", "rented_out_mu", "floor_area_m2", "parcels"})

MOST = 1_000
"""Firms in one workbook: beyond it Excel takes minutes to open it."""

PURPOSE = (
    "下列数据用于{year}年度综合评价（规则集 {rules}）。无误的请签字盖章；有误的，在黄色各栏写明申请更正为多少和理由，"
    "附证明材料，于规定期限内报镇街。“核定意见”“文号”由经信局填写。"
)


@dataclass(frozen=True)
class Confirmed:
    """A confirmation workbook that was written: for how many firms, with how many figures."""

    file: Path
    issue: Issue
    firms: int
    lines: int


def confirm(
    own: Workspace, year: int, file: Path, *, township: str | None = None, codes: Sequence[str] = (),
    rules: str | None = None,
) -> Confirmed:  # fmt: skip
    """Write a workbook with a sheet per firm, and put down what it gave.

    Args:
        own: the county's workspace.
        year: the data year.
        file: where to.
        township: all firms of this township.
        codes: these firms only.
        rules: which figures count; by default the rules of the year's newest run. Without any rules all figures are
            shown that the dictionary has.

    Raises:
        UsageError: nobody is meant, or too many.
        InputError: the file cannot be written.
    """
    ruleset = rules_for(own, rules, year)
    with Store.open(own.path) as store:
        tables = store.tables()
        batch = store.newest_batch()
        roll = _chosen(tables["enterprises"], year, township, codes)
        wanted = names_that_count(ruleset)
        firms = tuple(_sheets(store, tables, roll, year, wanted))
    address = ruleset.address if ruleset is not None else "—"
    confirmation = Confirmation(f"企业数据确认单（{year}年度）", PURPOSE.format(year=year, rules=address), firms)
    given = confirmation.given()
    issue = Issue(CONFIRMATION, year, township, batch, address, given, who_works())
    with Store.open(own.path, write=True) as store:
        issue = store.save_issue(issue, lambda made: write_confirmation(file, confirmation, made.mark))
    return Confirmed(file, issue, len(firms), given.height)


def confirm_all(own: Workspace, year: int, folder: Path, *, rules: str | None = None) -> list[Confirmed]:
    """A workbook for each township, into one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    roll = own.table("enterprises").filter(pl.col("year") == year)
    townships = roll["township"].drop_nulls().unique().sort().to_list()
    return [confirm(own, year, folder / f"{t}_{year}年数据确认单.xlsx", township=t, rules=rules) for t in townships]


def _chosen(enterprises: pl.DataFrame, year: int, township: str | None, codes: Sequence[str]) -> pl.DataFrame:
    roll = enterprises.filter(pl.col("year") == year).sort("credit_code")
    if roll.is_empty():
        known = sorted(enterprises["year"].unique().to_list())
        raise UsageError(problem("year_without_enterprises", year=year, known=known or "—"))
    if codes:
        chosen = roll.filter(pl.col("credit_code").is_in(list(codes)))
        for code in codes:
            if code not in chosen["credit_code"]:
                raise UsageError(problem("correct_not_on_roll", code=code, year=year))
        return chosen
    known_townships = roll["township"].drop_nulls().unique().sort().to_list()
    if township not in known_townships:
        near = nearest(township or "", known_townships) or "—"
        raise UsageError(problem("unknown_township", township=township, near=near, known=known_townships or "—"))
    chosen = roll.filter(pl.col("township") == township)
    if chosen.height > MOST:
        raise UsageError(problem("confirm_too_many", count=chosen.height, most=MOST))
    return chosen


def names_that_count(ruleset: RuleSet | None) -> frozenset[str]:
    """The frame's columns that a rule set reads, whatever its file; all of them where there are no rules."""
    if ruleset is None:
        return frozenset(FRAME_FIELDS)
    found: set[str] = set()
    if ruleset.rating is not None:
        plan = compile_rating(ruleset)
        found |= columns_read(plan)
    if ruleset.rectification is not None:
        found |= set(compile_rectification(ruleset).reads())
    if ruleset.allocation is not None:
        found |= {n for part in compile_allocation(ruleset).parts for n in part.reads()}
    implied = {"industry_division": "industry", "emissions_t": "cod_t"}
    found |= {implied[n] for n in found if n in implied}
    if "emissions_t" in found:
        found |= {"cod_t", "nh3n_t", "so2_t", "nox_t"}
    return frozenset(found & set(FRAME_FIELDS))


def _sheets(
    store: Store, tables: Mapping[str, pl.DataFrame], roll: pl.DataFrame, year: int, wanted: frozenset[str]
) -> Iterator[FirmSheet]:
    land = tables["land"].filter(pl.col("year") == year)
    counted, _ = with_successors(tables, year)
    leases = leases_of(counted["land"], counted["enterprises"], year)
    sums = {row["credit_code"]: row for row in land_per_firm(leases).iter_rows(named=True)}
    fields = [(n, f) for n in FIGURES for f in TABLES[n].fields if f.name in wanted and _may_count(n, f.name)]
    places = {(n, f.name): store.places(n, f.name) for n, f in fields}
    values = {n: _by_firm(tables[n], year) for n in FIGURES}
    for firm in roll.iter_rows(named=True):
        code = firm["credit_code"]
        lines = [
            Line(f.label, f.unit.split("(")[0], values[n].get(code, {}).get(f.name),
                 _placed(places[n, f.name].get(whose)), n, f.name)
            for whose in ((year, code),)
            for n, f in fields
        ]  # fmt: skip
        if wanted & LAND_NAMES:
            lines += _land_lines(land.filter(pl.col("credit_code") == code), sums.get(code), leases.agreed, code)
        if "labels" in wanted:
            lines += _label_lines(tables["labels"].filter(pl.col("credit_code") == code), year)
        about = "　".join(str(firm[c]) for c in ("township", "scale", "industry") if firm[c] is not None)
        yield FirmSheet(code, firm["name"] or "", about, tuple(lines))


def _may_count(table: str, name: str) -> bool:
    """Whether a field is a line of its own: keys and where a firm is seated are at the top of its sheet."""
    return name not in (*TABLES[table].key, "name", "township", "county")


def _by_firm(rows: pl.DataFrame, year: int) -> dict[str, Mapping[str, object]]:
    return {r["credit_code"]: r for r in rows.filter(pl.col("year") == year).iter_rows(named=True)}


def _placed(place: tuple[str, str | None, int | None] | None) -> str:
    """Where a figure stands, in the language of documents; that nobody has sent it is said too."""
    with speaking("zh"):
        if place is None:
            return text("confirm_not_sent")
        file, sheet, row = place
        at = text("place_row", row=row) if row is not None else None
        return " ".join(part for part in (file, sheet, at) if part)


def _land_lines(
    land: pl.DataFrame, sums: Mapping[str, object] | None, leases: pl.DataFrame, code: str
) -> Iterator[Line]:
    for row in land.iter_rows(named=True):
        parts = (f"{row['tenure']}用地", row["parcel"], row["counterparty"])
        told = {k: row[k] for k in ("tenure", "parcel", "counterparty")} | {"area_mu": str(row["area_mu"])}
        record = json.dumps(told, ensure_ascii=False)
        yield Line(
            " ".join(p for p in parts if p),
            "亩",
            row["area_mu"],
            _placed((row["_file"], row["_sheet"], row["_row"])),
            "land",
            "area_mu",
            record,
        )
    others = leases.filter(
        ((pl.col("landlord") == code) & (pl.col("said_by") == "tenant"))
        | ((pl.col("tenant") == code) & (pl.col("said_by") == "landlord"))
    )
    for row in others.iter_rows(named=True):
        lets = row["landlord"] == code
        other, side = (row["tenant"], "tenant") if lets else (row["landlord"], "landlord")
        place = (row[f"_file_{side}"], row[f"_sheet_{side}"], row[f"_row_{side}"])
        label = f"{'租出' if lets else '租入'}用地（对方所报）{other}"
        yield Line(label, "亩", row["area_mu"], _placed(place))
    if sums is not None:
        owned, rented_in, let = (_area(sums[f"{c}_mu"]) for c in ("owned", "rented_in", "rented_out"))
        net = f"自有 {owned} ＋ 租入 {rented_in} － 租出 {let}"
        yield Line("实际用地", "亩", sums["land_mu"], net)


def _area(value: object) -> str:
    plain = format(Decimal(str(value)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _label_lines(labels: pl.DataFrame, year: int) -> Iterator[Line]:
    for row in labels.iter_rows(named=True):
        in_force = row["since"].year <= year and (row["until"] is None or row["until"].year >= year)
        if in_force:
            place = _placed((row["_file"], row["_sheet"], row["_row"]))
            until = row["until"].isoformat() if row["until"] else ""
            yield Line("标签", "", row["label"], f"{row['since'].isoformat()}起{until and f'至{until}'}　{place}")
