"""One more file for a rule set: begun empty or from another set, then written, checked and saved as the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from mujun import messages
from mujun.workbench.desk import Draft
from mujun.workbench.frame import part
from mujun.workbench.view import View

if TYPE_CHECKING:
    from mujun.workspace.rules_by_hand import RuleFiles


def add_button(view: View, files: RuleFiles) -> None:
    """The button that asks which file a set gets, and from where it begins."""

    async def opened() -> None:
        missing = await view.desk.read(lambda county: county.rules.missing_files(files.address))
        begun = _draft(view, files).changes
        _window(view, files, {name: sets for name, sets in missing.items() if name not in begun})

    button = ui.button(messages.text("rules_add_file"), icon="add", on_click=view.handler(opened))
    button.props("outline dense no-caps").mark("add-file")


def _draft(view: View, files: RuleFiles) -> Draft:
    """What is changed of the files' texts and not saved."""
    draft = view.tray.drafts.get(("text", files.address))
    return draft if draft is not None and draft.mark == files.mark else Draft(files.mark)


def _window(view: View, files: RuleFiles, missing: dict[str, tuple[str, ...]]) -> None:
    text = messages.text
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 620px; width: 100%"):
        part(text("rules_add_file"))
        if not missing:
            ui.label(text("rules_none_missing", name=files.address)).classes("quiet")
            ui.button(text("workbench_close"), on_click=window.close).props("flat no-caps")
            window.open()
            return
        ui.label(text("rules_add_file_says", name=files.address)).classes("quiet")
        kinds = {name: text(messages.key(f"rules_file_{name.removesuffix('.yaml')}")) for name in missing}
        which = ui.select(kinds, value=next(iter(kinds)), label=text("rules_which_file")).props("outlined dense")
        which.classes("wide").mark("which-file")
        source = ui.select({}, label=text("rules_begin_from"), with_input=True).props("outlined dense")
        source.classes("wide").mark("begin-from")

        def offered() -> None:
            sets = missing[str(which.value)]
            source.set_options({"": text("rules_begin_empty"), **{s: s for s in sets}}, value="")

        offered()
        which.on_value_change(view.handler(offered))

        async def begun() -> None:
            name, model = str(which.value), str(source.value or "") or None
            texts = await view.desk.read(lambda county: county.rules.begin_file(files.address, name, model))
            draft = _draft(view, files)
            view.tray.drafts["text", files.address] = Draft(files.mark, {**draft.changes, **texts})
            window.close()
            view.go("/rules/text", set=files.address, file=name)

        with ui.row():
            ui.button(text("rules_begin"), on_click=view.handler(begun)).props("unelevated no-caps").mark("begin")
            ui.button(text("workbench_cancel"), on_click=window.close).props("flat no-caps")
    window.on("hide", window.delete)
    window.open()
