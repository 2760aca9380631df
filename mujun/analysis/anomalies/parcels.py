"""One piece of land of several in another unit: 12,000 ㎡ among mu, lost in the sum of the firm's land.

The sum leaves no exact factor, so each row is tried: put right, the firm's land has to be last year's again (as good as
exactly: land seldom changes), while it is far from it as it stands. The record of the same parcel is the other sight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from mujun.analysis.anomalies.anomaly import Anomaly
from mujun.fields import TABLES, slips_of
from mujun.fields.slips import STANDS, without

TENURES: Mapping[str, str] = {"自有": "owned_mu", "租入": "rented_in_mu", "租出": "rented_out_mu"}
"""The frame's field of each tenure."""


def parcels(frame: pl.DataFrame, land: pl.DataFrame, recorded: pl.DataFrame) -> Iterator[Anomaly]:
    """Every row of land that is probably in another unit than the firm's others.

    Args:
        frame: a row per enterprise with `owned_mu` … and their `_last`.
        land: the year's rows of land: `credit_code, parcel, tenure, area_mu`.
        recorded: the parcels on record: `parcel, area_mu`.
    """
    areas = dict(recorded.select("parcel", "area_mu").drop_nulls().iter_rows())
    read = [n for n in frame.columns if n in {"credit_code", "name", *(f"{field}_last" for field in TENURES.values())}]
    firms = {r["credit_code"]: r for r in frame.select(read).sort("credit_code").iter_rows(named=True)}
    there = land.drop_nulls(["credit_code", "tenure", "area_mu"]).sort("credit_code", "tenure", "parcel", "area_mu")
    rows = there.select("credit_code", "tenure", "parcel", "area_mu").iter_rows()
    for (code, tenure), several in groupby(rows, key=itemgetter(0, 1)):
        field, firm = TENURES.get(str(tenure)), firms.get(str(code))
        if (
            field is not None
            and firm is not None
            and len(mine := [(parcel, area) for _, _, parcel, area in several]) > 1
        ):
            yield from _of_firm(firm, field, mine, areas)


def _of_firm(
    firm: Mapping[str, Any], field: str, rows: list[tuple[str | None, Decimal]], areas: Mapping[str, Decimal]
) -> Iterator[Anomaly]:
    total = sum((area for _, area in rows), Decimal(0))
    last = firm.get(f"{field}_last")
    # Where the sum and the parcel's record agree as they stand, nothing is to be put right.
    moved = last is not None and not _near(total, last)
    for parcel, area in rows:
        record = areas.get(parcel) if parcel is not None else None
        strange = record is not None and not _near(area, record)
        if not (moved or strange):
            continue
        for slip in slips_of(TABLES["land"].by_name["area_mu"]):
            for factor in (slip.factor, 1 / slip.factor):
                right = without(area, factor)
                put_right = total - area + right
                by_last = moved and _near(put_right, last)
                by_record = strange and _near(right, record)
                if not (by_last or by_record):
                    continue
                yield Anomaly(
                    kind="parcel",
                    credit_code=firm["credit_code"],
                    name=firm.get("name"),
                    field=field,
                    value=total,
                    likely=put_right if by_last and by_record else None,
                    odds=float(max(factor, 1 / factor)),
                    values={"parcel": parcel, "area": area, "right": right, "units": slip.units, "last": last},
                )
                return


def _near(one: Decimal, other: Decimal | None) -> bool:
    """Whether two areas are the same but for a survey's two per cent."""
    if other is None or one <= 0 or other <= 0:
        return False
    return 1 / STANDS <= Fraction(one) / Fraction(other) <= STANDS
