"""What is said where Spark or Java is missing, and how counties are spread: nothing here starts a Spark."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mujun import messages
from mujun.errors import UsageError
from mujun.spark.session import check_java, local_session


def test_without_the_extra_a_sentence_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    for name in [n for n in sys.modules if n.startswith(("pyspark.", "mujun.spark.county", "mujun.spark.sharing"))]:
        monkeypatch.delitem(sys.modules, name)
    import mujun.spark

    said = "还没有安装 Spark 接口（缺 pyspark）。请用 pip install 'mujun[spark]' 安装后再试。"
    with pytest.raises(UsageError) as refused:
        local_session()
    assert said.replace("pyspark", str(refused.value.problems[0].values["library"]), 1) == str(refused.value)
    with pytest.raises(UsageError) as refused:
        mujun.spark.rate  # noqa: B018
    assert str(refused.value) == said
    with pytest.raises(AttributeError):
        mujun.spark.ratings  # noqa: B018


def a_java(folder: Path, says: str) -> None:
    (folder / "bin").mkdir()
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    program.chmod(0o755)


def test_without_java_a_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with messages.speaking("en"), pytest.raises(UsageError) as refused:
        check_java()
    assert "Java 17 or newer, and none was found" in str(refused.value.problems[0]) or "Java 17" in str(refused.value)


@pytest.mark.parametrize(
    ("says", "key"),
    [
        ('openjdk version "17.0.15" 2025-04-15', None),
        ('openjdk version "25" 2025-09-16', None),
        ('java version "1.8.0_401"', "spark_java_old"),
        ("The operation could not be completed.", "spark_java_missing"),
    ],
)
def test_a_java_must_be_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, key: str | None) -> None:
    a_java(tmp_path, says)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    if key is None:
        check_java()
        return
    with pytest.raises(UsageError) as refused:
        check_java()
    assert [p.code for p in refused.value.problems] == [key]


def test_the_largest_counties_go_first_and_apart() -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'mujun[spark]'")
    from mujun.spark.sharing import CountyYear, rested_on, shared_out

    sizes = {CountyYear(name, 2022): rows for name, rows in {"a": 10, "b": 70, "c": 50, "d": 40, None: 3}.items()}
    tasks = shared_out(sizes, 2)
    loads = [sum(rows for place, rows in sizes.items() if tasks[place] == task) for task in (0, 1)]
    assert sorted(loads) == [83, 90]
    assert tasks[CountyYear("b", 2022)] == 0
    years = {CountyYear("a", year): 1 for year in (2019, 2021, 2022)}
    assert {(target.year, source.year, back) for target, source, back in rested_on(years, 2)} == {
        (2019, 2019, 0), (2021, 2021, 0), (2022, 2022, 0), (2022, 2021, 1), (2021, 2019, 2),
    }  # fmt: skip
