"""Help as it stands on a terminal: lines that fit its columns, broken where Chinese and Latin text may be broken.

click counts characters, of which a Chinese one takes two columns, and breaks a word that has no space beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from mujun.reports.drawing.terminal import width

_PIECES = re.compile(r"\s+|[^\s\u2e80-\uffef|]+\|?|\|")
"""What is not broken: spaces, and Latin text up to a bar between choices; every other character stands for itself."""

_NOT_FIRST = frozenset("，。、；：？！）》”’】…—")
_NOT_LAST = frozenset("（《“‘【")

LEAST = 10
"""Columns of a text at least, however narrow the terminal."""


class HelpLayout(click.HelpFormatter):
    """click's help, broken into lines by columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How a command is called: choices are broken between two of them."""
        head = f"{'Usage: ' if prefix is None else prefix}{prog} "
        room = max(self.width - self.current_indent - width(head), LEAST)
        lines = lines_of(args, room) or [""]
        self.write(f"{head}{lines[0]}".rstrip() + "\n")
        for line in lines[1:]:
            self.write(" " * width(head) + line + "\n")

    def write_text(self, text: str) -> None:
        """A text, with its paragraphs; one that begins with \\b stays as it is."""
        indent = " " * self.current_indent
        paragraphs = []
        for paragraph in text.split("\n\n"):
            if paragraph.lstrip().startswith("\b"):
                lines = paragraph.lstrip().split("\n")[1:]
            else:
                lines = lines_of(" ".join(paragraph.split()), max(self.width - self.current_indent, LEAST))
            paragraphs.append("\n".join(indent + line for line in lines))
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean."""
        listed = list(rows)
        first = min(max((width(term) for term, _ in listed), default=0), col_max) + col_spacing
        for term, meaning in listed:
            lines = lines_of(" ".join(meaning.split()), max(self.width - first - self.current_indent, LEAST))
            beside = width(term) + col_spacing <= first and bool(lines)
            head = term + " " * (first - width(term)) + lines.pop(0) if beside else term
            for line in (head, *(" " * first + line for line in lines)):
                self.write(" " * self.current_indent + line + "\n")


def lines_of(text: str, columns: int) -> list[str]:
    """A text in lines of so many columns; a word that takes more has a line of its own, and is not broken.

    >>> lines_of("导出：subjects、findings、accounts", 20)
    ['导出：subjects、', 'findings、accounts']
    >>> lines_of("{ratings|subjects|accounts}", 20)
    ['{ratings|subjects|', 'accounts}']
    """
    lines: list[str] = []
    line = ""
    for piece in _together(text):
        if line and width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _together(text: str) -> list[str]:
    """Pieces between which a line may end: no mark that closes something begins one, none that opens ends it."""
    pieces: list[str] = []
    at = 0
    while at < len(text):
        found = _PIECES.match(text, at)
        piece = found[0] if found is not None else text[at]
        at += len(piece)
        if pieces and (piece[0] in _NOT_FIRST or pieces[-1][-1] in _NOT_LAST):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


class HelpContext(click.Context):
    """A command's context whose help is laid out here."""

    formatter_class = HelpLayout
