"""一码管企: everything on record about one enterprise, gathered from records, ratings, lists, amounts and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from mujun import messages
from mujun.fields import TABLES
from mujun.records import YearEnd, check_tables
from mujun.records.identity import normal_code
from mujun.records.leases import OWNED, RENTED_OUT
from mujun.records.succession import succession_at
from mujun.records.year_end import placed
from mujun.rectification.states import SubjectKind
from mujun.reports.firms.card import Card, Section
from mujun.rules import RuleSet, load_kept
from mujun.store import FirmRows, Store
from mujun.workspace.asking import Known, asked_for
from mujun.workspace.book import steps_of
from mujun.workspace.county_file import CountyFile
from mujun.workspace.names_of_tables import LIST, kind_of
from mujun.workspace.runs.kept import runs_of_year

FIGURES = ("enterprises", "tax", "energy", "output", "emissions", "water", "extra", "surveys")
"""Tables whose fields are shown one by one, each with the place it stands in."""

OTHERS: Mapping[str, tuple[str, ...]] = {
    "land": ("year", "tenure", "parcel", "area_mu", "floor_area_m2", "counterparty", "place"),
    "labels": ("label", "since", "until", "document", "note", "place"),
    "ratings": ("year", "tier", "score", "cohort", "place"),
    "accounts": ("utility", "account", "place"),
    "usage": ("utility", "account", "from", "until", "quantity", "place"),
    "projects": ("project", "project_name", "project_kind", "need_tce", "document", "place"),
    "sources": ("source", "freed_tce", "accepted_on", "document", "place"),
    "matches": ("given_name", "township", "likeness", "document", "place"),
}
"""Tables whose records are shown as rows, and with which columns."""

LOOP = ("on", "action", "state", "actor", "path", "deadline", "evidence", "land_mu", "energy_tce", "note", "document")

SUMS = ("year", "owned_mu", "rented_in_mu", "rented_out_mu", "land_mu")

_PLACES = {"_batch": "batch", "_file": "file", "_sheet": "sheet", "_row": "row"}


def enterprise_card(county: CountyFile, asked: str) -> Card:
    """All that is on record about an enterprise.

    Args:
        asked: its credit code or local code, its name, or a part of its name that no other bears.

    Returns:
        The card. Figures of all years, newest first, each with its batch, file, sheet and row; land and both sides of
        every lease; labels, accounts, usage; own runs and earlier ratings; what the newest result of each year lists
        it for and what it is charged; findings; and every figure that a later batch changed, old and new.

    Raises:
        UsageError: nobody or several are meant.
    """
    with Store.open(county.path) as store:
        aliases = store.table("aliases")
        roots = {old: heir.root for old, heir in succession_at(aliases, date.max.year).heirs.items()}
        codes, rows = _meant(store, roots, asked)
        code, tables = codes[0], rows.tables
        of_years = placed(tables)
        ends = {year: YearEnd.of(of_years, year) for year in _years(tables, codes)}
        figures = [*_counted(ends, code, [*_figures(rows, codes)])]
        # Where nothing stands nothing was said differently either.
        there = [n for n in TABLES if n == "enterprises" or rows.speaks_of(n, codes)]
        changed = pl.concat(rows.changes(n, c) for c in codes for n in there)
        rules = _KeptRules(store)
        runs = [*_runs(store, rules, codes)]
        findings = [*_findings(store, list(ends.values()), codes)]
        result = [*_of_results(county, store, rules, codes)]
    per_firm = {year: end.per_firm for year, end in ends.items()}
    loop = tuple(step for c in codes for step in loop_of(county, "enterprise", c))
    roll = tables["enterprises"].filter(pl.col("credit_code").is_in(codes)).sort("year")
    newest = roll.row(-1, named=True) if roll.height else {}
    known = Known.of(*_naming(tables), roots=roots).names.filter(pl.col("credit_code").is_in(codes))
    names = known["name"].drop_nulls().unique(maintain_order=True).to_list()
    name = str(newest.get("name") or (names[0] if names else ""))
    facts = {
        "credit_code": code,
        "year": newest.get("year"),
        **{c: newest.get(c) for c in ("township", "park", "industry", "scale", "kind", "status", "group_code")},
        "other_names": [n for n in names if n != name] or None,
        "old_codes": list(codes[1:]) or None,
        "tier": runs[0]["tier"] if runs else None,
        "state": loop[-1]["state"] if loop else None,
    }
    sections = [
        Section("figures", ("table", "record", "field", "value", "under", "place"), tuple(figures), "year", "value"),
        Section("land_sums", SUMS, _sums(per_firm, codes)),
        _rows(tables, "land", codes),
        Section(
            "leases",
            ("year", "landlord", "tenant", "parcel", "area_landlord", "area_tenant", "area_mu", "said_by"),
            tuple(_leases(ends, codes)),
        ),
        Section(
            "parcels",
            ("parcel", "area_mu", "land_grade", "holder", "place"),
            _parcels(tables["parcels"], per_firm, codes),
        ),
        *(_rows(tables, n, codes) for n in ("labels", "accounts", "usage", "projects", "sources", "matches")),
        Section("aliases", ("old_code", "new_code", "since", "change", "document", "place"), _aliases(tables, codes)),
        Section("runs", ("run", "year", "cohort", "treatment", "score", "rank", "size", "tier", "rules"), tuple(runs)),
        _rows(tables, "ratings", codes),
        Section(
            "listed",
            ("run", "year", "reason_text", "path", "deadline", "expected_land_mu", "expected_energy_tce"),
            tuple(r for part, r in result if part == "rectification"),
        ),
        Section("loop", LOOP, loop),
        Section("problems", PROBLEMS, tuple(problems_of(tables["problems"], "credit_code", codes))),
        Section(
            "amounts",
            ("run", "year", "label", "kind", "quantity", "rate", "amount", "unit", "exempt_reason", "document"),
            tuple(r for part, r in result if part == "allocation"),
        ),
        Section("findings", ("severity", "year", "table", "field", "value", "what", "place"), tuple(findings)),
        Section(
            "changes",
            ("table", "year", "record", "field", "old", "new", "reason", "document", "loaded_at", "place"),
            tuple(changed.sort("batch", maintain_order=True).to_dicts()),
        ),
    ]  # fmt: skip
    return Card("enterprise", code, name, facts, tuple(sections))


# ------------------------------------------------------------------------------------------------------------- records


def _meant(store: Store, roots: Mapping[str, str], asked: str) -> tuple[tuple[str, ...], FirmRows]:
    """The codes of the enterprise that is meant, and its rows; who is known is gone through only for a name.

    Raises:
        UsageError: nobody or several are meant.
    """
    code = str(pl.DataFrame({"w": [asked]}).select(normal_code(pl.col("w"))).item())
    if code.isascii():
        codes = codes_of(roots, code)
        rows = store.about_firm(codes)
        if any(rows.speaks_of(name, [code]) for name in rows.tables):
            return codes, rows
    naming = [n for n, t in TABLES.items() if {"credit_code", "name"} <= set(t.by_name)]
    tables = store.tables(naming, fields=dict.fromkeys(naming, ("credit_code", "name")))
    codes = codes_of(roots, asked_for(Known.of(*tables.values(), roots=roots), asked))
    return codes, store.about_firm(codes)


def _naming(tables: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """The tables that have codes and names."""
    return [rows for rows in tables.values() if {"credit_code", "name"} <= set(rows.columns)]


def codes_of(roots: Mapping[str, str], code: str) -> tuple[str, ...]:
    """The codes that one and the same firm has had: the one it has now, then the older ones.

    A firm that another took over is not the other: each has a card of its own, and `aliases` on it says so.
    """
    now = roots.get(code, code)
    return now, *sorted(old for old, root in roots.items() if root == now and old != now)


def _years(tables: Mapping[str, pl.DataFrame], codes: Sequence[str]) -> list[int]:
    """The data years that speak of a firm, newest first; a landlord may be named by others' rows only."""
    spoken = {
        y
        for name in ("enterprises", "land", "tax", "energy", "output", "surveys")
        for y in tables[name].filter(pl.col("credit_code").is_in(codes))["year"].to_list()
    }
    return sorted(spoken, reverse=True)


