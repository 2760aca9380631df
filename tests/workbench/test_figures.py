"""Money with two decimals and thousands apart; names that stand whole; all that is cut at hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from nicegui import ui

from mujun.workbench.figures import Money, money
from mujun.workbench.grid import Shown, _definition
from mujun.workbench.pages.checks import plain_table
from tests.workbench.simulated import Bench, played


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1234567.005", "1,234,567.01"), ("0", "0.00"), ("-0.001", "0.00"), ("-1234.5", "-1,234.50"), ("2.345", "2.35")],
)
def test_amounts(value: str, shown: str) -> None:
    assert str(Money(Decimal(value))) == shown


def test_what_is_no_amount_stays_as_it_is() -> None:
    assert (money(None), money("12"), money(3)) == (None, "12", 3)


def test_a_table_shows_two_decimals_and_has_all_digits(small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/")
        with bench.user._client:
            plain_table(["甲"], [(Money(Decimal("1234.567891")),), (Decimal("1234.567891"),)])
        table = next(h.content for h in bench.user.find(kind=ui.html).elements if "class='plain'" in h.content)
        assert "<td class='figure' title='1234.567891'>1,234.57</td>" in table
        assert "<td class='figure'>1234.567891</td>" in table

    played(small_store, tmp_path, play)


def column(name: str, values: list[Any], **more: Any) -> dict[str, Any]:
    return _definition(Shown(name, name, **more), pl.DataFrame({name: values}))


def test_a_grid_gives_names_two_lines_and_room_and_says_in_full_what_is_cut() -> None:
    short, long = (column("name", ["甲" * n], width=210) for n in (6, 30))
    assert (short["width"], long["width"]) == (210, 42 + 16 * 14)
    assert long["wrapText"]
    assert column("township", ["甘霖镇"])["tooltipField"] == "township"
    amount = column("amount", [Decimal("1.5")], money=True)
    assert "minimumFractionDigits: 2, maximumFractionDigits: 2" in amount[":valueFormatter"]
    assert "String(p.value)" in amount[":tooltipValueGetter"]
    assert "tooltipField" not in column("land_mu", [Decimal("1.5")])
