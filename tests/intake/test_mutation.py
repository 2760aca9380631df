"""300 mutated files: what comes in is what a person sees, or it is told. The long form is the module's own command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake import beyond
from tests.intake.open_cases import may_fail


@pytest.mark.parametrize(
    "start",
    [pytest.param(s, marks=may_fail(f"mutation-{s}", "seeds")) for s in range(0, beyond.SEEDS, beyond.PORTION)],
)
def test_no_figure_is_wrong(start: int, tmp_path: Path) -> None:
    verdict = beyond.of_seeds(start, tmp_path)
    assert not verdict.word, f"{verdict.what}; see python -m tests.intake.mutation --only SEED"
