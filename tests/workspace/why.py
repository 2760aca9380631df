"""What stands behind a correction."""

from __future__ import annotations

from typing import TypedDict


class Why(TypedDict):
    """The reason of a correction and the document it rests on, to be given with `**`."""

    reason: str
    document: str
