"""Odd figures that somebody looked at and found right: not asked about again until the figure is another one."""

from __future__ import annotations

import polars as pl

from mujun import messages
from mujun.analysis.anomalies import Anomaly
from mujun.errors import UsageError, problem
from mujun.store import Store
from mujun.store.judgements import Judgement
from mujun.workspace.county_file import CountyFile


def find_right(county: CountyFile, anomaly: Anomaly, year: int, *, reason: str) -> int:
    """Put on record that an odd figure is right.

    It is not asked about any more, whatever is odd about it, as long as the figure is what it is now; who found so,
    when and why stays on record.

    Args:
        anomaly: as `data.second_look` gives it.
        year: the data year.
        reason: why it is right.

    Returns:
        The judgement's number.

    Raises:
        UsageError: no reason is given.
        StoreError: it could not be written.
    """
    if not reason.strip():
        raise UsageError(problem("judge_no_reason"))
    told = Judgement(anomaly.kind, anomaly.credit_code, year, anomaly.field, _text(anomaly), reason.strip())
    with Store.open(county.path, write=True) as store:
        return store.judge(told, who=county.who)


def ask_again(county: CountyFile, number: int, *, reason: str = "") -> None:
    """Take back that a figure is right: it is asked about again. Both stay on record.

    Raises:
        UsageError: no judgement of that number is in force.
    """
    known = found_right(county).filter(pl.col("number") == number)
    if known.is_empty():
        raise UsageError(problem("judge_unknown", number=number))
    row = known.row(0, named=True)
    told = Judgement(row["kind"], row["credit_code"], row["year"], row["field"], row["value"], reason, number)
    with Store.open(county.path, write=True) as store:
        store.judge(told, who=county.who)


def found_right(county: CountyFile, year: int | None = None) -> pl.DataFrame:
    """The judgements in force, newest first: columns as in `JUDGED`, with `name`.

    Args:
        year: only of a data year.
    """
    with Store.open(county.path) as store:
        rows = in_force(store.judged())
        roll = store.tables(("enterprises",))["enterprises"]
    names = roll.sort("year").unique("credit_code", keep="last").select("credit_code", "name")
    rows = rows if year is None else rows.filter(pl.col("year") == year)
    return rows.join(names, on="credit_code", how="left", maintain_order="left").sort("number", descending=True)


def in_force(judged: pl.DataFrame) -> pl.DataFrame:
    """The judgements that nobody took back."""
    revoked = judged["revokes"].drop_nulls().to_list()
    return judged.filter(pl.col("revokes").is_null(), ~pl.col("number").is_in(revoked))


def still_asked(anomalies: tuple[Anomaly, ...], judged: pl.DataFrame, year: int) -> tuple[Anomaly, ...]:
    """The anomalies of a year without those whose very figure was found right."""
    rows = in_force(judged).filter(pl.col("year") == year)
    right = set(rows.select("credit_code", "field", "value").iter_rows())
    return tuple(a for a in anomalies if (a.credit_code, a.field, _text(a)) not in right)


def _text(anomaly: Anomaly) -> str | None:
    return None if anomaly.value is None else messages.show(anomaly.value)
