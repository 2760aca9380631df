"""Amending an issued list on its page: whom to add, take off or correct, looked at first, then issued by a document."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.workbench.frame import drawn_by, part
from mujun.workbench.notices_out import still_out, tell_still_out
from mujun.workbench.pages.checks import plain_table
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.store import ListDocument
    from mujun.workspace.county import County
    from mujun.workspace.rectification.amending import Amendable

KINDS = ("add", "remove", "correct")


@dataclass(frozen=True)
class Wish:
    """One change that is to be part of the amendment; `who` is how it is listed."""

    kind: str
    subject: str
    who: str
    field: str = ""
    value: str = ""


def amended_in_words(listed: ListDocument) -> str:
    """The line of an amendment among the documents issued."""
    changes = listed.tables["changes"]["change"].to_list()
    counts = {k: changes.count(k) for k in KINDS}
    return messages.text(
        "loop_amendment_line", number=listed.number, title=listed.title, day=listed.issued_on, list=listed.amends,
        **counts,
    )  # fmt: skip


def amend_button(view: View, number: int) -> None:
    """Opens the window in which a list is amended."""

    async def opened() -> None:
        known = await view.desk.read(lambda county: county.rectify.amendable(number))
        _Window(view, known).open()

    ui.button(messages.text("amend_do"), icon="edit_note", on_click=view.handler(opened)).props(
        "flat dense no-caps"
    ).mark(f"amend-{number}")


class _Window:
    """The form: changes one by one, why and by which document; what it comes to; and doing it."""

    def __init__(self, view: View, known: Amendable) -> None:
        self.view = view
        self.known = known
        self.rows = {r["subject"]: r for r in known.subjects.iter_rows(named=True)}
        self.wishes: list[Wish] = []
        self.fields: dict[str, Any] = {}

    def open(self) -> None:
        """Draw it and show it."""
        text = messages.text
        with (
            ui.dialog().props("persistent") as self.window,
            ui.card().classes("panel").style("max-width: 760px; width: 100%"),
        ):
            part(text("amend_title", number=self.known.number, title=self.known.title))
            ui.label(text("amend_says")).classes("quiet")
            kind = ui.radio({k: text(messages.key(f"amend_change_{k}")) for k in KINDS}, value="remove")
            kind.props("inline").mark("amend-kind")
            drawn_by(kind, self._asked, self.view)

            def wished() -> None:
                self._wish(str(kind.value))

            ui.button(text("amend_put"), icon="add", on_click=self.view.handler(wished)).props(
                "outline dense no-caps"
            ).mark("amend-put")
            self.listed = ui.column().classes("wide").style("gap: 4px")
            self._listed()
            self.reason = _text("mend_reason", "amend-reason")
            with ui.row().classes("wide").style("gap: 12px"):
                self.document = _text("loop_document", "amend-document").style("flex: 1 1 220px")
                self.day = ui.input(text("loop_day"), value=date.today().isoformat())
                self.day.props("outlined dense type=date").mark("amend-day")
            self.outcome = ui.column().classes("wide").style("gap: 6px")
            with ui.row().classes("wide"):
                ui.button(text("amend_issue"), on_click=self.view.handler(self._issued)).props(
                    "unelevated no-caps"
                ).mark("amend-issue")
                ui.button(text("amend_try"), on_click=self.view.handler(self._tried)).props("outline no-caps").mark(
                    "amend-try"
                )
                ui.space()
                ui.button(text("workbench_cancel"), on_click=self.window.close).props("flat no-caps")
        self.window.on("hide", self.window.delete)
        self.window.open()

    # ---------------------------------------------------------------------------------------------------- one change

    def _asked(self, kind: str) -> None:
        """The fields of one change: who, and for a correction which field and what it shall say."""
        self.fields = {}
        if kind == "add":
            self.fields["subject"] = _text("amend_whom_to_add", "amend-subject")
            return
        names = {s: self._called(s) for s in self.rows}
        who = ui.select(names, label=messages.text("amend_whom"), with_input=True).props("outlined dense clearable")
        self.fields["subject"] = who.classes("wide").mark("amend-subject")
        if kind == "correct":
            box = ui.column().classes("wide").style("gap: 12px")

            def chosen() -> None:
                self._correctable(box, str(who.value or ""))

            who.on_value_change(self.view.handler(chosen))

    def _correctable(self, box: ui.column, subject: str) -> None:
        box.clear()
        self.fields = {"subject": self.fields["subject"]}
        if subject not in self.rows:
            return
        row = self.rows[subject]
        known = self.known.fields_of(row["kind"], accepted=row["accepted_on"] is not None)
        with box:
            which = ui.select(
                {n: _field(n) for n in known}, value=next(iter(known)), label=messages.text("amend_which")
            ).props("outlined dense")
            self.fields["field"] = which.classes("wide").mark("amend-field")
            new = ui.column().classes("wide").style("gap: 4px")

        def chosen() -> None:
            name = str(which.value)
            new.clear()
            with new:
                self.fields["value"] = self._value(name, row[name])

        which.on_value_change(self.view.handler(chosen))
        chosen()

    def _value(self, name: str, now: object) -> Any:
        """The field for a new value; what stands is said below it."""
        label = messages.text("amend_value")
        field: Any
        if name == "path":
            others = [p for p in self.known.paths if p != now]
            field = ui.select(others, value=others[0] if others else None, label=label).props("outlined dense")
        else:
            kind = "date" if name == "deadline" else "text"
            field = ui.input(label).props(f"outlined dense stack-label type={kind}")
        stands = messages.text("amend_stands", value="—" if now is None else messages.show(now))
        ui.label(stands).classes("quiet")
        return field.classes("wide").mark("amend-value")

    def _wish(self, kind: str) -> None:
        """Put the change that is filled in among those of the amendment."""
        subject = str(self.fields["subject"].value or "").strip()
        if not subject:
            raise UsageError(problem("amend_nobody"))
        field = str(self.fields["field"].value) if "field" in self.fields else ""
        value = str(self.fields["value"].value or "").strip() if "value" in self.fields else ""
        wish = Wish(kind, subject, self._called(subject), field, value)
        # Of one subject several fields may be corrected; whoever is taken off has nothing to correct.
        self.wishes = [w for w in self.wishes if w.subject != subject or (field and w.field not in ("", field))]
        self.wishes.append(wish)
        if kind == "add":
            self.fields["subject"].set_value("")
        self.outcome.clear()
        self._listed()

    def _called(self, subject: str) -> str:
        row = self.rows.get(subject)
        return f"{row['name']}（{subject}）" if row is not None and row["name"] else subject

    def _listed(self) -> None:
        """The changes so far, each with a button that leaves it out again."""
        self.listed.clear()
        with self.listed:
            if not self.wishes:
                ui.label(messages.text("amend_none_yet")).classes("quiet")
            for number, wish in enumerate(self.wishes):
                with ui.row().classes("items-center wide no-wrap").style("gap: 8px"):
                    told = messages.text(messages.key(f"amend_change_{wish.kind}"))
                    ui.label(told).classes("state")
                    more = f" · {_field(wish.field)} → {wish.value or '—'}" if wish.field else ""
                    ui.label(wish.who + more).style("min-width: 0; overflow-wrap: anywhere")
                    ui.space()
                    ui.button(icon="close", on_click=self.view.handler(lambda w=wish: self._left_out(w))).props(
                        f'flat dense round size=sm aria-label="{messages.text("amend_leave_out")}"'
                    ).mark(f"amend-leave-out-{number}")

    def _left_out(self, wish: Wish) -> None:
        self.wishes.remove(wish)
        self.outcome.clear()
        self._listed()

    # --------------------------------------------------------------------------------------------------- all of them

    def _given(self) -> dict[str, Any]:
        if not self.wishes:
            raise UsageError(problem("amend_none_wished"))
        reason, document = (str(f.value or "").strip() for f in (self.reason, self.document))
        if not reason or not document:
            raise UsageError(problem("amend_no_reason"))
        try:
            on = date.fromisoformat(str(self.day.value or ""))
        except ValueError as error:
            raise UsageError(problem("amend_no_day")) from error
        of = {k: [w for w in self.wishes if w.kind == k] for k in KINDS}
        return {
            "reason": reason, "document": document, "issued_on": on,
            "add": [w.subject for w in of["add"]], "remove": [w.subject for w in of["remove"]],
            "correct": [(w.subject, w.field, w.value) for w in of["correct"]],
        }  # fmt: skip

    async def _tried(self) -> None:
        """Say what it would come to, with the paper to look at; nothing is kept."""
        self.outcome.clear()
        given, number = self._given(), self.known.number
        made = await self.view.worked(
            lambda county: county.rectify.amend(number, dry_run=True, **given), "mend_trying", reads=True
        )
        out = await still_out(self.view, "publication_out_issued", [made.year], made.issued_on)
        with self.outcome:
            self._told(made)
            if out:
                ui.label("\n".join(out)).classes("question").style("white-space: pre-line")

    def _told(self, made: ListDocument) -> None:
        changes = made.tables["changes"]
        counts = {k: int((changes["change"] == k).sum()) for k in KINDS}
        ui.label(messages.text("amend_comes_to", **counts)).classes("state good")
        head = messages.text("amend_columns").split("\t")
        plain_table(head, (_line(r) for r in changes.iter_rows(named=True)))
        for name, code in (("firms", "name"), ("parcels", "holder")):
            for row in made.tables[name].iter_rows(named=True):
                told = {
                    "who": row[code] or row["credit_code" if name == "firms" else "parcel"],
                    "path": row["path"] or "—", "deadline": row["deadline"] or "—",
                    "why": row.get("reason_text") or messages.text("amend_no_rule"),
                }  # fmt: skip
                ui.label(messages.text("amend_added", **told)).classes("quiet")

        def paper(county: County, file: Path) -> object:
            return county.papers.list(made, file)

        ui.button(
            messages.text("amend_paper"),
            icon="download",
            on_click=self.view.hand_over(paper, f"整治清单第{self.known.number}号调整（未印发）.xlsx"),
        ).props("flat dense no-caps")

    async def _issued(self) -> None:
        given, number = self._given(), self.known.number
        made = await self.view.worked(lambda county: county.rectify.amend(number, **given))
        self.window.close()
        ui.notify(messages.text("amend_issued", number=made.number, list=number), type="positive")
        await tell_still_out(self.view, "publication_out_issued", [made.year], made.issued_on)
        if self.view.fill is not None:
            await self.view.fill()


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    """A change as the preview's table has it."""
    who = row["name"] or row["subject"]
    if not row["field"]:
        return messages.text(messages.key(f"amend_change_{row['change']}")), who, "", "", ""
    told = messages.text(messages.key(f"amend_change_{row['change']}"))
    return told, who, _field(row["field"]), row["before"] or "—", row["after"] or "—"


def _field(name: str) -> str:
    return messages.text(messages.key(f"correctable_{name}"))


def _text(label: Any, marker: str) -> ui.input:
    return ui.input(messages.text(label)).props("outlined dense").classes("wide").mark(marker)
