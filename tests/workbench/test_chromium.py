"""The year's main path in a real Chromium: files in, rated, looked at; narrow and wide; nothing asked of others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mujun import County
from mujun.workbench import people
from tests.workbench.chromium import Chromium, chromium, why_none
from tests.workbench.test_people import WORD, certificate
from tests.workbench.test_serving import running
from tests.workspace.small_county import RATING, F, P, rules_at
from tests.workspace.test_rules_by_hand import CASES

pytestmark = pytest.mark.skipif(why_none() is not None, reason=f"no real browser: {why_none()}")

PAGES = (
    "/", "/data", "/data/coverage", "/checks", "/checks/names", "/checks/anomalies", "/checks/corrections",
    "/confirmation", "/confirmation/visits", "/rating", "/rating/1", "/rating/1/charts", "/publication", "/list",
    "/measures", "/supervision", "/firms", f"/firms/{F[1]}", f"/firms/{F[1]}/explanation",
    f"/firms/{F[1]}/calculator", f"/firms/{F[1]}/visit", "/parcels",
    f"/parcels/{P[1]}", "/problems", "/rules", "/rules/show?set=小县", "/rules/form?set=小县", "/rules/text?set=小县",
    "/monitoring", "/monitoring/values", "/changes",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(made_small_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chromium")
    rules_at(folder / "规则" / "小县", tests=CASES)
    made = Path(shutil.copy(made_small_store, folder / "小县.duckdb"))
    # Handed out, so that the pages of visits have something to show.
    County(made).rounds.screen_all(folder / "核查表", year=2022)
    return made


@pytest.fixture(scope="module")
def entered(store: Path) -> Iterator[tuple[Chromium, str]]:
    """A window that has come in, and what addresses begin with."""
    with running(store) as (_, address), chromium() as browser:
        browser.width(1280)
        browser.open(address)
        yield browser, address.split("/enter")[0]


def test_the_main_path_of_a_year(entered: tuple[Chromium, str], store: Path, tmp_path: Path) -> None:
    browser, origin = entered
    browser.waits_for("2022年度")
    file = tmp_path / "用水_2022.csv"
    file.write_text(f"年度,统一社会信用代码,企业名称,用水量(吨)\n2022,{F[1]},示例1厂,50\n", encoding="utf-8")
    browser.open(f"{origin}/data?year=2022")
    browser.driver.find_element("css selector", "input[type=file]").send_keys(str(file))
    browser.waits_for("待装入的文件（1 个）")
    browser.waits_for("读懂了")
    browser.click("装入")
    browser.waits_for("装入 1 行，0 行有错不计入")
    browser.open(f"{origin}/?year=2022")
    browser.waits_for("已过时")
    browser.open(f"{origin}/rating?year=2022")
    browser.choose("小县评价（小县）")
    browser.click("评价")
    browser.waits_for("第 2 次")
    browser.settled()
    assert browser.driver.current_url.endswith("/rating/2?year=2022")
    browser.waits_for("示例1厂")
    assert browser.errors() == []
    assert browser.hosts() == {"127.0.0.1"}
    county = County(store)
    assert county.runs.list().height == 2
    assert county.data.table("water")["water_m3"].to_list() == [50]


def test_rules_are_changed_in_the_form_and_in_the_text(entered: tuple[Chromium, str], store: Path) -> None:
    """5 万元 a mu are half of the benchmark 10: 50 points, as the case says; of 20 they are a quarter."""
    browser, origin = entered
    file = store.parent / "规则" / "小县" / "rating.yaml"
    browser.width(1280)
    browser.open(f"{origin}/rules/form?set=小县&year=2022")
    browser.waits_for("验算例 1 个，成立 1 个")
    fields = browser.driver.find_elements("css selector", "table.form input")
    benchmark = next(f for f in fields if f.get_attribute("aria-label") == "亩均税收 基准值")
    benchmark.send_keys("\ue009a\ue000", "20")  # Ctrl+A, then typed over
    browser.waits_for("应为 50，得到 25")
    browser.click("保存")
    browser.waits_for("已保存：rating.yaml")
    assert file.read_text(encoding="utf-8") == RATING.replace("benchmark: 10}", "benchmark: 20}")
    browser.click("撤销这次保存")
    browser.waits_for("已恢复到保存以前")
    assert file.read_text(encoding="utf-8") == RATING
    browser.open(f"{origin}/rules/text?set=小县&file=rating.yaml&year=2022")
    browser.waits_for("检查没有错误")
    editor = browser.driver.find_element("css selector", ".cm-content")
    editor.send_keys("\ue009\ue010\ue000", "oops: 1")  # Ctrl+End
    line = RATING.count("\n") + 1
    browser.waits_for(f"rating.yaml:{line}")
    browser.waits_until("return document.querySelector('.cm-line.line-wrong')?.textContent === 'oops: 1'")
    browser.driver.execute_script("document.querySelector('.cm-scroller').scrollTop = 0")
    browser.click("到这里")
    browser.waits_until(
        "const l = document.querySelector('.cm-line.line-wrong').getBoundingClientRect(),"
        " e = document.querySelector('.cm-scroller').getBoundingClientRect();"
        " return l.top >= e.top - 1 && l.bottom <= e.bottom + 1"
    )
    browser.click("放弃改动")
    browser.waits_for("还没有改动")
    assert browser.errors() == []
    assert browser.hosts() == {"127.0.0.1"}


def test_several_of_the_list_are_ticked_and_recorded_at_once(
    entered: tuple[Chromium, str], store: Path, tmp_path: Path
) -> None:
    browser, origin = entered
    county = County(store)
    county.rectify.issue(title="清单", document="1号", issued_on=date(2023, 3, 1))
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(b"\xff\xd8\xffpicture")
    browser.width(1280)
    browser.open(f"{origin}/list?year=2022")
    browser.waits_for("给勾选的几家记同一件事")
    browser.waits_until("return document.querySelectorAll('.ag-row input[type=checkbox]').length >= 2")
    for _ in range(2):
        browser.driver.execute_script(
            "[...document.querySelectorAll('.ag-row input[type=checkbox]')].find(b => !b.checked).click()"
        )
    browser.click("给勾选的几家记同一件事")
    browser.waits_for("给 2 家（块）记同一件事")
    browser.driver.find_element("css selector", ".q-dialog input[type=file]").send_keys(str(photo))
    browser.waits_for("现场.jpg")
    browser.click("登记")
    browser.waits_for("已记 2 家（块）")
    tracked = county.monitor.status(date.today()).tracked
    planned = tracked.filter(state="planned")["subject"].to_list()
    assert len(planned) == 2
    for width in (1280, 360):
        browser.width(width)
        browser.open(f"{origin}/list/{planned[0]}?year=2022")
        browser.waits_for("现场.jpg")
        assert browser.too_wide() <= 0
    assert browser.errors() == []
    assert browser.hosts() == {"127.0.0.1"}


def test_a_township_signs_in_over_https(made_small_store: Path, tmp_path: Path) -> None:
    """The whole way of somebody at another PC: certificate, form, cookie, socket; his firm opens, no other."""
    store = Path(shutil.copy(made_small_store, tmp_path / "小县.duckdb"))
    crt, key = certificate(tmp_path)
    for name, role, of in (("张三", "bureau", ""), ("李四", "township", "甘霖镇")):
        people.add(store, name, role, of, WORD)
    given = ("--host", "127.0.0.1", "--certificate", str(crt), "--key", str(key))
    with running(store, *given) as (_, address), chromium() as browser:
        browser.width(360, 740)
        browser.driver.get(f"{address}firms?year=2022")
        assert browser.too_wide() <= 0
        for field, said in (("name", "李四"), ("password", WORD)):
            browser.driver.find_element("name", field).send_keys(said)
        browser.click("登录")
        browser.settled()
        browser.waits_for("示例5厂")
        assert "示例1厂" not in browser.text
        assert browser.too_wide() <= 0
        browser.open(f"{address}firms/{F[1]}")
        browser.waits_for("您的账号不能看这一页")
        browser.open(f"{address}firms/{F[5]}")
        browser.waits_for("示例5厂")
        browser.open(address)
        people.remove(store, "李四")
        browser.driver.get(f"{address}firms")
        browser.waits_for("口令")
        assert browser.hosts() == {"127.0.0.1"}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_sideways_scroll_and_says_no_error(entered: tuple[Chromium, str], path: str) -> None:
    browser, origin = entered
    browser.width(1280)
    browser.open(f"{origin}{path}{'&' if '?' in path else '?'}year=2022")
    assert browser.too_wide() <= 0
    browser.width(360, 740)
    assert browser.too_wide() <= 0
    assert browser.errors() == []
    assert browser.hosts() <= {"127.0.0.1"}
    assert "Traceback" not in browser.text
    assert "未能完成" not in browser.text
    if path.endswith("/visit"):
        assert "现场" in browser.text
