"""The tables that a year rests on, as they stood at a batch: all at once, or each when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from mujun.fields import LAGS, TABLES
from mujun.records.frame import READS as OF_FRAME
from mujun.store import Store
from mujun.workspace.executed import EXECUTED, executed_amounts
from mujun.workspace.final_runs import final_runs

Tables = Mapping[str, pl.DataFrame]

YEARLY = ("land", "tax", "energy", "output", "emissions", "water", "extra", "surveys")
"""Tables of which a year's frame reads nothing but the year and those that it looks back at."""

LOOKS_BACK = max(LAGS.values()) + 1
"""The years before the data year that its frame and that of the year before look back at."""


def inputs_at(
    store: Store, batch: int | None, before_run: int | None = None, *, year: int | None = None, back: int = LOOKS_BACK
) -> dict[str, pl.DataFrame]:
    """Every table as it stood, and in `ratings` what mujun itself rated as final.

    Args:
        store: an open store.
        batch: the newest batch that counts; `None` for the tables as they stand.
        before_run: only final runs before this one count as earlier results.
        year: the only data year that is to be computed: then nothing is read but what its frame, that of the year
            before and its bills rest on.
        back: the years before it that are looked back at; of its own frame, without that of the year before, one less.
    """
    if year is not None:
        return dict(YearTables(store, batch, before_run, year=year, back=back))
    return with_results(store, store.tables(as_of_batch=batch), before_run)


def recorded_at(
    store: Store, year: int, batch: int | None = None, *, back: int = LOOKS_BACK
) -> dict[str, pl.DataFrame]:
    """Every table as departments sent it; of yearly ones the rows that a question about one year looks at.

    These are the year's, and those of the years before that its frame and that of the year before look back at.

    Args:
        store: an open store.
        year: the data year.
        batch: the newest batch that counts; `None` for the tables as they stand.
        back: the years before it that are looked back at.
    """
    tables = store.tables(as_of_batch=batch, years=_years_asked(store, year, back, batch))
    if not (tables["enterprises"]["year"] == year).any():
        # Which years there are is to be told.
        tables |= store.tables(("enterprises",), as_of_batch=batch)
    return tables


def year_at(
    store: Store, year: int, batch: int | None = None, before_run: int | None = None, *, back: int = LOOKS_BACK
) -> dict[str, pl.DataFrame]:
    """What `recorded_at` gives, with what mujun itself rated as final, before a run if one is named, in `ratings`."""
    return with_results(store, recorded_at(store, year, batch, back=back), before_run)


def said_by(store: Store, batch: int) -> dict[str, pl.DataFrame]:
    """By table the keys of the rows of a batch that stood when it was the newest.

    Raises:
        UsageError: there is no such batch.
    """
    read = store.reader(as_of_batch=batch, fields=dict.fromkeys(TABLES, ("_batch",)))
    names = store.batches().filter(number=batch)["tables"].explode().to_list()
    return {name: rows for name in TABLES if name in names and (rows := read(name).filter(_batch=batch)).height}


def _years_asked(store: Store, year: int, back: int, batch: int | None) -> dict[str, range]:
    """By table the years that are read."""
    years = dict.fromkeys(YEARLY, range(year - back, year + 1))
    # Old names decide on successors, of whatever year they are.
    if store.tables(("aliases",), as_of_batch=batch)["aliases"].is_empty():
        years["enterprises"] = years["land"]
    return years


def with_results(
    store: Store, recorded: Mapping[str, pl.DataFrame], before_run: int | None = None
) -> dict[str, pl.DataFrame]:
    """All tables on record, and in `ratings` what mujun itself rated as final.

    Args:
        store: an open store.
        recorded: every table, as the store gives it.
        before_run: only final runs before this one count as earlier results.
    """
    rated = _with_final_runs(store, recorded["ratings"], before_run)
    executed = executed_amounts(store, final_runs(store, before_run), before_run)
    return {**recorded, "ratings": rated} | ({} if executed.is_empty() else {EXECUTED: executed})


class YearTables(Mapping[str, pl.DataFrame]):
    """What a year's frame, that of the year before and its bills rest on, without fields and years that they pass over.

    A table is read anew whenever it is asked for and not held on to, so that no more of them are in memory than whoever
    asks holds. The store has to stay open as long. Of `extra` places are read as well: what cannot be read of it is
    told.
    """

    def __init__(
        self, store: Store, batch: int | None, before_run: int | None = None, *, year: int, back: int = LOOKS_BACK
    ) -> None:
        """As `inputs_at` takes them."""
        self._store, self._before, self._year = store, before_run, year
        fields = {name: several for name, several in OF_FRAME.items() if name != "extra"}
        years = _years_asked(store, year, back, batch)
        self._read = store.reader(as_of_batch=batch, years=years, fields=fields)
        self._read_whole = store.reader(as_of_batch=batch, fields=fields)
        self._executed = executed_amounts(store, final_runs(store, before_run), before_run)
        self._names = (*OF_FRAME, "usage", *(() if self._executed.is_empty() else (EXECUTED,)))

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name == EXECUTED:
            return self._executed
        rows = self._read(name)
        if name == "enterprises" and not (rows["year"] == self._year).any():
            return self._read_whole(name)  # which years there are is to be told
        return _with_final_runs(self._store, rows, self._before) if name == "ratings" else rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _with_final_runs(store: Store, ratings: pl.DataFrame, before_run: int | None) -> pl.DataFrame:
    """The table of earlier results with what mujun rated itself, which goes first."""
    of_runs: list[pl.DataFrame] = []
    for number, year in final_runs(store, before_run).select("number", "year").iter_rows():
        wanted = ("credit_code", "name", "tier", "score", "cohort")
        tiered = store.run_table(number, columns=wanted).filter(pl.col("tier").is_not_null())
        of_runs.append(
            tiered.select(
                pl.lit(year, dtype=pl.Int32).alias("year"),
                "credit_code",
                "name",
                "tier",
                pl.col("score").cast(pl.Decimal(18, 6)),
                "cohort",
            )
        )
    if not of_runs:
        return ratings
    mine = pl.concat(of_runs).unique(["year", "credit_code"], keep="last", maintain_order=True)
    rated_years = mine["year"].unique().implode()
    # A year that mujun rated is mujun's: a firm without a tier in it has none.
    return pl.concat([ratings.filter(~pl.col("year").is_in(rated_years)), mine], how="diagonal")
