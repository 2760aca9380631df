"""Official papers as Word documents, in the form that Chinese offices give theirs (GB/T 9704—2012).

A4; margins 37, 28, 35 and 26 mm; the title in 方正小标宋, headings in 黑体, text in 仿宋 三号 with lines of 28 points,
page numbers below. The fonts are named, not carried along; where a machine lacks one, the document itself names the one
that takes its place. The same paper gives the same bytes. Only this module knows python-docx, of the extra `papers`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from mujun.errors import UsageError, problem
from mujun.reports.charts import Chart, png
from mujun.reports.official.document import Annex, OfficialPaper, Part
from mujun.rules.document import Heading, Paragraph, Table
from mujun.writing import write_bytes

TITLE, HEAD, SECOND, BODY, NUMBER = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
_INSTEAD = {TITLE: "宋体", SECOND: "楷体", BODY: "仿宋"}
"""What stands in for a font that a machine does not have."""

_LINE = 28
_MARKS = 700_000
"""Numbers of the marks where tables are to stand: above those that python-docx gives."""
_WORDML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SIZES = {"letterhead": 26, "title": 22, "body": 16, "table": 11, "note": 12}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NUMERALS = "一二三四五六七八九十"
# What XML cannot carry, and marks that are not seen.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def write_word(file: Path, paper: OfficialPaper) -> Path:
    """Write a paper as a .docx.

    Raises:
        UsageError: the extra `papers` is not installed, or a picture is wanted and there is no Chinese font.
        InputError: the file cannot be written.
    """
    return write_bytes(file, word_bytes([paper]))


def word_bytes(papers: Sequence[OfficialPaper]) -> bytes:
    """Papers as one .docx, each on a page of its own."""
    docx = _library()
    document = docx.Document()
    _prepare(document)
    tables: list[str] = []
    for number, paper in enumerate(papers):
        if number:
            document.add_paragraph().paragraph_format.page_break_before = True
        _draw(document, paper, tables)
    first = papers[0]
    core = document.core_properties
    core.title, core.author, core.comments = _plain(first.title), "mujun", ""
    core.created = core.modified = datetime((first.year or 1979) + 1, 1, 1)
    core.last_modified_by, core.revision = "mujun", 1
    drawn = io.BytesIO()
    document.save(drawn)
    return _same_bytes(drawn.getvalue(), tables)


def _draw(document: Any, paper: OfficialPaper, tables: list[str]) -> None:
    docx = _library()
    if paper.number and not paper.letterhead:
        _text(document, paper.number, align="right", indent=False)
    if paper.letterhead:
        made = _text(document, paper.letterhead, font=TITLE, size=_SIZES["letterhead"], align="center", indent=False)
        made.runs[0].font.color.rgb = docx.shared.RGBColor(0xC0, 0, 0)
        _text(document, paper.number, align="center", indent=False)
    _text(document, paper.title, font=TITLE, size=_SIZES["title"], align="center", indent=False, line=36, after=14)
    if paper.to:
        _text(document, f"{paper.to}：", indent=False)
    number = 0
    for part in paper.parts:
        number += isinstance(part, Heading) and part.level == 1
        _part(document, part, number, tables)
    for i, annex in enumerate(paper.annexes, 1):
        mark = "附件：" if len(paper.annexes) == 1 else f"{'附件：' if i == 1 else '　　　'}{i}. "
        _text(document, mark + annex.title)
    if paper.office or paper.day:
        _text(document, "", indent=False)
        _text(document, paper.office, align="right", indent=False)
        _text(document, paper.day, align="right", indent=False)
    if paper.copies:
        _text(document, f"抄送：{paper.copies}", size=_SIZES["note"], indent=False)
    for i, annex in enumerate(paper.annexes, 1):
        _annex(document, annex, f"附件{i if len(paper.annexes) > 1 else ''}", tables)
    for i, picture in enumerate(paper.pictures):
        _picture(document, picture.chart, first=i == 0)


def _part(document: Any, part: Part, number: int, tables: list[str]) -> None:
    if isinstance(part, Heading):
        first = part.level == 1
        lead = f"{_numeral(number)}、" if first else ""
        _text(document, lead + part.text, font=HEAD if first else SECOND, keep=True)
    elif isinstance(part, Paragraph):
        _text(document, part.text)
    elif isinstance(part, Table):
        if part.caption:
            _text(document, part.caption, font=HEAD, size=_SIZES["note"], indent=False, keep=True)
        _table(document, part, part.widths, tables)


def _picture(document: Any, chart: Chart, *, first: bool) -> None:
    """A chart with its finding above and how to read it below."""
    title = _text(document, chart.title, font=HEAD, size=_SIZES["note"], indent=False, keep=True, line=20)
    title.paragraph_format.page_break_before = first
    made = document.add_paragraph()
    made.alignment = _library().enum.text.WD_ALIGN_PARAGRAPH.CENTER
    made.paragraph_format.keep_with_next = True
    made.add_run().add_picture(io.BytesIO(png(chart)), width=_library().shared.Mm(150))
    _text(document, f"{chart.basis}。{chart.how}", size=10, indent=False, line=15, after=12)


def _annex(document: Any, annex: Annex, mark: str, tables: list[str]) -> None:
    made = _text(document, mark, font=HEAD, indent=False)
    made.paragraph_format.page_break_before = True
    _text(document, annex.title, font=TITLE, size=18, align="center", indent=False)
    if annex.note:
        _text(document, annex.note, size=_SIZES["note"], align="center", indent=False)
    _table(document, annex.table, annex.widths, tables)


def _table(document: Any, table: Table, widths: Sequence[float], tables: list[str]) -> None:
    """A table whose first row is repeated on every page.

    Its cells are written as XML, and put where an empty mark stands when the file is there: python-docx looks the whole
    table through for every cell, and moving fifty thousand rows from one tree to another takes half a minute.
    """
    docx = _library()
    shares = widths or [1.0] * len(table.titles)
    room = 8840
    across = [max(400, int(room * w / sum(shares))) for w in shares]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in across)
    small = table.small
    rows = [_row(table.titles, across, head=True, small=small)]
    rows += [_row(r, across, head=False, small=small) for r in table.rows]
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    # In narrow columns room is for figures: one that breaks after its point is read as two.
    beside = "".join(f'<w:{side} w:w="{30 if small else 108}" w:type="dxa"/>' for side in ("left", "right"))
    xml = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{room}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{beside}</w:tblCellMar></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    mark = docx.oxml.parse_xml(f'<w:bookmarkStart xmlns:w="{_WORDML}" {_mark(len(tables))}/>')
    document.element.body.insert(len(document.element.body) - 1, mark)
    tables.append(xml)
    _text(document, "", indent=False, line=12)


def _mark(number: int) -> str:
    """What tells an empty mark from all others; no text can be taken for it, because texts are no elements."""
    return f'w:id="{_MARKS + number}" w:name="_mujun_table_{number}"'


def _row(cells: Sequence[str], across: Sequence[int], *, head: bool, small: bool) -> str:
    font = HEAD if head else BODY
    size = 20 if small else _SIZES["table"] * 2
    # Nothing stands between the lines, so that a page holds what it has to.
    spacing = f'w:before="0" w:after="0" w:line="{280 if small else 300}"'
    look = f'<w:rPr><w:rFonts w:ascii="{NUMBER}" w:hAnsi="{NUMBER}" w:eastAsia="{font}"/><w:sz w:val="{size}"/></w:rPr>'
    before = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if head else "<w:trPr><w:cantSplit/></w:trPr>"
    made = []
    for text, width in zip(cells, across, strict=True):
        lines = _escaped(text).split("\n")
        runs = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
        align = "center" if head or max(map(len, lines)) <= 8 else "left"
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>'
            f'<w:spacing {spacing} w:lineRule="atLeast"/><w:jc w:val="{align}"/></w:pPr>'
            f"<w:r>{look}{runs}</w:r></w:p></w:tc>"
        )
    return f"<w:tr>{before}{''.join(made)}</w:tr>"


def _escaped(text: str) -> str:
    return _plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(
    document: Any, text: str, *, font: str = BODY, size: float = _SIZES["body"], align: str = "both",
    indent: bool = True, keep: bool = False, line: float = _LINE, after: float = 0,
) -> Any:  # fmt: skip
    """A paragraph."""
    docx = _library()
    made = document.add_paragraph()
    run = made.add_run(_plain(text))
    run.font.size, run.font.name = docx.shared.Pt(size), NUMBER
    run._element.rPr.rFonts.set(docx.oxml.ns.qn("w:eastAsia"), font)
    shape = made.paragraph_format
    shape.line_spacing, shape.space_after, shape.space_before = (docx.shared.Pt(p) for p in (line, after, 0))
    shape.keep_with_next = keep
    if indent:
        shape.first_line_indent = docx.shared.Pt(2 * size)
    kinds = docx.enum.text.WD_ALIGN_PARAGRAPH
    made.alignment = {"both": kinds.JUSTIFY, "center": kinds.CENTER, "right": kinds.RIGHT, "left": kinds.LEFT}[align]
    if align == "right":
        shape.right_indent = docx.shared.Pt(2 * size)
    return made


def _prepare(document: Any) -> None:
    docx = _library()
    section = document.sections[0]
    mm = docx.shared.Mm
    section.page_width, section.page_height = mm(210), mm(297)
    section.top_margin, section.left_margin, section.bottom_margin, section.right_margin = (
        mm(37),
        mm(28),
        mm(35),
        mm(26),
    )
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = NUMBER, docx.shared.Pt(_SIZES["body"])
    normal.element.rPr.rFonts.set(docx.oxml.ns.qn("w:eastAsia"), BODY)
    _number_pages(section)
    _name_stand_ins(document)


def _number_pages(section: Any) -> None:
    """— 1 — at the foot of every page."""
    docx = _library()
    made = section.footer.paragraphs[0]
    made.alignment = docx.enum.text.WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("text", "— "), ("begin", ""), ("code", "PAGE"), ("end", ""), ("text", " —")):
        run = made.add_run(text if kind == "text" else "")
        run.font.size, run.font.name = docx.shared.Pt(14), NUMBER
        if kind in ("begin", "end"):
            mark = docx.oxml.OxmlElement("w:fldChar")
            mark.set(docx.oxml.ns.qn("w:fldCharType"), kind)
            run._element.append(mark)
        elif kind == "code":
            code = docx.oxml.OxmlElement("w:instrText")
            code.text = text
            run._element.append(code)


def _name_stand_ins(document: Any) -> None:
    """The document's table of fonts, saying what takes the place of each that may be missing."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/></w:font>'
        for name, instead in _INSTEAD.items()
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = part.blob.replace(b"</w:fonts>", f"{fonts}</w:fonts>".encode())


