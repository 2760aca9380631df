"""Small files made to fill the memory, to hang or to abort: each is refused with a sentence, and the others go on.

Each file is read in a process of its own, whose peak memory is measured: what is unpacked is bounded before it is.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import InputError
from mujun.records import read_file
from tests.records.files import code, text, workbook
from tests.records.test_workbook_marks import HEAD, TWO, rewritten, tax

ROOT = Path(__file__).parents[2]
MOST = 1000
"""Megabytes that reading a refused file may take in all, of which Polars and its like take 200."""


def read_apart(path: Path) -> tuple[str, int]:
    """The code of the refusal, or of nothing; and the peak memory in megabytes."""
    script = textwrap.dedent(
        """
        import json, sys
        from mujun.errors import InputError
        from mujun.records import read_file
        from tests.peak_memory import peak_memory
        try:
            read_file(sys.argv[1], year=2022)
            said = ""
        except InputError as e:
            said = e.problems[0].code
        print(json.dumps([said, peak_memory() // 2**20]))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]
    code, peak = json.loads(done.stdout)
    return code, peak


def outcome(path: Path) -> str:
    """The code of the refusal; nothing where the file was read."""
    try:
        read_file(path, year=2022)
    except InputError as e:
        return e.problems[0].code
    return ""


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def with_sheet(path: Path, sheet: str, shared: str = "") -> Path:
    """A workbook with this sheet, and these shared texts."""

    def change(name: str, data: bytes) -> tuple[str, bytes]:
        if name.endswith("sheet1.xml"):
            return name, SHEET.format(sheet).encode()
        return name, shared.encode() if shared and name.endswith("sharedStrings.xml") else data

    return rewritten(workbook(path, {"税收": TWO}), change)


def test_one_text_of_ten_megabytes_in_three_thousand_cells(tmp_path: Path) -> None:
    # 26 KB on disk; 30 GB of text once each cell has its own.
    cells = "".join('<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' for _ in range(1500))
    path = with_sheet(tmp_path / "长.xlsx", cells, f"<sst><si><t>{'长' * 10**7}</t></si></sst>")
    assert path.stat().st_size < 100_000
    code, peak = read_apart(path)
    assert (code, peak < MOST) == ("too_much_text", True), peak


def test_millions_of_cells_without_addresses(tmp_path: Path) -> None:
    path = with_sheet(tmp_path / "宽.xlsx", f"<row>{'<c><v>1</v></c>' * 3_000_000}</row>")
    assert path.stat().st_size < 1_000_000
    code, peak = read_apart(path)
    assert (code, peak < MOST) == ("too_many_cells", True), peak


def test_a_spreadsheet_whose_row_is_repeated_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "重复.ods"
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="900"/>'
    spaces = 'xmlns:office="o" xmlns:table="t"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces}><table:table><table:table-row table:number-rows-repeated="1048576">'
            f"{cell}</table:table-row></table:table></office:document-content>",
        )
    code, peak = read_apart(path)
    assert (code, peak < MOST) == ("too_many_cells", True), peak


@pytest.mark.parametrize("sign", [",", "\n", '",'])
def test_a_hundred_megabytes_of_separators(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "逗号.csv"
    path.write_text(",".join(HEAD) + "\n" + sign * (20 * 2**20), encoding="utf-8")
    code, peak = read_apart(path)
    assert code in ("too_many_cells", "csv_broken")
    assert peak < MOST


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY"])
def test_a_text_of_megabytes_for_every_row_of_parquet(tmp_path: Path, encoding: str) -> None:
    # 2.5 KB on disk as a dictionary; as additions to the text before, little more.
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "长.parquet"
    long = "long" * 250_000
    if encoding == "PLAIN":
        column = pa.DictionaryArray.from_arrays(pa.array([0] * 1500, pa.int32()), pa.array([long]))
        table = pa.table({"credit_code": column, "tax_paid": [1.0] * 1500})
        pq.write_table(table, path, compression="zstd", store_schema=False)
    else:
        table = pa.table({"credit_code": [long] * 10, "tax_paid": [1.0] * 10})
        encodings = {"credit_code": encoding, "tax_paid": "PLAIN"}
        with pq.ParquetWriter(
            path, table.schema, compression="zstd", use_dictionary=False, column_encoding=encodings
        ) as file:
            for _ in range(30):
                file.write_table(table)
    assert path.stat().st_size < 100_000
    code, peak = read_apart(path)
    assert (code, peak < MOST) == ("too_much_text", True), peak


def test_corrupt_parquet_stops_nothing_else(tmp_path: Path) -> None:
    # Some of these made the reader abort, and the whole load with it.
    good = tmp_path / "税收.parquet"
    frame = pl.DataFrame({"credit_code": [code(i) for i in range(1, 40)], "tax_paid": [1.5] * 39})
    frame.write_parquet(good)
    whole = good.read_bytes()
    for at in range(4, len(whole) - 8, max(1, len(whole) // 60)):
        bad = bytearray(whole)
        bad[at : at + 4] = b"\xff\x7f\xff\xff"
        good.write_bytes(bytes(bad))
        assert outcome(good) in (
            "",
            "file_broken",
            "file_of_other_kind",
            "too_many_cells",
            "file_unpacks_too_large",
            "no_header",
        )


def test_damaged_old_workbooks_are_refused(tmp_path: Path) -> None:
    from tests.records.files import old_workbook

    path = old_workbook(tmp_path / "税收.xls", {"税收": TWO})
    whole = path.read_bytes()
    for at in range(0, len(whole) - 8, len(whole) // 60):
        bad = bytearray(whole)
        bad[at : at + 4] = b"\xff\x7f\xff\xff"
        path.write_bytes(bytes(bad))
        outcome(path)


def test_a_float_of_seven_digits_has_seven(tmp_path: Path) -> None:
    path = tmp_path / "税收.parquet"
    frame = pl.DataFrame({"credit_code": [code(1), code(2)], "tax_paid": pl.Series([120.1, 112.34], dtype=pl.Float32)})
    frame.write_parquet(path)
    assert [str(v) for v in tax(read_file(path, year=2022))] == ["120.100000", "112.340000"]


def test_a_length_of_time_is_no_figure(tmp_path: Path) -> None:
    path = tmp_path / "税收.parquet"
    hours = pl.Series([5, None], dtype=pl.Duration("ms"))
    pl.DataFrame({"credit_code": [code(1), code(2)], "tax_paid": hours, "tax_refund": [1, 2]}).write_parquet(path)
    records = read_file(path, year=2022)
    assert {f.code for f in records.findings} == {"column_of_odd_type", "unreadable_cell"}
    assert records.tables[0].rows["credit_code"].to_list() == [code(2)]


# ------------------------------------------------------------------------------------------- what is no file at all


@pytest.mark.skipif(os.name == "nt", reason="Windows has none of these")
def test_pipes_devices_sockets_and_endless_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "管道.csv")
    assert outcome(tmp_path / "管道.csv") == "file_not_regular"
    assert outcome(Path("/dev/zero")) == "file_not_regular"
    (tmp_path / "圈.csv").symlink_to(tmp_path / "圈.csv")
    assert outcome(tmp_path / "圈.csv") == "file_unreadable"
    listening = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # a socket's own path may not be long
    listening.bind("s.csv")
    try:
        assert outcome(tmp_path / "s.csv") == "file_not_regular"
    finally:
        listening.close()


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    text(tmp_path / "原.csv", TWO)
    (tmp_path / "税收.csv").symlink_to(tmp_path / "原.csv")
    assert len(tax(read_file(tmp_path / "税收.csv", year=2022))) == 2
