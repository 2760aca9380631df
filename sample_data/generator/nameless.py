"""Rows that name a firm and have no code: written another way, slightly misspelt, or not to be told at all.

A name says whose a row is where exactly one firm of its township is called so, or nearly so; that is for a person to
confirm. Where two firms have the name, where another township is given or the number in it is another, it says
nothing, and the manifest has no code for it.
"""

from __future__ import annotations

from collections.abc import Callable

from .dirt import Dirt
from .files import Row, Sheet
from .firms import FIRST, SECOND, Firm
from .places import TOWNSHIPS

EXACT, NEAR, NOBODY = "代码未填，名称相同", "代码未填，名称相近", "代码未填，名称不能认定"
"""How the notes of the manifest begin: what identification has to come to."""

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

_SAME: dict[str, Callable[[str], str]] = {
    "全角数字": lambda name: name.translate(_WIDE),
    "夹有空格": lambda name: f"{name[:3]} {name[3:9]} {name[9:]}",
    "加了括号": lambda name: f"（{name[:3]}）{name[3:]}",
    "写作有限责任公司": lambda name: name.replace("有限公司", "有限责任公司"),
}
_MISSPELT: dict[str, Callable[[str], str]] = {
    "错一字": lambda name: name.replace("公司", "公可"),
    "漏一字": lambda name: name.replace("有限公司", "限公司"),
    "字序颠倒": lambda name: f"{name[:9]}{name[10]}{name[9]}{name[11:]}",
    "漏县名": lambda name: name.removeprefix("嵊州市"),
}


def leave_codes_out(dirt: Dirt) -> None:
    """Plant them, and note the rows that lost their code without any change of the name."""
    tax, power, water = (dirt.sheet(table, SECOND, name) for table, name in _SHEETS)
    for sheet, each in ((tax, 2), (power, 2), (water, 1)):
        for how, write in _SAME.items():
            for _ in range(each):
                _renamed(dirt, sheet, write, f"{EXACT}（{how}）", lambda f: f.kind == "法人")
    for sheet, each in ((tax, 1), (power, 2), (water, 1)):
        for how, write in _MISSPELT.items():
            for _ in range(each):
                _renamed(dirt, sheet, write, f"{NEAR}（{how}）", lambda f: f.kind == "法人" and len(f.trade) > 1)
    _renamed(dirt, dirt.sheet("tax", FIRST), _SAME["全角数字"], f"{EXACT}（全角数字）", lambda f: f.kind == "法人")
    for sheet in (tax, power):
        _renamed(dirt, sheet, lambda name: name[:5] + name[9:], f"{NOBODY}（漏了编号）", lambda f: f.kind == "法人", "")
        _elsewhere(dirt, sheet)
        _of_nobody(dirt, sheet)
    _namesakes(dirt, power)


_SHEETS = (("tax", ""), ("energy", "供电"), ("water", ""))


def _renamed(
    dirt: Dirt,
    sheet: Sheet,
    write: Callable[[str], str],
    note: str,
    fits: Callable[[Firm], bool],
    whose: str | None = None,
) -> Row:
    def able(row: Row) -> bool:
        firm = row.firm
        return firm is not None and fits(firm) and write(str(row.cells["name"])) != row.cells["name"]

    row = dirt.pick(sheet, able)
    row.cells |= {"credit_code": None, "name": write(str(row.cells["name"]))}
    dirt.manifest.add(row, "credit_code", "missing_key", note, value="", whose=whose)
    return row


def _elsewhere(dirt: Dirt, sheet: Sheet) -> None:
    """The right name, and another township beside it."""
    row = _renamed(dirt, sheet, _SAME["全角数字"], f"{NOBODY}（镇街不符）", lambda f: f.kind == "法人", "")
    places = [t for t in TOWNSHIPS if t != row.cells["township"]]
    row.cells["township"] = dirt.rng.choice(places)


def _of_nobody(dirt: Dirt, sheet: Sheet) -> None:
    """A name one number beside a firm's own, which no firm has."""
    taken = {f.number for f in dirt.county.firms}
    row = _renamed(dirt, sheet, lambda name: name[:5] + "9" + name[6:], f"{NOBODY}（没有此企业）", _is_company, "")
    assert int(str(row.cells["name"])[5:9]) not in taken


def _is_company(firm: Firm) -> bool:
    return firm.kind == "法人"


def _namesakes(dirt: Dirt, sheet: Sheet) -> None:
    """Two workshops of one name in one township: their rows cannot be told apart."""
    for firm in [f for f in dirt.county.firms if f.namesake and SECOND in f.scale][::2]:
        for row in sheet.find(firm):
            row.cells["credit_code"] = None
            dirt.manifest.add(row, "credit_code", "missing_key", f"{NOBODY}（两家同名）", value="", whose="")
