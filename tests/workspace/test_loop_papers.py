"""Plans, strike-off notices and orders to mend, as pages and in Word: what they name, and who signs."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from mujun.errors import UsageError
from mujun.rectification.states import Action, Event
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.book import event_rows
from mujun.workspace.papers import listing_paper
from mujun.workspace.problems.problem_list import say_of_problem
from mujun.workspace.rectification.firm_papers import plan_papers
from mujun.workspace.rectification.lists import draft, issue
from mujun.workspace.rectification.paper_files import notice_pages, order_pages, plan_pages
from mujun.workspace.rectification.parcel_papers import parcel_papers

from .small_county import F, P
from .test_census import PROBLEM, TITLES

PLANNED = "2023-06-30 拆除锅炉；2023年9月30日前 厂房腾空；签订协议"


def walk(own: County, subject: str, *steps: tuple[Action, dict[str, Any]], start: date = date(2023, 5, 1)) -> None:
    kind: Any = "parcel" if "GB" in subject else "enterprise"
    several = [
        Event(subject, action, start.replace(day=day), kind=kind, **more)
        for day, (action, more) in enumerate(steps, start=1)
    ]
    with Store.open(own.path, write=True) as store:
        store.add_events(event_rows(several), who="t")


@pytest.fixture(scope="module")
def own(made_small_county: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """Firm 3 and parcel 2 are planned, each with its problems; firm 1 and parcel 1 are struck off."""
    folder = tmp_path_factory.mktemp("papers")
    own = County(shutil.copy(made_small_county, folder / "small.duckdb"))
    for name, text in (("地块权属", TITLES), ("问题清单", PROBLEM)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        own.data.load([folder / f"{name}.csv"])
    issue(own, title="清单", document="1号", issued_on=date(2023, 3, 1))
    say_of_problem(own, "W1", "order", deadline=date(2023, 7, 15), department="消防救援大队", document="消限1号")
    seen: dict[str, Any] = {"evidence": ("镇街核查表",), "document": "验1号"}
    for subject, more in ((F[3], {}), (P[2], {"path": "拆除重建"})):
        walk(own, subject, ("plan", {"note": PLANNED, "way": "整体腾退", **more}))
    for subject, freed in (
        (F[1], {"energy_tce": Decimal(80)}), (P[1], {"land_mu": Decimal(2), "waiver": "东侧已收回"})
    ):  # fmt: skip
        struck: tuple[tuple[Action, dict[str, Any]], ...] = (
            ("plan", {"way": "改造提升"}), ("start", {}), ("report", {}), ("accept", {**seen, **freed}),
            ("strike_off", {"document": "销7号"}),
        )  # fmt: skip
        walk(own, subject, *struck)
    return own


def words_in(file: Path) -> str:
    """The text of a Word file, or a page as it is."""
    if file.suffix == ".html":
        return file.read_text(encoding="utf-8")
    pytest.importorskip("docx")
    import docx

    document = docx.Document(str(file))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def holds(text: str, wanted: Sequence[str]) -> None:
    for said in wanted:
        assert said in text, said


@pytest.mark.parametrize("ending", [".docx", ".html"])
def test_a_plan_names_problems_path_measures_and_who_signs(own: County, tmp_path: Path, ending: str) -> None:
    assert plan_pages(own, tmp_path / f"企业{ending}", code=F[3]) == 1
    both = (
        "整治提升（整体腾退）",
        "拆除锅炉",
        "厂房腾空",
        "签订协议",
        "镇街（三江街道办事处）",
        "经信局",
        "镇街核查表",
    )
    text = words_in(tmp_path / f"企业{ending}")
    holds(text, ("一企一策", "示例3厂", "消防隐患", "消防救援大队", "企业（盖章、签字）", "亩均税收低于6万元", *both))
    assert plan_pages(own, tmp_path / f"地块{ending}", code=P[2]) == 1
    text = words_in(tmp_path / f"地块{ending}")
    wanted = (
        "一地一策",
        P[2],
        "违法建设",
        "示例4厂",
        "国有出让",
        "浙2022嵊0001",
        "亩均税收 30 万元/亩",
        "2024-06-30 前竣工",
    )
    holds(text, (*wanted, "拆除重建（整体腾退）", "权利人、企业（盖章、签字）", *both[1:]))


def test_measures_come_by_day_and_problems_are_among_them(own: County) -> None:
    (firm,) = plan_papers(own, code=F[3])
    assert [(m.by, m.what, m.who) for m in firm.measures] == [
        (date(2023, 6, 30), "拆除锅炉", "三江街道办事处"),
        (date(2023, 7, 15), "整改消防隐患", "消防救援大队"),
        (date(2023, 9, 30), "厂房腾空", "三江街道办事处"),
        (None, "签订协议", "三江街道办事处"),
    ]
    (parcel,) = parcel_papers(own, P[2])
    # The parcel has W2, its firms W1 and W3; W2 and W3 have no deadline yet.
    assert [m.what for m in parcel.measures] == [
        "拆除锅炉",
        "整改消防隐患",
        "厂房腾空",
        "签订协议",
        "整改违法建设",
        "整改消防隐患",
    ]


@pytest.mark.parametrize("ending", [".docx", ".html"])
def test_notices_have_number_freed_land_and_copies(own: County, tmp_path: Path, ending: str) -> None:
    assert notice_pages(own, tmp_path / f"企业{ending}") == 1
    text = words_in(tmp_path / f"企业{ending}")
    holds(text, ("示例1厂", "销7号", "（验1号）", "整治提升（改造提升）", "2023年5月5日", "三江街道办事处"))
    assert "80" in text
    assert notice_pages(own, tmp_path / f"地块{ending}", parcels=True) == 1
    text = words_in(tmp_path / f"地块{ending}")
    holds(text, (P[1], "销7号", "2023年5月5日", "抄送：自然资源局", "三江街道办事处", "示例1厂", "核实腾出用地 2"))


@pytest.mark.parametrize("ending", [".docx", ".html"])
def test_an_order_is_the_department_s_letter(own: County, tmp_path: Path, ending: str) -> None:
    assert order_pages(own, tmp_path / f"责令{ending}", ["W1"]) == 1
    holds(words_in(tmp_path / f"责令{ending}"),
          ("责令限期整改通知书", "示例3厂", F[3], "消防隐患", "2023年7月15日", "消防救援大队", "消限1号"))  # fmt: skip
    assert order_pages(own, tmp_path / f"全部{ending}") == 1, "of all that are ordered"
    with pytest.raises(UsageError) as caught:
        order_pages(own, tmp_path / f"无{ending}", ["W2"])
    assert caught.value.problems[0].code == "problem_not_ordered"


def test_all_of_a_township_each_on_its_page_and_the_same_bytes(own: County, tmp_path: Path) -> None:
    count = plan_pages(own, tmp_path / "a.docx", township="三江街道")
    assert count == 4, "firms 1 to 4"
    plan_pages(own, tmp_path / "b.docx", township="三江街道")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as word:
        assert word.read("word/document.xml").decode().count("<w:pageBreakBefore") == count - 1
    assert plan_pages(own, tmp_path / "c.html", township="三江街道", parcels=True) == 2
    assert (tmp_path / "c.html").read_text(encoding="utf-8").count("<section") == 2


def test_the_grounds_of_a_list_are_in_words(made_small_county: Path, tmp_path: Path) -> None:
    own = County(shutil.copy(made_small_county, tmp_path / "small.duckdb"))
    file = listing_paper(draft(own, date(2023, 3, 1)), tmp_path / "清单.xlsx")
    page = openpyxl.load_workbook(file)["列入依据"]
    cells = [str(c.value) for r in page.iter_rows() for c in r if c.value is not None]
    assert "亩均税收 低于 6万元/亩" in cells or any(
        "亩均税收" in c and "6" in c and "tax_per_mu" not in c for c in cells
    )
    assert not any("tax_per_mu" in c for c in cells)
