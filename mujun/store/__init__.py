"""The store: one append-only DuckDB file with every batch ever loaded and every rating ever made.

`Store` is open for as short as possible; `RunRecord` is one rating, `ListDocument` one rectification list or amendment;
`AlreadyLoaded` says that a file is in already; `EVENT_SCHEMA` is how events of the rectification are handed over;
`Issue` is a workbook handed out.
"""

from typing import TYPE_CHECKING

from mujun.late import open_late

if TYPE_CHECKING:
    from mujun.store.about_firm import FirmRows
    from mujun.store.amounts import KeptAmounts
    from mujun.store.answers import ANSWERS
    from mujun.store.batches import Settled, TakenIn
    from mujun.store.batches_kept import WAITING_TABLES, AlreadyLoaded
    from mujun.store.blobs import PackedTable, packed_table
    from mujun.store.columns_read import COLUMNS_READ
    from mujun.store.events import EVENT_SCHEMA
    from mujun.store.issues import Issue
    from mujun.store.layout import FORMAT, ORIGIN
    from mujun.store.lists import ListDocument, ListKind
    from mujun.store.met import WAITING, Again, Met
    from mujun.store.monitor_reports import REPORT_SCHEMA
    from mujun.store.packed import PackedFrame, Packer
    from mujun.store.runs import FRAME, PREVIOUS, KeptFrame, RunRecord, engine
    from mujun.store.store import Store

open_late(
    __name__,
    {
        "about_firm": "FirmRows",
        "amounts": "KeptAmounts",
        "answers": "ANSWERS",
        "batches": "Settled TakenIn",
        "batches_kept": "WAITING_TABLES AlreadyLoaded",
        "blobs": "PackedTable packed_table",
        "columns_read": "COLUMNS_READ",
        "events": "EVENT_SCHEMA",
        "issues": "Issue",
        "layout": "FORMAT ORIGIN",
        "lists": "ListDocument ListKind",
        "met": "WAITING Again Met",
        "monitor_reports": "REPORT_SCHEMA",
        "packed": "PackedFrame Packer",
        "runs": "FRAME PREVIOUS KeptFrame RunRecord engine",
        "store": "Store",
    },
)

__all__ = [
    "ANSWERS",
    "COLUMNS_READ",
    "EVENT_SCHEMA",
    "FORMAT",
    "FRAME",
    "ORIGIN",
    "PREVIOUS",
    "REPORT_SCHEMA",
    "WAITING",
    "WAITING_TABLES",
    "Again",
    "AlreadyLoaded",
    "FirmRows",
    "Issue",
    "KeptAmounts",
    "KeptFrame",
    "ListDocument",
    "ListKind",
    "Met",
    "PackedFrame",
    "PackedTable",
    "Packer",
    "RunRecord",
    "Settled",
    "Store",
    "TakenIn",
    "engine",
    "packed_table",
]
