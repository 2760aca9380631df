"""`open.txt`: which cases are not yet as they should be, in which forms, and what happens now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def write_open(verdicts: Mapping[tuple[str, str], Verdict], only: Collection[str] | None = None) -> None:
    """The list made anew from verdicts: of all cases in all forms, or of some, the others' lines staying."""
    lines: dict[str, list[str]] = {word: [] for word in VERDICTS}
    if only is not None:
        for word, kept in _by_heading().items():
            lines[word] += [line for line in kept if line.split()[0] not in only]
    for word in VERDICTS:
        grouped: dict[str, list[str]] = {}
        for (name, form), verdict in verdicts.items():
            if verdict.word == word:
                grouped.setdefault(name, []).append(form)
        for name, forms in grouped.items():
            # One line per case: what happens in its first form stands for the others.
            lines[word].append(f"{name} {' '.join(forms)}: {in_short(verdicts[name, forms[0]].what)}")
    parts = [f"\n# {_HEADINGS[word]}\n" + "\n".join([*sorted(own), ""]) for word, own in lines.items() if own]
    FILE.write_text(_HEAD + "".join(parts), encoding="utf-8")


def _by_heading() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {word: [] for word in VERDICTS}
    word = VERDICTS[0]
    for line in FILE.read_text(encoding="utf-8").splitlines():
        word = next((w for w, heading in _HEADINGS.items() if line == f"# {heading}"), word)
        if line.strip() and not line.startswith("#"):
            found[word].append(line)
    return found
