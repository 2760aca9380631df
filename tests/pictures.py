"""Pictures of every paper for review, and the two that the README shows: `python -m tests.pictures [FOLDER]`.

The sample county is loaded and rated, all its papers are made, and each is looked at as its reader would: pages by
Chromium at the width of a desk (1000) and of a phone (360) and as PDF, Word documents and workbooks by LibreOffice as
PDF; of each PDF the first pages become PNG by pdftoppm. A program that is not installed is said and passed over.
`--readme` puts the two pictures of the README into docs/pictures.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from mujun import County
from mujun.reports.charts.chart import FONTS
from mujun.samples import sample_data, sample_files

YEAR, RULES = 2022, "zhejiang/shengzhou-2022"
WIDTHS = (1000, 360)
PAGES = 3
"""Pages of a document that are drawn."""

TEXTS = """mujun: 1
kind: papers
name: 示例县2022年度
letterhead: 示例县亩均办
outlines: 镇街界线.geojson
chains:
  领带服饰: {industries: ['17', '18']}
"""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Make the papers and their pictures, and say where they are."""
    parser = argparse.ArgumentParser(description="Pictures of every paper of the sample county.")
    parser.add_argument("folder", type=Path, nargs="?", help="where to (default: a new folder among temporary files)")
    parser.add_argument("--readme", action="store_true", help="also make docs/pictures")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="mujun-pictures-"))
    county = made_county(folder)
    papers = folder / "材料"
    if not papers.exists():
        county.papers.report(YEAR, papers, texts=folder / "papers.yaml")
    pictures = folder / "图"
    pictures.mkdir(exist_ok=True)
    inside = [found[0] for f in sorted(papers.iterdir()) if (found := sorted(f.glob("*.html")))]
    for page in [*sorted(papers.glob("*.html")), *inside]:
        for width in WIDTHS:
            photographed(page, pictures / f"{page.stem}-{width}.png", width, 2400)
        printed(page, pictures)
    for document in [*sorted(papers.glob("*.docx")), *sorted(papers.glob("*.xlsx"))]:
        converted(document, pictures)
    for pdf in sorted(pictures.glob("*.pdf")):
        drawn(pdf, PAGES)
    if given.readme:
        readme(county, papers, folder)
    print(f"{len(list(pictures.glob('*.png')))} pictures: {pictures}")


def made_county(folder: Path) -> County:
    """The sample county, loaded and rated in a folder, with the county's words beside its store."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "papers.yaml").write_text(TEXTS, encoding="utf-8")
    shutil.copy(sample_data() / "镇街界线.geojson", folder)
    county = County(folder / "mujun.duckdb")
    if not county.path.exists():
        county.data.load(sample_files())
        county.runs.rate(RULES, YEAR, final=True)
    return county


def program(*names: str) -> str | None:
    """Where the first of some programs is; says so where none is."""
    where = next((w for n in names if (w := shutil.which(n))), None)
    if where is None:
        print(f"not installed: {names[0]}")
    return where


def photographed(page: Path, picture: Path, width: int, height: int) -> None:
    """A page as a browser of that width shows it."""
    if browser := program(*CHROMIUM):
        run(
            [*_headless(browser), f"--screenshot={picture}", f"--window-size={width},{height}", page.resolve().as_uri()]
        )


def printed(page: Path, folder: Path) -> None:
    """A page as a browser prints it."""
    if browser := program(*CHROMIUM):
        pdf = folder / f"{page.stem}.pdf"
        run([*_headless(browser), f"--print-to-pdf={pdf}", "--no-pdf-header-footer", page.resolve().as_uri()])


def _headless(browser: str) -> list[str]:
    # No name is found: a page that asks for anything from elsewhere shows it.
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    return [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", offline]


def converted(document: Path, folder: Path) -> None:
    """A document as LibreOffice prints it."""
    if office := program("soffice"):
        run([office, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(document)])


def drawn(pdf: Path, pages: int) -> None:
    """The first pages of a PDF as PNG beside it."""
    if tool := program("pdftoppm"):
        run([tool, "-r", "60", "-l", str(pages), "-png", str(pdf), str(pdf.with_suffix(""))])


def readme(county: County, papers: Path, folder: Path) -> None:
    """The two pictures of the README: the head of the county report, and the map."""
    import vl_convert

    docs = Path(__file__).resolve().parents[1] / "docs" / "pictures"
    docs.mkdir(exist_ok=True)
    photographed(next(papers.glob("*全县报告.html")), docs / "report.png", 1000, 1500)
    drawn_map = county.parcels.map(YEAR, outlines=folder / "镇街界线.geojson")
    (docs / "map.png").write_bytes(vl_convert.svg_to_png(str(drawn_map.svg()), scale=0.9))
    print(f"drawn with {FONTS.split(',')[0]} or what stands in for it: {docs}")


def run(command: list[str]) -> None:
    """Run a program; what it says is told where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        print(f"{command[0]}: {done.stderr.strip()[-300:]}")


if __name__ == "__main__":
    main()
