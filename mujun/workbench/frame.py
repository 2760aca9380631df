"""What every page has around it: the bar with county and year, the way through the year, and its content.

A page is two functions: `read` asks the county, beside the page, and `draw` shows what it gave. Between them the frame
says that it works, and a sentence where something is wrong.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any, Generic, TypeVar

from nicegui import Client, app, ui
from starlette.requests import Request
from starlette.responses import Response

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import MujunError
from mujun.messages import Language, MessageKey
from mujun.reports.drawing.colours import INK, QUIET, tier_marks
from mujun.workbench.admission import LANGUAGE_COOKIE, PERSON, spoken
from mujun.workbench.commands_here import draw_places
from mujun.workbench.desk import Desk
from mujun.workbench.dropping import cut, free_when_closed, keep_no_tabs
from mujun.workbench.rights import Person, may_open, refuse_unless
from mujun.workbench.store_told import tell_of_store
from mujun.workbench.view import View, sentence_of, troubles_told
from mujun.workbench.whose import refuse_others
from mujun.workspace.county import County

R = TypeVar("R")


@dataclass(frozen=True)
class Page(Generic[R]):
    """A page: `draw` takes what `read` gives, which mypy holds against each other.

    Attributes:
        path: its address.
        title: the message that names it.
        draw: shows what `read` gave.
        read: what it asks the county.
        without_store: whether it can be shown before there is a store.
    """

    path: str
    title: MessageKey
    draw: Callable[[View, R], None]
    read: Callable[[View], Awaitable[R]]
    without_store: bool = False


WAY: tuple[tuple[str, str, MessageKey], ...] = (
    ("/", "route", "workbench_home"),
    ("/data", "upload_file", "year_path_data"),
    ("/checks", "fact_check", "year_path_checks"),
    ("/confirmation", "how_to_reg", "year_path_confirmation"),
    ("/rating", "leaderboard", "year_path_rating"),
    ("/publication", "campaign", "year_path_publication"),
    ("/list", "playlist_add_check", "year_path_list"),
    ("/measures", "payments", "year_path_measures"),
    ("/supervision", "notification_important", "year_path_supervision"),
)
"""The year's path in the drawer: address, sign, name."""

BESIDE: tuple[tuple[str, str, MessageKey], ...] = (
    ("/firms", "factory", "workbench_firms"),
    ("/parcels", "map", "workbench_parcels"),
    ("/problems", "report_problem", "workbench_problems"),
    ("/monitoring", "timeline", "workbench_monitoring"),
    ("/rules", "gavel", "workbench_rules"),
    ("/changes", "history", "workbench_changes"),
)
"""What stands beside the path."""


def register(
    desk: Desk, pages: tuple[Page[Any], ...], missing: Page[Any], language: Language, stop: Callable[[], None] | None
) -> None:
    """Make pages known to NiceGUI.

    Args:
        desk: what works for them.
        pages: the pages.
        missing: what is shown under every other address.
        language: where no cookie names another.
        stop: ends the workbench; nothing where several people use it and nobody may end it for all.
    """
    style = (resources.files("mujun.workbench") / "style.css").read_text(encoding="utf-8")
    blue = tier_marks(("A", "D"))["A"]
    ui.add_css(f":root {{ --ink: {INK}; --quiet: #5b6875; --faint: {QUIET}; --blue: {blue}; }}\n{style}", shared=True)
    app.add_route("/rows/{key}", _offered(desk, "application/json"))
    app.add_route("/shown/{key}", _offered(desk, "text/html; charset=utf-8"))
    app.add_route("/picture/{key}", _offered(desk, "image/svg+xml"))
    app.add_route("/photograph/{key}", _offered(desk, "image/jpeg"))
    keep_no_tabs()
    for page in pages:
        ui.page(page.path, title="mujun")(_shown(desk, page, language, stop))
    # NiceGUI's own page for it is in English and leads nowhere.
    app.add_exception_handler(404, _without_page(ui.page("")._wrap(_shown(desk, missing, language, stop))))


