"""HTML pages from the templates in `reports/pages`: one base, nothing fetched from elsewhere, every text escaped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

import jinja2

from mujun.messages import show
from mujun.messages.visible import visible


def page(template: str, title: str, *, lang: str = "zh-CN", **values: object) -> str:
    """A page.

    Args:
        template: its file in `reports/pages`; it extends `base.html`.
        title: the document's title.
        lang: the language it is written in.
        values: what the template asks for; a name that it asks for and does not get is an error.
    """
    # Names come from many hands: a control is no character of HTML, and a right-to-left mark turns a sentence round.
    return visible(_environment().get_template(template).render(title=title, lang=lang, **values))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"amount": _amount, "ratio": _ratio, "cn": _day}
    return environment


def _source(name: str) -> str:
    return resources.files("mujun.reports").joinpath("pages", name).read_text(encoding="utf-8")


def _amount(value: Decimal | None, unit: str) -> str:
    return "—" if value is None else f"{show(value)} {unit}".rstrip()


def _ratio(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{value:.2f} {unit}"


def _day(value: date | None) -> str:
    return "—" if value is None else f"{value.year}年{value.month}月{value.day}日"
