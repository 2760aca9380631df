"""Expressions of rule files: what is refused, what kinds and units go together, and what comes out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

import mujun
from mujun import messages
from mujun.errors import Place, Problem
from mujun.numbers import parse_unit
from mujun.rules.expressions import (
    FUNCTIONS,
    Expression,
    Meaning,
    Node,
    Scope,
    compile_expression,
    names_in,
    tree_of,
    walk,
)
from mujun.rules.expressions.nodes import Call, Foreign, Name
from mujun.rules.named_values import dictionary

SCOPE = Scope(
    {
        m.name: m
        for m in (
            *dictionary(),
            Meaning("ratio", "number", 0, None, "比值"),
            Meaning("x", "exact", 2, None, "甲数"),
            Meaning("y", "exact", 4, None, "乙数"),
            Meaning("tce_rate", "number", 0, parse_unit("吨标煤/千瓦时"), "折标系数"),
            Meaning("flag", "boolean", 0, None, "是否"),
        )
    },
    {"score": "计分之后"},
)

FRAME = pl.DataFrame(
    {
        "land_mu": [Decimal("10.5"), Decimal("0"), None],
        "tax_paid": [Decimal("105"), Decimal("7"), Decimal("1")],
        "ratio": [3 * 1.1 / 1.1, 0.1 + 0.2, None],
        "x": [Decimal("1.25"), Decimal("-1.25"), None],
        "y": [Decimal("2.5000"), Decimal("0"), Decimal("3")],
        "scale": ["规上", "规下", None],
        "name": ["黄岩模具厂", "a.c", None],
        "industry_division": ["13", "44", None],
        "labels": [["高新技术企业", "瞪羚"], [], None],
        "started_on": [date(2020, 2, 29), date(2022, 12, 31), None],
        "as_of": [date(2022, 12, 31)] * 3,
        "flag": [True, False, None],
    },
    schema_overrides={
        "land_mu": pl.Decimal(38, 6), "tax_paid": pl.Decimal(38, 6), "x": pl.Decimal(38, 2), "y": pl.Decimal(38, 4),
        "labels": pl.List(pl.String), "ratio": pl.Float64,
    },
)  # fmt: skip


def _problems(text: str) -> list[Problem]:
    problems: list[Problem] = []
    compiled = compile_expression(Expression(text, Place(file="r.yaml", line=3)), SCOPE, problems)
    assert (compiled is None) == bool(problems)
    return problems


def _refused(text: str) -> str:
    (refusal,) = _problems(text)
    assert refusal.place == Place(file="r.yaml", line=3)
    return refusal.code


def _values(text: str) -> list[Any]:
    problems: list[Problem] = []
    compiled = compile_expression(Expression(text), SCOPE, problems)
    assert compiled is not None, [str(p) for p in problems]
    return FRAME.select(compiled.value.expr.alias("v"))["v"].to_list()


# ------------------------------------------------------------------------------------------------------------ security


@pytest.mark.parametrize(
    "text",
    [
        # queries
        "(select 1)", "land_mu > (select max(land_mu) from t)", "exists (select 1)", "select land_mu",
        "land_mu in (select 1)",
        "land_mu; drop table t", "values (1)", "with a as (select 1) select 1", "land_mu union select 1",
        "land_mu = any(select 1)", "land_mu = all(array[1])",
        # files and the system
        "read_csv('{file}')", "scan_csv('{file}')", "read_parquet('{file}')", "read_text('{file}')",
        "read_blob('{file}')",
        "read_json('{file}')", "(select * from '{file}')", "(from '{file}')", "getenv('HOME')", "version()",
        "current_setting('x')", "pg_read_file('{file}')", "load_extension('{file}')", "glob('{file}')",
        "import('os')",
        "current_user", "current_date", "current_timestamp", "random()", "uuid()", "now()",
        # what sees more than one subject
        "sum(land_mu)", "avg(land_mu)", "count(*)", "count(land_mu)", "max(land_mu)", "min(land_mu)",
        "median(land_mu)",
        "quantile(land_mu, 0.5)", "stddev(land_mu)", "array_agg(land_mu)", "string_agg(name, ',')", "first(land_mu)",
        "row_number() over ()", "rank() over (order by land_mu)", "lag(land_mu) over ()", "sum(land_mu) over ()",
        "land_mu over ()", "unnest(labels)", "explode(labels)",
        # casts, which would get round the kinds
        "cast(land_mu as text)", "cast(scale as int)", "land_mu::text", "try_cast(scale as double)",
        "cast('1' as decimal)",
        "cast(land_mu as date)", "timestamp '2022-01-01'", "convert(land_mu, char)",
        # the rest of a database
        "t.land_mu", "a.b.land_mu", "*", "t.*", "{{'a': 1}}", "[1, 2]", "array[1]", "struct(1)", "labels[1]",
        "x -> x + 1",
        "$1", "?", ":name", "@name", "land_mu as a", "land_mu collate c", "regexp_matches(name, '(a+)+$')",
        "name ~ 'a'",
        "name ilike 'a'", "name similar to 'a'", "land_mu % 2", "land_mu // 2", "x & 1", "x | 1", "x ^ 1", "~x",
        "x << 1",
        "distinct land_mu", "filter(land_mu > 1)", "land_mu is distinct from 1", "land_mu is true",
        "x between symmetric 1 and 2",
    ],
)  # fmt: skip
def test_everything_not_on_the_list_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("land_mu\n1\n", encoding="utf-8")
    code = _refused(text.replace("{file}", str(file)).replace("{{", "{").replace("}}", "}"))
    assert code.startswith("expression_")


def test_no_file_is_opened_while_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """facts.md: Polars' own SQL opens files while it parses."""
    opened: list[object] = []
    for owner, word in (
        (pl, "read_csv"), (pl, "scan_csv"), (pl, "read_parquet"), (pl, "scan_parquet"), (pl, "sql"), (pl, "sql_expr"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, word, lambda *a, **k: opened.append(a))
    monkeypatch.setattr("builtins.open", lambda *a, **k: opened.append(a))
    for text in ("read_csv('/etc/passwd')", "(select * from read_csv('/etc/passwd'))", "(from '/etc/passwd')"):
        problems: list[Problem] = []
        assert compile_expression(Expression(text), SCOPE, problems) is None
    assert opened == []


def test_a_quote_does_not_get_out_of_a_text() -> None:
    assert _values("name = '''; select 1; --'") == [False, False, None]
    assert _values("name like 'a.c'") == [False, True, None]
    assert _values("name like '(((%'") == [False, False, None]
    assert _values("name like '黄岩__厂'") == [True, False, None]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + "land_mu" + ")" * 3000,
        "(" * 45 + "land_mu" + ")" * 45,
        "abs(" * 500 + "land_mu" + ")" * 500,
        "not " * 3000 + "flag",
        "- " * 3000 + "land_mu",
        " + ".join(["land_mu"] * 3000),
        " and ".join(["flag"] * 3000),
        "case when flag then " * 300 + "1" + " end" * 300,
    ],
    ids=["brackets", "some_brackets", "functions", "not", "minus", "sum", "and", "case"],
)
def test_hostile_depth_is_refused_not_crashed(text: str) -> None:
    assert _refused(text) in ("expression_too_deep", "expression_not_parsed")
    assert tree_of(Expression(text)) is None
    assert names_in(Expression(text), SCOPE) == frozenset()


