"""The dirt of single records: broken codes, unreadable cells, impossible values, rows twice.

About one row in a hundred is damaged, at most one defect per firm over all files and years, so that it is known what
follows from each. A row with an error is kept out of its table; where that leaves a firm without land, or other
records without their enterprise, the consequence goes into the manifest too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random

from . import codes
from .departments import ENERGY_SAMPLE, County
from .files import Book, Cell, Row, Sheet
from .firms import BELOW, FIRST, SECOND, Firm
from .manifest import CONSEQUENCE, Manifest

UNREADABLE = ("待核实", "见附件", "约12", "数据待补", "#N/A", "十二")

_WIDE = {ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHJKLMNPQRTUWXY"}


class Dirt:
    """Plants defects into the books of a county and notes them."""

    def __init__(self, seed: int, county: County, books: list[Book]) -> None:
        self.rng = Random(f"{seed}:dirt")
        self.county = county
        self.books = books
        self.manifest = Manifest()
        self.touched: set[int] = {f.number for f in county.firms if f.renamed or f.arranged}

    # ------------------------------------------------------------------------------------------------ finding rows

    def sheet(self, table: str, year: int, name: str = "") -> Sheet:
        """The sheet of a table in the files of a year; by name where there are several."""
        for book in self.books:
            if book.path.startswith(str(year)):
                for sheet in book.sheets:
                    if sheet.table == table and name in (sheet.name or book.path):
                        return sheet
        raise LookupError((table, year, name))

    def pick(self, sheet: Sheet, fits: Callable[[Row], object] = lambda row: True) -> Row:
        """A random row of a firm that nothing has happened to; from now on something has."""
        while True:
            row = self.rng.choice(sheet.rows)
            if row.firm and row.firm.number not in self.touched and fits(row):
                self.touched.add(row.firm.number)
                return row

    def stands_alone(self, firm: Firm) -> bool:
        """Whether losing a firm's land or its 名录 row touches nobody: one plot, no lease with a firm, no group."""
        for year in firm.years:
            facts = self.county.land.rows(firm, year)
            if len(facts) != 1 or isinstance(facts[0].other, Firm):
                return False
            parcel = facts[0].parcel
            if parcel and len(self.county.land.on(parcel, year)) > 1:
                return False
        return firm.stays and firm.group is None and not firm.idle

    def can_lose(self, row: Row) -> bool:
        """A firm that stands alone, 规下 mostly: 规上 firms carry the county's ratios.

        None of those whose energy two departments report, so that each record has its own table row.
        """
        firm = row.firm
        assert firm is not None
        if firm.number % ENERGY_SAMPLE == 0:
            return False
        below = set(firm.scale.values()) == {BELOW}
        return self.stands_alone(firm) and (below or self.rng.random() < 0.02)

    # ------------------------------------------------------------------------------------------------ consequences

    def lost(self, sheet: Sheet, row: Row, why: str) -> None:
        """Note what follows when a row is kept out of its table."""
        firm = row.firm
        if firm is None or sheet.table not in ("land", "enterprises"):
            return
        if sheet.table == "land":
            listed = self.listing(firm, sheet.year)
            self.manifest.add(listed, "area_mu", "no_land", f"{CONSEQUENCE}：用地记录未采用（{why}）", value="")
            return
        self.orphans(firm, sheet.year, f"{CONSEQUENCE}：名录记录未采用（{why}）")

    def listing(self, firm: Firm, year: int) -> Row:
        """The firm's row in the 名录 of a year."""
        for name in ("规上工业企业", "规下工业企业"):
            for row in self.sheet("enterprises", year, name).find(firm):
                return row
        raise LookupError((firm.name, year))

    def orphans(self, firm: Firm, year: int, note: str) -> None:
        """The firm's records of a year in tables that ask for an enterprise."""
        for book in self.books:
            for sheet in book.sheets:
                if sheet.year == year and sheet.table != "enterprises":
                    for row in sheet.find(firm):
                        self.manifest.add(row, "credit_code", "no_enterprise", note)

    # ------------------------------------------------------------------------------------------------ codes

    def break_codes(self, sheet: Sheet, how_many: dict[str, int]) -> None:
        """Credit codes that fail GB 32100-2015; the manifest's `credit_code` is what a repair must come to."""
        guard = self._guard(sheet)
        for how, count in how_many.items():
            damage, note = _BREAKS[how]
            for _ in range(count):
                row = self.pick(sheet, self._breakable(damage, guard))
                assert row.firm is not None
                row.cells["credit_code"] = damage(row.firm.code)
                if how in _READ_AS_MEANT:
                    continue
                self.manifest.add(row, "credit_code", "credit_code_invalid", note)
                self.lost(sheet, row, note)

    def _breakable(self, damage: Callable[[str], str | None], guard: Callable[[Row], bool]) -> Callable[[Row], bool]:
        """Rows whose code has what the damage needs."""
        return lambda row: row.firm is not None and self._has_code(row) and bool(damage(row.firm.code)) and guard(row)

    def number_codes(self, sheet: Sheet, count: int, *, as_text: bool = False) -> None:
        """Codes stored as numbers: Excel keeps 15 digits, a csv saved from it shows a power of ten."""
        guard = self._guard(sheet)

        def loses(row: Row) -> bool:
            # One in 31 would by chance become the valid code of somebody else.
            code = row.firm.code if row.firm and self._has_code(row) else ""
            return code.isdigit() and codes.check_digit(code[:15] + "00") != "0" and guard(row)

        for _ in range(count):
            row = self.pick(sheet, loses)
            assert row.firm is not None
            kept = int(row.firm.code[:15] + "000")
            row.cells["credit_code"] = f"{Decimal(kept):.5E}" if as_text else kept
            self.manifest.add(row, "credit_code", "code_as_number", "代码存成数字，15位以后丢失")
            self.lost(sheet, row, "代码存成数字")

    def drop_codes(self, sheet: Sheet, count: int) -> None:
        """No code at all."""
        guard = self._guard(sheet)
        for _ in range(count):
            row = self.pick(sheet, guard)
            row.cells["credit_code"] = None
            self.manifest.add(row, "credit_code", "missing_key", "代码未填", value="")
            self.lost(sheet, row, "代码未填")

    def _has_code(self, row: Row) -> bool:
        return row.firm is not None and row.firm.kind != "自然人" and row.cells["credit_code"] == row.firm.code

    def _guard(self, sheet: Sheet) -> Callable[[Row], bool]:
        return self.can_lose if sheet.table in ("land", "enterprises") else lambda row: True

    # ------------------------------------------------------------------------------------------------ cells

    def spoil(self, sheet: Sheet, name: str, code: str, values: Iterable[Cell], note: str) -> None:
        """Put each of `values` into the field of a row that has something there."""
        guard = self._guard(sheet)
        for value in values:
            row = self.pick(sheet, lambda r: r.cells.get(name) not in (None, "-", "/", "无") and guard(r))
            row.cells[name] = value
            self.manifest.add(row, name, code, note)
            self.lost(sheet, row, note)

    def unreadable(self, sheet: Sheet, name: str, count: int) -> None:
        """Words where a number or date is due."""
        self.spoil(sheet, name, "unreadable_cell", self.rng.choices(UNREADABLE, k=count), "读不成数字或日期")

    def negative(self, sheet: Sheet, name: str, count: int) -> None:
        """A sign too many."""
        guard = self._guard(sheet)
        for _ in range(count):
            row = self.pick(sheet, lambda r: isinstance(r.cells.get(name), (int, Decimal)) and guard(r))
            value = row.cells[name]
            assert isinstance(value, (int, Decimal))
            row.cells[name] = Decimal(-1) if value == 0 else -abs(Decimal(value))
            self.manifest.add(row, name, "negative_value", "不可能为负")
            self.lost(sheet, row, "负值")

    def blank(self, sheet: Sheet, name: str, count: int) -> None:
        """A required field left blank."""
        self.spoil(sheet, name, "missing_required", [None] * count, "必填项未填")

    # ------------------------------------------------------------------------------------------------ rows

    def repeat(self, sheet: Sheet, count: int) -> None:
        """The same row twice: counted once."""
        for _ in range(count):
            row = self.pick(sheet)
            again = self._insert(sheet, row, dict(row.cells))
            key = "account" if sheet.table == "accounts" else "credit_code"
            self.manifest.add(again, key, "duplicate_row", "整行重复")

    def contradict(self, sheet: Sheet, name: str, count: int) -> None:
        """The same key twice with different values: neither counts until somebody says which is right."""
        for _ in range(count):
            row = self.pick(sheet, lambda r: isinstance(r.cells.get(name), Decimal) and r.cells[name])
            value = row.cells[name]
            assert isinstance(value, Decimal)
            again = self._insert(sheet, row, {**row.cells, name: value * 2})
            for one in (row, again):
                self.manifest.add(one, "credit_code", "duplicate_key", "同一企业两行，数值不同")

    def _insert(self, sheet: Sheet, after: Row, cells: dict[str, Cell]) -> Row:
        new = Row(cells, after.firm)
        sheet.rows.insert(min(sheet.rows.index(after) + self.rng.randrange(1, 40), len(sheet.rows)), new)
        return new


