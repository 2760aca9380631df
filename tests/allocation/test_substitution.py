"""Nothing of a source is spent twice; a plan that does not suffice changes nothing and names the shortage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.allocation import ACCOUNTS, Ledger, NewProject, Source, substitute, with_sources
from mujun.allocation.substitution import Multiples
from mujun.errors import UsageError
from mujun.messages import speaking

MULTIPLES: Multiples = {"钢铁": {"产能": Decimal("1.25"), "能耗": Decimal(1), "煤": Decimal("1.5")}}
LEDGER = with_sources(
    Ledger(),
    [
        Source("甲能耗", "能耗", Decimal(1000), firm="甲厂"),
        Source("乙能耗", "能耗", Decimal(500), firm="乙厂"),
        Source("甲煤", "煤", Decimal(300), firm="甲厂"),
    ],
)
STEEL = NewProject("新炉", "钢铁", {"能耗": Decimal(1200), "煤": Decimal(200)})


def test_a_plan_that_suffices_is_entered() -> None:
    plan = [("甲能耗", Decimal(1000)), ("乙能耗", Decimal(200)), ("甲煤", Decimal(300))]
    ledger = substitute(LEDGER, STEEL, plan, MULTIPLES)
    assert [(b.source.id, b.left) for b in ledger.balances()] == [
        ("甲能耗", Decimal(0)), ("乙能耗", Decimal(300)), ("甲煤", Decimal(0)),
    ]  # fmt: skip
    assert ledger.left("能耗") == 300
    assert len(ledger.of("新炉")) == 3


@pytest.mark.parametrize(
    ("plan", "code", "words"),
    [
        ([("甲能耗", 1000), ("乙能耗", 501), ("甲煤", 300)], "ledger_overspent", "1 too much"),
        ([("甲能耗", 600), ("甲能耗", 600), ("甲煤", 300)], "ledger_overspent", "200 too much"),
        ([("甲能耗", 1000), ("乙能耗", 100), ("甲煤", 300)], "ledger_short", "100 short"),
        ([("甲能耗", 1000), ("乙能耗", 200), ("甲煤", 299)], "ledger_short", "200 × 1.5 = 300"),
        ([("丙能耗", 1200), ("甲煤", 300)], "ledger_source_unknown", "丙能耗"),
        ([("甲能耗", -1), ("甲能耗", 1000), ("乙能耗", 300), ("甲煤", 300)], "ledger_not_positive", "甲能耗"),
    ],
)
def test_a_plan_that_does_not_is_refused(plan: list[tuple[str, int]], code: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        substitute(LEDGER, STEEL, [(s, Decimal(n)) for s, n in plan], MULTIPLES)
    assert code in [p.code for p in caught.value.problems]
    with speaking("en"):
        assert words in str(caught.value)


def test_a_project_is_substituted_once_and_only_with_what_it_takes_up() -> None:
    coal = NewProject("小炉", "钢铁", {"煤": Decimal(100)})
    ledger = substitute(LEDGER, coal, [("甲煤", Decimal(150))], MULTIPLES)
    for project, plan, code in (
        (coal, [("甲煤", Decimal(150))], "ledger_project_twice"),
        (NewProject("丙", "钢铁", {"煤": Decimal(1)}), [("甲能耗", Decimal(2))], "ledger_other_account"),
        (NewProject("丙", "水泥", {"煤": Decimal(1)}), [("甲煤", Decimal(2))], "ledger_no_multiple"),
    ):
        with pytest.raises(UsageError) as caught:
            substitute(ledger, project, plan, MULTIPLES)
        assert code in [p.code for p in caught.value.problems]
    with pytest.raises(UsageError):
        with_sources(LEDGER, [Source("甲煤", "煤", Decimal(1))])


@settings(max_examples=100)
@given(st.data())
def test_no_source_is_ever_overspent(data) -> None:  # type: ignore[no-untyped-def]
    account = st.sampled_from(ACCOUNTS)
    amounts = st.integers(1, 1000).map(Decimal)
    sources = [
        Source(f"S{i}", a, n) for i, (a, n) in enumerate(data.draw(st.lists(st.tuples(account, amounts), min_size=1)))
    ]
    ledger = with_sources(Ledger(), sources)
    multiples = {"两高": {a: Decimal("1.2") for a in ACCOUNTS}}
    for number in range(data.draw(st.integers(1, 5))):
        needs = data.draw(st.dictionaries(account, amounts, min_size=1))
        plan = data.draw(st.lists(st.tuples(st.sampled_from(sources).map(lambda s: s.id), amounts), max_size=6))
        before = ledger
        try:
            ledger = substitute(ledger, NewProject(f"P{number}", "两高", needs), plan, multiples)
        except UsageError:
            assert ledger is before
            continue
        for a, need in needs.items():
            given_ = sum(n for s, n in plan if next(x for x in sources if x.id == s).account == a)
            assert given_ >= need * Decimal("1.2")
    assert all(b.left >= 0 for b in ledger.balances())
    for a in ACCOUNTS:
        freed = sum((s.amount for s in sources if s.account == a), Decimal(0))
        used = sum(
            (s.amount for s in ledger.spendings if next(x for x in sources if x.id == s.source).account == a),
            Decimal(0),
        )
        assert ledger.left(a) == freed - used
