"""Rule files as trees: YAML 1.2 scalars with places, and what `extends` does with two of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mujun.errors import RuleError
from mujun.rules import load_kept, load_rules
from mujun.rules.tree import LARGEST_FILE, child, merge, plain, read_tree
from tests.rules.mistaken import right_files, written


def _plain(text: str) -> object:
    return plain(read_tree(text, "a.yaml"))


def _codes(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        read_tree(text, "a.yaml")
    return [p.code for p in caught.value.problems]


@pytest.mark.parametrize(
    ("written_as", "value"),
    [
        ("1", Decimal(1)), ("0.10", Decimal("0.10")), ("-5", Decimal(-5)), ("+1", Decimal(1)), (".5", Decimal("0.5")),
        ("1e3", Decimal(1000)), ("0013", Decimal(13)),
        ("true", True), ("False", False), ("~", None), ("null", None),
        # YAML 1.1 made booleans, numbers and dates of these; YAML 1.2 and counties do not.
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("1_000", "1_000"), ("0x1F", "0x1F"), ("0o17", "0o17"), ("12:30", "12:30"), ("2022-12-31", "2022-12-31"),
        (".inf", ".inf"), (".nan", ".nan"), ("1,000", "1,000"), ("7%", "7%"),
        ("'13'", "13"), ('"true"', "true"), ("'~'", "~"), ("规上", "规上"),
        ("亩均税收（万元/亩）", "亩均税收（万元/亩）"),
    ],
)  # fmt: skip
def test_scalars(written_as: str, value: object) -> None:
    got = _plain(f"a: {written_as}\n")
    assert got == {"a": value}
    assert type(got["a"]) is type(value)


def test_a_decimal_keeps_every_digit() -> None:
    assert str(_plain("a: 24.0970000000000000000000001")["a"]) == "24.0970000000000000000000001"  # type: ignore[index]


def test_nodes_know_their_place() -> None:
    node = child(read_tree("a:\n  b: 1\n  中文: [x, {c: 2}]\n", "set/rating.yaml"), "a.中文")
    assert node is not None
    assert str(node.place("a.中文")) == "set/rating.yaml:3 a.中文"
    assert child(read_tree("a: 1", "f"), "a.b.c") is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["rules_file_empty"]),
        ("# nothing but a comment\n", ["rules_file_empty"]),
        ("a: [1\n", ["rules_not_yaml"]),
        ("a: 1\n\tb: 2\n", ["yaml_tab"]),
        ("a: 1\na: 2\n", ["rules_duplicate_key"]),
        ("a: {b: 1, b: 2}\n", ["rules_duplicate_key"]),
        ("'': 1\n", ["rules_empty_key"]),
        ("? [a, b]\n: 1\n", ["rules_empty_key"]),
        ("a:\nb: 1\n", ["rules_empty_value"]),
        ("a: {b: , c: 1}\n", ["rules_empty_value"]),
        ("a: {b: least(c, 2), d: 1}\n", ["rules_comma_unquoted"]),
        ("a: &x 1\nb: *x\n", ["rules_alias"]),
        ("a: &x [1]\nb: {<<: *x}\n", ["rules_alias"]),
        # Everything that is wrong is said at once.
        ("a: 1\na: 2\nb:\n'': 3\n", ["rules_duplicate_key", "rules_empty_value", "rules_empty_key"]),
    ],
)
def test_refused(text: str, codes: list[str]) -> None:
    assert _codes(text) == codes


def test_an_empty_text_in_quotes_is_a_value() -> None:
    assert _plain("a: ''\nb: \"\"\n") == {"a": "", "b": ""}


def test_a_file_beyond_all_measure_is_not_parsed() -> None:
    assert _codes("a: " + "x" * LARGEST_FILE) == ["rules_file_too_large"]


def test_a_billion_laughs_are_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert _codes(bomb) == ["rules_alias"]


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, "{a: " * 5000 + "1" + "}" * 5000])
def test_hostile_depth_is_refused_not_crashed(text: str) -> None:
    assert len(_codes(text)) == 1


def test_python_objects_are_never_made() -> None:
    assert _plain("a: !!python/object/apply:os.system ['true']\n") == {"a": ["true"]}


# ----------------------------------------------------------------------------------------------------------- extends


def _merged(base: str, over: str) -> object:
    return plain(merge(read_tree(base, "base.yaml"), read_tree(over, "over.yaml")))


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("a: {b: 1, c: 2}", "a: {c: 3, d: 4}", {"a": {"b": 1, "c": 3, "d": 4}}),
        ("a: {b: 1, c: 2}", "a: {b: ~}", {"a": {"c": 2}}),
        ("a: {b: 1}", "a: {x: ~}", {"a": {"b": 1, "x": None}}),
        ("a: [1, 2]", "a: [3]", {"a": [3]}),
        ("a: {b: {c: 1}}", "a: {b: 2}", {"a": {"b": 2}}),
        (
            "a: [{id: x, v: 1}, {id: y, v: 2}]",
            "a: [{id: y, v: 3}, {id: z, v: 4}]",
            {"a": [{"id": "x", "v": 1}, {"id": "y", "v": 3}, {"id": "z", "v": 4}]},
        ),
        ("a: [{id: x, v: 1, w: 5}]", "a: [{id: x, w: ~}]", {"a": [{"id": "x", "v": 1}]}),
        ("a: [{id: x}, {id: y}]", "a: [{id: x, remove: true}]", {"a": [{"id": "y"}]}),
        ("a: [{id: x}]", "a: [{id: q, remove: true}]", {"a": [{"id": "x"}]}),
        # A cut is replaced whole; its neighbours stay.
        (
            "tiers: {cut: {default: {shares: {A: 20, B: 100}, ties: worse}, below: {rest: B}}}",
            "tiers: {cut: {default: {thresholds: {A: 90}, rest: B}}}",
            {"tiers": {"cut": {"default": {"thresholds": {"A": 90}, "rest": "B"}, "below": {"rest": "B"}}}},
        ),
        # A set states its own head.
        (
            "mujun: 1\nkind: rating\nname: 基础\nplace: 省\nyears: [2020]\nstatus: abstract\n"
            "sources: [{document: 甲}]\nomits: [乙]\nrequire: {scoring.a: {total: 100}}\nextends: ../x\n",
            "name: 县",
            {"mujun": 1, "kind": "rating", "place": "省", "name": "县"},
        ),
        ("a: {name: 甲, years: 1}", "a: {b: 2}", {"a": {"name": "甲", "years": 1, "b": 2}}),
    ],
)
def test_merge(base: str, over: str, result: object) -> None:
    assert _merged(base, over) == result


def test_a_mistake_in_a_base_points_at_the_base(tmp_path: Path) -> None:
    files = right_files()
    base = files["set/rating.yaml"].decode()
    files["base/rating.yaml"] = (
        base.replace("status: example", "status: abstract").replace("weight: 60", "weight: 六十").encode()
    )
    files["base/guide.csv"] = files.pop("set/guide.csv")
    head = base.split("fields:")[0]
    files["set/rating.yaml"] = (head + "extends: ../base\n").encode()
    with pytest.raises(RuleError) as caught:
        load_rules(written(files, tmp_path))
    (mistake,) = caught.value.problems
    assert (mistake.code, mistake.place.file, mistake.place.line) == ("rules_want_decimal", "base/rating.yaml", 26)


def test_a_set_finds_the_lookup_tables_of_its_base(tmp_path: Path) -> None:
    files = right_files()
    base = files["set/rating.yaml"].decode()
    files["base/rating.yaml"] = base.replace("status: example", "status: abstract").encode()
    files["base/guide.csv"] = files.pop("set/guide.csv")
    files["set/rating.yaml"] = (base.split("fields:")[0] + "extends: ../base\n").encode()
    loaded = load_rules(written(files, tmp_path))
    assert loaded.lookups["rating"]["guide"].rows.height == 2
    assert loaded.rating is not None
    assert loaded.rating.status == "example"
    assert "base/guide.csv" in loaded.texts


REQUIRE = "require: {scoring.all: {total: 100, added: {count: [1, 2], weight: 30}}}"


@pytest.mark.parametrize(
    ("added", "codes"),
    [
        ("rd: {weight: 30, method: minmax}", []),
        ("rd: {weight: 20, method: minmax}\n    power: {weight: 10, method: minmax}", []),
        ("rd: {weight: 20, method: minmax}", ["require_total", "require_weight"]),
        ("tax: {weight: 100}", ["require_count", "require_weight"]),
        (
            "rd: {weight: 10, method: minmax}\n    power: {weight: 10, method: minmax}\n"
            "    staff: {weight: 10, method: minmax}",
            ["require_count"],
        ),
    ],
)
def test_require_holds_a_set_to_its_base(added: str, codes: list[str]) -> None:
    head = "mujun: 1\nkind: rating\nname: x\n"
    base = (
        f"{head}status: abstract\n{REQUIRE}\ncohorts: [{{id: all, when: 'true'}}]\nindicators:\n"
        "  tax: {of: tax_paid, per: land_mu}\n  rd: {of: rd_expense, per: revenue}\n"
        "  power: {of: revenue, per: energy_tce}\n  staff: {of: revenue, per: employees}\n"
        "scoring:\n  all:\n    tax: {weight: 70, method: minmax}\n"
    )
    added_set = f"{head}extends: ../base\nscoring:\n  all:\n    {added}\n"
    files = {"s/base/rating.yaml": base, "s/own/rating.yaml": added_set}
    assert load_kept("s/base", files).rating is not None
    if not codes:
        assert load_kept("s/own", files).rating is not None
        return
    with pytest.raises(RuleError) as caught:
        load_kept("s/own", files)
    assert [p.code for p in caught.value.problems] == codes
