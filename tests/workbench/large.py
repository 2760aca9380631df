"""The grid of a large county in a real Chromium: `python -m tests.workbench.large [FIRMS]`, 50,000 unless told.

Firms are loaded as a department would send them; the grid is opened, sorted, filtered, scrolled to its end, copied from
and exported, and what it shows is held against the figures that were made. What each step cost is told in seconds of
processor: of the workbench's process, and of the page's own thread. `test_large.py` does the same with fewer firms.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mujun import County
from tests.workbench.chromium import Chromium, chromium, why_none
from tests.workbench.test_serving import running
from tests.workspace.small_county import code

TOWNSHIPS = ("三江街道", "甘霖镇", "长乐镇", "崇仁镇", "石璜镇")
PART = "甘霖镇"
"""What the grid is filtered by: a fifth of the firms."""


def taxes(firms: int) -> list[Decimal]:
    """The taxes of each firm in 万元: all different, in no order."""
    return [Decimal(number * 7919 % firms) + Decimal("0.25") for number in range(1, firms + 1)]


def large_store(folder: Path, firms: int) -> Path:
    """A store with so many firms and their taxes of 2022."""
    numbers = range(1, firms + 1)
    roll = pl.DataFrame(
        {
            "年度": ["2022"] * firms,
            "统一社会信用代码": [code(n) for n in numbers],
            "企业名称": [f"示例{n:05d}厂" for n in numbers],
            "镇街": [TOWNSHIPS[n % len(TOWNSHIPS)] for n in numbers],
            "规模": ["规下"] * firms,
        }
    )
    roll.write_csv(folder / "企业名录_2022.csv")
    paid = roll.select("年度", "统一社会信用代码", "企业名称").with_columns(
        pl.Series("实缴税金(万元)", [str(t) for t in taxes(firms)])
    )
    paid.write_csv(folder / "税收_2022.csv")
    store = folder / "大县.duckdb"
    outcome = County(store).data.load([folder / "企业名录_2022.csv", folder / "税收_2022.csv"])
    assert [f.rows_in for f in outcome.files] == [firms, firms], [str(p) for f in outcome.files for p in f.refused]
    return store


class Clock:
    """Seconds of processor of the workbench's process and of the page's thread, step by step."""

    def __init__(self, browser: Chromium, process: int) -> None:
        self.browser = browser
        self.process = process
        self.told: list[tuple[str, float, float]] = []
        browser.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What is done inside is one step."""
        before = self._now()
        yield
        after = self._now()
        self.told.append((name, after[0] - before[0], after[1] - before[1]))

    def _now(self) -> tuple[float, float]:
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        metrics = self.browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        page = next(m["value"] for m in metrics if m["name"] == "TaskDuration")
        return ticks / os.sysconf("SC_CLK_TCK"), float(page)


API = "const api = getElement(Number(document.querySelector('.nicegui-aggrid').id.slice(1))).api;"


def tried(firms: int, folder: Path) -> list[tuple[str, float, float]]:
    """Try the grid of so many firms; gives each step with its seconds of processor: of the workbench, of the page."""
    store = large_store(folder, firms)
    expected = pl.DataFrame(
        {"name": [f"示例{n:05d}厂" for n in range(1, firms + 1)], "tax": taxes(firms),
         "township": [TOWNSHIPS[n % len(TOWNSHIPS)] for n in range(1, firms + 1)]}
    )  # fmt: skip
    with running(store) as (program, address), chromium() as browser:
        browser.width(1280)
        browser.open(address, 300)
        browser.driver.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
        clock = Clock(browser, program.pid)

        def js(script: str) -> Any:
            return browser.driver.execute_script(API + script)

        def until(true: Callable[[], bool]) -> None:
            for _ in range(1200):
                if true():
                    return
                time.sleep(0.1)
            raise AssertionError(browser.text[:2000])

        with clock.step("open"):
            browser.open(f"{address.split('/enter')[0]}/firms?year=2022", 300)
            until(lambda: js("return api.getDisplayedRowCount()") == firms)
        # Only the rows that are looked at are drawn, however many there are.
        assert js("return document.querySelectorAll('.ag-center-cols-container .ag-row').length") < 100
        by_tax = expected.sort("tax", descending=True)["name"]
        with clock.step("sort"):
            header = "[...document.querySelectorAll('.ag-header-cell')].find(h => h.innerText.startsWith('实缴税金'))"
            js(f"api.ensureColumnVisible('tax_paid'); return {header} !== undefined")
            until(lambda: bool(js(f"return {header} !== undefined")))
            for _ in range(2):
                js(f"{header}.querySelector('.ag-header-cell-label').click()")
            until(lambda: js("return api.getDisplayedRowAtIndex(0).data.name") == by_tax[0])
        assert js("return api.getDisplayedRowAtIndex(1).data.name") == by_tax[1]
        with clock.step("scroll to the end"):
            js("api.ensureIndexVisible(api.getDisplayedRowCount() - 1, 'bottom')")
            until(lambda: by_tax[firms - 1] in js("return document.querySelector('.nicegui-aggrid').innerText"))
        with clock.step("filter"):
            search = browser.driver.find_element("css selector", "[role=main] input[aria-label='在表内查找']")
            search.send_keys(PART)
            mine = expected.filter(township=PART)
            until(lambda: js("return api.getDisplayedRowCount()") == mine.height)
        with clock.step("export"):
            browser.click("导出所见")
            file = folder / "2022年度企业.csv"
            until(file.exists)
        shown = pl.read_csv(file, infer_schema=False)
        assert shown["企业名称"].to_list() == mine.sort("tax", descending=True)["name"].to_list()
        with clock.step("copy"):
            js("api.ensureIndexVisible(0, 'top'); api.ensureColumnVisible('name')")
            cell = "document.querySelector(\".ag-row[row-index='0'] [col-id='name']\")"
            until(lambda: bool(js(f"return {cell} !== null")))
            first = js(f"return {cell}")
            copied = browser.driver.execute_script(
                "const s = getSelection(); s.selectAllChildren(arguments[0]); return s.toString().trim()", first
            )
            assert copied == mine.sort("tax", descending=True)["name"][0]
        assert browser.errors() == []
        assert browser.hosts() == {"127.0.0.1"}
        return clock.told


def main() -> None:
    """Try it and tell what it cost."""
    if (why := why_none()) is not None:
        sys.exit(why)
    firms = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with tempfile.TemporaryDirectory(prefix="mujun-large-") as folder:
        for name, process, page in tried(firms, Path(folder)):
            sys.stdout.write(f"{name:20} {process:7.2f} s workbench {page:7.2f} s page\n")


if __name__ == "__main__":
    main()
