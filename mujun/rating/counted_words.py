"""Among whom statistics were computed, in words."""

from __future__ import annotations

from mujun import messages
from mujun.rating.policy_frame import CountedAmong
from mujun.rules.in_words import Words, in_words


def counted_in_words(counted: CountedAmong | None, words: Words) -> str:
    """Among whom the statistics of a list or a measure were computed, and how many they are; empty for none."""
    if counted is None:
        return ""
    of = messages.Word(messages.key(f"counted_{counted.of}"))
    if counted.scope is None:
        return messages.text("counted_among", of=of, count=counted.count)
    scope = in_words(counted.scope, words) if messages.language() == "zh" else str(counted.scope)
    return messages.text("counted_among_those", of=of, scope=scope, count=counted.count)
