"""A rule set as loaded: its files read into objects, its lookup tables, and the texts it was read from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field

from mujun.dataclass import dataclass
from mujun.rules.lookups import Lookup
from mujun.rules.model import (
    Case,
    Head,
    Measure,
    Source,
    TheAllocation,
    TheCases,
    TheRating,
    TheRectification,
    TheTargets,
)
from mujun.rules.model.ladders import TheLadders


@dataclass(frozen=True)
class AllocationPart:
    """One allocation file with its measures, as included or its own: each is read in its own scope."""

    address: str
    file: TheAllocation
    measures: tuple[Measure, ...]
    lookups: Mapping[str, Lookup]

    @property
    def first_document(self) -> str:
        """The document that a measure rests on where it names none."""
        return self.file.sources[0].document if self.file.sources else self.file.name


@dataclass(frozen=True)
class RuleSet:
    """A folder of rule files.

    Attributes:
        address: what it is called, `zhejiang/huangyan-2022`.
        rating, rectification, allocation, targets, ladders: its files, where it has them.
        allocation_parts: included files first, then its own, each with its measures.
        cases: the hand-computed cases of tests.yaml.
        lookups: lookup tables by the kind of file and their id.
        resolved: each file as plain values after `extends`, by kind.
        texts: every file that was read, by `address/file`: bases, included sets and csv files too.
    """

    address: str
    rating: TheRating | None = None
    rectification: TheRectification | None = None
    allocation: TheAllocation | None = None
    allocation_parts: tuple[AllocationPart, ...] = ()
    targets: TheTargets | None = None
    cases: TheCases | None = None
    lookups: Mapping[str, Mapping[str, Lookup]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    resolved: Mapping[str, object] = field(default_factory=dict, repr=False)
    ladders: TheLadders | None = None
    list_name: str = ""
    """Which of several lists of its rectification.yaml this set makes; empty where the file makes one."""

    @property
    def lists(self) -> bool:
        """Whether it makes a list, without being told which."""
        return self.rectification is not None and not self.rectification.lists

    @property
    def head(self) -> Head | None:
        """The head of the first file that the set has: name, place, years."""
        files = (self.rating, self.rectification, self.allocation, self.targets, self.ladders)
        return next((f for f in files if f is not None), None)

    @property
    def name(self) -> str:
        """The name of the first file that the set has."""
        return self.address if self.head is None else self.head.name

    @property
    def sources(self) -> tuple[Source, ...]:
        """The documents of all its files, each once."""
        files = (self.rating, self.rectification, self.allocation, self.targets, self.ladders)
        by_document = {s.document: s for f in files if f is not None for s in f.sources}
        return tuple(by_document.values())

    @property
    def test_cases(self) -> tuple[Case, ...]:
        """The cases of tests.yaml."""
        return self.cases.cases if self.cases else ()

    @property
    def digest(self) -> str:
        """SHA-256 over every text the set was read from: the same rules, the same digest."""
        kept = {name: text for name, text in self.texts.items() if not name.endswith("/tests.yaml")}
        return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
