"""The forms in which a file may come, and what each can carry."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tests.intake import in_excel, in_open_document, in_text
from tests.intake.case import Case, GivenFile
from tests.intake.grid import Sheet

Writer = Callable[[Iterable[Sheet], Path], None]

WRITERS: dict[str, tuple[str, Writer]] = {
    "xlsx": (".xlsx", in_excel.by_openpyxl),
    "xlsxwriter": (".xlsx", in_excel.by_xlsxwriter),
    "xls": (".xls", in_excel.by_xlwt),
    "et": (".et", in_excel.by_xlwt),
    "ods": (".ods", in_open_document.by_hand),
    "html": (".xls", in_text.as_page),
    **{form: (".csv", partial(in_text.as_csv, encoding=form)) for form in in_text.ENCODINGS},
}


def write(file: GivenFile, form: str, folder: Path) -> Path:
    """The file in a form; its path."""
    if file.encoding == "copy":
        return Path(shutil.copy(folder / file.raw.strip(), folder / file.stem))
    if file.encoding:
        path = folder / f"{file.stem}{file.suffix}"
        path.write_bytes(in_text.raw_bytes(file.raw, file.encoding))
        return path
    suffix, writer = WRITERS[form]
    path = folder / f"{file.stem}{suffix}"
    writer(file.sheets, path)
    return path


def write_all(case: Case, folder: str) -> None:
    """A case's files in all its forms, one folder per form."""
    for form in case.forms:
        folder_of_form = Path(folder) / case.name / form
        folder_of_form.mkdir(parents=True, exist_ok=True)
        for file in case.files:
            write(file, form, folder_of_form)
