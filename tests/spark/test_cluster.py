"""On a real cluster of this machine, one master and two workers: every county's digest is that of one PC."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from mujun import County, messages, spark
from mujun.errors import UsageError
from mujun.rating import digest_of, rate
from mujun.rules import load_rules
from mujun.store import Store
from tests.spark.cluster import PATIENCE, Cluster, cluster, environment, program
from tests.spark.counties import BROKEN, SIZES, YEARS, OnOnePC, firms, on_one_pc, readings, rules, with_last_year

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

EVERY = {(county, year) for county in SIZES for year in YEARS}


@pytest.fixture(scope="module")
def frames() -> pl.DataFrame:
    return firms()


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as made:
        yield made


@pytest.fixture(scope="module")
def session(machines: Cluster) -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment().items():
            patched.setenv(name, value)
        made = spark.local_session(memory="600m", master=machines.address, settings={"spark.executor.memory": "512m"})
        made.sparkContext.setLogLevel("OFF")
        yield made
        made.stop()


@pytest.fixture(scope="module")
def folder(frames: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frames as Parquet, a folder for each county and in it one for each year; both stand in the files as well."""
    made = tmp_path_factory.mktemp("frames")
    for (county, year), part in frames.partition_by("county", "year", as_dict=True, include_key=True).items():
        inside = made / f"county={county}" / f"year={year}"
        inside.mkdir(parents=True)
        part.write_parquet(inside / "firms.parquet")
    return made


RatedHere = Mapping[tuple[str, int], OnOnePC]


@pytest.fixture(scope="module")
def rated_here(frames: pl.DataFrame) -> RatedHere:
    """Every county's year by mujun's own functions."""
    return on_one_pc("rating", rules(), frames)


@pytest.fixture(scope="module")
def counties(session: SparkSession, folder: Path) -> DataFrame:
    return spark.read_folder(session, str(folder))


