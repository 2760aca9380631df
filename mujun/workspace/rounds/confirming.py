"""Confirmation: a sheet per firm with every figure that will count, put down in the store as it was handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.fields import FRAME_FIELDS, TABLES, Field, nearest
from mujun.messages import Firm, Guess, speaking, text
from mujun.records import with_successors
from mujun.records.land import land_per_firm
from mujun.records.leases import leases_of
from mujun.records.succession import succession_at
from mujun.reports.rounds.confirmation_sheets import OTHER, Confirmation, FirmSheet, Line, write_confirmation
from mujun.rules import RuleSet
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.rating_plan import columns_read, compile_rating
from mujun.rules.rectification_plan import compile_rectification
from mujun.steps import step
from mujun.store import Issue, Store
from mujun.store.issues import CONFIRMATION
from mujun.workspace.asking import codes_asked
from mujun.workspace.county_file import CountyFile
from mujun.workspace.runs.governing import rules_for
from mujun.writing import Several

FIGURES: tuple[str, ...] = ("enterprises", "tax", "energy", "output", "emissions", "water")
"""Tables whose fields are lines of a sheet, where the rules read them."""

ONE_ROW: tuple[str, ...] = ("enterprises",)
"""Those of them of which one record stands where a firm has several codes."""

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
    county: CountyFile, year: int, file: Path, *, township: str | None = None, codes: Sequence[str] = (),
    rules: str | None = None,
) -> Confirmed:  # fmt: skip
    """Write a workbook with a sheet per firm, and put down what it gave.

    Args:
        year: the data year.
        file: where to.
        township: all firms of this township.
        codes: these firms only, by code or name.
        rules: which figures count; by default the rules of the year's final result, else of its newest run. Without any
            rules all figures are shown that the dictionary has.

    Raises:
        UsageError: nobody is meant, or too many.
        InputError: the file cannot be written.
    """
    confirmation, issue = to_confirm(county, year, township=township, codes=codes, rules=rules)
    with Store.open(county.path, write=True) as store:
        issue = store.save_issue(issue, lambda made: write_confirmation(file, confirmation, made.mark))
    figures = issue.given.filter(pl.col("field") != OTHER).height
    return Confirmed(file, issue, len(confirmation.firms), figures)


def to_confirm(
    county: CountyFile, year: int, *, township: str | None = None, codes: Sequence[str] = (), rules: str | None = None
) -> tuple[Confirmation, Issue]:
    """The sheets that `confirm` writes, and what would be put down of them; nothing is.

    Raises:
        UsageError: nobody is meant, or too many.
    """
    ruleset = rules_for(county, rules, year)
    chosen = codes_asked(county, codes)
    step("step_tables")
    with Store.open(county.path) as store:
        tables = store.tables()
        batch = store.newest_batch()
        of_year = _Year(store, tables, year)
        roll = _chosen(of_year, township, chosen)
        step("step_confirming", count=roll.height)
        firms = tuple(_sheets(of_year, roll, names_that_count(ruleset)))
    address = ruleset.address if ruleset is not None else "—"
    confirmation = Confirmation(f"企业数据确认单（{year}年度）", PURPOSE.format(year=year, rules=address), firms)
    return confirmation, Issue(CONFIRMATION, year, township, batch, address, confirmation.given(), county.who)


def confirm_all(county: CountyFile, year: int, folder: Path, *, rules: str | None = None) -> list[Confirmed]:
    """A workbook for each township, into one folder."""
    step("step_tables")
    with Store.open(county.path) as store:
        roll = _Year(store, store.tables(), year).of("enterprises")
    counts = dict(roll.drop_nulls("township").group_by("township").len().sort("township").iter_rows())
    townships = list(counts)
    too_many = [f"{township} {count}" for township, count in counts.items() if count > MOST]
    if too_many:
        # Said before anything is written or marked as handed out.
        raise UsageError(problem("confirm_all_too_many", townships=too_many, count=len(too_many), most=MOST))
    several = Several(folder, len(townships))
    written: list[Confirmed] = []
    for township in townships:
        with several.one(f"{township}_{year}年数据确认单", ".xlsx") as file:
            written.append(confirm(county, year, file, township=township, rules=rules))
    several.finish()
    return written


def _chosen(of_year: _Year, township: str | None, codes: Sequence[str]) -> pl.DataFrame:
    """The roll's lines of the firms that are meant; one that is named by an old code is found under its new one."""
    year, roll = of_year.year, of_year.of("enterprises").sort("credit_code")
    if roll.is_empty():
        known = sorted(of_year.tables["enterprises"]["year"].unique().to_list())
        raise UsageError(problem("year_without_enterprises", year=year, known=known or "—"))
    if codes:
        chosen = roll.filter(pl.col("credit_code").is_in([of_year.succession.standing(c) for c in codes]))
        for code in codes:
            if of_year.succession.standing(code) not in chosen["credit_code"]:
                raise UsageError(problem("correct_not_on_roll", code=Firm(code), year=year))
        return chosen
    known_townships = roll["township"].drop_nulls().unique().sort().to_list()
    if township not in known_townships:
        near = Guess(nearest(township or "", known_townships))
        raise UsageError(problem("unknown_township", township=township, near=near, known=known_townships or "—"))
    chosen = roll.filter(pl.col("township") == township)
    if chosen.height > MOST:
        raise UsageError(problem("confirm_too_many", township=township, count=chosen.height, most=MOST))
    return chosen


