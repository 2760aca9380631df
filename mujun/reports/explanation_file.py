"""Explanations written to files: one firm's, or one file for each of many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mujun.analysis.as_json import as_json
from mujun.analysis.explanation import Explanation
from mujun.errors import UsageError, problem
from mujun.reports.explanation_page import explanation_html
from mujun.reports.explanation_text import explanation_text

Form = Literal["text", "html", "json"]
ENDINGS: dict[str, str] = {"text": ".txt", "html": ".html", "json": ".json"}
"""The ending of a file by its format."""

_BY_ENDING = {".txt": "text", ".html": "html", ".htm": "html", ".json": "json"}


def drawn(said: Explanation, form: str) -> str:
    """An explanation in a format: text in the language in force, a Chinese page, or JSON."""
    if form == "html":
        return explanation_html(said)
    return as_json(said) if form == "json" else explanation_text(said)


def write_explanation(said: Explanation, file: Path, form: str | None = None) -> None:
    """Write one explanation.

    Args:
        said: the explanation.
        file: where to; its ending names the format where none is given.
        form: `text`, `html` or `json`.

    Raises:
        UsageError: the ending names no format.
    """
    chosen = form or _BY_ENDING.get(file.suffix.lower())
    if chosen is None:
        raise UsageError(problem("explain_unknown_ending", file=file.name, known=sorted(_BY_ENDING)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(drawn(said, chosen), encoding="utf-8")


def write_explanations(several: Sequence[Explanation], folder: Path, form: str) -> None:
    """Write one file per firm, named by code and name, and for pages an index that links them.

    Args:
        several: the explanations.
        folder: made where it is not there; files of the same names are replaced.
        form: `text`, `html` or `json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for said in several:
        name = f"{safe(said.credit_code)}_{safe(said.name)}{ENDINGS[form]}"
        (folder / name).write_text(drawn(said, form), encoding="utf-8")
        names.append(name)
    if form == "html":
        from mujun.reports.explanation_page import index_html

        (folder / "index.html").write_text(index_html(several, names), encoding="utf-8")


def safe(name: str) -> str:
    """A name as part of a file's name on any system: what is not allowed there becomes `_`, at most forty characters.

    >>> safe('甲/乙:有限"公司"')
    '甲_乙_有限_公司_'
    """
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", name).strip(" .")[:40]
