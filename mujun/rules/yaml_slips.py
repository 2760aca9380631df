"""What stands behind a file that is no YAML: Chinese signs, tabs, missing spaces; and YAML's own words in ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import yaml

from mujun.errors import Place, Problem, problem
from mujun.messages import MessageKey, Word

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_COMMENT = re.compile(r"(^|\s)#.*$")
_KEY = r"[A-Za-z_\u3400-\u9fff][\w\u3400-\u9fff]*"

_SLIPS: tuple[tuple[MessageKey, str], ...] = (
    ("yaml_tab", r"^ *(\t)"),
    ("yaml_full_colon", r"(?:^\s*(?:- +)?|[{,，]\s*)[A-Za-z_]\w*\s*(：)"),
    ("yaml_full_comma", rf"(，)\s*{_KEY}\s*[:：]"),
    ("yaml_full_quotes", r"[:,\[]\s*([“‘＂])"),
    ("yaml_no_space", r"(?:^\s*(?:- +)?|[{,]\s*)([A-Za-z_]\w*:)(?=[^\s/:}])"),
    ("yaml_no_space_dash", r"^\s*(-)(?=[{A-Za-z_])"),
)
"""Slips and what they look like on a line whose quoted texts and comment are taken out; the first that fits is told."""

_WORDS: tuple[tuple[str, MessageKey], ...] = (
    ("mapping values are not allowed", "yaml_colon_within"),
    ("could not find expected ':'", "yaml_colon_missing"),
    ("expected ',' or '}'", "yaml_brace_open"),
    ("expected ',' or ']'", "yaml_bracket_open"),
    ("did not find expected key", "yaml_uneven"),
    ("expected <block end>", "yaml_uneven"),
    ("block sequence entries are not allowed", "yaml_dash_here"),
    ("unexpected end of stream", "yaml_quote_open"),
    ("found unknown escape character", "yaml_escape"),
    ("cannot start any token", "yaml_sign_first"),
    ("expected hexdecimal", "yaml_escape"),
    ("did not find expected '-' indicator", "yaml_uneven"),
    ("document", "yaml_two_documents"),
    ("special characters are not allowed", "yaml_control"),
    ("unacceptable character", "yaml_control"),
)
"""What YAML's readers say, and what it means."""


def syntax_problems(error: yaml.YAMLError, text: str, file: str) -> list[Problem]:
    """What is told of a text that is no YAML: the slips on its lines, else what its reader stumbled over."""
    slips = list(slips_in(text, file))
    if slips:
        return slips
    mark = getattr(error, "problem_mark", None)
    complaint = " ".join(
        str(part) for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part
    )
    place = Place(file=file, line=mark.line + 1 if mark else None, column=mark.column + 1 if mark else None)
    complaint = complaint or str(error)
    said = next((Word(word) for pattern, word in _WORDS if pattern in complaint), complaint)
    return [problem("rules_not_yaml", place, said=said)]


def slips_in(text: str, file: str) -> Iterator[Problem]:
    """The lines of a text on which a sign is not what YAML wants, each with the sign."""
    block: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        indent = len(line) - len(line.lstrip(" "))
        if block is not None and (not line.strip() or indent > block):
            continue
        block = indent if re.search(r":\s*[|>][+-]?\s*$", line) else None
        bare = _COMMENT.sub("", _QUOTED.sub(lambda m: "'" + "·" * (len(m[0]) - 2) + "'", line))
        for code, pattern in _SLIPS:
            match = re.search(pattern, bare)
            if match is not None:
                place = Place(file=file, line=number, column=match.start(1) + 1)
                yield problem(code, place, found=match[1].strip(), line=line.strip())
                break


def slip_of_key(name: str) -> Literal["yaml_full_colon", "yaml_full_comma", "yaml_no_space"] | None:
    """What is wrong with a key that has no value and is more than a key: `id：a`, `weight:30`."""
    if re.match(r"[A-Za-z_]\w*\s*：", name):
        return "yaml_full_colon"
    if "，" in name:
        return "yaml_full_comma"
    return "yaml_no_space" if re.match(r"[A-Za-z_]\w*:\S", name) else None
