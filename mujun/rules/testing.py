"""Running a rule set's own cases: given these enterprises, are these the results?

The engines are handed in, so that the rule language does not depend on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from mujun.dataclass import dataclass
from mujun.errors import MujunError, Place, Problem, RuleError, problem
from mujun.fields import FIELDS, Field, dtype_of, find_field, nearest
from mujun.messages import Guess, Word
from mujun.numbers import QUANTITY
from mujun.rules.cross_checks import check_unique
from mujun.rules.model import Case
from mujun.rules.model.cases import Row
from mujun.rules.ruleset import RuleSet
from mujun.rules.tree import Node, plain

LARGEST_QUANTITY = Decimal(10) ** 12
"""What a quantity of 18 digits, six of them decimals, can hold."""
LARGEST_WHOLE = 2**31

Given = dict[str, object]
Results = Mapping[str, Sequence[Mapping[str, object]]]
"""Result rows by section: `expect`, `rectification`, `allocation`."""

Engine = Callable[[RuleSet, Case, pl.DataFrame, pl.DataFrame | None, pl.DataFrame | None], Results]


@dataclass(frozen=True)
class Mismatch:
    """One number of a case that came out otherwise."""

    case: str
    place: Place
    who: str
    name: str
    expected: object
    got: object


@dataclass(frozen=True)
class CaseOutcome:
    """How one case went: what differed, or the error that stopped it."""

    case: Case
    checked: int
    mismatches: tuple[Mismatch, ...]
    stopped: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every number came out."""
        return not self.mismatches and self.stopped is None

    @property
    def failures(self) -> tuple[Problem, ...]:
        """What came out otherwise, a sentence per number, each with its place among the cases."""
        told = [
            problem(
                "rules_test_mismatch", m.place, case=m.case, who=m.who, name=m.name,
                expected="~" if m.expected is None else m.expected, got="~" if m.got is None else m.got,
            )
            for m in self.mismatches
        ]  # fmt: skip
        if self.stopped is not None:
            told.append(problem("rules_test_stopped", self.case.stands, case=self.case.id, why=self.stopped))
        return tuple(told)


def run_cases(ruleset: RuleSet, engine: Engine) -> tuple[CaseOutcome, ...]:
    """Every case of a rule set, run.

    Args:
        ruleset: a rule set with tests.yaml.
        engine: rates, lists and allocates the enterprises of a case.

    Raises:
        RuleError: a case names a field that does not exist, or a value that is not of its kind.
    """
    extra = _input_kinds(ruleset)
    return tuple(_run(ruleset, case, engine, extra) for case in ruleset.test_cases)


def _wanted(dtype: pl.DataType) -> Word:
    if dtype == pl.Boolean:
        return Word("case_true_or_false")
    if isinstance(dtype, pl.List):
        return Word("kind_texts")
    if dtype == pl.String:
        return Word("kind_text")
    return Word("kind_date" if dtype == pl.Date else "kind_exact")


def check_cases(ruleset: RuleSet) -> list[Problem]:
    """What is wrong with the cases themselves: unknown fields, values of another kind, ids that occur twice."""
    problems: list[Problem] = []
    extra = _input_kinds(ruleset)
    check_unique({"cases": [(c.id, c.stands) for c in ruleset.test_cases]}, problems)
    for case in ruleset.test_cases:
        year = case.year or _first_year(ruleset)
        case_frame(case.enterprises, year, extra, problems)
        case_frame(case.previous, year - 1, extra, problems)
        if case.usage:
            _usage_frame(case.usage, problems)
    return problems


