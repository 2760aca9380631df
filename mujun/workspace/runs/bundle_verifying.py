"""Verifying a bundle: its files, its run computed again, and its readable copies derived again."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal

import polars as pl

import mujun
from mujun.dataclass import dataclass
from mujun.errors import InputError, MujunError, Place, problem
from mujun.fields import TABLES
from mujun.notebooks import InNotebooks
from mujun.records.parquet import kept_table
from mujun.rules import RuleSet, load_kept
from mujun.store import ORIGIN, RunRecord
from mujun.workspace.computing import computed
from mujun.workspace.names_of_tables import kind_of
from mujun.workspace.runs.bundle_manifest import MANIFEST, SEAL, Manifest, read_manifest
from mujun.workspace.runs.verifying import Verification, compared

BATCHES = "inputs/batches.csv"
BATCH_COLUMNS = (
    "number", "file", "sha256", "loaded_at", "who", "reason", "document", "tables", "rows", "quarantined",
)  # fmt: skip
"""The columns of the list of files that the tables were loaded from."""

LARGEST_TEXT = 20_000_000
"""Bytes of a rule file or of the list of files; real ones have some hundred thousand."""
_LONGEST_HEAD, _LONGEST_SEAL = 1000, 1000

_DIGEST = re.compile("[0-9a-f]{64}")

_ORIGIN_TYPES: dict[str, pl.DataType] = {
    "_batch": pl.Int32(),
    "_file": pl.String(),
    "_sheet": pl.String(),
    "_row": pl.Int64(),
    "_loaded_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True)
class BundleVerification(InNotebooks):
    """What became of verifying a bundle.

    Attributes:
        folder: the bundle.
        run: its run's number.
        seal: the SHA-256 of the manifest as it is now.
        sealed: the SHA-256 that the seal `manifest.sha256` says; `None` where it says none. One that is not `seal`
            shows that the seal or the manifest was altered; the number that was written down on paper says which.
        altered: files whose bytes are not those of the manifest.
        missing: files of the manifest that are not there.
        unlisted: files that are there and not in the manifest; they prove nothing and harm nothing.
        files: how many files the manifest lists.
        version: of mujun, when the run was computed.
        recomputed: the run computed again; `None` where the files already forbid it.
        unlike: readable copies that say something else than what they are copies of.
        uncompared: readable copies that another version of mujun wrote, and that were not compared for that.
    """

    of: ClassVar[Literal["bundle"]] = "bundle"

    folder: Path
    run: int
    seal: str
    sealed: str | None
    altered: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    files: int
    version: str
    recomputed: Verification | None
    unlike: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether every file is as it was and everything comes out as it did."""
        whole = self.sealed == self.seal and not self.altered and not self.missing and not self.unlike
        return whole and self.recomputed is not None and self.recomputed.same


def is_bundle(path: str | Path) -> bool:
    """Whether a folder looks like a bundle, whole or not."""
    folder = Path(path)
    return folder.is_dir() and any((folder / name).is_file() for name in (MANIFEST, SEAL))


def verify_bundle(path: str | Path) -> BundleVerification:
    """Check every file of a bundle and compute its run again; needs no store.

    Raises:
        InputError: the folder is no bundle, its manifest or a file of it cannot be read, or nothing can be computed
            from what it holds; the sentence names the file.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    seal = sha256_of(folder / MANIFEST)
    listed = manifest.files
    missing = tuple(f for f in listed if not (folder / f).is_file())
    altered = tuple(f for f in listed if f not in missing and sha256_of(folder / f) != listed[f])
    known = {*listed, MANIFEST, SEAL}
    there = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
    unlisted = tuple(f for f in there if f not in known)
    needed = {*manifest.inputs.values(), *manifest.rule_files.values(), *manifest.results.values()}
    recomputed: Verification | None = None
    unlike: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    # Bytes that are not the bundle's own are not opened.
    if not needed & {*missing, *altered}:
        recomputed, unlike, uncompared = _computed_again(folder, manifest)
    return BundleVerification(
        folder,
        manifest.run,
        seal,
        _sealed(folder),
        altered,
        missing,
        unlisted,
        len(listed),
        manifest.version,
        recomputed,
        unlike,
        uncompared,
    )


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(problem("bundle_unreadable", Place(file=str(file)))) from error


def _sealed(folder: Path) -> str | None:
    """What the seal says the manifest's SHA-256 is."""
    try:
        # A pipe would be waited for.
        if not (folder / SEAL).is_file():
            return None
        with (folder / SEAL).open("rb") as stream:
            words = stream.read(_LONGEST_SEAL).decode("utf-8", errors="replace").split()
    except OSError:
        return None
    first = next(iter(words), "")
    return first if _DIGEST.fullmatch(first) else None


# ---------------------------------------------------------------------------------------------------- computing again


