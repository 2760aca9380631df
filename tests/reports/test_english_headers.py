"""Columns in English: every word of the dictionary and of the results has one, none is left from what is gone."""

from __future__ import annotations

import pytest

from mujun.fields import FIELDS, LAGS, TABLES
from mujun.fields.english import ENGLISH, ENGLISH_TABLES, ENGLISH_UNITS, english_label, english_unit
from mujun.fields.here import field_here, table_here, with_unit
from mujun.messages import speaking
from mujun.reports.drawing.english_headers import ENGLISH_RESULTS, header_here
from mujun.reports.drawing.labels import _OF, Heading


def test_every_field_and_table_has_an_english_word() -> None:
    assert [name for name in FIELDS if english_label(name) is None] == []
    lagged = {n for n in FIELDS if any(n.removesuffix(s) in FIELDS and n.endswith(s) for s in LAGS)}
    assert set(ENGLISH) == set(FIELDS) - lagged
    assert set(ENGLISH_TABLES) == set(TABLES)
    parts = {part for f in FIELDS.values() if f.unit for part in (f.unit, *f.unit.split("/")) if "/" not in part}
    assert parts <= set(ENGLISH_UNITS)
    words = [*ENGLISH.values(), *ENGLISH_TABLES.values()]
    assert [w for w in words if not w.isascii()] == []


@pytest.mark.parametrize("what", _OF)
def test_every_column_of_a_result_has_an_english_word(what: str) -> None:
    assert set(ENGLISH_RESULTS[what]) == set(_OF[what])


def test_a_header_is_read_in_either_language() -> None:
    heading = Heading("tax_per_mu_points", "亩均税收·得分", "分", "number", 2)
    land = Heading("land_mu_last", "上年实际用地", "亩", "number", 2)
    assert [header_here(h) for h in (heading, land)] == ["亩均税收·得分（分）", "上年实际用地（亩）"]
    with speaking("en"):
        assert [header_here(h) for h in (heading, land)] == ["亩均税收 · points (points)", "Land used, last year (mu)"]
        assert header_here(Heading("kind", "类别"), "allocation") == "Kind"
        assert header_here(Heading("kind", "主体类型"), "enterprises") == "Kind of entity"
        assert (field_here("tax_paid"), table_here("tax"), with_unit(FIELDS["tax_paid"])) == (
            "Tax paid",
            "Tax",
            "Tax paid (10k yuan)",
        )
        assert (field_here("patents"), table_here("patents")) == ("patents", "patents")
    assert (field_here("tax_paid"), table_here("tax"), with_unit(FIELDS["tax_paid"])) == (
        "实缴税金",
        "税收",
        "实缴税金（万元）",
    )
    assert english_unit("元/㎡") == "yuan/m²"