def _under(codes: Sequence[str]) -> pl.Expr:
    """The old code that a record stands under; missing where it is the present one."""
    return pl.when(pl.col("credit_code") != codes[0]).then(pl.col("credit_code")).alias("under")


def _counted(
    ends: Mapping[int, YearEnd], code: str, figures: Sequence[dict[str, object]]
) -> Iterator[dict[str, object]]:
    """The figures, and below those of a year and table what counts of a firm where that is another sum.

    A firm that another took over, or that had another code before, has its own card; what it reported counts here.
    """
    told = {(f["year"], f["table"], f["field"]): f["value"] for f in figures if f["under"] is None}
    for number, figure in enumerate(figures):
        yield figure
        year, table = figure["year"], str(figure["table"])
        following = figures[number + 1] if number + 1 < len(figures) else {}
        if (year, table) == (following.get("year"), following.get("table")) or year is None:
            continue
        end = ends.get(int(str(year)))
        if end is None or table in ("enterprises", "extra", "surveys"):
            continue
        mine = end.tables[table].filter(pl.col("credit_code") == code, pl.col("year") == year)
        if mine.is_empty():
            continue
        for field, value in mine.row(0, named=True).items():
            counts = isinstance(value, Decimal) and field in TABLES[table].by_name
            reported = told.get((year, table, field))
            if counts and (reported is None or Decimal(str(reported)) != value):
                place = {"batch": "—", "file": messages.text("card_counts_from")}
                what = {"year": year, "table": table, "field": field, "value": messages.show(value)}
                yield {**dict.fromkeys(figure), **what, "under": messages.text("card_counts"), **place}


