"""A bundle: the same bytes each time, sound in a fresh process without a store, and every tampering named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mujun.errors import InputError, UsageError
from mujun.store import Store
from mujun.workspace import County
from mujun.workspace.runs.bundle_manifest import MANIFEST, SEAL
from mujun.workspace.runs.bundle_verifying import BundleVerification, verify_bundle
from mujun.workspace.runs.bundling import write_bundle
from mujun.workspace.runs.past import verify_run
from tests.records.test_forged_parquet import FORGED

HERE = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def written(made_part_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "第一次评价"
    write_bundle(County(made_part_county), 1, folder)
    return folder


@pytest.fixture(scope="module")
def verified(written: Path) -> BundleVerification:
    """What is said of the bundle as long as nobody has altered it."""
    found = verify_bundle(written)
    assert found.same
    return found


@pytest.fixture
def bundle(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "存证"))


def test_a_bundle_verifies_in_a_fresh_process_without_a_store(bundle: Path, tmp_path: Path) -> None:
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "mujun", "--db", str(empty / "none.duckdb"), "runs", "verify", str(bundle)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=empty,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONIOENCODING": "utf-8", "MUJUN_LANG": "zh"},
    )
    assert done.returncode == 0, done.stderr
    assert "存证完好" in done.stdout
    assert not list(empty.iterdir())


def test_the_same_run_gives_the_same_bytes(made_part_county: Path, written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    made = write_bundle(County(made_part_county), 1, again)
    names = sorted(f.relative_to(written).as_posix() for f in written.rglob("*") if f.is_file())
    assert made.files == len(names)
    assert sorted(f.relative_to(again).as_posix() for f in again.rglob("*") if f.is_file()) == names
    assert [n for n in names if (again / n).read_bytes() != (written / n).read_bytes()] == []


def one_more_byte(file: str) -> Callable[[Path], object]:
    return lambda folder: (folder / file).write_bytes((folder / file).read_bytes() + b"\n")


def gone(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


@pytest.mark.parametrize(
    "file",
    ["README.txt", "inputs/tax.parquet", "inputs/batches.csv", "results/ratings.csv", "results/ratings.parquet"],
)
def test_an_altered_file_is_named(bundle: Path, file: str) -> None:
    one_more_byte(file)(bundle)
    found = verify_bundle(bundle)
    assert (found.same, found.altered, found.missing) == (False, (file,), ())


def test_a_missing_file_is_named(bundle: Path) -> None:
    rules = next((bundle / "rules").iterdir()).relative_to(bundle).as_posix()
    gone(rules)(bundle)
    found = verify_bundle(bundle)
    assert (found.same, found.altered, found.missing, found.recomputed) == (False, (), (rules,), None)


def test_a_manifest_that_was_altered_alone_is_named(bundle: Path) -> None:
    manifest = bundle / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"final": true', b'"final": false'))
    found = verify_bundle(bundle)
    assert (found.same, found.altered, found.sealed == found.seal) == (False, (), False)


@pytest.mark.parametrize("text", ["0" * 64 + "  manifest.json\n", "nothing here", ""])
def test_a_seal_that_was_altered_alone_is_told_as_the_seal(
    bundle: Path, verified: BundleVerification, text: str
) -> None:
    seal = verified.seal
    (bundle / "manifest.sha256").write_text(text, encoding="utf-8")
    found = verify_bundle(bundle)
    assert (found.same, found.altered, found.seal) == (False, (), seal)
    assert found.sealed == ("0" * 64 if text.startswith("0") else None)


def test_a_result_replaced_with_its_manifest_does_not_come_out(bundle: Path) -> None:
    # Whoever alters a tier and puts every SHA-256 right still cannot make the inputs and rules give it.
    from mujun.rating import digest_of

    file = bundle / "results/ratings.parquet"
    rows = pl.read_parquet(file)
    first = rows.filter(pl.col("tier") == "D")["credit_code"][0]
    forged = rows.with_columns(
        pl.when(pl.col("credit_code") == first).then(pl.lit("B")).otherwise("tier").alias("tier")
    )
    forged.write_parquet(file, compression="zstd")
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["digest"] = manifest["results"]["ratings"]["digest"] = digest_of(forged)
    manifest["files"]["results/ratings.parquet"]["sha256"] = sha256(file.read_bytes()).hexdigest()
    (bundle / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    seal = sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    (bundle / "manifest.sha256").write_text(f"{seal}  manifest.json\n", encoding="utf-8")
    found = verify_bundle(bundle)
    assert (found.altered, found.missing, found.same) == ((), (), False)
    assert found.recomputed is not None
    ratings = found.recomputed.tables[0]
    assert (ratings.name, ratings.same, ratings.differing, ratings.first) == ("ratings", False, 1, first)
    assert ratings.first_name is not None
    assert [t.name for t in found.recomputed.tables if not t.same] == ["ratings"]


def test_a_file_beside_the_bundle_does_no_harm(bundle: Path) -> None:
    (bundle / "说明.txt").write_text("收到", encoding="utf-8")
    found = verify_bundle(bundle)
    assert found.same
    assert found.unlisted == ("说明.txt",)


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (None, "bundle_no_manifest"),
        ("{", "bundle_bad_manifest"),
        ("[]", "bundle_bad_manifest"),
        ('{"format": "mujun-bundle/9"}', "bundle_other_format"),
        ('{"format": "mujun-bundle/1"}', "bundle_bad_manifest"),
    ],
)
def test_what_is_no_bundle(tmp_path: Path, manifest: str | None, code: str) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        verify_bundle(tmp_path)
    assert [p.code for p in refused.value.problems] == [code]


def test_a_manifest_cannot_reach_outside_its_folder(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["files"]["../secret"] = {"sha256": "0" * 64, "bytes": 1}
    manifest["inputs"]["tax"] = "../secret"
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        verify_bundle(bundle)
    assert [p.code for p in refused.value.problems] == ["bundle_bad_manifest"]


def test_a_folder_with_something_in_it_is_left_alone(made_part_county: Path, tmp_path: Path) -> None:
    (tmp_path / "重要.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="不是空文件夹"):
        write_bundle(County(made_part_county), 1, tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["重要.txt"]
    with pytest.raises(UsageError, match="99"):
        write_bundle(County(made_part_county), 99, tmp_path / "new")
    assert not (tmp_path / "new").exists()


# ------------------------------------------------------------------------------------------------- runs of the store


def test_a_kept_table_altered_in_the_store_is_named(part_county: Path) -> None:
    import io

    import duckdb

    with Store.open(part_county) as store:
        rows = store.run_table(1, "allocation")
    with duckdb.connect(str(part_county)) as connection:
        parquet = io.BytesIO()
        rows.with_columns(pl.col("amount") * 0).write_parquet(parquet)
        connection.execute(
            "UPDATE run_table SET parquet = ? WHERE run = 1 AND name = 'allocation'", [parquet.getvalue()]
        )
    found = verify_run(County(part_county), 1)
    assert not found.same
    assert {t.name: (t.same, t.altered) for t in found.tables} == {
        "ratings": (True, False),
        "subjects": (True, False),
        "rectification": (True, False),
        "allocation": (False, True),
        "frame": (True, False),
    }


def test_firms_whose_rows_differ_are_counted_once() -> None:
    from mujun.workspace.runs.verifying import differing_firms

    before = pl.DataFrame({"credit_code": ["甲", "乙", "丙"], "n": [1.0, 2.0, None], "l": [["x"], [], ["y", "z"]]})
    assert differing_firms(before, before) == []
    # 乙 differs on both sides, 丁 is new.
    now = pl.DataFrame(
        {"credit_code": ["甲", "乙", "丙", "丁"], "n": [1.0, 2.5, None, 0.0], "l": [["x"], [], ["y", "z"], []]}
    )
    assert differing_firms(before, now) == ["丁", "乙"]
    # A firm with a row more than before differs, though every row of it was there.
    assert differing_firms(before, pl.concat([before, before.head(1)])) == ["甲"]


# ---------------------------------------------------------------------------------------------- manifests by a forger


def sealed(bundle: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The bundle with its manifest changed and sealed again, as somebody would who knows how it is made."""
    file = bundle / "manifest.json"
    manifest = json.loads(file.read_bytes())
    change(manifest)
    for name, entry in manifest["files"].items():
        if isinstance(entry, dict) and (bundle / name).is_file():
            entry["sha256"] = sha256((bundle / name).read_bytes()).hexdigest()
    file.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    (bundle / "manifest.sha256").write_text(f"{sha256(file.read_bytes()).hexdigest()}  manifest.json\n")
    return bundle


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("run", True), ("run", -1), ("run", 10**30), ("run", "1"), ("year", 2022.0), ("final", 1), ("batch", None),
        ("created_at", "昨天"), ("created_at", 5), ("rules", ["x"]), ("inputs", []), ("inputs", {"tax": 5}),
        ("rule_files", {"x/rating.yaml": None}), ("results", {}), ("results", {"ratings": {"file": "results/x"}}),
        ("files", {"results/ratings.parquet": "0"}), ("files", {"/etc/passwd": {"sha256": "0" * 64}}),
        ("files", {"a\x1b": {"sha256": "0" * 64}}), ("digest", 5),
    ],
)  # fmt: skip
def test_every_malformed_entry_is_one_sentence_with_the_file(bundle: Path, key: str, value: object) -> None:
    # Some of these were “a fault of the program”.
    def change(manifest: dict[str, Any]) -> None:
        manifest[key] = value

    with pytest.raises(InputError) as refused:
        verify_bundle(sealed(bundle, change))
    assert [p.code for p in refused.value.problems] == ["bundle_bad_manifest"]
    assert refused.value.problems[0].place.file == str(bundle / "manifest.json")
    assert str(refused.value.problems[0].place.key).startswith(key)


