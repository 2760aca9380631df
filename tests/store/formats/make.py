"""Makes the fixture stores of a format, with the program of that format and by the commands that a clerk types.

    git worktree add ../then base-0.2.0        # the version whose format is to be kept
    cd ../then && PYTHONPATH=$PWD python THIS_FILE FOLDER v4_round v4_sample v4_blank

`v4_round` is a county of eight firms with a year's whole round in it; `v4_sample` a part of the sample county, rated by
shipped rule sets; `v4_blank` two runs with a file between them whose blank cell takes a figure away. They were made by
mujun 0.2.0 (format 4), are kept gzipped, and are never made again: a new format gets new ones beside them.

Format 5 stood between 0.2.0 and 0.3 and kept the bytes of runs in two ways: beside their names (`v5_beside`), and later
in a table for each run (`v5_apart`). Both hold what `v4_blank` does.
"""

from __future__ import annotations

import csv
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import openpyxl

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

RULES = {
    "rating": """mujun: 1
kind: rating
name: 小县评价
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕1号}]
cohorts:
  - {id: all, label: 全部, when: "true"}
indicators:
  tax_per_mu: {label: 亩均税收, unit: 万元/亩, of: tax_paid, per: land_mu}
  tax_per_tce: {label: 单耗税收, unit: 万元/吨标煤, of: tax_paid, per: energy_tce}
scoring:
  all:
    tax_per_mu: {weight: 60, benchmark: 10}
    tax_per_tce: {weight: 40, benchmark: 0.1}
tiers:
  classes: [{id: A}, {id: B}, {id: D}]
  cut: {default: {shares: {A: 20, B: 60, D: 100}}}
""",
    "rectification": """mujun: 1
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
  land_mu: "if(tax_per_mu < 1, land_mu, 0)"
exit:
  when: "tax_per_mu >= 6"
  evidence: [镇街核查表, {kind: 设备拆除凭证, paths: 关停退出}]
watch: {months: 12}
""",
    "allocation": """mujun: 1
kind: allocation
name: 小县电价
years: [2021, 2022, 2023]
status: example
sources: [{document: 小县〔2022〕3号}]
measures:
  - id: electricity
    label: 差别化电价
    kind: surcharge
    of: electricity_kwh
    per: 元/kWh
    rate:
      - {id: d, when: "tier = 'D'", value: 0.30}
    period: {from: 2022-12-01, until: 2023-06-30}
""",
}


def code(number: int) -> str:
    """A valid credit code (GB 32100-2015) for a firm's number."""
    body = f"91330683MA{number:07d}"
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


