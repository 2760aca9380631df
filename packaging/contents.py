"""What goes into the bundle beside the modules that PyInstaller finds by reading imports."""

from __future__ import annotations

from pathlib import Path

GATHERED = ("nicegui", "altair", "vl_convert", "polars", "_polars_runtime_32", "duckdb", "pandera", "sqlglot")
"""Libraries that read files of their own or open modules by name: taken whole."""

WITH_FOLDERS = ("docx",)
"""Libraries that look for a file by way of a folder of their modules: taken with their modules as files."""

METADATA = ("mujun", "nicegui", "polars", "duckdb", "pandera", "altair", "vl-convert-python", "opentelemetry-api")
"""Distributions whose version or entry points are asked for while the program runs."""

LEFT_OUT = ("tkinter", "pytest", "IPython", "matplotlib", "pandas", "setuptools", "pip", "PyInstaller")
"""What libraries would use if it were there, and mujun never does."""


def data_files(package: Path) -> list[tuple[Path, Path]]:
    """Every file of an installed `mujun` that is no module: messages, pages, styles, rules, sample county, docs.

    Args:
        package: the folder of the package.

    Returns:
        Each file with its folder in the bundle.
    """
    return [
        (file, Path("mujun") / file.parent.relative_to(package))
        for file in sorted(package.rglob("*"))
        if file.is_file() and file.suffix not in (".py", ".pyc")
    ]
