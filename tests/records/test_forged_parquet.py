"""Parquet files whose footers and page headers lie: each is refused with a sentence, or read, in bounded memory.

All of them are read by one process of its own, as a department's file, as a table that a bundle keeps and as one that a
store keeps; a line for each tells which one ended it, if one did. One of 2.5 KB took 10 GB before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from tests.records.forged_parquet import (
    DELTA_LENGTHS,
    DELTA_NUMBERS,
    DELTA_TEXTS,
    DICTIONARY,
    FIXED,
    GZIP,
    I32,
    INT64,
    LIST,
    MAGIC,
    TEXT,
    WORDS,
    Column,
    Page,
    deltas,
    forged,
    items,
    packed_by_zstd,
    structure,
    text,
    texts,
    used,
    varint,
    whole,
)  # fmt: skip

ROOT = Path(__file__).parents[2]
ROWS, MB = 1500, 2**20
MOST = 960
"""Megabytes that all of them together may take at most, of which the libraries take 250; where pandas is installed,
which pyarrow then loads, 310."""


def figures(rows: int = ROWS) -> Column:
    return Column("tax_paid", [Page(b"\1\0\0\0\0\0\0\0" * rows, rows)], kind=INT64, said_size=8 * rows)


def codes(*pages: Page, rows: int = ROWS, codec: int | None = None) -> bytes:
    """A file whose figures are in order, and whose codes are these pages."""
    column = Column("credit_code", pages) if codec is None else Column("credit_code", pages, codec=codec)
    return forged([column, figures(rows)], rows)


def by_words(words: Page, index: int = 0, rows: int = ROWS, stated: int | None = None) -> bytes:
    """A file whose codes are one word of a dictionary, over and over."""
    return codes(words, Page(used(index, rows), rows if stated is None else stated, encoding=DICTIONARY), rows=rows)


def fixed(length: int, *pages: Page, rows: int = ROWS) -> bytes:
    return forged([Column("credit_code", pages, kind=FIXED, length=length), figures(rows)], rows)


def growing(told: bool) -> bytes:
    """Two thousand texts, each all of the one before: 900 bytes for 8 GB. The footer says so, or something else."""
    rows, long = 2000, 4 * MB

    def numbers(first: int, then: int) -> bytes:
        least = min(then, 0)
        head = whole(least) + bytes([32] * 4) + (then - least).to_bytes(4, "little")
        block = head + (-least).to_bytes(4, "little") * 127
        return varint(128) + varint(4) + varint(rows) + whole(first) + block + (whole(0) + b"\0" * 4) * (rows // 128)

    content = numbers(0, long) + numbers(long, -long) + b"x" * long
    page = Page(content, rows, encoding=DELTA_TEXTS)
    encodings = (DELTA_TEXTS,) if told else (0, DICTIONARY)
    return forged([Column("credit_code", [page], encodings=encodings), figures(rows)], rows)


def deep(groups: int, *, of: int = 1) -> bytes:
    group = structure((4, TEXT, text("group")), (5, I32, whole(of)))
    leaf = structure((1, I32, whole(INT64)), (3, I32, whole(0)), (4, TEXT, text("tax_paid")))
    return forged([figures()], ROWS, schema=[*[group] * groups, leaf])


def schema_of(kind: int, value: bytes) -> bytes:
    """A file whose footer says that its schema is a list of something else than elements."""
    footer = structure((1, I32, whole(1)), (2, LIST, items(kind, [value])))
    return MAGIC + footer + len(footer).to_bytes(4, "little") + MAGIC


def length(size: int) -> bytes:
    """What stands before a text of so many bytes."""
    return size.to_bytes(4, "little")


SHORT, PLAIN = texts(b"abc") * ROWS, b"abc" * ROWS
ABC = Page(texts(b"abc"), 1, kind=WORDS)
BROKEN, LARGE = ["file_broken"] * 2, ["file_unpacks_too_large"] * 2
FORGED: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    # name: the file, and what is said of it as a department's file and as a kept table; nothing where it is read
    "in order": (lambda: by_words(ABC), ["", ""]),
    "a page says little and is 1.9 GB": (
        lambda: codes(Page(SHORT, ROWS, said_size=7 * ROWS, zeros=1900 * MB)),
        BROKEN,
    ),
    "the same by gzip": (
        lambda: codes(Page(SHORT, ROWS, said_size=7 * ROWS, zeros=99 * MB), codec=GZIP),
        BROKEN,
    ),
    "only the footer says little": (lambda: codes(Page(SHORT, ROWS, zeros=1900 * MB)), LARGE),
    "a text of 1.9 GB": (lambda: codes(Page(length(1900 * MB), 1, zeros=1900 * MB), rows=1), LARGE),
    "a word of 1.9 GB": (lambda: by_words(Page(length(1900 * MB), 1, kind=WORDS, zeros=1900 * MB)), LARGE),
    "800 MB of empty words": (lambda: by_words(Page(b"", 200 * MB, kind=WORDS, zeros=800 * MB)), LARGE),
    "twelve pages of 100 MB": (
        lambda: codes(*[Page(texts(b"abc") * 125, 125, zeros=99 * MB)] * 12),
        LARGE,
    ),
    "words that say 2 GB": (lambda: by_words(Page(texts(b"abc"), 1, kind=WORDS, said_size=2**31 - 1)), LARGE),
    "words that say they are 2^31": (lambda: by_words(Page(texts(b"abc"), 2**31 - 1, kind=WORDS)), BROKEN),
    "words that say they are fewer than none": (lambda: by_words(Page(texts(b"abc"), -1, kind=WORDS)), BROKEN),
    "a page that says 2^31 values": (lambda: by_words(ABC, stated=2**31 - 1), BROKEN),
    "a page that says fewer values than none": (lambda: by_words(ABC, stated=-5), BROKEN),
    "a word that there is not": (lambda: by_words(ABC, index=200), BROKEN),
    "words without words": (lambda: codes(Page(used(0, ROWS), ROWS, encoding=DICTIONARY)), BROKEN),
    "9,000 times a value of a megabyte": (
        lambda: fixed(MB, Page(bytes(MB), 1, kind=WORDS), Page(used(0, 9000), 9000, encoding=DICTIONARY), rows=9000),
        ["too_much_text"] * 2,
    ),
    "values of 2^31 bytes": (lambda: fixed(2**31 - 1, Page(bytes(MB), 1), rows=1), ["too_much_text"] * 2),
    "values of -1 bytes": (lambda: fixed(-1, Page(bytes(MB), 1), rows=1), BROKEN),
    "values of no bytes": (lambda: fixed(0, Page(b"", ROWS)), BROKEN),
    "texts that grow, told": (lambda: growing(told=True), ["too_much_text"] * 2),
    "texts that grow, not told": (lambda: growing(told=False), ["too_much_text"] * 2),
    "numbers in blocks of 2^30": (
        lambda: forged(
            [Column("tax_paid", [Page(deltas(5, 10, 2**30, ROWS), ROWS, encoding=DELTA_NUMBERS)], kind=INT64)], ROWS
        ),
        ["no_header", ""],
    ),
    "numbers in 2^31 small blocks": (
        lambda: codes(
            Page(varint(128) + varint(2**31 - 1) + varint(ROWS) + whole(0) + bytes(500), ROWS, encoding=DELTA_LENGTHS)
        ),
        BROKEN,
    ),
    "lengths below nothing": (
        lambda: codes(Page(deltas(-1000, 20, 128, ROWS) + PLAIN, ROWS, encoding=DELTA_LENGTHS)),
        BROKEN,
    ),
    "lengths of 2^30": (
        lambda: codes(Page(deltas(2**30, 20, 128, ROWS) + PLAIN, ROWS, encoding=DELTA_LENGTHS)),
        BROKEN,
    ),
    "a plain length of 2^32": (lambda: codes(Page(b"\xff" * 4 * ROWS, ROWS)), BROKEN),
    **{f"encoding {e} on texts": (partial(codes, Page(PLAIN, ROWS, encoding=e)), BROKEN) for e in (1, 3, 4, 9, 99)},
    "a page of -1 packed bytes": (lambda: codes(Page(PLAIN, ROWS, said_packed=-1)), BROKEN),
    "a page of -1 bytes": (lambda: codes(Page(PLAIN, ROWS, said_size=-1)), BROKEN),
    "a page beyond the file": (lambda: codes(Page(PLAIN, ROWS, said_packed=2**31 - 1)), BROKEN),
    "groups 200,000 deep": (lambda: deep(200_000), ["too_many_cells"] * 2),
    "groups 1,000 deep": (lambda: deep(1000), BROKEN),
    "a group of 2^31 columns": (lambda: deep(1, of=2**31 - 1), BROKEN),
    "a schema of numbers": (lambda: schema_of(I32, whole(3)), BROKEN),
    "a schema of texts": (lambda: schema_of(TEXT, text("tax_paid")), BROKEN),
    "a schema of lists": (lambda: schema_of(LIST, items(I32, [whole(3)])), BROKEN),
    "fewer codes than figures": (
        lambda: forged([Column("credit_code", [Page(texts(b"abc") * 5, 5)], said_values=5), figures()], ROWS),
        BROKEN,
    ),
    "1.9 million rows of nothing": (
        lambda: forged(
            [Column("credit_code", [ABC, Page(used(0, 1_900_000), 1_900_000, encoding=DICTIONARY)])],
            1_900_000,
        ),
        ["too_many_cells"] * 2,
    ),
}

READING = """
import json, sys
from pathlib import Path
import pyarrow, polars
from mujun.errors import InputError, Place, StoreError
from mujun.records import read_file
from mujun.records.parquet import kept_table
from mujun.store.blobs import table_of_run
from tests.peak_memory import peak_memory
for line in sys.stdin:
    file, said = Path(line.strip()), []
    for read in (
        lambda: read_file(file, year=2022),
        lambda: kept_table(file, Place()),
        lambda: table_of_run(file.read_bytes(), 7, "ratings"),
    ):
        try:
            read()
            said.append("")
        except (InputError, StoreError) as refused:
            said.append(refused.problems[0].code)
    print(json.dumps([said, peak_memory() // 2**20]), flush=True)
"""


@pytest.mark.parametrize("content", [b"", b"abc", SHORT, bytes(7), bytes(range(256)) * 2000])
@pytest.mark.parametrize("zeros", [0, 5, 2**17, 8 * MB, 16 * MB, 16 * MB - 3, 20 * MB + 12_345])
def test_many_zeros_are_packed_as_zstd_packs_them(content: bytes, zeros: int) -> None:
    assert packed_by_zstd(content, zeros) == pa.compress(content + bytes(zeros), codec="zstd", asbytes=True)


def test_forged_files_are_refused_in_bounded_memory(tmp_path: Path) -> None:
    refusals: dict[str, list[str]] = {}
    wanted: dict[str, list[str]] = {}
    most = 0
    with subprocess.Popen(
        [sys.executable, "-c", READING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for number, (name, (make, codes_wanted)) in enumerate(FORGED.items()):
            file = tmp_path / f"税收{number}.parquet"
            file.write_bytes(make())
            reader.stdin.write(f"{file}\n")
            reader.stdin.flush()
            line = reader.stdout.readline()
            assert line, f"{name}: the reader ended with {reader.wait()}"
            refusals[name], peak = json.loads(line)
            most = max(most, peak)
            wanted[name] = [*codes_wanted, "store_blob_broken" if codes_wanted[1] else ""]
            assert peak < MOST, (name, peak)
        reader.stdin.close()
    assert refusals == wanted


def test_a_file_of_a_hundred_thousand_pages(tmp_path: Path) -> None:
    from mujun.errors import InputError
    from mujun.records import read_file

    file = tmp_path / "税收.parquet"
    page = Page(b"", 0)
    file.write_bytes(codes(*[page] * 100_001, Page(SHORT, ROWS), codec=0))
    with pytest.raises(InputError) as refused:
        read_file(file, year=2022)
    assert [p.code for p in refused.value.problems] == ["parquet_too_many_pages"]
    assert "100000" in str(refused.value)


@pytest.mark.parametrize("library", ["polars", "pyarrow", "pyarrow v2 pages", "duckdb"])
def test_what_writers_write_is_read(tmp_path: Path, library: str) -> None:
    import duckdb
    import polars as pl
    import pyarrow.parquet as pq

    from mujun.records import read_file
    from tests.records.files import code

    file = tmp_path / "税收.parquet"
    rows = pl.DataFrame({"credit_code": [code(i) for i in range(1, 3001)], "tax_paid": [i / 4 for i in range(3000)]})
    if library == "polars":
        rows.write_parquet(file, row_group_size=700, data_page_size=2000)
    elif library == "duckdb":
        with duckdb.connect() as connection:
            connection.register("t", rows.to_arrow())
            connection.execute(f"COPY t TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    else:
        version = "2.0" if "v2" in library else "1.0"
        encodings = {"credit_code": "DELTA_BYTE_ARRAY", "tax_paid": "BYTE_STREAM_SPLIT"}
        pq.write_table(
            rows.to_arrow(), file, data_page_version=version, data_page_size=2000, row_group_size=900,
            use_dictionary=False, column_encoding=encodings,
        )  # fmt: skip
    loaded = read_file(file, year=2022)
    assert loaded.findings == ()
    assert float(loaded.tables[0].rows["tax_paid"].sum()) == 3000 * 2999 / 8