def _without_page(show: Callable[..., Awaitable[Response]]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            # Files and sockets: nobody reads what is answered.
            return Response(status_code=404)
        page = await show(request=request)
        page.status_code = 404
        return page

    return answer


def _offered(desk: Desk, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def give(request: Request) -> Response:
        content = desk.offered_rows(request.path_params["key"], request.scope[PERSON].name)
        headers = {"cache-control": "no-store"}
        return Response(content or b"", 200 if content is not None else 410, headers, kind)

    return give


def framed(view: View, document: str, title: str) -> None:
    """A whole page of HTML, such as an explanation, within this one; it runs no script."""
    key = view.desk.offer_rows(document.encode(), view.person.name)
    ui.html(
        f'<iframe src="/shown/{key}" title="{_escaped(title)}" sandbox="allow-same-origin allow-modals" loading="lazy" '
        "onload=\"this.style.height=(this.contentDocument.documentElement.scrollHeight+24)+'px'\" "
        'style="width:100%;min-height:420px;border:1px solid var(--line);border-radius:8px;background:#fff"></iframe>',
        sanitize=False,
    ).classes("wide")
    with ui.row():
        ui.link(messages.text("workbench_alone"), f"/shown/{key}", new_tab=True)


def picture(view: View, drawn: str, title: str) -> None:
    """A chart: as wide as there is room, opened alone by a click, where each mark says what it is."""
    key = view.desk.offer_rows(drawn.encode(), view.person.name)
    ui.html(
        f'<a href="/picture/{key}" target="_blank"><img src="/picture/{key}" alt="{_escaped(title)}" loading="lazy" '
        'style="max-width:100%;height:auto"></a>',
        sanitize=False,
    ).classes("chart")


def photograph(view: View, content: bytes, title: str) -> None:
    """A photograph, opened alone by a click."""
    key = view.desk.offer_rows(content, view.person.name)
    ui.html(
        f'<a href="/photograph/{key}" target="_blank"><img src="/photograph/{key}" alt="{_escaped(title)}" '
        'loading="lazy" style="max-width:100%;max-height:320px"></a>',
        sanitize=False,
    )


def _shown(
    desk: Desk, page: Page[Any], otherwise: Language, stop: Callable[[], None] | None
) -> Callable[[Request], Awaitable[None]]:
    async def show(request: Request) -> None:
        language = spoken(request.cookies.get(LANGUAGE_COOKIE), otherwise)
        messages.set_language(language)
        # Whoever came in has been put here by the door; without it there is no page.
        person: Person = request.scope[PERSON]
        view = View(
            desk, language, request.url.path, request.path_params, dict(request.query_params), person, page.path
        )
        title = messages.text(page.title)
        ui.page_title(f"{title} · {messages.text('workbench_name')}")
        if language != "zh":
            _read_in_english(ui.context.client)
        ui.colors(primary=tier_marks(("A", "D"))["A"], negative="#A61C1C", positive="#2F7D4F", warning="#F0A030")
        bar = _around(view, page, stop)
        with ui.column().classes("bench") as content:
            content.props('role=main id="content" tabindex=-1')
            _working(title)

        async def fill() -> None:
            messages.set_language(language)
            try:
                refuse_unless(may_open(person, page.path))
                view.state = desk.state
                await _year(view)
                bar()
                known = page.without_store or desk.county.path.exists()
                if known:
                    await refuse_others(view)
                given = await page.read(view) if known else None
            except Exception as error:
                if os.environ.get("MUJUN_DEBUG") and not isinstance(error, MujunError):
                    raise
                _clear(content)
                with content:
                    _trouble(view, title, sentence_of(error))
                return
            _clear(content)
            with content:
                if not known:
                    _no_store(view, title)
                    return
                with troubles_told(person):
                    page.draw(view, given)
            tell_of_store(view)

        view.fill = fill
        free_when_closed(ui.context.client, view)
        ui.timer(0.01, fill, once=True)

    return show


def _read_in_english(client: Client) -> None:
    """Let what the browser's parts say themselves (to a screen reader, or when the line is cut) be English too.

    The page stands for all who open its address: whoever reads it otherwise gets one of his own.
    """
    client.page = copy.copy(client.page)
    client.page.language = "en-US"


def _clear(content: ui.column) -> None:
    if not content.is_deleted:
        cut(content.descendants())
        content.clear()


async def _year(view: View) -> None:
    """Which year the page is about: the one asked for, that of the first start, or the newest on record."""

    def years(county: County) -> tuple[int, ...]:
        return tuple(county.data.years()) if county.path.exists() else ()

    view.years = await view.desk.kept("years", years)
    wanted = view.asked.get("year", "")
    place = view.desk.place
    if wanted.isdigit() and 1900 < int(wanted) < 2200:
        view.year = int(wanted)
    elif place is not None:
        view.year = place.year
    else:
        view.year = view.years[-1] if view.years else None


def heading(title: str, below: str = "") -> None:
    """The heading of a page."""
    with ui.column().classes("wide").style("gap: 4px"):
        ui.html(tag="h1", content=title, sanitize=_escaped)
        if below:
            ui.label(below).classes("quiet")


def part(title: str) -> None:
    """The heading of a part of a page."""
    ui.html(tag="h2", content=title, sanitize=_escaped)


def drawn_by(choice: ui.radio, fields: Callable[[str], None], view: View) -> None:
    """Fields that belong to what is chosen: drawn here, and anew whenever something else is chosen."""
    asked = ui.column().classes("wide").style("gap: 12px")

    def redraw() -> None:
        asked.clear()
        with asked:
            fields(str(choice.value))

    choice.on_value_change(view.handler(redraw))
    redraw()


def _escaped(content: str) -> str:
    import html

    return html.escape(content)


def _working(title: str) -> None:
    heading(title)
    with ui.row().classes("items-center").props('role=status aria-live="polite"'):
        ui.spinner(size="1.4em")
        ui.label(messages.text("workbench_looking")).classes("quiet")


def _trouble(view: View, title: str, sentence: str) -> None:
    heading(title)
    ui.label(sentence).classes("trouble").props("role=alert")
    draw_places(sentence, view.person)
    with ui.row():
        if view.fill is not None:
            ui.button(messages.text("workbench_again"), on_click=view.handler(view.fill)).props("outline")
        ui.link(messages.text("workbench_home"), view.to("/"))


def _no_store(view: View, title: str) -> None:
    heading(title)
    ui.label(messages.text("workbench_no_store"))
    ui.link(messages.text("workbench_begin"), view.to("/"))


def _around(view: View, page: Page[Any], stop: Callable[[], None] | None) -> Callable[[], None]:
    """The bar and the drawer; gives what fills in the year when it is known."""
    # Before all else in the document: where Tab comes first.
    ui.add_body_html(f'<a class="skip" href="#content">{_escaped(messages.text("workbench_skip"))}</a>')
    with (
        ui.left_drawer(value=False, bordered=True)
        .props("show-if-above width=216 breakpoint=1000")
        .classes("column") as drawer
    ):
        drawer.style("gap: 2px; padding: 16px 10px")
        # As one element: it is on every page, and some fifty elements more would double what a page costs.
        ui.html(_ways(view, page), sanitize=False, tag="nav").classes("ways")
    with ui.header().classes("items-center").style("padding: 8px 18px; gap: 14px"):
        menu = ui.button(icon="menu", on_click=drawer.toggle).props("flat round dense color=primary")
        menu.props(f'aria-label="{messages.text("workbench_menu")}"')
        ui.link(messages.text("workbench_name"), view.to("/")).classes("brand")
        county = ui.label("").classes("wide-only").style("font-weight: 600")
        year = ui.row().classes("items-center")
        ui.space()
        other: Language = "en" if view.language == "zh" else "zh"
        label = "English" if other == "en" else "中文"
        back = view.to(view.path, **view.asked)
        ui.link(label, f"/language/{other}?back={_quoted(back)}").classes("quiet").props(f"lang={other}")
        if stop is None:
            _leaving(view)
        else:
            ends: Callable[[], None] = stop
            ending = ui.button(icon="power_settings_new", on_click=lambda: _end(view, ends)).props("flat round dense")
            ending.mark("end the workbench")
            ending.props(f'color=grey-7 aria-label="{messages.text("workbench_stop")}"')
            ending.tooltip(messages.text("workbench_stop"))

    def filled() -> None:
        place = view.desk.place
        county.set_text(place.name if place else "")
        year.clear()
        with year:
            _year_choice(view)

    return filled


def _ways(view: View, page: Page[Any]) -> str:
    """The entries of the drawer."""
    lines = []
    for name, entries in (("workbench_year_way", WAY), ("workbench_beside", BESIDE)):
        lines.append(f'<div class="quiet">{_escaped(messages.text(messages.key(name)))}</div>')
        for path, sign, words in entries:
            if may_open(view.person, path):
                here = page.path == path or (path != "/" and page.path.startswith(f"{path}/"))
                current = ' aria-current="page"' if here else ""
                lines.append(
                    f'<a class="navi" href="{_escaped(view.to(path))}"{current}>'
                    f'<i class="q-icon notranslate material-icons" aria-hidden="true">{sign}</i>'
                    f"<div>{_escaped(messages.text(words))}</div></a>"
                )
    return "".join(lines)


def _year_choice(view: View) -> None:
    years = sorted({*view.years, *([view.year] if view.year is not None else [])}, reverse=True)
    if not years:
        return
    choice = ui.select(
        {y: messages.text("workbench_year", year=y) for y in years},
        value=view.year,
        on_change=view.handler(lambda e: ui.navigate.to(view.to(view.path, **{**view.asked, "year": e.value}))),
    )
    choice.props(f'dense borderless aria-label="{messages.text("workbench_which_year")}"')


def _leaving(view: View) -> None:
    """Who is in, as what, and the way out."""
    person = view.person
    role = messages.text(messages.key(f"role_{person.role}"))
    ui.label(f"{person.name}（{person.of or role}）").classes("quiet wide-only")
    leave = _escaped(messages.text("login_leave"))
    ui.html(
        f'<form method="post" action="/logout"><button class="leave">{leave}</button></form>',
        sanitize=False,
    )


def _quoted(address: str) -> str:
    from urllib.parse import quote

    return quote(address, safe="")


def _end(view: View, stop: Callable[[], None]) -> None:
    messages.set_language(view.language)
    with ui.dialog() as window, ui.card().classes("panel"):
        ui.label(messages.text("workbench_stop_sure"))
        with ui.row():
            sure = ui.button(messages.text("workbench_stop"), on_click=view.handler(lambda: _ended(view, stop)))
            sure.mark("really end it")
            ui.button(messages.text("workbench_cancel"), on_click=window.close).props("flat")
    window.open()


async def _ended(view: View, stop: Callable[[], None]) -> None:
    """Say that it is over, and end it when the page has heard so and the change in work is done."""
    ui.notification(messages.text("workbench_stopped"), timeout=None)
    await view.desk.change(lambda _: None, view.person.name)
    ui.timer(0.6, stop, once=True)
