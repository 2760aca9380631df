"""`mujun report`: the year's papers in a folder, and what is said where something is missing or wrong."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote
from xml.dom import minidom

import pytest

from mujun.workspace import County
from tests.cli import running
from tests.workspace.small_county import county, files_at, rules_at

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> County:
    return county(tmp_path_factory.mktemp("report"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command on a county's store: its exit status, and all that it printed."""

    def command(the_county: County, *words: object) -> tuple[int, str]:
        status, printed, complained = running.run(capsys, "--db", the_county.path, *words)
        return status, printed + complained

    return command


@pytest.mark.usefixtures("chinese_font")
def test_all_papers_in_one_folder_with_a_page_that_opens_them(run: Run, small: County, tmp_path: Path) -> None:
    status, printed = run(small, "report", 2022, "-o", tmp_path / "材料")
    assert status == 0, printed
    names = {f.relative_to(tmp_path / "材料").as_posix() for f in (tmp_path / "材料").rglob("*") if f.is_file()}
    assert {
        "index.html",
        "2022年度全县报告.html",
        "2022年度汇报稿.docx",
        "2022年度结果公示稿.docx",
        "2022年度数据公示稿.docx",
        "2022年度综合评价.xlsx",
        "2022年度整治清单.xlsx",
        "镇街报告/甘霖镇.html",
        "镇街报告/三江街道.html",
        "园区报告/工业园区.html",
    } <= names
    assert "规则集没有差别化措施" in printed
    assert "没有 2021 年的名录，不与上年比较" in printed
    index = (tmp_path / "材料" / "index.html").read_text(encoding="utf-8")
    for name in names - {"index.html"}:
        assert f'href="{quote(name)}"' in index
    assert "没有 2021 年的名录，不与上年比较" in index


