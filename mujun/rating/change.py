"""What would be different: a subject with other values of its indicators, or other figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Change:
    """A subject with something changed, all else being equal.

    Attributes:
        subject: who is changed.
        indicators: values of its indicators, put in the place of what its quantities give; these stay.
        figures: quantities of the frame; everything that follows from them follows. Of a pooled subject they are
            those of `firm`.
        firm: the enterprise whose figures they are; the subject itself unless told.
    """

    subject: str
    indicators: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    firm: str | None = None
