"""`docs/rules/` is true: every example loads and compiles, every worked number comes out, every table is fresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
import pytest
import yaml

from mujun.errors import MujunError
from mujun.rating import rate
from mujun.rules import RuleSet, compile_rating, load_kept, run_cases
from mujun.rules.allocation_plan import compile_allocation
from mujun.rules.expressions import Expression, Scope
from mujun.rules.expressions.functions import FUNCTIONS
from mujun.rules.expressions.translate import compile_expression
from mujun.rules.folders import shipped_rules
from mujun.rules.ladders_plan import compile_ladders
from mujun.rules.named_lists import lists_of, with_list
from mujun.rules.rating_plan import check_rating
from mujun.rules.rectification_plan import compile_rectification
from mujun.rules.reference_page import MODELS, PAGES, marked, page, written
from mujun.rules.shape import keys_of
from mujun.rules.tree import read_tree
from mujun.workspace import case_engine

HERE = "zhejiang/page-2030"
"""Where a fragment of the pages is put."""

BASE = "zhejiang/page-base"
"""What a fragment is laid upon: the names that examples use, and no more than one indicator scored."""

HEAD = "mujun: 1\nkind: {kind}\nname: 例\nyears: [2022]\nsources: [{{document: 例, checked: 2026-11-23}}]\n"

BASE_TEXT = """
fields:
  rated_tax: {value: tax_paid}
  electricity_10k: {unit: 万千瓦时, value: "electricity_kwh * 0.0001"}
statistics:
  cohort_tax_per_mu: {stat: ratio_of_sums, of: rated_tax, per: land_mu, over: [cohort]}
  cohort_va_per_mu: {stat: ratio_of_sums, of: value_added, per: land_mu, over: [cohort]}
  cohort_va_per_tce: {stat: ratio_of_sums, of: value_added, per: energy_tce, over: [cohort]}
  cohort_va_per_emission: {stat: ratio_of_sums, of: value_added, per: emissions_t, over: [cohort]}
cohorts:
  - {id: above, when: "scale = '规上'"}
  - {id: below, when: "true"}
indicators:
  anchor: {of: tax_paid, per: land_mu}
  tax_per_mu: {unit: 万元/亩, of: rated_tax, per: land_mu}
  va_per_mu: {of: value_added, per: land_mu}
  va_per_tce: {of: value_added, per: energy_tce}
  va_per_emission: {of: value_added, per: emissions_t}
  rd_ratio: {of: rd_expense, per: revenue}
  productivity: {of: value_added, per: employees}
  tax_per_kwh: {of: rated_tax, per: electricity_10k}
  tax_per_tce: {of: rated_tax, per: energy_tce}
  revenue_per_tce: {of: revenue, per: energy_tce}
  revenue_per_emission: {of: revenue, per: emissions_t}
scoring:
  above: {anchor: {weight: 1, benchmark: 1}}
  below: {anchor: {weight: 1, benchmark: 1}}
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}, {id: T}]
  cut:
    default: {shares: {A: 20, B: 60, C: 95, D: 100}}
