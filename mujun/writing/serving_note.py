"""The note beside a store that says where its workbench runs: what it is called, and whose process it names."""

from __future__ import annotations

import json
from pathlib import Path


def serving_note(store: Path) -> Path:
    """The note of a store."""
    return store.with_name(f"{store.name}.serving")


def process_serving(store: Path) -> int | None:
    """The process that the note names; `None` where there is no note that can be read."""
    try:
        process = json.loads(serving_note(store).read_text(encoding="utf-8"))["process"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return process if isinstance(process, int) else None
