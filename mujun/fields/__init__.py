"""The dictionary: every column's name, 中文 label, unit, type, how it adds up, synonyms, and who owns it.

`TABLES` is what departments send, `FIELDS` every field a rule may name. Nothing here touches data.
"""

from mujun.fields.field import KINDS, Field, Kind, Pool, Table, dtype_of
from mujun.fields.frame import FRAME_FIELDS, LAGS, LAND_PARTS, MADE_OF, frame_schema, lag_of
from mujun.fields.plausible import Band, implausible_median, median_of
from mujun.fields.slips import Slip, slip_between, slips_of
from mujun.fields.tables import TABLES
from mujun.fields.words import FIELDS, find_field, headers_of, label_of, nearest, normal_header

__all__ = [
    "FIELDS",
    "FRAME_FIELDS",
    "KINDS",
    "LAGS",
    "LAND_PARTS",
    "MADE_OF",
    "TABLES",
    "Band",
    "Field",
    "Kind",
    "Pool",
    "Slip",
    "Table",
    "dtype_of",
    "find_field",
    "frame_schema",
    "headers_of",
    "implausible_median",
    "label_of",
    "lag_of",
    "median_of",
    "nearest",
    "normal_header",
    "slip_between",
    "slips_of",
]