def names_that_count(ruleset: RuleSet | None) -> frozenset[str]:
    """The frame's columns that a rule set reads, whatever its file; all of them where there are no rules."""
    if ruleset is None:
        return frozenset(FRAME_FIELDS)
    names: set[str] = set()
    if ruleset.rating is not None:
        plan = compile_rating(ruleset)
        names |= columns_read(plan)
    if ruleset.rectification is not None:
        names |= set(compile_rectification(ruleset).reads())
    if ruleset.allocation is not None:
        names |= {n for part in compile_allocation(ruleset).parts for n in part.reads()}
    implied = {"industry_division": "industry", "emissions_t": "cod_t"}
    names |= {implied[n] for n in names if n in implied}
    if "emissions_t" in names:
        names |= {"cod_t", "nh3n_t", "so2_t", "nox_t"}
    return frozenset(names & set(FRAME_FIELDS))


class _Year:
    """The records of a year as they count, and those that they come from, under whatever code."""

    def __init__(self, store: Store, tables: Mapping[str, pl.DataFrame], year: int) -> None:
        self.store, self.tables, self.year = store, tables, year
        self.counted, _ = with_successors(tables, year)
        self.succession = succession_at(tables["aliases"], year)

    def of(self, name: str) -> pl.DataFrame:
        """The rows of a yearly table that count for the year."""
        return self.counted[name].filter(pl.col("year") == self.year)


def _sheets(of_year: _Year, roll: pl.DataFrame, wanted: frozenset[str]) -> Iterator[FirmSheet]:
    tables, year, counted = of_year.tables, of_year.year, of_year.counted
    leases = leases_of(counted["land"], counted["enterprises"], year)
    sums = {row["credit_code"]: row for row in land_per_firm(leases).iter_rows(named=True)}
    land = _by_place(of_year, leases.rows)
    fields = [(n, f) for n in FIGURES for f in TABLES[n].fields if f.name in wanted and _may_count(n, f.name)]
    places = {(n, f.name): of_year.store.places(n, f.name) for n, f in fields}
    counts = {n: _by_firm(of_year.of(n), year) for n in FIGURES}
    values = {n: _by_firm(tables[n], year) for n in FIGURES}
    for firm in roll.iter_rows(named=True):
        code = firm["credit_code"]
        codes = of_year.succession.codes_of(code)
        lines = [
            line
            for n, f in fields
            for line in _figure_lines(
                n,
                f,
                code,
                counts[n].get(code, {}).get(f.name),
                {c: values[n].get(c, {}).get(f.name) for c in codes},
                {c: _placed(places[n, f.name].get((year, c))) for c in codes},
            )
        ]
        if wanted & LAND_NAMES:
            lines += _land_lines(land.get(code, []), sums.get(code), leases.agreed, code)
        if "labels" in wanted:
            lines += _label_lines(counted["labels"].filter(pl.col("credit_code") == code), year)
        lines.append(
            Line("其他异议", "", None, "不涉及以上数据的（应否参评、归属、档次等），在右边写事项和理由", "", OTHER)
        )
        about = "　".join(str(firm[c]) for c in ("township", "scale", "industry") if firm[c] is not None)
        yield FirmSheet(code, firm["name"] or "", about, tuple(lines))


def _figure_lines(
    table: str, field: Field, code: str, counts: object, by_code: Mapping[str, object], places: Mapping[str, str]
) -> Iterator[Line]:
    """A figure where it stands: under the firm's own code, under an old one, or under several and what they come to."""
    unit = field.unit.split("(")[0]
    given = [c for c, value in by_code.items() if value is not None]
    if table in ONE_ROW:
        # Of the roll one line stands, and nothing adds up.
        given = [c for c in given if by_code[c] == counts][:1]
    for c in given or [code]:
        label = field.label if c == code else f"{field.label}（原代码 {c}）"
        yield Line(label, unit, by_code[c], places[c], table, field.name, holder=c)
    if len(given) > 1:
        yield Line(f"{field.label}（计入）", unit, counts, "以上各代码所报并入本企业")


def _may_count(table: str, name: str) -> bool:
    """Whether a field is a line of its own: keys and where a firm is seated are at the top of its sheet."""
    return name not in (*TABLES[table].key, "name", "township", "county")


def _by_place(of_year: _Year, rows: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The land rows that count, by the firm they count for, as they were reported: whose code, which other side."""
    place = ["_file", "_sheet", "_row"]
    counting = set(rows.select("credit_code", *place).iter_rows())
    by_firm: dict[str, list[dict[str, Any]]] = {}
    for row in of_year.tables["land"].filter(pl.col("year") == of_year.year).iter_rows(named=True):
        code = of_year.succession.standing(row["credit_code"])
        if (code, *(row[p] for p in place)) in counting:
            by_firm.setdefault(code, []).append(row)
    return by_firm


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
    land: Sequence[Mapping[str, Any]], sums: Mapping[str, object] | None, leases: pl.DataFrame, code: str
) -> Iterator[Line]:
    for row in land:
        holder = str(row["credit_code"])
        was = "" if holder == code else f"（原代码 {holder}）"
        parts = (f"{row['tenure']}用地", row["parcel"], row["counterparty"], was)
        told = {k: row[k] for k in ("tenure", "parcel", "counterparty")} | {"area_mu": str(row["area_mu"])}
        record = json.dumps(told, ensure_ascii=False)
        yield Line(
            " ".join(str(p) for p in parts if p),
            "亩",
            row["area_mu"],
            _placed((row["_file"], row["_sheet"], row["_row"])),
            "land",
            "area_mu",
            record,
            holder,
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
