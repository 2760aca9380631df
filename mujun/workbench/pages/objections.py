"""Objections on the page of publication: the year's register, and putting one on record or deciding it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
from nicegui import ui

from mujun import messages
from mujun.errors import UsageError, problem
from mujun.fields.here import label_here, unit_here
from mujun.workbench.frame import part
from mujun.workbench.grid import Shown, grid
from mujun.workbench.notices_out import still_out, tell_still_out
from mujun.workbench.view import View, show_trouble

if TYPE_CHECKING:
    from mujun.workspace.county import County
    from mujun.workspace.rounds.objecting import Objectable
    from mujun.workspace.rounds.returning import Returned

VERDICTS = ("open", "agreed", "rejected")


def register_of(county: County, year: int) -> pl.DataFrame:
    """The register, in the words of the pages."""
    with messages.on_pages():
        return county.rounds.objections(year)


def objections_part(view: View, year: int, rows: pl.DataFrame) -> None:
    """The register of a year; whoever may puts another objection there, or decides one that is open."""
    if rows.is_empty() and not view.may_change:
        return
    with ui.element("section").classes("panel column"):
        part(messages.text("objections_title"))
        if view.may_change:
            ui.label(messages.text("objections_says")).classes("quiet")
        if rows.is_empty():
            ui.label(messages.text("objections_none", year=year)).classes("quiet")
        else:
            _register(view, year, rows)
        if view.may_change:
            ui.button(
                messages.text("objection_put"),
                icon="add_comment",
                on_click=view.handler(lambda: _Window(view, year).open()),
            ).props("unelevated no-caps").mark("put-objection-down")


def _register(view: View, year: int, rows: pl.DataFrame) -> None:
    counts = rows.group_by("decision", maintain_order=True).len()
    with ui.row().style("gap: 8px"):
        for decision, count in counts.iter_rows():
            ui.label(f"{decision} {count}").classes("state")
    text = messages.text
    columns = [
        Shown("taken_in_on", text("objections_on"), 120),
        Shown("name", text("checks_firm"), 190),
        Shown("item_word", text("objections_item"), 140),
        Shown("content", text("objections_content"), 330, wrapped=True),
        Shown("decision", text("objections_decision"), 110),
        Shown("answer", text("objections_answer"), 260, wrapped=True),
        Shown("township", text("checks_township"), 110),
        Shown("credit_code", text("checks_code"), 190),
    ]

    async def decides(row: dict[str, Any]) -> None:
        if view.may_change and row["state"] in ("open", "returned", "stale"):
            await _Window(view, year, row).found()

    rows = rows.with_columns(pl.Series("item_word", [label_here(i) for i in rows["item"]], dtype=pl.String))
    grid(view, rows, columns, file=f"{year}年度异议登记", on_open=decides, look="grid-low")


class _Window:
    """The form of an objection: whose, about what, what is asked and why, and what was decided."""

    def __init__(self, view: View, year: int, row: Mapping[str, Any] | None = None) -> None:
        self.view = view
        self.year = year
        self.row = row or {}
        self.known: Objectable | None = None
        self.fields: dict[str, Any] = {}

    def open(self) -> None:
        """Draw it and show it; it begins with whose objection it is."""
        text = messages.text
        with (
            ui.dialog().props("persistent") as self.window,
            ui.card().classes("panel").style("max-width: 680px; width: 100%"),
        ):
            part(text("objection_decide" if self.row else "objection_put"))
            with ui.row().classes("wide items-center no-wrap").style("gap: 10px"):
                self.firm = ui.input(text("objection_firm"), value=str(self.row.get("credit_code") or ""))
                self.firm.props("outlined dense").style("flex: 1 1 auto").mark("objection-firm")
                self.firm.on("keydown.enter", self.view.handler(self._found))
                ui.button(text("objection_find"), icon="search", on_click=self.view.handler(self._found)).props(
                    "outline no-caps"
                ).mark("objection-find")
            self.asked = ui.column().classes("wide").style("gap: 12px")
            ui.button(text("workbench_cancel"), on_click=self.window.close).props("flat no-caps")
        self.window.on("hide", self.window.delete)
        self.window.open()

    async def found(self) -> None:
        """Open it with what is on record filled in, to be decided."""
        self.open()
        await self._found()

    async def _found(self) -> None:
        """The firm's figures as its confirmation sheet has them, to choose from."""
        said, year = str(self.firm.value or "").strip(), self.year
        if not said:
            raise UsageError(problem("objection_no_firm"))
        self.known = await self.view.desk.read(lambda county: county.rounds.objectable(said, year))
        self.asked.clear()
        with self.asked:
            self._form(self.known)

    def _form(self, known: Objectable) -> None:
        text = messages.text
        ui.label(f"{known.name}（{known.credit_code}）").style("font-weight: 600")
        numbers = {str(i["序号"]): _line(i) for i in known.items}
        mine = next((str(i["序号"]) for i in known.items if i["项目"] == self.row.get("item")), None)
        item = ui.select(numbers, value=mine or next(iter(numbers)), label=text("objections_item"), with_input=True)
        asked = ui.input(text("objection_asked"), value=str(self.row.get("asked") or ""))
        reason = ui.input(text("mend_reason"), value=str(self.row.get("reason") or ""))
        verdict = ui.radio({v: text(messages.key(f"objection_verdict_{v}")) for v in VERDICTS}, value="open")
        document = ui.input(text("objection_document"))
        for name, made in (
            ("item", item), ("asked", asked), ("reason", reason), ("verdict", verdict), ("document", document),
        ):  # fmt: skip
            made.props("inline" if name == "verdict" else "outlined dense").classes("wide").mark(f"objection-{name}")
            self.fields[name] = made
        self.told = ui.label("").classes("quiet").style("white-space: pre-line").props('aria-live="polite"')
        with ui.row():
            ui.button(text("objection_do"), on_click=self.view.handler(self._kept)).props("unelevated no-caps").mark(
                "objection-do"
            )
            ui.button(text("objection_try"), on_click=self.view.handler(self._tried)).props("outline no-caps").mark(
                "objection-try"
            )

    def _given(self) -> dict[str, Any]:
        given = {n: str(f.value or "").strip() for n, f in self.fields.items()}
        return {**given, "verdict": "" if given["verdict"] == "open" else given["verdict"]}

    def _step(self, county: County, *, dry_run: bool) -> tuple[Returned, list[str]]:
        assert self.known is not None  # the form is drawn of it
        made = county.rounds.put_objection(self.known.credit_code, self.year, dry_run=dry_run, **self._given())
        findings = made.records.findings if made.records is not None else ()
        with messages.on_pages():
            return made, [f"{f.what}。{f.remedy}" if messages.language() == "zh" else f"{f.what}. {f.remedy}"
                          for f in findings]  # fmt: skip

    async def _tried(self) -> None:
        self.told.set_text("")
        made, said = await self.view.worked(lambda county: self._step(county, dry_run=True), "mend_trying", reads=True)
        out = await still_out(self.view, "publication_out_corrected", [self.year]) if made.corrected else []
        self.told.set_text("\n".join([*said, *out]))

    async def _kept(self) -> None:
        made, said = await self.view.worked(lambda county: self._step(county, dry_run=False))
        if made.batch is None:
            show_trouble("\n".join([messages.text("objection_refused"), *said]), self.view.person)
            return
        self.window.close()
        ui.notify(messages.text("objection_kept", batch=made.batch), type="positive")
        if made.corrected:
            await tell_still_out(self.view, "publication_out_corrected", [self.year])
        if self.view.fill is not None:
            await self.view.fill()


def _line(item: Mapping[str, str | None]) -> str:
    """A line of the sheet to choose: what it is called, with its figure."""
    label = label_here(str(item["项目"]))
    if item["数值"] is None:
        return label
    colon = "：" if messages.language() == "zh" else ": "
    return f"{label}{colon}{item['数值']} {unit_here(item['单位'] or '')}".strip()
