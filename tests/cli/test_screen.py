"""Nothing that a terminal obeys reaches it, nor a csv, from the data."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest

from mujun import messages
from mujun.cli.screen import Screen
from mujun.errors import Place, problem
from mujun.messages.visible import visible
from mujun.reports.drawing.exporting import write_table
from mujun.reports.drawing.terminal import text_table

ATTACKS = ("\x1b[2J", "\x9b31m", "\x07", "\x08\x08", "\r", "\u202etxt.exe", "\u2028", "\x7f", "\u200b")


@pytest.mark.parametrize("attack", ATTACKS)
def test_values_of_sentences_tables_and_documents_are_visible(attack: str) -> None:
    name = f"甲{attack}厂"
    out = io.StringIO()
    Screen(out).write(name)
    shown = (
        str(problem("file_not_found", Place(file=name))),
        messages.show(name),
        messages.show([name]),
        text_table(("企业",), [(name,)]),
        out.getvalue(),
    )
    for text in shown:
        assert attack not in text
        assert text == visible(text)


def test_what_is_printed_as_json_reads_back_as_it_was() -> None:
    written = json.dumps({"name": "".join(ATTACKS)}, ensure_ascii=False)
    out = io.StringIO()
    Screen(out).write(written)
    assert json.loads(out.getvalue()) == {"name": "".join(ATTACKS)}
    assert out.getvalue() == visible(out.getvalue())


def test_click_takes_the_screen_for_a_text_stream() -> None:
    with pytest.raises(TypeError):
        Screen(io.StringIO()).write(b"")  # type: ignore[arg-type]
    with pytest.raises(io.UnsupportedOperation):
        Screen(io.StringIO()).fileno()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\x0b", "\x0c", "\u2028", "\u00a0", "\ufeff", "\u200b", "％", "｜", "%|", "　"]
)
def test_no_cell_of_a_csv_is_a_formula_or_an_escape(tmp_path: Path, before: str, sign: str) -> None:
    # A vertical tab, U+2028 or a full-width ％ before the sign went through.
    rows = pl.DataFrame(
        {"name": [f"{before}{sign}cmd|' /C calc'!A0", "某厂", "甲\x1b[31m"], f"{before}{sign}x": ["", "", ""]}
    )
    made = write_table(rows, tmp_path / "a.csv", what="batches").read_text(encoding="utf-8")
    back = pl.read_csv(io.BytesIO(made.encode()))
    assert back["name"][0].startswith("'")
    assert back.columns[1].startswith("'")
    assert back["name"][1:].to_list() == ["某厂", "甲\\u001b[31m"]
    assert not set(made) & set("\x0b\x0c\x1b\u2028\ufeff\u200b")
