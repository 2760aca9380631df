"""Where the tiers come from that a list or a measure goes by."""

from __future__ import annotations

from typing import Literal

from mujun import messages
from mujun.dataclass import dataclass
from mujun.messages import MessageKey

TierSource = Literal["run", "finals", "ratings", "nowhere"]


@dataclass(frozen=True)
class TiersFrom:
    """Where the tiers come from that a list or a measure goes by.

    Attributes:
        source: a `run` that was named, the year's `finals`, the table `ratings` (历年评价), or `nowhere`.
        runs: the runs.
        rules: the rules of these runs.
        tiered: how many enterprises have a tier.
    """

    source: TierSource
    runs: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()
    tiered: int = 0

    @property
    def given(self) -> bool:
        """Whether the tiers are taken over as they are, so that nothing is known of how they came about."""
        return len(self.runs) != 1

    def __str__(self) -> str:
        key: MessageKey = messages.key(f"tiers_from_{self.source}")
        return messages.text(key, runs=list(self.runs), rules=list(self.rules), count=self.tiered)
