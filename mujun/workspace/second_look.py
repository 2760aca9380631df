"""Data worth a second look: anomalies of a year as findings, ranked by what putting them right would change."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.analysis.anomalies import KINDS, Anomaly, Effect, effect_of, find_anomalies
from mujun.dataclass import dataclass
from mujun.errors import MujunError
from mujun.fields import FRAME_FIELDS, TABLES
from mujun.messages import MessageKey
from mujun.notebooks import InNotebooks
from mujun.rating import rate
from mujun.records import Finding
from mujun.records.finding import finding_code
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.found_right import still_asked
from mujun.workspace.frames_at import previous_at
from mujun.workspace.runs.governing import rules_for
from mujun.workspace.year_records import YearRecords

_LAND = {"owned_mu": "自有", "rented_in_mu": "租入", "rented_out_mu": "租出"}

Place = tuple[str | None, str | None, int | None]
"""A file, its sheet and the row."""


@dataclass(frozen=True)
class Said:
    """A sentence of the catalogue that goes into another one, in the language in force when it is read."""

    key: MessageKey
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return messages.text(self.key, **self.values)


@dataclass(frozen=True)
class SecondLook(InNotebooks):
    """What is worth a second look.

    Attributes:
        anomalies: ranked: first who would change tier, by how many tiers and by how much of his score, then the others
            by kind and oddness.
        findings: the same as findings, in the same order, each with file, sheet and row where they are known.
        effect: what all likely values put in at once would change; missing where nothing was rated.
        rules: the rule set it was rated by.
        not_rated: why nothing was rated, where a rating was tried.
        right: how many more there are whose figures somebody found right.
    """

    anomalies: tuple[Anomaly, ...]
    findings: tuple[Finding, ...]
    effect: Effect | None = None
    rules: str | None = None
    not_rated: str | None = None
    right: int = 0

    @property
    def kinds(self) -> dict[str, tuple[int, int]]:
        """How many anomalies of each kind, and how many of them have a likely right value."""
        by_kind = {kind: [a for a in self.anomalies if a.kind == kind] for kind in KINDS}
        return {
            k: (len(several), sum(a.likely is not None for a in several)) for k, several in by_kind.items() if several
        }

    def beside(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The anomalies, then the cross-table findings that they do not tell already."""
        return with_second_look(findings, self)


def second_look(county: CountyFile, year: int, rules: str | Path | None = None) -> SecondLook:
    """The anomalies of a year, and what they matter.

    Figures that somebody found right are left out until they are others. Every likely value is put in at once and the
    year rated again by the rules that count: of its final run, else of its newest, or those named. One rating for all,
    because one wrong figure moves its peers' benchmarks too.

    Args:
        year: the data year.
        rules: a rule set in place of that of the final or newest run.

    Raises:
        UsageError: there are no enterprises of that year, or the named rules are not for it.
        RuleError, RatingError: the named rules cannot rate it; a run's not being able to is only said.
    """
    return doubts_of(YearRecords(county, year), rules)


def doubts_of(records: YearRecords, rules: str | Path | None = None) -> SecondLook:
    """What `second_look` gives of records that are at hand.

    Raises:
        UsageError, RuleError, RatingError: as it says.
    """
    county, year = records.county, records.year
    with Store.open(county.path) as store:
        step("step_tables", of=3)
        tables = records.tables
        judged = store.judged()
        ruleset = rules_for(county, None if rules is None else str(rules), year)
    step("step_frame", done=1, of=3, year=year)
    frame = records.frame_for(ruleset)
    land = tables["land"].filter(pl.col("year") == year)
    places = {
        name: tables[name].filter(pl.col("year") == year).select("credit_code", "_file", "_sheet", "_row")
        for name in ("tax", "energy", "output", "emissions", "water")
    }
    step("step_anomalies", done=2, of=3)
    every = find_anomalies(frame, land, tables["parcels"], places)
    anomalies = still_asked(every, judged, year)
    effect, why = None, None
    if ruleset is not None:
        step("step_effects", done=2, of=3)
        previous = previous_at(tables, year, ruleset)
        try:
            effect = effect_of(frame, rate(frame, ruleset, previous), anomalies, previous)
        except MujunError as error:
            if rules is not None:
                raise
            why = str(error)
    step("step_locating", done=2, of=3)
    ranked = _ranked(anomalies, effect)
    of_land = _places_of_land(ranked, year, tables["land"])
    findings = [_finding(a, year, effect, of_land) for a in ranked]
    with Store.open(county.path) as store:
        placed = store.located(findings)
    right = len(every) - len(anomalies)
    return SecondLook(ranked, placed, effect, ruleset.address if ruleset else None, why, right)


