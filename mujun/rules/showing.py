"""A rule set as a document: what a notice would print, part by part, ready to be drawn as text or as a page.

The document is Chinese whatever language messages are in: it is what the bureau's own notice says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mujun.messages import speaking
from mujun.rules.document import Document, Heading, Paragraph, Part, Table, numbered
from mujun.rules.model import Head
from mujun.rules.ruleset import RuleSet
from mujun.rules.showing_ladders import ladders_parts
from mujun.rules.showing_policies import allocation_parts, rectification_parts
from mujun.rules.showing_rating import rating_parts
from mujun.rules.showing_targets import targets_parts
from mujun.rules.targets_plan import whole_targets

STATUSES: dict[str, str] = {
    "official": "按正式文件全文写成",
    "excerpt": "按正式文件的所见部分写成，未见部分怎样处理见下表",
    "example": "示例，不是当地文件",
    "abstract": "供其他规则集补全的基础，不能直接评价",
}


def show_rules(ruleset: RuleSet) -> Document:
    """A rule set as a document.

    Args:
        ruleset: a set that is well-formed.

    Raises:
        RuleError: it does not fit together.
    """
    with speaking("zh"):
        parts: list[Part] = []
        if ruleset.rating is not None:
            parts += [*head_parts(ruleset.rating), *rating_parts(ruleset, ruleset.rating)]
        if ruleset.rectification is not None:
            parts += [Heading("高耗低效整治"), *_head_below(ruleset, ruleset.rectification)]
            parts += rectification_parts(ruleset, ruleset.rectification)
        if ruleset.allocation is not None:
            parts += [Heading("资源要素差别化配置"), *_head_below(ruleset, ruleset.allocation)]
            parts += allocation_parts(ruleset)
        if ruleset.targets is not None:
            parts += [Heading("目标"), *_head_below(ruleset, ruleset.targets), *targets_parts(whole_targets(ruleset))]
        if ruleset.ladders is not None:
            parts += [Heading("梯队"), *_head_below(ruleset, ruleset.ladders), *ladders_parts(ruleset, ruleset.ladders)]
        return Document(ruleset.name, tuple(numbered(parts)))


def _head_below(ruleset: RuleSet, file: Head) -> Iterator[Part]:
    first = ruleset.rating is None and file.name == ruleset.name
    if not first:
        yield Paragraph(file.name)
    yield from head_parts(file)


def head_parts(file: Head) -> Iterator[Part]:
    """Where it applies, on which documents it stands, and what those did not show."""
    rows = [("适用地区", file.place or "—"), ("数据年度", years_in_words(file.years)), ("性质", STATUSES[file.status])]
    if file.extends is not None:
        rows.append(("继承", file.extends))
    for source in file.sources:
        checked = f"（核对于{source.checked.isoformat()}）" if source.checked else "（未核对）"
        rows.append(("依据", " ".join(t for t in (source.document + checked, source.url, source.note) if t)))
    yield Table(("项目", "内容"), tuple(rows))
    if file.omits:
        yield Table(("文件未见的内容及这里的处理",), tuple((o,) for o in file.omits))


def years_in_words(years: Sequence[int]) -> str:
    """Years as a document writes them: a run by its ends."""
    several = sorted(years)
    if not several:
        return "—"
    if len(several) > 2 and several == list(range(several[0], several[-1] + 1)):
        return f"{several[0]}至{several[-1]}"
    return "、".join(str(y) for y in several)
