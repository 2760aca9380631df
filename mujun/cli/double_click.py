"""What a double click on the program opens: the workbench of the store among the documents of whoever clicked.

With arguments it is the whole command line. It starts the program of the bundle and of the wheelhouse (`packaging/`).
"""

from __future__ import annotations

import os
import re
import sys
from multiprocessing import freeze_support
from pathlib import Path

import click

from mujun import messages
from mujun.cli import main as command_line

FOLDER = "亩均"
"""The folder among the documents that holds the store, its rule sets and its accounts."""


def documents() -> Path:
    """Where this person keeps documents; the home folder where no such folder is known."""
    if sys.platform == "win32":
        import winreg

        shell = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, shell) as key:
                # Administrators move this folder to another drive: the registry knows where it went.
                return Path(os.path.expandvars(str(winreg.QueryValueEx(key, "Personal")[0])))
        except OSError:
            return Path.home() / "Documents"
    named = _documents_of_desktop()
    if named is not None:
        return named
    usual = Path.home() / "Documents"
    return usual if usual.is_dir() else Path.home()


def _documents_of_desktop() -> Path | None:
    """What the desktop calls the folder of documents (`user-dirs.dirs`); `None` where it names none."""
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "user-dirs.dirs"
    if not settings.is_file():
        return None
    text = settings.read_text(encoding="utf-8", errors="replace")
    line = re.search(r'^XDG_DOCUMENTS_DIR="(.+)"$', text, re.MULTILINE)
    return Path(line[1].replace("$HOME", str(Path.home()))) if line is not None else None


def store_of_person() -> Path:
    """The store that a double click opens: `$MUJUN_DB` where that is set, else `亩均/mujun.duckdb` among the documents.

    Raises:
        OSError: the folder cannot be made.
    """
    stated = os.environ.get("MUJUN_DB")
    if stated:
        return Path(stated)
    folder = documents() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "mujun.duckdb"


def main() -> None:
    """Open the workbench, or run the command that was given; ends the process."""
    # A child of a frozen program starts here again and is to do its own work.
    freeze_support()
    if len(sys.argv) > 1:
        command_line()
    messages.set_language(None)
    try:
        store = store_of_person()
    except OSError as error:
        click.echo(messages.text("double_click_no_folder", folder=documents() / FOLDER, said=error.strerror), err=True)
        _wait_for_reader()
        sys.exit(1)
    click.echo(messages.text("double_click_store", folder=store.absolute().parent))
    try:
        command_line(["--db", str(store), "serve"])
    except SystemExit as end:
        if end.code:
            _wait_for_reader()
        raise


def _wait_for_reader() -> None:
    """Keep the window open that would close with the program, until what stands there was read."""
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(messages.text("double_click_close"))
        sys.stdin.readline()


if __name__ == "__main__":
    main()
