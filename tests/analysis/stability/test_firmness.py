"""How firm a tier is, on cases whose probabilities can be worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mujun.analysis.stability import Firmness, drawing, firmness
from mujun.analysis.stability.building import model_of
from mujun.errors import RatingError, RuleError
from mujun.rating import Rating, rate
from mujun.rules import compile_rating, load_rules
from mujun.rules.checking import check_rules
from mujun.rules.differing import differences
from mujun.rules.model import Stability
from mujun.rules.showing import show_rules
from tests.rating.given import CLASSES, HEAD, frame_of, rules_of

STILL: dict[str, Any] = {s: {"default": Decimal(0)} for s in drawing.SOURCES}


def only(draws: int = 2000, **ranges: int | dict[str, int]) -> Stability:
    """Ranges of which all but these are zero."""
    given = {s: r if isinstance(r, dict) else {"default": r} for s, r in ranges.items()}
    exact = {s: {n: Decimal(w) for n, w in r.items()} for s, r in given.items()}
    return Stability(**{**STILL, **exact}, draws=draws)


def ladder(shares: str = "A: 50, B: 100", scoring: str = "", rest: str = "") -> str:
    return f"""
cohorts: [{{id: all, when: "true"}}]
indicators:
  tax: {{of: tax_paid, per: land_mu}}
  value: {{of: value_added, per: land_mu}}
scoring:
  all:
    tax: {{weight: 50, benchmark: 10{scoring}}}
    value: {{weight: 50, benchmark: 10{scoring}}}
