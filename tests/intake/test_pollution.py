"""A polluted CSV: no wrong figure, none missing unsaid, an open quote named at its line. All: the module's command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake import beyond
from tests.intake.open_cases import may_fail
from tests.intake.pollution import SOURCES, every


def test_every_file_has_as_many_variants_as_pollock() -> None:
    assert {name: len(every(name)[0]) for name in SOURCES} == dict.fromkeys(SOURCES, 2290)


@pytest.mark.parametrize("name", [pytest.param(n, marks=may_fail(f"pollution-{n}", "variants")) for n in SOURCES])
def test_no_figure_is_wrong_or_missing_unsaid(name: str, tmp_path: Path) -> None:
    verdict = beyond.of_variants(name, tmp_path)
    assert not verdict.word, f"{verdict.what}; see python -m tests.intake.pollution --only VARIANT"
