"""`county.papers`: results and records as workbooks, pages and tables for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Free, Group, Verb

if TYPE_CHECKING:
    from mujun.reports import rules_form
    from mujun.reports.departments import coverage_sheets, identity_sheets, reading_sheet, template
    from mujun.reports.departments import findings as finding_sheets
    from mujun.reports.firms import explanation_file
    from mujun.reports.money import lever_ledger, money_sheets, project_sheets
    from mujun.reports.rectification import reminders
    from mujun.reports.rounds import round_workbook
    from mujun.reports.runs import comparison_workbook, stability_sheets
    from mujun.reports.year import year_workbook
    from mujun.workspace import as_json, drawn, papers, year_papers
    from mujun.workspace.monitoring import ladders, plan_papers
    from mujun.workspace.rectification import paper_files
    from mujun.workspace.year_papers import PaperName
else:
    ladders = Late("mujun.workspace.monitoring.ladders")
    plan_papers = Late("mujun.workspace.monitoring.plan_papers")
    drawn = Late("mujun.workspace.drawn")
    as_json = Late("mujun.workspace.as_json")
    year_workbook = Late("mujun.reports.year.year_workbook")
    comparison_workbook = Late("mujun.reports.runs.comparison_workbook")
    coverage_sheets = Late("mujun.reports.departments.coverage_sheets")
    explanation_file = Late("mujun.reports.firms.explanation_file")
    finding_sheets = Late("mujun.reports.departments.findings")
    identity_sheets = Late("mujun.reports.departments.identity_sheets")
    lever_ledger = Late("mujun.reports.money.lever_ledger")
    money_sheets = Late("mujun.reports.money.money_sheets")
    paper_files = Late("mujun.workspace.rectification.paper_files")
    papers = Late("mujun.workspace.papers")
    project_sheets = Late("mujun.reports.money.project_sheets")
    reading_sheet = Late("mujun.reports.departments.reading_sheet")
    reminders = Late("mujun.reports.rectification.reminders")
    round_workbook = Late("mujun.reports.rounds.round_workbook")
    rules_form = Late("mujun.reports.rules_form")
    stability_sheets = Late("mujun.reports.runs.stability_sheets")
    template = Late("mujun.reports.departments.template")
    year_papers = Late("mujun.workspace.year_papers")


class Papers(Group):
    """Results and records as workbooks, pages and tables for other programs."""

    json = Free(as_json.json_of)
    drawn = Free(drawn.drawn)
    rules = Free(papers.rules_paper)
    rules_form = Free(rules_form.write_rules_form)
    rule_schemas = Free(papers.schema_files)
    template = Free(template.write_template)
    findings = Free(finding_sheets.write_findings)
    findings_by_department = Free(finding_sheets.write_by_department)
    coverage = Free(coverage_sheets.write_coverage)
    identity = Free(identity_sheets.write_identity)
    reading = Free(reading_sheet.write_reading)
    land = Free(papers.land_paper)
    screening = Free(papers.screening_paper)
    round = Free(round_workbook.write_round)
    card = Free(papers.card_paper)
    explanation = Free(explanation_file.write_explanation)
    explanations = Free(papers.explanation_papers)
    table = Free(papers.table_paper)
    year = Free(year_workbook.write_year)
    comparison = Free(comparison_workbook.write_comparison)
    scenarios = Free(papers.scenarios_paper)
    stability = Free(stability_sheets.write_stability)
    stability_draws = Free(stability_sheets.write_parameters)
    fairness = Free(papers.fairness_paper)
    allocation = Free(papers.allocation_paper)
    offices = Verb(papers.office_papers)
    totals = Free(money_sheets.write_totals)
    money_change = Free(money_sheets.write_money_change)
    levers = Free(lever_ledger.write_lever_ledger)
    pools = Free(project_sheets.write_pools)
    plan = Free(papers.plan_paper)
    substitutions = Free(papers.substitutions_paper)
    listing = Free(papers.listing_paper)
    list = Free(papers.list_paper)
    census = Free(papers.census_paper)
    problems = Free(papers.problems_paper)
    progress = Verb(papers.progress_paper)
    visited = Verb(papers.visited_paper)
    recheck = Verb(papers.recheck_paper)
    status = Free(papers.status_paper)
    plan_month = Free(papers.plan_month_paper)
    plan_paper = Free(plan_papers.write_plan_paper)
    ladders = Free(ladders.write_ladders_of)
    assessment = Free(papers.assessment_paper)
    race = Free(papers.race_paper)
    projects = Free(papers.projects_paper)
    reminders = Free(reminders.write_reminders)
    plans = Verb(paper_files.plan_pages)
    notices = Verb(paper_files.notice_pages)
    orders = Verb(paper_files.order_pages)
    report = Verb(year_papers.report_year)
    charts = Verb(year_papers.charts_of_year)
    texts_template = Free(year_papers.texts_template)
    title_of = Free(year_papers.paper_title)
    reader_of = Free(year_papers.paper_reader)

    @staticmethod
    def names() -> tuple[PaperName, ...]:
        """The names of the year's papers, as `report` takes them."""
        from mujun.workspace.year_papers import PAPERS

        return PAPERS

    @staticmethod
    def on_demand() -> tuple[PaperName, ...]:
        """The papers that `report` makes only when they are named."""
        from mujun.workspace.year_papers import ON_DEMAND

        return ON_DEMAND