tiers:
  classes: {CLASSES}
  cut: {{default: {{shares: {{{shares}}}}}}}
{rest}
"""


def rows(*firms: tuple[float, float]) -> list[dict[str, object]]:
    return [{"land_mu": 1, "tax_paid": t, "value_added": v} for t, v in firms]


def rated(text: str, *firms: tuple[float, float]) -> Rating:
    return rate(frame_of(rows(*firms)), rules_of(text))


def kept(found: Firmness) -> dict[str, float]:
    return dict(found.subjects.select("subject", "kept").iter_rows())


def share(found: Firmness, subject: str, tier: str) -> float:
    return float(found.subjects.filter(pl.col("subject") == subject)[f"share_{tier}"][0])


TEN = [(float(10 - i), float(10 - i)) for i in range(10)]


def test_a_cut_that_moves() -> None:
    """A takes 50 ± 10 % of ten: four firms below 45 %, five up to 55 %, else six: one, two, one in four."""
    found = firmness(rated(ladder(), *TEN), stated=only(1500, cuts=10), variance=False)
    assert share(found, "E4", "A") == 1
    assert share(found, "E5", "A") == pytest.approx(0.75, abs=0.035)
    assert share(found, "E6", "A") == pytest.approx(0.25, abs=0.035)
    assert share(found, "E7", "A") == 0
    assert sorted(found.fragile["subject"]) == ["E5", "E6"]
    assert found.subjects["rank_low"].to_list() == found.subjects["rank_high"].to_list() == list(range(1, 11))


def test_a_cut_with_a_range_of_its_own() -> None:
    text = ladder("A: 50, B: 80, C: 100")
    found = firmness(rated(text, *TEN), stated=only(1000, cuts={"default": 10, "A": 0}), variance=False)
    assert share(found, "E5", "A") == 1
    assert 0.7 < share(found, "E8", "B") < 0.8


def test_weights_that_move() -> None:
    """Two firms whose scores are equal at equal weights: whose strong side weighs more is first, one time in two."""
    found = firmness(rated(ladder(), (11, 9), (9, 11)), stated=only(1500, weights=20), variance=False)
    # With nothing drawn both share the better rank and tier.
    assert found.subjects["tier"].to_list() == ["A", "A"]
    assert list(kept(found).values()) == pytest.approx([0.5, 0.5], abs=0.04)
    assert found.parameters.width == 3
    sums = found.parameters["weight:all:tax"] + found.parameters["weight:all:value"]
    assert sums.to_list() == pytest.approx([100] * 1500)


def test_a_weight_that_alone_moves_takes_from_the_others() -> None:
    found = firmness(
        rated(ladder(), (11, 9), (9, 11)), stated=only(50, weights={"default": 0, "tax": 10}), variance=False
    )
    moved = found.parameters
    assert moved.select((pl.col("weight:all:tax") < 50 * 1.1 / 1.05 + 1e-9).all()).item()
    assert (moved["weight:all:tax"] + moved["weight:all:value"]).to_list() == pytest.approx([100] * 50)


def test_data_that_move() -> None:
    """11 against 10.5 with ± 5 % each: land moves both indicators of a firm, never one of them alone."""
    one = "cohorts: [{id: all, when: 'true'}]\nindicators: {tax: {of: tax_paid, per: land_mu}}\n" + (
        "scoring: {all: {tax: {weight: 100, benchmark: 10}}}\n"
        f"tiers:\n  classes: {CLASSES}\n  cut: {{default: {{shares: {{A: 50, B: 100}}}}}}\n"
    )
    rating = rate(frame_of([{"land_mu": 1, "tax_paid": t} for t in (11, 10.5)]), rules_of(one))
    found = firmness(rating, stated=only(2000, inputs={"default": 0, "tax_paid": 5}), variance=False)
    # P(11 (1+a) > 10.5 (1+b)) with a, b uniform on ±0.05: 1 − the triangle where b > 11/10.5 (1+a) − 1.
    edge = 10.5 * 1.05 / 11 - 1
    side = edge + 0.05
    expected = 1 - 0.5 * side * (side * 11 / 10.5) / 0.01
    assert kept(found)["E1"] == pytest.approx(expected, abs=0.035)


def test_caps_that_move() -> None:
    """Far beyond the cap both earn it, and share rank and tier however it moves; below it nothing moves."""
    found = firmness(rated(ladder(scoring=", cap: 1.5"), (90, 90), (80, 80), (5, 5)), stated=only(64, caps=20))
    assert set(kept(found).values()) == {1.0}
    assert found.subjects["rank_shift"].to_list() == [0, 0, 0]
    assert found.sources["first_order"].to_list() == [None] * 4


def test_benchmarks_that_move() -> None:
    """One benchmark for all: with weights, shares and order as they are, nobody passes anybody who is ahead in both."""
    found = firmness(rated(ladder(), *TEN), stated=only(200, benchmarks=20), variance=False)
    assert set(kept(found).values()) == {1.0}
    assert found.parameters.columns == ["draw", "benchmark:all:tax:10", "benchmark:all:value:10"]
    assert found.parameters["benchmark:all:tax:10"].is_between(0.8, 1.2).all()


def test_thresholds_that_move() -> None:
    text = ladder().replace("shares: {A: 50, B: 100}", "thresholds: {A: 50}, rest: B")
    found = firmness(rated(text, (5.1, 5.1), (4.9, 4.9), (6, 6)), stated=only(1500, cuts=4), variance=False)
    # 50 ± 2: 51 is A in three of four draws, 49 in one of four.
    assert share(found, "E1", "A") == pytest.approx(0.75, abs=0.035)
    assert share(found, "E2", "A") == pytest.approx(0.25, abs=0.035)
    assert share(found, "E3", "A") == 1


RULES_AFTER = """
  before: [{id: top, when: "tax_paid >= 10", set: A, reason: 大户, in_base: true}]
  after: [{id: never, when: "tax_paid = 9", at_most: B, reason: 不列A}]