def test_sqlglot_says_nothing_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    for text in (
        "set x = 1",
        "show tables",
        "pragma x",
        "create table t (a int)",
        "attach 'x'",
        "copy t to 'x'",
        "call f()",
    ):
        assert _refused(text).startswith("expression_")
    assert capfd.readouterr() == ("", "")
    assert version("sqlglot").startswith("30.")


# ------------------------------------------------------------------------------------------------------ kinds and units


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("land_mu = '3'", "expression_kinds_differ"),
        ("scale = 1", "expression_kinds_differ"),
        ("started_on > 2020", "expression_kinds_differ"),
        ("started_on > '2020年'", "expression_not_a_date"),
        ("land_mu + started_on", "expression_kinds_differ"),
        ("started_on + as_of", "expression_kinds_differ"),
        ("started_on + 1", "expression_kinds_differ"),
        ("flag + 1", "expression_wants_number"),
        ("flag > true", "expression_orders_text"),
        ("scale < '规下'", "expression_orders_text"),
        ("scale = '大型'", "expression_unknown_choice"),
        ("scale in ('规上', '大型')", "expression_unknown_choice"),
        ("labels = '高新技术企业'", "expression_kinds_differ"),
        ("land_mu and flag", "expression_wants_condition"),
        ("not land_mu", "expression_wants_condition"),
        ("if(flag, 1, '二')", "expression_kinds_differ"),
        ("coalesce(land_mu, '无')", "expression_kinds_differ"),
        ("greatest(scale, name)", "expression_wants_number"),
        ("land_mu = null", "expression_compares_null"),
        ("round(x, y)", "expression_wants_literal"),
        ("round(x, 1.5)", "expression_wants_literal"),
        ("round(x, -1)", "expression_wants_whole"),
        ("left(name, -1)", "expression_wants_whole"),
        ("substring(name, 0, 2)", "expression_wants_whole"),
        ("left(name, 99999999999999999999)", "expression_too_many_digits"),
        ("x > 1e400", "expression_too_many_digits"),
        ("x > 0.00000000000000000000000000001", "expression_too_many_digits"),
        ("x > 10000000000 * 10000000000", "expression_too_many_digits"),
        ("as_of + interval '99999999999 years' > as_of", "expression_not_an_interval"),
        ("as_of + interval '2 weeks' > as_of", "expression_not_an_interval"),
        ("floor(x, 1)", "expression_not_allowed"),
        ("left(name, 1, 2)", "expression_not_allowed"),
        ("array_contains(labels, 'a', 'b')", "expression_not_allowed"),
        ("array_length(labels, 1)", "expression_not_allowed"),
        ("name like scale", "expression_wants_literal"),
        ("quantity(x, '亩')", "expression_wants_literal"),
        ("quantity(1, '不是单位')", "expression_unknown_unit"),
        ("quantity(1)", "expression_so_many_arguments"),
        ("x / 0", "expression_divides_by_zero"),
        ("score > 60", "expression_name_later"),
        # units
        ("land_mu + tax_paid", "expression_units_unlike"),
        ("land_mu > tax_paid", "expression_units_unlike"),
        ("greatest(land_mu, tax_paid)", "expression_units_unlike"),
        ("coalesce(land_mu, tax_paid)", "expression_units_unlike"),
        ("if(flag, land_mu, tax_paid)", "expression_units_unlike"),
        ("quantity(3, '元') > quantity(2, '万元')", "expression_units_differ"),
        ("quantity(3, '亩') > quantity(2000, '㎡')", "expression_units_differ"),
        ("energy_tce + energy_tce_calorific", "expression_energy_bases"),
        ("energy_tce = energy_tce_calorific", "expression_energy_bases"),
        ("energy_tce > electricity_kwh", "expression_units_unlike"),
    ],
)
def test_what_does_not_go_together_is_refused(text: str, code: str) -> None:
    assert _refused(text) == code


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("tax_paid / land_mu", "万元/亩"),
        ("2 * tax_paid", "万元"),
        ("tax_paid - tax_paid", "万元"),
        ("coalesce(tax_paid, 0)", "万元"),
        ("greatest(tax_paid, 0)", "万元"),
        ("electricity_kwh * tce_rate", "吨标煤"),
        ("energy_tce + electricity_kwh * quantity(0.000123, '吨标煤/千瓦时')", "吨标煤"),
        ("round(tax_paid / land_mu, 2)", "万元/亩"),
    ],
)
def test_units_are_derived(text: str, unit: str) -> None:
    problems: list[Problem] = []
    compiled = compile_expression(Expression(text), SCOPE, problems)
    assert compiled is not None, [str(p) for p in problems]
    assert compiled.value.unit == parse_unit(unit)


