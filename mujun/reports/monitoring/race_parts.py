"""The race between townships in papers: sentences that are true for any race, and a table of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mujun.monitoring.month import Month
from mujun.monitoring.racing import Race, Racer
from mujun.reports.monitoring.race_sheets import basis_words, item_note, lift_words, moved_words
from mujun.reports.monitoring.wording import month_words, number
from mujun.reports.official.document import Annex, Part
from mujun.rules.document import Heading, Paragraph, Table

FIRSTS = 3
"""How many are named at the head and at the end of the race."""
COLUMNS = 8
"""Items beside one another in the annex; a race of more has its items in the workbook."""


def race_parts(race: Race | None, township: str | None) -> Iterator[Part]:
    """The race of all townships, or one township's place in it; nothing without a race."""
    if race is None or not race.racers:
        return
    if township is not None:
        mine = race.racer(township)
        if mine is not None:
            yield Heading("镇街赛马")
            yield Paragraph(_own(race, mine))
        return
    yield Heading("镇街赛马")
    basis = "" if race.contest.document else "权重是示例，不是文件所定。"
    yield Paragraph(_all(race) + basis)


def _all(race: Race) -> str:
    ranked = race.racers
    clauses = [f"截至{month_words(race.month)}底，{len(ranked)} 个镇街按{race.contest.label}排名"]
    if len({r.score for r in ranked}) == 1:
        return f"{clauses[0]}，得分相同，都是 {number(ranked[0].score)} 分。"
    lasts = ranked[-FIRSTS:] if len(ranked) > 2 * FIRSTS else ranked[FIRSTS:]
    clauses.append(f"居前的是{_named(ranked[:FIRSTS])}")
    told = "，".join(clauses) + (f"；居后的是{_named(lasts)}" if lasts else "")
    return f"{told}。{_moves(race)}"


def _named(racers: Sequence[Racer]) -> str:
    return "、".join(f"{r.township}（{number(r.score)}分）" for r in racers)


def _moves(race: Race) -> str:
    """Who rose and who fell most since the earlier race."""
    moved = [(r.moved, r) for r in race.racers if r.moved is not None]
    if not moved or race.since is None:
        return ""
    most, least = max(m for m, _ in moved), min(m for m, _ in moved)
    than = f"与{_since(race.since, race.month)}相比"
    if most == least == 0:
        return f"{than}，名次没有变化。"
    clauses = []
    if most > 0:
        clauses.append(f"上升最多的是{'、'.join(r.township for m, r in moved if m == most)}（升 {most} 位）")
    if least < 0:
        clauses.append(f"下降最多的是{'、'.join(r.township for m, r in moved if m == least)}（降 {-least} 位）")
    return f"{than}，{'，'.join(clauses)}。"


def _since(earlier: Month, month: Month) -> str:
    return {1: "上月", 3: "上季末", 12: "上年末"}.get(month - earlier, month_words(earlier))


def _own(race: Race, mine: Racer) -> str:
    clauses = [f"按{race.contest.label}，{mine.township}得 {number(mine.score)} 分"]
    clauses.append(f"在 {len(race.racers)} 个镇街中列第 {mine.rank}")
    moved = moved_words(mine)
    if moved and race.since is not None:
        clauses.append(
            f"比{_since(race.since, race.month)}{moved}" if mine.moved else f"与{_since(race.since, race.month)}持平"
        )
    if mine.ahead is not None:
        clauses.append(f"距前一名 {number(mine.ahead)} 分")
    told = "，".join(clauses) + "。"
    missing = [i.target.label for i in mine.items if i.note == "missing"]
    if missing:
        told += f"没有上报的：{'、'.join(missing)}。"
    if race.lifts[mine.township]:
        told += f"最能提升名次的一项：{lift_words(race, mine)}（其他镇街不变时）。"
    return told


def race_annexes(race: Race | None, township: str | None) -> Iterator[Annex]:
    """Every township with its rank, points and movement, item by item; of one township its own items."""
    if race is None or not race.racers:
        return
    if township is not None:
        mine = race.racer(township)
        if mine is not None:
            yield _own_annex(mine)
        return
    items = race.racers[0].items if len(race.racers[0].items) <= COLUMNS else ()
    titles = ("名次", "镇街", "得分", "升降", *(f"{i.target.label}\n{number(i.weight)}分" for i in items))
    rows = [
        (
            str(r.rank), r.township, number(r.score), moved_words(r) or "—",
            *(number(i.points) + ("*" if i.note == "missing" else "") for i in r.items[: len(items)]),
        )
        for r in race.racers
    ]  # fmt: skip
    missing = "* 没有上报。" if any(i.note == "missing" for r in race.racers for i in r.items) else ""
    note = missing + basis_words(race.contest)
    yield Annex("镇街赛马排名", Table(titles, tuple(rows), small=True), note, (0.6, 1.4, 1, 1, *(1.2 for _ in items)))


def _own_annex(mine: Racer) -> Annex:
    rows = [
        (
            i.target.label, i.target.unit, number(i.entry.value), number(i.against), number(i.weight), number(i.points),
            item_note(i) or "—",
        )
        for i in mine.items
    ]  # fmt: skip
    titles = ("指标", "单位", "现值", "目标或最高者", "权重", "得分", "备注")
    return Annex(
        f"{mine.township}赛马逐项得分", Table(titles, tuple(rows), small=True), "", (3, 1, 1, 1.2, 0.8, 0.8, 1.2)
    )
