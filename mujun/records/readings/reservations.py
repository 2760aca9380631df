"""Words above a table that change what its figures are: 预计, 计划, 应缴, 减免. What they are is asked, never guessed.

税收合计 below the title 减免税情况表 is no tax that was paid; 营业收入 on a sheet 全年预计 is no income yet. A column
that says itself that its figure was paid (实缴税金, 入库税额) is believed, whatever stands above it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from mujun.fields import TABLES, Field
from mujun.records.headers import squeezed
from mujun.records.readings.questions import Asking, Choice
from mujun.records.readings.tables_fed import FIGURES
from mujun.records.readings.taking import Feed, Taken

_NOT_ACTUAL = re.compile(
    r"预计|预估|预测|概算|估计数|估算|(?:计划|目标|任务|预算)(?:数|值|表|指标|分解|下达)|"
    r"(?:年度|全年|控制|预期)(?:目标|计划|任务)|(?:目标|计划|任务)$"
)
_ACTUAL = re.compile(r"实际|实绩|完成")
_NOT_ACTUAL_SHEET = re.compile(r"(?:[0-9年度全]*)(?:预计|预估|预测|计划|目标|预算|任务)(?:数|表|值)?")
_NO_TAX = re.compile(r"社保|保险|公积金|非税|规费|工会经费|残保金|土地出让金|罚没")
_TAX = re.compile(r"税")
_NOT_PAID = re.compile(r"减免|免抵|退税|留抵|应缴|应纳|应征|欠税|欠缴|缓缴|缓税|查补|稽查")
_PAID = re.compile(r"实缴|实际|入库|已缴|缴纳|上缴")
_LEFT_OUT = re.compile(r"(?:剔除|作废|不参评|未参评|删除|排除)的?(?:企业|名单|清单|户|表|$)")
_ASIDE = re.compile(r"含|扣除|口径|减去|不计")
_MEANS = (("减免", "tax_credit"), ("免抵", "tax_credit"), ("退税", "tax_refund"))


def without_reserved(
    feeds: Sequence[Feed],
    asking: Asking,
    titles: Sequence[str],
    above: Sequence[str],
    sheet_name: str | None,
    stem: str,
) -> list[Feed]:
    """The feeds, as somebody answered where titles or names say that figures are no actual ones or no tax paid.

    Args:
        feeds: what a table on a sheet gives.
        asking: takes the questions.
        titles, above: the table's own titles, and the sheet's.
        sheet_name, stem: of the sheet, and of the file.
    """
    if not any(f.table.name in FIGURES for f in feeds):
        return list(feeds)
    near = [*titles, *(t for t in above if t not in titles), sheet_name or ""]
    reserve = _word(_LEFT_OUT, [*titles, sheet_name or ""])
    if reserve is not None and not _asked("firms_left_out", reserve, feeds, asking):
        return []
    reserve = _word(_NOT_ACTUAL, [*near, stem], but=_ACTUAL)
    if reserve is None and sheet_name and _NOT_ACTUAL_SHEET.fullmatch(squeezed(sheet_name)):
        reserve = (sheet_name, sheet_name)
    if reserve is not None and not _asked("not_actual", reserve, feeds, asking):
        return []
    for words, believed in ((_NOT_PAID, _PAID), (_NO_TAX, _TAX)):
        reserve = _word(words, [*near, stem], but=_ASIDE)
        if reserve is not None:
            feeds = [_as_paid(f, reserve, believed, asking) for f in feeds]
    return list(feeds)


def _word(words: re.Pattern[str], texts: Sequence[str], but: re.Pattern[str] | None = None) -> tuple[str, str] | None:
    """The first text that has one of some words, and the word."""
    for text in texts:
        plain = unicodedata.normalize("NFKC", text)
        match = words.search(plain)
        if match is not None and (but is None or not but.search(plain)):
            return plain[:40], match.group(0)
    return None


def _asked(code: str, reserve: tuple[str, str], feeds: Sequence[Feed], asking: Asking) -> bool:
    """Whether the figures count all the same, as far as somebody said; asked until then."""
    labels = list(dict.fromkeys(t.field.label for f in feeds for t in f.taken if t.field.kind == "quantity"))
    choices = [Choice("take", "as_actual"), Choice("none", "table_not_read")]
    return asking.ask(code, reserve[1], choices, said=reserve[0], word=reserve[1], labels=labels) != "none"


def _as_paid(feed: Feed, reserve: tuple[str, str], believed: re.Pattern[str], asking: Asking) -> Feed:
    """A table of tax whose only figure has a general name, below a title that speaks of what was not paid as tax."""
    if feed.table.name != "tax":
        return feed
    figures = [t for t in feed.taken if t.field.kind == "quantity" and t.field.name != "land_use_tax"]
    if [t.field.name for t in figures] != ["tax_paid"] or believed.search(figures[0].text):
        return feed
    read_as = figures[0].field
    other = next((TABLES["tax"].by_name[name] for word, name in _MEANS if word in reserve[1]), None)
    choices = [Choice("take", "take_as", {"label": read_as.label})]
    choices += [Choice(other.name, "take_as", {"label": other.label})] if other is not None else []
    choices.append(Choice("none", "not_this"))
    answer = asking.ask(
        "not_paid", reserve[1], choices, said=reserve[0], word=reserve[1], header=figures[0].text, label=read_as.label
    )  # fmt: skip
    if answer in (None, "take"):
        return feed
    return replace(feed, taken=tuple(_renamed(feed.taken, read_as, other if answer != "none" else None)))


def _renamed(taken: Sequence[Taken], read_as: Field, other: Field | None) -> list[Taken]:
    """The columns with one field for another, or without it."""
    if other is None:
        return [t for t in taken if t.field != read_as]
    return [replace(t, field=other) if t.field == read_as else t for t in taken]
