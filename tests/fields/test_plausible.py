"""Plausible bands: the median of a file tells its unit; nothing else."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mujun.fields import FIELDS, TABLES, Field, implausible_median, median_of, slips_of
from mujun.numbers import QUANTITY

BANDED = {f.name: f for t in TABLES.values() for f in t.fields if f.plausible is not None}


def figures(*values: str | None) -> pl.Series:
    return pl.Series([None if v is None else Decimal(v) for v in values], dtype=QUANTITY)


@pytest.mark.parametrize("name", ["tax_paid", "value_added", "energy_tce", "area_mu", "employees", "electricity_kwh"])
def test_the_figures_that_decide_a_rating_have_a_band(name: str) -> None:
    assert name in BANDED


@pytest.mark.parametrize("field", BANDED.values(), ids=lambda f: f.name)
def test_a_slip_never_stays_within_the_band(field: Field) -> None:
    band = field.plausible
    assert band is not None
    assert band.source
    assert band.low > 0
    usual = slips_of(field)[:1]  # 元 for 万元, ㎡ for 亩, kg for t
    for slip in usual:
        assert band.high / band.low < slip.factor, "a median at one end would be as plausible in the other unit"


def test_middle_figure_without_blanks_zeros_and_signs() -> None:
    assert median_of(figures(None, "0", "5", "-7", "100")) == Decimal(7)
    assert median_of(figures("1", "2", "3", "4")) == Decimal(2)
    assert median_of(figures(None, "0")) is None


def test_a_file_in_yuan_gives_itself_away() -> None:
    tax = FIELDS["tax_paid"]
    assert implausible_median(tax, figures("12.5", "20", "1500", "0.2")) is None
    assert implausible_median(tax, figures("125000", "200000", "15000000", "2000")) == Decimal(125000)


def test_a_field_without_band_is_never_implausible() -> None:
    assert implausible_median(FIELDS["cod_t"], figures("1e9")) is None