"""


# ----------------------------------------------------------------------------------------------------------- the pages


@dataclass(frozen=True)
class Block:
    """A fenced block: the page, its language, the words after it, its text, and the line it begins on."""

    page: str
    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def source(self) -> str | None:
        """The rule set it is taken from word for word."""
        named = re.match(r"# 取自 (\S+)\n", self.text)
        return named[1] if named else None


@cache
def _page(name: str) -> str:
    return page(name).read_text(encoding="utf-8")


@cache
def _blocks() -> list[Block]:
    blocks = []
    for name in PAGES:
        for block in re.finditer(r"^```(\S*)([^\n]*)\n(.*?)^```$", _page(name), re.DOTALL | re.MULTILINE):
            line = _page(name)[: block.start()].count("\n") + 1
            blocks.append(Block(name, block[1], tuple(block[2].split()), block[3], line))
    return blocks


def _yaml(*kinds: str) -> list[Any]:
    chosen = [b for b in _blocks() if b.language == "yaml" and b.words[:1] and b.words[0] in kinds]
    return [pytest.param(b, id=f"{b.page} {b.line}") for b in chosen]


def _worked(name: str) -> list[Any]:
    pattern = re.compile(rf"<!-- worked:{name} -->\n(.*?)<!-- end -->", re.DOTALL)
    tables = [table for one in PAGES for table in pattern.findall(_page(one))]
    rows = [line for table in tables for line in table.strip().splitlines()[2:]]
    cells = [[c.strip().strip("`") for c in line.strip("|").split(" | ")] for line in rows]
    return [pytest.param(*row, id=" ".join(row)) for row in cells]


@cache
def _shipped() -> Mapping[str, str]:
    root = shipped_rules()
    files = [f for f in root.glob("*/*/*") if f.suffix in (".yaml", ".csv")]
    return {f.relative_to(root).as_posix(): f.read_text(encoding="utf-8") for f in files}


def _csv() -> dict[str, str]:
    return {f"{HERE}/{b.words[0]}": b.text for b in _blocks() if b.language == "csv"}


def _loaded(files: Mapping[str, str], address: str = HERE) -> RuleSet:
    return load_kept(address, {**_shipped(), f"{BASE}/rating.yaml": HEAD.format(kind="rating") + BASE_TEXT, **files})


def _embedded(text: str) -> str:
    """A fragment of rating.yaml as a whole file: laid upon the base, with a score for every cohort it names."""
    try:
        given = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return HEAD.format(kind="rating") + text
    tiers = given.get("tiers", {})
    keyed = [k for name in ("cut", "rank_by") for k in (tiers.get(name, {}) if name == "cut" else _keyed(tiers))]
    declared = [c["id"] for c in given.get("cohorts", [])]
    named = {*declared, *given.get("scoring", {}), *keyed} - {"default", "above", "below"}
    more = ""
    if named and "scoring" not in given:
        more += "\nscoring:\n" + "".join(f"  {c}: {{anchor: {{weight: 1, benchmark: 1}}}}\n" for c in sorted(named))
    if named - set(declared):
        more += "\ncohorts:\n" + "".join(f'  - {{id: {c}, when: "true"}}\n' for c in sorted(named - set(declared)))
    head = "" if "mujun" in given else HEAD.format(kind="rating")
    return f"{head}{'' if 'extends' in given else f'extends: {BASE}'}\n{text}{more}"


def _keyed(tiers: Mapping[str, Any]) -> list[str]:
    rank_by = tiers.get("rank_by")
    return list(rank_by) if isinstance(rank_by, dict) else []


# ------------------------------------------------------------------------------------------------------------ examples


@pytest.mark.parametrize("block", _yaml("rating", "head"))
def test_example_of_a_rating(block: Block) -> None:
    if block.words[1:2] == ("wrong",):
        sentence = block.text.splitlines()[-1].removeprefix("# 提示：")
        with pytest.raises(MujunError, match=re.escape(sentence)):
            compile_rating(_loaded({f"{HERE}/rating.yaml": _embedded(block.text)}))
        return
    if block.words == ("head",):
        # A head alone says nothing more: what it extends may be a base that is not complete.
        assert _loaded({f"{HERE}/rating.yaml": block.text}).rating is not None
        return
    if block.words[1:2] == ("whole",):
        address = block.words[2]
        ruleset = _loaded({f"{address}/rating.yaml": block.text}, address)
    else:
        ruleset = _loaded({f"{HERE}/rating.yaml": _embedded(block.text), **_csv()})
    assert ruleset.rating is not None
    _, problems = check_rating(ruleset, ruleset.rating)
    assert [str(p) for p in problems] == []


@pytest.mark.parametrize("block", _yaml("rectification"))
def test_example_of_a_rectification(block: Block) -> None:
    kept = {f"{HERE}/rectification.yaml": HEAD.format(kind="rectification") + block.text}
    ruleset = _loaded({**kept, f"{HERE}/rating.yaml": HEAD.format(kind="rating") + BASE_TEXT})
    for name in lists_of(ruleset) or (None,):
        compile_rectification(with_list(ruleset, name))


@pytest.mark.parametrize("block", _yaml("allocation"))
def test_example_of_an_allocation(block: Block) -> None:
    kept = {f"{HERE}/allocation.yaml": HEAD.format(kind="allocation") + block.text}
    ruleset = _loaded({**kept, f"{HERE}/rating.yaml": HEAD.format(kind="rating") + BASE_TEXT})
    assert compile_allocation(ruleset).measures


@pytest.mark.parametrize("block", _yaml("targets"))
def test_example_of_targets(block: Block) -> None:
    ruleset = _loaded({f"{HERE}/targets.yaml": HEAD.format(kind="targets") + block.text})
    assert ruleset.targets is not None
    assert ruleset.targets.targets


@pytest.mark.parametrize("block", _yaml("ladders"))
def test_example_of_ladders(block: Block) -> None:
    goals = 'targets:\n  - {id: little_giants, label: 小巨人企业, kind: cumulative, unit: 家, targets: {"2022": 6}}\n'
    ruleset = _loaded({
        f"{HERE}/ladders.yaml": HEAD.format(kind="ladders") + block.text,
        f"{HERE}/targets.yaml": HEAD.format(kind="targets") + goals,
    })  # fmt: skip
    assert compile_ladders(ruleset).ladders


@pytest.mark.parametrize("block", _yaml("tests"))
def test_example_of_cases(block: Block) -> None:
    address = block.words[1]
    _all_pass(_loaded({f"{address}/tests.yaml": block.text}, address))


def _all_pass(ruleset: RuleSet) -> None:
    outcomes = run_cases(ruleset, case_engine)
    assert outcomes
    assert [o for o in outcomes if not o.passed] == []


@pytest.mark.parametrize(
    "block", [b for b in _yaml("rating", "head", "rectification", "allocation", "tests") if b.values[0].source]
)
def test_example_stands_in_the_set_it_names(block: Block) -> None:
    assert block.source is not None
    near = {f.rsplit("/", 1)[0]: "" for f in _shipped()}
    assert block.source in near
    theirs = "\n".join(text for file, text in _shipped().items() if file.startswith(block.source + "/"))
    whole = yaml.load(block.text, Loader=yaml.BaseLoader)
    assert whole
    lines = {line.strip() for line in theirs.splitlines()}
    strange = [line for line in block.text.splitlines()[1:] if line.strip() and line.strip() not in lines]
    # What a fragment needs besides to stand alone is said at its end, or marked as shortened.
    assert [line for line in strange if "# 节略" not in line] == []


def test_no_block_is_left_out() -> None:
    known = {
        "rating",
        "rectification",
        "allocation",
        "targets",
        "ladders",
        "tests",
        "head",
        "tutorial",
        "tutorial-tests",
    }
    for block in _blocks():
        assert block.language in ("yaml", "csv", "expression", ""), block.line
        if block.language == "yaml":
            assert block.words, block.line
            assert block.words[0] in known, block.line


# --------------------------------------------------------------------------------------------------------- the tutorial


def tutorial() -> RuleSet:
    """The set that the tutorial writes."""
    pieces = [b for b in _blocks() if b.words[:1] == ("tutorial",)]
    (cases,) = [b.text for b in _blocks() if b.words[:1] == ("tutorial-tests",)]
    text = "\n".join(b.text for b in pieces)
    return load_kept("qingxi-2022", {"qingxi-2022/rating.yaml": text, "qingxi-2022/tests.yaml": cases})


def test_the_tutorial_makes_a_set_that_is_right() -> None:
    ruleset = tutorial()
    compile_rating(ruleset)
    _all_pass(ruleset)


# ---------------------------------------------------------------------------------------------------------- expressions


def _scope() -> Scope:
    ruleset = _loaded({f"{HERE}/rating.yaml": _embedded("fields:\n  in_zone: {input: boolean}\n")})
    assert ruleset.rating is not None
    return check_rating(ruleset, ruleset.rating)[0].scope


def _expressions(*words: str) -> list[str]:
    chosen = [b for b in _blocks() if b.language == "expression" and b.words == words]
    return [line for b in chosen for line in b.text.splitlines()]


@pytest.mark.parametrize("line", _expressions())
def test_expression_compiles(line: str) -> None:
    problems: list[Any] = []
    compile_expression(Expression(line.split("  #")[0].strip()), _scope(), problems)
    assert [str(p) for p in problems] == []


@pytest.mark.parametrize("line", _expressions("wrong"))
def test_wrong_expression_is_refused(line: str) -> None:
    text, sentence = (part.strip() for part in line.split("  #"))
    problems: list[Any] = []
    assert compile_expression(Expression(text), _scope(), problems) is None
    assert sentence in str(problems[0])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_an_example(function: str) -> None:
    word = re.split(r"[(\s]", function)[0]
    needle = "+ interval '" if "interval" in function else f"{word} '" if word == "date" else function.split("(")[0]
    if function.startswith("case"):
        needle = "case when"
    assert any(needle in line for line in _expressions()), needle


# ------------------------------------------------------------------------------------------------------- worked numbers

_MINI = """
fields:
  x: {input: quantity}
  y: {input: quantity}
