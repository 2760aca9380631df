"""The JSON Schemas hold every rule file that ships, and mark what is wrong as an editor would."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mujun.errors import UsageError
from mujun.rules.folders import FILES, shipped_rules
from mujun.rules.loading import MODELS
from mujun.rules.schema import rules_schema, schema_text
from mujun.rules.tree import plain, read_tree

SHIPPED = sorted(p for name in FILES for p in shipped_rules().glob(f"*/*/{name}"))


def as_json(value: Any) -> Any:
    """A file's values as an editor's YAML reader sees them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    return [as_json(v) for v in value] if isinstance(value, list) else value


def mistakes(kind: str, text: str) -> list[str]:
    """What a validator says of a file's text."""
    validator = jsonschema.Draft202012Validator(rules_schema(kind))
    return [e.message for e in validator.iter_errors(as_json(plain(read_tree(text, "x.yaml"))))]


@pytest.mark.parametrize("kind", list(MODELS))
def test_schema_is_one_and_is_json(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(rules_schema(kind))
    assert json.loads(schema_text(kind)) == rules_schema(kind)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda p: "/".join(p.parts[-3:]))
def test_every_shipped_file_keeps_to_it(file: Path) -> None:
    assert mistakes(file.stem, file.read_text(encoding="utf-8")) == []


HEAD = "mujun: 1\nkind: rating\nname: 试\n"


@pytest.mark.parametrize(
    "text",
    [
        "kind: rating\nname: 试\n",
        HEAD + "cohort: []\n",
        HEAD + "decimals: {points: many}\n",
        HEAD + "cohorts: [{when: 'true'}]\n",
        HEAD + "population: {subject: firm}\n",
        HEAD + "scoring: {all: {tax: {weight: 30, metod: ratio}}}\n",
        HEAD + "scoring: {all: {tax: {weight: 30, missing: none}}}\n",
        HEAD.replace("rating", "targets"),
        HEAD.replace("mujun: 1", "mujun: 2"),
    ],
)
def test_mistakes_are_marked(text: str) -> None:
    assert mistakes("rating", text)


def test_a_file_that_extends_may_leave_out_what_its_base_says() -> None:
    partly = "scoring: {above: {tax: {benchmark: 3}}}\ncohorts: [{id: below, remove: true}]\nadjustments: ~\n"
    assert mistakes("rating", HEAD + partly)
    assert mistakes("rating", HEAD + "extends: ../base\n" + partly) == []
    assert mistakes("rating", HEAD + "extends: ../base\nscoring: {above: {tax: {benchmrk: 3}}}\n")


def test_keys_carry_their_meaning() -> None:
    item = rules_schema("rating")["$defs"]["Item"]["properties"]
    assert item["cap"]["description"] == "得分上限，权重的倍数"


def test_unknown_kind() -> None:
    with pytest.raises(UsageError):
        rules_schema("ratings")
