"""Of a table of land, 自有, 租入 and 租出 as columns: which columns are of which ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mujun.fields import Table
from mujun.records.headers import squeezed
from mujun.records.readings.header_rows import HeaderRows
from mujun.records.readings.questions import Asking, Choice
from mujun.records.readings.senses import Sense

BY_ROW = ""
"""In place of a ground: a column 权属 says of each row what it is."""


def grounds_of(
    table: Table, senses: Mapping[int, Sense], header: HeaderRows, asking: Asking
) -> dict[str, dict[int, Sense]]:
    """Of land, the columns of each ground where 自有, 租入, 租出 are columns; what names none goes with the first.

    Where a column 权属 stands beside them, it is of the area that names no ground, under `BY_ROW`.
    """
    tenures = {c: next((w.which for w in s.words if w.kind == "tenure"), None) for c, s in senses.items()}
    if table.name != "land" or not any(tenures.values()):
        return {}
    tenures |= _beside_grounds(senses, tenures, header, asking)
    tenure_columns = {c for c, s in senses.items() if s.header is not None and s.header.field.name == "tenure"}
    split: dict[str, dict[int, Sense]] = {}
    for n, tenure in enumerate(dict.fromkeys(t for t in tenures.values() if t is not None)):
        mine: dict[int, Sense] = {}
        for c, s in senses.items():
            figure = s.header is not None and s.header.field.kind == "quantity"
            if tenures[c] == tenure:
                # 其中：出租 is a part of what stands beside it, and ground of its own.
                mine[c] = replace(s, words=tuple(w for w in s.words if w.kind not in ("tenure", "of_which")))
            elif (
                tenures[c] is None
                and not _is_area(s)
                and (n == 0 or not figure)
                and (c not in tenure_columns or tenure == BY_ROW)
            ):
                mine[c] = s
        split[tenure] = mine
    return split


def _beside_grounds(
    senses: Mapping[int, Sense], tenures: Mapping[int, str | None], header: HeaderRows, asking: Asking
) -> dict[int, str]:
    """What ground an area is that stands beside 租入 or 租出 and no 自有: asked, for net land and own land differ."""
    plain = [c for c, s in senses.items() if tenures[c] is None and _is_area(s) and not s.words]
    if "自有" in tenures.values() or len(plain) != 1:
        return {}
    if any(s.header is not None and s.header.field.name == "tenure" for s in senses.values()):
        return {plain[0]: BY_ROW}
    text, others = header.text(plain[0]), sorted({t for t in tenures.values() if t is not None})
    choices = (Choice("自有", "tenure", {"tenure": "自有"}), Choice("none", "not_this"))
    answer = asking.ask("ground_beside", f"tenure|{squeezed(text)}", choices, header=text, others=others)
    return {plain[0]: "自有"} if answer == "自有" else {}


def _is_area(sense: Sense) -> bool:
    return sense.header is not None and sense.header.field.name == "area_mu"
