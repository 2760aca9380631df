"""A rule set's numbers, reasons and names in a form: checked and tried on its cases as they are typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nicegui import ui

from mujun import messages
from mujun.errors import Problem, UsageError, problem
from mujun.workbench.frame import Page, heading, part
from mujun.workbench.rules_trial import Trial, without_place
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.rules_by_hand import RuleFiles

NUMBERS = ("number", "whole", "within")


async def read_form(view: View) -> RuleFiles:
    """The set's files and its form."""
    address = await set_asked(view)
    return await view.desk.kept(("rule files", address), lambda county: county.rules.files(address))


async def set_asked(view: View) -> str:
    """The address of the rule set that the page's address names.

    Raises:
        UsageError: there is no such set. Paths are none: nothing outside the folders of rules is shown.
    """
    address = view.asked.get("set", "")
    known = await view.desk.kept("rule sets", lambda county: county.rules.list())
    if address not in known["address"].to_list():
        raise UsageError(problem("rules_unknown_set", address=address))
    return address


def draw_form(view: View, files: RuleFiles) -> None:
    """Tables of open cells to the left, what they come to to the right."""
    heading(messages.text("rules_form_title"), files.address)
    rules_tabs(view, files)
    if not files.pages:
        ui.label(messages.text("rules_form_broken")).classes("question")
        for trouble in files.problems:
            ui.label(str(trouble)).classes("trouble")
        ui.link(messages.text("rules_as_text"), view.to("/rules/text", set=files.address))
        return
    form = _Form(view, files)
    with ui.row().classes("wide items-start").style("gap: 20px"):
        with ui.element("section").classes("panel column work"):
            ui.label(messages.text("rules_form_says")).classes("quiet")
            for page, worded in zip(files.pages, files.worded, strict=True):
                form.page(page.name, worded)
        with ui.element("section").classes("panel column beside") as place:
            form.trial.outcome(place)


def rules_tabs(view: View, files: RuleFiles) -> None:
    """The ways to look at a rule set and to change it, each with its address."""
    with ui.row().style("gap: 6px").props("role=navigation"):
        for path, key in (
            ("/rules/show", "rules_as_notice"),
            ("/rules/form", "rules_as_form"),
            ("/rules/text", "rules_as_text"),
        ):
            look = "unelevated" if view.page == path else "flat"
            address = view.to(path, set=files.address)
            ui.button(messages.text(messages.key(key)), on_click=lambda a=address: ui.navigate.to(a)).props(
                f"{look} no-caps"
            )


class _Form:
    """The open cells of a set's form, each with its field on the page once it is drawn."""

    def __init__(self, view: View, files: RuleFiles) -> None:
        self.view = view
        self.trial = Trial(view, files, "form", self.shown, self.marked)
        self.fields: dict[Any, ui.input] = {}
        self.opened: dict[Any, ui.expansion] = {}
        self.wrong: dict[Any, Problem] = {}

    def page(self, name: str, page: Any) -> None:
        """One file of the set: a part to open for each of its tables that have something to fill in.

        Args:
            name: by which its cells are told from others, in any language.
            page: as it is read.
        """
        part(page.name)
        for number, (title, grid, first) in enumerate(_tables(page)):
            cells = [(name, first + row, column) for row, line in enumerate(grid.rows)
                     for column, cell in enumerate(line) if cell.spot is not None]  # fmt: skip
            if not cells:
                continue
            weights = any(c.spot is not None and c.spot.path.endswith(".weight") for line in grid.rows for c in line)
            changed = any(cell in self.trial.changes for cell in cells)
            shown = number == 0 or weights or changed
            expansion = ui.expansion(title or page.name, value=shown).classes("wide").props("dense")
            self.opened |= dict.fromkeys(cells, expansion)
            if shown:
                self._table(expansion, name, grid, first)
            else:
                # Tables that nobody opens are not drawn: a plan has hundreds of cells.
                expansion.on_value_change(lambda _, e=expansion, g=grid, f=first: self._table(e, name, g, f))

    def _table(self, place: ui.expansion, page: str, grid: Any, first: int) -> None:
        if place.default_slot.children:
            return
        messages.set_language(self.view.language)
        with place, ui.element("div").classes("sheet-view"), ui.element("table").classes("plain form"):
            with ui.element("thead"), ui.element("tr"):
                for header in grid.headers:
                    with ui.element("th"):
                        ui.label(header)
            with ui.element("tbody"):
                for row, line in enumerate(grid.rows):
                    about = next((messages.show(c.value) for c in line if c.spot is None and c.value is not None), "")
                    with ui.element("tr"):
                        for column, cell in enumerate(line):
                            with ui.element("td"):
                                self._cell(cell, (page, first + row, column), f"{about} {grid.headers[column]}")
        self.marked(self.trial.tried)

    def _cell(self, cell: Any, at: Any, label: str) -> None:
        if cell.spot is None:
            ui.label("" if cell.value is None else messages.show(cell.value))
            return
        stands = self.trial.files.stands[at]
        field = ui.input(
            value=self.trial.changes.get(at, stands),
            on_change=self.view.handler(lambda e: self.trial.changed(at, str(e.value or ""), stands)),
        )
        field.props("dense outlined hide-bottom-space")
        field.props["aria-label"] = label.strip()
        if cell.choices:
            field.set_autocomplete(list(cell.choices))
        wide = 108 if cell.spot.kind in NUMBERS else 150 if cell.spot.kind in ("date", "policy", "years") else 320
        field.style(f"width: min({wide}px, 50vw)").mark(cell.spot.path)
        if cell.spot.nth and cell.spot.kind == "within":
            field.mark(f"{cell.spot.path} {cell.spot.nth}")
        field.set_enabled(self.view.may_change)
        self.fields[at] = field

    def marked(self, tried: Any) -> None:
        """Say at the fields what is wrong with them, and which are changed."""
        self.wrong = dict(tried.cells) if tried is not None else {}
        for at, field in self.fields.items():
            field.error = without_place(self.wrong[at]) if at in self.wrong else None
            field.classes(add="changed") if at in self.trial.changes else field.classes(remove="changed")

    def shown(self, trouble: Problem) -> None:
        """Open the part in which the field stands that a sentence is about, and go there."""
        at = next((cell for cell, wrong in self.wrong.items() if wrong == trouble), None)
        at = at or next((cell for cell in self.trial.files.stands if self._about(cell, trouble)), None)
        if at is None:
            line = trouble.place.line
            name = (trouble.place.file or "").rpartition("/")[2]
            self.view.go("/rules/text", set=self.trial.files.address, file=name, line=line)
            return
        self.opened[at].set_value(True)
        field = self.fields.get(at)
        if field is not None:
            field.run_method("focus")
            ui.run_javascript(f"getElement({field.id}).$el.scrollIntoView({{block: 'center'}})")

    def _about(self, cell: Any, trouble: Problem) -> bool:
        return trouble.place.key is not None and trouble.place.key == self.trial.files.paths.get(cell)


def _tables(page: Any) -> Iterator[tuple[str, Any, int]]:
    """The tables of a page, each with the title above it and its first row's number as cells are counted."""
    at, title = 0, ""
    for piece in page.parts:
        if hasattr(piece, "text"):
            title = piece.text
            at += 1
        else:
            yield title, piece, at + 1
            at += len(piece.rows) + 2


PAGES = (Page("/rules/form", "rules_form_title", draw_form, read_form, without_store=True),)