def with_second_look(findings: Iterable[Finding], look: SecondLook) -> tuple[Finding, ...]:
    """The anomalies, then the cross-table findings that they do not tell already."""
    told = {(f.credit_code, f.field) for f in look.findings if f.code.startswith("anomaly_slip")}
    # A land row's area is a part of what the frame adds up by tenure.
    land = {code for code, name in told if name in _LAND}
    rest = [
        f
        for f in findings
        if f.code != "unit_slip"
        or not ((f.credit_code, f.field) in told or (f.table == "land" and f.credit_code in land))
    ]
    return (*look.findings, *rest)


def _ranked(anomalies: Iterable[Anomaly], effect: Effect | None) -> tuple[Anomaly, ...]:
    def weight(a: Anomaly) -> tuple[int, float]:
        if effect is None or a.likely is None:
            return 0, 0.0
        before, after = effect.scores.get(a.credit_code, (None, None))
        return -effect.moved.get(a.credit_code, 0), -abs((after or 0.0) - (before or 0.0))

    # The search's own order stands among those that change nothing.
    return tuple(sorted(anomalies, key=weight))


# ------------------------------------------------------------------------------------------------------------- findings


def _finding(a: Anomaly, year: int, effect: Effect | None, of_land: Mapping[tuple[str, str], Place]) -> Finding:
    f = FRAME_FIELDS[a.field]
    table = _table_of(a.field)
    made = f"anomaly_{a.kind}"
    if a.kind == "slip" and not a.values["by_last"]:
        made = "anomaly_slip_peers"
    elif a.kind in ("jump", "digit"):
        made += "_up" if a.values["up"] else "_down"
    elif a.kind in ("swap", "parcel") and a.likely is None:
        made += "_perhaps"
    if a.kind == "slip" and a.likely is None:
        made = "anomaly_slip_perhaps"
    file, sheet, row = of_land.get((a.credit_code, _LAND.get(a.field, "")), (None, None, None))
    return Finding(
        finding_code(made),
        "warning",
        table,
        file=file,
        sheet=sheet,
        row=row,
        year=year,
        credit_code=a.credit_code,
        name=a.name,
        field=a.field,
        value=None if a.value is None else messages.show(a.value),
        owner=f.owner or TABLES[table].owner,
        values={
            "label": f.label,
            "unit": f.unit.split("(")[0],
            "likely": a.likely if a.likely is not None else "",
            "effect": _effect_said(a, effect),
            **_said(a),
        },
    )


def _table_of(name: str) -> str:
    if name in _LAND or name in ("land_mu", "floor_area_m2"):
        return "land"
    return next(t.name for t in TABLES.values() if t.yearly and name in t.by_name)


def _places_of_land(anomalies: Sequence[Anomaly], year: int, land: pl.DataFrame) -> Mapping[tuple[str, str], Place]:
    """By code and tenure where an area stands that one row of land alone speaks of; tables with a row per firm the
    store knows itself."""
    if "_file" not in land.columns:
        return {}
    codes = pl.Series([a.credit_code for a in anomalies if a.field in _LAND], dtype=pl.String)
    rows = land.filter(pl.col("year") == year, pl.col("credit_code").is_in(codes.implode()))
    alone = rows.filter(pl.len().over("credit_code", "tenure") == 1)
    told = alone.select("credit_code", "tenure", "_file", "_sheet", "_row").iter_rows()
    return {(code, tenure): (file, sheet, row) for code, tenure, file, sheet, row in told}


def _effect_said(a: Anomaly, effect: Effect | None) -> object:
    if effect is None or a.likely is None or a.credit_code not in effect.tiers:
        return ""
    before, after = effect.tiers[a.credit_code]
    if before != after:
        return Said("anomaly_effect_tier", {"before": before or "—", "after": after or "—"})
    score, then = effect.scores[a.credit_code]
    if score is None or then is None or score == then:
        return Said("anomaly_effect_none")
    return Said("anomaly_effect_score", {"before": f"{score:.2f}", "after": f"{then:.2f}"})


def _said(a: Anomaly) -> dict[str, object]:
    """What a reason says besides: names of fields as labels, numbers as one reads them."""
    values = dict(a.values)
    for name in ("above", "below", "proof", "other"):
        if name in values:
            values[name] = FRAME_FIELDS[str(values[name])].label
    if "proof" in values:
        unit = FRAME_FIELDS[str(a.values["proof"])].unit
        values["proof_value"] = f"{messages.show(values['proof_value'])} {unit}"
    for name in ("peers_expect", "ratio", "usual"):
        if name in values:
            value = values[name]
            values[name] = readable(value) if isinstance(value, float) else "—"
    if "fields" in values:
        names = values["fields"]
        values["fields"] = [FRAME_FIELDS[n].label for n in names] if isinstance(names, tuple) else names
    if values.get("last", "") is None:
        values["last"] = "—"
    return {k: v if v is not None else "—" for k, v in values.items()}


def readable(value: float) -> str:
    """Three significant digits, without an exponent.

    >>> readable(64.34907), readable(0.0235325), readable(123456.0)
    ('64.3', '0.0235', '123000')
    """
    if value == 0 or not math.isfinite(value):
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    text = f"{rounded:.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
