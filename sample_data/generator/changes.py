"""Who changed: firms with another code than before, firms that another took over, and two workshops of one name.

A firm keeps its figures, its ground and its history when its code changes; a firm that is taken over ends, and what it
had is the other's from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from . import codes
from .firms import ABOVE, BELOW, FIRST, SECOND, Firm, Former

RECODED, MERGED = "换码", "合并"

_EARLIER = (2019, 2020, FIRST)
_COMPANIES, _HOUSEHOLDS, _WORKSHOPS = 6, 2, 1
_NAMESAKES = 2


@dataclass(frozen=True)
class Change:
    """One line of the register of changes: from `since` on the old code is the successor's."""

    old_code: str
    old_name: str
    since: date
    kind: str
    new_code: str
    new_name: str
    document: str
    absorbed: Firm | None = None
    successor: Firm | None = None


def change(seed: int, firms: list[Firm]) -> list[Change]:
    """Give some firms an earlier code, let some take over others, and name some workshops alike."""
    rng = Random(f"{seed}:changes")
    made = _recode(rng, firms) + _merge(rng, firms)
    _name_alike(rng, firms)
    return sorted(made, key=lambda c: (c.since, c.old_code))


def _free(firm: Firm) -> bool:
    """Whether nothing else was arranged with the firm."""
    return not (firm.arranged or firm.renamed or firm.group or firm.idle or firm.code.isdigit())


def _recode(rng: Random, firms: list[Firm]) -> list[Change]:
    able = [f for f in firms if f.stays and _free(f) and set(f.scale.values()) == {BELOW}]
    above = [f for f in firms if f.stays and _free(f) and set(f.scale.values()) == {ABOVE}]
    chosen = [
        *rng.sample(above, 2),
        *rng.sample([f for f in able if f.kind == "法人"], _COMPANIES - 2),
        *rng.sample([f for f in able if f.kind == "个体"], _HOUSEHOLDS),
        *rng.sample([f for f in able if f.kind == "自然人"], _WORKSHOPS),
    ]
    changes: list[Change] = []
    for position, firm in enumerate(chosen):
        firm.arranged = True
        since, name = date(SECOND, rng.randrange(2, 10), rng.randrange(1, 28)), firm.name[FIRST]
        former = Former(firm.code, firm.kind)
        if firm.kind == "法人":
            # Moved here from another registry: the old code has the number with 6,000 on top.
            former = Former(codes.company_code(6_000 + firm.number), firm.kind)
        elif firm.kind == "个体":
            firm.code, firm.kind = codes.company_code(firm.number), "法人"
        else:
            firm.code, firm.kind = codes.household_code(firm.number), "个体"
        firm.before = dict.fromkeys(_EARLIER, former)
        changes.append(_change(rng, former.code, name, since, RECODED, firm, firm.code, len(changes) + 1))
        if position == 0:
            # A second change before: the tiers of 2019 and 2020 stand under a code older still.
            oldest = Former(codes.company_code(7_000 + firm.number), firm.kind)
            firm.before |= {2019: oldest, 2020: oldest}
            earlier = date(FIRST, 1, 15)
            changes.append(_change(rng, oldest.code, name, earlier, RECODED, firm, former.code, len(changes) + 1))
    return changes


def _merge(rng: Random, firms: list[Firm]) -> list[Change]:
    """Firms that are gone in the second year, because another of their township took them over."""
    gone = [f for f in firms if set(f.scale) == {FIRST} and f.kind == "法人" and _free(f)]
    stay = [f for f in firms if f.stays and f.kind == "法人" and _free(f)]
    changes: list[Change] = []
    for scale, of_successor in ((ABOVE, ABOVE), (BELOW, ABOVE), (BELOW, BELOW), (BELOW, BELOW)):
        absorbed = rng.choice([f for f in gone if f.scale[FIRST] == scale and not f.arranged])
        able = [
            f
            for f in stay
            if f.township == absorbed.township and set(f.scale.values()) == {of_successor} and not f.arranged
        ]
        successor = rng.choice(able)
        absorbed.arranged = successor.arranged = True
        since = date(SECOND, rng.randrange(1, 7), rng.randrange(1, 28))
        name = absorbed.name[FIRST]
        changes.append(
            _change(rng, absorbed.code, name, since, MERGED, successor, successor.code, len(changes) + 31, absorbed)
        )
    return changes


def _change(
    rng: Random,
    old_code: str,
    old_name: str,
    since: date,
    kind: str,
    successor: Firm,
    new_code: str,
    number: int,
    absorbed: Firm | None = None,
) -> Change:
    document = f"示例市监〔{since.year}〕{number * 7 + rng.randrange(7)}号"
    return Change(old_code, old_name, since, kind, new_code, successor.name[SECOND], document, absorbed, successor)


def _name_alike(rng: Random, firms: list[Firm]) -> None:
    """Workshops of one township and trade that are called the same, as workshops without a licence often are."""
    able = [f for f in firms if f.kind == "自然人" and f.stays and _free(f)]
    pairs = [
        (a, b) for i, a in enumerate(able) for b in able[i + 1 :] if (a.township, a.trade) == (b.township, b.trade)
    ]
    rng.shuffle(pairs)
    for a, b in pairs:
        if not (a.arranged or b.arranged):
            name = f"嵊州市示例{a.township}{a.trade}加工坊"
            a.name, b.name = dict.fromkeys(a.scale, name), dict.fromkeys(b.scale, name)
            a.arranged = b.arranged = a.namesake = b.namesake = True
        if sum(f.namesake for f in able) == 2 * _NAMESAKES:
            return
    raise LookupError("no two workshops of one township and trade")
