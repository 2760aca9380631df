"""A run as a folder that can be handed over: inputs, rules, results and digests, verified anywhere mujun is installed.

    README.txt             what it is and how to verify it, in Chinese and English
    manifest.json          the run, and the SHA-256 of every file
    manifest.sha256        the SHA-256 of the manifest: the one number to print on paper
    inputs/<table>.parquet every table as it stood when the run was made; `ratings` with mujun's own earlier finals
    inputs/batches.csv     the files that the tables were loaded from
    rules/<file>           the rule files that the run kept
    results/<table>.parquet  what came out, exactly; the same as .csv for reading

The same run gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from mujun import messages
from mujun.errors import InputError, Place, UsageError, problem
from mujun.fields import TABLES
from mujun.rating import digest_of
from mujun.rules import load_kept
from mujun.store import ORIGIN, RunRecord, Store
from mujun.workspace.computing import computed, inputs_at
from mujun.workspace.county_file import CountyFile
from mujun.workspace.runs.verifying import Verification, compared
from mujun.writing import folder_written, write_text, written

FORMAT = "mujun-bundle/1"
MANIFEST, SEAL, README = "manifest.json", "manifest.sha256", "README.txt"

_ORIGIN_TYPES: dict[str, pl.DataType] = {
    "_batch": pl.Int32(),
    "_file": pl.String(),
    "_sheet": pl.String(),
    "_row": pl.Int64(),
    "_loaded_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True)
class Bundle:
    """A bundle that was written: where, of which run, how many files, and the SHA-256 of its manifest."""

    folder: Path
    run: int
    files: int
    seal: str


@dataclass(frozen=True)
class BundleVerification:
    """What became of verifying a bundle.

    Attributes:
        folder: the bundle.
        run: its run's number.
        seal: the SHA-256 of the manifest as it is now.
        altered: files whose bytes are not those of the manifest; `manifest.json` first where its seal is broken.
        missing: files of the manifest that are not there.
        unlisted: files that are there and not in the manifest; they prove nothing and harm nothing.
        files: how many files the manifest lists.
        version: of mujun, when the run was computed.
        recomputed: the run computed again; `None` where the files already forbid it.
    """

    folder: Path
    run: int
    seal: str
    altered: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]
    files: int
    version: str
    recomputed: Verification | None

    @property
    def same(self) -> bool:
        """Whether every file is as it was and everything comes out as it did."""
        return not self.altered and not self.missing and self.recomputed is not None and self.recomputed.same


# -------------------------------------------------------------------------------------------------------------- writing


def write_bundle(county: CountyFile, number: int, folder: str | Path) -> Bundle:
    """Write a run as a folder; it appears whole or not at all.

    Args:
        number: the run.
        folder: where to; must not exist yet, or be empty.

    Raises:
        UsageError: there is no such run, or the folder has something in it.
        InputError: the folder cannot be written.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(problem("bundle_folder_taken", folder=target))
    with Store.open(county.path) as store:
        run = store.run(number)
        tables = inputs_at(store, run.batch, number)
        batches = store.batches().filter(pl.col("number") <= run.batch)
    with folder_written(target) as draft:
        seal = _written(draft, run, tables, batches)
    return Bundle(target, number, sum(f.is_file() for f in target.rglob("*")), seal)


