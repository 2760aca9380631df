"""Tables as files: Excel for people, csv, Parquet and JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from mujun.errors import UsageError, problem
from mujun.messages.visible import UNSEEN, visible
from mujun.reports.drawing.labels import TITLES, Heading, header_row, headings
from mujun.reports.drawing.sheets import Sheet, Table, columns_of, table_sheet, with_tiers, with_trial
from mujun.reports.drawing.wording import worded
from mujun.reports.drawing.workbook import LIST_SEPARATOR, as_texts, write_workbook
from mujun.rules import RuleSet
from mujun.rules.model import TheRating
from mujun.writing import written

Headers = Literal["names", "labels"]

TRIAL = "试评结果，不作执行依据"
"""What everything printed says of a rating that has no effect."""

ENDINGS = (".xlsx", ".csv", ".parquet", ".json")

_RATED = ("ratings", "subjects", "rectification", "allocation", "screening")
# What a spreadsheet takes for the beginning of a formula, in half and full width, after whatever it leaves out: blanks,
# controls, separators, unseen marks; and after % and |, which begin a call to another program.
_FORMULA = r"^[\p{C}\p{Z}\s%|％｜]*[=+\-@＝＋－＠]|^[\t\r\n]"


def write_table(
    rows: pl.DataFrame,
    path: str | Path,
    *,
    what: str,
    headers: Headers | str | None = None,
    rules: RuleSet | None = None,
) -> Path:
    """Write a table in the format that the path's ending says.

    With names a file holds the columns and codes as they are; with labels it is a document in Chinese: headers with
    units, words in place of codes. In xlsx decimals are numbers and codes texts. In csv and json decimals are exact
    text, as many places as they have. Lists are joined by ； in xlsx and csv. A text that a spreadsheet would take
    for a formula gets a leading ' in csv; xlsx needs none, its texts are marked as such.

    Args:
        rows: the table.
        path: where to; an existing file is replaced, and stays as it was when writing fails.
        what: which table it is (`ratings`, `subjects`, `enterprises`, `rectification`, `allocation`, `findings`,
            `accounts`, `screening`); the columns' labels depend on it.
        headers: `names` or `labels`; by default labels in xlsx, names elsewhere. csv with labels begins with a byte
            order mark, so that Excel reads it as UTF-8.
        rules: the rule set the table was made by, for the labels of its indicators and measures.

    Returns:
        The path.

    Raises:
        UsageError: an ending or headers we do not know; more rows than a sheet has.
        InputError: the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(problem("export_unknown_ending", ending=path.suffix or path.name))
    chosen = headers if headers is not None else ("labels" if ending == ".xlsx" else "names")
    if chosen not in get_args(Headers):
        raise UsageError(problem("export_unknown_headers", headers=chosen))
    labelled = chosen == "labels"
    known = headings(rows.schema, what=what, ruleset=rules)
    if labelled:
        rows = worded(rows, what=what, ruleset=rules)
        rows = rows.with_columns(as_texts(rows[n]) for n, dtype in rows.schema.items() if dtype == pl.Boolean)
    if ending == ".xlsx":
        return write_workbook(path, [_sheet(rows, known, what, rules, labelled=labelled)], title=TITLES.get(what, what))
    titles = header_row(known[c] for c in rows.columns) if labelled else rows.columns
    with written(path) as stream:
        if ending == ".parquet":
            rows.rename(dict(zip(rows.columns, titles, strict=True))).write_parquet(stream)
        elif ending == ".json":
            _as_text(rows).rename(dict(zip(rows.columns, titles, strict=True))).write_json(stream)
        else:
            safe = _as_cells(rows).rename(dict(zip(rows.columns, _guarded(titles), strict=True)))
            safe.write_csv(stream, include_bom=labelled)
    return path


def _sheet(rows: pl.DataFrame, known: dict[str, Heading], what: str, rules: RuleSet | None, *, labelled: bool) -> Sheet:
    if not labelled:
        plain = (Heading(h.name, h.name, "", h.shape, h.places) for h in map(known.__getitem__, rows.columns))
        sheet = table_sheet(TITLES.get(what, what), "", Table(columns_of(plain), rows), fixed=_fixed(rows.columns))
    else:
        # Codes whose words stand beside them say nothing to a reader.
        shown = [c for c in rows.columns if _SAID.get(c) not in rows.columns]
        columns = tuple(
            replace(c, width=_LONG.get(c.name)) for c in columns_of((known[c] for c in shown), wrapped=list(_LONG))
        )
        sheet = table_sheet(TITLES.get(what, what), "", Table(columns, rows), fixed=_fixed(shown))
    rating = rules.rating if rules is not None else None
    if rating is not None:
        sheet = with_tiers(sheet, ladder_of(rating))
        if not rating.binding and what in _RATED:
            sheet = with_trial(sheet, TRIAL)
    return sheet


_SAID = {"reasons": "reason_text", "hits": "hit_text"}
_LONG = {"reason_text": 36.0, "hit_text": 36.0, "what": 40.0, "remedy": 40.0}


def _fixed(columns: Sequence[str]) -> int:
    """How many columns stay in sight: up to the name."""
    return columns.index("name") + 1 if "name" in columns[:6] else 0


def ladder_of(rating: TheRating) -> tuple[str, ...]:
    """The tiers that cuts give, best first; tiers given by other means are not on it."""
    if rating.tiers is None:
        return ()
    given: set[str] = set()
    for cut in rating.tiers.cut.values():
        given |= {*(cut.shares or {}), *(cut.thresholds or {}), *(p.tier for p in cut.picks or ())}
        given |= {cut.rest} if cut.rest else set()
    return tuple(c.id for c in rating.tiers.classes if c.id in given)


def _as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Decimals as exact text, dates as year-month-day."""
    exact = [pl.col(n).cast(pl.String) for n, t in rows.schema.items() if isinstance(t, (pl.Decimal, pl.Date))]
    return rows.with_columns(exact)


def _as_cells(rows: pl.DataFrame) -> pl.DataFrame:
    """Every column as csv holds it: lists joined, and no text that a spreadsheet would run."""
    columns: list[pl.Expr] = []
    for name, dtype in rows.schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.List):
            joined = column.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR, ignore_nulls=True)
            columns.append(_guard(joined).alias(name))
        elif dtype == pl.String or isinstance(dtype, (pl.Enum, pl.Categorical)):
            columns.append(_guard(column.cast(pl.String)).alias(name))
        elif isinstance(dtype, pl.Decimal):
            columns.append(column.cast(pl.String))
    return rows.with_columns(columns)


def _guard(texts: pl.Expr) -> pl.Expr:
    """No formula, and control characters written out: a csv is shown on terminals too."""
    guarded = pl.when(texts.str.contains(_FORMULA)).then(pl.concat_str(pl.lit("'"), texts)).otherwise(texts)
    return (
        pl.when(guarded.str.contains(UNSEEN))
        .then(guarded.map_batches(lambda s: _seen(s), return_dtype=pl.String))
        .otherwise(guarded)
    )


def _seen(texts: pl.Series) -> pl.Series:
    hidden = texts.filter(texts.str.contains(UNSEEN)).unique().drop_nulls().to_list()
    return texts.replace({text: visible(text) for text in hidden}) if hidden else texts


def _guarded(titles: Sequence[str]) -> list[str]:
    return pl.Series("title", titles, pl.String).to_frame().select(_guard(pl.col("title")).alias("t"))["t"].to_list()
