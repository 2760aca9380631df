"""A card as one page of HTML: nothing from elsewhere, every text escaped, printable on A4."""

from __future__ import annotations

from mujun import messages
from mujun.reports.drawing.page import page
from mujun.reports.firms.card import Card
from mujun.reports.firms.handed_out import card_handed_out


def card_page(card: Card) -> str:
    """The page, in the language in force; natural persons are masked."""
    card = card_handed_out(card)
    missing = [s.title for s in card.sections if not s.rows]
    return page(
        "card.html",
        card.title,
        lang="zh-CN" if messages.language() == "zh" else "en",
        card=card,
        kind=_kind,
        nothing=messages.text("card_nothing", sections=missing) if missing else "",
    )


def _kind(column: str, cell: str) -> str | None:
    """The cell's class: a place is small print, short words do not wrap, a number stands to the right."""
    if column == "place":
        return "place"
    plain = cell.replace(",", "").removeprefix("-")
    if column in ("year", "run", "tier", "tenure", "said_by"):
        return "short"
    if column in _NO_NUMBERS or len(plain) > 15 or not plain.replace(".", "", 1).isdigit():
        return None
    return "number"


_NO_NUMBERS = frozenset({"credit_code", "landlord", "tenant", "parcel", "account", "document"})
