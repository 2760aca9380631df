"""`rules new`: a set copied with its comments, opened where somebody has to fill something in."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.errors import UsageError
from mujun.rules import addresses, load_rules
from mujun.rules.checking import check_rules
from mujun.rules.model.head import TO_FILL
from mujun.rules.new_set import folder_for, make_rules
from mujun.rules.paper_texts import papers_texts


@pytest.mark.parametrize("source", addresses())
def test_a_copy_loads_and_says_what_is_to_be_filled_in(source: str, tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", source)
    check = check_rules(made.folder)
    codes = {p.code for p in (*check.problems, *check.warnings)}
    abstract = any(f is not None and f.status == "abstract" for f in (load_rules(source).rating,))
    if abstract:
        # A base is completed, not copied: what it asks for is missing still.
        assert codes & {"require_total", "require_count", "sound_to_fill", "item_needs"}
    else:
        assert not check.problems
        assert {"sound_to_fill", "sound_source_unchecked"} <= codes


def test_comments_and_rules_stay_and_the_head_is_opened(tmp_path: Path) -> None:
    make_rules(tmp_path / "new", "zhejiang/shengzhou-2022")
    text = (tmp_path / "new" / "rating.yaml").read_text(encoding="utf-8")
    assert "# 零排放不是缺数据：给满分；没有报排放的取本组平均。" in text
    assert f"name: {TO_FILL}  # 原：嵊州市工业企业亩均效益综合评价（示例）" in text
    assert "years: [2023]" in text
    assert "# 原：- {document: 嵊政〔2022〕28号" in text
    before = load_rules("zhejiang/shengzhou-2022").rating
    after = load_rules(tmp_path / "new").rating
    assert before is not None
    assert after is not None
    assert {c: s.items for c, s in after.scoring.items()} == {c: s.items for c, s in before.scoring.items()}
    assert after.tiers == before.tiers
    assert after.years == (2023,)
    assert [s.document for s in after.sources] == [TO_FILL]


def test_a_set_that_extends_goes_on_extending_the_same(tmp_path: Path) -> None:
    make_rules(tmp_path / "new", "zhejiang/huangyan-2022")
    rating = load_rules(tmp_path / "new").rating
    assert rating is not None
    assert rating.extends == "zhejiang/huangyan-base"


def test_a_set_beside_another_is_referred_to_by_path(tmp_path: Path) -> None:
    base = tmp_path / "mine" / "base"
    make_rules(base, "zhejiang/huangyan-base")
    beside = tmp_path / "mine" / "own"
    beside.mkdir()
    (beside / "rating.yaml").write_text(
        "mujun: 1\nkind: rating\nname: 试\nyears: [2022]\nextends: ../base\n"
        "scoring:\n  above:\n    tax_per_mu: {cap: 1}\n",
        encoding="utf-8",
    )
    make_rules(tmp_path / "deep" / "er" / "copy", beside)
    text = (tmp_path / "deep" / "er" / "copy" / "rating.yaml").read_text(encoding="utf-8")
    assert "extends: ../../../mine/base" in text


def test_lookup_tables_come_along(tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", "zhejiang/wenling-parks-2022")
    assert "industry_group.csv" in made.files


def test_the_words_of_papers_come_without_those_of_one_year(tmp_path: Path) -> None:
    make_rules(tmp_path / "old", "zhejiang/shengzhou-2022")
    (tmp_path / "old" / "papers.yaml").write_text(
        "mujun: 1\nkind: papers\nname: 嵊州市2022年度\nletterhead: 嵊州市亩均办\nnumber: 嵊亩均办〔2023〕4号\n"
        "day: 2023-05-12\nperiod_from: 2023-05-04\nperiod_until: 2023-05-10\noutlines: towns.geojson\n"
        "chains:\n  领带服饰: {industries: ['17', '18']}\n",
        encoding="utf-8",
    )
    (tmp_path / "old" / "towns.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    made = make_rules(tmp_path / "new", tmp_path / "old")
    assert {"papers.yaml", "towns.geojson"} <= set(made.files)
    words = papers_texts(str(tmp_path / "new"))
    assert (words.letterhead, words.outlines, [*words.chains]) == ("嵊州市亩均办", "towns.geojson", ["领带服饰"])
    assert (words.number, words.day, words.period_from, words.period_until) == (None, None, None, None)
    assert "：period_from: 2023-05-04" in (tmp_path / "new" / "papers.yaml").read_text(encoding="utf-8")


PAPERS_OF_ANOTHER = """\
mujun: 1
kind: papers
name: 嵊州市2022年度
place: 嵊州市
letterhead: 嵊州市亩均办
contact: 王某某
telephone:
  - 0575-12345678
objections: |
  请在5月10日前向嵊州市亩均办提出

order: rank
outlines: towns.geojson
chains:
  领带服饰: {industries: ['17', '18']}
