"""Cells as Excel names them."""

from __future__ import annotations

from mujun.writing.cell_names import cell_name


def test_cells_are_named_as_excel_names_them() -> None:
    assert [cell_name(8, c) for c in (0, 25, 26, 701, 702)] == ["A9", "Z9", "AA9", "ZZ9", "AAA9"]
