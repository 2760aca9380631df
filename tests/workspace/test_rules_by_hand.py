"""Rules changed by hand: in cells of the form or in the text, tried at once, saved only where they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.errors import RuleError, UsageError
from mujun.rules import addresses, find_folder, load_rules
from mujun.rules.new_file import begin_file
from mujun.workspace.rules_by_hand import Cell, rule_files, save_form, save_texts, try_form, try_texts
from mujun.workspace.rulesets import known_rules
from mujun.writing import one_command, write_bytes
from tests.workspace.small_county import RATING, rules_at

CASES = """mujun: 1
kind: tests
cases:
  - id: half
    year: 2022
    enterprises:
      - {credit_code: "1", tax_paid: 50, land_mu: 10}
    expect:
      - {credit_code: "1", score: 50}
"""
"""50 万元 on 10 亩 are 5 a mu, half of the benchmark 10: 50 of 100 points."""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bureau's folder of rules with one set in it."""
    rules_at(tmp_path / "规则" / "小县", tests=CASES)
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path / "规则"))
    return tmp_path / "规则" / "小县"


def cell(address: str, path: str) -> Cell:
    """The first cell of a key."""
    return next(c for c, p in rule_files(address).paths.items() if p == path)


WEIGHT, BENCHMARK = "scoring.all.tax_per_mu.weight", "scoring.all.tax_per_mu.benchmark"


def test_a_number_is_tried_with_its_case_and_saved_in_its_place(own: Path) -> None:
    """With a benchmark of 20 the firm has a quarter of it: 25 points where the case says 50."""
    before = (own / "rating.yaml").read_bytes()
    mark = rule_files("小县").mark
    said = {cell("小县", BENCHMARK): "20"}
    tried = try_form("小县", said)
    assert not tried.wrong
    (case,) = tried.cases
    assert [(m.name, str(m.expected), m.got) for m in case.mismatches] == [("score", "50", 25)]
    assert len(case.failures) == 1
    assert "应为 50，得到 25" in str(case.failures[0])
    assert [(d.key, str(d.before), str(d.after)) for d in tried.differences] == [(BENCHMARK, "10", "20")]
    assert (own / "rating.yaml").read_bytes() == before
    with one_command():
        saved = save_form("小县", said, mark=mark)
    assert saved.files == ("rating.yaml",)
    assert (own / "rating.yaml").read_bytes() == before.replace(b"benchmark: 10}", b"benchmark: 20}")


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (WEIGHT, "三十", "“三十”不是数"),
        (WEIGHT, "", "不能空着"),
        ("years", "明年", "不是年度"),
        (WEIGHT, "0.0000000000001", "位数太多"),
    ],
)
def test_a_cell_that_cannot_be_is_named_and_nothing_else_looked_at(own: Path, path: str, text: str, told: str) -> None:
    at = cell("小县", path)
    tried = try_form("小县", {at: text})
    assert list(tried.cells) == [at]
    assert told in str(tried.cells[at])
    with pytest.raises(RuleError, match=told):
        save_form("小县", {at: text})


def test_rules_that_do_not_hold_are_told_at_the_cell_that_was_changed(own: Path) -> None:
    at = cell("小县", "tiers.cut.default.shares.D")
    tried = try_form("小县", {at: "90"})
    assert list(tried.cells) == [at]
    assert "改后规则不成立" in str(tried.cells[at])
    assert tried.checked.problems
    assert tried.cases == ()
    with pytest.raises(RuleError):
        save_form("小县", {at: "90"})
    assert (own / "rating.yaml").read_text(encoding="utf-8") == RATING


def test_a_text_is_told_with_its_lines(own: Path) -> None:
    """The wrong word stands in line 12, `per: land` in line 10."""
    text = RATING.replace("benchmark: 10", "benchmrk: 10").replace("per: land_mu", "per: land_muu")
    tried = try_texts("小县", {"rating.yaml": text})
    lines = {p.place.line for p in tried.checked.problems}
    assert {text[: text.index(w)].count("\n") + 1 for w in ("benchmrk", "land_muu")} <= lines
    assert all(p.place.file == "小县/rating.yaml" for p in tried.checked.problems)
    with pytest.raises(RuleError):
        save_texts("小县", {"rating.yaml": text})
    assert (own / "rating.yaml").read_text(encoding="utf-8") == RATING


def test_text_that_is_no_yaml_is_told_and_a_broken_set_is_mended(own: Path) -> None:
    (own / "rating.yaml").write_text(RATING + "tiers: [\n", encoding="utf-8")
    files = rule_files("小县")
    assert files.pages == ()
    assert files.problems
    listed = known_rules()
    row = listed.filter(address="小县").row(0, named=True)
    assert (row["status"], row["name"], row["shipped"]) == ("wrong", "小县", False)
    assert listed["shipped"].sum() == listed.height - 1
    with one_command():
        save_texts("小县", {"rating.yaml": RATING}, mark=files.mark)
    assert load_rules("小县").name == "小县评价"
    assert known_rules().filter(address="小县")["status"].to_list() == ["example"]