@pytest.mark.parametrize(
    ("text", "kind", "scale"),
    [
        ("x + y", "exact", 4), ("x - 1", "exact", 2), ("2 * x", "exact", 2), ("0.5 * x", "exact", 3),
        ("x * y", "number", 0),
        ("x / y", "number", 0), ("-x", "exact", 2), ("round(x / y, 3)", "exact", 3), ("floor(ratio)", "exact", 0),
        ("x > y", "boolean", 0), ("name || scale", "text", 0), ("as_of - started_on", "exact", 0),
        ("started_on + interval '2 years'", "date", 0), ("labels", "texts", 0),
    ],
)  # fmt: skip
def test_exact_stays_exact(text: str, kind: str, scale: int) -> None:
    problems: list[Problem] = []
    compiled = compile_expression(Expression(text), SCOPE, problems)
    assert compiled is not None, [str(p) for p in problems]
    assert (compiled.value.kind, compiled.value.scale) == (kind, scale)


# --------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # division by zero is missing, never infinity
        ("tax_paid / land_mu", [10.0, None, None]),
        ("x / y", [0.5, None, None]),
        ("ln(y)", [pytest.approx(0.916290731874), None, pytest.approx(1.098612288668)]),
        ("sqrt(x)", [pytest.approx(1.118033988750), None, None]),
        # floats are compared at 12 decimals
        ("ratio < 3", [False, True, None]),
        ("ratio >= 3", [True, False, None]),
        ("ratio = 0.3", [False, True, None]),
        ("ratio in (0.3, 3)", [True, True, None]),
        ("ratio between 0.3 and 3", [True, True, None]),
        ("floor(ratio)", [Decimal(3), Decimal(0), None]),
        # missing goes through everything, greatest and least too
        ("land_mu + 1 > 0", [True, True, None]),
        ("greatest(x, 0)", [Decimal("1.25"), Decimal("0.00"), None]),
        ("least(x, y)", [Decimal("1.2500"), Decimal("-1.2500"), None]),
        ("coalesce(x, y)", [Decimal("1.2500"), Decimal("-1.2500"), Decimal("3.0000")]),
        ("nullif(y, 0)", [Decimal("2.5000"), None, Decimal("3.0000")]),
        ("name || '！'", ["黄岩模具厂！", "a.c！", None]),
        # three-valued logic
        ("flag and x > 0", [True, False, None]),
        ("flag or y > 0", [True, False, True]),
        ("flag and false", [False, False, False]),
        ("flag or true", [True, True, True]),
        ("not flag", [False, True, None]),
        ("flag is null", [False, False, True]),
        ("flag is not null", [True, True, False]),
        ("x not in (1.25)", [False, True, None]),
        ("if(flag, 1, 2)", [Decimal(1), Decimal(2), Decimal(2)]),
        ("case when x > 0 then 'p' when x < 0 then 'n' end", ["p", "n", None]),
        ("case scale when '规上' then 1 else 0 end", [Decimal(1), Decimal(0), Decimal(0)]),
        # rounding is half away from zero
        ("round(x, 1)", [Decimal("1.3"), Decimal("-1.3"), None]),
        ("ceil(x)", [Decimal(2), Decimal(-1), None]),
        ("abs(x)", [Decimal("1.25"), Decimal("1.25"), None]),
        # labels are never missing
        ("array_contains(labels, '瞪羚')", [True, False, False]),
        ("not array_contains(labels, '瞪羚')", [False, True, True]),
        ("array_length(labels)", [Decimal(2), Decimal(0), Decimal(0)]),
        # texts
        ("starts_with(name, '黄岩')", [True, False, None]),
        ("length(name)", [Decimal(5), Decimal(3), None]),
        ("left(name, 2)", ["黄岩", "a.", None]),
        ("right(name, 1)", ["厂", "c", None]),
        ("substring(name, 3, 2)", ["模具", "c", None]),
        ("industry_division in ('13', '14')", [True, False, None]),
        # Chinese labels are names too
        ("规模 = '规上'", [True, False, None]),
        ("甲数 + 乙数", [Decimal("3.7500"), Decimal("-1.2500"), None]),
        # dates
        ("started_on + interval '2 years'", [date(2022, 2, 28), date(2024, 12, 31), None]),
        ("started_on + interval '2 years' > as_of", [False, True, None]),
        ("started_on - interval '1 month'", [date(2020, 1, 29), date(2022, 11, 30), None]),
        ("started_on + interval '30 days'", [date(2020, 3, 30), date(2023, 1, 30), None]),
        ("started_on >= '2022-12-31'", [False, True, None]),
        ("started_on >= date '2022-12-31'", [False, True, None]),
        ("year(started_on)", [Decimal(2020), Decimal(2022), None]),
        ("extract(month from started_on)", [Decimal(2), Decimal(12), None]),
        ("as_of - started_on", [Decimal(1036), Decimal(0), None]),
        ("days_between(started_on, as_of)", [Decimal(1036), Decimal(0), None]),
        ("months_between(started_on, as_of)", [Decimal(34), Decimal(0), None]),
        ("years_between(started_on, as_of)", [Decimal(2), Decimal(0), None]),
    ],
)
def test_values(text: str, values: list[object]) -> None:
    assert _values(text) == values


