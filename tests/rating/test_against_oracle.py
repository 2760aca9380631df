"""The engine agrees with an independent, slow rater in plain Python on random rule sets over all constructs."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, given, settings

from tests.oracle import strategies
from tests.rating.against_oracle import ERRORS, differences, run_both


@given(strategies.cases())
@settings(
    max_examples=int(os.environ.get("MUJUN_EXAMPLES", "150")),
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # Shrinking a whole county takes longer than reading it.
    phases=[Phase.explicit, Phase.generate],
)
def test_engine_and_oracle_agree_on_every_column(case: strategies.Case) -> None:
    got, expected = run_both(case)
    if isinstance(expected, str):
        assert got in ERRORS.get(expected, {expected}), f"the oracle stops with {expected}, the engine gives {got}"
        return
    assert not isinstance(got, str), f"the engine stops with {got}, the oracle does not"
    assert differences(got, expected) == []