def _figures(rows: FirmRows, codes: Sequence[str]) -> Iterator[dict[str, object]]:
    parts = [
        rows.origin(name, c).with_columns(pl.lit(name).alias("table"), pl.lit(c).alias("credit_code"))
        for c in codes
        for name in FIGURES
        if name == "enterprises" or rows.speaks_of(name, codes)
    ]
    every = pl.concat(parts).filter(pl.col("batch").is_not_null(), pl.col("field") != "name")
    order = pl.col("table").replace_strict({n: i for i, n in enumerate(FIGURES)}, return_dtype=pl.Int32)
    shown = every.with_columns(_under(codes)).drop("credit_code")
    yield from shown.sort(-pl.col("year"), order, maintain_order=True).iter_rows(named=True)


def _rows(tables: Mapping[str, pl.DataFrame], name: str, codes: Sequence[str]) -> Section:
    table = TABLES[name]
    rows = tables[name].filter(pl.col("credit_code").is_in(codes)).rename(_PLACES).with_columns(_under(codes))
    if table.yearly:
        rows = rows.sort("year", descending=True, maintain_order=True)
    wanted = [f for f in table.by_name if f not in ("credit_code", "name")]
    *columns, place = OTHERS[name]
    shown = (*columns, "under", place)
    return Section(name, shown, tuple(rows.select(*wanted, "under", *_PLACES.values()).to_dicts()))


def _sums(land: Mapping[int, pl.DataFrame], codes: Sequence[str]) -> tuple[dict[str, object], ...]:
    sums = []
    for year, per_firm in land.items():
        mine = per_firm.filter(pl.col("credit_code").is_in(codes)).drop("credit_code")
        sums += [{"year": year, **row} for row in mine.iter_rows(named=True)]
    return tuple(sums)