cohorts: [{id: all, when: "true"}]
tiers:
  classes: [{id: A}, {id: B}, {id: C}, {id: D}]
  cut:
"""
_DEFAULT_CUT = "    default: {shares: {A: 20, B: 60, C: 95, D: 100}}\n"


def _rated(text: str, values: str, cut: str = _DEFAULT_CUT) -> pl.DataFrame:
    """A tiny frame rated: `values` are those of its enterprises, `x` or `x/y`, 缺 for missing."""
    pairs = [tuple(_number(v) for v in f"{one}/1".split("/")[:2]) for one in values.split("、")]
    frame = pl.DataFrame(
        {
            "year": [2022] * len(pairs),
            "credit_code": [f"E{i:02}" for i in range(len(pairs))],
            "x": [x for x, _ in pairs],
            "y": [y for _, y in pairs],
        },
        schema={"year": pl.Int32, "credit_code": pl.String, "x": pl.Decimal(18, 6), "y": pl.Decimal(18, 6)},
    )
    ruleset = load_kept(HERE, {f"{HERE}/rating.yaml": HEAD.format(kind="rating") + _MINI + cut + text})
    return rate(frame, ruleset).enterprises.sort("credit_code")


def _number(word: str) -> Decimal | None:
    return None if word == "缺" else Decimal(word)


_ONE = """
indicators:
  it: {of: x, per: y}
