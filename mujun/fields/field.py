"""What a field and a table are."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import Literal, get_args

import polars as pl

from mujun.dataclass import dataclass
from mujun.fields.plausible import Band
from mujun.numbers import QUANTITY, Unit, parse_unit

Kind = Literal["quantity", "text", "date", "boolean", "texts", "whole"]
"""quantity: an exact decimal with a unit; texts: a list of texts; whole: a whole number, no quantity (a year)."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Pool = Literal["sum", "max", "min", "any", "all", "earliest", "latest", "most_land", "union", "above", "again", "none"]
"""How a field adds up over the members of a group or parcel.

`most_land`: the value of the member with most land; `above`: 规上 if any member is; `again`: computed
again from pooled fields; `none`: has no pooled value.
"""

_DTYPES: dict[Kind, pl.DataType] = {
    "quantity": QUANTITY,
    "text": pl.String(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
    "texts": pl.List(pl.String()),
    "whole": pl.Int32(),
}


def dtype_of(kind: Kind) -> pl.DataType:
    """The Polars type that values of a kind have in every table and frame."""
    return _DTYPES[kind]


@dataclass(frozen=True)
class Field:
    """One column of the dictionary.

    Attributes:
        name: the column's name, in code, rules and csv exports.
        label: the Chinese label, in workbooks and, if one likes, in rules.
        kind: what its values are.
        unit: the unit its values have, for quantities; empty for a plain number.
        pools: how it adds up over members of a group or parcel.
        synonyms: headers seen in department files for the same thing.
        owner: the department that answers for it.
        choices: the only values allowed, if limited.
        choice_synonyms: other spellings of a choice.
        told_by: the field of the same table whose words tell this one too: 划拨 in 权属 is a title.
        likely: words from which a choice is proposed and never taken: 小微 is a size, not a standing in the statistics.
        negative: whether values below zero can be right (profit can be a loss).
        pattern: a regular expression that texts match; empty where any text will do.
        note: one line for the template and the reference.
        plausible: between which bounds the median of a file's figures lies if they are in this unit; never a reason to
            keep a row out.
    """

    name: str
    label: str
    kind: Kind = "quantity"
    unit: str = ""
    pools: Pool = "sum"
    synonyms: tuple[str, ...] = ()
    owner: str = ""
    choices: tuple[str, ...] = ()
    choice_synonyms: tuple[tuple[str, str], ...] = ()
    told_by: str = ""
    likely: tuple[tuple[str, str], ...] = ()
    negative: bool = False
    pattern: str = ""
    note: str = ""
    plausible: Band | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The column's Polars type."""
        return dtype_of(self.kind)

    @cached_property
    def measured_in(self) -> Unit:
        """The unit as a `Unit`."""
        return parse_unit(self.unit)


@dataclass(frozen=True)
class Table:
    """One kind of record that departments send.

    Attributes:
        name: the table's name; `--table` takes it.
        label: 中文, also the sheet's name in the template.
        owner: the department that sends it.
        key: the fields that name one record.
        fields: all its fields, keys first, in the order of the template.
        many: whether a key may have several rows in one file (land): together they supersede the earlier ones.
        required: fields that may not be blank, besides the key.
        open_key: fields of the key that may be blank all the same: blank is one value of its own.
        synonyms: sheet and file names that mean this table.
        in_template: whether departments fill it in; the others come out of mujun's own workbooks.
        ledger: whether a row takes the place of the one before it, whoever sent it: a file of mujun's own, sent back.
    """

    name: str
    label: str
    owner: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    many: bool = False
    required: tuple[str, ...] = ()
    open_key: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = field(default=())
    in_template: bool = True
    ledger: bool = False

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The table's fields by name."""
        return {f.name: f for f in self.fields}

    def may_be_blank(self, name: str) -> bool:
        """Whether a record may leave this field out."""
        return name not in (*self.firm_key, *self.required)

    @cached_property
    def firm_key(self) -> tuple[str, ...]:
        """The fields of the key that are never blank."""
        return tuple(k for k in self.key if k not in self.open_key)

    @property
    def yearly(self) -> bool:
        """Whether a record belongs to one data year."""
        return "year" in self.by_name

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """Column types of the checked table."""
        return {f.name: f.dtype for f in self.fields}