def _leases(ends: Mapping[int, YearEnd], codes: Sequence[str]) -> Iterator[dict[str, object]]:
    """Every lease the enterprise is a side of, with what each side reports, and those whose other side is no firm."""
    for year, end in ends.items():
        leases = end.leases
        names = dict(leases.firms.select("credit_code", "name").iter_rows())
        mine = leases.agreed.filter(pl.col("landlord").is_in(codes) | pl.col("tenant").is_in(codes))
        for lease in mine.iter_rows(named=True):
            sides = {s: f"{names.get(lease[s]) or '—'}（{lease[s]}）" for s in ("landlord", "tenant")}
            kept = ("area_landlord", "area_tenant", "area_mu", "said_by")
            parcel = "、".join(lease["parcels"]) or None
            yield {"year": year, **sides, "parcel": parcel, **{k: lease[k] for k in kept}}
        alone = leases.rows.filter(
            pl.col("credit_code").is_in(codes), pl.col("partner").is_null(), pl.col("tenure") != OWNED
        )
        for row in alone.iter_rows(named=True):
            lets = row["tenure"] == RENTED_OUT
            me, other = f"{row['name'] or '—'}（{row['credit_code']}）", row["counterparty"]
            yield {
                "year": year,
                "landlord": me if lets else other,
                "tenant": other if lets else me,
                "parcel": row["parcel"],
                "area_landlord": row["area_mu"] if lets else None,
                "area_tenant": None if lets else row["area_mu"],
                "area_mu": row["area_mu"],
                "said_by": "landlord" if lets else "tenant",
            }


def _parcels(
    parcels: pl.DataFrame, land: Mapping[int, pl.DataFrame], codes: Sequence[str]
) -> tuple[dict[str, object], ...]:
    held: set[str] = set()
    for per_firm in land.values():
        held |= {p for ps in per_firm.filter(pl.col("credit_code").is_in(codes))["parcels"].to_list() for p in ps}
    rows = parcels.filter(normal_code(pl.col("parcel")).is_in(sorted(held))).rename(_PLACES)
    return tuple(rows.drop("geometry", "_loaded_at").to_dicts())


def _aliases(tables: Mapping[str, pl.DataFrame], codes: Sequence[str]) -> tuple[dict[str, object], ...]:
    """What the enterprise was before, what it became, and whom it took over."""
    mine = pl.col("credit_code").is_in(codes) | pl.col("successor").is_in(codes)
    renamed = tables["aliases"].filter(mine).rename({**_PLACES, "credit_code": "old_code", "successor": "new_code"})
    return tuple(renamed.drop("_loaded_at").to_dicts())


# ------------------------------------------------------------------------------------------------------------- results


PROBLEMS: tuple[str, ...] = (
    "problem", "problem_kind", "problem_text", "found_on", "handled_by", "order_deadline", "mended_on", "closed_on",
)  # fmt: skip


def problems_of(problems: pl.DataFrame, key: str, wanted: Sequence[str]) -> Iterator[dict[str, object]]:
    """The problems found on an enterprise or a parcel, oldest first; those withdrawn are none."""
    mine = problems.filter(pl.col(key).is_in(wanted), pl.col("withdrawn_on").is_null()).sort(
        "found_on", "problem", nulls_last=True
    )
    yield from mine.select(PROBLEMS).to_dicts()


def loop_of(county: CountyFile, kind: SubjectKind, subject: str) -> tuple[dict[str, object], ...]:
    """What happened to an enterprise or a parcel on the rectification list, step by step, oldest first."""
    steps = steps_of(county, kind, subject)
    kept = ("on", "action", "actor", "path", "deadline", "evidence", "land_mu", "energy_tce", "note", "document")
    return tuple({**{c: getattr(s.event, c) or None for c in kept}, "state": s.after} for s in steps)


