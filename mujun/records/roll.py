"""What is known of firms while a file is read: whose a broken code may be, and whether code and name are one firm's.

A code of 17 characters is the rest of exactly one code of the roll, or it is nobody's: the first is proposed, with the
name as a second witness. A row whose code is one firm's and whose name another's is right about one of them at most.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Literal

import polars as pl

from mujun.dataclass import dataclass
from mujun.records.identity import is_valid_code, normal_name

Witness = Literal["agrees", "other", "silent", "several", "none"]
"""What the name beside a short code says: it is the proposed firm's; it is no firm's of the roll; there is none;
or there is no proposal: the code is the rest of several, or of none."""

FIRM: dict[str, pl.DataType] = {
    "credit_code": pl.String(),
    "root": pl.String(),
    "name": pl.String(),
    "plain": pl.String(),
}


@dataclass(frozen=True)
class Roll:
    """The firms there are.

    Attributes:
        firms: `credit_code, root, name, plain`, a row for each code and name that a firm ever had, newest first; `root`
            is the code that it has now.
        confirmed: codes that do not check and that a person has confirmed by a document.
        townships: those of the roll.
        listed: firms that the file in work itself lists, as `firms`.
    """

    firms: pl.DataFrame
    confirmed: frozenset[str] = frozenset()
    townships: frozenset[str] = frozenset()
    listed: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FIRM))

    def with_rows(self, rows: pl.DataFrame) -> Roll:
        """The roll with the rows of a list of firms that is being read: its codes that are right, their names."""
        known = rows.select("credit_code", "name").drop_nulls()
        good = known.filter(is_valid_code(pl.col("credit_code")) | pl.col("credit_code").is_in(list(self.confirmed)))
        changed = self.firms.filter(pl.col("credit_code") != pl.col("root")).select("credit_code", "root")
        return replace(self, listed=firms_with(good, dict(changed.iter_rows())))

    @cached_property
    def everyone(self) -> pl.DataFrame:
        """The firms there are and those that the file lists."""
        return pl.concat([self.firms, self.listed]).unique(maintain_order=True)

    @cached_property
    def rests(self) -> Mapping[str, frozenset[str]]:
        """By text of 17 characters, the codes of which it is the rest with one character left out."""
        by_rest: dict[str, set[str]] = {}
        for code in self.everyone["credit_code"].unique().to_list():
            for at in range(len(code) if len(code) == 18 else 0):
                by_rest.setdefault(code[:at] + code[at + 1 :], set()).add(code)
        return {rest: frozenset(codes) for rest, codes in by_rest.items()}

    @cached_property
    def called(self) -> Mapping[str, str]:
        """By code, the name that a firm has, as it is written on the newest roll."""
        newest = self.everyone.unique("credit_code", keep="first", maintain_order=True)
        return dict(newest.select("credit_code", "name").iter_rows())

    @cached_property
    def roots(self) -> Mapping[str, str]:
        """By code, the code that the firm has now."""
        return dict(self.everyone.select("credit_code", "root").iter_rows())

    @cached_property
    def owners(self) -> Mapping[str, frozenset[str]]:
        """By normalised name, the codes that firms of this name have now."""
        grouped = self.everyone.group_by("plain").agg(pl.col("root").unique())
        return {plain: frozenset(roots) for plain, roots in grouped.iter_rows()}


def firms_with(known: pl.DataFrame, now: Mapping[str, str] | None = None) -> pl.DataFrame:
    """`Roll.firms` of `credit_code` and `name`.

    Args:
        known: codes and names, none null; the newest first.
        now: by code that changed, the one the firm has now.
    """
    root = pl.col("credit_code").replace(dict(now)) if now else pl.col("credit_code")
    firms = known.select("credit_code", "name").unique(maintain_order=True)
    return firms.select("credit_code", root.alias("root"), "name", normal_name(pl.col("name")).alias("plain"))


NO_ROLL = Roll(pl.DataFrame(schema=FIRM))
"""Nothing is known of any firm."""


def vouched_for(codes: Collection[str]) -> Roll:
    """Nothing is known but that these codes are right."""
    return replace(NO_ROLL, confirmed=frozenset(codes))


@dataclass(frozen=True)
class Short:
    """What may be meant by a code of 17 characters: the code, if one is proposed, its firm, what the name says."""

    proposed: str
    called: str
    witness: Witness


def short_code(code: str, name: str | None, roll: Roll) -> Short:
    """Whose code a text of 17 characters may be."""
    whole = roll.rests.get(code, frozenset())
    plain = None if name is None else str(pl.select(normal_name(pl.lit(name)).alias("p"))["p"][0])
    named = roll.owners.get(plain or "", frozenset())
    agreeing = sorted(c for c in whole if roll.roots[c] in named)
    if len(agreeing) == 1:
        return Short(agreeing[0], roll.called[agreeing[0]], "agrees")
    # A name that is another firm's of the roll contradicts the code.
    if len(whole) == 1 and not named:
        (only,) = whole
        return Short(only, roll.called[only], "other" if plain else "silent")
    return Short("", "", "several" if whole else "none")


OF_OTHERS: dict[str, pl.DataType] = {"own": pl.String(), "other": pl.String(), "theirs": pl.String()}
"""Columns of `names_of_others` after the row's number."""


def names_of_others(rows: pl.DataFrame, firms: pl.DataFrame) -> pl.DataFrame:
    """Rows whose code is one firm's of the roll and whose name is another's.

    Args:
        rows: `_at`, `credit_code`, `name`. A name that the firm had before, under whatever code, is its own.
        firms: as `Roll.firms`.

    Returns:
        `_at`, `own`: what the firm of the code is called; `other`, `theirs`: code and newest name of the firm of the
        name.
    """
    claimed = rows.select("_at", "credit_code", "name").drop_nulls()
    claimed = claimed.join(
        firms.select("credit_code", "root").unique(), on="credit_code", how="inner", maintain_order="left"
    )
    # Most rows write both as the roll does; only the others are normalised.
    claimed = claimed.join(firms.select("credit_code", "name").unique(), on=["credit_code", "name"], how="anti")
    if claimed.is_empty():
        return pl.DataFrame(schema={"_at": rows.schema["_at"], **OF_OTHERS})
    claimed = claimed.with_columns(normal_name(pl.col("name")).alias("plain"))
    others = firms.select("plain", pl.col("root").alias("other")).unique()
    own_roots = others.select("plain", pl.col("other").alias("root"))
    claimed = claimed.join(own_roots, on=["plain", "root"], how="anti").join(others, on="plain", how="inner")
    claimed = claimed.group_by("_at", "credit_code").agg(pl.col("other").min())
    called = firms.unique("credit_code", keep="first", maintain_order=True)
    return (
        claimed.join(called.select("credit_code", pl.col("name").alias("own")), on="credit_code", how="left")
        .join(
            called.select(pl.col("credit_code").alias("other"), pl.col("name").alias("theirs")), on="other", how="left"
        )
        .select("_at", "own", "other", pl.col("theirs").fill_null("—"))
        .sort("_at")
    )
