"""Pictures of every page of the workbench for review: `python -m tests.workbench.pictures [FOLDER] [--readme]`.

The sample county is loaded and rated, a few files wait in the basket, and each page is photographed in Chromium at the
width of a desk (1280) and of a phone (360); what needs sideways scrolling or says an error in the console is named.
`--readme` puts the three pictures of the README into docs/pictures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from mujun import County
from mujun.samples import sample_files
from mujun.workbench.places import Place
from tests.workbench.chromium import Chromium, chromium, why_none
from tests.workbench.test_serving import running

YEAR, RULES = 2022, "zhejiang/shengzhou-2022"
WIDTHS = (1280, 360)
README = {"/": "home", "/rating/1": "rating", "/rating/1/whatif": "whatif"}
DOCS = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    """Make the pictures and say where they are."""
    parser = argparse.ArgumentParser(description="Pictures of the pages of the workbench.")
    parser.add_argument("folder", type=Path, nargs="?", help="where to (default: a new folder among temporary files)")
    parser.add_argument("--readme", action="store_true", help="only the three of the README, into docs/pictures")
    parser.add_argument("--only", action="append", help="only this page, as often as needed")
    given = parser.parse_args()
    if (why := why_none()) is not None:
        sys.exit(why)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="mujun-workbench-"))
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "嵊州.duckdb"
    county = County(store)
    if not store.exists():
        county.data.load(sample_files())
        county.runs.rate(RULES, YEAR, final=True)
        county.rounds.screen_all(folder / "核查表", year=YEAR, rules=RULES)
    Place("嵊州市（样例）", YEAR).put_beside(store)
    with running(store) as (_, address), chromium() as browser:
        browser.open(address, 120)
        origin = address.split("/enter")[0]
        if given.readme:
            readme(browser, origin)
            return
        for path in given.only or pages(county):
            for width in WIDTHS:
                name = path.strip("/").replace("/", "_").replace("?", "-") or "home"
                photograph(browser, f"{origin}{path}", folder / f"{name}-{width}.png", width, 900)
    sys.stdout.write(f"{folder}\n")


def readme(browser: Chromium, origin: str) -> None:
    """The pictures of the README; in the last one the weight of the taxes is 35 instead of 30."""
    for path, name in README.items():
        file = DOCS / f"workbench-{name}.png"
        photograph(browser, f"{origin}{path}", file, 1280, 800)
        if name == "whatif":
            fields = browser.driver.find_elements("css selector", "[role=main] input[type=number]")
            weight = next(f for f in fields if f.is_displayed() and f.get_attribute("value") == "30")
            weight.send_keys("\ue009a\ue000", "35")  # Ctrl+A, then typed over
            browser.waits_until("return !document.body.innerText.includes('还没有改动')", 120)
            browser.picture(file)


def pages(county: County) -> list[str]:
    """The addresses of all pages, about a firm and a parcel of the last tier."""
    code = county.runs.table(1).filter(tier="D")["credit_code"][0]
    parcel = county.parcels.list(YEAR).brief["parcel"].drop_nulls()[0]
    firm = [f"/firms/{code}{part}" for part in ("", "/explanation", "/calculator", "/visit")]
    run = [f"/rating/1{part}" for part in ("", "/charts", "/whatif", "/stability", "/fairness")]
    return [
        "/", "/data", "/data/coverage", "/checks", "/checks/names", "/checks/anomalies", "/checks/corrections",
        "/confirmation",
    "/confirmation/visits", "/rating", *run, "/publication", "/list", "/measures", "/supervision", "/firms", *firm,
        "/parcels", f"/parcels/{parcel}", "/problems", "/monitoring", "/monitoring/race", "/monitoring/values",
        "/rules", *(f"/rules/{way}?set={RULES}" for way in ("show", "form", "text")), "/changes",
    ]  # fmt: skip


def photograph(browser: Chromium, address: str, file: Path, width: int, height: int) -> None:
    """One page, and what is wrong with it."""
    browser.width(width, height)
    browser.open(address, 180)
    browser.picture(file)
    if (wide := browser.too_wide()) > 0:
        sys.stdout.write(f"{file.name}: {wide} pixels too wide\n")
    for error in browser.errors():
        sys.stdout.write(f"{file.name}: {error}\n")


if __name__ == "__main__":
    main()