# ---------------------------------------------------------------------------------------------------- ways to break


def _one_letter(digit: str, letter: str) -> Callable[[str], str | None]:
    def damage(code: str) -> str | None:
        at = code.find(digit, 8)
        return None if at < 0 else code[:at] + letter + code[at + 1 :]

    return damage


def _all_letters(digit: str, letter: str) -> Callable[[str], str | None]:
    def damage(code: str) -> str | None:
        return code.replace(digit, letter) if digit in code else None

    return damage


def _wrong_check(code: str) -> str:
    """Another check digit: no repair, for nobody knows which character is wrong."""
    return code[:17] + codes.ALPHABET[(codes.ALPHABET.index(code[17]) + 7) % 31]


_BREAKS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "short": (lambda code: code[:17], "17位，缺校验位"),
    "o": (_one_letter("0", "O"), "字母O当数字0"),
    "oo": (_all_letters("0", "O"), "字母O当数字0，多处"),
    "i": (_one_letter("1", "I"), "字母I当数字1"),
    "z": (_one_letter("2", "Z"), "字母Z当数字2"),
    "wide": (lambda code: code.translate(_WIDE), "全角字符"),
    "check": (_wrong_check, "校验位不符，无法修复"),
}

_READ_AS_MEANT = ("wide",)
"""Ways of writing that leave no doubt which code is meant: no defect."""


