"""Explanations written to files: one firm's, or one file for each of many."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

from mujun.analysis.as_json import as_json
from mujun.analysis.explanation import Explanation
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.personal import public_name
from mujun.reports.firms.explanation_text import explanation_text
from mujun.reports.firms.handed_out import name_handed_out
from mujun.writing import Several, write_text

Form = Literal["text", "html", "json"]
ENDINGS: dict[str, str] = {"text": ".txt", "html": ".html", "json": ".json"}
"""The ending of a file by its format."""

BY_ENDING = {".txt": "text", ".html": "html", ".htm": "html", ".json": "json"}


def drawn(explanation: Explanation, form: str) -> str:
    """An explanation in a format: text in the language in force, a Chinese page, or JSON."""
    if form == "html":
        from mujun.reports.firms.explanation_page import explanation_html  # pages take Jinja, which text does not

        return explanation_html(explanation)
    return as_json(explanation) if form == "json" else explanation_text(explanation)


def write_explanation(explanation: Explanation, file: Path, form: str | None = None) -> None:
    """Write one explanation.

    Args:
        explanation: what is to be written.
        file: where to; its ending names the format where none is given.
        form: `text`, `html` or `json`.

    Raises:
        UsageError: the ending names no format, or no file can be there.
        InputError: the file cannot be written.
    """
    chosen = form or BY_ENDING.get(file.suffix.lower())
    if chosen is None:
        raise UsageError(problem("explain_unknown_ending", file=file.name, known=sorted(BY_ENDING)))
    write_text(file, drawn(explanation, chosen))


@dataclass(frozen=True)
class Entry:
    """A line of an index: a firm's result and its file."""

    file: str
    name: str
    credit_code: str
    cohort: str | None
    score: Decimal | None
    rank: int | None
    tier: str | None
    target: str | None


def write_explanations(explanations: Sequence[Explanation], several: Several, form: str) -> list[Entry]:
    """Write one file per firm, named by code and name.

    Args:
        explanations: what is known of each firm.
        several: the folder's files; files of the same names are replaced.
        form: `text`, `html` or `json`.

    Returns:
        What an index tells of each that was written.
    """
    entries = []
    with several.together():
        for explanation in explanations:
            with several.one(file_of(explanation), ENDINGS[form]) as path:
                entries.append(entry_of(explanation, write_text(path, drawn(explanation, form)).name))
    return entries


def file_of(explanation: Explanation) -> str:
    """What a firm's file is called: its code, and the name as it may be shown."""
    return f"{explanation.credit_code}_{public_name(explanation.name, explanation.credit_code)[:40]}"


def entry_of(explanation: Explanation, file: str) -> Entry:
    """What an index tells of a firm whose file was written."""
    return Entry(
        file,
        name_handed_out(explanation),
        explanation.credit_code,
        explanation.cohort_label,
        explanation.score.score if explanation.score else None,
        explanation.cut.rank if explanation.cut else None,
        explanation.tier,
        explanation.way_up.target if explanation.way_up is not None else None,
    )


def write_index(entries: Sequence[Entry], several: Several) -> None:
    """Write `index.html`, a page that links the pages of several firms."""
    with several.one("index", ".html") as path:
        from mujun.reports.firms.explanation_page import index_html

        write_text(path, index_html(entries))
