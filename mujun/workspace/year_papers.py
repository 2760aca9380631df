"""A year's papers at once: which there are, for whom, and all of them, or some, in one folder with an index page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Literal, cast, get_args

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import Problem, UsageError, problem
from mujun.fields import nearest
from mujun.messages import Guess, speaking
from mujun.notebooks import InNotebooks
from mujun.reports.charts import svg
from mujun.reports.charts.of_county import county_charts
from mujun.reports.county.county_year import CountyYear
from mujun.reports.county.report import county_report, index_page, part_report
from mujun.reports.drawing.industries import DIVISIONS
from mujun.reports.official.document import OfficialPaper
from mujun.reports.official.papers import briefing, data_notice, objection_register, result_notice
from mujun.reports.official.word import write_word
from mujun.reports.rounds.objection_book import write_objections
from mujun.reports.year.year_workbook import write_townships, write_year
from mujun.rules.paper_texts import papers_template
from mujun.rules.showing import show_rules
from mujun.steps import part, step
from mujun.workspace.asking import codes_of
from mujun.workspace.county_file import CountyFile
from mujun.workspace.data.coverage import Given, coverage_of
from mujun.workspace.data.on_record import frame_of_year
from mujun.workspace.firms.dossiers import Dossiers, write_dossiers
from mujun.workspace.money.amounts import office_lists
from mujun.workspace.papers import office_papers
from mujun.workspace.rounds.register import objections
from mujun.workspace.year_gathered import GatheredYear
from mujun.writing import Names, Several, write_text

PaperName = Literal[
    "report",
    "briefing",
    "notice",
    "data-notice",
    "objections",
    "objection-book",
    "workbook",
    "township-books",
    "list",
    "offices",
    "townships",
    "industries",
    "parks",
    "chains",
    "firms",
]

ON_DEMAND: tuple[PaperName, ...] = ("township-books", "firms")
"""Papers that are made only when they are asked for: a page for each firm takes its time."""

WITHOUT_A_RUN: tuple[PaperName, ...] = ("data-notice", "objections", "objection-book")
"""Papers that come before the rating."""

PAPERS: tuple[PaperName, ...] = get_args(PaperName)

Progress = Callable[[int | None], None]


@dataclass(frozen=True)
class Paper:
    """A paper that was written.

    Attributes:
        name: which one.
        file: where it is, from the folder; a folder where it has several files.
        count: how many files.
    """

    name: PaperName
    file: Path
    count: int = 1

    @property
    def title(self) -> str:
        """What it is called, in the language in force."""
        return paper_title(self.name)

    @property
    def reader(self) -> str:
        """For whom it is."""
        return paper_reader(self.name)


@dataclass(frozen=True)
class YearPapers(InNotebooks):
    """The papers of a year, written into a folder.

    Attributes:
        year: the data year.
        run: the run they were made from; `None` where they come before the rating.
        folder: where they are.
        papers: each of them.
        left_out: papers that there is nothing for, and why.
        index: the page that opens them.
        no_last: why there is no year before to compare with.
    """

    year: int
    run: int | None
    folder: Path
    papers: tuple[Paper, ...]
    left_out: tuple[tuple[PaperName, str], ...]
    index: Path
    no_last: str = ""


@dataclass(frozen=True)
class Drawn(InNotebooks):
    """A chart as a page shows it: what it is called, its sentence, of what, how to read it, and the picture as SVG."""

    name: str
    title: str
    basis: str
    how: str
    picture: str = field(repr=False)


def paper_title(name: PaperName) -> str:
    """What a paper is called, in the language in force."""
    return messages.text(messages.key(f"paper_{name.replace('-', '_')}"))


def paper_reader(name: PaperName) -> str:
    """For whom a paper is, in the language in force."""
    return messages.text(messages.key(f"paper_{name.replace('-', '_')}_for"))


def report_year(
    county: CountyFile,
    year: int,
    folder: Path,
    *,
    run: int | None = None,
    only: Sequence[str] = (),
    texts: Path | None = None,
    firms: Sequence[str] = (),
    progress: Progress = lambda _: None,
) -> YearPapers:
    """Write the papers of a year into a folder, with an index page.

    The words that a county gives its papers come from papers.yaml: of the rule set's folder, then beside the store,
    then from `texts`, each over the one before.

    Args:
        county: the county.
        year: the data year.
        folder: where to; it is made where it is missing.
        run: the run; by default the year's final one, else its newest.
        only: names of the papers wanted; by default all but those of single firms.
        firms: the firms whose dossier is wanted, by code or name; the dossiers alone, unless `only` names other papers.
        texts: a papers.yaml.
        progress: is told how many papers there are, then `None` for each that is done.

    Raises:
        UsageError: nothing has been rated, there is no such run, paper or firm, several final runs make up the year
            and none is named, or the extra `papers` is not installed.
        RuleError: something in a papers.yaml is wrong.
        InputError: a file cannot be written.
    """
    wanted = _wanted([*only, *(("firms",) if firms and "firms" not in only else ())])
    needs_run = any(n not in WITHOUT_A_RUN for n in wanted)
    making = _Making(county, year, run, texts, needs_run, folder, tuple(firms))
    progress(len(wanted))
    making.files  # noqa: B018 - the folder is made before any work
    papers: list[Paper] = []
    left_out: list[tuple[PaperName, Problem]] = []
    titles = [paper_title(name) for name in wanted]
    with speaking("zh"):
        for number, name in enumerate(wanted):
            # What is told of the work is in the language of whoever looks on, the papers are not.
            with part(number, len(wanted), file=titles[number]):
                step("step_page")
                made = making.paper(name)
            progress(None)
            if isinstance(made, Problem):
                left_out.append((name, made))
            else:
                papers.append(made)
        making.files.finish()
        index = write_text(folder / "index.html", making.index(papers))
    # Papers are Chinese; what there is to say of making them is for whoever asked.
    why_not = tuple((name, str(why)) for name, why in left_out)
    return YearPapers(year, making.number, folder, tuple(papers), why_not, index, str(making.no_last or ""))


def texts_template(file: Path, year: int) -> Path:
    """Write a papers.yaml to be filled in: every key with what it means.

    Raises:
        UsageError: the file is there already: what somebody filled in is never replaced by blanks.
        InputError: the file cannot be written.
    """
    if os.path.lexists(file):
        raise UsageError(problem("papers_template_there", file=file))
    return write_text(file, papers_template(f"{year}年度"))


def county_year(county: CountyFile, year: int, run: int | None = None) -> tuple[CountyYear, str]:
    """A year as its papers have it, and a sentence where there is no year before to compare with.

    Raises:
        UsageError: as `report_year` says.
    """
    gathered = GatheredYear(county, year, run)
    return gathered.county_year, str(gathered.no_last or "")


def charts_of_year(county: CountyFile, year: int, run: int | None = None) -> tuple[Drawn, ...]:
    """The charts of a year's report, drawn: tiers, what each holds, distributions, townships, industries.

    Raises:
        UsageError: as `report_year` says.
    """
    with speaking("zh"):
        made = county_charts(county_year(county, year, run)[0])
        return tuple(Drawn(c.name, c.title, c.basis, c.how, svg(c)) for c in made)


def _wanted(only: Sequence[str]) -> tuple[PaperName, ...]:
    unknown = next((n for n in only if n not in PAPERS), None)
    if unknown is not None:
        raise UsageError(
            problem("report_no_such_paper", name=unknown, known=list(PAPERS), near=Guess(nearest(unknown, PAPERS)))
        )
    chosen = cast("Sequence[PaperName]", only) or [n for n in PAPERS if n not in ON_DEMAND]
    return tuple(n for n in PAPERS if n in chosen)


@dataclass
class _Making(GatheredYear):
    """The papers of one year being made."""

    folder: Path = Path()
    asked: tuple[str, ...] = ()

    def paper(self, name: PaperName) -> Paper | Problem:
        """Make a paper; where there is nothing for it, what is missing."""
        made: Paper | Problem = getattr(self, f"_{name.replace('-', '_')}")()
        return made

    @cached_property
    def files(self) -> Several:
        """The folder, made where it is missing."""
        return Several(self.folder)

    def _single(self, name: PaperName, ending: str, write: Callable[[Path], object]) -> Paper:
        """A paper of one file."""
        with self.files.one(f"{self.year}年度{paper_title(name)}", ending) as file:
            write(file)
        return Paper(name, file)

    def _report(self) -> Paper:
        last = self.county_year.last
        given = Given(self.tables, self.result.frame, None if last is None else last.frame)
        coverage = coverage_of(self.county, self.year, as_of_batch=self.result.batch, given=given).fields
        page = county_report(self.county_year, show_rules(self.result.ruleset), coverage)
        return self._single("report", ".html", lambda file: write_text(file, page))

    def _word(self, name: PaperName, paper: OfficialPaper) -> Paper:
        return self._single(name, ".docx", lambda file: write_word(file, paper))

    def _briefing(self) -> Paper:
        return self._word("briefing", briefing(self.county_year, self.texts))

    def _notice(self) -> Paper:
        return self._word("notice", result_notice(self.county_year, self.texts))

    def _data_notice(self) -> Paper:
        if self.needs_run:
            rules, frame = self.result.ruleset, self.result.frame
            place, sources = rules.rating.place if rules.rating else None, [s.document for s in rules.sources]
        else:
            rules, place, sources = None, self.texts.place, [s.document for s in self.texts.sources]
            frame, _ = frame_of_year(self.county, self.year)
        return self._word("data-notice", data_notice(frame, self.year, place or "", sources, self.texts, rules))

    def _objections(self) -> Paper | Problem:
        rows = objections(self.county, self.year)
        if rows.is_empty():
            return problem("report_no_objections")
        rules = self.result.ruleset if self.needs_run else None
        place = rules.rating.place if rules and rules.rating else self.texts.place
        return self._word("objections", objection_register(rows, self.year, place or "", self.texts, rules))

    def _objection_book(self) -> Paper | Problem:
        rows = objections(self.county, self.year)
        if rows.is_empty():
            return problem("report_no_objections")
        return self._single("objection-book", ".xlsx", lambda file: write_objections(file, rows, self.year))

    def _township_books(self) -> Paper:
        return self._single("township-books", ".xlsx", lambda file: write_townships(file, self.document))

    def _workbook(self) -> Paper:
        return self._single("workbook", ".xlsx", lambda file: write_year(file, self.result, self.findings))

    def _list(self) -> Paper | Problem:
        if self.result.listing is None:
            return problem("report_no_list")
        return self._single("list", ".xlsx", lambda file: write_year(file, self.result, only=("整治清单",)))

    def _offices(self) -> Paper | Problem:
        if self.result.allocation is None:
            return problem("report_no_measures")
        lists = office_lists(self.county, self.result.allocation)
        if not lists:
            return problem("report_no_offices")
        folder = self.folder / paper_title("offices")
        files = office_papers(self.county, folder, self.result, self.result.allocation, lists)
        return Paper("offices", folder, len(files))

    def _townships(self) -> Paper | Problem:
        return self._parts("townships", self._by("township", {}))

    def _industries(self) -> Paper | Problem:
        return self._parts("industries", self._by("industry_division", DIVISIONS))

    def _parks(self) -> Paper | Problem:
        return self._parts("parks", self._by("park", {}))

    def _chains(self) -> Paper | Problem:
        return self._parts("chains", self._of_chains())

    def _by(self, column: str, names: dict[str, str]) -> Iterator[tuple[str, pl.Series]]:
        rows = self.county_year.firms.filter(pl.col(column).is_not_null())
        for group in sorted(rows[column].unique().to_list()):
            yield names.get(group, group), rows.filter(pl.col(column) == group)["credit_code"]

    def _of_chains(self) -> Iterator[tuple[str, pl.Series]]:
        frame = self.result.frame
        for name, chain in self.texts.chains.items():
            of_label = pl.col("labels").list.eval(pl.element().is_in(list(chain.labels))).list.any()
            mine = pl.col("industry_division").is_in(list(chain.industries)) | of_label
            codes = frame.filter(mine.fill_null(value=False))["credit_code"]
            if codes.len():
                yield name, codes

    def _parts(self, name: PaperName, parts: Iterator[tuple[str, pl.Series]]) -> Paper | Problem:
        folder = self.folder / paper_title(name)
        every_part = list(parts)
        if not every_part:
            return problem(messages.key(f"report_no_{name}"))
        several = Several(folder, len(every_part))
        for called, codes in every_part:
            with several.one(called, ".html") as file:
                write_text(file, part_report(self.county_year.about(called, codes)))
        return Paper(name, folder, len(several.finish()))

    def _firms(self) -> Paper | Problem:
        folder = self.folder / paper_title("firms")
        made = Dossiers(self.county, self.result)
        if self.asked:
            codes = list(dict.fromkeys(codes_of(self.result.rating.enterprises, self.asked)))
            return Paper("firms", folder, write_dossiers(made, codes, folder, figures=True))
        townships = sorted(self.result.frame["township"].drop_nulls().unique().to_list())
        names = Names(folder)
        count = sum(write_dossiers(made, made.explaining.firms_of(t), names.path(t)) for t in townships)
        return Paper("firms", folder, count)

    # ----------------------------------------------------------------------------------------------------------- index

    def index(self, papers: Sequence[Paper]) -> str:
        """The page that opens the papers."""
        singles = [p for p in papers if p.count == 1 and p.file.is_file()]
        folders = [p for p in papers if p not in singles]
        groups = [("文件", [(p.file.name, p.file.stem, p.reader) for p in singles])]
        for paper in folders:
            files = sorted(f for f in paper.file.rglob("*") if f.is_file())
            links = [(f.relative_to(self.folder).as_posix(), f.stem, "") for f in files]
            groups.append((f"{paper.title}（{paper.reader}）", links))
        lines = [self.document.origin] if self.needs_run else []
        return index_page(f"{self.year}年度材料", groups, [*lines, *([str(self.no_last)] if self.no_last else [])])