# ---------------------------------------------------------------------------------------------------- the programme


def soil(seed: int, county: County, books: list[Book]) -> Dirt:
    """Plant the dirt of single records in both years."""
    dirt = Dirt(seed, county, books)
    for year in (FIRST, SECOND):
        _registers(dirt, year)
        _land(dirt, year)
        _tax(dirt, year)
        _utilities(dirt, year)
        _statistics(dirt, year)
    _other_files(dirt)
    return dirt


def _registers(dirt: Dirt, year: int) -> None:
    above, below = (dirt.sheet("enterprises", year, f"{scale}工业企业") for scale in ("规上", "规下"))
    dirt.break_codes(below, {"short": 2, "o": 1, "check": 1})
    dirt.number_codes(below, 2)
    dirt.blank(below, "name", 1)
    dirt.unreadable(below, "registered_on", 2)
    dirt.spoil(below, "scale", "unknown_choice", ["待定"], "规模不明")
    dirt.spoil(below, "kind", "unknown_choice", ["其他组织"], "主体类型不明")
    dirt.spoil(below, "year", "impossible_year", [2202], "年度不可能")
    dirt.repeat(below, 2)
    dirt.repeat(above, 1)


def _land(dirt: Dirt, year: int) -> None:
    land = dirt.sheet("land", year)
    dirt.break_codes(land, {"short": 2, "o": 2, "i": 1, "z": 1, "wide": 1})
    dirt.number_codes(land, 1)
    dirt.drop_codes(land, 1)
    dirt.spoil(land, "tenure", "unknown_choice", ["借用", "待查", "自有/租入"], "权属不明")
    dirt.negative(land, "area_mu", 2)
    dirt.unreadable(land, "area_mu", 3)
    dirt.blank(land, "area_mu", 1)
    dirt.blank(land, "tenure", 1)
    dirt.repeat(land, 1)
    parcels = dirt.sheet("parcels", year)
    dirt.unreadable(parcels, "area_mu", 1)
    dirt.negative(parcels, "area_mu", 1)


