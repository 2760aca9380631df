"""Rules in work on a page: what was changed so far, what the checker and the cases say of it, and saving it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nicegui import ui

from mujun import messages
from mujun.errors import Place, Problem, UsageError, problem
from mujun.messages import MessageKey
from mujun.workbench.desk import Draft
from mujun.workbench.frame import part
from mujun.workbench.turns import Turns
from mujun.workbench.view import View
from mujun.writing.file_names import file_name

if TYPE_CHECKING:
    from mujun.workspace.county import County
    from mujun.workspace.rules_by_hand import RuleFiles, RulesTried

PAUSE = 0.5
"""Seconds without a change after which the rules are tried anew."""

SHOWN = 40
"""Sentences of one kind that the page shows; how many there are is said."""

Way = Literal["form", "text"]


def new_rules_folder(view: View, name: str | None) -> Path:
    """Where a rule set of this name goes, among those made here.

    Raises:
        UsageError: there is no name, or a set has it already.
    """
    folder_name = (name or "").strip()
    if not folder_name:
        raise UsageError(problem("whatif_no_name"))
    folder = view.desk.rules_folder / file_name(folder_name)
    if folder.exists():
        raise UsageError(problem("rules_name_taken", name=folder.name))
    return folder


class Trial:
    """A rule set that somebody changes on a page, in its form or in its files.

    Args:
        view: the page.
        files: the set as its files have it.
        way: in which of the two ways it is changed.
        jump: shows the place that a sentence is about.
        marked: shows on the page what is wrong and doubtful where it stands.

    Attributes:
        changes: what is said otherwise, by cell or file; nothing for a file that goes.
    """

    def __init__(
        self, view: View, files: RuleFiles, way: Way, jump: Callable[[Problem], Any], marked: Callable[[Any], None]
    ) -> None:
        self.view = view
        self.files = files
        self.way = way
        self.tried: RulesTried | None = None
        self.trouble = ""
        self._jump = jump
        self._marked = marked
        self._turns = Turns(view, PAUSE)
        self._outcome: ui.element | None = None
        draft = view.tray.drafts.get(self._key)
        # What was begun on files that are others now cannot go on.
        self.changes: dict[Any, Any] = dict(draft.changes) if draft is not None and draft.mark == files.mark else {}

    @property
    def _key(self) -> tuple[str, str]:
        return self.way, self.files.address

    def outcome(self, place: ui.element) -> None:
        """Show there what comes of the changes, now and after each of them."""
        self._outcome = place
        self.show()
        ui.timer(0.05, self.view.handler(self.compute), once=True)

    async def changed(self, where: Any, written: str, stands: str | None) -> None:
        """Take a change; try the rules when no other follows at once."""
        self.note(where, written, stands)
        await self._turns.tried(self._step, self._tried)

    def note(self, where: Any, written: str | None, stands: str | None) -> None:
        """Note a change for whoever leaves the page and comes back; what is written as it stands is none."""
        if written == stands:
            self.changes.pop(where, None)
        else:
            self.changes[where] = written
        self.view.tray.drafts[self._key] = Draft(self.files.mark, dict(self.changes))

    async def compute(self) -> None:
        """Check the rules as they are now, run their cases, and show it."""
        await self._turns.tried(self._step, self._tried, at_once=True)

    def _step(self) -> Callable[[County], RulesTried]:
        address, changes = self.files.address, dict(self.changes)

        def step(county: County) -> RulesTried:
            rules = county.rules
            return rules.try_form(address, changes) if self.way == "form" else rules.try_texts(address, changes)

        return step

    def _tried(self, tried: RulesTried | None, trouble: str) -> None:
        self.tried, self.trouble = tried, trouble
        self._marked(tried)
        self.show()

    # ---------------------------------------------------------------------------------------------------------- showing

    def show(self) -> None:
        """Draw what the rules come to."""
        if self._outcome is None or self._outcome.is_deleted:
            return
        self._outcome.clear()
        with self._outcome:
            part(messages.text("rules_outcome"))
            if self.trouble:
                ui.label(self.trouble).classes("trouble").props("role=alert")
            elif self.tried is None:
                with ui.row().classes("items-center").props("role=status"):
                    ui.spinner(size="1.2em")
                    ui.label(messages.text("rules_trying")).classes("quiet")
            else:
                self._said(self.tried)
            if self.view.may_change:
                self._saving()
            self._undo()

    def _said(self, tried: RulesTried) -> None:
        wrong, doubts = tried.wrong, tried.checked.warnings
        failures = [f for case in tried.cases for f in case.failures]
        with ui.row().style("gap: 8px"):
            fine = "state good" if not wrong else "state bad"
            ui.label(messages.text("rules_wrong_count" if wrong else "rules_right", count=len(wrong))).classes(fine)
            if doubts:
                ui.label(messages.text("rules_doubt_count", count=len(doubts))).classes("state waits")
            if tried.cases:
                passed = sum(c.passed for c in tried.cases)
                look = "state good" if passed == len(tried.cases) else "state waits"
                ui.label(messages.text("rules_cases", passed=passed, count=len(tried.cases))).classes(look)
        self._sentences(wrong, "trouble")
        self._sentences(failures, "question")
        self._sentences(doubts, "question")
        if tried.differences:
            part(messages.text("rules_differences", count=len(tried.differences)))
            for difference in tried.differences[:SHOWN]:
                ui.label(str(difference))
            self._more("rules_differences_more", len(tried.differences))
        elif not self.changes:
            ui.label(messages.text("rules_unchanged")).classes("quiet")
        elif not wrong:
            ui.label(messages.text("rules_only_words")).classes("quiet")

    def _sentences(self, problems: Any, look: str) -> None:
        for trouble in problems[:SHOWN]:
            with ui.row().classes(f"{look} items-center").style("gap: 6px 10px"):
                ui.label(self._sentence(trouble)).style("flex: 1 1 200px; min-width: 0")
                if trouble.place.line is not None or self.way == "form":
                    go = ui.button(
                        messages.text("rules_jump"), on_click=self.view.handler(lambda p=trouble: self._jump(p))
                    )
                    go.props("flat dense no-caps size=sm").mark("jump")
        self._more("rules_more", len(problems))

    def _sentence(self, trouble: Problem) -> str:
        """A sentence with the file's name and line; whose set it is stands above."""
        here = f"{self.files.address}/"
        if trouble.place.file is None or not trouble.place.file.startswith(here):
            return str(trouble)
        return str(replace(trouble, place=replace(trouble.place, file=trouble.place.file.removeprefix(here))))

    def _more(self, key: MessageKey, count: int) -> None:
        if count > SHOWN:
            ui.label(messages.text(key, count=count - SHOWN)).classes("quiet")

    # ----------------------------------------------------------------------------------------------------------- saving

    def _saving(self) -> None:
        text, able = messages.text, self.tried is not None and not self.tried.wrong
        with ui.row().classes("items-center"):
            if not self.files.shipped:
                keep = ui.button(text("rules_save"), on_click=self.view.handler(self.save)).props("unelevated no-caps")
                keep.mark("save").set_enabled(able and bool(self.changes))
            else:
                ui.label(text("rules_ships")).classes("quiet")
            if self.changes:
                drop = ui.button(text("rules_drop"), on_click=self.view.handler(self.dropped)).props("flat no-caps")
                drop.mark("drop")
        with ui.row().classes("items-center wide"):
            # Drawn anew after each change: what was typed is kept beside the draft.
            called = self.view.tray.called
            name = ui.input(
                text("rules_new_name"),
                value=called.get(self._key, ""),
                on_change=lambda e: called.update({self._key: str(e.value or "")}),
            )
            name.props("outlined dense").style("flex: 1 1 180px").mark("new-set")
            other = ui.button(text("rules_save_as"), on_click=self.view.handler(lambda: self.save_as(name.value)))
            other.props("outline no-caps").mark("save-as").set_enabled(able)

    async def save(self) -> None:
        """Save the changes into the set itself."""
        before = dict(self.files.texts)
        saved = await self.view.worked(self._save(None))
        self._done()
        mark = await self.view.desk.read(lambda county: county.rules.files(saved.address).mark)
        self.view.tray.saved[saved.address] = (mark, {n: before.get(n) for n in saved.files if "/" not in n})
        ui.notify(messages.text("rules_saved", files=list(saved.files)), type="positive")
        if self.view.fill is not None:
            await self.view.fill()

    async def save_as(self, name: str | None) -> None:
        """Save the set with its changes as another one."""
        folder = new_rules_folder(self.view, name)
        saved = await self.view.worked(self._save(folder, (name or "").strip()))
        self.view.tray.called.pop(self._key, None)
        self._done()
        ui.notify(messages.text("whatif_saved", folder=folder.name), type="positive")
        self.view.go("/rules/show", set=saved.address)

    def _save(self, folder: Path | None, name: str = "") -> Callable[[County], Any]:
        address, mark, changes = self.files.address, self.files.mark, dict(self.changes)

        def step(county: County) -> Any:
            keep = county.rules.save_form if self.way == "form" else county.rules.save_texts
            return keep(address, changes, mark=mark, folder=folder, name=name)

        return step

    def _done(self) -> None:
        self.view.tray.drafts.pop(self._key, None)

    async def dropped(self) -> None:
        """Go back to what the files say."""
        self._done()
        await self.again(self.files.texts)

    async def again(self, names: Collection[str]) -> None:
        """Draw the page anew; where it shows a file that is not among these, the set's first."""
        if self.way == "text" and self.view.asked.get("file", "") not in ("", *names):
            self.view.go("/rules/text", set=self.files.address)
        elif self.view.fill is not None:
            await self.view.fill()

    def _undo(self) -> None:
        """What was saved here last is taken back, as long as nobody changed the files since."""
        mark, before = self.view.tray.saved.get(self.files.address, ("", {}))
        if mark != self.files.mark or not before or not self.view.may_change:
            return

        async def undone() -> None:
            address = self.files.address
            await self.view.worked(lambda county: county.rules.save_texts(address, before, mark=mark))
            self.view.tray.saved.pop(address, None)
            self._done()
            ui.notify(messages.text("rules_undone"), type="positive")
            await self.again([n for n in (*self.files.texts, *before) if before.get(n, "") is not None])

        with ui.row().classes("items-center"):
            ui.label(messages.text("rules_saved_here", files=list(before))).classes("quiet")
            ui.button(messages.text("rules_undo"), on_click=self.view.handler(undone)).props("flat dense no-caps").mark(
                "undo"
            )


def without_place(trouble: Problem) -> str:
    """A sentence that stands where it belongs already."""
    return str(replace(trouble, place=Place()))