def submitted(machines: Cluster, *arguments: str) -> subprocess.Popen[bytes]:
    """The job as `spark-submit` starts it, on the test's own machines."""
    job = Path(__file__).parents[2] / "examples" / "rate_counties.py"
    memory = ["--driver-memory", "600m", "--executor-memory", "512m"]
    listening = [f"spark.driver.{name}=127.0.0.1" for name in ("host", "bindAddress")]
    configured = [part for setting in listening for part in ("--conf", setting)]
    with (machines.folder / "job.log").open("ab") as log:
        return subprocess.Popen(
            [program("spark-submit"), "--master", machines.address, *memory, *configured, str(job), *arguments],
            env=environment(), stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip


def told_of(done: spark.CountyYears) -> dict[tuple[str | None, int], Any]:
    return {(row["county"], row["year"]): row for row in done.counties.collect()}


def test_every_county_is_rated_as_on_one_pc(counties: DataFrame, rated_here: RatedHere, tmp_path: Path) -> None:
    done = spark.rate(counties, rules()).write(str(tmp_path / "rating"))
    told = told_of(done)
    assert set(told) == EVERY
    # The firm that stands twice keeps its own year and the one that looks back at it from being rated, and no other.
    broken = {(BROKEN, 2021): "frame_code_twice", (BROKEN, 2022): "spark_code_twice"}
    assert {key: row["codes"] for key, row in told.items() if row["problem"]} == {
        **{(county, 2020): ["previous_absent"] for county in SIZES},
        **{key: [code] for key, code in broken.items()},
    }
    expected_digests = {key: one.digest for key, one in rated_here.items() if key not in broken}
    assert {key: row["digest"] for key, row in told.items() if key not in broken} == expected_digests
    assert sum(d is not None for d in expected_digests.values()) == 10
    assert {key: tuple(row["unkept"]) for key, row in told.items() if key not in broken} == {
        key: one.unkept for key, one in rated_here.items() if key not in broken
    }
    assert sum(bool(one.unkept) for one in rated_here.values()) >= 3
    table = done.table("330603", 2022)
    assert digest_of(table) == told["330603", 2022]["digest"]
    assert table.height == told["330603", 2022]["firms"] == told["330603", 2022]["rows"]
    with pytest.raises(UsageError, match="330605 2021 年度没有算成"):
        done.table(BROKEN, 2021)
    with pytest.raises(UsageError, match="没有 330699"):
        done.table("330699", 2021)
    assert done.results.columns == ["county", *table.columns, "_place"]


def test_amounts_by_monthly_readings_are_those_of_one_pc(
    session: SparkSession, counties: DataFrame, frames: pl.DataFrame, tmp_path: Path
) -> None:
    bills = readings(frames)
    bills.write_parquet(tmp_path / "bills.parquet")
    usage = session.read.parquet(str(tmp_path / "bills.parquet"))
    here = counties.filter("county in ('330602', '330603', '330604')")
    told = told_of(spark.allocate(here, rules(), usage=usage))
    expected = on_one_pc("allocation", rules(), frames, bills)
    assert {key: row["digest"] for key, row in told.items()} == {
        key: one.digest for key, one in expected.items() if key[0] in ("330602", "330603", "330604")
    }
    without = on_one_pc("allocation", rules(), frames)
    assert expected["330603", 2022] != without["330603", 2022]


def test_what_crosses_counties_is_exact_and_enters_as_a_table(
    counties: DataFrame, frames: pl.DataFrame, rated_here: RatedHere
) -> None:
    whole = spark.across_counties(
        counties.filter(f"county <> '{BROKEN}'"),
        {"tax": spark.Across("ratio_of_sums", "tax_paid", "land_mu"), "firms": spark.Across("count", "tax_paid")},
        over=["year", "industry"],
    )
    # Added up here in plain whole numbers of 10⁻⁶.
    sums: dict[tuple[str, str], list[int]] = {}
    for row in frames.filter(pl.col("county") != BROKEN).iter_rows(named=True):
        both = sums.setdefault((str(row["year"]), row["industry"]), [0, 0, 0])
        for place, number in enumerate((int(row["tax_paid"] * 10**6), int(row["land_mu"] * 10**6), 1)):
            both[place] += number
    assert whole.select("year", "industry").rows() == sorted(sums)
    for row in whole.iter_rows(named=True):
        tax, land, count = sums[row["year"], row["industry"]]
        assert row["firms"] == count
        assert abs(row["tax"] * land - tax) * 10**12 < land
    by_division = whole.select("year", pl.col("industry").str.head(2).alias("industry_division"), "tax")
    filled = spark.with_table(rules(), "province", by_division)
    assert filled.digest != rules().digest
    told = told_of(spark.rate(counties.filter("county = '330602'"), filled))
    expected = on_one_pc("rating", filled, frames)
    assert told["330602", 2022]["digest"] == expected["330602", 2022].digest
    assert expected["330602", 2022] != rated_here["330602", 2022]


def test_what_a_folder_is_called_goes_before_what_its_files_say(session: SparkSession, tmp_path: Path) -> None:
    inside = pl.DataFrame({"credit_code": ["a"], "county": ["嵊州市"], "year": pl.Series([2021], dtype=pl.Int32)})
    # Above the folder that is read nothing is a column; a county's code stays as it is written.
    file = tmp_path / "of=us" / "各县 一" / "county=001" / "year=2022" / "firms.parquet"
    file.parent.mkdir(parents=True)
    inside.write_parquet(file)
    read = spark.read_folder(session, str(file.parents[2]))
    assert [tuple(row) for row in read.select("credit_code", "county", "year").collect()] == [("a", "001", "2022")]
    assert sorted(read.columns) == ["county", "credit_code", "year"]
    flat = spark.read_folder(session, str(file.parent))
    assert [tuple(row) for row in flat.select("county", "year").collect()] == [("嵊州市", 2021)]
    several = spark.read_folder(session, str(file.parents[2] / "county=0*"))
    assert [tuple(row) for row in several.select("county", "year").collect()] == [("嵊州市", "2022")]
    sub = tmp_path / "各月" / "一季度" / "firms.parquet"
    sub.parent.mkdir(parents=True)
    inside.write_parquet(sub)
    assert spark.read_folder(session, str(tmp_path / "各月")).count() == 1
    assert spark.read_folder(session, str(sub)).count() == 1
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "nowhere"):
        with pytest.raises(UsageError, match=f"没有文件夹 .*{folder}，或其中没有 Parquet 文件"):
            spark.read_folder(session, str(tmp_path / folder))