@pytest.mark.parametrize("data", ["[" * 200_000, "\ufeff{}", "9" * 10_000, "NaN", "\x00"])
def test_what_is_no_json_is_one_sentence(tmp_path: Path, data: str) -> None:
    (tmp_path / "manifest.json").write_text(data, encoding="utf-16" if data == "\x00" else "utf-8")
    with pytest.raises(InputError) as refused:
        verify_bundle(tmp_path)
    assert [p.code for p in refused.value.problems] == ["bundle_bad_manifest"]


@pytest.mark.parametrize("file", ["results/ratings.csv", "inputs/batches.csv"])
def test_a_readable_copy_that_says_something_else_is_named(bundle: Path, file: str) -> None:
    # The copies are what people read; changed together with their digests they passed.
    text = (bundle / file).read_text(encoding="utf-8")
    old, new = (",D,", ",A,") if "ratings" in file else ("enterprises.parquet", "other.parquet")
    changed = text.replace(old, new, 1)
    assert changed != text
    (bundle / file).write_text(changed, encoding="utf-8")
    found = verify_bundle(sealed(bundle, lambda manifest: None))
    assert (found.altered, found.unlike, found.same) == ((), (file,), False)
    assert found.recomputed is not None
    assert found.recomputed.same


def test_columns_of_other_types_and_broken_tables_are_named(bundle: Path) -> None:
    file = bundle / "inputs" / "tax.parquet"
    good = file.read_bytes()
    pl.read_parquet(file).with_columns(pl.lit(5).alias("credit_code")).write_parquet(file)
    with pytest.raises(InputError) as refused:
        verify_bundle(sealed(bundle, lambda manifest: None))
    assert [p.code for p in refused.value.problems] == ["bundle_column_type"]
    file.write_bytes(good[: len(good) // 2])
    with pytest.raises(InputError) as refused:
        verify_bundle(sealed(bundle, lambda manifest: None))
    assert [p.code for p in refused.value.problems] == ["bundle_unreadable"]
    assert "tax.parquet" in str(refused.value)


VERIFIED = """
import sys
from mujun.errors import InputError
from mujun.workspace.runs.bundle_verifying import BundleVerification, verify_bundle
from tests.peak_memory import peak_memory
try:
    said = " ".join(verify_bundle(sys.argv[1]).unlike)
except InputError as refused:
    said = refused.problems[0].code
print(said, peak_memory() // 2**20)
"""


def verified_apart(bundle: Path) -> tuple[str, int]:
    """What a bundle's verification says in a process of its own, and that process's most memory in megabytes."""
    done = subprocess.run(
        [sys.executable, "-c", VERIFIED, str(bundle)], capture_output=True, text=True, cwd=HERE, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said, peak = done.stdout.split()
    return said, int(peak)


def long_words(file: Path) -> None:
    """2.5 KB that unpack to gigabytes: one text of a megabyte, used by eight thousand rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.DictionaryArray.from_arrays(pa.array([0] * 8000, pa.int32()), pa.array(["long" * 250_000]))
    pq.write_table(pa.table({"credit_code": words}), file, compression="zstd", store_schema=False)
    assert file.stat().st_size < 10_000


def long_words_in_lists(file: Path) -> None:
    """The same, in the lists that a result may hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.DictionaryArray.from_arrays(pa.array([0] * 8000, pa.int32()), pa.array(["long" * 250_000]))
    lists = pa.ListArray.from_arrays(pa.array([0, 8000], pa.int32()), words)
    pq.write_table(pa.table({"reasons": lists}), file, compression="zstd", store_schema=False)
    assert file.stat().st_size < 10_000


def many_values(file: Path) -> None:
    """A hundred million nothings in some hundred kilobytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"x": pa.nulls(100_000_000, pa.int8())}), file, compression="zstd")
    assert file.stat().st_size < 300_000


def long_values(file: Path) -> None:
    """2.5 KB in which a value of a megabyte, of a fixed length, is used nine thousand times."""
    file.write_bytes(FORGED["9,000 times a value of a megabyte"][0]())
    assert file.stat().st_size < 100_000


def untold_pages(file: Path) -> None:
    """A page of 1.9 GB of which the footer says a kilobyte."""
    file.write_bytes(FORGED["only the footer says little"][0]())
    assert file.stat().st_size < 100_000


def many_commas(file: Path) -> None:
    file.write_bytes(b"," * 50_000_000)


@pytest.mark.parametrize(
    ("file", "make", "said"),
    [
        ("inputs/tax.parquet", long_words, "bundle_file_too_large"),
        ("results/ratings.parquet", long_words_in_lists, "bundle_file_too_large"),
        ("results/ratings.parquet", many_values, "bundle_file_too_large"),
        ("inputs/tax.parquet", long_values, "bundle_file_too_large"),
        ("results/ratings.parquet", untold_pages, "bundle_file_too_large"),
        ("inputs/batches.csv", many_commas, "inputs/batches.csv"),
    ],
    ids=["words", "lists", "nothings", "values", "pages", "commas"],
)
def test_a_small_file_of_a_bundle_does_not_fill_the_memory(
    bundle: Path, file: str, make: Callable[[Path], None], said: str
) -> None:
    # Department files were bounded before they were unpacked, bundles were not.
    make(bundle / file)
    found, peak = verified_apart(sealed(bundle, lambda manifest: None))
    assert (found, peak < 900) == (said, True), peak


def test_a_seal_without_end_is_read_no_further_than_a_digest(bundle: Path) -> None:
    (bundle / SEAL).write_bytes(b" " * 10**7 + b"0" * 64)
    assert verify_bundle(bundle).sealed is None


def test_a_forged_rule_file_is_no_fault_of_the_program(bundle: Path) -> None:
    rules = next((bundle / "rules").glob("*rating*"))
    rules.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as refused:
        verify_bundle(sealed(bundle, lambda manifest: None))
    assert [p.code for p in refused.value.problems] == ["bundle_unreadable"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
@pytest.mark.parametrize("file", [MANIFEST, SEAL, "results/ratings.parquet"])
def test_a_pipe_in_a_bundle_is_not_waited_for(bundle: Path, file: str) -> None:
    # Whoever opens a pipe that nobody writes into waits for ever.
    (bundle / file).unlink()
    os.mkfifo(bundle / file)
    if file == MANIFEST:
        with pytest.raises(InputError, match=file):
            verify_bundle(bundle)
    else:
        assert not verify_bundle(bundle).same
