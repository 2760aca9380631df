"""Rule sets as tables that a bureau fills in: laid out, read back, and the files changed in place."""

from mujun.rules.filling.cells import FormCell, FormPage, Grid, Spot, Title
from mujun.rules.filling.editing import Change, NotInPlace, changed_texts
from mujun.rules.filling.filled_in import Cells, answers
from mujun.rules.filling.layout import pages_of

__all__ = [
    "Cells", "Change", "FormCell", "FormPage", "Grid", "NotInPlace", "Spot", "Title", "answers",
    "changed_texts", "pages_of",
]  # fmt: skip
