"""A card or an explanation as it is shown: apart from what goes on paper, for that takes all reports to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mujun.analysis.explanation import Explanation
    from mujun.reports.firms.card import Card


def drawn(result: Card | Explanation, form: str = "text") -> str:
    """A card or an explanation as `text` in the language in force, as `json`, or as an `html` page."""
    from mujun.reports.firms.card import Card, card_json, card_text

    if not isinstance(result, Card):
        from mujun.reports.firms import explanation_file

        return explanation_file.drawn(result, form)
    if form == "html":
        from mujun.reports.firms.card_page import card_page

        return card_page(result)
    return card_json(result) if form == "json" else card_text(result)
