"""Files that cannot be taken in: one clear sentence each, in both languages, and nothing opened that is dangerous."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import polars as pl
import pytest

from mujun.errors import InputError
from mujun.messages import LANGUAGES, speaking
from mujun.records import container as rooms
from mujun.records import read_file
from mujun.records.sheets import sheet
from tests.records.files import HEAD, Rows, code, old_workbook, text, workbook

ROWS: Rows = [[*HEAD, "年度"], [code(1), "示例企业0001", 12.5, 2022]]


def refusal(path: Path) -> str:
    """The code of the one problem, after seeing that it is one sentence in each language."""
    with pytest.raises(InputError) as e:
        read_file(path)
    (problem,) = e.value.problems
    for language in LANGUAGES:
        with speaking(language):
            sentence = str(e.value)
            assert path.name in sentence
            assert "\n" not in sentence
            assert "Traceback" not in sentence
    return problem.code


def test_missing_and_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "没有.xlsx") == "file_not_found"
    assert refusal(tmp_path) == "file_is_folder"


def test_empty(tmp_path: Path) -> None:
    for name, data in (("空.csv", b""), ("空白.csv", b"\r\n \r\n"), ("空.xlsx", b"")):
        (tmp_path / name).write_bytes(data)
        assert refusal(tmp_path / name) == "file_empty"
    assert refusal(workbook(tmp_path / "空表.xlsx", {"Sheet1": []})) == "file_empty"


def test_headers_without_rows(tmp_path: Path) -> None:
    assert refusal(workbook(tmp_path / "税收.xlsx", {"税收": [ROWS[0]]})) == "no_rows"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7 ...", "file_of_other_kind"),
        (b"\x89PNG\r\n\x1a\n", "file_of_other_kind"),
        (b"Rar!\x1a\x07", "file_of_other_kind"),
        (b"\x00\x01\x02\x03" * 100, "file_of_other_kind"),
        ("<html><p>系统忙，请重新登录</p></html>".encode(), "file_is_web_page"),
        (b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html>no table</html>", "file_is_web_page"),
        ("\ufeff<?xml version='1.0'?><Workbook/>".encode(), "file_of_other_kind"),
        (b'{"type": "FeatureCollection", "features": []}', "file_is_map"),
        (b'[{"code": "1"}]', "file_is_json"),
        (b"PK\x03\x04" + b"broken" * 20, "file_broken"),
        (b"PAR1 broken", "file_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "file_of_other_kind"),
        ("统一社会信用代码,".encode() + b"\xff\x81" * 20, "encoding_unknown"),
        ('统一社会信用代码,企业名称,实缴税金\n"一直没有结束,1,2\n'.encode(), "csv_broken"),
    ],
)
@pytest.mark.parametrize("name", ["2022税收.xls", "2022税收.xlsx", "2022税收.csv"])
def test_other_kinds_whatever_the_extension(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert refusal(tmp_path / name) == expected


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "税收.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(path) == "file_of_other_kind"


def test_password_of_a_new_workbook(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    plain = workbook(tmp_path / "明.xlsx", {"税收": ROWS})
    locked = tmp_path / "密.xlsx"
    with plain.open("rb") as source, locked.open("wb") as target:
        OOXMLFile(source).encrypt("secret", target)
    assert refusal(locked) == "file_password"


def test_password_of_an_old_workbook(tmp_path: Path) -> None:
    path = old_workbook(tmp_path / "密.xls", {"税收": ROWS})
    data = path.read_bytes()
    # An encrypted BIFF stream carries FILEPASS (0x2F) near its beginning: put one where WRITEACCESS (0x5C) is.
    at = data.index(struct.pack("<HH", 0x5C, 112))
    path.write_bytes(data[:at] + struct.pack("<HH", 0x2F, 112) + data[at + 4 :])
    assert refusal(path) == "file_password"


def test_truncated_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "断.xlsx", {"税收": ROWS})
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path) == "file_broken"


# ---------------------------------------------------------------------------------------------------------- zip bombs


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_workbook_that_unpacks_to_two_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(130):
                part.write(b"\x20" * 2**24)
    assert path.stat().st_size < 20 * 2**20
    assert refusal(path) == "file_unpacks_too_large"


def test_a_directory_that_lies_about_the_size(tmp_path: Path) -> None:
    # The sheet unpacks to 16 MB; the directory says 1,000 bytes, and no more than these come out.
    path = workbook(tmp_path / "lie.xlsx", {"税收": ROWS})
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<sheetData>", b"<sheetData>" + b" " * (16 * 2**20 - len(parts[sheet])))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    packed = bytearray(path.read_bytes())
    real = struct.pack("<I", len(parts[sheet]))
    while (at := packed.find(real)) >= 0:
        packed[at : at + 4] = struct.pack("<I", 1000)
    path.write_bytes(bytes(packed))
    assert refusal(path) == "file_broken"


def test_two_cells_in_opposite_corners(tmp_path: Path) -> None:
    def far(_: object, sheets: dict[str, object]) -> None:
        sheets["税收"].write_string(1_048_575, 16_000, "x")  # type: ignore[attr-defined]

    path = workbook(tmp_path / "far.xlsx", {"税收": ROWS}, then=far)
    assert refusal(path) == "too_many_cells"


def test_formatting_far_out_is_no_reason_to_refuse(tmp_path: Path) -> None:
    def formatted(book: object, sheets: dict[str, object]) -> None:
        red = book.add_format({"bg_color": "red"})  # type: ignore[attr-defined]
        sheets["税收"].write_blank(1_048_575, 16_000, None, red)  # type: ignore[attr-defined]

    path = workbook(tmp_path / "税收.xlsx", {"税收": ROWS}, then=formatted)
    assert read_file(path).rows_read == 1


def test_too_large_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MAX_FILE_BYTES", 10)
    assert refusal(text(tmp_path / "大.csv", ROWS)) == "file_too_large"


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_ROWS", 3)
    for name, delimiter in (("多.csv", ","), ("引号.csv", '","')):
        assert refusal(text(tmp_path / name, [*ROWS, *ROWS[1:] * 5], delimiter=delimiter)) in (
            "too_many_cells", "csv_broken",
        )  # fmt: skip
    frame = pl.DataFrame({"credit_code": [code(1)] * 5, "tax_paid": [1] * 5})
    frame.write_parquet(tmp_path / "多.parquet")
    assert refusal(tmp_path / "多.parquet") == "too_many_cells"


# ---------------------------------------------------------------------------------- what is harmless, whatever its name


@pytest.mark.parametrize("name", ["2022.csv", "2022.xls", "2022.txt", "2022.XLSX"])
def test_a_new_workbook_by_any_name(tmp_path: Path, name: str) -> None:
    assert read_file(workbook(tmp_path / name, {"税收": ROWS})).rows_read == 1


@pytest.mark.parametrize("name", ["2022.xlsx", "2022.xls", "2022.et"])
def test_an_old_workbook_by_any_name(tmp_path: Path, name: str) -> None:
    assert read_file(old_workbook(tmp_path / name, {"税收": ROWS})).rows_read == 1


def test_tab_separated_text_named_xls(tmp_path: Path) -> None:
    assert read_file(text(tmp_path / "2022.xls", ROWS, encoding="gb18030", delimiter="\t")).rows_read == 1
