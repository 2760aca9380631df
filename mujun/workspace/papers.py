"""What is put on paper of the rectification: lists, plans, reminders and notices, gathered from store and rules."""

from __future__ import annotations

from mujun.reports.list_document import ListPaper
from mujun.rules import load_kept
from mujun.rules.rectification_plan import compile_rectification
from mujun.store import ListDocument


def paper_of(listed: ListDocument) -> ListPaper:
    """A list or amendment as its workbook shows it."""
    rules = load_kept(listed.rules, listed.rule_files)
    plan = compile_rectification(rules)
    origin = f"数据年度 {listed.year}　规则集 {listed.rules}　第 {listed.run} 次评价　清单摘要 {listed.digest[:12]}"
    return ListPaper(
        title=listed.title,
        document=listed.document,
        issued_on=listed.issued_on,
        number=listed.number,
        origin=origin,
        tables=listed.tables,
        reasons={r.id: r.reason for r, _ in plan.listing},
        energy_basis=plan.energy_basis,
        amends=listed.amends,
        reason=listed.reason,
    )
