"""What a page has at hand while it is drawn and used: who asks for what, words, work beside the page, and troubles."""

from __future__ import annotations

import functools
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from nicegui import ui

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError
from mujun.messages import Language, MessageKey, Word
from mujun.personal import masked
from mujun.workbench.commands_here import draw_places
from mujun.workbench.rights import Person, may_change, may_take, refuse_unless
from mujun.workspace.county import County

if TYPE_CHECKING:
    from mujun.workbench.desk import Desk, StoreState, Tray

T = TypeVar("T")


@dataclass
class View:
    """One page as somebody has it open.

    Attributes:
        desk: what works for it.
        language: in which it is read.
        path: its address without the query.
        named: what its path names, such as a firm's code.
        asked: its query.
        person: who has it open.
        page: its address with the names of its parts, by which rights are looked up.
        year: the data year that it is about; `None` where there is none yet.
        years: the years on record.
        state: how the store was when the page was drawn.
        fill: draws its content anew.
    """

    desk: Desk
    language: Language
    path: str
    named: Mapping[str, str]
    asked: Mapping[str, str]
    person: Person
    page: str
    year: int | None = None
    years: tuple[int, ...] = ()
    state: StoreState | None = None
    fill: Callable[[], Awaitable[None]] | None = field(default=None, repr=False)

    # ------------------------------------------------------------------------------------------------------- addresses

    def to(self, path: str, **query: object) -> str:
        """The address of a page, about the same year unless another is named."""
        wanted = {k: str(v) for k, v in query.items() if v is not None and v != ""}
        if "year" in self.asked and "year" not in wanted and self.year is not None:
            wanted["year"] = str(self.year)
        return quote(path) + (f"?{urlencode(wanted)}" if wanted else "")

    def go(self, path: str, **query: object) -> None:
        """Open another page."""
        ui.navigate.to(self.to(path, **query))

    # ------------------------------------------------------------------------------------------------------------ work

    def handler(self, does: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
        """A handler of clicks and changes that speaks the page's language and says what went wrong."""

        # NiceGUI hands over the event where the signature asks for one: that of what is wrapped.
        @functools.wraps(does)
        async def handle(*given: Any) -> None:
            messages.set_language(self.language)
            # What opens stands on the page itself: what was clicked may be drawn anew meanwhile.
            with ui.context.client.content, troubles_told(self.person):
                done = does(*given)
                if isinstance(done, Awaitable):
                    await done

        return handle

    def change(
        self,
        step: Callable[[County], T],
        then: Callable[[T], Any] | None = None,
        *,
        working: MessageKey = "workbench_working",
        done: Word | None = None,
        again: bool = True,
    ) -> Callable[..., Awaitable[None]]:
        """A handler that changes the county: says that it works, then what came of it, and draws the page anew.

        Args:
            step: what is done.
            then: what follows, with what the step gave.
            working: what is said meanwhile.
            done: what is said when it is done.
            again: whether the page is drawn anew.
        """

        async def do() -> None:
            result = await self.worked(step, working)
            if done is not None:
                ui.notify(str(done), type="positive")
            if again and self.fill is not None:
                await self.fill()
            if then is not None:
                following = then(result)
                if isinstance(following, Awaitable):
                    await following

        return self.handler(do)

    async def worked(
        self, step: Callable[[County], T], working: MessageKey = "workbench_working", *, reads: bool = False
    ) -> T:
        """Do something long beside the page, saying so meanwhile; whoever leaves the page does not stop it.

        Raises:
            UsageError: it changes something, and whoever asks may not.
        """
        refuse_unless(reads or self.may_change)
        if not reads:
            self._tell_of_others()
        notice = ui.notification(messages.text(working), spinner=True, timeout=None)
        try:
            return await (self.desk.read(step) if reads else self.desk.change(step, self.person.name))
        finally:
            notice.dismiss()
            if not reads:
                self.state = self.desk.state

    def _tell_of_others(self) -> None:
        """Say who has changed something since the page was drawn: what is on it may be of before."""
        who = self.desk.changed_since(self.state) if self.state is not None else None
        if who is not None and who != self.person.name:
            sentence = (
                messages.text("workbench_changed_by", who=who) if who else messages.text("workbench_changed_beside")
            )
            ui.notification(sentence, type="warning", timeout=None, close_button=messages.text("workbench_close"))

    @property
    def tray(self) -> Tray:
        """What this person has in work."""
        return self.desk.tray_of(self.person.name)

    @property
    def may_change(self) -> bool:
        """Whether whoever has the page open may change something here."""
        return may_change(self.person, self.page)

    def hand_over(
        self, write: Callable[[County, Path], object], name: str, *, theirs: bool = False
    ) -> Callable[..., Awaitable[None]]:
        """A handler that writes a file and gives it to the browser.

        Args:
            write: writes it, at the path given.
            name: what the file is called.
            theirs: whether it holds nothing but what whoever has the page open may see; else it is of the whole county.
        """

        async def do() -> None:
            refuse_unless(may_take(self.person, self.page, theirs=theirs))
            file = self.desk.new_folder() / name
            await self.worked(lambda county: write(county, file), "workbench_writing", reads=True)
            give(file)

        return self.handler(do)


def give(file: Path) -> None:
    """Give a file, or a folder as one archive, to the browser."""
    if file.is_dir():
        import shutil

        file = Path(shutil.make_archive(str(file), "zip", file))
    ui.download.content(file.read_bytes(), file.name)


class troubles_told:  # noqa: N801 - reads as a statement
    """Errors inside become a sentence in a window that stays until it is read."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        """Tell what was raised; what is none of ours to tell goes on."""
        if not isinstance(error, Exception):
            return False
        if os.environ.get("MUJUN_DEBUG") and not isinstance(error, MujunError):
            return False
        show_trouble(sentence_of(error), self._person)
        return True


def sentence_of(error: Exception) -> str:
    """What is told of an error: the sentence of one of ours, else its kind, without personal data."""
    if isinstance(error, MujunError):
        return str(error)
    first_line = masked(str(error).split("\n")[0])[:200]
    return messages.text("not_to_be_done", kind=type(error).__name__, said=first_line)


def show_trouble(sentence: str, person: Person) -> None:
    """A window with what went wrong, and where its remedy is at hand."""
    with ui.dialog() as window, ui.card().classes("panel"):
        ui.label(messages.text("workbench_trouble")).classes("text-lg")
        ui.label(sentence).classes("trouble").props("role=alert")
        draw_places(sentence, person)
        ui.button(messages.text("workbench_close"), on_click=window.close).props("flat")
    window.on("hide", window.delete)
    window.open()
