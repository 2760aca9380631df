"""Results show themselves in notebooks: plain values at a glance, tables and inner results folded below."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import Field, fields
from datetime import date
from decimal import Decimal
from html import escape
from pathlib import PurePath
from typing import Any, ClassVar

import polars as pl

from mujun.messages import show

ROWS = 20
"""Rows of a table that a notebook shows; how many there are is always said."""

ITEMS = 12
"""Items of a list that are written out."""

_PLAIN = (str, int, float, Decimal, date, PurePath)


class InNotebooks:
    """What a result that is a dataclass inherits from, so that a notebook shows it as a page and not as a line."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def _repr_html_(self) -> str:
        """The result as HTML, everything in it escaped: names of firms are no markup."""
        plain: list[str] = []
        folded: list[str] = []
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, pl.DataFrame):
                folded.append(_folded(f"{f.name} ({value.height} × {value.width})", table_html(value)))
            elif isinstance(value, InNotebooks):
                folded.append(_folded(f"{f.name}: {type(value).__name__}", value._repr_html_()))
            elif value is not None and (shown := _said(value)):
                plain.append(f"<tr><th>{escape(f.name)}</th><td>{escape(shown)}</td></tr>")
        return f"<p><b>{escape(type(self).__name__)}</b></p><table>{''.join(plain)}</table>{''.join(folded)}"


def table_html(rows: pl.DataFrame) -> str:
    """The first rows of a table, escaped."""
    head = "".join(f"<th>{escape(c)}</th>" for c in rows.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{'' if v is None else escape(show(v))}</td>" for v in row) + "</tr>"
        for row in rows.head(ROWS).iter_rows()
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _said(value: object) -> str:
    """A plain value or a short list of them; of other collections how many there are."""
    if isinstance(value, _PLAIN):
        return show(value)
    if isinstance(value, (tuple, list)) and len(value) <= ITEMS and all(isinstance(v, _PLAIN) for v in value):
        return "、".join(show(v) for v in value)
    return f"× {len(value)}" if isinstance(value, Collection) and value else ""


def _folded(title: str, html: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{html}</details>"
