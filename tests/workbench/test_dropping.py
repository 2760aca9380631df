"""A page that was closed is gone: by itself, without the collector, which would come hundreds of pages later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nicegui import app

from mujun.workbench.dropping import TAB
from tests.workbench.simulated import Bench, played


def test_nothing_of_a_closed_page_waits_for_the_collector(small_store: Path, tmp_path: Path) -> None:
    # In a process of its own: what other tests left, and what counts the lines that ran, may hold parts of a page.
    around = {k: v for k, v in os.environ.items() if not k.startswith("SLIPCOVER")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.workbench.closed_pages", str(small_store), str(tmp_path)],
        capture_output=True, text=True, encoding="utf-8", cwd=Path(__file__).parents[2], env=around, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]


def test_what_tabs_store_is_kept_for_minutes(small_store: Path, tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        await bench.open("/")
        assert app.storage.max_tab_storage_age == TAB < 3600

    played(small_store, tmp_path, play)
