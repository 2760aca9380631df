"""Workbooks that were handed out and come back: kept where they can be read, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nicegui import events, ui

from mujun import messages
from mujun.workbench.frame import part
from mujun.workbench.view import View
from mujun.writing.file_names import Names, file_name


async def uploaded_workbooks(view: View, event: events.MultiUploadEventArguments) -> list[Path]:
    """The workbooks as files of this run, each under a name that decides nothing."""
    folder = view.desk.new_folder()
    files = []
    for upload in event.files:
        files.append(folder / file_name(upload.name.removesuffix(".xlsx"), ".xlsx"))
        await upload.save(files[-1])
    return files


async def uploaded_files(view: View, event: events.MultiUploadEventArguments) -> list[Path]:
    """Files of any kind as files of this run, each called as it was, as far as a file may be."""
    folder = view.desk.new_folder()
    names, files = Names(folder), []
    for upload in event.files:
        stem, dot, ending = upload.name.rpartition(".")
        plain = dot and ending.isascii() and ending.isalnum() and len(ending) <= 8
        files.append(names.path(stem if plain else upload.name, f".{ending}" if plain else ""))
        await upload.save(files[-1])
    return files


async def tell_outcome(view: View, told: Iterable[tuple[str, list[str]]]) -> None:
    """A window with what became of each, and the page drawn anew.

    Args:
        view: the page.
        told: of each workbook its heading, empty where its lines name it, and its lines.
    """
    with ui.dialog() as window, ui.card().classes("panel").style("max-width: 720px"):
        part(messages.text("data_outcome"))
        for heading, lines in told:
            if heading:
                ui.label(heading).style("font-weight: 600")
            for line in lines:
                ui.label(line)
        ui.button(messages.text("workbench_close"), on_click=window.close).props("flat no-caps")
    window.open()
    if view.fill is not None:
        await view.fill()
