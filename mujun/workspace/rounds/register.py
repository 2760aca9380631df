"""The register of objections (异议登记): what firms asked for, what was decided, and what was changed of itself."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from mujun import messages
from mujun.fields import TABLES
from mujun.reports.rounds.confirmation_sheets import OTHER
from mujun.store import Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.rounds.correcting import changes_of_batch

REGISTER: dict[str, pl.DataType] = {
    "number": pl.Int64(),
    "taken_in_on": pl.Date(),
    "credit_code": pl.String(),
    "name": pl.String(),
    "township": pl.String(),
    "label": pl.String(),
    "content": pl.String(),
    "decision": pl.String(),
    "answer": pl.String(),
    "batch": pl.Int64(),
    "item": pl.String(),
    "asked": pl.String(),
    "reason": pl.String(),
    "state": pl.String(),
}
"""An objection of a year: the day its sheet (or its correction) came in, the figure, what was asked, why and by which
document, the decision, and what is still to be done; in the order in which they came in. `item` is what its line of the
sheet is called, `asked` and `reason` what the firm wrote there, `state` the decision as a word of `DECISIONS`."""

DECISIONS = {
    "objection_corrected": "agreed",
    "objection_rejected": "rejected",
    "objection_open": "open",
    "objection_verdict": "returned",
    "objection_incomplete": "returned",
    "objection_follows": "elsewhere",
    "objection_stale": "stale",
    "objection_other_granted": "granted",
    "objection_other_rejected": "rejected",
    "objection_other_open": "open",
}
"""What became of an objection, by the finding that told of it."""


def objections(county: CountyFile, year: int) -> pl.DataFrame:
    """The objections of a year and the corrections made by hand, columns as in `REGISTER`.

    An objection is a line of a returned confirmation sheet, or one put down by itself; the last word on a figure of a
    firm counts: a sheet that came back first without a verdict and later with one is one objection. Of land each row is
    a figure of its own, and of what is about no figure each matter.

    Args:
        county: the county.
        year: the data year.
    """
    with Store.open(county.path) as store:
        told = store.findings(year=year, values=True)
        batches = store.batches()
        roll = store.table("enterprises").filter(pl.col("year") == year)
    told = told.filter(pl.col("code").is_in(list(DECISIONS)), pl.col("year") == year)
    days = dict(batches.select("number", pl.col("loaded_at").dt.date()).iter_rows())
    rows = [_objection(r) for r in told.iter_rows(named=True)]
    by_hand = batches.filter(
        pl.col("reason").is_not_null(), pl.col("document").is_not_null(),
        ~pl.col("number").is_in(told["batch"].implode()),
    )  # fmt: skip
    for number, reason, document in by_hand.select("number", "reason", "document").iter_rows():
        changed = changes_of_batch(county, number).filter(pl.col("year") == year)
        rows += [
            {
                **{n: r[n] for n in ("credit_code", "name", "field")},
                "batch": number,
                "label": _label(r["table"], r["field"]),
                "content": messages.text(
                    "register_by_hand", label=_label(r["table"], r["field"]), was=_shown(r["old"]),
                    new=_shown(r["new"]), reason=reason, document=document,
                ),
                "decision": messages.text("register_agreed"),
                "answer": "",
                "item": _label(r["table"], r["field"]),
                "asked": r["new"],
                "reason": reason,
                "state": "agreed",
                "which": _which_by_hand(rows, r),
            }
            for r in changed.iter_rows(named=True)
        ]  # fmt: skip
    schema: dict[str, Any] = {
        **{n: t for n, t in REGISTER.items() if n not in ("number", "taken_in_on", "township")},
        "field": pl.String,
        "which": pl.String,
    }
    objected = pl.DataFrame(rows, schema=schema, orient="row")
    objected = objected.sort("batch", maintain_order=True).unique(
        ["credit_code", "field", "which"], keep="last", maintain_order=True
    )
    townships = roll.select("credit_code", "township").unique("credit_code", keep="first", maintain_order=True)
    objected = objected.join(townships, on="credit_code", how="left", maintain_order="left")
    taken = pl.Series("taken_in_on", [days.get(b) for b in objected["batch"]], dtype=pl.Date)
    numbered = objected.with_columns(pl.int_range(1, pl.len() + 1).cast(pl.Int64).alias("number"), taken)
    return numbered.select(list(REGISTER))


def _objection(told: dict[str, Any]) -> dict[str, Any]:
    """A line of the register by the finding that tells of it; `which` tells apart what is of one field."""
    values, state = json.loads(told["values"]), DECISIONS[told["code"]]
    # What became a correction is told by its field; its line of the sheet stands beside, save in older stores.
    item = str(values.get("item", values["label"]))
    asked, reason = (None if values.get(n) in (None, "—") else str(values[n]) for n in ("new", "reason"))
    which = item if told["table"] == "land" else ""
    return {
        **{n: told[n] for n in ("credit_code", "name", "batch", "field")},
        "label": _label(told["table"], told["field"]),
        "content": told["what"],
        "decision": messages.text(messages.key(f"register_{state}")),
        "answer": "" if state == "agreed" else told["remedy"],
        "item": item,
        "asked": asked,
        "reason": reason,
        "state": state,
        "which": (asked or reason or "") if told["field"] == OTHER else which,
    }


def _which_by_hand(rows: list[dict[str, Any]], changed: dict[str, Any]) -> str:
    """Which objection a correction by hand settles where several are of one field: that which asked for this value."""
    if changed["table"] != "land":
        return ""
    mine = [r for r in rows if (r["credit_code"], r["field"]) == (changed["credit_code"], changed["field"])]
    return next((str(r["which"]) for r in reversed(mine) if r["asked"] == changed["new"]), str(changed["record"] or ""))


def _label(table: str | None, field: str | None) -> str:
    if field == OTHER:
        return messages.text("register_other")
    known = TABLES[table].by_name if table in TABLES else {}
    return known[field].label if field in known else (field or "")


def _shown(value: object) -> str:
    return "—" if value is None else messages.show(value)
