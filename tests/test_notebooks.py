"""Results show themselves in notebooks, and names of firms are no markup there."""

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

import mujun
import mujun.workspace
from mujun.notebooks import ROWS, InNotebooks
from mujun.reports.firms.card import Card
from mujun.workspace.county.interface_page import GROUPS, verbs_of

RECEIPTS = {
    "Licensed", "Gap", "TieForWant",
    "Bundle", "Confirmed", "DepartmentFile", "Document", "Event", "Handed", "HandedAll", "ListSummary", "Made",
    "OfficeList", "RulesForm", "Path", "ProgressSheet", "Recorded", "Recording", "Screening", "Explaining",
    "HandedParcels",
    "OfficialPaper", "ParcelMap", "YearChecks",
}  # fmt: skip
"""What says in one line what was done, or is shown by what it belongs to."""

PLAIN = {
    "FileRecords",
    "RuleSet",
    "Proposal",
    "Finding",
    "Difference",
    "CaseOutcome",
    "DataFrame",
    "Action",
    "PaperName",
}
"""Parts of results, and what stands by itself."""


@dataclass(frozen=True)
class Result(InNotebooks):
    name: str
    share: Decimal
    years: tuple[int, ...]
    rows: pl.DataFrame
    missing: str | None = None
    many: tuple[int, ...] = field(default=())


def test_names_are_no_markup() -> None:
    rows = pl.DataFrame({"<i>列</i>": ["<script>alert(1)</script>", None]})
    html = Result("<b>甲&乙</b>", Decimal("0.50"), (2021, 2022), rows, many=tuple(range(30)))._repr_html_()
    assert "<script>" not in html
    assert "<b>甲" not in html
    assert "<i>" not in html
    assert "&lt;b&gt;甲&amp;乙&lt;/b&gt;" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<td>0.5</td>" in html
    assert "<td>2021、2022</td>" in html
    assert "<td>× 30</td>" in html
    assert "missing" not in html


def test_long_tables_say_how_long_they_are() -> None:
    html = Result("甲", Decimal(1), (), pl.DataFrame({"n": range(ROWS + 5)}))._repr_html_()
    assert f"rows ({ROWS + 5} × 1)" in html
    assert html.count("<tr><td>") == ROWS


def kinds_of(result: type) -> set[type]:
    """A class's heirs, and theirs."""
    heirs: set[type] = set(result.__subclasses__())
    return heirs.union(*map(kinds_of, heirs))


def test_every_result_of_a_verb_shows_itself() -> None:
    county = mujun.County("nowhere.duckdb")
    groups = {name: getattr(county, name) for name in GROUPS}
    for module in pkgutil.walk_packages(mujun.workspace.__path__, "mujun.workspace."):
        importlib.import_module(module.name)  # a verb opens its room only when it is called
    known = {c.__name__ for c in kinds_of(InNotebooks)} | RECEIPTS | PLAIN
    assert hasattr(Card, "_repr_html_")
    for group, verbs in groups.items():
        for verb in verbs_of(verbs):
            given = str(inspect.signature(getattr(verbs, verb)).return_annotation)
            named = set(re.findall(r"\b[A-Z]\w+", given)) - {"None", "Card", "Literal"}
            assert named <= known, f"{group}.{verb}: {named - known}"
