"""The store: one append-only DuckDB file with every batch ever loaded and every rating ever made.

`Store` is open for as short as possible; `RunRecord` is one rating; `AlreadyLoaded` says that a file is in already.
"""

from mujun.store.batches import AlreadyLoaded
from mujun.store.layout import FORMAT, ORIGIN
from mujun.store.runs import RunRecord
from mujun.store.store import Store

__all__ = ["FORMAT", "ORIGIN", "AlreadyLoaded", "RunRecord", "Store"]
