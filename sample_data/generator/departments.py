"""The county's truth as departments would send it: their headers, units, date forms, one file each and year.

Nothing here is wrong yet. Full-width digits, thousands separators, `-` for blank and six ways to write a date are how
clean files look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from .changes import Change
from .codes import exact
from .figures import Figures
from .files import SERIAL, Book, Cell, Row, Sheet
from .firms import ABOVE, BELOW, FIRST, SECOND, Firm, in_year
from .forms import headers
from .land import OWN, RENTED_IN, RENTED_OUT, Land, LandFact, Parcel
from .parcels_and_problems import Title, Trouble, title_cells, trouble_cells
from .places import COUNTY_NAME, TOWNSHIPS
from .projects import GRADES, Project, Source, land_grades, land_tax_rate
from .records import POWER, WATER, Account, Label, PastRating, Usage

OUTPUT_SAMPLE, ENERGY_SAMPLE = 8, 24
"""One 规下 firm in so many is in the statistics bureau's samples, the same ones every year."""


@dataclass(frozen=True)
class County:
    """Everything true about the county."""

    firms: list[Firm]
    land: Land
    figures: dict[int, dict[int, Figures]]
    labels: list[Label]
    ratings: list[PastRating]
    accounts: list[Account]
    usage: list[Usage]
    changes: list[Change]
    sources: list[Source]
    projects: list[Project]
    titles: dict[str, Title]
    troubles: list[Trouble]


