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

import json
import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from mujun import messages
from mujun.dataclass import dataclass
from mujun.errors import UsageError, problem
from mujun.rating import digest_of
from mujun.rules import load_kept
from mujun.steps import part, step
from mujun.store import RunRecord, Store
from mujun.workspace.county_file import CountyFile
from mujun.workspace.names_of_tables import kind_of
from mujun.workspace.runs.bundle_manifest import FORMAT, MANIFEST, README, SEAL
from mujun.workspace.runs.bundle_verifying import BATCH_COLUMNS, BATCHES, sha256_of
from mujun.workspace.tables_at import inputs_at
from mujun.writing import folder_written, write_text, written


@dataclass(frozen=True)
class Bundle:
    """A bundle that was written: where, of which run, how many files, and the SHA-256 of its manifest."""

    folder: Path
    run: int
    files: int
    seal: str


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
    step("step_result")
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
        with part(0, 1, file=f"{name}.parquet"), written(draft / inputs[name]) as stream:
            step("step_file")
            tables[name].write_parquet(stream, compression="zstd")
    listed = batches.select(BATCH_COLUMNS).with_columns(pl.col("loaded_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    write_table(listed, draft / BATCHES, what="batches")
    rules: dict[str, str] = {}
    for text_name in sorted(run.rule_files):
        rules[text_name] = f"rules/{len(rules) + 1:02d}-{_plain_name(text_name)}"
        write_text(draft / rules[text_name], run.rule_files[text_name])
    ruleset = load_kept(run.rules, run.rule_files)
    results: dict[str, dict[str, object]] = {}
    for name in sorted(run.results):
        table = run.results[name]
        file = f"results/{name}.parquet"
        with part(0, 1, file=f"{name}.parquet"), written(draft / file) as stream:
            step("step_file")
            table.write_parquet(stream, compression="zstd")
        write_table(table, draft / f"results/{name}.csv", what=kind_of(name), headers="labels", rules=ruleset)
        results[name] = {"file": file, "rows": table.height, "digest": run.digests.get(name) or digest_of(table)}
    step("step_sealing")
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
        "files": {f: {"sha256": sha256_of(draft / f), "bytes": (draft / f).stat().st_size} for f in files},
    }
    write_text(draft / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    seal = sha256_of(draft / MANIFEST)
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
    sections = []
    for language in messages.LANGUAGES:
        with messages.speaking(language):
            sections.append(messages.text("bundle_readme", **values).strip())
    return "\n\n".join(sections) + "\n"
