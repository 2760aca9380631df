"""`county.papers`: results and records as workbooks, pages and tables for other programs."""

from mujun.reports.departments.coverage_sheets import write_coverage
from mujun.reports.departments.findings import write_by_department, write_findings
from mujun.reports.departments.identity_sheets import write_identity
from mujun.reports.departments.reading_sheet import write_reading
from mujun.reports.departments.template import write_template
from mujun.reports.firms.explanation_file import write_explanation
from mujun.reports.money.lever_ledger import write_lever_ledger
from mujun.reports.money.money_sheets import write_money_change, write_totals
from mujun.reports.money.project_sheets import write_pools
from mujun.reports.rectification.reminders import write_reminders
from mujun.reports.rounds.round_workbook import write_round
from mujun.reports.rules_form import write_rules_form
from mujun.reports.runs.comparison_workbook import write_comparison
from mujun.reports.runs.stability_sheets import write_parameters, write_stability
from mujun.reports.year.book import write_year
from mujun.workspace import papers, year_papers
from mujun.workspace.as_json import json_of
from mujun.workspace.county.group import Group, Verb
from mujun.workspace.rectification import paper_files


class Papers(Group):
    """Results and records as workbooks, pages and tables for other programs."""

    json = staticmethod(json_of)
    drawn = staticmethod(papers.drawn)
    rules = staticmethod(papers.rules_paper)
    rules_form = staticmethod(write_rules_form)
    rule_schemas = staticmethod(papers.schema_files)
    template = staticmethod(write_template)
    findings = staticmethod(write_findings)
    findings_by_department = staticmethod(write_by_department)
    coverage = staticmethod(write_coverage)
    identity = staticmethod(write_identity)
    reading = staticmethod(write_reading)
    land = staticmethod(papers.land_paper)
    screening = staticmethod(papers.screening_paper)
    round = staticmethod(write_round)
    card = staticmethod(papers.card_paper)
    explanation = staticmethod(write_explanation)
    explanations = staticmethod(papers.explanation_papers)
    table = staticmethod(papers.table_paper)
    year = staticmethod(write_year)
    comparison = staticmethod(write_comparison)
    scenarios = staticmethod(papers.scenarios_paper)
    stability = staticmethod(write_stability)
    stability_draws = staticmethod(write_parameters)
    fairness = staticmethod(papers.fairness_paper)
    allocation = staticmethod(papers.allocation_paper)
    offices = Verb(papers.office_papers)
    totals = staticmethod(write_totals)
    money_change = staticmethod(write_money_change)
    levers = staticmethod(write_lever_ledger)
    pools = staticmethod(write_pools)
    plan = staticmethod(papers.plan_paper)
    substitutions = staticmethod(papers.substitutions_paper)
    listing = staticmethod(papers.listing_paper)
    list = staticmethod(papers.list_paper)
    census = staticmethod(papers.census_paper)
    problems = staticmethod(papers.problems_paper)
    progress = Verb(papers.progress_paper)
    visited = Verb(papers.visited_paper)
    recheck = Verb(papers.recheck_paper)
    status = staticmethod(papers.status_paper)
    reminders = staticmethod(write_reminders)
    plans = Verb(paper_files.plan_pages)
    notices = Verb(paper_files.notice_pages)
    orders = Verb(paper_files.order_pages)
    report = Verb(year_papers.report_year)
    texts_template = staticmethod(year_papers.texts_template)
    title_of = staticmethod(year_papers.paper_title)
    reader_of = staticmethod(year_papers.paper_reader)

    @staticmethod
    def names() -> tuple[year_papers.PaperName, ...]:
        """The names of the year's papers, as `report` takes them."""
        return year_papers.PAPERS

    @staticmethod
    def on_demand() -> tuple[year_papers.PaperName, ...]:
        """The papers that `report` makes only when they are named."""
        return year_papers.ON_DEMAND
