"""The county's name and year, as they were said at the first start: a small file beside the store."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.writing import write_text


@dataclass(frozen=True)
class Place:
    """What the bureau calls its county, and the data year it works on."""

    name: str
    year: int

    @classmethod
    def beside(cls, store: Path) -> Place | None:
        """What was said for a store; `None` where nothing was, or the file is not what it should be."""
        try:
            content = json.loads(_file(store).read_text(encoding="utf-8"))
            return cls(str(content["name"]), int(content["year"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put_beside(self, store: Path) -> None:
        """Keep it for the next start.

        Raises:
            InputError: the file cannot be written.
        """
        write_text(_file(store), json.dumps(asdict(self), ensure_ascii=False) + "\n")


def _file(store: Path) -> Path:
    return store.with_name(f"{store.name}.workbench.json")