def test_windows_line_ends_and_encoding_stay(own: Path) -> None:
    (own / "rating.yaml").write_bytes(RATING.replace("\n", "\r\n").encode("gb18030"))
    files = rule_files("小县")
    assert files.texts["rating.yaml"] == RATING
    with one_command():
        save_texts("小县", {"rating.yaml": files.texts["rating.yaml"].replace("weight: 100", "weight: 90")})
    data = (own / "rating.yaml").read_bytes()
    assert data == RATING.replace("weight: 100", "weight: 90").replace("\n", "\r\n").encode("gb18030")
    with one_command():
        save_form("小县", {cell("小县", WEIGHT): "100"})
    assert (own / "rating.yaml").read_bytes() == RATING.replace("\n", "\r\n").encode("gb18030")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(own: Path) -> None:
    mark = rule_files("小县").mark
    other = RATING.replace("weight: 100", "weight: 80")
    (own / "rating.yaml").write_text(other, encoding="utf-8")
    with pytest.raises(UsageError, match="改过，没有保存"):
        save_form("小县", {cell("小县", BENCHMARK): "20"}, mark=mark)
    assert (own / "rating.yaml").read_text(encoding="utf-8") == other


@pytest.mark.parametrize("address", ["zhejiang/huangyan-2022", "zhejiang/shengzhou-2022"])
def test_a_shipped_set_stays_and_its_change_becomes_a_set_of_its_own(address: str, own: Path) -> None:
    source = find_folder(address).path
    before = {p.name: p.read_bytes() for p in source.iterdir() if p.is_file()}
    files = rule_files(address)
    assert files.shipped
    at = next(c for c, p in files.paths.items() if p.endswith(".weight") and files.stands[c] == "30")
    with pytest.raises(UsageError, match="随程序来的规则"):
        save_form(address, {at: "30.5"}, mark=files.mark)
    name = next(iter(files.texts))
    with pytest.raises(UsageError, match="随程序来的规则"):
        save_texts(address, {name: files.texts[name]})
    with one_command():
        saved = save_texts(address, {name: files.texts[name] + "# 本县\n"}, folder=own.parent / "抄本")
    assert saved.address == "抄本"
    assert (saved.folder / name).read_text(encoding="utf-8").endswith("# 本县\n")
    assert {p.name: p.read_bytes() for p in source.iterdir() if p.is_file()} == before


def test_no_path_leads_out_of_a_set(own: Path) -> None:
    for name in ("../小县/rating.yaml", "/etc/passwd", "new.yaml"):
        with pytest.raises(UsageError, match="规则集里不能有"):
            try_texts("小县", {name: "x"})


