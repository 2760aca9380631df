"""A new rule set from another: copied with its comments, with what has to be filled in marked.

What the new document says is not known yet: name, place, years and sources are opened for editing, and `rules check`
goes on reminding until they are filled in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.rules.folders import FILES, DiskFolder, find_folder, roots
from mujun.rules.loading import YEARS, load_rules
from mujun.rules.model import Head
from mujun.rules.model.head import TO_FILL
from mujun.rules.new_papers import is_elsewhere, papers_opened
from mujun.rules.paper_texts import FILE as PAPERS
from mujun.rules.paper_texts import papers_texts
from mujun.rules.ruleset import RuleSet
from mujun.rules.yaml_text import yaml_text
from mujun.writing import file_name, folder_written, write_text


@dataclass(frozen=True)
class Made:
    """A rule set that was made: its folder, its files, and the set it was copied from."""

    folder: Path
    files: tuple[str, ...]
    source: str


def make_rules(folder: str | Path, source: str | Path, *, place: str | None = None, year: int | None = None) -> Made:
    """A new rule set in a folder, copied from another.

    An abstract base is not copied but extended. Comments stay; `extends` and `include` go on pointing at the same sets.

    Args:
        folder: where to; it may exist, but must hold no rule file.
        source: address or folder of the set to copy.
        place: the place it is for, such as `浙江省台州市椒江区`; left to be filled in where nobody says.
        year: the data year; by default the one after the last of the source.

    Raises:
        UsageError: there is no such source, no such year, or the folder holds rule files already.
        RuleError: the source is not well-formed.
        InputError: the folder cannot be written.
    """
    target = Path(folder)
    if place is not None:
        place, year_in_place = split_year(place)
        year = year if year is not None else year_in_place
    first, last = YEARS
    if year is not None and not first <= year <= last:
        raise UsageError(problem("rules_year", year=year, first=first, last=last))
    taken = [name for name in (*FILES, PAPERS) if (target / name).exists()]
    if taken or (target.exists() and not target.is_dir()):
        raise UsageError(problem("new_exists", folder=str(target), files=taken or [target.name]))
    model = find_folder(source)
    ruleset = load_rules(source)
    years = (year,) if year is not None else ()
    texts = _texts(Opening(model, target, " ".join(place.split()) if place else None, years), ruleset)
    if target.is_dir() and any(target.iterdir()):
        _beside_others(target, texts)
    else:
        with folder_written(target) as draft:
            for name, text in texts.items():
                write_text(draft / name, text)
    return Made(target, tuple(texts), model.address)


def _beside_others(target: Path, texts: Mapping[str, str]) -> None:
    """Write the files into a folder that has others: all of them or none."""
    done: list[Path] = []
    try:
        for name, text in texts.items():
            if (target / name).exists():
                raise UsageError(problem("new_exists", folder=str(target), files=[name]))
            done.append(write_text(target / name, text))
    except BaseException:
        for file in done:
            file.unlink(missing_ok=True)
        raise


@dataclass(frozen=True)
class Opening:
    """What is copied, where to, and what is known of the new file or set.

    Attributes:
        model: the set that is copied.
        target: the folder of the copy.
        place: the place it is for, where that is known.
        years: the data years it is for, where they are known.
    """

    model: DiskFolder
    target: Path
    place: str | None
    years: tuple[int, ...] = ()

    def years_after(self, years: tuple[int, ...]) -> tuple[int, ...]:
        """The years that the copy is for: those that are known, else the one after the last of the source."""
        return self.years or ((max(years) + 1,) if years else ())


def _texts(opening: Opening, ruleset: RuleSet) -> dict[str, str]:
    model = opening.model
    texts: dict[str, str] = {}
    for name in FILES:
        text = model.read(name)
        if text is None:
            continue
        file = getattr(ruleset, name.removesuffix(".yaml"), None)
        if name == "tests.yaml":
            texts[name] = tests_note(model.address) + text
        elif file is not None and file.status == "abstract":
            texts[name] = completing_text(name.removesuffix(".yaml"), opening)
        else:
            texts[name] = opened_text(text, opening, file if isinstance(file, Head) else None)
    tables = {
        t.file for f in (ruleset.rating, ruleset.rectification, ruleset.allocation) if f for t in f.tables.values()
    }
    words = model.read(PAPERS)
    if words is not None:
        old_place = ruleset.head.place if ruleset.head is not None else None
        texts[PAPERS] = papers_opened(words, model.address, opening.place, old_place)
        outlines = papers_texts(None, model.path / PAPERS).outlines
        tables |= {outlines} if outlines and not is_elsewhere(opening.place, old_place) else set()
    for name in sorted(tables):
        text = model.read(name)
        if text is not None:
            texts[name] = text
    return texts


def tests_note(address: str) -> str:
    """What stands above cases that were copied from a set."""
    return f"# {TO_FILL}：以下算例抄自 {address}，得数按它的规则手算。规则改动后请重新手算，再运行 mujun rules test。\n"


def completing_text(kind: str, opening: Opening) -> str:
    """A file that completes an abstract one instead of copying it."""
    model = opening.model
    # `abstract` until it is complete: what a base requires of a complete set would stop an empty one from loading.
    place = yaml_text(opening.place) if opening.place else f"{TO_FILL}：适用地区"
    years = years_text(opening.years) if opening.years else f"[]  # {TO_FILL}：适用的数据年度，如 [2023]"
    return f"""\
