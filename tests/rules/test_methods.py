"""A scoring method is one object: one that is written here alone works everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from mujun.analysis.explaining import explain
from mujun.analysis.stability import drawing, firmness
from mujun.errors import Problem, RuleError, problem
from mujun.numbers import divided
from mujun.reports.firms.points_text import points_working
from mujun.rules import compile_rating
from mujun.rules.in_words import Words
from mujun.rules.methods import METHODS, Figures, Peers, Scored, ScoringMethod, Working
from mujun.rules.model import Stability
from mujun.rules.schema import schema_text
from mujun.rules.showing import show_rules
from tests.rating.given import CLASSES, column, frame_of, rated, rules_of

if TYPE_CHECKING:
    from mujun.rules.model.scoring import Item


@dataclass(frozen=True)
class Toy(ScoringMethod):
    """weight × value ÷ (value + largest value of the cohort): half the weight for the best."""

    def check(self, indicator: str, item: Item) -> Iterator[Problem]:
        if item.floor:
            yield problem("item_weight", item.stands, indicator=indicator, weight=item.weight)

    def raw(self, item: Item, scored: Scored) -> pl.Expr:
        return scored.weight * divided(scored.value, scored.value + scored.peers["top"])

    def of_peers(self, item: Item, indicator: str, peers: Peers) -> tuple[pl.Series, ...]:
        return (peers.extremes(indicator, None)[1],)

    def words(self, item: Item, words: Words) -> str:
        return "权重 × 值 ÷（值 + 组内最大值）"

    def parameters(self, item: Item, value: float | None, peers: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        yield "top", peers["top"]

    def working(self, figures: Figures) -> Working:
        top = figures.number(figures.parameters["top"])
        share = Decimal(figures.value) / (Decimal(figures.value) + Decimal(top))
        return Working(f"{figures.weight} × {figures.value} ÷ ({figures.value} + {top})", figures.scale * share)


TEXT = f"""
cohorts: [{{id: all, when: "true"}}]
indicators: {{tax: {{label: 亩均税收, of: tax_paid, per: land_mu}}}}
scoring: {{all: {{tax: {{weight: 60, method: toy}}}}}}
tiers: {{classes: {CLASSES}, cut: {{default: {{shares: {{A: 50, B: 100}}}}}}}}
"""
# 30 and 10 per 亩: 60 × 30 ÷ (30 + 30) = 30, 60 × 10 ÷ (10 + 30) = 15; without a value nothing.
ROWS = [{"land_mu": 1, "tax_paid": 30}, {"land_mu": 2, "tax_paid": 20}, {"land_mu": 1}]


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "toy", Toy("toy", "玩具", asks=("top",), bounded=True))


def test_it_rates() -> None:
    rating = rated(TEXT, ROWS)
    assert column(rating, "tax_points") == [Decimal("30.0000"), Decimal("15.0000"), Decimal("0.0000")]
    assert column(rating, "tier") == ["A", "A", "B"]


def test_it_is_known_to_files_and_editors() -> None:
    assert '"toy"' in schema_text("rating")
    with pytest.raises(RuleError) as told:
        rules_of(TEXT.replace("method: toy", "method: tooy"))
    assert "toy" in told.value.problems[0].values["choices"]  # type: ignore[operator]


def test_it_checks_its_own_keys() -> None:
    with pytest.raises(RuleError) as told:
        compile_rating(rules_of(TEXT.replace("method: toy", "method: toy, floor: 0.1")))
    assert [p.code for p in told.value.problems] == ["item_weight"]


def test_it_explains_itself() -> None:
    rating = rated(TEXT, ROWS)
    step = next(s for s in explain(rating, "E2", frame_of(ROWS)).indicators if s.id == "tax")
    assert (step.method, step.method_words) == ("toy", "权重 × 值 ÷（值 + 组内最大值）")
    assert points_working(step).startswith("60 × 10 ÷ (10 + 30)")
    assert "权重 × 值 ÷（值 + 组内最大值）" in str(show_rules(rules_of(TEXT)))


def test_draws_are_computed_by_it() -> None:
    still = {source: {"default": Decimal(0)} for source in drawing.SOURCES}
    found = firmness(rated(TEXT, ROWS), stated=Stability(**still, draws=200), variance=False)  # type: ignore[arg-type]
    assert found.subjects["kept"].to_list() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("method", [m for m in METHODS.values() if m.name != "toy"], ids=str)
def test_every_method_says_what_it_is(method: ScoringMethod) -> None:
    assert method == METHODS[method.name]
    assert method.in_short
    assert not method.divides or "benchmark" in method.needs
