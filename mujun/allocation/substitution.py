"""The substitution ledger of two-high projects: what a new project takes up must have been given up elsewhere.

Five accounts; closed firms are the sources; a project needs a multiple of what it takes up. Nothing of a source is
spent twice, and a plan that does not suffice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import get_args

from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.rules.model.allocation import Account

ACCOUNTS: tuple[Account, ...] = get_args(Account)

Multiples = Mapping[str, Mapping[Account, Decimal]]
"""By kind of project and account: how many times its need has to be given up elsewhere."""


@dataclass(frozen=True)
class Source:
    """What closing a firm freed on one account."""

    id: str
    account: Account
    amount: Decimal
    firm: str = ""
    document: str = ""


@dataclass(frozen=True)
class Spending:
    """A part of a source used for a project."""

    source: str
    project: str
    amount: Decimal


@dataclass(frozen=True)
class NewProject:
    """A project and what it takes up on each account."""

    id: str
    kind: str
    needs: Mapping[Account, Decimal]


@dataclass(frozen=True)
class Balance:
    """What is left of a source."""

    source: Source
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What can still be spent."""
        return _exactly(self.source.amount, -self.spent)


@dataclass(frozen=True)
class Ledger:
    """Sources and what was spent of them, in the order it was."""

    sources: tuple[Source, ...] = ()
    spendings: tuple[Spending, ...] = ()

    def balances(self) -> tuple[Balance, ...]:
        """Every source with what was spent of it."""
        spent: dict[str, Decimal] = {}
        for s in self.spendings:
            spent[s.source] = _exactly(spent.get(s.source, Decimal(0)), s.amount)
        return tuple(Balance(s, spent.get(s.id, Decimal(0))) for s in self.sources)

    def left(self, account: Account) -> Decimal:
        """What is left on an account."""
        return _exactly(*(b.left for b in self.balances() if b.source.account == account))

    def of(self, project: str) -> tuple[Spending, ...]:
        """What a project used."""
        return tuple(s for s in self.spendings if s.project == project)


def with_sources(ledger: Ledger, sources: Iterable[Source]) -> Ledger:
    """The ledger and some more sources.

    Raises:
        UsageError: a source is there already, or its amount is not above zero.
    """
    several = tuple(sources)
    counted = Counter(s.id for s in (*ledger.sources, *several))
    problems = [problem("ledger_source_twice", source=i) for i, n in counted.items() if n > 1]
    problems += [problem("ledger_not_positive", source=s.id, amount=s.amount) for s in several if s.amount <= 0]
    if problems:
        raise UsageError(problems)
    return replace(ledger, sources=(*ledger.sources, *several))


def substitute(
    ledger: Ledger, project: NewProject, plan: Iterable[tuple[str, Decimal]], multiples: Multiples
) -> Ledger:
    """A project's plan entered into the ledger, all of it or nothing.

    Args:
        ledger: sources and what was spent of them.
        project: what is to be built.
        plan: sources and how much of each is to be used; a source may be named more than once.
        multiples: by kind of project and account, the multiple required.

    Raises:
        UsageError: a source is unknown, spent beyond its balance or of another account, or an account is short; each
            with the shortage.
    """
    wanted = tuple(Spending(source, project.id, amount) for source, amount in plan)
    problems = [problem("ledger_project_twice", project=project.id)] if ledger.of(project.id) else []
    problems += _overspent(ledger, project, wanted)
    sources = {s.id: s for s in ledger.sources}
    for account, need in project.needs.items():
        multiple = multiples.get(project.kind, {}).get(account)
        if multiple is None:
            problems.append(problem("ledger_no_multiple", kind=project.kind, account=account))
            continue
        with localcontext() as context:
            context.prec = 60
            required = need * multiple
        given = _exactly(*(s.amount for s in wanted if s.source in sources and sources[s.source].account == account))
        if given < required:
            problems.append(
                problem(
                    "ledger_short", project=project.id, account=account, need=need, multiple=multiple,
                    required=required, given=given, shortage=_exactly(required, -given),
                )
            )  # fmt: skip
    if problems:
        raise UsageError(problems)
    return replace(ledger, spendings=(*ledger.spendings, *wanted))


def _overspent(ledger: Ledger, project: NewProject, wanted: tuple[Spending, ...]) -> list[Problem]:
    problems: list[Problem] = []
    balances = {b.source.id: b for b in ledger.balances()}
    asked: dict[str, Decimal] = {}
    for s in wanted:
        balance = balances.get(s.source)
        if balance is None:
            problems.append(problem("ledger_source_unknown", source=s.source))
        elif s.amount <= 0:
            problems.append(problem("ledger_not_positive", source=s.source, amount=s.amount))
        elif balance.source.account not in project.needs:
            account = balance.source.account
            problems.append(
                problem("ledger_other_account", source=s.source, has=account, wanted=list(project.needs) or "—")
            )
        else:
            asked[s.source] = _exactly(asked.get(s.source, Decimal(0)), s.amount)
    for source, amount in asked.items():
        balance = balances[source]
        if amount > balance.left:
            problems.append(
                problem(
                    "ledger_overspent", source=source, account=balance.source.account, balance=balance.left,
                    project=project.id, amount=amount, shortage=_exactly(amount, -balance.left),
                )
            )  # fmt: skip
    return problems


def _exactly(*amounts: Decimal) -> Decimal:
    """A sum without the 28 digits that Python's decimals keep by default."""
    with localcontext() as context:
        context.prec = 60
        return sum(amounts, Decimal(0))
