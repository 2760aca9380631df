"""Tables of a catalogue's head and rows, as the commands print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mujun.reports.drawing.terminal import text_table


def table(head: str, rows: Iterable[Sequence[object]]) -> str:
    """Rows below a head of the catalogue, whose columns are parted by tabs."""
    return text_table(head.split("\t"), rows)


def called(code: str | None, name: str | None) -> str:
    """A firm by its name and code, as far as they are known."""
    return f"{name}（{code}）" if name and code else code or "—"
