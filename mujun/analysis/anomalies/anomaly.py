"""One figure worth a second look."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, get_args

from mujun.dataclass import dataclass

Kind = Literal["swap", "slip", "parcel", "slip_last", "digit", "jump", "ratio", "zero", "blank", "copy", "repeat"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""swap: two figures in each other's place; slip: in the wrong unit; parcel: one piece of land of several is; slip_last:
last year's was; digit: one digit too many or too few; jump: against last year and against the firm's other figures;
ratio: figures that do not go together; zero, blank: nothing where peers have something; copy: another firm's figures;
repeat: last year's.
"""


@dataclass(frozen=True)
class Anomaly:
    """One figure worth a second look.

    Attributes:
        kind: what is odd about it.
        credit_code, name: whose it is.
        field: the field.
        value: the figure; missing where nothing is reported.
        likely: the value that is probably right, where two independent sights agree on it.
        odds: how far out it is, in robust standard deviations or decades: the larger the odder, within one kind.
        values: what the reason says besides.
    """

    kind: Kind
    credit_code: str
    name: str | None
    field: str
    value: Decimal | None
    likely: Decimal | None
    odds: float
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)  # `field` is a column here
