"""A rule set's files as text, for those who want it: the checker's sentences at their lines, its cases run at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from mujun import messages
from mujun.errors import Problem, UsageError, problem
from mujun.messages import MessageKey
from mujun.workbench.frame import Page, heading
from mujun.workbench.pages.rules_files import add_button
from mujun.workbench.pages.rules_form import read_form, rules_tabs
from mujun.workbench.rules_trial import Trial, without_place
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.rules_by_hand import RuleFiles


def draw_text(view: View, files: RuleFiles) -> None:
    """The file to the left, what the set comes to to the right."""
    text = _Text(view, files)
    name, names = text.name, text.names
    if name not in names:
        raise UsageError(problem("rules_no_such_file", file=name, known=names))
    heading(messages.text("rules_text_title"), f"{files.address}/{name}")
    rules_tabs(view, files)
    with ui.row().style("gap: 6px").props("role=navigation"):
        for other in names:
            look = "outline" if other == name else "flat"
            address = view.to("/rules/text", set=files.address, file=other)
            label = other if other in files.texts else messages.text("rules_new_file", file=other)
            tab = ui.button(label, on_click=lambda a=address: ui.navigate.to(a)).props(f"{look} dense no-caps")
            if text.goes(other):
                tab.classes("text-strike")
        if view.may_change:
            add_button(view, files)
    with ui.row().classes("wide items-start").style("gap: 20px"):
        with ui.element("section").classes("panel column work"):
            text.draw()
        with ui.element("section").classes("panel column beside") as place:
            text.trial.outcome(place)


class _Text:
    """One file of a set in an editor.

    Attributes:
        names: the set's files, and those that are begun and not saved.
        name: the one that the page shows.
    """

    def __init__(self, view: View, files: RuleFiles) -> None:
        self.view = view
        self.files = files
        self.trial = Trial(view, files, "text", self.shown, self.marked)
        self.editor: ui.codemirror | None = None
        self.names = list(dict.fromkeys([*files.texts, *self.trial.changes]))
        self.name = view.asked.get("file") or self.names[0]

    def goes(self, name: str) -> bool:
        """Whether a file is to be taken out of the set."""
        return name in self.trial.changes and self.trial.changes[name] is None

    def draw(self) -> None:
        """The editor, and the file's way in and out of the set."""
        if self.goes(self.name):
            ui.label(messages.text("rules_file_goes", file=self.name)).classes("question")
        else:
            self._editor()
        if not self.view.may_change:
            return
        if self.name not in self.files.texts:
            self._button("rules_drop_file", None)
        elif self.goes(self.name):
            self._button("rules_keep_file", self.files.texts[self.name])
        elif len(self.files.texts) > 1:
            self._button("rules_remove_file", None)

    def _button(self, key: MessageKey, written: str | None) -> None:
        """A button that notes a file as it says, and tries the rules so."""

        async def noted() -> None:
            self.trial.note(self.name, written, self.files.texts.get(self.name))
            await self.trial.again([*self.files.texts, *self.trial.changes])

        button = ui.button(messages.text(key, file=self.name), on_click=self.view.handler(noted))
        button.props("flat dense no-caps").mark(key)

    def _editor(self) -> None:
        stands = self.files.texts.get(self.name)
        self.editor = ui.codemirror(
            str(self.trial.changes.get(self.name, stands)),
            language="YAML" if self.name.endswith(".yaml") else None,
            indent="  ",
            line_wrapping=True,
            on_change=self.view.handler(lambda e: self.trial.changed(self.name, str(e.value or ""), stands)),
        )
        self.editor.classes("rules-text").mark("editor")
        self.editor.props["aria-label"] = self.name
        self.editor.set_enabled(self.view.may_change)
        line = self.view.asked.get("line", "")
        if line.isdigit():
            ui.timer(0.4, lambda: self._to_line(int(line)), once=True)

    def marked(self, tried: Any) -> None:
        """Colour the lines that something is wrong or doubtful about; a line says what when it is pointed at."""
        if self.editor is None or self.editor.is_deleted or tried is None:
            return
        last = (self.editor.value or "").count("\n") + 1
        lines: dict[int, tuple[str, list[str]]] = {}
        failures = [f for case in tried.cases for f in case.failures]
        for look, problems in (("wrong", tried.wrong), ("doubt", [*failures, *tried.checked.warnings])):
            for trouble in problems:
                line = trouble.place.line
                if line is not None and line <= last and self._here(trouble):
                    lines.setdefault(line, (look, []))[1].append(without_place(trouble))
        self.editor.decorations = [
            {"kind": "line", "line": line, "class": f"line-{look}"} for line, (look, _) in sorted(lines.items())
        ]
        self.editor.line_tooltips = {line: "\n".join(told) for line, (_, told) in lines.items()}

    def _here(self, trouble: Problem) -> bool:
        return trouble.place.file == f"{self.files.address}/{self.name}"

    def shown(self, trouble: Problem) -> None:
        """Go to the line that a sentence is about, in whichever file of the set it stands."""
        line = trouble.place.line or 1
        if self._here(trouble):
            self._to_line(line)
            return
        address, _, name = (trouble.place.file or "").rpartition("/")
        self.view.go("/rules/text", set=address, file=name, line=line)

    def _to_line(self, line: int) -> None:
        if self.editor is not None:
            self.editor.reveal_line(line)


PAGES = (Page("/rules/text", "rules_text_title", draw_text, read_form, without_store=True),)
