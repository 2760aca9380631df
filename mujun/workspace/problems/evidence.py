"""What shows that a problem was mended: files copied into a folder beside the store, under names that nobody chose."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from mujun.records.container import read_bytes
from mujun.workspace.county_file import CountyFile
from mujun.writing import file_name, unwritten, write_bytes

_ENDING = re.compile(r"\.[0-9A-Za-z]{1,8}")


def evidence_folder(county: CountyFile) -> Path:
    """The folder beside the store in which evidence is kept."""
    return county.path.with_name(f"{county.path.stem}.evidence")


def keep_evidence(county: CountyFile, file: Path) -> tuple[str, str]:
    """Copy a file into the store's folder of evidence, under a name that begins with its digest.

    Returns:
        The name that it has there, and its SHA-256.

    Raises:
        InputError: it cannot be read or copied.
    """
    data = read_bytes(file)
    digest = hashlib.sha256(data).hexdigest()
    folder = evidence_folder(county)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritten(folder, error) from error
    # An ending is of the sender's making too: one that is no plain word is a part of the name.
    plain = _ENDING.fullmatch(file.suffix) is not None
    name = file_name(f"{digest[:12]}_{file.stem if plain else file.name}", file.suffix if plain else "")
    target = folder / name
    # What stands there under its name may have been changed since.
    if not target.is_file() or hashlib.sha256(read_bytes(target)).hexdigest() != digest:
        write_bytes(target, data)
    return name, digest
