"""ladders.yaml in words: each honour with whom it is sought among and by which conditions."""

from __future__ import annotations

from collections.abc import Iterator

from mujun.rules.document import Heading, Paragraph, Part, table
from mujun.rules.in_words import Words, in_words
from mujun.rules.ladders_plan import check_ladders
from mujun.rules.model.ladders import Ladder, TheLadders
from mujun.rules.ruleset import RuleSet


def ladders_parts(ruleset: RuleSet, file: TheLadders) -> Iterator[Part]:
    """The ladders of a rule set, ladder by ladder."""
    words = Words(check_ladders(file, ruleset)[0].scope)
    rows = [
        (f.label or name, f.unit, "补充指标" if f.value is None else in_words(f.value, words))
        for name, f in file.fields.items()
    ]
    if rows:
        yield Heading("用到的量", 2)
        yield table(("名称", "单位", "来源"), rows)
    for one in file.ladders:
        yield Heading(one.label, 2)
        yield Paragraph(_who(one, words))
        yield table(("条件", "算式"), [(c.label, in_words(c.when, words)) for c in one.conditions])


def _who(one: Ladder, words: Words) -> str:
    among = f"有“{'”“'.join(one.after)}”标签的企业" if one.after else "所有企业"
    limits = f"（只看{in_words(one.members, words)}的）" if one.members is not None else ""
    office = f"由{one.office}培育。" if one.office else ""
    near = f"；差 {one.near} 个条件以内的列为培育对象" if one.near else ""
    return f"标签“{'”“'.join(one.honour)}”。在{among}中找{limits}，条件全部具备的可以申报{near}。{office}"
