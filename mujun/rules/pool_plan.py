"""The pools of an allocation file compiled: which projects come first, by which weight, and which get nothing.

A pool's expressions see a project, not an enterprise: the fields of the `projects` table, and the tier of its firm.
"""

from __future__ import annotations

from decimal import Decimal

from mujun.dataclass import dataclass
from mujun.errors import Problem, problem
from mujun.fields import TABLES
from mujun.rules.cross_checks import check_unique
from mujun.rules.expressions import Compiled, Meaning, Scope
from mujun.rules.expressions.kinds import meaning_of_field
from mujun.rules.model import Pool, PoolOrder, PoolRefusal, TheAllocation
from mujun.rules.named_values import compile_condition, compile_number

OF_FIRM: tuple[str, ...] = ("tier", "scale", "township")
"""What a project's expressions see of its firm, besides the fields of the project."""


@dataclass(frozen=True)
class OrderPlan:
    """One rank of a pool's order, compiled."""

    source: PoolOrder
    when: Compiled | None
    weight: Compiled | None


@dataclass(frozen=True)
class PoolPlan:
    """A pool, compiled."""

    source: Pool
    document: str
    scope: Scope
    refuse: tuple[tuple[PoolRefusal, Compiled | None], ...]
    order: tuple[OrderPlan, ...]


def project_scope(tiers: tuple[str, ...] = ()) -> Scope:
    """The names that a pool's expressions may use."""
    of_project = {f.name: meaning_of_field(f) for f in TABLES["projects"].fields}
    scale = TABLES["enterprises"].by_name["scale"]
    firm = [
        Meaning("tier", "text", 0, None, "档次", tiers),
        meaning_of_field(scale),
        meaning_of_field(TABLES["enterprises"].by_name["township"]),
    ]
    return Scope(of_project | {m.name: m for m in firm})


def compile_pools(
    file: TheAllocation, first_document: str, tiers: tuple[str, ...], problems: list[Problem]
) -> tuple[PoolPlan, ...]:
    """The pools of a file compiled.

    Args:
        file: the allocation file.
        first_document: what a pool rests on where it names nothing.
        tiers: the tiers of the rating, if there is one.
        problems: gathers what is wrong.
    """
    if not file.pools:
        return ()
    check_unique({"pools": [(p.id, p.stands) for p in file.pools]}, problems)
    scope = project_scope(tiers)
    return tuple(_pool(p, p.document or first_document, scope, problems) for p in file.pools)


def _pool(pool: Pool, document: str, scope: Scope, problems: list[Problem]) -> PoolPlan:
    check_unique(
        {
            f"{pool.id}.order": [(o.id, o.stands) for o in pool.order],
            f"{pool.id}.refuse": [(r.id, r.stands) for r in pool.refuse],
        },
        problems,
    )
    if not pool.order:
        problems.append(problem("pool_without_order", pool.stands, id=pool.id))
    if pool.amount is not None and pool.amount < 0:
        problems.append(problem("pool_amount_negative", pool.stands, id=pool.id, value=pool.amount))
    if not 0 < pool.share <= 1:
        problems.append(problem("pool_share", pool.stands, id=pool.id, value=pool.share))
    if pool.step <= 0 or pool.step % Decimal("0.000001"):
        problems.append(problem("pool_step_wrong", pool.stands, id=pool.id, value=pool.step))
    refuse = tuple((r, compile_condition(r.when, scope, problems)) for r in pool.refuse)
    order = tuple(
        OrderPlan(
            o,
            compile_condition(o.when, scope, problems),
            compile_number(o.weight, scope, problems) if o.weight is not None else None,
        )
        for o in pool.order
    )
    return PoolPlan(pool, document, scope, refuse, order)


def check_multiples(file: TheAllocation, problems: list[Problem]) -> None:
    """Multiples are above zero, of kinds that a project can have."""
    if file.substitution is None:
        return
    kinds = TABLES["projects"].by_name["project_kind"].choices
    for kind, multiples in file.substitution.multiples.items():
        if kind not in kinds:
            problems.append(problem("substitution_kind", file.substitution.stands, kind=kind, known=list(kinds)))
        if multiples is None:
            continue
        stated = multiples.by_account()
        if not stated:
            problems.append(problem("substitution_nothing", file.substitution.stands, kind=kind))
        for account, value in stated.items():
            if value <= 0:
                problems.append(
                    problem(
                        "substitution_multiple", file.substitution.stands, kind=kind, account=account, value=value
                    )
                )  # fmt: skip
