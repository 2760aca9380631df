"""Statistics over firms that are related: on the same parcels, or renting from one landlord.

Each firm has a group of its own, and may be in many: the frame is taken apart into pairs of the firm that asks and a
firm that counts, and every firm that asks is one group.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mujun.rating.groups import Groups
from mujun.rating.statistics import StatisticTable, compute_statistics
from mujun.rules.model.names import RELATIONS, Relation
from mujun.rules.names import StatisticPlan

PAIRS: dict[str, pl.DataType] = {"asks": pl.UInt32(), "counts": pl.UInt32()}
"""Row numbers of the firm that asks and of a firm that counts for it."""


def related_statistics(
    plans: Sequence[StatisticPlan], frame: pl.DataFrame, relation: Relation, keys: tuple[str, ...] = ()
) -> list[StatisticTable]:
    """Statistics over one relation; the numbers of each (`by_code`) in the order of the frame's rows.

    Args:
        plans: statistics over this relation and these keys.
        frame: enterprises with every column the statistics read, `credit_code` and `treatment`.
        relation: how they are related.
        keys: columns in which the firm that counts has to equal the one that asks.
    """
    pairs = pairs_of(frame, relation, keys)
    groups = Groups(("credit_code",), pairs["asks"], frame.height, frame.select("credit_code"))
    return compute_statistics(plans, frame[pairs["counts"]], groups)


def pairs_of(frame: pl.DataFrame, relation: Relation, keys: tuple[str, ...] = ()) -> pl.DataFrame:
    """Who counts for whom, each once, columns as in `PAIRS`; a firm without parcels or tenants asks in vain."""
    rows = frame.select("credit_code", RELATIONS[relation], *keys).with_row_index("asks")
    asks = rows.drop("credit_code").explode(RELATIONS[relation]).rename({RELATIONS[relation]: "_by"})
    asks = asks.drop_nulls("_by")
    counts = asks if relation == "parcel" else rows.drop(RELATIONS[relation]).rename({"credit_code": "_by"})
    joined = asks.join(counts.rename({"asks": "counts"}), on=["_by", *keys], how="inner")
    return joined.select(pl.col(n).cast(t) for n, t in PAIRS.items()).unique().sort("asks", "counts")
