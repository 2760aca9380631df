"""Files that show that something was done: chosen on a page, each said to be of some kind, handed to the county."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nicegui import events, ui

from mujun import messages
from mujun.workbench.coming_back import uploaded_files
from mujun.workbench.view import View, give
from mujun.writing.file_names import file_name

KINDS_OF_FILES = ".jpg,.jpeg,.png,.heic,.pdf,.doc,.docx,.xls,.xlsx,.wps,.et,.ofd,.zip"
"""What the browser offers to choose; another file is taken as well when it is dropped."""


class Evidence:
    """The kinds of evidence that are wanted, ticked or shown by a file.

    Args:
        view: the page.
        kinds: what is wanted.
        shown: those of them that were shown before.
    """

    def __init__(self, view: View, kinds: Sequence[str] = (), shown: Sequence[str] = ()) -> None:
        self._view = view
        self._kinds = list(kinds)
        self._files: list[tuple[Path, str]] = []
        if kinds:
            ui.label(messages.text("evidence_wanted")).classes("quiet")
        self._ticks = {kind: ui.checkbox(kind, value=kind in shown).props("dense").mark(kind) for kind in kinds}
        self._listed = ui.column().classes("wide").style("gap: 4px")
        upload = ui.upload(
            multiple=True,
            auto_upload=True,
            label=messages.text("evidence_files"),
            on_multi_upload=view.handler(self._came),
        )
        upload.props(f'accept="{KINDS_OF_FILES}" flat bordered').classes("wide").mark("evidence-files")

    async def _came(self, event: events.MultiUploadEventArguments) -> None:
        first = next((k for k, tick in self._ticks.items() if not tick.value), "")
        self._files += [(file, first) for file in await uploaded_files(self._view, event)]
        self._tick(first)
        self._show()

    def _tick(self, kind: str) -> None:
        if kind in self._ticks:
            self._ticks[kind].set_value(True)

    def _show(self) -> None:
        self._listed.clear()
        with self._listed:
            for place, (file, kind) in enumerate(self._files):
                with ui.row().classes("items-center wide").style("gap: 8px"):
                    ui.label(file.name).style("flex: 1 1 140px; min-width: 0; overflow-wrap: anywhere")
                    if self._kinds:
                        choice = ui.select(
                            {"": messages.text("evidence_other"), **{k: k for k in self._kinds}},
                            value=kind,
                            label=messages.text("evidence_kind"),
                            on_change=self._view.handler(lambda e, p=place: self._of_kind(p, str(e.value or ""))),
                        )
                        choice.props("dense outlined").style("min-width: 150px")
                    away = ui.button(icon="close", on_click=self._view.handler(lambda _, p=place: self._away(p))).props(
                        "flat dense round"
                    )
                    away.props["aria-label"] = messages.text("evidence_away")

    def _of_kind(self, place: int, kind: str) -> None:
        self._files[place] = self._files[place][0], kind
        self._tick(kind)

    def _away(self, place: int) -> None:
        del self._files[place]
        self._show()

    @property
    def kinds(self) -> list[str]:
        """The kinds that are ticked."""
        return [kind for kind, tick in self._ticks.items() if tick.value]

    def files(self) -> list[Path]:
        """The files that were chosen, each named after the kind that it shows."""
        named = []
        for file, kind in self._files:
            if kind and not file.name.startswith(f"{kind}_"):
                wanted = self._view.desk.new_folder() / file_name(f"{kind}_{file.stem}", file.suffix)
                wanted.write_bytes(file.read_bytes())
                named.append(wanted)
            else:
                named.append(file)
        return named


def evidence_links(view: View, names: Sequence[str]) -> None:
    """Files of evidence that are kept, each given to the browser by a click."""
    for name in names:

        async def taken(name: str = name) -> None:
            file = view.desk.new_folder() / name
            await view.worked(lambda county: county.problems.copy_evidence(name, file), "workbench_writing", reads=True)
            give(file)

        button = ui.button(name.partition("_")[2], icon="attach_file", on_click=view.handler(lambda t=taken: t()))
        button.props("flat dense no-caps size=sm").mark("evidence-file")
