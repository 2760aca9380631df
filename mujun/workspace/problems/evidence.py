"""What shows that something was done: files copied into a folder beside the store, under names that nobody chose."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from mujun.errors import UsageError, problem
from mujun.records.container import read_bytes
from mujun.workspace.county_file import CountyFile
from mujun.writing import file_name, unwritten, write_bytes

_KEPT = re.compile(r"[0-9a-f]{12}_.+", re.DOTALL)
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
    # An ending is of the sender's making too: one that is no plain word is a part of the name.
    plain = _ENDING.fullmatch(file.suffix) is not None
    return kept_bytes(county, read_bytes(file), file.stem if plain else file.name, file.suffix if plain else "")


def kept_bytes(county: CountyFile, data: bytes, stem: str, ending: str) -> tuple[str, str]:
    """Keep bytes in the store's folder of evidence; what is returned and raised as in `keep_evidence`.

    Args:
        data: the content.
        stem, ending: what its name ends with, after its digest.
    """
    digest = hashlib.sha256(data).hexdigest()
    folder = evidence_folder(county)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritten(folder, error) from error
    name = file_name(f"{digest[:12]}_{stem}", ending)
    target = folder / name
    # What stands there under its name may have been changed since.
    if not target.is_file() or hashlib.sha256(read_bytes(target)).hexdigest() != digest:
        write_bytes(target, data)
    return name, digest


def shown_by(county: CountyFile, kinds: Iterable[str], files: Iterable[Path]) -> tuple[str, ...]:
    """Kinds of evidence with the names of files that show them, which are kept beside the store from now on.

    Raises:
        InputError: a file cannot be read or copied.
    """
    return tuple(sorted({*kinds, *(keep_evidence(county, file)[0] for file in files)}))


def kept_files(evidence: Iterable[str]) -> tuple[str, ...]:
    """The names of files that were kept, among what an event or a problem names as evidence.

    >>> kept_files(("镇街核查表", "0123456789ab_现场.jpg"))
    ('0123456789ab_现场.jpg',)
    """
    return tuple(name for name in evidence if _KEPT.fullmatch(name))


def evidence_file(county: CountyFile, name: str) -> Path:
    """A file of evidence that was kept.

    Raises:
        UsageError: there is none of that name; nothing outside the folder is one.
    """
    file = evidence_folder(county) / name
    if not kept_files([name]) or file.name != name or file.is_symlink() or not file.is_file():
        raise UsageError(problem("evidence_gone", name=name))
    return file


def copy_evidence(county: CountyFile, name: str, file: Path) -> Path:
    """Copy a file of evidence that was kept to a place outside.

    Raises:
        UsageError: there is none of that name.
        InputError: it cannot be read or copied.
    """
    return write_bytes(file, read_bytes(evidence_file(county, name)))
