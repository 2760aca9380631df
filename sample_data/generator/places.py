"""What the county is made of: townships, parks, industries. Shares follow the seed county's published structure."""

from __future__ import annotations

from dataclasses import dataclass

COUNTY_NAME = "嵊州市"
YEARS = (2021, 2022)

TOWNSHIPS: dict[str, int] = {
    "剡湖街道": 8,
    "三江街道": 16,
    "鹿山街道": 8,
    "浦口街道": 14,
    "甘霖镇": 12,
    "长乐镇": 9,
    "崇仁镇": 8,
    "黄泽镇": 9,
    "三界镇": 7,
    "石璜镇": 3,
    "谷来镇": 2,
    "仙岩镇": 2,
    "金庭镇": 3,
    "下王镇": 1,
    "贵门乡": 1,
}
"""Townships and how many firms in a hundred they have."""

PARK_OF: dict[str, str] = {
    "剡湖街道": "嵊州经济开发区",
    "三江街道": "嵊州经济开发区",
    "浦口街道": "嵊州经济开发区",
    "鹿山街道": "高铁新城",
    "甘霖镇": "工业园区",
    "长乐镇": "工业园区",
    "崇仁镇": "工业园区",
    "黄泽镇": "工业园区",
    "三界镇": "工业园区",
}
SMALL_FIRM_PARK = "小微企业园"


@dataclass(frozen=True)
class Industry:
    """An industry and the middle of what its firms do.

    Attributes:
        codes: GB/T 4754—2017, four digits.
        trades: words for names.
        share: firms in a thousand.
        value_per_tce: 增加值 per tce, 万元.
        rd: R&D per revenue, per cent.
        value_per_tonne: 增加值 per tonne of pollutants, 万元.
        water: m³ per 万元 of 增加值.
        fuels: what it burns besides power: gas, heat, coal.
    """

    codes: tuple[str, ...]
    trades: tuple[str, ...]
    share: int
    value_per_tce: float
    rd: float
    value_per_tonne: float
    water: float
    fuels: tuple[str, ...] = ("gas",)


INDUSTRIES: tuple[Industry, ...] = (
    Industry(("1830",), ("领带", "服饰"), 150, 4.2, 2.2, 6000, 3),
    Industry(("1819", "1829"), ("服装", "针织"), 75, 4.5, 1.8, 6500, 3),
    Industry(("1751", "1742", "1779"), ("纺织", "丝绸", "家纺"), 95, 1.6, 2.3, 2200, 6),
    Industry(("1713", "1752"), ("印染",), 14, 0.62, 2.4, 420, 38, ("heat", "gas", "coal")),
    Industry(("3861", "3854", "3853"), ("厨电", "厨具", "集成灶"), 120, 4.6, 3.6, 5200, 3),
    Industry(("3812", "3813"), ("电机", "微电机"), 85, 3.4, 3.4, 4800, 3),
    Industry(("3831", "3823"), ("电缆", "电气"), 35, 3.0, 3.1, 4500, 3),
    Industry(("3462", "3464"), ("制冷", "风机"), 60, 3.2, 3.5, 4300, 3),
    Industry(("3451", "3453", "3484"), ("轴承", "传动", "机械"), 90, 2.6, 3.2, 4000, 3),
    Industry(("3525", "3551"), ("模具", "纺机"), 45, 3.6, 3.5, 4600, 3),
    Industry(("2710", "2720"), ("医药", "制药"), 14, 1.9, 5.6, 900, 14, ("heat", "gas")),
    Industry(("2730", "2761", "2770"), ("中药", "生物", "医用材料"), 16, 3.0, 5.0, 2400, 9),
    Industry(("1530",), ("茶业",), 20, 3.8, 1.6, 3500, 4),
    Industry(("1392", "1411"), ("食品",), 22, 2.2, 1.5, 1500, 9),
    Industry(("2110", "2032"), ("家具", "木业"), 26, 3.3, 1.9, 3600, 2),
    Industry(("2231", "2319"), ("包装", "印刷"), 32, 2.2, 2.1, 2600, 4),
    Industry(("2641", "2651"), ("涂料", "树脂"), 14, 0.95, 3.3, 750, 8, ("heat", "coal")),
    Industry(("2921", "2929"), ("塑胶", "塑业"), 50, 1.9, 2.6, 3200, 3),
    Industry(("3021", "3031"), ("建材", "水泥制品"), 20, 0.9, 1.4, 900, 6, ("coal", "gas")),
    Industry(("3391", "3360"), ("铸造", "表面处理"), 24, 0.85, 2.5, 800, 9),
    Industry(("3311", "3351"), ("五金", "钢构"), 60, 2.5, 2.4, 3800, 3),
    Industry(("3670",), ("汽配",), 26, 2.4, 3.2, 3900, 3),
    Industry(("3982", "3990"), ("电子",), 18, 3.9, 4.3, 3000, 5),
    Industry(("4190",), ("工艺品",), 12, 4.0, 1.7, 5600, 2),
    Industry(("1019",), ("矿业",), 3, 1.1, 0.8, 1500, 5, ("coal",)),
)
"""Manufacturing and a little quarrying."""

UTILITIES: tuple[Industry, ...] = (
    Industry(("4430",), ("热力",), 0, 0.45, 1.2, 300, 30, ("coal",)),
    Industry(("4511",), ("燃气",), 0, 6.0, 0.6, 20000, 1),
    Industry(("4610",), ("水务",), 0, 3.0, 0.4, 9000, 2),
)
"""One 规上 firm each: most rule sets collect them and do not rate them."""
