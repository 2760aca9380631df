"""What a paper about a plan's course tells, and for whom."""

from __future__ import annotations

from dataclasses import field

from mujun.dataclass import dataclass
from mujun.monitoring.plan_month import PlanMonth
from mujun.monitoring.projects import ProjectBook
from mujun.monitoring.racing import Race
from mujun.monitoring.signs import Sign
from mujun.monitoring.standing import Standing
from mujun.monitoring.tasks import TaskStanding
from mujun.rules.model.papers import ThePapers


@dataclass(frozen=True)
class Course:
    """What a paper tells: the month, what it was three months before, and what should be looked at.

    Attributes:
        told: the month.
        before: three months earlier; none where nothing is compared.
        signs: the warnings.
        office: only of this office (short name).
        texts: the county's own words.
        race: the townships' race, where the plan has one.
        book: projects, land and the special fund, where the plan watches them.
    """

    told: PlanMonth
    signs: tuple[Sign, ...] = field(default=(), repr=False)
    before: PlanMonth | None = field(default=None, repr=False)
    office: str = ""
    texts: ThePapers = field(default_factory=lambda: ThePapers(1, "papers", ""), repr=False)
    race: Race | None = field(default=None, repr=False)
    book: ProjectBook | None = field(default=None, repr=False)

    @property
    def whose(self) -> str:
        """Whose course it is, as a title says it."""
        return self.told.township or (self.told.file.offices.get(self.office, "") if self.office else "")

    @property
    def figures(self) -> tuple[Standing, ...]:
        """The figures that the paper is about."""
        if not self.office:
            return self.told.standings
        file = self.told.file
        return tuple(
            s
            for s in self.told.standings
            if self.office in file.led_by(s.target) or file.owed_by(s.target) == self.office
        )

    @property
    def main(self) -> tuple[Standing, ...]:
        """The plan's indicators, without its supplementary goals."""
        ids = {t.id for t in self.told.file.targets}
        return tuple(s for s in self.figures if s.target.id in ids)

    @property
    def tasks(self) -> tuple[TaskStanding, ...]:
        """The tasks that it is about: of a township those that the townships lead."""
        if self.told.township is not None:
            return tuple(t for t in self.told.tasks if self.told.file.townships_office in t.task.lead)
        return tuple(t for t in self.told.tasks if not self.office or self.office in t.task.lead)

    @property
    def warnings(self) -> tuple[Sign, ...]:
        """The warnings for whom the paper is."""
        if self.told.township is not None:
            return ()
        return tuple(s for s in self.signs if not self.office or s.office == self.office)