def _run(ruleset: RuleSet, case: Case, engine: Engine, extra: Mapping[str, str]) -> CaseOutcome:
    problems: list[Problem] = []
    year = case.year or _first_year(ruleset)
    frame = case_frame(case.enterprises, year, extra, problems)
    previous = case_frame(case.previous, year - 1, extra, problems) if case.previous else None
    usage = _usage_frame(case.usage, problems) if case.usage else None
    if problems:
        raise RuleError(problems)
    try:
        results = engine(ruleset, case, frame, previous, usage)
    except MujunError as error:
        codes = [p.code for p in error.problems]
        if case.error in codes:
            return CaseOutcome(case, 1, ())
        return CaseOutcome(case, 0, (), str(error))
    if case.error is not None:
        return CaseOutcome(case, 1, (Mismatch(case.id, case.stands, "", "error", case.error, "—"),))
    compared = list(_compared(case, results))
    return CaseOutcome(case, len(compared), tuple(m for m, differs in compared if differs))


def _first_year(ruleset: RuleSet) -> int:
    for file in (ruleset.rating, ruleset.rectification, ruleset.allocation):
        if file is not None and file.years:
            return file.years[0]
    return 2022


# ------------------------------------------------------------------------------------------------------------- given


def _input_kinds(ruleset: RuleSet) -> dict[str, str]:
    files = (ruleset.rating, ruleset.rectification, ruleset.allocation, *(p.file for p in ruleset.allocation_parts))
    return {n: f.input for file in files if file is not None for n, f in file.fields.items() if f.input}


_RESULT_COLUMNS: dict[str, Field] = {
    "tier": Field("tier", "档次", "text"),
    "treatment": Field("treatment", "特殊情形", "text"),
    "managed_as": Field("managed_as", "按何档管理", "text"),
    "cohort": Field("cohort", "评价组别", "text"),
    "score": Field("score", "综合得分"),
    "rank": Field("rank", "名次", "whole"),
    "streak": Field("streak", "连续年数", "whole"),
}
"""What a case may give of a rating where the rule set has none of its own."""


def case_frame(rows: Sequence[Row], year: int, extra: Mapping[str, str], problems: list[Problem]) -> pl.DataFrame:
    """The rows of a case as a frame; a column is there if any row gives it."""
    kinds: dict[str, pl.DataType] = {"year": pl.Int32(), "credit_code": pl.String()}
    given: list[Given] = []
    for row in rows:
        values: Given = {"year": year}
        for word, node in row.values.items():
            name, dtype = _column(word, extra)
            if dtype is None:
                near = Guess(nearest(word, [*FIELDS, *extra]))
                problems.append(problem("case_unknown_field", node.place(), name=word, near=near))
                continue
            values[name] = _value(node, dtype, problems)
            kinds[name] = dtype
        derived = _derived(values)
        kinds |= dict.fromkeys(derived, QUANTITY)
        given.append(values | derived)
    return (
        pl.DataFrame(given, schema=kinds, orient="row", infer_schema_length=None)
        if given
        else pl.DataFrame(schema=kinds)
    )


_POLLUTANTS = ("cod_t", "nh3n_t", "so2_t", "nox_t")
_HELD, _LET = ("owned_mu", "rented_in_mu"), "rented_out_mu"


def _derived(values: Given) -> dict[str, Decimal]:
    """What a year's frame derives from what a case gives, where the case does not say it itself.

    The year's end and the industry division are derived for every frame, in `mujun.rating.frames`.
    """
    derived: dict[str, Decimal] = {}
    emitted = [v for p in _POLLUTANTS if isinstance(v := values.get(p), Decimal)]
    if emitted and "emissions_t" not in values:
        derived["emissions_t"] = sum(emitted, Decimal(0))
    land = {n: v for n in (*_HELD, _LET) if isinstance(v := values.get(n), Decimal)}
    if land and "land_mu" not in values:
        # A firm with any land row has 0 where a tenure is absent.
        whole = {n: land.get(n, Decimal(0)) for n in (*_HELD, _LET)}
        derived |= {**whole, "land_mu": sum((whole[n] for n in _HELD), Decimal(0)) - whole[_LET]}
    return derived


def _column(word: str, extra: Mapping[str, str]) -> tuple[str, pl.DataType | None]:
    if word in extra:
        return word, dtype_of(extra[word])  # type: ignore[arg-type]
    if word in _RESULT_COLUMNS:
        return word, _RESULT_COLUMNS[word].dtype
    field = find_field(word)
    return (field.name, field.dtype) if field is not None else (word, None)