def test_what_was_not_made_is_said_in_the_language_of_who_asks(run: Run, small: County, tmp_path: Path) -> None:
    """Papers are Chinese; why one was not made was told in Chinese too, in the middle of an English sentence."""
    status, printed = run(small, "--lang", "en", "report", 2022, "-o", tmp_path / "x", "--only", "report,offices")
    assert status == 0, printed
    assert "not made: lists for offices: the rule set has no measures" in printed
    assert "there is no roll of 2021; nothing is compared with the year before." in printed
    assert "没有 2021 年的名录，不与上年比较" in (tmp_path / "x" / "index.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("chinese_font")
def test_the_same_papers_twice_are_the_same_bytes(run: Run, small: County, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run(small, "report", 2022, "-o", tmp_path / name, "--only", "report,briefing,workbook,townships")[0] == 0
    files = sorted(f.relative_to(tmp_path / "a") for f in (tmp_path / "a").rglob("*") if f.is_file())
    assert len(files) == 6
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_one_firm_one_file_only_when_asked_for(run: Run, small: County, tmp_path: Path) -> None:
    status, printed = run(small, "report", 2022, "-o", tmp_path / "x", "--only", "firms")
    assert status == 0, printed
    assert len(list((tmp_path / "x" / "一企一档").rglob("*.html"))) == 8 + 2


def test_a_notice_of_land_needs_no_rating(run: Run, tmp_path: Path) -> None:
    the_county = County(tmp_path / "new.duckdb")
    the_county.data.load(files_at(tmp_path / "2022", 2022))
    status, printed = run(the_county, "report", 2022, "-o", tmp_path / "x", "--only", "data-notice")
    assert status == 0, printed
    status, printed = run(the_county, "report", 2022, "-o", tmp_path / "x")
    assert status != 0
    assert "2022" in printed


def test_the_countys_words_stand_beside_the_store_or_are_named(run: Run, small: County, tmp_path: Path) -> None:
    texts = tmp_path / "papers.yaml"
    status, printed = run(small, "report", 2022, "--template", texts)
    assert status == 0, printed
    assert "# 联系人" in texts.read_text(encoding="utf-8")
    status, printed = run(small, "report", 2022, "--template", texts)
    assert (status, "已经有了" in printed) == (1, True), "what was filled in is not replaced by blanks"
    filled = (
        texts.read_text(encoding="utf-8")
        .replace("# contact:", "contact: 李某")
        .replace("# chains:", "chains: {电机: {industries: ['38']}, 没有: {industries: ['17']}}")
    )
    texts.write_text(filled, encoding="utf-8")
    status, printed = run(small, "report", 2022, "-o", tmp_path / "x", "--only", "notice,chains", "--texts", texts)
    assert status == 0, printed
    assert [f.name for f in (tmp_path / "x" / "产业链报告").iterdir()] == ["电机.html"]


PAPERS = "mujun: 1\nkind: papers\nname: x\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("mujun: 1\nkind: papers\nname: x\nphone: 1\n", "phone"),
        ("mujun: 1\nkind: rating\nname: x\n", "papers"),
        ("mujun: 1\nkind: papers\nname: x\nperiod_from: 2023-05-10\nperiod_until: 2023-05-04\n", "早于第一天"),
        ("- x\n", "papers.yaml"),
        # What somebody hid in a text, or wrote a book of; of another type; deeper than anything.
        (PAPERS + 'contact: "李\\u001b[31m某"\n', "\\u001b[31m"),
        (PAPERS + 'copies: [甲局, "乙\\u202e局"]\n', "copies[1]"),
        (PAPERS + f"office: {'长' * 3000}\n", "3000"),
        (PAPERS + 'chains: {"电\\u0007机": {industries: ["38"]}}\n', "\\u0007"),
        (PAPERS + "contact: {a: 1}\n", "contact"),
        (PAPERS + "contact: [甲, 乙]\n", "contact"),
        (PAPERS + "day: 2023-13-45\n", "day"),
        (PAPERS + "telephone: {a: 1}\n", "telephone"),
        (PAPERS + "order: best\n", "order"),
        (PAPERS + "chains: 电机\n", "chains"),
        (PAPERS + "chains: {电机: [1, 2]}\n", "电机"),
        (PAPERS + f"contact: {'[' * 5000}\n", "40"),
        (PAPERS + "a: &a [1]\nb: *a\n", "papers.yaml"),
        (PAPERS + f"office: {'长' * 10_000_000}\n", "papers.yaml"),
    ],
)
def test_a_wrong_papers_file_is_one_sentence(run: Run, small: County, tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "papers.yaml"
    file.write_text(text, encoding="utf-8")
    status, printed = run(small, "report", 2022, "-o", tmp_path / "x", "--texts", file)
    assert status != 0
    assert wrong in printed
    assert "Traceback" not in printed
    assert "程序的问题" not in printed
    assert max(map(len, printed.splitlines())) < 600
    assert not set(printed) & set("\x1b\u202e\x07")


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"]
)
def test_what_stands_in_the_place_of_papers_yaml_is_not_passed_over(
    run: Run, small: County, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    # A pipe of that name beside the store was passed over without a word.
    the_county = County(shutil.copy(small.path, tmp_path / "county.duckdb"))
    make(tmp_path / "papers.yaml")
    for named in ((), ("--texts", tmp_path / "papers.yaml")):
        status, printed = run(the_county, "report", 2022, "-o", tmp_path / "x", "--only", "notice", *named)
        assert status == (1 if not named else status) != 0
        assert "papers.yaml" in printed
        assert named or printed.count("\n") == 1


WORDS = """
letterhead: '<w:p/>&lt;甲县&gt; ]]> <b>委员会</b>'
number: '=1+1'
office: '<script>alert(1)</script>'
to: '&amp;&#x1F;'
copies: ['../../x', 'javascript:alert(1)']
contact: '{{ 7*7 }}{% include "x" %}'
telephone: ['INCLUDETEXT "c:/x"', '=cmd|'' /C calc''!A0']
objections: "第一行\n第二行"
chains:
  '../../../链<img src=x onerror=alert(1)>': {industries: ['38']}
  '/abs': {industries: ['38']}
  'CON': {industries: ['38']}
  'con': {industries: ['38']}
"""


@pytest.mark.usefixtures("chinese_font")
def test_words_of_a_county_stay_words(run: Run, small: County, tmp_path: Path) -> None:
    texts, folder = tmp_path / "papers.yaml", tmp_path / "a" / "b" / "材料"
    long = "链" * 300
    texts.write_text(PAPERS + WORDS + f"  {long}: {{industries: ['38']}}\n", encoding="utf-8")
    status, printed = run(
        small, "report", 2022, "-o", folder, "--texts", texts, "--only", "notice,data-notice,briefing,chains"
    )
    assert status == 0, printed
    made = [file for file in tmp_path.rglob("*") if file.is_file() and file != texts]
    assert all(file.is_relative_to(folder) for file in made)
    assert len([file for file in made if file.suffix == ".html"]) == 1 + 5
    for file in made:
        if file.suffix == ".html":
            tags = Tags(file.read_text(encoding="utf-8"))
            assert tags.run == [], file
            assert all(link.startswith("#") or (file.parent / unquote(link)).is_file() for link in tags.links)
        else:
            with zipfile.ZipFile(file) as parts:
                for name in parts.namelist():
                    if name.endswith((".xml", ".rels")):
                        minidom.parseString(parts.read(name))
                        assert b'TargetMode="External"' not in parts.read(name)
                body = minidom.parseString(parts.read("word/document.xml"))
            shown = "".join(getattr(t.firstChild, "data", "") for t in body.getElementsByTagName("w:t"))
            fields = [
                getattr(i.firstChild, "data", "") for i in body.getElementsByTagName("w:instrText") if i.firstChild
            ]
            assert set(fields) <= {"PAGE"}
            if "公示" in file.name:
                for word in ("<w:p/>&lt;甲县&gt; ]]> <b>委员会</b>", "=1+1", "<script>alert(1)</script>", "{{ 7*7 }}"):
                    assert word in shown


def test_what_cannot_be_made_is_said(run: Run, small: County, tmp_path: Path) -> None:
    for arguments, wrong in (
        (["report"], "mujun report 2022"),
        (["report", 2022, "--only", "notise"], "notice"),
        (["report", 2022, "--run", 9], "9"),
        (["report", 2021, "--run", 1], "2022"),
        (["report", 2022, "--texts", tmp_path / "no.yaml"], "--template"),
    ):
        status, printed = run(small, *arguments, "-o", tmp_path / "y")
        assert status != 0
        assert wrong in printed, printed
    status, printed = run(small, "report", "--list")
    assert status == 0
    assert "data-notice" in printed


HOSTILE = {
    "三江街道": "../../x",
    "甘霖镇": "CON#50%/一村<img src=x onerror=alert(1)>",
    "示例1厂": "=cmd|' /C calc'!A0<script>alert(1)</script>",
    "示例5厂": "示例\x1b[31m]]>\u202e厂&amp;</text><script>x</script>",
    "工业园区": "../../../园",
}


class Tags(HTMLParser):
    """What a browser would run or fetch of a page, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.run: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.run += [tag] if tag in ("img", "script", "iframe", "object") else []
        self.run += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_names_of_the_data_decide_neither_where_a_paper_goes_nor_what_it_does(run: Run, tmp_path: Path) -> None:
    # A page for each firm of a township “../../x” went two folders up.
    files = files_at(tmp_path / "sent" / "2022", 2022)
    for file in files:
        text = file.read_text(encoding="utf-8")
        for name, hostile in HOSTILE.items():
            text = text.replace(name, hostile)
        file.write_text(text, encoding="utf-8")
    the_county = County(tmp_path / "store" / "small.duckdb")
    the_county.path.parent.mkdir()
    assert not the_county.data.load(files).refused
    the_county.runs.rate(rules_at(tmp_path / "sent" / "rules"), 2022)
    before = {file for file in tmp_path.rglob("*") if file.is_file()}
    folder = tmp_path / "out" / "deep" / "年度"
    papers = "report,notice,workbook,list,townships,parks,firms"
    assert run(the_county, "report", 2022, "-o", folder, "--only", papers)[0] == 0
    made = {file for file in tmp_path.rglob("*") if file.is_file()} - before
    assert {file for file in made if not file.is_relative_to(folder)} == set()
    pages = [file for file in made if file.suffix == ".html"]
    assert len(pages) >= 8 + 2 + 2 + 1 + 2
    for file in pages:
        text = file.read_text(encoding="utf-8")
        assert not set(text) & set("\x1b\u202e"), file
        tags = Tags(text)
        assert tags.run == [], file
        for link in tags.links:
            assert link.startswith("#") or (file.parent / unquote(link)).is_file(), (file, link)
    for file in made - set(pages):
        with zipfile.ZipFile(file) as parts:
            for name in parts.namelist():
                if name.endswith((".xml", ".rels")):
                    data = parts.read(name)
                    minidom.parseString(data)
                    assert b'TargetMode="External"' not in data
                    assert b"cmd|" not in b"".join(re.findall(rb"<f>.*?</f>", data))


@pytest.mark.parametrize("words", ["report 2022 -o {}", "report 2022 -o o --template {}", "coverage 2022 -o {}"])
def test_no_paper_takes_the_place_of_the_store(run: Run, small: County, tmp_path: Path, words: str) -> None:
    before = small.path.read_bytes()
    for ending in (".duckdb", ".xlsx", ".yaml"):
        (tmp_path / f"link{ending}").symlink_to(small.path)
        status, printed = run(small, *words.format(tmp_path / f"link{ending}").split())
        assert status in (1, 2)
        assert "程序错误" not in printed
    assert small.path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3
