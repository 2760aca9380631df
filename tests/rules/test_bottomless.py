"""Rule files that nest without end are refused before a parser sees them."""

from __future__ import annotations

import time

import pytest
import yaml

from mujun.errors import RuleError
from mujun.rules import tree


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 150_000, "a: " + "{a: " * 150_000, "- " * 150_000 + "x", "? " * 150_000, "a: '" + "[" * 2000 + "'",
     "\n".join(" " * n + "a:" for n in range(1500))],
    ids=["brackets", "braces", "dashes", "questions", "quoted", "indented"],
)  # fmt: skip
def test_depth_is_counted_before_parsing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    # 150,000 brackets took minutes with the libyaml of an older PyYAML.
    monkeypatch.setattr(yaml, "parse", lambda *a, **k: pytest.fail("parsed"))
    begun = time.perf_counter()
    with pytest.raises(RuleError) as error:
        tree.read_tree(text, "rating.yaml")
    assert error.value.problems[0].code == "rules_too_deep"
    assert time.perf_counter() - begun < 2
