"""The papers.yaml of a new rule set: the words of another's, without those of its year and of its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mujun.rules.model.head import TO_FILL
from mujun.rules.yaml_text import yaml_text

_OF_ONE_YEAR = ("years", "sources", "number", "day", "period_from", "period_until")
_OF_ONE_PLACE = (
    "letterhead", "office", "to", "copies", "contact", "telephone", "address", "objections", "outlines", "chains",
)  # fmt: skip
_KEY = re.compile(r"^[\"']?([A-Za-z_]+)[\"']?\s*:(.*)$")
_DATE = re.compile(
    r"(?:19|20)\d\d\s*(?:年|[-/.]\s*\d{1,2}\s*[-/.月])|\d{1,2}\s*月|[一二三四五六七八九十]{1,3}月|二[〇○零].{2}年"
)


def papers_opened(text: str, address: str, place: str | None, old_place: str | None) -> str:
    """The words of a county's papers with those of one year, and of another place, in comments to be filled in.

    Args:
        text: a papers.yaml.
        address: the set that it is of.
        place: the place that the new set is for, where that is known.
        old_place: the place that it is of.
    """
    moved = is_elsewhere(place, old_place)
    lines = [f"# 抄自 {address}。文号、日期是那一年的，已移到注释里，请填本年的。"]
    if moved:
        lines.append("# 发文机关、联系人等是原地区的，也已移到注释里，请填本地的。")
    for key, block in _blocks(text):
        first = _KEY.match(block[0])
        value = first[2].strip() if first is not None else ""
        if key == "name":
            lines += [f"name: {TO_FILL}  # 原：{value}", *_commented(block[1:])]
        elif key == "place" and place is not None:
            lines += [f"place: {yaml_text(place)}  # 原：{value}", *_commented(block[1:])]
        elif key in _OF_ONE_YEAR or (moved and key in _OF_ONE_PLACE) or (key and _DATE.search(_content(block))):
            lines += [f"# {TO_FILL}：{block[0]}", *_commented(block[1:])]
        else:
            lines += block
    return "\n".join(lines) + "\n"


def is_elsewhere(place: str | None, old_place: str | None) -> bool:
    """Whether a place is known and another one: 椒江区 is 浙江省台州市椒江区."""
    if place is None:
        return False
    return old_place is None or not (place.endswith(old_place) or old_place.endswith(place))


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """The keys of a file, each with its lines; what stands before the first has none."""
    key, block = "", list[str]()
    for line in text.splitlines():
        match = _KEY.match(line)
        if match is not None:
            if block:
                yield key, block
            key, block = match[1], []
        block.append(line)
    if block:
        yield key, block


def _content(block: list[str]) -> str:
    return "\n".join(line for line in block if not line.startswith("#"))


def _commented(lines: list[str]) -> list[str]:
    return [line if not line.strip() or line.startswith("#") else f"# {line}" for line in lines]
