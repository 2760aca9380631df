"""Rule sets laid out as tables and changed in place: what is not touched stays byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from mujun.errors import Problem
from mujun.messages import speaking
from mujun.rules import addresses, load_rules
from mujun.rules.filling import Change, FormCell, FormPage, answers, changed_texts, pages_of
from mujun.rules.filling.cells import Grid, Title
from mujun.rules.filling.csv_text import csv_cells, with_cells
from mujun.rules.filling.filled_in import shown
from mujun.rules.filling.kept import KeptRules, NotKept, packed, unpacked
from mujun.rules.filling.literals import literals_in, with_literals
from mujun.rules.filling.moving import moved_files
from mujun.rules.ruleset import RuleSet
from mujun.rules.tree import plain, read_tree

HEAD = "mujun: 1\nkind: rating\nname: 试\nyears: [2022]  # 年度\n"
RATING = (
    HEAD
    + """\
cohorts:
  - {id: all, label: 全体, when: "true"}   # 只有一组
indicators:
  tax: {label: 亩均税收, of: tax_paid, per: land_mu}
  kwh: {label: 单位电耗税收, of: tax_paid, per: electricity_kwh}
scoring:
  all:
    # 权重照第三条
    tax: {weight: 60, benchmark: "24.10", cap: 1.5, missing: zero}
    kwh:
      weight: 40
      benchmark: 2
      missing: {points: 5}
tiers:
  classes: [{id: A, label: 甲}, {id: B}]
  cut:
    default: {shares: {A: 20, B: 100}}
  after:
    - id: veto
      when: 'tax < 3.5 and land_mu > 10'
      at_most: B
      reason: 亩均税收低于3.5万元
