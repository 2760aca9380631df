"""What is measured besides the cases: other offices' files, mutated files, polluted files; all as verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.intake import mutation, other_offices, pollution
from tests.intake.judging import VERDICTS, Verdict

OFFICES_EVERY = 30
SEEDS = 300
PORTION = 50
VARIANTS_EVERY = 149
"""A prime, so that over the 2,290 variants of a file every column and kind of pollution comes up."""


def names() -> list[tuple[str, str]]:
    """All names and forms under which these stand in the list of open cases."""
    offices = [*((f"office-{o.kind}", "sent") for o in other_offices.OFFICES), ("office-all", "sent")]
    seeds = [(f"mutation-{start}", "seeds") for start in range(0, SEEDS, PORTION)]
    return [*offices, *seeds, *((f"pollution-{name}", "variants") for name in pollution.SOURCES)]


def verdicts() -> Iterator[tuple[tuple[str, str], Verdict]]:
    """What became of each."""
    with TemporaryDirectory(prefix="mujun-intake-") as folder:
        yield from _of_offices(Path(folder))
        for start in range(0, SEEDS, PORTION):
            yield (f"mutation-{start}", "seeds"), of_seeds(start, Path(folder))
        for name in pollution.SOURCES:
            yield (f"pollution-{name}", "variants"), of_variants(name, Path(folder))


def _of_offices(folder: Path) -> Iterator[tuple[tuple[str, str], Verdict]]:
    rows = other_offices.sample(OFFICES_EVERY)
    worst = Verdict("")
    for office in other_offices.OFFICES:
        verdict = other_offices.verdict(office, rows, folder)
        worst = worst if worst.word else verdict
        yield (f"office-{office.kind}", "sent"), verdict
    yield ("office-all", "sent"), worst


def of_seeds(start: int, folder: Path) -> Verdict:
    """A portion of the mutated files."""
    trials = [mutation.tried(seed, folder) for seed in range(start, start + PORTION)]
    bad = [f for f in trials if f.bad]
    if not bad:
        return Verdict("")
    worst = min((f.word for f in bad), key=VERDICTS.index)
    return Verdict(worst, f"{len(bad)} of {PORTION}, seeds {', '.join(str(f.seed) for f in bad)}")


def of_variants(name: str, folder: Path) -> Verdict:
    """A sample of the polluted files of one source, and all that change a whole file."""
    variants, truth = pollution.every(name)
    # Of the 27 variants of a row the last has another separator.
    sampled = [*variants[::VARIANTS_EVERY], *variants[26:-22:810], *variants[-22:]]
    trials = [pollution.tried(v, truth, folder) for v in sampled]
    bad = [f for f in trials if f.bad]
    if not bad:
        return Verdict("")
    kinds = {f.kind for f in bad}
    word = "silent" if kinds & {"wrong", "unsaid"} else "unsaid"
    return Verdict(word, f"{len(bad)} of {len(trials)}: {', '.join(f.name for f in bad)}")
