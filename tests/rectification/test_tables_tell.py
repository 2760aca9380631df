"""A condition that goes by a table says what its row was found by, with its unit as it is written."""

from __future__ import annotations

from pathlib import Path

from mujun.rectification import list_enterprises
from mujun.rules.checking import check_rules
from tests.allocation.given import enterprises, rules_of

RULES = """tables:
  line: {file: line.csv, keys: [scale], range: land_mu, labels: {price: 底线}, units: {price: 元/千瓦时}}
listing: [{id: low, when: "line_price > 0.3 and tax_paid < 1", reason: 低于底线}]
"""
LINE = "scale,from,up_to,price\n规上,,10,0.5\n规上,10,,0.3\n*,,,0.1\n"


def test_what_a_row_was_found_by_is_told(tmp_path: Path) -> None:
    (tmp_path / "line.csv").write_text(LINE, encoding="utf-8")
    rules = rules_of(tmp_path, RULES, "rectification")
    firm = {"credit_code": "A", "scale": "规上", "land_mu": 8, "tax_paid": "0.2"}
    told = list_enterprises(rules, enterprises([firm])).triggers
    assert told.select("field", "value", "unit").rows() == [
        ("land_mu", "8", "亩"),
        ("line_price", "0.5", "元/千瓦时"),
        ("scale", "规上", ""),
        ("tax_paid", "0.2", "万元"),
    ]


def test_rows_of_ranges_may_share_their_key(tmp_path: Path) -> None:
    (tmp_path / "line.csv").write_text(LINE, encoding="utf-8")
    rules_of(tmp_path, RULES, "rectification")
    assert "sound_table_double" not in {p.code for p in check_rules(tmp_path).warnings}
    (tmp_path / "line.csv").write_text(LINE.replace("规上,10,,", "规上,9,,"), encoding="utf-8")
    assert {p.code for p in check_rules(tmp_path).problems} == {"lookup_overlap"}
