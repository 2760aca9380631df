"""What an interrupted command says of what it had done: which files are in the store, which are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mujun import messages
from mujun.writing import SoFar

SHOWN = 5
"""Files that are named; the others are counted."""


def said_so_far(done: SoFar) -> Iterator[str]:
    """What the command had done, a sentence each.

    Args:
        done: what `mujun.writing.so_far` gave.
    """
    for name, batch in done.taken.items():
        yield messages.text("interrupted_in_store", file=name, batch=batch)
    waiting = [name for name in done.asked if name not in done.taken]
    if waiting:
        yield messages.text("interrupted_not_in_store", files=_listed(waiting), count=len(waiting))
    inside: set[Path] = set()
    for part in done.sets:
        inside.update(part.done)
        about = {"folder": part.folder, "count": len(part.done), "of": part.of or 0}
        yield messages.text("interrupted_set" if part.of is None else "interrupted_set_of", **about)
    others = [path for path in done.files if path not in inside]
    if others:
        yield messages.text("interrupted_written", files=_listed([str(path) for path in others]), count=len(others))
    elif not done.sets:
        yield messages.text("interrupted_none_written")


def _listed(names: list[str]) -> list[str]:
    return names if len(names) <= SHOWN else [*names[:SHOWN], "…"]
