"""Whom a person means: a credit code or a name, as it is typed, to the enterprise on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.messages import Guesses
from mujun.records.identity import normal_code, normal_name
from mujun.store import Store
from mujun.workspace.county_file import CountyFile

NEAREST = 3
"""How many near names an unknown one is answered with."""

SEVERAL = 8
"""How many enterprises an ambiguous name lists."""


@dataclass(frozen=True)
class Known:
    """The enterprises that can be asked for: `credit_code, name, code, plain` (the latter two as they are compared).

    A firm that bore several names has a row for each.
    """

    names: pl.DataFrame

    @classmethod
    def of(cls, *tables: pl.DataFrame, roots: Mapping[str, str] | None = None) -> Known:
        """All codes and names that the given tables speak of.

        Args:
            tables: with `credit_code` and `name`.
            roots: the present code of a firm that had another, by the old one: whoever asks for either means one firm.
        """
        every = pl.concat([t.select("credit_code", "name") for t in tables]).drop_nulls("credit_code").unique()
        plain = every.with_columns(normal_code(pl.col("credit_code")).alias("code"), _plain("name").alias("plain"))
        if roots:
            plain = plain.with_columns(pl.col("credit_code").replace(dict(roots)))
        return cls(plain.sort("credit_code", "name", nulls_last=True))


def _plain(column: str) -> pl.Expr:
    return normal_name(pl.col(column))


def asked_for(known: Known, word: str) -> str:
    """The credit code of the enterprise that `word` means.

    Args:
        known: whom there is.
        word: a credit code or local code; else a whole name; else a part of a name that only one enterprise bears.
            Width, case, spaces and brackets play no part.

    Raises:
        UsageError: nobody is meant, with the nearest; or several, with who they are.
    """
    given = pl.DataFrame({"w": [word]}).select(normal_code(pl.col("w")).alias("code"), _plain("w").alias("plain"))
    code, plain = str(given["code"][0]), str(given["plain"][0])
    if code in known.names["code"].to_list():
        return str(known.names.filter(pl.col("code") == code)["credit_code"][0])
    whole = known.names.filter(pl.col("plain") == plain)
    part = known.names.filter(pl.col("plain").str.contains(plain, literal=True)) if len(plain) > 1 else whole.clear()
    for matches in (whole, part):
        codes = matches["credit_code"].unique().sort().to_list()
        if len(codes) == 1:
            return str(codes[0])
        if codes:
            listed = [_called(matches, c) for c in codes[:SEVERAL]]
            raise UsageError(problem("asked_several", asked=word, count=len(codes), several=listed))
    raise UsageError(problem("asked_nobody", asked=word, near=Guesses(_nearest(known, code, plain))))


def _called(names: pl.DataFrame, code: str) -> str:
    borne = names.filter(pl.col("credit_code") == code)["name"].drop_nulls()
    return f"{str(borne[0]) if borne.len() else '—'}（{code}）"


def _nearest(known: Known, code: str, plain: str) -> list[str]:
    from rapidfuzz import fuzz, process

    column, word = ("code", code) if code.isascii() else ("plain", plain)
    choices = dict(enumerate(known.names[column].to_list()))
    close = process.extract(word, choices, scorer=fuzz.ratio, limit=NEAREST, score_cutoff=60)
    codes = dict.fromkeys(str(known.names["credit_code"][row]) for _, _, row in close)
    return [_called(known.names, c) for c in codes]


def codes_of(rows: pl.DataFrame, asked: Sequence[str]) -> list[str]:
    """The credit codes of enterprises of a table (`credit_code, name`) named by code or name.

    Raises:
        UsageError: nobody or several are meant by one of them.
    """
    codes = rows["credit_code"]
    if set(codes.filter(codes.is_in(list(asked)))).issuperset(asked):
        return list(asked)
    known = Known.of(rows)
    return [asked_for(known, word) for word in asked]


def codes_asked(county: CountyFile, asked: Sequence[str]) -> list[str]:
    """The credit codes of enterprises named by code or name; a code that a firm had before is found too.

    Raises:
        UsageError: nobody or several are meant by one of them.
    """
    if not asked:
        return []
    with Store.open(county.path) as store:
        # The name of an old code is mostly that of the new one: only the code is looked for.
        former = store.table("aliases").select("credit_code", pl.lit(None, dtype=pl.String).alias("name"))
        known = Known.of(store.reader(fields={"enterprises": ("name",)})("enterprises"), former)
    return [asked_for(known, word) for word in asked]
