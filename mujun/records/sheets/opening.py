"""A file's bytes to sheets, each kind by its own reader."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mujun.errors import Place
from mujun.records.sheets.archive import Archive
from mujun.records.sheets.binary_workbook import binary_workbook_sheets
from mujun.records.sheets.columnar import columnar_sheet
from mujun.records.sheets.encodings import text_of
from mujun.records.sheets.map_layer import map_layer_sheet
from mujun.records.sheets.old_workbook import old_workbook_sheets
from mujun.records.sheets.open_document import open_document_sheets
from mujun.records.sheets.open_xml import open_xml_sheets
from mujun.records.sheets.plain_text import text_sheet
from mujun.records.sheets.sheet import Sheet
from mujun.records.sheets.web_page import web_archive_sheets, web_page_sheets
from mujun.records.sheets.xml_table import xml_table_sheets

Container = Literal[
    "xlsx", "xlsb", "ods", "xls", "text", "parquet", "web page", "web archive", "xml table", "map layer"
]


def read_sheets(data: bytes, container: Container, path: Path) -> list[Sheet]:
    """All sheets of a file.

    Raises:
        InputError: what stops the whole file.
    """
    place = Place(file=path.name)
    match container:
        case "xlsx":
            return open_xml_sheets(Archive(data, place), place)
        case "xlsb":
            return binary_workbook_sheets(Archive(data, place), place)
        case "ods":
            return open_document_sheets(Archive(data, place), place)
        case "xls":
            return old_workbook_sheets(data, place)
        case "web page":
            return web_page_sheets(data, place)
        case "web archive":
            return web_archive_sheets(data, place)
        case "xml table":
            return xml_table_sheets(text_of(data, place, "gb18030").text, place)
        case "parquet":
            return [columnar_sheet(data, place)]
        case "map layer":
            return [map_layer_sheet(data, place)]
        case "text":
            return [text_sheet(data, place)]
