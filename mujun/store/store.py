"""The store: one DuckDB file, append-only, with everything the bureau ever loaded and rated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from mujun.late import LateModule
from mujun.store import reading
from mujun.store.connecting import newest_batch
from mujun.store.current_tables import CurrentTables
from mujun.store.duckdb_errors import told_plainly
from mujun.store.kept_loop import KeptLoop
from mujun.store.kept_results import KeptResults
from mujun.store.transactions import transaction

if TYPE_CHECKING:
    from mujun.records.finding import Finding
    from mujun.records.loaded import FileRecords
    from mujun.store import (
        about_firm,
        answers,
        batches,
        batches_kept,
        changes,
        columns_read,
        contested,
        gone,
        issues,
        judgements,
        meeting,
        origins,
        publications,
        reported_rows,
        sayings,
    )
    from mujun.store.about_firm import FirmRows
    from mujun.store.batches import Settled, TakenIn
    from mujun.store.batches_kept import AlreadyLoaded
    from mujun.store.issues import Issue
    from mujun.store.judgements import Judgement
    from mujun.store.met import Again, Met
    from mujun.store.publications import PublicationRow
    from mujun.store.sayings import Saying
else:  # a question needs a few of them, and what writes needs the reader of files
    about_firm = LateModule("mujun.store.about_firm")
    answers = LateModule("mujun.store.answers")
    batches = LateModule("mujun.store.batches")
    batches_kept = LateModule("mujun.store.batches_kept")
    changes = LateModule("mujun.store.changes")
    columns_read = LateModule("mujun.store.columns_read")
    contested = LateModule("mujun.store.contested")
    gone = LateModule("mujun.store.gone")
    issues = LateModule("mujun.store.issues")
    judgements = LateModule("mujun.store.judgements")
    meeting = LateModule("mujun.store.meeting")
    origins = LateModule("mujun.store.origins")
    publications = LateModule("mujun.store.publications")
    reported_rows = LateModule("mujun.store.reported_rows")
    sayings = LateModule("mujun.store.sayings")


class Store(CurrentTables, KeptResults, KeptLoop):
    """An open store, for a `with` block that is as short as possible: one process may write, or many may read.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Store.create(folder.name + "/county.duckdb") as store:
    ...     store.table("tax").height, store.newest_batch()
    (0, 0)
    >>> folder.cleanup()
    """

    # ------------------------------------------------------------------------------------------------------- putting in

    def add_batch(
        self,
        records: FileRecords,
        *,
        who: str,
        reason: str | None = None,
        document: str | None = None,
        force: bool = False,
        takes_back: int | None = None,
    ) -> int | AlreadyLoaded:
        """Append records that say what is so now as one batch, blanks included: all of it or nothing.

        Corrections come in this way; what departments send comes in by `take_in`.

        Args:
            records: what reading the file gave.
            who: who loads it.
            reason: why, for a correction. Without it a list of 规下 firms does not take back that another list has
                one of them as 规上: that row stays without effect, with a finding.
            document: the document a correction rests on.
            force: load it though the same bytes are in the store already.
            takes_back: the batch whose saying it takes back.

        Returns:
            The batch's number, or `AlreadyLoaded` where the same bytes are in the store: nothing is written then.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            before = None if force else batches_kept.loaded_before(self._connection, records.sha256)
            if before is not None:
                return before
            return batches.append(
                self._connection, records, who=who, reason=reason, document=document, takes_back=takes_back
            )

    def take_in(
        self,
        records: FileRecords,
        again: Again = "ask",
        *,
        who: str,
        reason: str | None = None,
        document: str | None = None,
        settles: Settled | None = None,
    ) -> TakenIn | AlreadyLoaded:
        """Append a department's file as one batch, as it meets what other files said before: all of it or nothing.

        An empty cell says nothing. A figure on which another sender's file says otherwise waits, unless `again` says
        what becomes of it; a sender's own newer version replaces his older one.

        Args:
            records: what reading the file gave.
            again: `ask` leaves such figures waiting, `replace` lets this file's hold, `add` adds them up, `keep`
                settles that what stands is right. Of a file that is in already only such figures are taken.
            who: who loads it.
            reason, document: why, for a correction, and what it rests on.
            settles: tables of an earlier batch that waited for an answer and are taken in now.

        Returns:
            The batch and what became of its figures, or `AlreadyLoaded`: nothing is written then.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            before = batches_kept.loaded_before(self._connection, records.sha256)
            if before is not None and again == "ask":
                return before
            taken = batches.take_in(
                self._connection, records, again, who=who, reason=reason, document=document,
                contested_only=before is not None, settles=settles,
            )  # fmt: skip
            if taken is None:
                assert before is not None  # a file that is not in yet is always taken
                return before
            return taken

    def meet(self, records: FileRecords, again: Again = "ask") -> Met:
        """What would become of a file's figures of which another file spoke; nothing is written."""
        with told_plainly(self.path):
            return meeting.meet(self._connection, records, again)

    def drop_gone(
        self, records: FileRecords, *, who: str, reason: str, document: str | None = None
    ) -> tuple[int, pl.DataFrame] | None:
        """Make blank the figures of firms that the sender's version before had and this file does not.

        Returns:
            The batch, and the firms as `GONE` has them; `None` where there is nothing to drop.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            firms = gone.gone(self._connection, records)
            blanks = gone.dropping(records, firms)
            if blanks is None:
                return None
            batch = batches.append(self._connection, blanks, who=who, reason=reason, document=document)
            return batch, firms.filter("droppable")

    def contested(self, year: int | None = None, *, as_of_batch: int | None = None) -> pl.DataFrame:
        """Every figure that waits because another file says otherwise: columns `CONTESTED`."""
        with told_plainly(self.path):
            return contested.contested(self._connection, year=year, as_of_batch=as_of_batch)

    def replaced_by_batch(self) -> dict[int, int]:
        """How many figures each batch replaced that were said before, of those that replaced any."""
        with told_plainly(self.path):
            return batches_kept.replaced_by_batch(self._connection)

    def answers(self) -> pl.DataFrame:
        """The answers to questions about files, by office and layout, oldest first: columns `ANSWERS`."""
        with told_plainly(self.path):
            return answers.answers(self._connection)

    def remembered(self, file: str) -> dict[str, str]:
        """The answers that count for a file of this name, by question: those its office's earlier files were given."""
        with told_plainly(self.path):
            return answers.remembered(self._connection, file)

    def revoke_answers(self, given: pl.DataFrame, *, who: str) -> None:
        """Answers count no longer: rows of `answers`. All of them or none.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path), transaction(self._connection):
            for answer in given.iter_rows(named=True):
                answers.revoke(self._connection, answer, who)

    def columns_read(self) -> pl.DataFrame:
        """How the figures of all batches were read, with the files' own totals: columns `COLUMNS_READ`."""
        with told_plainly(self.path):
            return columns_read.columns_read(self._connection)

    def waiting_tables(self, batch: int | None = None) -> pl.DataFrame:
        """The tables of files that wait for an answer: columns `WAITING_TABLES`."""
        with told_plainly(self.path):
            return batches_kept.waiting_tables(self._connection, batch)

    def median(self, table: str, field: str, year: int) -> Decimal | None:
        """The middle figure of a field in a year, as it stands; the lower one of two. `None` where there is none."""
        with told_plainly(self.path):
            return reading.median(self._connection, reading.known_table(table), field, year)

    def save_issue(self, issue: Issue, write: Callable[[Issue], object]) -> Issue:
        """Put down a workbook that is handed out, and return it with its number and mark.

        Args:
            issue: what it gives.
            write: writes the workbook, given the issue with its mark; what it raises leaves the store as it was.

        Raises:
            StoreError: it could not be put down; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            return issues.save(self._connection, issue, write)

    # ---------------------------------------------------------------------------------------------------------- batches

    def batches(self) -> pl.DataFrame:
        """All batches, oldest first: file, SHA-256, when (UTC), who, why, and how many rows and findings."""
        with told_plainly(self.path):
            return batches_kept.batch_list(self._connection)

    def loaded_as(self, sha256: str) -> int | None:
        """The newest batch with these very bytes, if there is one."""
        with told_plainly(self.path):
            before = batches_kept.loaded_before(self._connection, sha256)
            return None if before is None else before.batch

    def newest_batch(self) -> int:
        """The number of the newest batch; 0 in an empty store."""
        with told_plainly(self.path):
            return newest_batch(self._connection)

    def findings(
        self, batch: int | None = None, year: int | None = None, *, about: Collection[str] | None = None,
        values: bool = False,
    ) -> pl.DataFrame:  # fmt: skip
        """Findings of one batch or all, of one year (and of records without a year) or all.

        Args:
            batch, year: which batch, which year.
            about: only those that stand under one of these codes, or name one; of all unless told.
            values: whether what their sentences are made of stands beside them, as JSON in `values`.

        Returns:
            `batch` and the columns of `FINDING_SCHEMA`, sentences in the language in force.
        """
        with told_plainly(self.path):
            if batch is not None:
                reading.known_batch(self._connection, batch)
            return batches_kept.findings_of(self._connection, batch=batch, year=year, about=about, values=values)

    def quarantine(self, table: str, batch: int | None = None) -> pl.DataFrame:
        """Rows kept out of a table, all columns as the text the file had, with `_batch`, `_file`, `_sheet`, `_row`."""
        with told_plainly(self.path):
            if batch is not None:
                reading.known_batch(self._connection, batch)
            return batches_kept.quarantine_of(self._connection, reading.known_table(table).name, batch=batch)

    def completions(self) -> pl.DataFrame:
        """Rows kept out that are in now, or settled: `batch, table, of_batch, sheet, row`."""
        with told_plainly(self.path):
            return batches_kept.completions(self._connection)

    def places_kept_out(self) -> pl.DataFrame:
        """Where rows ever kept out of any table stand, and whose they are."""
        with told_plainly(self.path):
            return batches_kept.places_kept_out(self._connection)

    def forms(self) -> dict[int, tuple[str, ...]]:
        """By the number of a form, the fields that its file carried."""
        with told_plainly(self.path):
            return reported_rows.forms(self._connection)

    def spoken_of(self, table: str, codes: Iterable[str] | None = None) -> pl.DataFrame:
        """Keys and places of every row a table ever had about some firms, or about all."""
        with told_plainly(self.path):
            return reported_rows.spoken_of(self._connection, reading.known_table(table).name, codes)

    # ----------------------------------------------------------------------------------------------------------- tables

    def about_firm(self, codes: Collection[str]) -> FirmRows:
        """All rows that what is told of one firm rests on, in time that hardly depends on how many firms there are.

        Args:
            codes: those that the firm has or had.
        """
        with told_plainly(self.path):
            return about_firm.about_firm(self._connection, codes)

    def history(self, name: str, credit_code: str) -> pl.DataFrame:
        """Every row a table ever had about a firm (or a parcel), newest first, with its batch, reason and document."""
        with told_plainly(self.path):
            return reading.history(self._connection, name, credit_code)

    def sayings(self, name: str, record: str) -> list[Saying]:
        """What was said of one record of a table whose key is one field, batch by batch, oldest first.

        Raises:
            UsageError: there is no such table.
        """
        with told_plainly(self.path):
            return sayings.sayings_of(self._connection, name, record)

    def origin(
        self, name: str, credit_code: str, year: int | None = None, *, as_of_batch: int | None = None
    ) -> pl.DataFrame:
        """Where each figure of a firm (or a parcel) that stands in a table comes from, to explain it.

        Returns:
            A row per record and field besides the key: `year, record, field, value, batch, file, sheet, row`, the
            value as text. A field that no file carried has neither value nor origin; a blank one has an origin.

        Raises:
            UsageError: there is no such table or batch.
        """
        with told_plainly(self.path):
            return origins.origin(self._connection, name, credit_code, year, as_of_batch=as_of_batch)

    def places(
        self, name: str, field: str, *, as_of_batch: int | None = None
    ) -> dict[tuple[int | None, str | None], tuple[str, str | None, int | None]]:
        """The file, sheet and row of a field, by year and credit code: what `origin` says of one, of all firms."""
        with told_plainly(self.path):
            return origins.places(self._connection, name, field, as_of_batch=as_of_batch)

    def changes(self, name: str, whose: str, *, as_of_batch: int | None = None) -> pl.DataFrame:
        """Every figure of a firm (or a parcel) in a table that a newer batch changed, with the old and new value."""
        with told_plainly(self.path):
            return changes.changes(self._connection, name, whose, as_of_batch=as_of_batch)

    def origins(
        self,
        names: Collection[str],
        credit_codes: Sequence[str],
        years: Collection[int] | None = None,
        *,
        as_of_batch: int | None = None,
    ) -> dict[str, pl.DataFrame]:
        """By table what `origin` gives for several firms (or parcels) and years, with a first column `whose`."""
        with told_plainly(self.path):
            return origins.origins_of_many(self._connection, names, credit_codes, years, as_of_batch=as_of_batch)

    def touched(self, after: int, until: int) -> pl.DataFrame:
        """Whom the batches after one and up to another speak of: `batch`, `credit_code`."""
        with told_plainly(self.path):
            return changes.touched(self._connection, after, until)

    def located(self, findings: Iterable[Finding], *, as_of_batch: int | None = None) -> tuple[Finding, ...]:
        """Findings of `check_tables` about single figures, each at the file, sheet and row of that very figure."""
        with told_plainly(self.path):
            return origins.located(self._connection, findings, as_of_batch=as_of_batch)

    # ----------------------------------------------------------------------------------------------------------- issues

    def issues(self, kind: str | None = None, year: int | None = None, mark: str | None = None) -> tuple[Issue, ...]:
        """The workbooks handed out, oldest first: of one kind, data year or mark where these are given."""
        with told_plainly(self.path):
            return issues.issued(self._connection, kind=kind, year=year, mark=mark)

    # ------------------------------------------------------------------------------------------------------ judgements

    def judge(self, told: Judgement, *, who: str) -> int:
        """Put down that an odd figure is right, or that it is asked about again; gives the number.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            return judgements.judge(self._connection, told, who)

    def judged(self) -> pl.DataFrame:
        """Every judgement about an odd figure, oldest first: columns `JUDGED`."""
        with told_plainly(self.path):
            return judgements.judged(self._connection)

    def publish(self, told: PublicationRow, *, who: str) -> int:
        """Put down that a notice was published, or that such a record is taken back; gives the number.

        Raises:
            StoreError: it could not be written; the store is as it was.
        """
        self._must_write()
        with told_plainly(self.path):
            return publications.put_down(self._connection, told, who)

    def published(self) -> pl.DataFrame:
        """Every publication put down or taken back, oldest first: columns `PUBLISHED`."""
        with told_plainly(self.path):
            return publications.published(self._connection)
