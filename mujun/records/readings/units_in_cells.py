"""Units that stand in the cells themselves: `20000㎡`, `9亩`. One in all of them is as good as one in the header."""

from __future__ import annotations

import polars as pl

from mujun.records.cells import halfwidth
from mujun.records.headers import as_unit, factor_for
from mujun.records.readings.taking import Taken

_BARE = r"^[+\-]?[0-9][0-9,]*(?:\.[0-9]*)?$"
_WITH = r"^[+\-]?[0-9][0-9,]*(?:\.[0-9]*)?\s*([^0-9\s,.()eE+\-%][^\s]{0,20})$"


def mixed_units(body: pl.DataFrame, taken: Taken) -> list[str]:
    """The units that a figure's cells are written in where they are not all written in the same one.

    A cell without a unit is in the column's.
    """
    if taken.field.kind != "quantity" or taken.unit_column is not None:
        return []
    texts = pl.concat(body[f"c{c}"].drop_nulls().alias("t") for c in taken.columns)
    odd = texts.filter(~texts.str.contains(_BARE))
    if odd.is_empty():
        return []
    unit_texts = odd.to_frame().select(u=halfwidth(pl.col("t")).str.extract(_WITH))["u"].drop_nulls().unique().sort()
    known = {
        u: text for text in unit_texts if (u := as_unit(text)) is not None and factor_for(taken.field, u) is not None
    }
    if len(odd) < len(texts) and known:
        read_in = taken.unit or taken.field.measured_in
        known.setdefault(read_in, taken.unit_text or taken.field.unit)
    return list(known.values()) if len(known) > 1 else []