def _written(draft: Path, run: RunRecord, tables: Mapping[str, pl.DataFrame], batches: pl.DataFrame) -> str:
    from mujun.reports.drawing.exporting import write_table

    for name in ("inputs", "rules", "results"):
        (draft / name).mkdir()
    inputs: dict[str, str] = {}
    for name in sorted(tables):
        inputs[name] = f"inputs/{name}.parquet"
        with written(draft / inputs[name]) as stream:
            tables[name].write_parquet(stream, compression="zstd")
    listed = batches.select(
        "number", "file", "sha256", "loaded_at", "who", "reason", "document", "tables", "rows", "quarantined"
    ).with_columns(pl.col("loaded_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    write_table(listed, draft / "inputs/batches.csv", what="batches")
    rules: dict[str, str] = {}
    for text_name in sorted(run.rule_files):
        rules[text_name] = f"rules/{len(rules) + 1:02d}-{_plain_name(text_name)}"
        write_text(draft / rules[text_name], run.rule_files[text_name])
    ruleset = load_kept(run.rules, run.rule_files)
    results: dict[str, dict[str, object]] = {}
    for name in sorted(run.results):
        table = run.results[name]
        file = f"results/{name}.parquet"
        with written(draft / file) as stream:
            table.write_parquet(stream, compression="zstd")
        write_table(table, draft / f"results/{name}.csv", what=name, headers="labels", rules=ruleset)
        results[name] = {"file": file, "rows": table.height, "digest": run.digests.get(name) or digest_of(table)}
    write_text(draft / README, _readme(run))
    files = sorted(f.relative_to(draft).as_posix() for f in draft.rglob("*") if f.is_file())
    manifest = {
        "format": FORMAT,
        "run": run.number,
        "year": run.year,
        "rules": run.rules,
        "label": run.label,
        "final": run.final,
        "binding": run.binding,
        "batch": run.batch,
        "mujun_version": run.mujun_version,
        "who": run.who,
        "created_at": run.created_at.isoformat() if run.created_at else None,
        "digest": run.digest,
        "inputs": inputs,
        "rule_files": rules,
        "results": results,
        "files": {f: {"sha256": _sha256(draft / f), "bytes": (draft / f).stat().st_size} for f in files},
    }
    write_text(draft / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    seal = _sha256(draft / MANIFEST)
    write_text(draft / SEAL, f"{seal}  {MANIFEST}\n")
    return seal


def _plain_name(name: str) -> str:
    """A rule file's name as one that every file system takes."""
    return re.sub(r"[^\w.-]+", "_", name.replace("/", "_"))[-80:]


def _readme(run: RunRecord) -> str:
    values = {
        "run": run.number, "year": run.year, "rules": run.rules, "batch": run.batch, "digest": run.digest,
        "version": run.mujun_version,
    }  # fmt: skip
    said = []
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            said.append(messages.text("bundle_readme", **values).strip())
    return "\n\n".join(said) + "\n"


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# ------------------------------------------------------------------------------------------------------------ verifying


def is_bundle(path: str | Path) -> bool:
    """Whether a folder looks like a bundle, whole or not."""
    folder = Path(path)
    return folder.is_dir() and any((folder / name).is_file() for name in (MANIFEST, SEAL))


def verify_bundle(path: str | Path) -> BundleVerification:
    """Check every file of a bundle and compute its run again; needs no store.

    Raises:
        InputError: the folder is no bundle, or its manifest cannot be read.
    """
    folder = Path(path)
    manifest = _manifest(folder)
    seal = _sha256(folder / MANIFEST)
    listed: Mapping[str, Mapping[str, object]] = manifest["files"]
    missing = tuple(f for f in listed if not (folder / f).is_file())
    altered = [f for f in listed if f not in missing and _sha256(folder / f) != listed[f]["sha256"]]
    if _sealed(folder) != seal:
        altered.insert(0, MANIFEST)
    known = {*listed, MANIFEST, SEAL}
    there = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())
    unlisted = tuple(f for f in there if f not in known)
    needed = {*manifest["inputs"].values(), *manifest["rule_files"].values(), *_result_files(manifest).values()}
    recomputed = None
    # Bytes that are not the bundle's own are not opened.
    if not needed & {*missing, *altered}:
        recomputed = _recomputed(folder, manifest)
    return BundleVerification(
        folder,
        manifest["run"],
        seal,
        tuple(altered),
        missing,
        unlisted,
        len(listed),
        manifest["mujun_version"],
        recomputed,
    )


def _sealed(folder: Path) -> str | None:
    """What the seal says the manifest's SHA-256 is."""
    try:
        return (folder / SEAL).read_text(encoding="utf-8").split()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        return None


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise InputError(problem("bundle_no_manifest", Place(file=str(folder)))) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise InputError(problem("bundle_bad_manifest", Place(file=str(file)))) from None
    if not isinstance(manifest, dict) or not str(manifest.get("format", "")).startswith("mujun-bundle/"):
        raise InputError(problem("bundle_bad_manifest", Place(file=str(file))))
    if manifest["format"] != FORMAT:
        raise InputError(problem("bundle_other_format", Place(file=str(file)), found=manifest["format"], known=FORMAT))
    if not _well_formed(manifest):
        raise InputError(problem("bundle_bad_manifest", Place(file=str(file))))
    return manifest


_KINDS: dict[str, type | tuple[type, ...]] = {
    "run": int, "year": int, "rules": str, "label": str, "final": bool, "binding": bool, "batch": int,
    "mujun_version": str, "who": str, "digest": str, "inputs": dict, "rule_files": dict, "results": dict, "files": dict,
}  # fmt: skip


def _well_formed(manifest: dict[str, Any]) -> bool:
    """Whether the manifest has everything, and names no file outside its folder or outside its own list."""
    if any(not isinstance(manifest.get(key), kind) for key, kind in _KINDS.items()):
        return False
    if "ratings" not in manifest["results"]:
        return False
    if any(not isinstance(r, dict) or not isinstance(r.get("file"), str) for r in manifest["results"].values()):
        return False
    if any(not isinstance(f, dict) or not isinstance(f.get("sha256"), str) for f in manifest["files"].values()):
        return False
    named = [*manifest["inputs"].values(), *manifest["rule_files"].values(), *_result_files(manifest).values()]
    return all(f in manifest["files"] for f in named) and all(_inside(f) for f in manifest["files"])


def _inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and ":" not in name


def _result_files(manifest: dict[str, Any]) -> dict[str, str]:
    return {name: str(found["file"]) for name, found in manifest["results"].items()}


def _recomputed(folder: Path, manifest: dict[str, Any]) -> Verification:
    tables = {name: _read(folder, file) for name, file in manifest["inputs"].items()}
    results = {name: _read(folder, file) for name, file in _result_files(manifest).items()}
    texts = {name: (folder / file).read_bytes().decode() for name, file in manifest["rule_files"].items()}
    ruleset = load_kept(manifest["rules"], texts)
    again = computed(ruleset, manifest["year"], _complete(tables), manifest["batch"])
    created = manifest.get("created_at")
    kept = RunRecord(
        year=manifest["year"],
        rules=manifest["rules"],
        rule_files=texts,
        batch=manifest["batch"],
        mujun_version=manifest["mujun_version"],
        digest=manifest["digest"],
        results=results,
        label=manifest["label"],
        final=manifest["final"],
        binding=manifest["binding"],
        who=manifest["who"],
        created_at=datetime.fromisoformat(created) if isinstance(created, str) else None,
        number=manifest["run"],
        digests={name: str(found.get("digest")) for name, found in manifest["results"].items()},
    )
    return compared(kept, again)


def _read(folder: Path, file: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder / file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(problem("bundle_unreadable", Place(file=str(folder / file)))) from error


def _complete(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with those, and those columns, that the dictionary has gained since: empty."""
    found: dict[str, pl.DataFrame] = {}
    for name, table in TABLES.items():
        wanted = {**table.schema, **{c: _ORIGIN_TYPES[c] for c in ORIGIN}}
        rows = tables.get(name, pl.DataFrame(schema=wanted))
        lacking = [pl.lit(None, dtype=t).alias(c) for c, t in wanted.items() if c not in rows.columns]
        found[name] = rows.with_columns(lacking)
    return {**tables, **found}