def test_the_column_names_are_not_the_labels() -> None:
    assert names_in(Expression("规模 = '规上' and 甲数 > 0"), SCOPE) == {"scale", "x"}


def _word(signature: str) -> str:
    return signature.split("(")[0].split(" ")[0]


EXAMPLES = {
    "coalesce": "coalesce(x, 0)", "nullif": "nullif(x, 0)", "greatest": "greatest(x, 0)", "least": "least(x, 0)",
    "if": "if(flag, 1, 2)", "case": "case when flag then 1 else 2 end", "abs": "abs(x)", "round": "round(x, 1)",
    "floor": "floor(x)", "ceil": "ceil(x)", "sqrt": "sqrt(x)", "power": "power(x, 2)", "ln": "ln(x)", "exp": "exp(x)",
    "quantity": "quantity(1, '亩')", "array_contains": "array_contains(labels, 'a')",
    "array_length": "array_length(labels)", "starts_with": "starts_with(name, 'a')", "length": "length(name)",
    "left": "left(name, 1)", "right": "right(name, 1)", "substring": "substring(name, 1, 2)",
    "concat": "concat(name, scale)", "year": "year(as_of)", "extract": "extract(day from as_of)",
    "days_between": "days_between(started_on, as_of)", "months_between": "months_between(started_on, as_of)",
    "years_between": "years_between(started_on, as_of)", "date": "as_of > date '2022-12-31'",
    "日期": "as_of + interval '2 years'",
}  # fmt: skip


