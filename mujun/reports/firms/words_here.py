"""What an explanation calls figures, units, conditions and actions, in the language in force.

An explanation is made in Chinese, as the rules are. In English what the dictionary knows has its English word, and an
expression stands as the rules have it; names that rules give (indicators, cohorts, reasons) stay.
"""

from __future__ import annotations

import re

from mujun.fields.english import ENGLISH_TENURES
from mujun.fields.here import label_here as dictionary_here
from mujun.fields.here import unit_here
from mujun.messages import MessageKey, language, text

_ACTIONS: tuple[tuple[str, MessageKey], ...] = (
    ("改为(?P<to>.+)", "action_set"), ("不得好于(?P<to>.+)", "action_at_most"),
    ("不得差于(?P<to>.+)", "action_at_least"), (r"升(?P<to>\d+)档", "action_up"),
    (r"降(?P<to>\d+)档", "action_down"),
)  # fmt: skip
_ORDERS: tuple[tuple[str, MessageKey], ...] = (("从高到低", "order_down"), ("从低到高", "order_up"))
_BESIDE_THE_DICTIONARY = {"评价组别": "Cohort", "综合得分": "Score", "档次": "Tier"}


def label_here(label: str) -> str:
    """What a figure is called."""
    return dictionary_here(label) if language() == "zh" else _BESIDE_THE_DICTIONARY.get(label) or dictionary_here(label)


def tenure_here(tenure: str) -> str:
    """What ground an area is."""
    return tenure if language() == "zh" else ENGLISH_TENURES.get(tenure, tenure)


def with_unit(label: str, unit: str) -> str:
    """What a figure is called, with its unit."""
    return text("explain_because", what=label_here(label), reason=unit_here(unit)) if unit else label_here(label)


def expression_here(source: str, words: str | None) -> str:
    """An expression in Chinese words; elsewhere as the rules have it."""
    return words or "—" if language() == "zh" else source


def action_here(action: str) -> str:
    """What a rule does to a tier."""
    for pattern, message in _ACTIONS if language() != "zh" else ():
        if (found := re.fullmatch(pattern, action)) is not None:
            return text(message, to=found["to"])
    return action


def order_here(order: str) -> str:
    """What ranking goes by, and in which direction."""
    for ending, message in _ORDERS if language() != "zh" else ():
        if order.endswith(ending):
            return text(message, what=label_here(order.removesuffix(ending)))
    return label_here(order)