"""


def _papers_for(place: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    make_rules(folder / "old", "zhejiang/shengzhou-2022")
    (folder / "old" / "papers.yaml").write_text(PAPERS_OF_ANOTHER, encoding="utf-8")
    (folder / "old" / "towns.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    text = (folder / "old" / "rating.yaml").read_text(encoding="utf-8")
    (folder / "old" / "rating.yaml").write_text(
        text.replace("place: 待填", "place: 浙江省绍兴市嵊州市"), encoding="utf-8"
    )
    made = make_rules(folder / "new", folder / "old", place=place, year=2023)
    return (folder / "new" / "papers.yaml").read_text(encoding="utf-8"), made.files


def test_another_county_does_not_speak_with_the_old_ones_words(tmp_path: Path) -> None:
    text, files = _papers_for("浙江省台州市椒江区", tmp_path)
    words = papers_texts(str(tmp_path / "new"))
    assert (words.place, words.order) == ("浙江省台州市椒江区", "rank")
    assert not any((words.letterhead, words.contact, words.telephone, words.objections, words.outlines, words.chains))
    assert "# 待填：letterhead: 嵊州市亩均办\n" in text
    assert "# 待填：telephone:\n#   - 0575-12345678\n" in text
    assert "towns.geojson" not in files
    doubts = [(p.code, p.place.key) for p in check_rules(tmp_path / "new").warnings if p.place.line]
    keys = ("name", "letterhead", "contact", "telephone", "objections", "outlines", "chains")
    assert doubts == [("sound_to_fill", key) for key in keys]


def test_a_sentence_with_a_date_is_of_one_year(tmp_path: Path) -> None:
    text, files = _papers_for("嵊州市", tmp_path)
    words = papers_texts(str(tmp_path / "new"))
    assert (words.letterhead, words.telephone, words.objections) == ("嵊州市亩均办", ("0575-12345678",), None)
    assert "# 待填：objections: |\n#   请在5月10日前向嵊州市亩均办提出\n" in text
    assert "towns.geojson" in files


def test_a_year_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        make_rules(tmp_path / "new", "zhejiang/shengzhou-2022", year=20230)
    assert [p.code for p in told.value.problems] == ["rules_year"]
    assert not (tmp_path / "new").exists()


def test_cases_come_with_a_note(tmp_path: Path) -> None:
    make_rules(tmp_path / "new", "zhejiang/huangyan-2022")
    first = (tmp_path / "new" / "tests.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert TO_FILL in first
    assert "zhejiang/huangyan-2022" in first


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    make_rules(tmp_path / "new", "zhejiang/huangyan-2022")
    before = (tmp_path / "new" / "rating.yaml").read_bytes()
    with pytest.raises(UsageError):
        make_rules(tmp_path / "new", "zhejiang/shengzhou-2022")
    assert (tmp_path / "new" / "rating.yaml").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_a_folder_with_other_things_in_it_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "原文.txt").write_text("…", encoding="utf-8")
    make_rules(tmp_path / "new", "zhejiang/linhai-water-2022")
    assert (tmp_path / "new" / "原文.txt").exists()
    assert load_rules(tmp_path / "new").allocation is not None


def test_a_place_and_a_year_are_filled_in(tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", "zhejiang/huangyan-2022", place="浙江省台州市椒江区", year=2024)
    rating = load_rules(made.folder).rating
    assert rating is not None
    assert rating.name == "椒江区2024年度工业企业综合评价"
    assert rating.place == "浙江省台州市椒江区"
    assert rating.years == (2024,)
    assert [s.document for s in rating.sources] == [TO_FILL]


@pytest.mark.parametrize("place", ["甲: 乙", "# 甲县", "甲'乙\"县", "123", "true", "[甲]", "甲 县 # 注"])
def test_any_place_can_be_written(place: str, tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", "zhejiang/shengzhou-2022", place=place)
    rules = load_rules(made.folder)
    assert all(f is not None and f.place == place for f in (rules.rating, rules.rectification, rules.allocation))
    assert rules.rating is not None
    assert rules.rating.name.startswith(place)


def test_a_set_that_completes_a_base_loads_before_it_is_complete(tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", "sichuan/parks-2022", place="四川省甲县", year=2023)
    rating = load_rules(made.folder).rating
    assert rating is not None
    assert (rating.status, rating.place, rating.years) == ("abstract", "四川省甲县", (2023,))
    assert rating.scoring["parks"].items["tax_per_mu"].weight == 20


@pytest.mark.parametrize("place", ["青溪县2023", "青溪县-2023", "青溪县 2023年", "青溪县2023年度"])
def test_a_year_behind_the_place_is_the_data_year(place: str, tmp_path: Path) -> None:
    rating = load_rules(make_rules(tmp_path / "new", "zhejiang/huangyan-2022", place=place).folder).rating
    assert rating is not None
    assert (rating.name, rating.place, rating.years) == ("青溪县2023年度工业企业综合评价", "青溪县", (2023,))
    assert folder_for(place) == Path("青溪县-2023")


def test_a_year_that_is_said_goes_before_one_behind_the_place(tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", "zhejiang/huangyan-2022", place="青溪县2023", year=2024)
    assert load_rules(made.folder).name == "青溪县2024年度工业企业综合评价"


def test_a_copy_is_not_called_an_example(tmp_path: Path) -> None:
    made = make_rules(tmp_path / "new", "zhejiang/shengzhou-2022", place="青溪县", year=2023)
    rules = load_rules(made.folder)
    names = [f.name for f in (rules.rating, rules.rectification, rules.allocation) if f is not None]
    assert names[0] == "青溪县工业企业亩均效益综合评价"
    assert not any("示例" in n for n in names)