@pytest.mark.parametrize("signature", FUNCTIONS)
def test_every_documented_function_works(signature: str) -> None:
    assert _problems(EXAMPLES[_word(signature)]) == []


def test_the_parser_is_known_in_one_room_only() -> None:
    package = Path(mujun.__file__).parent
    knowing = {p.relative_to(package).as_posix() for p in package.rglob("*.py") if "import sqlglot" in p.read_text()}
    knowing |= {p.relative_to(package).as_posix() for p in package.rglob("*.py") if "from sqlglot" in p.read_text()}
    assert knowing == {"rules/expressions/parsing.py", "rules/expressions/reading.py"}


EVERY_KIND = (
    "case scale when '规上' then -land_mu else (tax_paid + 1) / 2 end > 3 and not (name like '甲%') "
    "and land_mu between 1 and 9 and scale in ('规上', '规下') and tax_paid is not null "
    "and year(started_on) >= 2000 and started_on > date '2001-02-03' - interval '2 years' "
    "and (true or null is null) and abs(land_mu) > 0"
)


def test_every_kind_of_node_is_read_and_walked() -> None:
    tree = tree_of(Expression(EVERY_KIND))
    assert tree is not None
    kinds = {type(node) for node in walk(tree)}
    assert kinds == set(get_args(Node)) - {Foreign}


