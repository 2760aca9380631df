"""Where in the workbench is done what a sentence names a command for: sentences are the same for all who use mujun."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nicegui import ui

from mujun import messages
from mujun.messages import MessageKey
from mujun.workbench.rights import Person, may_open

_COMMAND = re.compile(r"\bmujun ([a-z]+)")

_DATA: tuple[str, MessageKey] = ("/data", "year_path_data")
_CONFIRMATION: tuple[str, MessageKey] = ("/confirmation", "year_path_confirmation")
_RATING: tuple[str, MessageKey] = ("/rating", "year_path_rating")
_FIRMS: tuple[str, MessageKey] = ("/firms", "workbench_firms")

PLACES: Mapping[str, tuple[str, MessageKey]] = {
    "load": _DATA,
    "template": _DATA,
    "coverage": ("/data/coverage", "data_coverage"),
    "check": ("/checks", "checks_findings"),
    "identity": ("/checks/names", "checks_names"),
    "corrections": ("/checks/corrections", "checks_corrections"),
    "screen": _CONFIRMATION,
    "verify": _CONFIRMATION,
    "confirm": _CONFIRMATION,
    "rate": _RATING,
    "runs": _RATING,
    "report": ("/publication", "year_path_publication"),
    "publication": ("/publication", "year_path_publication"),
    "objections": ("/publication", "year_path_publication"),
    "rectify": ("/list", "year_path_list"),
    "allocate": ("/measures", "year_path_measures"),
    "correct": _FIRMS,
    "explain": _FIRMS,
    "land": ("/parcels", "workbench_parcels"),
    "problems": ("/problems", "workbench_problems"),
    "monitor": ("/monitoring", "workbench_monitoring"),
    "rules": ("/rules", "workbench_rules"),
}
"""The page on which the work of a command is done: its address and name."""


def places_of(sentence: str, person: Person) -> dict[str, str]:
    """The pages for the commands that a sentence names, of those that somebody may open: names by address."""
    named = [PLACES[c] for c in _COMMAND.findall(sentence) if c in PLACES]
    return {path: messages.text(key) for path, key in named if may_open(person, path)}


def draw_places(sentence: str, person: Person) -> None:
    """Links to the pages for the commands that a sentence names; nothing where it names none."""
    places = places_of(sentence, person)
    if places:
        with ui.row().classes("items-center").style("gap: 10px"):
            ui.label(messages.text("workbench_done_here")).classes("quiet")
            for path, name in places.items():
                ui.link(name, path)
