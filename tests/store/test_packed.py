"""Frames kept in parts: the same rows, types and order come back, whole or in part; equal frames give equal bytes."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mujun.store import PackedFrame, Packer

ONE = pl.DataFrame({"credit_code": ["a", "b"], "labels": [["x"], []], "as_of": [date(2022, 12, 31)] * 2})
OTHER = pl.DataFrame({"tax_paid": [Decimal("1.5"), None]}, schema={"tax_paid": pl.Decimal(18, 6)})
ORDER = ["credit_code", "tax_paid", "labels", "as_of"]


def packed() -> PackedFrame:
    packer = Packer()
    packer.add(ONE)
    packer.add(OTHER)
    assert packer.columns == [*ONE.columns, *OTHER.columns]
    return packer.packed(ORDER)


@pytest.mark.parametrize("columns", [None, ["tax_paid"], ["as_of", "credit_code"], ["tax_paid", "labels", "nobody's"]])
def test_columns_come_back_in_order(columns: list[str] | None) -> None:
    whole = ONE.hstack(OTHER).select(ORDER)
    wanted = [n for n in ORDER if columns is None or n in columns]
    assert_frame_equal(packed().read(columns), whole.select(wanted))
    assert (packed().columns, packed().height) == (ORDER, 2)


def test_equal_frames_give_equal_bytes() -> None:
    assert packed().blob == packed().blob
    assert packed().digest == packed().digest


def test_a_frame_of_an_earlier_version_is_one_parquet_file() -> None:
    file = io.BytesIO()
    ONE.write_parquet(file)
    kept = PackedFrame(file.getvalue(), 2)
    assert_frame_equal(kept.read(), ONE)
    assert_frame_equal(kept.read(["as_of"]), ONE.select("as_of"))
