"""ladders.yaml in words: each honour with whom it is sought among and by which conditions."""

from __future__ import annotations

from collections.abc import Iterator

from mujun.rules.document import Heading, Paragraph, Part, table
from mujun.rules.model.ladders import Ladder, TheLadders


def ladders_parts(file: TheLadders) -> Iterator[Part]:
    """A ladders file, ladder by ladder."""
    rows = [(f.label or name, f.unit, "补充指标" if f.input else str(f.value)) for name, f in file.fields.items()]
    if rows:
        yield Heading("用到的量", 2)
        yield table(("名称", "单位", "来源"), rows)
    for one in file.ladders:
        yield Heading(one.label, 2)
        yield Paragraph(_who(one))
        yield table(("条件", "算式"), [(c.label, str(c.when)) for c in one.conditions])


def _who(one: Ladder) -> str:
    among = f"有“{'”“'.join(one.after)}”标签的企业" if one.after else "所有企业"
    limits = f"（只看 {one.members}）" if one.members is not None else ""
    office = f"由{one.office}培育。" if one.office else ""
    near = f"；差 {one.near} 个条件以内的列为培育对象" if one.near else ""
    return f"标签“{'”“'.join(one.honour)}”。在{among}中找{limits}，条件全部具备的可以申报{near}。{office}"