@pytest.mark.parametrize("text", ["tax_paid % 2 > 1", "cast(tax_paid as text) = '3'", "sum(tax_paid) > 1"])
def test_what_the_language_has_no_word_for_is_foreign_and_its_names_are_seen(text: str) -> None:
    tree = tree_of(Expression(text))
    assert tree is not None
    assert {type(node) for node in walk(tree)} & {Foreign, Call}
    assert Name("tax_paid") in set(walk(tree))


def test_a_text_is_parsed_once() -> None:
    assert tree_of(Expression("land_mu > 4.25")) is tree_of(Expression("land_mu > 4.25"))


UNREADABLE = (
    "tax_paid >", "> 3", "x > and flag", "(x > 3", "x > 3)", "x = '甲", 'x = "y', "x in (1,", "case when flag then 1",
    "case x end", "x +", "not", "flag and", "if(flag,", "x between 1", "x between 1 and", "scale like", "date '2022",
    "cast(x", "cast(x as)", "x::", "x[", "x[1", "{x", "x..y", "1 2", "", "-- x", "/* x", "x #y", "x ! y", "x %",
    "extract(year x)", "extract(year from)", "x,y", "from", "flag not", "x not in (1", "coalesce()", "nullif(x)",
    "array_contains(labels)", "array_contains(labels,)", "round(", "exists(", "trim(", "x = 3 =", "x'zz'", "x > 3 then",
    "when", "flag or or flag", "x * / y", "scale ||", "x => 3", "lambda x: 1", "left(scale)", "else", "\\",
)  # fmt: skip


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_told_in_the_words_of_its_author(text: str) -> None:
    (refusal,) = _problems(text)
    with messages.speaking("zh"):
        bare = str(refusal).replace("docs/rules/expressions.md", "").replace("case when 条件 then 值 else 值 end", "")
        for word in sorted(re.findall(r"\w+", text, re.ASCII), key=len, reverse=True):
            bare = bare.replace(word, "")
    assert set(re.findall(r"[A-Za-z]{2,}", bare.partition("：")[2])) <= {"case", "between", "and"}
    with messages.speaking("en"):
        assert not re.search(r"sqlglot|<class|TokenType|Required|Expect|Invalid|tokeniz", str(refusal))


def test_what_is_missing_is_named() -> None:
    assert [(p.code, p.values["sign"]) for p in _problems("x > 1 and tax_paid >")] == [
        ("expression_number_behind", ">")
    ]
    assert [p.code for p in _problems("x between 1 and")] == ["expression_number_behind"]
    assert [p.code for p in _problems("x between 1 and 2 and")] == ["expression_condition_behind"]
    assert [p.values["name"] for p in _problems("abs(x) + nullif(x) > 3")] == ["nullif"]
    assert [p.values["column"] for p in _problems("(x + (y * 2) > 3")] == [1]
    # The parser takes these for something of its own.
    assert [(p.code, p.values["sign"]) for p in _problems("x in")] == [("expression_number_behind", "in")]
    assert [(p.code, p.values["sign"]) for p in _problems("x > > 3")] == [("expression_number_behind", ">")]
    assert [p.values["what"] for p in _problems("x y")] == ["x y"]
    assert [(p.code, p.values["near"]) for p in _problems("x > 1e")] == [("expression_not_parsed", "1e")]