class Clerk:
    """Types commands in a folder of his own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "mujun.duckdb"

    def types(self, *words: object) -> str:
        """A command that has to succeed, and what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "mujun", "--db", str(self.db), *map(str, words)],
            capture_output=True, text=True, encoding="utf-8", check=False,
            env={**os.environ, "MUJUN_LANG": "zh", "PYTHONUTF8": "1", "LOGNAME": "经信局"},
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{words}\n{done.stdout}{done.stderr}")
        return done.stdout

    def writes(self, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
        """A department's CSV file."""
        file = self.folder / name
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([header, *rows])
        return file

    def keeps(self, target: Path) -> None:
        """The store, gzipped, without a trace of when."""
        with self.db.open("rb") as plain, target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
            shutil.copyfileobj(plain, packed)


KEY = ("年度", "统一社会信用代码", "企业名称")


def rules_at(folder: Path) -> Path:
    """The small county's rule set."""
    folder.mkdir()
    for name, text in RULES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def small_files(clerk: Clerk) -> list[Path]:
    """The departments' files: eight firms, two townships, five parcels."""
    f = {n: code(n) for n in range(1, 9)}
    town = {n: "三江街道" if n < 5 else "甘霖镇" for n in f}
    land = {1: 10, 2: 4, 3: 5, 4: 6, 5: 20, 6: 8, 7: 10, 8: 10}
    parcel = {1: 1, 2: 2, 3: 2, 4: 2, 5: 3, 6: 4, 7: 5}
    tax = {1: 10, 2: 4, 3: 5, 4: 6, 5: 10, 6: 8, 7: 300, 8: 400}
    energy = {1: 300, 2: 100, 3: 200, 4: 60, 5: 500, 6: 80, 7: 100, 8: 100}
    numbers = {n: f"330683001001GB{n:05d}" for n in range(1, 6)}

    def firm(n: int) -> tuple[object, ...]:
        return (2022, f[n], f"示例{n}厂")

    return [
        clerk.writes("名录.csv", (*KEY, "镇街", "行业代码", "规模"), [(*firm(n), town[n], 3812, "规上") for n in f]),
        clerk.writes(
            "用地.csv", (*KEY, "地块编号", "权属", "用地面积(亩)"),
            [(*firm(n), numbers.get(parcel.get(n, 0), ""), "自有", land[n]) for n in f],
        ),
        clerk.writes("税收.csv", (*KEY, "实缴税金(万元)"), [(*firm(n), tax[n]) for n in f]),
        clerk.writes(
            "能源.csv",
            (*KEY, "综合能耗(吨标煤)", "用电量(千瓦时)"),
            [(*firm(n), energy[n], energy[n] * 1000) for n in f],
        ),
        clerk.writes(
            "地块.csv", ("地块编号", "权利人", "用地面积(亩)"),
            [(numbers[n], f"示例持有人{n}", mu) for n, mu in {1: 10, 2: 15, 3: 20, 4: 8, 5: 10}.items()],
        ),
        # A row without a code waits for an identity decision, one with a broken code is kept out for good.
        clerk.writes(
            "排放.csv", (*KEY, "化学需氧量(吨)"), [(2022, "", "示例1厂", 1), (2022, "9133068300000000XX", "无此厂", 2)]
        ),
    ]  # fmt: skip


def filled(file: Path, answers: Mapping[str, object], row: int = 0) -> None:
    """A handed-out workbook with answers in the columns whose header begins as named, in one row below the header."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    for at, cells in enumerate(sheet.iter_rows(), start=1):
        heads = {str(c.value).strip(): c.column for c in cells if c.value is not None}
        columns = {name: next((n for h, n in heads.items() if h.startswith(name)), None) for name in answers}
        if all(columns.values()):
            for name, value in answers.items():
                sheet.cell(at + 1 + row, columns[name], value)
            book.save(file)
            return
    raise SystemExit(f"{file}: no header with {list(answers)}")


def round_of_a_year(clerk: Clerk) -> None:
    """Load, survey, confirm, decide, correct, rate, issue, record, amend."""
    rules = rules_at(clerk.folder / "小县")
    clerk.types("load", *small_files(clerk))
    clerk.types("identity", "accept", "--name", "示例1厂", "--code", code(1), "--document", "认定1号")
    clerk.types("identity", "alias", code(9), code(8), "--since", "2022-03-01", "--document", "变更1号")
    clerk.types("rate", "--rules", rules, "--year", 2022, "--label", "初评")
    survey = clerk.folder / "甘霖镇核查表.xlsx"
    clerk.types("screen", "--rules", rules, "--year", 2022, "--township", "甘霖镇", "-o", survey)
    filled(survey, VISIT)
    clerk.types("verify", survey)
    sheets = clerk.folder / "三江街道确认单.xlsx"
    clerk.types("confirm", "--township", "三江街道", "--year", 2022, "--rules", rules, "-o", sheets)
    clerk.types(
        "correct", code(2), "tax_paid=4.5", "--year", 2022, "--reason", "企业异议", "--document", "更正1号"
    )  # fmt: skip
    usage = clerk.writes(
        "用电.csv",
        ("统一社会信用代码", "企业名称", "类别", "起始日", "截止日", "用量"),
        [(code(n), f"示例{n}厂", "电", "2022-12-01", "2023-06-30", n * 1000.5) for n in range(1, 9)],
    )
    clerk.types("load", "--table", "usage", usage)
    accounts = [(code(n), f"示例{n}厂", "电", f"H{n}") for n in range(1, 9)]
    clerk.types("load", clerk.writes("户号.csv", ("统一社会信用代码", "企业名称", "类别", "户号"), accounts))
    clerk.types("rate", "--rules", rules, "--year", 2022, "--final", "--label", "定评")
    clerk.types("allocate")
    clerk.types(
        "rectify", "issue", "--title", "2022年整治清单", "--document", "小县〔2023〕1号", "--on", "2023-03-01"
    )  # fmt: skip
    for firm, action, day in ((5, "plan", "2023-03-10"), (5, "start", "2023-04-01"), (1, "plan", "2023-04-02")):
        clerk.types(
            "rectify", "event", code(firm), action, "--on", day, "--actor", "甘霖镇", "--evidence", "镇街核查表"
        )
    clerk.types("rectify", "revoke", clerk_number_of_last_event(clerk), "--reason", "记错企业")
    of_document = ("--reason", "核实", "--document", "小县〔2023〕2号", "--on", "2023-05-01")
    clerk.types("rectify", "amend", "--remove", code(6), *of_document)
    clerk.types("rectify", "status")


def clerk_number_of_last_event(clerk: Clerk) -> int:
    """The number that the revoking event names."""
    with duckdb.connect(str(clerk.db), read_only=True) as connection:
        rows = connection.execute("SELECT max(number) FROM event").fetchall()
    return int(rows[0][0])


VISIT = {
    "实测用地（亩）": 7.5, "生产状态": "正常生产", "核查人": "张三", "核查日期": "2023-02-18", "核查说明": "彩钢棚",
    **dict.fromkeys(
        ("违法用地", "安全隐患", "无照经营", "产品质量", "违法建设", "环境污染", "偷税漏税", "消防隐患"), "否"
    ),
}  # fmt: skip
"""What the township wrote into the survey for its first firm."""

SAMPLE_TABLES = (
    "enterprises", "land", "tax", "energy", "output", "emissions", "water", "labels", "ratings", "accounts", "usage",
    "parcels", "land_grades", "land_tax_rates", "aliases", "projects", "sources", "substitutions",
)  # fmt: skip


def part_of_the_sample(clerk: Clerk) -> None:
    """Every twentieth firm of the sample county, rated by three shipped rule sets."""
    whole = Clerk(clerk.folder / "whole")
    whole.folder.mkdir()
    whole.types("demo", whole.folder)
    with duckdb.connect(str(whole.db), read_only=True) as connection:
        names = {
            n
            for (n,) in connection.execute(
                "SELECT view_name FROM duckdb_views() WHERE schema_name = 'current'"
            ).fetchall()
        }
        codes = (
            "SELECT credit_code FROM current.enterprises WHERE year = 2022 "
            "QUALIFY row_number() OVER (ORDER BY credit_code) % 20 = 1"
        )
        for name in (n for n in SAMPLE_TABLES if n in names):
            described = connection.execute(f"DESCRIBE current.{name}").fetchall()
            columns = [row[0] for row in described if not row[0].startswith("_")]
            picked = ", ".join(f'"{c}"' for c in columns)
            where = f"WHERE credit_code IN ({codes})" if "credit_code" in columns else ""
            if name == "parcels":
                where = f"WHERE parcel IN (SELECT parcel FROM current.land WHERE credit_code IN ({codes}))"
            rows = connection.execute(f"SELECT {picked} FROM current.{name} {where} ORDER BY ALL").fetchall()
            if rows:
                file = clerk.writes(f"{name}.csv", columns, rows)
                clerk.types("load", "--table", name, file)
    clerk.types("rate", "--rules", "zhejiang/shengzhou-2022", "--year", 2022, "--final")
    clerk.types("rate", "--rules", "zhejiang/huangyan-2022", "--year", 2022, "--label", "试算")
    clerk.types("allocate", "--run", 1)


def blank_between(clerk: Clerk) -> None:
    """A run, a file whose cell for a firm's tax is blank, and a run: what a blank means changed after format 4."""
    rules = rules_at(clerk.folder / "小县")
    clerk.types("load", *small_files(clerk))
    clerk.types("rate", "--rules", rules, "--year", 2022, "--label", "前")
    later = [(2022, code(n), f"示例{n}厂", "" if n == 3 else n) for n in (3, 4)]
    clerk.types("load", clerk.writes("补报.csv", (*KEY, "实缴税金(万元)"), later))
    clerk.types("rate", "--rules", rules, "--year", 2022, "--label", "后")


MAKERS = {
    "v4_round": round_of_a_year, "v4_sample": part_of_the_sample, "v4_blank": blank_between,
    "v5_beside": blank_between, "v5_apart": blank_between,
}  # fmt: skip


def main(target: Path, *names: str) -> None:
    """Some fixture stores, into a folder."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            clerk = Clerk(Path(folder))
            MAKERS[name](clerk)
            clerk.types("runs", "verify", 1)
            clerk.keeps(target / f"{name}.duckdb.gz")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
