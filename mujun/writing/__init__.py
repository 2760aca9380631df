"""The one way a file or folder is written: whole or not at all, and never over what must not be lost.

Every command writes through this room. A file is refused where it would replace a store, a store's log, or a file that
the command itself has read; otherwise it is written beside its place under a name nobody can foresee, and moved there
when it is complete. Names made from data become names that every system takes.

A target that is a link is followed: what it leads to is replaced, as safely as any other file.
"""

from mujun.writing.destinations import Target, apart, target_of
from mujun.writing.drafts import draft_beside, drafts_cleared, drafts_dropped
from mujun.writing.file_names import LONGEST_NAME, Names, file_name
from mujun.writing.files import copy_of, write_bytes, write_text, written
from mujun.writing.folders import folder_written
from mujun.writing.held import HeldBack, held_back
from mujun.writing.in_use import SoFar, note_asked, note_edited, note_read, note_store, note_taken, one_command, so_far
from mujun.writing.settling import settle
from mujun.writing.several import Several
from mujun.writing.why import unwritten

__all__ = [
    "LONGEST_NAME",
    "HeldBack",
    "Names",
    "Several",
    "SoFar",
    "Target",
    "apart",
    "copy_of",
    "draft_beside",
    "drafts_cleared",
    "drafts_dropped",
    "file_name",
    "folder_written",
    "held_back",
    "note_asked",
    "note_edited",
    "note_read",
    "note_store",
    "note_taken",
    "one_command",
    "settle",
    "so_far",
    "target_of",
    "unwritten",
    "write_bytes",
    "write_text",
    "written",
]
