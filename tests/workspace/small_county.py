"""A county of eight firms on five parcels in two townships, loaded and rated, for the tests of the loop."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from mujun.workspace import County

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def code(number: int) -> str:
    """A valid credit code (GB 32100-2015) for a firm's number."""
    body = f"91330683MA{number:07d}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


F = {n: code(n) for n in range(1, 9)}
"""The firms' codes by number."""
P = {n: f"330683001001GB{n:05d}" for n in range(1, 6)}
"""The parcels' numbers."""

# number, township, land, tax, energy 2022 / 2021, parcel
FIRMS = (
    (1, "三江街道", 10, 10, 300, 360, 1),
    (2, "三江街道", 4, 4, 100, None, 2),
    (3, "三江街道", 5, 5, 200, 200, 2),
    (4, "三江街道", 6, 6, 60, 60, 2),
    (5, "甘霖镇", 20, 10, 500, 400, 3),
    (6, "甘霖镇", 8, 8, None, None, 4),
    (7, "甘霖镇", 10, 300, 100, 100, 5),
    (8, "甘霖镇", 10, 400, 100, 100, None),
)
AREAS = {1: 10, 2: 15, 3: 20, 4: 8, 5: 10}

RATING = """mujun: 1
kind: rating
name: 小县评价
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕1号}]
cohorts:
  - {id: all, label: 全部, when: "true"}
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
scoring:
  all:
    tax_per_mu: {weight: 100, benchmark: 10}
tiers:
  classes: [{id: A}, {id: B}, {id: D}]
  cut: {default: {shares: {A: 20, B: 60, D: 100}}}
"""

RECTIFICATION = """mujun: 1
kind: rectification
name: 小县整治
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕2号}]
listing:
  - {id: low, when: "tax_per_mu < 6", reason: 亩均税收低于6万元}
exempt:
  - {id: project, when: "array_contains(labels, '重大在建项目')", reason: 重大项目在建}
paths:
  - {id: close, when: "tax_per_mu < 1", path: 关停退出, months: 6}
  - {id: upgrade, when: "true", path: 整治提升, months: 12}
effects:
  land_mu: "if(path = '关停退出', land_mu, 0)"
exit:
  when: "tax_per_mu >= 6"
  margin: "tax_per_mu >= 7"
  evidence: [镇街核查表, {kind: 设备拆除凭证, paths: 关停退出}]
watch: {months: 12}
"""


def rules_at(folder: Path, **others: str) -> Path:
    """The county's rule set."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"rating": RATING, "rectification": RECTIFICATION, **others}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def files_at(folder: Path, year: int, *, taxes: dict[int, int] | None = None) -> list[Path]:
    """The departments' files of a year."""
    folder.mkdir(parents=True, exist_ok=True)
    taxed = {n: tax for n, _, _, tax, _, _, _ in FIRMS} | (taxes or {})
    rows = {
        "企业名录": ["年度,统一社会信用代码,企业名称,镇街,行业代码,规模,园区"]
        + [f"{year},{F[n]},示例{n}厂,{t},3812,规上,{'工业园区' if n < 4 else ''}" for n, t, *_ in FIRMS],
        "用地": ["年度,统一社会信用代码,企业名称,地块编号,权属,用地面积(亩)"]
        + [f"{year},{F[n]},示例{n}厂,{P[p] if p else ''},自有,{mu}" for n, _, mu, _, _, _, p in FIRMS],
        "税收": ["年度,统一社会信用代码,企业名称,实缴税金(万元)"] + [f"{year},{F[n]},示例{n}厂,{taxed[n]}" for n in F],
        "能源": ["年度,统一社会信用代码,企业名称,综合能耗(吨标煤)"]
        + [f"{year},{F[n]},示例{n}厂,{e}" for n, _, _, _, e, _, _ in FIRMS if e is not None],
    }
    if year == 2022:
        rows["上年能源"] = ["年度,统一社会信用代码,企业名称,综合能耗(吨标煤)"] + [
            f"2021,{F[n]},示例{n}厂,{e}" for n, _, _, _, _, e, _ in FIRMS if e is not None
        ]
        rows["地块"] = ["地块编号,权利人,用地面积(亩)"] + [f"{P[p]},示例持有人{p},{mu}" for p, mu in AREAS.items()]
    written = []
    for name, lines in rows.items():
        file = folder / f"{name}_{year}.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        written.append(file)
    return written


def county(folder: Path) -> County:
    """The county, with the data of 2022 loaded and rated as run 1: a copy of its own, files, rules and store."""
    shutil.copytree(_made(), folder, dirs_exist_ok=True)
    return County(folder / "small.duckdb")


@functools.cache
def _made() -> Path:
    """The folder that is copied, made once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="mujun-small-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    own = County(folder / "small.duckdb")
    outcome = own.data.load(files_at(folder / "2022", 2022))
    assert not outcome.refused
    assert not outcome.findings, outcome.findings
    own.runs.rate(rules_at(folder / "rules"), 2022, final=True)
    return folder
