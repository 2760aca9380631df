"""The grid with two thousand firms in a real Chromium; `python -m tests.workbench.large` does it with 50,000."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.workbench.chromium import why_none
from tests.workbench.large import tried

pytestmark = [
    pytest.mark.skipif(why_none() is not None, reason=f"no real browser: {why_none()}"),
    pytest.mark.skipif(sys.platform != "linux", reason="seconds of processor are read from /proc"),
]


def test_a_grid_is_sorted_filtered_scrolled_copied_and_exported(tmp_path: Path) -> None:
    assert [name for name, _, _ in tried(2_000, tmp_path)] == [
        "open", "sort", "scroll to the end", "filter", "export", "copy",
    ]  # fmt: skip
