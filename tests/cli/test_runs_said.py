"""What `runs verify` says of each table that does not agree."""

from __future__ import annotations

import pytest

import mujun
from mujun.cli.runs import runs_differ, show_tables
from mujun.messages import speaking
from mujun.workspace.runs.verifying import TableVerified, Verification


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (TableVerified("ratings", "aa", "aa", "aa"), "一致，摘要 aa"),
        (TableVerified("ratings", "aa", "bb", "bb"), "记下的摘要不是它的（记下 aa，应为 bb）"),
        (TableVerified("ratings", "aa", "bb", "aa", 3, "91330683"), "当时摘要 aa，现在 bb；与重算结果不同的 3 家"),
        (TableVerified("ratings", "aa", "aa", "bb", 2, "91330683"), "存档 aa，重算 bb；不同的 2 家，如 91330683"),
        (TableVerified("ratings", "aa", "aa", "bb"), "行的顺序不同"),
        (TableVerified("ratings", "aa", "aa", None), "重算没有得出这张表"),
        (TableVerified("ratings", "aa", None, "aa"), "不见了"),
    ],
)  # fmt: skip
def test_each_table_is_told_in_a_sentence(
    table: TableVerified, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_tables(Verification(1, "0.1.0", (table,)))
    out, err = capsys.readouterr()
    assert sentence in out + err
    assert bool(err) != table.same


@pytest.mark.parametrize(
    ("version", "table", "older"),
    [
        ("0.2.0", TableVerified("ratings", "aa", "aa", "bb", 2, "91330683", None, ("score",)), True),
        ("0.3.0", TableVerified("ratings", "aa", "aa", "bb", 2, "91330683", None, ("score",)), False),
        # What was kept has been altered: no version explains that.
        ("0.2.0", TableVerified("ratings", "aa", "cc", "bb", 2, "91330683", None, ("score",)), False),
    ],
)
def test_a_run_of_another_version_is_told_apart_from_an_altered_one(
    monkeypatch: pytest.MonkeyPatch, version: str, table: TableVerified, older: bool
) -> None:
    # As long as no version but 0.2.0 had been given out, the sentence could not be seen.
    monkeypatch.setattr(mujun, "__version__", "0.3.0")
    verification = Verification(7, version, (table,))
    with speaking("zh"):
        sentence = runs_differ(verification)
    assert verification.by_earlier == older
    assert ("0.2.0" in sentence and "0.3.0" in sentence and "得分" in sentence) == older
