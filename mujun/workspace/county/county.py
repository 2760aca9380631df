"""A county as one object: its store, and everything that is done with it, in groups by the bureau's jobs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mujun.workspace.county_file import CountyFile

if TYPE_CHECKING:
    from mujun.workspace.county.data import Data
    from mujun.workspace.county.firms import Firms
    from mujun.workspace.county.identity import Identity
    from mujun.workspace.county.money import Money
    from mujun.workspace.county.monitor import Monitor
    from mujun.workspace.county.papers import Papers
    from mujun.workspace.county.parcels import Parcels
    from mujun.workspace.county.problems import Problems
    from mujun.workspace.county.rectify import Rectify
    from mujun.workspace.county.rounds import Rounds
    from mujun.workspace.county.rules import Rules
    from mujun.workspace.county.runs import Runs


class County(CountyFile):
    """A county's store and the year's work on it: the one interface for command line, notebooks and workbench.

    The store is opened for each step and closed again, so that a colleague's program can use it in between.

    Args:
        path: the store's file.
        who: whose name the store notes beside what is put in; by default whoever is at this computer.
    """

    # A group is read when it is first asked for: the rooms behind it take a while to open.

    @cached_property
    def data(self) -> Data:
        """Records coming in, and as they stand."""
        from mujun.workspace.county.data import Data

        return Data(self)

    @cached_property
    def identity(self) -> Identity:
        """Who a record is about: names decided by a person, codes that changed."""
        from mujun.workspace.county.identity import Identity

        return Identity(self)

    @cached_property
    def rounds(self) -> Rounds:
        """The township's round, confirmation by firms, corrections."""
        from mujun.workspace.county.rounds import Rounds

        return Rounds(self)

    @cached_property
    def firms(self) -> Firms:
        """Everything about one enterprise."""
        from mujun.workspace.county.firms import Firms

        return Firms(self)

    @cached_property
    def parcels(self) -> Parcels:
        """Land: one parcel with the firms on it, and the register of a year."""
        from mujun.workspace.county.parcels import Parcels

        return Parcels(self)

    @cached_property
    def runs(self) -> Runs:
        """Ratings made, kept, published, verified, compared and doubted."""
        from mujun.workspace.county.runs import Runs

        return Runs(self)

    @cached_property
    def problems(self) -> Problems:
        """The list of problems found on firms and parcels."""
        from mujun.workspace.county.problems import Problems

        return Problems(self)

    @cached_property
    def rectify(self) -> Rectify:
        """The rectification list and its closed loop."""
        from mujun.workspace.county.rectify import Rectify

        return Rectify(self)

    @cached_property
    def money(self) -> Money:
        """What tiers come to in money and quotas."""
        from mujun.workspace.county.money import Money

        return Money(self)

    @cached_property
    def monitor(self) -> Monitor:
        """How far the year's work is, against its targets."""
        from mujun.workspace.county.monitor import Monitor

        return Monitor(self)

    @cached_property
    def rules(self) -> Rules:
        """Rule sets found, checked, tested, shown, compared and made."""
        from mujun.workspace.county.rules import Rules

        return Rules(self)

    @cached_property
    def papers(self) -> Papers:
        """Results and records as workbooks, pages and tables for other programs."""
        from mujun.workspace.county.papers import Papers

        return Papers(self)