def _value(node: Node, dtype: pl.DataType, problems: list[Problem]) -> object:
    value = plain(node)
    if value is None:
        return None
    if isinstance(dtype, pl.List) and isinstance(value, list):
        return [None if v is None else str(v) for v in value]
    if dtype == QUANTITY and isinstance(value, Decimal) and abs(value) < LARGEST_QUANTITY:
        return value
    if dtype == pl.Int32 and isinstance(value, Decimal) and abs(value) < LARGEST_WHOLE:
        return int(value)
    if dtype == pl.Boolean and isinstance(value, bool):
        return value
    if dtype == pl.String and not isinstance(value, (list, dict)):
        return node.text
    if dtype == pl.Date:
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            pass
    problems.append(problem("case_value", node.place(), value=node.text or "…", wanted=_wanted(dtype)))
    return None


_USAGE = {
    "credit_code": pl.String(),
    "utility": pl.String(),
    "from": pl.Date(),
    "until": pl.Date(),
    "quantity": QUANTITY,
}


def _usage_frame(rows: Sequence[Row], problems: list[Problem]) -> pl.DataFrame:
    given: list[Given] = []
    for row in rows:
        for word, node in row.values.items():
            if word not in _USAGE:
                problems.append(
                    problem("case_unknown_field", node.place(), name=word, near=Guess(nearest(word, _USAGE)))
                )
        given.append({n: _value(row.values[n], t, problems) if n in row.values else None for n, t in _USAGE.items()})
    return pl.DataFrame(given, schema=_USAGE, orient="row")


# ---------------------------------------------------------------------------------------------------------- expected

_KEYS: Mapping[str, tuple[str, ...]] = {
    "expect": ("credit_code",),
    "rectification": ("credit_code",),
    "allocation": ("credit_code", "measure"),
}
_ABSENCE = {"rectification": "listed", "allocation": "touched"}


def _compared(case: Case, results: Results) -> Iterator[tuple[Mismatch, bool]]:
    for section, own_keys in _KEYS.items():
        # Where a file makes several lists a firm may be on more than one.
        several = any("list" in r for r in results.get(section, ()))
        keys = (*own_keys, "list") if several else own_keys
        rows = {tuple(str(r.get(k)) for k in keys): r for r in results.get(section, ())}
        for row in getattr(case, section):
            key = tuple(row.values[k].text if k in row.values else "" for k in keys)
            who = " ".join(key)
            subject_row = rows.get(key)
            absence = _ABSENCE.get(section)
            for name, node in row.values.items():
                expected = plain(node)
                if name in keys:
                    continue
                if name == absence:
                    got: object = subject_row is not None
                elif subject_row is None:
                    got = "—"
                else:
                    got = subject_row.get(name, "—")
                differs = not _same(expected, got, node)
                yield Mismatch(case.id, row.stands, who, name, _shown(expected, node), got), differs


def _shown(expected: object, node: Node) -> object:
    return node.text if not isinstance(expected, list) else expected


def _same(expected: object, got: object, node: Node) -> bool:
    if expected is None:
        return got is None
    if got is None:
        return False
    if isinstance(expected, bool):
        return bool(got) == expected
    if isinstance(expected, Decimal):
        return _same_number(expected, got)
    if isinstance(expected, list):
        return isinstance(got, (list, tuple)) and [str(e) for e in expected] == [str(g) for g in got]
    if isinstance(got, date):
        return got.isoformat() == node.text
    return str(got) == node.text


def _same_number(expected: Decimal, got: object) -> bool:
    if isinstance(got, bool) or not isinstance(got, (int, float, Decimal)):
        return False
    if isinstance(got, float):
        # A float column is taken at twelve decimals; a case may state fewer, and then means just those.
        return abs(Decimal(repr(got)) - expected) <= Decimal("1e-12")
    return Decimal(got) == expected
