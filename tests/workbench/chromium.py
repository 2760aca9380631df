"""A real Chromium for the tests of the workbench and for its pictures: Debian's, driven by its own driver."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
    "--disable-extensions", "--ignore-certificate-errors", "--lang=zh-CN",
)  # fmt: skip

LOOKS = 0.02
"""Seconds from one look at a page to the next."""

LAID_OUT = 0.3
"""Seconds after which a page is laid out for another width."""


def why_none() -> str | None:
    """Why there is no Chromium to test with; `None` where there is one."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed"
    missing = [p for p in ("chromium", "chromedriver") if shutil.which(p) is None]
    return f"{' and '.join(missing)} not installed (apt-get install chromium chromium-driver)" if missing else None


class Chromium:
    """One window of the browser.

    Attributes:
        driver: what drives it.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._said: list[str] = []
        self._changed = 0.0

    def open(self, address: str, seconds: float = 60) -> None:
        """Open an address and wait until its content is there."""
        self.driver.get(address)
        self.settled(seconds)

    def settled(self, seconds: float = 60) -> None:
        """Wait until the page has its content and works no more."""
        done = (
            "return document.querySelector('main h1, [role=main] h1') !== null && !document.querySelector('.q-spinner')"
            " && !document.querySelector('.ag-overlay-loading-center')"
        )
        self.waits_until(done, seconds)

    def waits_until(self, script: str, seconds: float = 60) -> None:
        """Wait until a script gives true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.driver.execute_script(script):
                return
            time.sleep(LOOKS)
        raise AssertionError(f"{self.driver.current_url} still works")

    def waits_for(self, text: str, seconds: float = 60) -> None:
        """Wait until a text is on the page."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if text in self.text:
                return
            time.sleep(LOOKS)
        raise AssertionError(f"{self.driver.current_url} does not say {text}:\n{self.text}")

    @property
    def text(self) -> str:
        """All that is shown."""
        return str(self.driver.execute_script("return document.body.innerText"))

    def click(self, words: str) -> None:
        """Click the button with these words, as soon as it can be clicked."""
        find = (
            "const b = [...document.querySelectorAll('button')].find(b => b.innerText.trim().endsWith(arguments[0])"
            " && !b.disabled); if (b) b.click(); return b !== undefined"
        )
        self._until(find, words, f"no button {words}")

    def choose(self, words: str) -> None:
        """Choose this from the page's first list."""
        self.driver.execute_script("document.querySelector('[role=main] .q-select input').click()")
        find = (
            "const o = [...document.querySelectorAll('.q-menu .q-item')]"
            ".find(o => o.innerText.trim() === arguments[0]); if (o) o.click(); return o !== undefined"
        )
        self._until(find, words, f"{words} is not to be chosen")

    def _until(self, script: str, words: str, wrong: str) -> None:
        """Run a script until it has done what it is for."""
        for _ in range(int(30 / LOOKS)):
            if self.driver.execute_script(script, words):
                return
            time.sleep(LOOKS)
        raise AssertionError(f"{wrong} on {self.driver.current_url}:\n{self.text}")

    def width(self, pixels: int, height: int = 900) -> None:
        """Be as wide as a phone or a screen."""
        size = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self._changed = time.monotonic()

    def too_wide(self) -> int:
        """Pixels that the page would have to be scrolled sideways for, once it is laid out for the width it has."""
        time.sleep(max(0.0, self._changed + LAID_OUT - time.monotonic()))
        return int(self.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth"))

    def errors(self) -> list[str]:
        """What the console has said since it was last asked."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]

    def hosts(self) -> set[str]:
        """Whom the browser has asked for something since it was last asked."""
        asked = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                params = message["params"]
                address = urlsplit(params.get("url") or params["request"]["url"])
                if address.scheme in ("http", "https", "ws", "wss", "ftp"):
                    asked.add(str(address.hostname))
        return asked

    def picture(self, file: Path) -> None:
        """What is in the window, as PNG."""
        self.driver.save_screenshot(str(file))


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A window with a profile of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory(prefix="mujun-chromium-", ignore_cleanup_errors=True) as profile:
        for switch in (*SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
        try:
            driver.set_page_load_timeout(90)
            yield Chromium(driver)
        finally:
            driver.quit()
