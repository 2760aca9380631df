"""`open.txt`: which cases are not yet as they should be, in which forms, and what happens now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.intake.grid import in_short
from tests.intake.judging import VERDICTS, Verdict

FILE = Path(__file__).parent / "open.txt"

_HEADINGS = {
    "silent": "SILENT: a figure wrong, missing or added, and not a word",
    "wrong": "WRONG: something is said, and still a wrong figure is in",
    "crash": "CRASH: neither read nor refused",
    "unsaid": "UNSAID: right figures, but what had to be said was not",
    "lost": "LOST: said, but a figure that can be read is not in",
    "nuisance": "NUISANCE: a plain file, right figures, and still a word",
}
_HEAD = """\
# Cases of the corpus that are still open: case, forms, what happens now. Written by `python -m tests.intake --open`;
# a line whose case has come right must go (the tests say so: these are strict expectations of failure).
"""


def open_cases() -> dict[tuple[str, str], str]:
    """What happens now, by case and form."""
    return {key: verdict.what for key, verdict in _listed().items()}


def may_fail(name: str, form: str) -> list[pytest.MarkDecorator]:
    """The mark of an open case: it fails now, and the test says so when it no longer does."""
    now = _cached().get((name, form))
    return [] if now is None else [pytest.mark.xfail(strict=True, reason=now)]


@cache
def _cached() -> dict[tuple[str, str], str]:
    return open_cases()


def _listed() -> dict[tuple[str, str], Verdict]:
    verdicts: dict[tuple[str, str], Verdict] = {}
    word = VERDICTS[0]
    for line in FILE.read_text(encoding="utf-8").splitlines():
        word = next((w for w, heading in _HEADINGS.items() if line == f"# {heading}"), word)
        if line.strip() and not line.startswith("#"):
            head, _, what = line.partition(": ")
            name, *forms = head.split()
            verdicts.update({(name, form): Verdict(word, what) for form in forms})
    return verdicts


def write_open(verdicts: Mapping[tuple[str, str], Verdict], known: Collection[tuple[str, str]]) -> None:
    """The list brought up to date: what was tried anew stands as it is now, the rest as before, unknown names go."""
    entries = {key: old for key, old in _listed().items() if key in known and key not in verdicts}
    entries |= {key: new for key, new in verdicts.items() if new.word}
    lines: dict[str, dict[str, list[str]]] = {word: {} for word in VERDICTS}
    for name, form in known:
        if (name, form) in entries:
            lines[entries[name, form].word].setdefault(name, []).append(form)
    parts = []
    for word, cases_of_word in lines.items():
        # One line per case: what happens in its first form stands for the others.
        listed = (
            f"{name} {' '.join(forms)}: {in_short(entries[name, forms[0]].what)}"
            for name, forms in cases_of_word.items()
        )
        parts += [f"\n# {_HEADINGS[word]}\n" + "\n".join([*sorted(listed), ""])] if cases_of_word else []
    FILE.write_text(_HEAD + "".join(parts), encoding="utf-8")