scoring: {all: {it: %s}}
"""


def _same(got: object, wanted: str) -> bool:
    number = _number(wanted)
    if number is None or got is None:
        return got is None and number is None
    return abs(Decimal(str(got)) - number) <= Decimal("1e-12")


@pytest.mark.parametrize(("item", "values", "wanted"), _worked("points"))
def test_worked_points(item: str, values: str, wanted: str) -> None:
    # A penalty may stand below zero: the floor allows it.
    firms = _rated(_ONE % item, values)
    assert _same(firms["it_points"][0], wanted), firms["it_points"][0]


@pytest.mark.parametrize(("statistic", "values", "wanted"), _worked("statistics"))
def test_worked_statistics(statistic: str, values: str, wanted: str) -> None:
    firms = _rated(_ONE % "{weight: 1, benchmark: 1}" + f"statistics: {{found: {statistic}}}\n", values)
    assert _same(firms["found"][0], wanted), firms["found"][0]


@pytest.mark.parametrize(("values", "cut", "wanted"), _worked("tiers"))
def test_worked_tiers(values: str, cut: str, wanted: str) -> None:
    firms = _rated(_ONE % "{weight: 100, benchmark: 100}", values, f"    default: {cut}\n")
    assert "、".join(firms["tier"]) == wanted


@pytest.mark.parametrize(("expression", "values", "wanted"), _worked("expressions"))
def test_worked_expressions(expression: str, values: str, wanted: str) -> None:
    text = _ONE % "{weight: 1, benchmark: 1}" + "adjustments: {items: [{id: a, points: found}]}\n"
    text = text.replace("indicators:", f'indicators:\n  found: {{value: "{expression}"}}')
    firms = _rated(text, values.replace("、", "/"))
    assert _same(firms["found"][0], wanted), firms["found"][0]


def test_worked_reweight() -> None:
    """60 and 20 of 100 become 75 and 25 where the third indicator is missing."""
    text = """
indicators: {a: {of: x, per: y}, b: {of: x, per: y}, c: {of: land_mu, per: y}}
scoring:
  all:
    a: {weight: 60, benchmark: 1}
    b: {weight: 20, benchmark: 1}
    c: {weight: 20, benchmark: 1, missing: reweight}
"""
    firms = _rated(text, "1")
    assert firms.select("a_points", "b_points", "score").row(0) == (Decimal(75), Decimal(25), Decimal(100))


# ----------------------------------------------------------------------------------------------------------- the tables


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_are_fresh(name: str) -> None:
    assert written(_page(name)) == _page(name), "run python -m mujun.rules.reference_page"


def test_every_model_and_list_stands_on_a_page() -> None:
    assert {m for name in PAGES for m in marked(_page(name))} == {
        *(f"keys:{name}" for name in MODELS),
        "functions",
        "operators",
        "fields",
    }


@pytest.mark.parametrize("name", MODELS)
def test_every_key_is_in_an_example(name: str) -> None:
    """Every key is used in an example, besides its row in a table."""
    examples = "\n".join(b.text for b in _blocks() if b.language == "yaml")
    unused = [k for k in keys_of(MODELS[name]) if not re.search(rf"(^|[\s{{,]){k}:", examples)]
    assert unused == []


def _headings(name: str) -> set[str]:
    return {_anchor(h) for h in re.findall(r"^#+ (.+)$", _page(name), re.MULTILINE)}


@pytest.mark.parametrize("name", PAGES)
def test_the_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?:(\w+)\.md)?#([^)]+)\)", _page(name))
    assert links
    assert [link for link in links if link[1] not in _headings(link[0] or name)] == []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_english_summary_has_ten_lines() -> None:
    door = (shipped_rules() / "README.md").read_text(encoding="utf-8")
    assert sum(line.startswith("> ") for line in door.splitlines()) == 10


def test_examples_are_read_as_written() -> None:
    """A fragment that is quoted wrongly would be read as something else: every block is plain YAML of our kind."""
    for block in _blocks():
        if block.language == "yaml" and block.words[1:2] != ("wrong",):
            assert read_tree(block.text, "page").value