# 本文件补全 {model.address}：只写它没有的，和与它不同的。写好后运行 mujun rules check。
mujun: 1
kind: {kind}
name: {TO_FILL}：名称
place: {place}
years: {years}
status: abstract  # {TO_FILL}：写完后改为 official 全文、excerpt 所见部分，或 example 示例
sources:
  # checked 写核对原文的日期，如 checked: 2026-11-23
  - {{document: {TO_FILL}：文件名称或文号}}
extends: {_reference(model, ".", opening.target)}
"""


# ---------------------------------------------------------------------------------------------------------- the head

_TOP_KEY = re.compile(r"^([A-Za-z_]+):(.*)$")


def opened_text(text: str, opening: Opening, file: Head | None) -> str:
    """A rule file's text with its head opened for editing and everything else as it was."""
    model, target = opening.model, opening.target
    lines: list[str] = [f"# 抄自 {model.address}。请按新文件改写标有“{TO_FILL}”的各行，再运行 mujun rules check。"]
    block = ""
    for line in text.splitlines():
        key = _TOP_KEY.match(line)
        if key is not None:
            block = key[1]
            lines += _head_line(block, key[2].strip(), line, opening, file)
        elif block == "sources" and line.strip():
            lines.append(f"  # 原：{line.strip()}" if not line.lstrip().startswith("#") else line)
        elif block == "include":
            lines.append(_included(line, model, target))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _head_line(key: str, value: str, line: str, opening: Opening, file: Head | None) -> list[str]:
    model, target = opening.model, opening.target
    years = file.years if file is not None else ()
    new_years = opening.years_after(years)
    if key in ("name", "place"):
        if opening.place is None or file is None:
            return [f"{key}: {TO_FILL}  # 原：{value}"]
        new = opening.place if key == "place" else named(file, opening.place, max(new_years, default=None))
        return [f"{key}: {yaml_text(new)}  # 原：{value}"]
    if key == "years":
        reminder = "" if opening.years else f"{TO_FILL}：数据年度；"
        return [f"years: {years_text(new_years)}  # {reminder}原：{value}" if new_years else line]
    if key == "status":
        return [f"status: example  # {TO_FILL}：official 全文；excerpt 所见部分；example 示例；原：{value}"]
    if key == "sources":
        old = [f"  # 原：{value}"] if value else []
        return ["sources:", f"  - {{document: {TO_FILL}}}  # 每份文件一行；checked 写核对原文的日期", *old]
    if key == "omits" and not value:
        return [line, f"  # {TO_FILL}：以下是原规则集的，请按新文件改写"]
    if key == "extends":
        return [f"extends: {_reference(model, _plain(value), target)}"]
    if key == "include":
        return [_included(line, model, target)]
    return [line]