def _tax(dirt: Dirt, year: int) -> None:
    tax = dirt.sheet("tax", year)
    dirt.break_codes(tax, {"short": 8, "o": 4, "oo": 2, "i": 3, "z": 3, "wide": 4, "check": 3})
    dirt.drop_codes(tax, 3)
    dirt.unreadable(tax, "tax_paid", 4)
    dirt.spoil(tax, "year", "impossible_year", [221, year + 100], "年度不可能")
    dirt.contradict(tax, "tax_paid", 2)
    dirt.repeat(tax, 3)


def _utilities(dirt: Dirt, year: int) -> None:
    power = dirt.sheet("energy", year, "供电")
    dirt.break_codes(power, {"short": 8, "o": 4, "oo": 2, "i": 3, "z": 2, "wide": 3, "check": 2})
    dirt.drop_codes(power, 2)
    dirt.negative(power, "electricity_kwh", 2)
    dirt.unreadable(power, "electricity_kwh", 3)
    # Somebody typed the account's number into the wrong column.
    dirt.spoil(power, "electricity_kwh", "too_large", [3_300_112_233_445_566], "户号填在用电量里")
    dirt.repeat(power, 2)
    dirt.contradict(power, "electricity_kwh", 2)
    water = dirt.sheet("water", year)
    dirt.break_codes(water, {"short": 5, "o": 3, "i": 2, "z": 2, "check": 1})
    dirt.number_codes(water, 1, as_text=True)
    dirt.negative(water, "water_m3", 1)
    dirt.unreadable(water, "water_m3", 2)
    dirt.repeat(water, 1)


def _statistics(dirt: Dirt, year: int) -> None:
    output, energy = dirt.sheet("output", year), dirt.sheet("energy", year, "能耗")
    dirt.break_codes(output, {"short": 1, "o": 1})
    dirt.number_codes(output, 1)
    dirt.unreadable(output, "employees", 1)
    dirt.unreadable(output, "rd_expense", 1)
    dirt.negative(output, "employees", 1)
    dirt.break_codes(energy, {"z": 1})
    dirt.negative(energy, "energy_tce", 1)
    dirt.unreadable(energy, "energy_tce", 1)
    emissions = dirt.sheet("emissions", year)
    dirt.break_codes(emissions, {"short": 2, "o": 1, "i": 1, "check": 1})
    dirt.negative(emissions, "cod_t", 2)
    dirt.unreadable(emissions, "nox_t", 2)


def _other_files(dirt: Dirt) -> None:
    for year in (FIRST, SECOND):
        honours, against = dirt.sheet("labels", year, "荣誉"), dirt.sheet("labels", year, "负面清单")
        dirt.break_codes(honours, {"short": 1})
        dirt.unreadable(honours, "since", 1)
        dirt.break_codes(against, {"o": 1})
        dirt.spoil(against, "label", "missing_key", [None], "事项未填")
    ratings = dirt.sheet("ratings", FIRST)
    dirt.break_codes(ratings, {"short": 4, "o": 2, "z": 1, "wide": 2})
    dirt.number_codes(ratings, 2)
    dirt.blank(ratings, "tier", 2)
    dirt.spoil(ratings, "year", "impossible_year", [1920], "年度不可能")
    dirt.unreadable(ratings, "score", 1)
    accounts = dirt.sheet("accounts", SECOND, "用电户号")
    dirt.break_codes(accounts, {"short": 4, "o": 3, "i": 2, "z": 1})
    dirt.number_codes(accounts, 2)
    dirt.spoil(accounts, "utility", "unknown_choice", ["柴油"], "能源资源种类不明")
    dirt.repeat(accounts, 2)
    bills = dirt.sheet("usage", SECOND, "用电")
    dirt.break_codes(bills, {"short": 2, "o": 1, "wide": 1})
    dirt.unreadable(bills, "quantity", 1)
    dirt.unreadable(bills, "until", 1)
    dirt.blank(bills, "quantity", 1)
    dirt.spoil(bills, "utility", "unknown_choice", ["油"], "能源资源种类不明")
    dirt.negative(dirt.sheet("usage", SECOND, "用水"), "quantity", 1)