def test_a_disk_that_fails_half_way_leaves_every_file_as_it_was(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {p.name: p.read_bytes() for p in own.iterdir()}
    calls: list[Path] = []

    def failing(path: Path, data: bytes) -> Path:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr("mujun.workspace.rules_by_hand.write_bytes", failing)
    texts = {n: t + "# 改\n" for n, t in rule_files("小县").texts.items() if n != "tests.yaml"}
    assert len(texts) == 2
    with one_command(), pytest.raises(OSError, match="No space"):
        save_texts("小县", texts)
    assert {p.name: p.read_bytes() for p in own.iterdir()} == before


def test_every_shipped_set_has_a_form_whose_cells_say_what_stands() -> None:
    for address in addresses():
        files = rule_files(address)
        assert files.stands, address
        assert not try_form(address, files.stands).files


PAPERS = "mujun: 1\nkind: papers\nname: 小县公文\ncontact: 张三\n"


def test_a_new_file_is_tried_saved_and_goes_again(own: Path) -> None:
    """Contact and number are words of the papers; the wrong word stands in line 4."""
    mark = rule_files("小县").mark
    tried = try_texts("小县", {"papers.yaml": PAPERS.replace("contact", "contac")})
    assert [(p.place.file, p.place.line) for p in tried.wrong] == [("小县/papers.yaml", 4)]
    with pytest.raises(RuleError):
        save_texts("小县", {"papers.yaml": PAPERS.replace("contact", "contac")})
    assert not (own / "papers.yaml").exists()
    with one_command():
        saved = save_texts("小县", {"papers.yaml": PAPERS.replace("\n", "\r\n")}, mark=mark)
    assert saved.files == ("papers.yaml",)
    assert (own / "papers.yaml").read_bytes() == PAPERS.encode()
    files = rule_files("小县")
    assert files.mark != mark
    assert files.texts["papers.yaml"] == PAPERS
    with one_command():
        saved = save_texts("小县", {"papers.yaml": None})
    assert (saved.files, saved.tried.gone) == (("papers.yaml",), ("papers.yaml",))
    assert not (own / "papers.yaml").exists()
    assert rule_files("小县").mark == mark


def test_a_file_that_goes_is_told_in_words_and_the_last_one_stays(own: Path) -> None:
    tried = try_texts("小县", {"rectification.yaml": None})
    assert not tried.wrong
    assert {d.kind for d in tried.differences} == {"rectification"}
    assert all(d.after is None for d in tried.differences)
    with pytest.raises(UsageError, match="没有规则文件了"):
        try_texts("小县", {"rectification.yaml": None, "rating.yaml": None, "tests.yaml": None})


@pytest.mark.parametrize("name", ["measures.yaml", "../rating.yaml", ".x.csv", "a/b.csv", "rating.yml", ""])
def test_a_set_takes_no_file_of_another_name(name: str, own: Path) -> None:
    with pytest.raises(UsageError, match="规则集里不能有"):
        try_texts("小县", {name: "x"})


def test_new_files_and_words_go_along_into_another_set(own: Path, tmp_path: Path) -> None:
    """The new set has what was added and not what was taken out; the old one stays as it is."""
    (own / "papers.yaml").write_text(PAPERS, encoding="utf-8")
    (own / "rectification.yaml").unlink()
    before = {p.name: p.read_bytes() for p in own.iterdir()}
    ladders = begin_file("小县", "ladders.yaml", "zhejiang/shengzhou-2022")["ladders.yaml"]
    ladders = "\n".join(line for line in ladders.splitlines() if not line.startswith("    goal:"))
    new = tmp_path / "规则" / "小县二"
    with one_command():
        saved = save_texts("小县", {"ladders.yaml": ladders, "tests.yaml": None}, folder=new)
    assert {p.name for p in new.iterdir()} == set(saved.files) == {"rating.yaml", "ladders.yaml", "papers.yaml"}
    assert (new / "papers.yaml").read_text(encoding="utf-8") == PAPERS
    assert {p.name: p.read_bytes() for p in own.iterdir()} == before


def test_of_several_files_none_is_changed_where_one_cannot_be(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {p.name: p.read_bytes() for p in own.iterdir()}

    def full(file: Path, content: bytes) -> Path:
        if file.name == "papers.yaml":
            raise OSError(28, "no space")
        return write_bytes(file, content)

    monkeypatch.setattr("mujun.workspace.rules_by_hand.write_bytes", full)
    changed = RATING.replace("weight: 100", "weight: 90")
    cases = CASES.replace("score: 50", "score: 45")
    with one_command(), pytest.raises(OSError, match="no space"):
        save_texts("小县", {"rating.yaml": changed, "tests.yaml": cases, "papers.yaml": PAPERS})
    assert {p.name: p.read_bytes() for p in own.iterdir()} == before


def test_a_set_saved_as_another_is_called_by_its_own_name(own: Path) -> None:
    """Of two sets with one name nobody could tell in a list which is which."""
    save_form("小县", {cell("小县", BENCHMARK): "20"}, folder=own.parent / "二", name="小县：另一套 # 2")
    made = load_rules("二")
    assert made.name == "小县：另一套 # 2"
    # Only the first file gives a set its name; the list of firms to be rectified is another document.
    assert made.rectification is not None
    assert made.rectification.name == "小县整治"
    assert load_rules("小县").name == "小县评价"
    names = dict(known_rules().select("address", "name").iter_rows())
    assert (names["二"], names["小县"]) == ("小县：另一套 # 2", "小县评价")


def test_who_names_the_new_set_himself_is_not_overruled(own: Path) -> None:
    save_form("小县", {cell("小县", "name"): "小县新评价"}, folder=own.parent / "二", name="二")
    assert load_rules("二").name == "小县新评价"
    save_texts("小县", {"rating.yaml": RATING.replace("小县评价", "三号")}, folder=own.parent / "三", name="三")
    assert load_rules("三").name == "三号"
    save_texts("小县", {}, folder=own.parent / "四")
    assert load_rules("四").name == "小县评价"
    # Nothing but its own folder is changed under a name.
    save_form("小县", {cell("小县", BENCHMARK): "20"}, name="二")
    assert load_rules("小县").name == "小县评价"


def test_a_set_without_a_rating_is_named_in_the_file_that_it_has(own: Path) -> None:
    listing = 'listing:\n  - {id: big, when: "land_mu >= 20", reason: 大}\n'
    alone = f"mujun: 1\nkind: rectification\nname: 别的\nyears: [2022]\nstatus: example\n{listing}"
    (own.parent / "只有清单").mkdir()
    (own.parent / "只有清单" / "rectification.yaml").write_text(alone, encoding="utf-8")
    save_texts("只有清单", {}, folder=own.parent / "清单二", name="清单二号")
    made = load_rules("清单二")
    assert (made.rating, made.name) == (None, "清单二号")