_KINDS_OF_PLACE = r"自治区|自治州|自治县|自治旗|省|市|区|县|州(?![市区县])|盟|旗"
_REGION = re.compile(rf"(?:[^省市区县州盟旗]|州(?=[市区县]))+?(?:{_KINDS_OF_PLACE})")


def folder_for(place: str, year: int | None = None) -> Path:
    """The folder that a new set is put into where none is named: the place, and the year if one is given."""
    place, year_in_place = split_year(place)
    named, year = short_place(place), year if year is not None else year_in_place
    return Path(file_name(f"{named}-{year}" if year is not None else named).replace(" ", "-"))


_YEAR_BEHIND = re.compile(r"(.*?\D)[-_ ]*((?:19|20)\d{2})年?(?:度)?")


def split_year(place: str) -> tuple[str, int | None]:
    """A place, and the data year that is written behind it.

    >>> split_year("青溪县2023"), split_year("青溪县-2023年度"), split_year("青溪县")
    (('青溪县', 2023), ('青溪县', 2023), ('青溪县', None))
    """
    match = _YEAR_BEHIND.fullmatch(place.strip())
    return (match[1].rstrip("-_ "), int(match[2])) if match else (place, None)


def short_place(place: str) -> str:
    """The last part of a place's name, by which people call it.

    >>> short_place("浙江省台州市椒江区"), short_place("内蒙古自治区"), short_place("某经济开发区")
    ('椒江区', '内蒙古自治区', '某经济开发区')
    >>> short_place("浙江省绍兴市嵊州市")
    '嵊州市'
    """
    parts = list(_REGION.finditer(place))
    return parts[-1].group() if parts and parts[-1].end() == len(place) else place


def named(file: Head, place: str, year: int | None) -> str:
    """What the copy of a file is called: its name with place and year exchanged."""
    name = file.name if short_place(place) in file.name else f"{short_place(place)}：{file.name}"
    for written in (file.place or "", short_place(file.place or "")):
        if written and written in file.name:
            name = file.name.replace(written, short_place(place))
            break
    for old in file.years if year is not None else ():
        name = re.sub(rf"(?<!\d){old}(?!\d)", str(year), name)
    # What the copied set is says nothing of the new one.
    return re.sub(r"[（(](示例|底本)[)）]", "", name)


def years_text(years: tuple[int, ...]) -> str:
    """Years as YAML.

    >>> years_text((2022, 2023))
    '[2022, 2023]'
    """
    return f"[{', '.join(map(str, years))}]"


def _plain(value: str) -> str:
    """A scalar without its comment and quotes."""
    return value.split(" #")[0].strip().strip("'\"")


def _reference(model: DiskFolder, path: str, target: Path) -> str:
    """A set that a copied file refers to, as the new folder has to call it."""
    other = model if path == "." else model.other(path)
    if other is None:
        return path
    if any(other.path.resolve().is_relative_to(root.resolve()) for root in roots()):
        return other.address
    return Path(os.path.relpath(other.path.resolve(), target.resolve())).as_posix()


def _included(line: str, model: DiskFolder, target: Path) -> str:
    """A line of `include` whose relative path, if it has one, leads from the new folder."""

    def moved(match: re.Match[str]) -> str:
        return match[1] + _reference(model, match[2], target)

    return re.sub(r"((?:^\s*-\s+|from:\s*|\[\s*|,\s*))(\.\.?/[^\s,}\]#]+)", moved, line)
