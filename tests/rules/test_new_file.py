"""One more file for a set: begun with every key as a comment, or from the same file of another set."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.errors import UsageError
from mujun.rules import addresses
from mujun.rules.checking import checked
from mujun.rules.loading import MODELS, read_drafted
from mujun.rules.model.head import TO_FILL
from mujun.rules.new_file import EVERY_FILE, EXAMPLES, begin_file, missing_files
from mujun.rules.shape import keys_of
from tests.workspace.small_county import RATING, RECTIFICATION


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A set that only rates."""
    folder = tmp_path / "小县"
    folder.mkdir()
    (folder / "rating.yaml").write_text(RATING, encoding="utf-8")
    return folder


def example_taken(text: str) -> str:
    """The file after somebody took the “# ” from the example's lines, as its first line tells him to."""
    first, *lines = text.splitlines()
    return "\n".join([first, *(line.removeprefix("# ") for line in lines)]) + "\n"


@pytest.mark.parametrize("kind", MODELS)
def test_an_empty_file_tells_every_key_and_its_example_holds(kind: str, tmp_path: Path) -> None:
    folder, name = tmp_path / "小县", f"{kind}.yaml"
    folder.mkdir()
    other, text = ("rectification", RECTIFICATION) if kind == "rating" else ("rating", RATING)
    text = text.replace("tax_per_mu < 6", "tax_paid < 6").replace("tax_per_mu < 1", "tax_paid < 1")
    text = text.replace("tax_per_mu >= 6", "tax_paid >= 6").replace("tax_per_mu >= 7", "tax_paid >= 7")
    (folder / f"{other}.yaml").write_text(text, encoding="utf-8")
    (begun,) = begin_file(folder, name).values()
    head = {"mujun", "kind", "name", "place", "years", "status", "sources", "omits", "persons", "extends"}
    assert {line[3:].split("：")[0] for line in begun.splitlines() if line.startswith("## ")} == {
        *keys_of(MODELS[kind])
    } - head
    look = checked(*read_drafted(folder, {name: example_taken(begun)}))
    assert [str(p) for p in look.problems] == []
    assert kind == "tests" or (look.ruleset.head is not None and any(TO_FILL in str(w) for w in look.warnings))
    assert EXAMPLES[kind].splitlines()[0] in example_taken(begun)


def test_place_and_years_are_those_of_the_set(own: Path) -> None:
    (own / "rating.yaml").write_text(RATING.replace("status:", "place: 浙江省绍兴市小县\nstatus:"), encoding="utf-8")
    for source in (None, "zhejiang/shengzhou-2022"):
        (text,) = begin_file(own, "rectification.yaml", source).values()
        assert "\nplace: 浙江省绍兴市小县" in text
        assert "\nyears: [2021, 2022, 2023]" in text
    assert "name: 小县低效企业改造提升（示例）" not in text
    assert "嵊州市" not in next(line for line in text.splitlines() if line.startswith("name:")).split("#")[0]


@pytest.mark.parametrize("name", EVERY_FILE)
def test_every_set_that_has_the_file_can_be_begun_from(name: str, own: Path) -> None:
    if name == "rating.yaml":
        assert name not in missing_files(own)
        with pytest.raises(UsageError, match="已"):
            begin_file(own, name)
        return
    sources = missing_files(own)[name]
    assert (name != "papers.yaml") == bool(sources)
    assert set(sources) <= set(addresses())
    for source in sources:
        begun = begin_file(own, name, source)
        assert name in begun
        # Whatever does not fit this set is told of this file or of one that it takes in; it can be read as a file.
        _, problems = read_drafted(own, begun)
        assert problems == [], source


def test_lookup_tables_come_along(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "别县"
    model.mkdir()
    table = "tables:\n  prices: {file: 电价.csv, keys: [industry_division]}\nlisting:"
    (model / "rectification.yaml").write_text(
        RECTIFICATION.replace("tax_per_mu", "tax_paid").replace("listing:", table)
    )
    (model / "电价.csv").write_text("industry_division,price\n38,0.1\n", encoding="utf-8")
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path))
    assert set(begin_file(own, "rectification.yaml", "别县")) == {"rectification.yaml", "电价.csv"}
    (own / "电价.csv").write_text("本县的\n", encoding="utf-8")
    assert set(begin_file(own, "rectification.yaml", "别县")) == {"rectification.yaml"}


def test_what_cannot_be_begun_is_told(own: Path) -> None:
    with pytest.raises(UsageError, match=r"不能有叫“measures\.yaml”的文件"):
        begin_file(own, "measures.yaml")
    with pytest.raises(UsageError, match=r"没有 ladders\.yaml"):
        begin_file(own, "ladders.yaml", "zhejiang/huangyan-2022")