def _numeral(number: int) -> str:
    """1 to 99 as Chinese headings count.

    >>> _numeral(3), _numeral(10), _numeral(12), _numeral(20), _numeral(21)
    ('三', '十', '十二', '二十', '二十一')
    """
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _NUMERALS[tens - 1]) + ("十" if tens else "") + (_NUMERALS[ones - 1] if ones else "")


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _same_bytes(drawn: bytes, tables: Sequence[str]) -> bytes:
    """The file with its tables in it, and the time of its making taken out of its directory."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(drawn)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            content = source.read(name)
            target.writestr(entry, _with_tables(content, tables) if name == "word/document.xml" else content)
    return made.getvalue()


def _with_tables(body: bytes, tables: Sequence[str]) -> bytes:
    """The document's body with each table where its mark stands."""
    parts: list[bytes] = []
    for number, table in enumerate(tables):
        before, mark, body = body.partition(f"<w:bookmarkStart {_mark(number)}/>".encode())
        if not mark:
            raise AssertionError(f"no mark for table {number}")
        parts += [before, table.encode()]
    return b"".join([*parts, body])


@cache
def _library() -> Any:
    """python-docx.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import docx
        import docx.enum.text
        import docx.oxml
        import docx.oxml.ns
        import docx.shared
    except ImportError as error:
        raise UsageError(problem("papers_extra_missing", library=error.name)) from error
    return docx
