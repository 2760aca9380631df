"""Townships written in two ways: 甘霖 and 甘霖镇 are one, and nobody is to find two of them in a report."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_KIND = re.compile(r"(?:街道办事处|街道办|街道|镇人民政府|镇政府|乡人民政府|乡政府|镇|乡)$")
_NAMED = re.compile(r"(?:街道|镇|乡)$")


def spelled_otherwise(townships: Iterable[str], known: Collection[str] = ()) -> dict[str, str]:
    """By text, the township of which it looks like another spelling.

    Args:
        townships: townships as they are written.
        known: those of the roll; where none of them is meant, the one of `townships` that names its kind in full.

    >>> spelled_otherwise(["甘霖", "甘霖镇", "长乐镇", "三江街道办事处"], ["三江街道"])
    {'甘霖': '甘霖镇', '三江街道办事处': '三江街道'}
    """
    texts = list(dict.fromkeys(townships))
    meant: dict[str, str] = {}
    for text in texts:
        if text in known:
            continue
        alike = [t for t in known if _stem(t) == _stem(text)]
        alike = alike or [t for t in texts if t != text and _stem(t) == _stem(text) and _NAMED.search(t)]
        # 城南街道 and 城南乡 may be two: nothing is proposed where both name their kind and neither is known.
        if len(alike) == 1 and not (alike[0] not in known and _NAMED.search(text)):
            meant[text] = alike[0]
    return meant


def written_alike(townships: Iterable[str]) -> list[list[str]]:
    """Townships that may be several writings of one, each such group; no text outside it plays a part in which are.

    >>> written_alike(["甘霖", "甘霖镇", "长乐镇"])
    [['甘霖', '甘霖镇']]
    """
    by_stem: dict[str, list[str]] = {}
    for text in dict.fromkeys(townships):
        by_stem.setdefault(_stem(text), []).append(text)
    return [texts for texts in by_stem.values() if len(texts) > 1]


def _stem(township: str) -> str:
    plain = re.sub(r"\s+", "", township)
    stem = _KIND.sub("", plain)
    return stem if len(stem) > 1 else plain