"""
)


def set_of(folder: Path, text: str = RATING) -> RuleSet:
    (folder / "rating.yaml").write_text(text, encoding="utf-8", newline="")
    return load_rules(folder)


def cells(page: FormPage) -> dict[tuple[int, int], str]:
    return {(row, column): shown(cell) for row, column, cell in page.cells() if shown(cell)}


def at(page: FormPage, path: str, nth: int = 0) -> tuple[int, int]:
    """Where the open cell of a key stands."""
    return next(
        (r, c) for r, c, cell in page.cells() if cell.spot and cell.spot.path == path and cell.spot.nth == nth
    )  # fmt: skip


def filled(ruleset: RuleSet, path: str, value: str, nth: int = 0) -> tuple[list[Change], list[str]]:
    """The changes, and the sentences, when one cell is filled in."""
    page = pages_of(ruleset)[0]
    problems: list[Problem] = []
    now = {k: v for k, v in {**cells(page), at(page, path, nth): value}.items() if v}
    answered = answers(page, now, "规则.xlsx", problems)
    with speaking("zh"):
        return [c for c, _ in answered], [str(p) for p in problems]


def changed(folder: Path, path: str, value: str, nth: int = 0) -> list[tuple[str, str]]:
    """The lines of rating.yaml that change when one cell is filled in, before and after."""
    ruleset = set_of(folder)
    changes, problems = filled(ruleset, path, value, nth)
    assert not problems
    new = "".join(changed_texts(ruleset.texts, changes).values())
    old = RATING.splitlines()
    if len(new.splitlines()) != len(old):
        return [("", line) for line in new.splitlines() if line not in old]
    return [(a, b) for a, b in zip(old, new.splitlines(), strict=True) if a != b]


@pytest.mark.parametrize("address", addresses())
def test_a_sheet_that_nobody_touched_changes_nothing(address: str) -> None:
    ruleset = load_rules(address)
    for page in pages_of(ruleset):
        problems: list[Problem] = []
        assert answers(page, cells(page), "f", problems) == []
        assert problems == []


@pytest.mark.parametrize(
    ("path", "value", "nth", "line"),
    [
        ("scoring.all.tax.weight", "55.5", 0, '    tax: {weight: 55.5, benchmark: "24.10", cap: 1.5, missing: zero}'),
        ("scoring.all.tax.benchmark", "30", 0, '    tax: {weight: 60, benchmark: "30", cap: 1.5, missing: zero}'),
        ("scoring.all.tax.cap", "", 0, '    tax: {weight: 60, benchmark: "24.10", missing: zero}'),
        ("scoring.all.tax.missing", "得3分", 0,
         '    tax: {weight: 60, benchmark: "24.10", cap: 1.5, missing: {points: 3}}'),
        ("scoring.all.kwh.missing", "得满分", 0, "      missing: full"),
        ("years", "2023、2024", 0, "years: [2023, 2024]  # 年度"),
        ("name", "试: 甲", 0, 'name: "试: 甲"'),
        ("name", "甲县评价", 0, "name: 甲县评价"),
        ("tiers.classes.A.label", "优, 先", 0, '  classes: [{id: A, label: "优, 先"}, {id: B}]'),
        ("tiers.cut.default.shares.A", "15", 0, "    default: {shares: {A: 15, B: 100}}"),
        ("tiers.after.veto.when", "4", 0, "      when: 'tax < 4 and land_mu > 10'"),
        ("tiers.after.veto.when", "20", 1, "      when: 'tax < 3.5 and land_mu > 20'"),
        ("tiers.after.veto.reason", "亩均税收低于4万元", 0, "      reason: 亩均税收低于4万元"),
    ],
)  # fmt: skip
def test_one_cell_changes_one_line(path: str, value: str, nth: int, line: str, tmp_path: Path) -> None:
    assert [b for _, b in changed(tmp_path, path, value, nth)] == [line]


AWKWARD = (
    "years: [2022] # 年\nname: 𠮷厂🙂 a\nb: '引''号'\nc: |\n  一\n  二\n"
    'd: >-\n  折\n\ne: "双 \\n引"\nf: {a: 1, b: [x, y]}\n',
    "g: plain\n  goes on\n  and on # c\nh: ~\ni:\nj: {x: 1,\n  y: 2}\nk: [\n  1,  # c\n  2\n ]\nl: 'x\n  y'",
)
"""Texts in which characters, bytes and lines are counted differently."""


@pytest.mark.skipif(not hasattr(yaml, "CBaseLoader"), reason="PyYAML is without libyaml here")
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_both_loaders_count_characters(line_end: str) -> None:
    # What is changed in place is cut out by these marks; the loader in C takes a tenth of the time.
    texts = [t for a in addresses() for n, t in load_rules(a).texts.items() if n.endswith(".yaml")]
    assert len(texts) > 20
    for text in (*texts, *AWKWARD):
        written = text.replace("\r\n", "\n").replace("\n", line_end)
        assert marks(written, yaml.CBaseLoader) == marks(written, yaml.BaseLoader)


def marks(text: str, loader: type) -> list[tuple[str, int, int, int, int]]:
    """Of every value its kind, and where it begins and ends."""
    root = yaml.compose(text, Loader=loader)
    assert root is not None
    at, todo = [], [root]
    while todo:
        node = todo.pop()
        start, end = node.start_mark, node.end_mark
        at.append((type(node).__name__, start.index, end.index, start.line, start.column))
        if isinstance(node, yaml.MappingNode):
            todo += [n for pair in node.value for n in pair]
        elif isinstance(node, yaml.SequenceNode):
            todo += node.value
    return at


def test_a_mark_of_byte_order_stays_before_the_text(tmp_path: Path) -> None:
    ruleset = set_of(tmp_path)
    (change,) = filled(ruleset, "scoring.all.tax.weight", "55")[0]
    (name,) = changed_texts(ruleset.texts, [change])
    (new,) = changed_texts({name: "\ufeff" + ruleset.texts[name]}, [change]).values()
    assert new == "\ufeff" + RATING.replace("{weight: 60,", "{weight: 55,")


@pytest.mark.parametrize("same", ["24.1", "24.10", " ２４．１０ ", "24.100"])
def test_a_number_written_otherwise_is_no_change(same: str, tmp_path: Path) -> None:
    assert filled(set_of(tmp_path), "scoring.all.tax.benchmark", same) == ([], [])


def test_a_key_that_is_not_stated_is_written_in(tmp_path: Path) -> None:
    # In a mapping on one line behind its last key, in a block before its second.
    assert changed(tmp_path, "tiers.classes.B.label", "乙") == [
        ("  classes: [{id: A, label: 甲}, {id: B}]", "  classes: [{id: A, label: 甲}, {id: B, label: 乙}]")
    ]
    assert changed(tmp_path, "scoring.all.kwh.cap", "1.2") == [("", "      cap: 1.2")]
    ruleset = set_of(tmp_path)
    new = changed_texts(ruleset.texts, filled(ruleset, "scoring.all.kwh.cap", "1.2")[0])
    (text,) = new.values()
    tree: Any = plain(read_tree(text, "f"))
    assert tree["scoring"]["all"]["kwh"] == {
        "weight": 40, "cap": Decimal("1.2"), "benchmark": 2, "missing": {"points": 5},
    }  # fmt: skip


def test_several_numbers_of_one_condition_change_together(tmp_path: Path) -> None:
    ruleset = set_of(tmp_path)
    path = "tiers.after.veto.when"
    changes = filled(ruleset, path, "4")[0] + filled(ruleset, path, "8", 1)[0]
    (text,) = changed_texts(ruleset.texts, changes).values()
    assert "      when: 'tax < 4 and land_mu > 8'\n" in text


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "scoring.all.tax.weight",
            "六十",
            "规则.xlsx 工作表“综合评价”：B{row} 的“六十”不是数。请只写数字，不带单位。",
        ),
        ("scoring.all.tax.weight", "", "B{row} 不能空着：规则须写明它。"),
        ("scoring.all.tax.weight", "1" * 20, "B{row} 的“11111111111111111111”位数太多：小数点前后各至多 12 位。"),
        ("scoring.all.kwh.missing", "随便", "“随便”不是一种处理办法。"),
        ("years", "去年", "“去年”不是年度。"),
        ("tiers.after.veto.when", "-3", "“-3”是负数"),
    ],
)
def test_a_wrong_cell_is_one_sentence_with_its_cell(path: str, value: str, sentence: str, tmp_path: Path) -> None:
    ruleset = set_of(tmp_path)
    changes, problems = filled(ruleset, path, value)
    assert changes == []
    assert len(problems) == 1
    row = at(pages_of(ruleset)[0], path)[0] + 1
    assert sentence.format(row=row) in problems[0]


def test_locked_cells_are_held_against_what_was_given(tmp_path: Path) -> None:
    page = pages_of(set_of(tmp_path))[0]
    given = cells(page)
    moved = {(row + (row > 4), column): text for (row, column), text in given.items()}
    for now in (moved, {**given, (1, 0): "甲"}, {**given, (90, 3): "甲"}):
        problems: list[Problem] = []
        assert answers(page, now, "规则.xlsx", problems) == []
        assert [p.code for p in problems][:1] == ["sheet_cell_locked"]


def _others(cell: FormCell) -> Iterator[str]:
    """Something else that an open cell may hold."""
    assert cell.spot is not None
    number = cell.value + 1 if isinstance(cell.value, Decimal) else Decimal(7)
    yield {
        "text": f"{cell.value or ''}：甲, 'b\" #c", "date": "2031-05-06", "years": "2031、2032", "table": "77.5",
        "policy": "得满分" if cell.value != "得满分" else "得7分",
        "within": "2031-05-06" if isinstance(cell.value, str) else str(number),
    }.get(cell.spot.kind, str(number))  # fmt: skip


def _leaves(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], object]]:
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


@pytest.mark.parametrize("address", ["zhejiang/shengzhou-2022", "zhejiang/huangyan-2022", "zhejiang/pinghu-2022"])
def test_every_open_cell_changes_its_own_value_and_no_other(address: str) -> None:
    ruleset = load_rules(address)
    before = {n: dict(_leaves(plain(read_tree(t, n)))) for n, t in ruleset.texts.items() if n.endswith(".yaml")}
    for page in pages_of(ruleset):
        given = cells(page)
        for row, column, cell in page.cells():
            if cell.spot is None or cell.spot.kind in ("years", "policy"):
                continue
            for value in _others(cell):
                problems: list[Problem] = []
                (change,) = answers(page, {**given, (row, column): value}, "f", problems)
                ((name, text),) = changed_texts(ruleset.texts, [change[0]]).items()
                after = dict(_leaves(plain(read_tree(text, name))))
                assert len([k for k in {**before[name], **after} if before[name].get(k) != after.get(k)]) == 1


def test_literals() -> None:
    text = "started_on + interval '2 years' > date '2021-06-30' and coalesce(profit, 0) < 1.5 and left(x, 2) = '44'"
    assert [str(literal.value) for literal in literals_in(text)] == ["2", "2021-06-30", "1.5", "2"]
    assert with_literals(text, {0: "3", 2: "2"}) == text.replace("2 years", "3 years").replace("1.5", "2")


def test_csv_cells_change_in_their_line_alone() -> None:
    text = '﻿code,note\r\n01,"甲, 乙"\r\n\r\n02,"丙\r\n丁"\r\n'.lstrip("\ufeff")
    assert [[c.value for c in r] for r in csv_cells(text)] == [["code", "note"], ["01", "甲, 乙"], ["02", "丙\r\n丁"]]
    last = csv_cells(text)[2][1]
    assert with_cells(text, {}) == text
    assert with_cells(text, {(last.row, 1): "戊"}) == 'code,note\r\n01,"甲, 乙"\r\n\r\n02,戊\r\n'


def test_files_are_carried_with_every_byte() -> None:
    kept = KeptRules("a/b", {"a/b/rating.yaml": b"\xef\xbb\xbfname: x\r\n", "a/b/x.csv": "甲".encode("gb18030")})
    assert unpacked(packed(kept)) == kept
    for damaged in ("", "甲", packed(kept)[:-8], packed(KeptRules("a/b", {"a/b/../rating.yaml": b""}))[:-4]):
        with pytest.raises(NotKept):
            unpacked(damaged)
    with pytest.raises(NotKept):
        unpacked(packed(KeptRules("a", {"a/run.py": b""})))


def test_what_is_referred_to_is_found_or_comes_along(tmp_path: Path) -> None:
    base, extending = b"mujun: 1\n# base\n", b"mujun: 1\nextends: ../base  # below\n"
    kept = KeptRules("x/own", {"x/own/rating.yaml": extending, "x/base/rating.yaml": base})
    moved = moved_files(kept, kept.texts, tmp_path / "new")
    assert moved == {"rating.yaml": b"mujun: 1\nextends: base  # below\n", "base/rating.yaml": base}
    # Beside the same base nothing needs to be said otherwise.
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "rating.yaml").write_bytes(base)
    assert moved_files(kept, kept.texts, tmp_path / "new") == {"rating.yaml": extending}
    # A base that was changed comes along.
    changed = {**kept.texts, "x/base/rating.yaml": "mujun: 1\n# other\n"}
    moved = moved_files(kept, changed, tmp_path / "new")
    assert moved["base/rating.yaml"] == b"mujun: 1\n# other\n"
    assert moved["rating.yaml"] == b"mujun: 1\nextends: base  # below\n"


@pytest.mark.parametrize("address", addresses())
def test_in_english_the_form_has_other_words_and_the_same_open_cells(address: str) -> None:
    """Whoever fills in the English form changes the cells of the Chinese one."""
    ruleset = load_rules(address)
    chinese, english = pages_of(ruleset), pages_of(ruleset, "en")
    assert [p.name for p in english] != [p.name for p in chinese]
    assert [opened_in(page) for page in english] == [opened_in(page) for page in chinese]


def opened_in(page: FormPage) -> list[tuple[int, int, object, object]]:
    """The open cells of a page: where, what and whose."""
    return [(row, column, cell.value, cell.spot) for row, column, cell in page.cells() if cell.spot is not None]


def test_in_english_keys_are_called_as_in_the_file(tmp_path: Path) -> None:
    (page,) = pages_of(set_of(tmp_path), "en")
    titles = [part.text for part in page.parts if isinstance(part, Title)]
    assert (page.name, titles[1:3]) == ("Rating", ["cohorts", "indicators"])
    assert "tiers: cut: shares" in titles
    scoring = next(part for part in page.parts if isinstance(part, Grid) and "weight" in part.headers)
    assert scoring.headers == ("indicator", "weight", "benchmark", "cap", "missing")


PEERS = RATING.replace(
    "      benchmark: 2\n",
    "      benchmark: {peers: quantile, q: 0.7, interpolation: midpoint, over: [township], among: all,\n"
    '                  members: "tax_paid > 3", min_members: 4, otherwise: all, round: 2, times: 1.1}\n',
)


def test_a_benchmark_of_peers_is_words_with_its_numbers_open(tmp_path: Path) -> None:
    ruleset = set_of(tmp_path, PEERS)
    page = pages_of(ruleset)[0]
    path = "scoring.all.kwh.benchmark"
    row, column = at(page, f"{path}.q")
    beside = {(r, c): cell for r, c, cell in page.cells()}
    assert beside[row, column - 1].value == (
        "同镇街（含不参评的）本指标的0.7分位（在两位之间取中）；只计实缴税金大于3万元的；不足4个时用不分组的；"
        "四舍五入到2位；取1.1倍"
    )
    opened = [beside[row, column + i] for i in range(5)]
    assert [cell.value for cell in opened] == [Decimal(n) for n in ("0.7", "3", "4", "2", "1.1")]
    for key, new, written in (
        ("q", "0.8", "q: 0.8"), ("min_members", "5", "min_members: 5"), ("times", "2", "times: 2"),
        ("members", "6", '"tax_paid > 6"'),
    ):  # fmt: skip
        changes, problems = filled(ruleset, f"{path}.{key}", new)
        assert problems == []
        (text,) = changed_texts(ruleset.texts, changes).values()
        changed_lines = [(a, b) for a, b in zip(PEERS.splitlines(), text.splitlines(), strict=True) if a != b]
        assert len(changed_lines) == 1
        assert written in changed_lines[0][1]
    assert filled(ruleset, f"{path}.min_members", "4.5")[1]
    english = next(p for p in pages_of(ruleset, "en") if p.name)
    assert "interpolation midpoint" in str({(r, c): v.value for r, c, v in english.cells()}[row, column - 1])
