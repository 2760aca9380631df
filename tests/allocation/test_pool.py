"""A pool is spent exactly or every need is met, whatever the projects."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.allocation import Project, share_pool
from mujun.errors import UsageError

STEP = Decimal("0.01")
AMOUNTS = st.integers(0, 100_000).map(lambda n: n * STEP)
PROJECTS = st.lists(
    st.builds(
        Project,
        id=st.text("abcdef", min_size=1, max_size=3),
        need=AMOUNTS,
        priority=st.integers(1, 3),
        weight=st.integers(1, 1000).map(lambda n: Decimal(n) / 7).map(lambda d: round(d, 3)).filter(lambda d: d > 0),
    ),
    max_size=8,
    unique_by=lambda p: p.id,
)


@settings(max_examples=200)
@given(AMOUNTS, PROJECTS, st.randoms(use_true_random=False))
def test_any_pool(pool, projects, random) -> None:  # type: ignore[no-untyped-def]
    shared = share_pool(pool, projects, step=STEP)
    needs = sum((p.need for p in projects), Decimal(0))
    assert shared.given == min(pool, needs)
    assert all(0 <= s.given <= s.project.need for s in shared.shares)
    assert all(s.given % STEP == 0 for s in shared.shares)
    assert shared.shortfall == needs - shared.given
    # Nobody gets anything while one of a better priority is short.
    for s in shared.shares:
        if s.given:
            assert not [o for o in shared.short if o.project.priority < s.project.priority]
    # Within a priority those who are short got no less, by weight, than others, but for the last step.
    for a in shared.short:
        for b in shared.shares:
            if a.project.priority == b.project.priority:
                assert (a.given + STEP) / a.project.weight * (1 + Decimal("1e-20")) >= (
                    b.given - STEP
                ) / b.project.weight
    mixed = list(projects)
    random.shuffle(mixed)
    assert share_pool(pool, mixed, step=STEP) == shared


def test_the_rest_goes_to_the_largest_remainders() -> None:
    # 10 by 3 : 3 : 1 is 4.29, 4.29, 1.43: whole steps 4, 4, 1; the one left over goes to the largest remainder.
    projects = [
        Project("a", Decimal(9), weight=Decimal(3)),
        Project("b", Decimal(9), weight=Decimal(3)),
        Project("c", Decimal(9)),
    ]
    shared = share_pool(Decimal(10), projects, step=Decimal(1))
    assert [int(s.given) for s in shared.shares] == [4, 4, 2]


def test_what_is_beyond_a_need_is_shared_anew() -> None:
    projects = [Project("a", Decimal(1), weight=Decimal(8)), Project("b", Decimal(9)), Project("c", Decimal(9))]
    shared = share_pool(Decimal(11), projects, step=Decimal(1))
    assert [int(s.given) for s in shared.shares] == [1, 5, 5]
    assert [(s.project.id, int(s.shortfall)) for s in shared.short] == [("b", 4), ("c", 4)]


@pytest.mark.parametrize(
    ("pool", "projects", "code"),
    [
        (Decimal(-1), [], "pool_not_positive"),
        (Decimal("1.5"), [], "pool_step"),
        (Decimal(1), [Project("a", Decimal("0.5"))], "pool_step"),
        (Decimal(1), [Project("a", Decimal(1), weight=Decimal(0))], "pool_weight"),
        (Decimal(1), [Project("a", Decimal(1)), Project("a", Decimal(2))], "pool_twice"),
    ],
)
def test_refusals(pool: Decimal, projects: list[Project], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        share_pool(pool, projects, step=Decimal(1))
    assert [p.code for p in caught.value.problems] == [code]
