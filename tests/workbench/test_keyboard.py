"""The keyboard alone: Tab reaches all that can be clicked, in the order of the page, seen and called by a name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.chromium import Chromium, chromium, why_none
from tests.workbench.test_serving import running
from tests.workspace.small_county import F, P, rules_at

pytestmark = pytest.mark.skipif(why_none() is not None, reason=f"no real browser: {why_none()}")

MOST = 120
"""Presses of Tab after which a page has to have been walked."""

REACHABLE = """
const seen = e => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && e.getClientRects().length;
return [...document.querySelectorAll('a[href], button, input, select, textarea, [role=tab]')]
  .filter(e => seen(e) && !e.disabled && e.tabIndex >= 0 && !e.closest('[aria-hidden=true]') && e.type !== 'file'
    && !e.closest('.ag-root-wrapper'))
"""

FOCUS_SEEN = """
const e = document.activeElement, s = getComputedStyle(e);
const drawn = s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
if (drawn(s)) return true;
const field = e.closest('.q-field');
if (field) return field.classList.contains('q-field--focused') || drawn(getComputedStyle(field));
const helper = e.querySelector('.q-focus-helper');
return helper !== null && parseFloat(getComputedStyle(helper).opacity) > 0;
"""


@pytest.fixture(scope="module")
def entered(made_small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chromium, str]]:
    folder = tmp_path_factory.mktemp("keyboard")
    rules_at(folder / "规则" / "小县")
    store = Path(shutil.copy(made_small_store, folder / "小县.duckdb"))
    with running(store) as (_, address), chromium() as browser:
        browser.width(1280)
        browser.open(address)
        yield browser, address.split("/enter")[0]


def press(browser: Chromium, key: str) -> None:
    """Press a key as a keyboard does."""
    code = {"Tab": 9, "Enter": 13}[key]
    for kind in ("rawKeyDown", "keyUp"):
        event: dict[str, Any] = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
        browser.driver.execute_cdp_cmd("Input.dispatchKeyEvent", event)


def walked(browser: Chromium) -> list[Any]:
    """What Tab comes to, until it comes around."""
    browser.driver.execute_script("document.activeElement.blur(); getSelection().removeAllRanges()")
    reached: list[Any] = []
    for _ in range(MOST):
        press(browser, "Tab")
        at = browser.driver.switch_to.active_element
        if at.tag_name == "iframe":
            # A page within this one: its own links are come to one after the other, and show it themselves.
            if at not in reached:
                reached.append(at)
            continue
        if at.tag_name == "body" or at in reached:
            break
        reached.append(at)
        assert browser.driver.execute_script(FOCUS_SEEN), f"focus is not seen on {at.get_attribute('outerHTML')[:300]}"
    return reached


@pytest.mark.parametrize("path", ["/", "/rating", "/confirmation", f"/parcels/{P[1]}"])
def test_tab_reaches_all_in_order_seen_and_named(entered: tuple[Chromium, str], path: str) -> None:
    browser, origin = entered
    browser.open(f"{origin}{path}?year=2022")
    wanted = browser.driver.execute_script(REACHABLE)
    reached = walked(browser)
    missing = [e for e in wanted if e not in reached]
    assert not missing, [e.get_attribute("outerHTML")[:200] for e in missing]
    # A blank cell of a grid is called by nothing.
    unnamed = [e for e in reached if not e.accessible_name.strip() and e.get_attribute("role") != "gridcell"]
    assert not unnamed, [e.get_attribute("outerHTML")[:200] for e in unnamed]
    # As the page is read: where two follow each other in its text, Tab comes to them in that order.
    assert [e for e in reached if e in wanted] == wanted


def test_the_first_tab_leads_past_the_drawer_to_the_content(entered: tuple[Chromium, str]) -> None:
    browser, origin = entered
    browser.open(f"{origin}/firms/{F[1]}/calculator?year=2022")
    browser.driver.execute_script("document.activeElement.blur()")
    press(browser, "Tab")
    assert browser.driver.switch_to.active_element.accessible_name == "跳到正文"
    press(browser, "Enter")
    press(browser, "Tab")
    inside = "return document.activeElement.closest('#content') !== null"
    assert browser.driver.execute_script(inside)


def test_what_is_printed_is_the_content_alone(entered: tuple[Chromium, str]) -> None:
    browser, origin = entered
    browser.open(f"{origin}/measures?year=2022")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = browser.driver.execute_script(
            "return ['.q-header', '.q-drawer', '[role=main] button', '.skip', '[role=main] h1']"
            ".map(s => [...document.querySelectorAll(s)].some(e => e.checkVisibility()))"
        )
        assert shown == [False, False, False, False, True]
        # Nothing is cut off at the right edge of an A4 page, 190 mm wide inside its margins.
        browser.width(718)
        assert browser.too_wide() <= 0
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.width(1280)