def test_the_page_says_what_works(
    session: SparkSession, folder: Path, frames: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "spark.md").read_text(encoding="utf-8")
    part = page.partition("## What crosses counties")[2].partition("\n## ")[0]
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", part, re.DOTALL))
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "rating.yaml").write_text(blocks["yaml"], encoding="utf-8")
    (tmp_path / "ours" / "province.csv").write_text(blocks["csv"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(spark, "local_session", lambda cores: session)
    names: dict[str, Any] = {}
    # Java stays in the folder that it was started in.
    exec(blocks["python"].replace('"frames"', repr(str(folder))), names)
    large = frames.filter(pl.col("scale") == "规上", pl.col("year") == 2022)
    tax, land = (float(large[name].sum()) for name in ("tax_paid", "land_mu"))
    assert abs(float(names["table"].filter(year="2022")["tax"].item()) - tax / land) <= 0.005
    told = told_of(names["rated"])
    assert {key for key, row in told.items() if row["problem"]} == {(BROKEN, 2021)}
    alone = rate(frames.filter(county="330603", year=2022), names["rules"])
    assert told["330603", 2022]["digest"] == alone.digest


def test_a_file_that_cannot_be_read_is_told_of_its_county_and_the_others_are_rated(
    session: SparkSession, folder: Path, frames: pl.DataFrame, rated_here: RatedHere, tmp_path: Path
) -> None:
    made = Path(shutil.copytree(folder, tmp_path / "各县 #1"))
    of = {key: made / f"county={key[0]}" / f"year={key[1]}" / "firms.parquet" for key in EVERY}
    text = of["330602", 2022]
    pl.read_parquet(text).with_columns(pl.col("tax_paid").cast(pl.String)).write_parquet(text)
    of["330606", 2021].write_bytes(b"PAR1 cut off")
    of["330604", 2022].write_bytes(b"")
    (made / "county=330601" / "_temporary").mkdir()
    (made / "county=330601" / "_temporary" / "of another program").write_text("no table")
    # Two of the county's three files: what is right is for the dictionary to say.
    for key in (("330602", 2020), ("330602", 2021)):
        pl.read_parquet(of[key]).with_columns(pl.col("land_mu").cast(pl.Float64)).write_parquet(of[key])
    # Whole numbers are read as the widest of them.
    wide = of["330603", 2022]
    pl.read_parquet(wide).with_columns(pl.col("year").cast(pl.Int64)).write_parquet(wide)
    read = spark.read_folder(session, str(made))
    told = told_of(spark.rate(read, rules()))
    assert set(told) == EVERY
    # The year after rests on the one that is lost.
    unread = {*(("330602", y) for y in YEARS), ("330606", 2021), ("330606", 2022), ("330604", 2022)}
    assert {key for key, row in told.items() if row["codes"] == ["spark_unread"]} == unread
    assert told["330602", 2022]["problem"].endswith(
        "文件 county=330602/year=2022/firms.parquet 的列 tax_paid 是 string，不是 decimal(18,6)，"
        "其中的数据没有算。请按 decimal(18,6) 重新导出这个文件。"
    )
    assert "county=330606/year=2021/firms.parquet 不能作为 Parquet 读取" in told["330606", 2022]["problem"]
    own = frames.filter(pl.col("county") == "330606", pl.col("year") == 2022).height
    assert [told[key]["firms"] for key in (("330602", 2022), ("330606", 2022))] == [0, own]
    others = {key for key, one in rated_here.items() if one.digest is not None and key[0] != BROKEN} - unread
    assert {key: told[key]["digest"] for key in others} == {key: rated_here[key].digest for key in others}
    assert ("330603", 2022) in others
    # What crosses counties, and readings, would be less without a word.
    for refused in (
        lambda: spark.across_counties(read, {"tax": spark.Across("sum", "tax_paid")}),
        lambda: spark.allocate(spark.read_folder(session, str(folder)), rules(), usage=_as_readings(read)),
    ):
        with pytest.raises(UsageError, match="这里要每个文件都能读"):
            refused()
    (made / "零散.parquet").write_bytes(b"")
    with pytest.raises(UsageError, match=r"文件 .*零散.parquet 不能作为 Parquet 读取"):
        spark.read_folder(session, str(made))


def _as_readings(frame: DataFrame) -> DataFrame:
    named = {"utility": "'电'", "from": "date'2022-01-01'", "until": "date'2022-12-31'", "quantity": "electricity_kwh"}
    return frame.selectExpr("*", *(f"{value} as `{name}`" for name, value in named.items()))


def test_a_rule_set_without_tables_is_told_so() -> None:
    table = pl.DataFrame({"year": ["2022"], "tax": [25]})
    with pytest.raises(UsageError) as refused:
        spark.with_table(load_rules("zhejiang/shengzhou-2022"), "province", table)
    with messages.speaking("en"):
        assert "The rating rules of “zhejiang/shengzhou-2022” have no table at all." in str(refused.value)
    with pytest.raises(UsageError, match="没有对照表“country”；有的：province。"):
        spark.with_table(rules(), "country", table)


def test_a_county_that_lacks_a_figure_is_told_and_the_others_are_rated(
    counties: DataFrame, rated_here: RatedHere
) -> None:
    lost = counties.filter("county in ('330602', '330603')").selectExpr(
        "* except (value_added)", "if(county = '330602', null, value_added) as value_added"
    )
    told = told_of(spark.rate(lost, rules()))
    assert {key: row["codes"] for key, row in told.items() if row["problem"] and key[1] > YEARS[0]} == {
        ("330602", year): ["gate_missing"] for year in YEARS[1:]
    }
    assert told["330603", 2022]["digest"] == rated_here["330603", 2022].digest
    all_the_same = told_of(spark.rate(lost, rules(), despite=["value_added"]))
    assert all_the_same["330602", 2022]["rows"] == all_the_same["330602", 2022]["firms"]
    with pytest.raises(UsageError, match="没有“value_aded”这一项"):
        spark.rate(lost, rules(), despite=["value_aded"])


def test_rows_that_belong_nowhere_are_told(counties: DataFrame) -> None:
    lost = counties.filter("county = '330602' and year = 2022").selectExpr(
        "if(credit_code < '9133330602000000010', null, county) as county", "* except (county)"
    )
    told = told_of(spark.list_enterprises(lost, rules()))
    assert told[None, 2022]["codes"] == ["spark_rows_nowhere"]
    assert told[None, 2022]["firms"] + told["330602", 2022]["firms"] == lost.count()


def test_a_store_exported_has_the_digests_that_it_keeps(
    session: SparkSession, sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from mujun.spark.job import main

    assert session is not None
    county = County(sample_county)
    for what, name in (("enterprises", "frames"), ("usage", "readings")):
        file = tmp_path / name / "county=330683" / "year=2022" / "table.parquet"
        file.parent.mkdir(parents=True)
        county.papers.table(county.runs.export(what, year=2022), file)
    with Store.open(county.path) as store:
        kept = store.run(1).digests
    words = [str(tmp_path / "frames"), "--rules", "zhejiang/shengzhou-2022"]
    results = tmp_path / "results"
    assert main([*words, str(results), "--usage", str(tmp_path / "readings")]) == 0
    for step, table in (("rating", "ratings"), ("rectification", "rectification"), ("allocation", "allocation")):
        told = pl.read_parquet(results / f"{step}_counties" / "*.parquet", hive_partitioning=False)
        assert told["digest"].to_list() == [kept[table]]
    assert "没有给出" not in capsys.readouterr().out
    assert main([*words, str(tmp_path / "without")]) == 0
    assert "没有给出分月用量（用电量、用水量）：金额按全年用量逐日折算。" in capsys.readouterr().out


def test_the_job_says_what_is_in_its_way(
    session: SparkSession, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from mujun.spark.job import main

    assert session is not None
    own_rules = ["--rules", str(Path(__file__).parent / "rules")]
    (tmp_path / "rating").mkdir()
    assert main([str(folder), str(tmp_path), *own_rules]) == 1
    assert f"{tmp_path}/rating 已经存在，没有改动。请换一个文件夹，或先移走它。" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere"), str(tmp_path), *own_rules]) == 1
    assert f"没有文件夹 {tmp_path}/nowhere，或其中没有 Parquet 文件" in capsys.readouterr().err
    assert main([str(folder), str(tmp_path), *own_rules, "--county", "countie"]) == 1
    assert "Spark 表缺少列 countie" in (said := capsys.readouterr().err)
    assert "是否为“county”" in said


def test_the_job_survives_a_worker(
    session: SparkSession, machines: Cluster, folder: Path, frames: pl.DataFrame, tmp_path: Path
) -> None:
    session.stop()  # its cores are the job's now
    results = tmp_path / "results"
    job = submitted(machines, str(folder), str(results), "--rules", str(Path(__file__).parent / "rules"))
    while not list(results.glob("rating/_temporary/0/task_*")):
        assert job.poll() is None, (machines.folder / "job.log").read_text()
        time.sleep(0.02)
    assert not (results / "rating" / "_SUCCESS").exists()
    machines.kill_worker(0)
    assert job.wait(PATIENCE) == 1, "some counties' years cannot be rated"
    for step in ("rating", "rectification", "allocation"):
        expected = on_one_pc(step, rules(), frames)
        told = pl.read_parquet(results / f"{step}_counties" / "*.parquet", hive_partitioning=False)
        digests = {(r["county"], r["year"]): r["digest"] for r in told.iter_rows(named=True)}
        assert set(digests) == EVERY
        assert {k: d for k, d in digests.items() if k != (BROKEN, 2022)} == {
            k: one.digest for k, one in expected.items() if k != (BROKEN, 2022)
        }
    files = results / "rating" / "county=330601" / "year=2022" / "*.parquet"
    again = pl.read_parquet(files, hive_partitioning=False).filter(pl.col("_place") > 0).sort("_place")
    ours = frames.filter(pl.col("county") == "330601")
    local = rate(with_last_year(ours, 2022), rules(), with_last_year(ours, 2021)).ratings
    assert again.drop("_place", "_summary").equals(local.drop("run", "year"))
    assert "没有算成" in (log := (machines.folder / "job.log").read_text())
    assert "Traceback" not in log
    assert "COLUMN_ALREADY_EXISTS" not in log
    assert "Lost executor" in log
