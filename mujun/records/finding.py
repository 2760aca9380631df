"""A finding: one thing wrong with one record, with its owner and what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal, cast

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.fields import TABLES
from mujun.fields.here import values_here
from mujun.messages import FindingCode

Severity = Literal["error", "warning"]


def finding_code(made: str) -> FindingCode:
    """A finding's code put together from parts.

    Raises:
        KeyError: the catalogue has no sentence for such a finding.
    """
    messages.key(f"finding_{made}")
    return cast("FindingCode", made)


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one record.

    `code` names two messages of the catalogue: `finding_<code>` says what is wrong, `finding_<code>_do` what to do;
    `values` go into both. `row` is the row number as Excel shows it (a text file's line number for csv). An error
    keeps the row out, in quarantine; with a warning the row is in.
    """

    code: FindingCode
    severity: Severity
    table: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    year: int | None = None
    credit_code: str | None = None
    name: str | None = None
    field: str | None = None
    value: str | None = None
    owner: str = ""
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)  # `field` is a column here

    @property
    def what(self) -> str:
        """What is wrong, in the language in force."""
        if self.code == "question_open":
            return messages.text(messages.key(f"question_{self.values['asked']}"), **self._said())
        return messages.text(messages.key(f"finding_{self.code}"), **self._said())

    @property
    def remedy(self) -> str:
        """What to do about it, in the language in force."""
        case = ""
        if "witness" in self.values:
            case = f"_short_{self.values['witness']}"  # a code of 17 characters, and what the roll says of it
        elif self.code == "unknown_choice" and "likely" in self.values:
            case = "_likely"  # a word from which a choice is proposed
        elif self.values.get("repair") == "":
            case = "_none"  # a credit code that no documented repair makes valid: nothing to propose
        elif self.code == "missing_key" and self.field == "credit_code" and self.name:
            case = "_named"  # a row without a code whose firm may be told by its name
        return messages.text(messages.key(f"finding_{self.code}_do{case}"), **self._said())

    def _said(self) -> dict[str, object]:
        about = {"value": self.value or "", "name": self.name or "", "credit_code": self.credit_code or ""}
        return {**about, **values_here(self.values)}


def finding_about(
    code: FindingCode,
    table: str,
    row: Mapping[str, object],
    field: str,
    value: object = None,
    *,
    severity: Severity = "warning",
    owner: str = "",
    values: Mapping[str, object] | None = None,
) -> Finding:
    """A finding about a figure of a row that stands in a table, at the file, sheet and row where it was said.

    Args:
        code, table, field, value, severity: as in `Finding`.
        row: the row, with `_file`, `_sheet`, `_row` where they are known.
        owner: who is to mend it; by default who owns the field.
        values: what the sentences need besides.
    """

    def text(name: str) -> str | None:
        return None if row.get(name) is None else str(row[name])

    at, year = row.get("_row"), row.get("year")
    return Finding(
        code,
        severity,
        table,
        file=text("_file"),
        sheet=text("_sheet"),
        row=at if isinstance(at, int) else None,
        year=year if isinstance(year, int) else None,
        credit_code=text("credit_code"),
        name=text("name"),
        field=field,
        value=None if value is None else str(value),
        owner=owner or TABLES[table].by_name[field].owner or TABLES[table].owner,
        values=values or {},
    )


FINDING_SCHEMA: dict[str, pl.DataType] = {
    "severity": pl.String(),
    "code": pl.String(),
    "table": pl.String(),
    "file": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "year": pl.Int32(),
    "credit_code": pl.String(),
    "name": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "what": pl.String(),
    "remedy": pl.String(),
    "owner": pl.String(),
}
"""Columns of findings as a table, for the store, workbooks and exports."""


def findings_frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """Findings as a table, one row each, in the order given."""
    rows = [{column: getattr(f, column) for column in FINDING_SCHEMA} for f in findings]
    return pl.DataFrame(rows, schema=FINDING_SCHEMA)