"""


def test_rules_before_and_after_the_cut_hold_in_every_draw() -> None:
    found = firmness(rated(ladder() + RULES_AFTER.strip("\n"), *TEN), stated=only(400, cuts=10), variance=False)
    first = found.subjects.filter(pl.col("subject") == "E1")
    assert (first["tier"][0], first["kept"][0], first["rank"][0]) == ("A", 1.0, None)
    assert (share(found, "E2", "B"), share(found, "E3", "A")) == (1.0, 1.0)


def test_leaving_out_an_indicator() -> None:
    """By tax alone the order turns round: A and B change places; the third stays last."""
    found = firmness(rated(ladder("A: 34, B: 67, C: 100"), (6, 15), (9, 9), (1, 1)), stated=only(10, cuts=1))
    without = {r["indicator"]: r for r in found.dropped.iter_rows(named=True)}
    assert without["value"] == {
        "cohort": "all", "indicator": "value", "subjects": 3, "moved": 2, "up": 1, "down": 1, "rank_shift": 2 / 3,
    }  # fmt: skip
    assert without["tax"]["moved"] == 0
    assert found.subjects["sensitive_to"].to_list() == [["value"], ["value"], []]


def test_same_seed_same_numbers_whatever_the_threads_and_the_order_of_rows() -> None:
    draw = np.random.default_rng(3)
    firms = [(float(t), float(v)) for t, v in draw.lognormal(2, 0.3, (40, 2)).round(3)]
    frame, rules = frame_of(rows(*firms)), rules_of(ladder("A: 20, B: 60, C: 95, D: 100", ", cap: 1.5"))
    one = firmness(rate(frame, rules), draws=64, threads=1)
    for other in (
        firmness(rate(frame, rules), draws=64, threads=3),
        firmness(rate(frame.sample(fraction=1, shuffle=True, seed=5), rules), draws=64, threads=2),
    ):
        assert other.subjects.equals(one.subjects)
        assert other.sources.equals(one.sources)
        assert other.dropped.equals(one.dropped)
        assert other.parameters.equals(one.parameters)
    # The shares of the sources have draws of their own: one draw of the tiers does not make them nonsense.
    assert firmness(rate(frame, rules), draws=1).sources.equals(one.sources)
    another = firmness(rate(frame, rules), draws=64, seed=2, variance=False)
    assert not another.subjects.equals(one.subjects)
    assert one.by_default
    assert one.fragile.height > 0


def test_the_factors_of_a_draw_can_be_had_again() -> None:
    model = model_of(rated(ladder(), *TEN))
    ranges = drawing.ranges_of(model, only(5, inputs=3))
    first, again = (drawing.factors(ranges, [(0, k), (0, 4)]) for k in (1, 4))
    assert model.expressions == ("tax_paid", "land_mu", "value_added")
    for a, b in zip(first, again, strict=True):
        assert a is not None
        assert b is not None
        assert np.array_equal(a[1], b[1])
        assert np.array_equal(b[0], b[1])
        assert 0.97 <= a.min() < a.max() <= 1.03
    assert drawing.factors(ranges, [None]) == [None, None, None]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            ("tax: {weight: 50, benchmark: 10}", 'tax: {weight: 50, method: formula, formula: "value"}'),
            "stability_formula",
        ),
        (("shares: {A: 50, B: 100}", "picks: [{id: p, tier: A, by: score, take: 50}], rest: B"), "stability_picks"),
    ],
)
def test_what_cannot_be_tested_is_named(change: tuple[str, str], code: str) -> None:
    with pytest.raises(RatingError) as caught:
        firmness(rated(ladder().replace(*change), (1, 2), (2, 1)))
    assert [p.code for p in caught.value.problems] == [code]


# ------------------------------------------------------------------------------------------------------------ the rules


def test_the_rules_state_the_ranges() -> None:
    stated = "stability: {weights: {default: 7, tax: 0}, cuts: 1, inputs: {land_mu: 1}, draws: 20, fragile_below: 95}"
    found = firmness(rated(ladder(rest=stated), *TEN), variance=False)
    assert (found.draws, found.by_default) == (20, False)
    ranges = found.stated
    assert [ranges.width("weights", n) for n in ("tax", "value")] == [0, 7]
    assert [ranges.width("inputs", n) for n in ("land_mu", "tax_paid")] == [1, 3]
    assert (ranges.width("caps", "tax"), ranges.width("cuts", "A")) == (10, 1)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ("weights: {taxes: 5}", "stability_name"),
        ("inputs: {land: 5}", "stability_name"),
        ("cuts: {E: 1}", "stability_name"),
        ("benchmarks: 100", "stability_wide"),
        ("caps: -1", "stability_wide"),
        ("draws: 0", "stability_draws"),
        ("fragile_below: 120", "stability_wide"),
    ],
)
def test_ranges_that_mean_nothing(stated: str, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rating(rules_of(ladder(rest=f"stability: {{{stated}}}")))
    assert [p.code for p in caught.value.problems] == [code]
    assert str(caught.value)


def test_ranges_in_words_and_doubtful_ones(tmp_path: Path) -> None:
    def written(name: str, stated: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "rating.yaml").write_text(HEAD + ladder(rest=f"stability: {stated}"), encoding="utf-8")
        return folder

    stated = "{weights: {default: 7, tax: 0}, caps: {tax: 5}, inputs: {land_mu: 1}}"
    one, other = written("one", stated), written("other", stated.replace("7", "8"))
    words = str(show_rules(load_rules(one)))
    for said in ("稳固性检验", "±7%", "（实缴税金 ÷ 实际用地） ±0", "实际用地 ±1", "抽取1000次"):
        assert said in words
    assert "sound_stability_no_cap" in [p.code for p in check_rules(one).warnings]
    (changed,) = differences(load_rules(one), load_rules(other))
    assert (changed.key, changed.before, changed.after) == ("stability.weights.default", 7, 8)
