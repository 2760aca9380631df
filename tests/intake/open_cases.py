"""`open.txt`: which cases are not yet as they should be, in which forms, and what happens now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            head, _, what = line.partition(": ")
            name, *forms = head.split()
            found.update({(name, form): what for form in forms})
    return found


def write_open(verdicts: Mapping[tuple[str, str], Verdict]) -> None:
    """The list made anew from verdicts of all cases in all forms."""
    parts = [_HEAD]
    for word in VERDICTS:
        own = {key: v.what for key, v in verdicts.items() if v.word == word}
        if not own:
            continue
        grouped: dict[tuple[str, str], list[str]] = {}
        for name, form in own:
            # One line per case: what happens in its first form stands for the others.
            grouped.setdefault((name, word), []).append(form)
        lines = [f"{name} {' '.join(forms)}: {in_short(own[name, forms[0]])}" for (name, _), forms in grouped.items()]
        parts.append("\n".join([f"\n# {_HEADINGS[word]}", *lines, ""]))
    FILE.write_text("".join(parts), encoding="utf-8")