def _computed_again(folder: Path, manifest: Manifest) -> tuple[Verification, tuple[str, ...], tuple[str, ...]]:
    tables = {name: _table(folder, file, name) for name, file in manifest.inputs.items()}
    results = {name: _read(folder, file) for name, file in manifest.results.items()}
    texts = {name: _text(folder, file) for name, file in manifest.rule_files.items()}
    try:
        ruleset = load_kept(manifest.rules, texts)
        again = computed(ruleset, manifest.year, _complete(tables), manifest.batch)
        kept = RunRecord(
            year=manifest.year,
            rules=manifest.rules,
            rule_files=texts,
            batch=manifest.batch,
            mujun_version=manifest.version,
            digest=manifest.digest,
            results=results,
            label=manifest.label,
            final=manifest.final,
            binding=manifest.binding,
            who=manifest.who,
            created_at=manifest.created_at,
            number=manifest.run,
            digests=manifest.digests,
        )
        comparisons = compared(kept, again)
        copies = dict(_copies(folder, manifest, ruleset, tables, results))
    except MujunError:
        raise
    except (pl.exceptions.PolarsError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # Tables of right types may still hold what no store of ours lets in.
        reason = str(error).strip().split("\n")[0]
        raise InputError(problem("bundle_not_computable", Place(file=str(folder)), reason=reason)) from error
    unlike = tuple(file for file, same in copies.items() if same is False)
    return comparisons, unlike, tuple(file for file, same in copies.items() if same is None)


def _copies(
    folder: Path,
    manifest: Manifest,
    ruleset: RuleSet,
    tables: Mapping[str, pl.DataFrame],
    results: Mapping[str, pl.DataFrame],
) -> Iterator[tuple[str, bool | None]]:
    """Each readable copy, and whether it says what it is a copy of; `None` where another version wrote it."""
    from mujun.reports.drawing.exporting import write_table

    with tempfile.TemporaryDirectory(prefix="mujun-") as aside:
        for name, table in results.items():
            file = manifest.results[name].removesuffix(".parquet") + ".csv"
            if not (folder / file).is_file():
                continue
            copy = Path(aside) / f"{len(name)}.csv"
            again = write_table(table, copy, what=kind_of(name), headers="labels", rules=ruleset)
            same = sha256_of(again) == sha256_of(folder / file)
            yield file, (same or None) if manifest.version != mujun.__version__ else same
    if (folder / BATCHES).is_file():
        yield BATCHES, _batches_fit(folder, manifest, tables)


def _batches_fit(folder: Path, manifest: Manifest, tables: Mapping[str, pl.DataFrame]) -> bool:
    """Whether the list of files names, under its number, every file that a row says it came from."""
    # A head of a hundred million commas would be as many columns.
    with (folder / BATCHES).open("rb") as stream:
        head = stream.readline(_LONGEST_HEAD).decode("utf-8", errors="replace").strip()
    if head != ",".join(BATCH_COLUMNS) or (folder / BATCHES).stat().st_size > LARGEST_TEXT:
        return False
    try:
        listed = pl.read_csv(folder / BATCHES, infer_schema_length=0)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return False
    named = dict(listed.select("number", "file").iter_rows())
    if [str(n) for n in range(1, len(named) + 1)] != listed["number"].to_list() or len(named) > manifest.batch:
        return False
    for table in tables.values():
        if {"_batch", "_file"} <= set(table.columns):
            for number, file in table.select("_batch", "_file").drop_nulls().unique().iter_rows():
                told = named.get(str(number))
                if told is None or told.removeprefix("'") != file:
                    return False
    return True


def _read(folder: Path, file: str) -> pl.DataFrame:
    place = Place(file=str(folder / file))
    try:
        return kept_table(folder / file, place)
    except InputError as error:
        broken = error.problems[0].code == "file_broken"
        raise InputError(problem("bundle_unreadable" if broken else "bundle_file_too_large", place)) from error


def _text(folder: Path, file: str) -> str:
    place = Place(file=str(folder / file))
    try:
        if (folder / file).stat().st_size > LARGEST_TEXT:
            raise InputError(problem("bundle_file_too_large", place))
        return (folder / file).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(problem("bundle_unreadable", place)) from error


def _table(folder: Path, file: str, name: str) -> pl.DataFrame:
    """An input table whose known columns have the types of the dictionary."""
    rows = _read(folder, file)
    wanted = {**(TABLES[name].schema if name in TABLES else {}), **_ORIGIN_TYPES}
    for column, dtype in rows.schema.items():
        if column in wanted and dtype != wanted[column]:
            raise InputError(
                problem(
                    "bundle_column_type", Place(file=str(folder / file)), column=column, found=str(dtype),
                    known=str(wanted[column]),
                )
            )  # fmt: skip
    return rows


def _complete(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with those, and those columns, that the dictionary has gained since: empty."""
    completed: dict[str, pl.DataFrame] = {}
    for name, table in TABLES.items():
        wanted = {**table.schema, **{c: _ORIGIN_TYPES[c] for c in ORIGIN}}
        rows = tables.get(name, pl.DataFrame(schema=wanted))
        lacking = [pl.lit(None, dtype=t).alias(c) for c, t in wanted.items() if c not in rows.columns]
        completed[name] = rows.with_columns(lacking)
    return {**tables, **completed}
