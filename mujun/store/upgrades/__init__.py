"""Stores of earlier formats brought up to date: a step per format, on a copy that takes the old file's place at once.

`upgrade` does it for good and keeps the old file beside the new one; `readable_copy` for who only reads; `complete`
adds what needs no step, the tables and columns that the dictionary has gained. `OLDEST` is the oldest format carried;
`carried` refuses what is older.
What is promised: `docs/versions.md`.
"""

from mujun.store.upgrades.completing import complete
from mujun.store.upgrades.replacing import Upgrade, upgrade
from mujun.store.upgrades.steps import OLDEST, carried
from mujun.store.upgrades.temporary import readable_copy

__all__ = ["OLDEST", "Upgrade", "carried", "complete", "readable_copy", "upgrade"]