def _runs(store: Store, rules: _KeptRules, codes: Sequence[str]) -> Iterator[dict[str, object]]:
    """The enterprise in every run ever kept, newest first."""
    columns = ("treatment", "reason", "score", "rank", "size", "tier")
    for run in store.runs().sort("number", descending=True).iter_rows(named=True):
        rows = store.run_table(run["number"], columns=("credit_code", "cohort", *columns)).filter(
            pl.col("credit_code").is_in(codes)
        )
        for row in rows.iter_rows(named=True):
            rating = rules.of(run["number"]).rating
            labels = {c.id: c.label or c.id for c in rating.cohorts} if rating else {}
            head = {"run": run["number"], "year": run["year"], "rules": run["rules"], "final": run["final"]}
            yield {**head, "cohort": labels.get(row["cohort"], row["cohort"]), **{c: row.get(c) for c in columns}}


class _KeptRules:
    """The rules of runs as they kept them, each read once: it takes longer than everything else that is told of a run.

    Args:
        store: an open store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_texts: dict[tuple[object, ...], RuleSet] = {}

    def of(self, number: int) -> RuleSet:
        """The rules of a run."""
        run = self._store.run(number, results=False)
        same = (run.rules, *sorted(run.rule_files.items()))
        if same not in self._by_texts:
            self._by_texts[same] = load_kept(run.rules, run.rule_files)
        return self._by_texts[same]


def _of_results(
    county: CountyFile, store: Store, rules: _KeptRules, codes: Sequence[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    """The enterprise in the lists and amounts of each year's result."""
    years = store.runs()["year"].unique().sort(descending=True).to_list()
    for number in [n for year in years for n in runs_of_year(county, year)]:
        there = store.run_tables(number)
        parts = rules.of(number).allocation_parts if "allocation" in there else ()
        labels = {m.id: m.label or m.id for p in parts for m in p.file.measures}
        for name in there:
            part = kind_of(name)
            if part in (LIST, "allocation"):
                kept = store.run_table(number, name)
                # A list of parcels says nothing of any one firm.
                whose = "credit_code" if "credit_code" in kept.columns else None
                mine = kept.filter(pl.col(whose).is_in(codes)) if whose is not None else kept.clear()
                for row in mine.iter_rows(named=True):
                    label = {"label": labels.get(row["measure"], row["measure"])} if part == "allocation" else {}
                    yield part, {"run": number, **{k: v for k, v in row.items() if k != "credit_code"}, **label}


def _findings(store: Store, ends: Sequence[YearEnd], codes: Sequence[str]) -> Iterator[dict[str, object]]:
    """What loading found about it, and what checking its years finds now; a finding that names it counts as its own."""
    loaded = store.findings(about=codes)
    seen: set[tuple[object, ...]] = set()
    keep = ("severity", "code", "table", "year", "field", "value", "what", "remedy", "owner", "batch", "file", "sheet",
            "row")  # fmt: skip
    for row in loaded.sort("batch", descending=True, maintain_order=True).iter_rows(named=True):
        same = (row["code"], row["table"], row["year"], row["field"], row["value"])
        if same not in seen:  # a workbook that came back twice says the same twice
            seen.add(same)
            yield {c: row[c] for c in keep}
    newest = store.newest_batch()
    for end in ends:
        now = [f for f in check_tables(end, codes) if f.credit_code in codes or any(c in f.what for c in codes)]
        for f in store.located(now) if newest else ():
            if (f.code, f.table, f.year, f.field, f.value) not in seen:
                yield {**{c: getattr(f, c, None) for c in keep if c != "batch"}, "batch": _batch_of(store, f.file)}


def _batch_of(store: Store, file: str | None) -> int | None:
    """The newest batch of that file name."""
    if file is None:
        return None
    newest = store.batches().filter(pl.col("file") == file)["number"].max()
    return int(newest) if isinstance(newest, int) else None
