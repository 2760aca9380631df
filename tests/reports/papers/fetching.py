"""What a paper would fetch from elsewhere when it is opened: looked for in pages, Word documents and workbooks."""

from __future__ import annotations

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

ADDRESS = re.compile(r"^\s*(https?:|ftp:|file:|//|\\\\)", re.IGNORECASE)
FETCHING = {
    "src", "srcset", "href", "xlink:href", "action", "formaction", "data", "poster", "background", "ping", "manifest",
}  # fmt: skip
"""Attributes that a browser follows, some of them only when clicked: a paper has none of either kind."""


class _Page(HTMLParser):
    """The addresses of a page, in attributes and in style sheets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in FETCHING and ADDRESS.match(value or ""):
                self.found.append(f"{tag} {name}={value}")
            if name == "style":
                self.found += _styled(value or "")
        if tag in ("script", "iframe", "object", "embed", "base", "link", "meta"):
            refresh = dict(attrs).get("http-equiv", "")
            if tag != "meta" or (refresh or "").lower() == "refresh":
                self.found.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.found += _styled(data)


def _styled(css: str) -> list[str]:
    return re.findall(r"@import[^;]*|url\(\s*['\"]?(?!#|data:)[^)]*\)", css)


def fetched(file: Path) -> list[str]:
    """What opening a paper, or clicking in it, would ask of another machine."""
    if file.suffix == ".html":
        return _Page(file.read_text(encoding="utf-8")).found
    with zipfile.ZipFile(file) as parts:
        related = [parts.read(n).decode() for n in parts.namelist() if n.endswith(".rels")]
    return [r for text in related for r in re.findall(r"<Relationship [^>]*>", text) if 'TargetMode="External"' in r]
