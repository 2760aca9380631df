"""An expression as it stands in a rule file."""

from __future__ import annotations

from dataclasses import field

from mujun.dataclass import dataclass
from mujun.errors import Place


@dataclass(frozen=True)
class Expression:
    """The text of an SQL scalar expression and its place; compiled by `compile_expression`."""

    text: str
    place: Place = field(default=Place(), compare=False)

    def __str__(self) -> str:
        return self.text