class Office:
    """Writes the files of one data year; `rng` only chooses how things are written down."""

    def __init__(self, seed: int, county: County, year: int) -> None:
        self.rng = Random(f"{seed}:forms:{year}")
        self.county = county
        self.year = year
        order = list(TOWNSHIPS)
        self.firms = sorted(in_year(county.firms, year), key=lambda f: (order.index(f.township), f.number))
        self.figures = county.figures[year]

    @property
    def first(self) -> bool:
        """Whether it is the first of the two years: departments change their forms."""
        return self.year == FIRST

    def books(self) -> list[Book]:
        """All files of the year, in the order in which they are best loaded."""
        books = [
            self.enterprises(), self.land(), self.parcels(), self.tax(), self.electricity(), self.statistics(),
            self.emissions(), self.water(), self.labels(),
        ]  # fmt: skip
        if self.first:
            books.append(self.ratings())
        else:
            books += [self.changes(), self.accounts(), self.power_bills(), self.water_bills()]
            books += [self.land_grades(), self.projects(), self.sources(), self.problems()]
        for book in books:
            for sheet in book.sheets:
                sheet.count_up()
        return books

    # ------------------------------------------------------------------------------------------------ how it is written

    def who(self, firm: Firm) -> dict[str, Cell]:
        """Code and name."""
        return {"credit_code": firm.code_in(self.year), "name": self.name(firm)}

    def name(self, firm: Firm) -> str:
        """What the firm is called in this year; a firm that is gone, or not there yet, by the name it has."""
        return firm.name.get(self.year) or next(iter(firm.name.values()))

    def day(self, day: date | None, *, cells: bool = True) -> Cell:
        """A date in one of the forms that real files show; `cells` allows true date cells."""
        if day is None:
            return None
        forms: list[Callable[[], Cell]] = [
            lambda: f"{day.year}年{day.month}月{day.day}日",
            lambda: f"{day.year}.{day.month}.{day.day}",
            lambda: f"{day:%Y%m%d}",
            lambda: f"{day:%Y-%m-%d}",
            lambda: f"{day.year}/{day.month}/{day.day}",
            lambda: day,
        ]
        return self.rng.choices(forms if cells else forms[:5], (2, 2, 1, 3, 2, 6) if cells else (2, 2, 1, 3, 2))[0]()

    def nothing(self, value: Cell) -> Cell:
        """A blank as departments write it."""
        return self.rng.choices((None, "-", "/", "无"), (12, 3, 2, 1))[0] if value is None else value

    def vary(self, rows: Iterable[Row], names: Sequence[str], share: float = 0.012) -> None:
        """Some numbers as texts: thousands separators or full-width digits."""
        wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
        for row in rows:
            for name in names:
                value = row.cells.get(name)
                if isinstance(value, (int, Decimal)) and self.rng.random() < share:
                    row.cells[name] = f"{value:,}" if self.rng.random() < 0.6 else str(value).translate(wide)

    def path(self, number: int, office: str, what: str, ending: str) -> str:
        """Where a file lies: names differ between the years."""
        return f"{self.year}/{number:02d}_{office}_{self.year}年{what}.{ending}"

    def rows(self, firms: Iterable[Firm], cells: Callable[[Firm], dict[str, Cell] | None]) -> list[Row]:
        """A row for each firm that has something to report."""
        made = ((f, cells(f)) for f in firms)
        return [Row({**self.who(f), **given}, f) for f, given in made if given is not None]

    # ------------------------------------------------------------------------------------------------ 经信局

    def enterprises(self) -> Book:
        """企业名录: a sheet for 规上, one for 规下."""
        form = headers("enterprises", first=self.first)
        kinds = {"法人": ("法人", "企业法人"), "个体": ("个体", "个体工商户"), "自然人": ("自然人", "自然人作坊")}
        scales = {ABOVE: ("规上", "是"), BELOW: ("规下", "否")}

        def cells(firm: Firm) -> dict[str, Cell]:
            return {
                "year": self.year, "county": COUNTY_NAME, "township": firm.township, "park": firm.park,
                "industry": firm.industry_code, "scale": scales[firm.scale[self.year]][not self.first],
                "status": firm.status[self.year], "kind": kinds[firm.kind_in(self.year)][not self.first],
                "group_code": firm.group,
                "registered_on": self.day(firm.registered_on), "started_on": self.day(firm.started_on),
            }  # fmt: skip

        sheets = []
        for scale in (ABOVE, BELOW):
            listed = self.rows([f for f in self.firms if f.scale[self.year] == scale], cells)
            title = f"{COUNTY_NAME}{self.year}年度工业企业名录（{scale}）"
            notes = ("制表单位：示例市经信局", f"制表日期：{self.year + 1}年3月10日")
            sheets.append(Sheet(f"{scale}工业企业", "enterprises", self.year, title, notes, form, listed))
        return Book(self.path(1, "经信局", "企业名录", "xlsx"), sheets)

    def labels(self) -> Book:
        """企业标签: honours and what weighs against a firm, those first known in the year."""
        sheets = []
        for name, title, honour in (("荣誉", "企业荣誉资质", True), ("负面清单", "企业负面清单", False)):
            form = headers("honours" if honour else "violations", first=self.first)
            seen = [x for x in self.county.labels if x.seen == self.year and x.honour == honour]
            listed = [
                Row(
                    {**self.who(x.firm), "label": x.label, "since": self.day(x.since), "document": x.document,
                     "until": self.day(x.until) or "长期"},
                    x.firm,
                )
                for x in seen
            ]  # fmt: skip
            notes = ("制表单位：示例市经信局", "汇总各部门报送")
            sheets.append(Sheet(name, "labels", 0, f"{COUNTY_NAME}{self.year}年{title}", notes, form, listed))
        return Book(self.path(9, "经信局", "企业标签", "xlsx"), sheets)

    def ratings(self) -> Book:
        """历年评价: the tiers of the years before."""
        grades = {"A": "A类", "B": "B类", "C": "C类", "D": "D类"}
        rows = [
            Row(
                {**self.who(x.firm), "credit_code": x.firm.code_in(x.year), "year": x.year, "tier": grades[x.tier],
                 "score": x.score, "cohort": x.cohort},
                x.firm,
            )
            for x in self.county.ratings
        ]  # fmt: skip
        title, notes = f"{COUNTY_NAME}历年亩均效益综合评价结果（2019—2020年度）", ("制表单位：示例市经信局",)
        sheet = Sheet("历年评价", "ratings", 0, title, notes, headers("ratings", first=self.first), rows)
        return Book(f"{self.year}/10_经信局_2019至2020年历年评价.xlsx", [sheet])

    # ------------------------------------------------------------------------------------------------ 自然资源局

    def land(self) -> Book:
        """用地: in ㎡ in the first year, in 亩 in the second."""
        form = headers("land", first=self.first)
        rows = [Row(self._land_cells(fact), fact.firm) for firm in self.firms for fact in self._facts(firm)]
        self.vary(rows, ("area_mu",))
        title = f"{COUNTY_NAME}{self.year}年度工业企业用地情况表"
        notes = ("填报单位：示例市自然资源局", f"单位：{'平方米' if self.first else '亩'}")
        sheet = Sheet("用地", "land", self.year, title, notes, form, rows, ("area_mu", "floor_area_m2"), gap=0)
        return Book(self.path(2, "自然资源局", "企业用地情况", "xlsx"), [sheet])

    def _facts(self, firm: Firm) -> list[LandFact]:
        return self.county.land.rows(firm, self.year)

    def _land_cells(self, fact: LandFact) -> dict[str, Cell]:
        second = {OWN: "自用", RENTED_IN: "承租", RENTED_OUT: "出租"}
        return {
            **self.who(fact.firm),
            "parcel": fact.parcel.code if fact.parcel else None,
            "tenure": fact.tenure if self.first else second[fact.tenure],
            "area_mu": fact.m2 if self.first else exact(Decimal(fact.m2) * 3 / 2000, 4).normalize() + 0,
            "floor_area_m2": fact.floor_m2,
            "counterparty": self._party(fact.other),
        }

    def _party(self, other: Firm | str | None) -> Cell:
        """The other side of a lease: by code or by name."""
        if isinstance(other, Firm):
            return self.who(other)["credit_code" if self.rng.random() < 0.5 else "name"]
        return other

    def parcels(self) -> Book:
        """地块: all parcels there are, with their title holders."""
        form = headers("parcels", first=self.first)
        known = sorted((p for p in self.county.land.parcels if p.since <= self.year), key=lambda p: p.code)
        rows = [Row(self._parcel_cells(p), p.holder if isinstance(p.holder, Firm) else None) for p in known]
        title, notes = f"{COUNTY_NAME}工业地块清单（{self.year}年）", ("填报单位：示例市自然资源局",)
        sheet = Sheet("地块", "parcels", 0, title, notes, form, rows, ("area_mu",), gap=1)
        return Book(self.path(3, "自然资源局", "工业地块清单", "xlsx"), [sheet])

    def _parcel_cells(self, parcel: Parcel) -> dict[str, Cell]:
        holder = parcel.holder
        return {
            "parcel": parcel.code,
            "holder": self.who(holder)["name"] if isinstance(holder, Firm) else holder,
            "area_mu": parcel.m2 if self.first else exact(Decimal(parcel.m2) * 3 / 2000, 4).normalize() + 0,
            "floor_area_m2": parcel.floor_m2,
            "land_grade": f"{GRADES[parcel.grade - 1]}级",
            "planned_use": "工业用地" if isinstance(holder, Firm) else "集体建设用地",
            **({} if self.first else title_cells(self.county.titles[parcel.code])),
        }

    # ------------------------------------------------------------------------------------------------ 税务局

    def tax(self) -> Book:
        """税收: 元, GB18030; with thousands separators in the second year."""
        form = headers("tax", first=self.first)

        def yuan(amount: Decimal | None) -> Cell:
            return None if amount is None else exact(amount * 10_000, 2)

        def cells(firm: Firm) -> dict[str, Cell]:
            given = self.figures[firm.number]
            return {
                "year": self.year, "township": firm.township, "tax_paid": yuan(given.tax_paid),
                "tax_refund": yuan(given.tax_refund),
                "tax_credit": yuan(given.tax_credit), "land_use_tax": yuan(self._land_use_tax(firm)),
            }  # fmt: skip

        rows = self.rows(self.firms, cells)
        names = ("tax_paid", "tax_refund", "tax_credit", "land_use_tax")
        title, notes = f"{COUNTY_NAME}{self.year}年度工业企业税收情况", ("制表单位：示例市税务局", "单位：元")
        sheet = Sheet("", "tax", self.year, title, notes, form, rows, names)
        return Book(self.path(4, "税务局", "工业企业税收", "csv"), [sheet], "gb18030")

    def _land_use_tax(self, firm: Firm) -> Decimal | None:
        """The land-use tax of what the firm holds, 元/㎡ by grade, in 万元."""
        owned = [f for f in self._facts(firm) if f.tenure == OWN and f.parcel]
        due = sum(f.m2 * land_tax_rate(firm.township, f.parcel.grade) for f in owned if f.parcel)
        return exact(Decimal(due) / 10_000, 4) if owned else None

    # ------------------------------------------------------------------------------------------------ utilities

    def electricity(self) -> Book:
        """用电: 万千瓦时 in UTF-8 with BOM, then kWh in GB18030."""
        form = headers("electricity", first=self.first)

        def cells(firm: Firm) -> dict[str, Cell]:
            kwh = self.figures[firm.number].electricity_kwh
            return {"township": firm.township, "electricity_kwh": exact(kwh / 10_000, 4) if self.first else kwh}

        rows = self.rows(self.firms, cells)
        title, notes = f"{self.year}年度工业企业用电量", ("制表单位：示例供电公司",)
        sheet = Sheet("", "energy", self.year, title, notes, form, rows, ("electricity_kwh",))
        return Book(self.path(5, "供电公司", "工业企业用电", "csv"), [sheet], "utf-8-sig" if self.first else "gb18030")

    def water(self) -> Book:
        """用水: 立方米, then 万立方米; who has no water account is not in it."""
        unit = "立方米" if self.first else "万立方米"
        form = headers("water", first=self.first)

        def amount(value: Decimal | None) -> Cell:
            return value if value is None or self.first else exact(value / 10_000, 4)

        def cells(firm: Firm) -> dict[str, Cell] | None:
            given = self.figures[firm.number]
            if not firm.ever_above and firm.number % 10 >= 6:
                return None
            return {
                "year": self.year,
                "township": firm.township,
                "water_m3": amount(given.water_m3),
                "water_over_quota_m3": amount(given.water_over_quota_m3),
            }

        rows = self.rows(self.firms, cells)
        title, notes = f"{COUNTY_NAME}{self.year}年度工业用水量统计", ("制表单位：示例水务公司", f"单位：{unit}")
        sheet = Sheet("", "water", self.year, title, notes, form, rows, ("water_m3",))
        return Book(self.path(8, "水务公司", "工业用水", "csv"), [sheet], "gb18030")

    def accounts(self) -> Book:
        """户号: which meters are whose."""
        form = headers("accounts", first=self.first)
        said = {POWER: "用电", WATER: "自来水"}
        sheets = []
        for utility, name, office in ((POWER, "用电户号", "示例供电公司"), (WATER, "水表户号", "示例水务公司")):
            listed = [
                Row({**self.who(a.firm), "utility": said[utility], "account": a.account}, a.firm)
                for a in self.county.accounts
                if a.utility == utility
            ]
            sheets.append(
                Sheet(name, "accounts", 0, f"{COUNTY_NAME}工业企业{name}清单", (f"制表单位：{office}",), form, listed)
            )
        return Book(self.path(11, "供电公司水务公司", "户号清单", "xlsx"), sheets)

    def power_bills(self) -> Book:
        """分月用电: by month, for those whom surcharges may reach."""
        return self._bills(POWER, 12, "供电公司", "12月至2023年6月分月用电", headers("power_bills", first=self.first))

    def water_bills(self) -> Book:
        """分期用水: every two months, from mid-month to mid-month."""
        return self._bills(WATER, 13, "水务公司", "11月至2023年7月分期用水", headers("water_bills", first=self.first))

    def _bills(self, utility: str, number: int, office: str, what: str, form: dict[str, str]) -> Book:
        said = {POWER: "电", WATER: "水"}[utility]
        rows = [
            Row(
                {**self.who(u.firm), "utility": said, "from": self.day(u.since, cells=False),
                 "until": self.day(u.until, cells=False), "quantity": u.quantity},
                u.firm,
            )
            for u in self.county.usage
            if u.utility == utility
        ]  # fmt: skip
        sheet = Sheet("", "usage", 0, f"示例{office}{self.year}年{what}", (), form, rows, ("quantity",))
        return Book(self.path(number, office, what, "csv"), [sheet], "gb18030")

    # ------------------------------------------------------------------------------------------------ other offices

    def changes(self) -> Book:
        """企业变更: who has another code than before, and who was taken over."""
        form = headers("changes", first=self.first)
        said = {"换码": "更名换码", "合并": "吸收合并"}
        rows = [
            Row(
                {"credit_code": c.old_code, "name": c.old_name, "since": self.day(c.since), "change": said[c.kind],
                 "successor": c.new_code, "successor_name": c.new_name, "document": c.document}
            )
            for c in self.county.changes
        ]  # fmt: skip
        title, notes = f"{COUNTY_NAME}企业更名合并情况（截至{self.year}年底）", ("填报单位：示例市市场监管局",)
        sheet = Sheet("更名合并", "aliases", 0, title, notes, form, rows)
        return Book(self.path(10, "市场监管局", "企业更名合并", "xlsx"), [sheet])

    def land_grades(self) -> Book:
        """土地使用税税额标准 by township and grade."""
        rows = [
            Row({"township": g.township, "land_grade": g.grade, "tax_rate": g.rate, "document": g.document})
            for g in land_grades()
        ]
        title, notes = f"{COUNTY_NAME}城镇土地使用税年税额标准", ("填报单位：示例市税务局", "单位：元/平方米")
        sheet = Sheet("税额标准", "land_grades", 0, title, notes, headers("land_grades", first=self.first), rows)
        return Book(self.path(14, "税务局", "土地使用税税额标准", "xlsx"), [sheet])

    def projects(self) -> Book:
        """用能项目: who wants freed energy, and for what."""
        rows = [
            Row(
                {**self.who(p.firm), "project": p.code, "project_name": p.name, "project_kind": p.kind,
                 "need_tce": p.tce, "added_value": p.value, "need_capacity_t": p.capacity, "need_coal_t": p.coal,
                 "need_pollutants_t": p.pollutants, "need_carbon_t": p.carbon, "document": p.document},
                p.firm,
            )
            for p in self.county.projects
        ]  # fmt: skip
        title, notes = f"{COUNTY_NAME}{self.year}年拟新上用能项目清单", ("填报单位：示例市发改局",)
        sheet = Sheet("用能项目", "projects", 0, title, notes, headers("projects", first=self.first), rows)
        return Book(self.path(15, "发改局", "用能项目清单", "xlsx"), [sheet])

    def sources(self) -> Book:
        """腾退来源: what closed firms freed."""
        rows = [
            Row(
                {"source": s.code, "credit_code": s.firm.code if s.firm else None, "name": s.name,
                 "freed_capacity_t": s.capacity, "freed_tce": s.tce, "freed_coal_t": s.coal,
                 "freed_pollutants_t": s.pollutants, "freed_carbon_t": s.carbon, "accepted_on": self.day(s.accepted),
                 "document": s.document},
                s.firm,
            )
            for s in self.county.sources
        ]  # fmt: skip
        title, notes = f"{COUNTY_NAME}{self.year}年腾退企业替代来源清单", ("填报单位：示例市发改局",)
        form = headers("sources", first=self.first)
        return Book(
            self.path(16, "发改局", "腾退来源清单", "xlsx"), [Sheet("腾退来源", "sources", 0, title, notes, form, rows)]
        )

    def problems(self) -> Book:
        """问题隐患清单: what townships found in the spring after, put together by the bureau."""
        rows = [Row(trouble_cells(t, self.name(t.firm) if t.firm else None), t.firm) for t in self.county.troubles]
        title, notes = f"{COUNTY_NAME}{self.year}年问题隐患治理清单", ("汇总单位：示例市经信局", "各镇街报送")
        sheet = Sheet("问题隐患", "problems", 0, title, notes, headers("problems", first=self.first), rows)
        return Book(self.path(17, "经信局", "问题隐患治理清单", "xlsx"), [sheet])

    # ------------------------------------------------------------------------------------------------ statistics

    def statistics(self) -> Book:
        """产出与能耗: two sheets; all 规上 firms and a sample of the others."""
        sheets = [self._sample("产出", "output", "主要经济指标"), self._sample("能耗", "energy", "能源消费")]
        self.vary(sheets[0].rows, ("revenue", "gross_output"))
        return Book(self.path(6, "统计局", "产出与能耗", "xlsx"), sheets)

    def _sample(self, name: str, table: str, what: str) -> Sheet:
        form = headers(table, first=self.first)
        share = OUTPUT_SAMPLE if table == "output" else ENERGY_SAMPLE

        def cells(firm: Firm) -> dict[str, Cell] | None:
            if firm.scale[self.year] == BELOW and (firm.number % share or firm.kind == "自然人"):
                return None
            given = self.figures[firm.number]
            made: dict[str, Cell] = {"year": self.year}
            for field in form:
                if field in (SERIAL, "credit_code", "name", "year"):
                    continue
                value = getattr(given, field)
                if field == "gas_m3" and value is not None and self.first:
                    value = exact(value / 10_000, 4)
                made[field] = self.nothing(value)
            return made

        rows = self.rows(self.firms, cells)
        title = f"{COUNTY_NAME}{self.year}年度工业企业{what}"
        sums = tuple(f for f in form if f not in (SERIAL, "credit_code", "name", "year", "profit"))
        return Sheet(name, table, self.year, title, ("制表单位：示例市统计局",), form, rows, sums, gap=1)

    def emissions(self) -> Book:
        """排放: tonnes, then water pollutants in kg."""
        form = headers("emissions", first=self.first)

        def cells(firm: Firm) -> dict[str, Cell] | None:
            emitted = self.figures[firm.number].emissions
            if emitted is None:
                return None
            kg = () if self.first else ("cod_t", "nh3n_t")
            return {
                name: self.nothing(exact(value * 1000, 1) if value is not None and name in kg else value)
                for name, value in emitted.items()
            }

        rows = self.rows(self.firms, cells)
        title, notes = f"{COUNTY_NAME}{self.year}年重点排污单位主要污染物排放量", ("制表单位：示例市生态环境局",)
        sheet = Sheet("污染物排放", "emissions", self.year, title, notes, form, rows, ("cod_t", "nh3n_t"))
        return Book(self.path(7, "生态环境局", "污染物排放", "xlsx"), [sheet])


def report(seed: int, county: County) -> list[Book]:
    """All clean files of both years."""
    return [book for year in (FIRST, SECOND) for book in Office(seed, county, year).books()]
