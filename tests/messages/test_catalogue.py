"""The catalogue of messages: both languages whole, nothing missing, nothing unused."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

import mujun
from mujun import messages

PACKAGE = Path(mujun.__file__).parent

ASKS = {
    "problem": "", "Problem": "", "_unknown": "", "Refusal": "", "text": "", "Word": "", "words": "", "wrong": "",
    "Finding": "finding_", "finding": "finding_",
}  # fmt: skip
"""Calls whose first argument is the key of a message, or what comes after this beginning of one."""

SAID_BY_CODE_ALONE: frozenset[str] = frozenset()
"""Keys that nothing in the package names and that are needed all the same."""


@cache
def _trees() -> dict[Path, ast.Module]:
    return {f: ast.parse(f.read_text(encoding="utf-8")) for f in sorted(PACKAGE.rglob("*.py"))}


def _constants() -> Iterator[str]:
    """Every text in the code, docstrings aside."""
    for tree in _trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _patterns() -> Iterator[re.Pattern[str]]:
    """F-strings as patterns: `rules_want_{kind}` is any key that begins so."""
    for tree in _trees().values():
        for node in ast.walk(tree):
            if not isinstance(node, ast.JoinedStr):
                continue
            parts = [
                re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values
            ]  # fmt: skip
            literal = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
            # A key has an underscore: `{a}_{b}` alone would match everything.
            if re.fullmatch(r"[a-z0-9_]+", literal) and len(literal) > 2 and "_" in literal:
                yield re.compile("".join(parts))


def _placeholders(sentence: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None
    }


KEYS = sorted(messages.catalogue())


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_with_the_same_placeholders(key: str) -> None:
    entry = messages.catalogue()[key]
    assert set(entry) == {"zh", "en"}
    assert entry["zh"].strip()
    assert entry["en"].strip()
    assert _placeholders(entry["zh"]) == _placeholders(entry["en"])
    assert all(re.fullmatch(r"[a-z_0-9]+", name) for name in _placeholders(entry["zh"]))


@pytest.mark.parametrize("key", KEYS)
def test_every_message_can_be_said(key: str) -> None:
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            said = messages.text(key, **dict.fromkeys(_placeholders(messages.catalogue()[key]["zh"]), "值"))
        assert "{" not in said.replace("# [ {", "").replace("[ {", "").replace("{points", "").replace(
            "{id", ""
        ).replace("{A", "")


@pytest.mark.parametrize("key", KEYS)
def test_chinese_is_punctuated_as_chinese(key: str) -> None:
    """Between Chinese characters stand Chinese signs; no doubled ones where a value ends the sentence."""
    zh = messages.catalogue()[key]["zh"]
    assert not re.search(r"[一-鿿][,;:?!][一-鿿]", zh)
    assert not re.search(r"。。|，，|。，|，。", zh)


def test_no_message_is_unused() -> None:
    said = set(_constants())
    patterns = list(_patterns())
    unused = [k for k in KEYS if k not in said | SAID_BY_CODE_ALONE and not any(p.fullmatch(k) for p in patterns)]
    assert unused == []


def test_every_message_asked_for_exists() -> None:
    """Wherever the code names a message outright, the catalogue has it."""
    missing: list[str] = []
    for file, tree in _trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            begins = ASKS.get(called)
            if begins is None or not node.args or (called == "text" and not _is_ours(node.func)):
                continue
            for key in _keys_of(node.args[0]):
                if begins + key not in messages.catalogue():
                    missing.append(f"{file.relative_to(PACKAGE)}:{node.lineno} {begins}{key}")
    assert missing == []


def _is_ours(func: ast.expr) -> bool:
    """`messages.text(…)`, not somebody's own `text`."""
    return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "messages"


def _keys_of(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
        yield argument.value
    if isinstance(argument, ast.IfExp):
        yield from _keys_of(argument.body)
        yield from _keys_of(argument.orelse)


def test_values_given_fit_the_placeholders() -> None:
    """`problem("key", place, a=…)` gives what the sentence asks for, where the call spells it out."""
    wrong: list[str] = []
    for file, tree in _trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "problem" or not node.args:
                continue
            if any(k.arg is None for k in node.keywords):
                continue
            given = {k.arg for k in node.keywords}
            for key in _keys_of(node.args[0]):
                asked = _placeholders(messages.catalogue().get(key, {"zh": ""})["zh"])
                if not asked <= given:
                    wrong.append(f"{file.relative_to(PACKAGE)}:{node.lineno} {key} {sorted(asked - given)}")
    assert wrong == []


def test_a_key_stands_in_one_file() -> None:
    seen: dict[str, str] = {}
    for file in resources.files("mujun.messages").iterdir():
        if file.name.endswith(".toml"):
            for key in tomllib.loads(file.read_text(encoding="utf-8")):
                assert key not in seen, f"{key} in {file.name} and {seen[key]}"
                seen[key] = file.name


@pytest.mark.parametrize(("language", "said"), [("zh", "甲；乙"), ("en", "甲; 乙")])
def test_clauses_stand_apart_as_the_language_writes_it(language: messages.Language, said: str) -> None:
    with messages.speaking(language):
        assert messages.clauses(["甲", "乙"]) == said
