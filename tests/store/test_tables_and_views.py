"""Tables are read from plain rows and put together in Polars; the views of the store say the same, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mujun.fields import TABLES
from mujun.store import Store
from mujun.store.connecting import frame_of
from mujun.store.met import Again

from .given import file, rows

FIRMS = ("91350100M000100Y43", "91512081MA62K0260E")
YEARS = (2021, 2022)
FIELDS = ("electricity_kwh", "energy_tce")
ANSWERS: tuple[Again, ...] = ("ask", "replace", "keep", "add")

figures = st.one_of(st.none(), st.sampled_from((0.0, 1.0, 2.5)))
power = st.dictionaries(st.tuples(st.sampled_from(YEARS), st.sampled_from(FIRMS)), st.tuples(figures, figures))
ground = st.lists(
    st.tuples(
        st.sampled_from(YEARS), st.sampled_from(FIRMS), st.sampled_from(("自有", "租入")), st.sampled_from((1.0, 2.0))
    ),
    max_size=3,
)  # fmt: skip
files = st.lists(
    st.tuples(
        st.sampled_from(("供电", "统计", "更正")), power, st.sets(st.sampled_from(FIELDS), min_size=1), ground,
        st.sampled_from(ANSWERS), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=15)
@given(files)
def test_what_is_put_together_is_what_the_views_say(
    tmp_path_factory: pytest.TempPathFactory,
    given: list[
        tuple[
            str,
            dict[tuple[int, str], tuple[float | None, float | None]],
            set[str],
            list[tuple[int, str, str, float]],
            Again,
            bool,
        ]
    ],
) -> None:
    path = tmp_path_factory.mktemp("store") / "a.duckdb"
    with Store.create(path) as store:
        for n, (name, said, carried, land, again, corrects) in enumerate(given):
            energy = rows(
                "energy",
                *({"year": y, "credit_code": c, **dict(zip(FIELDS, v, strict=True))} for (y, c), v in said.items()),
            )
            areas = rows(
                "land",
                *({"year": y, "credit_code": c, "tenure": t, "area_mu": a} for y, c, t, a in land),
            )
            sent = file(
                f"{name}.xlsx", {"energy": energy, "land": areas}, content=str(n), columns={"energy": sorted(carried)}
            )
            if corrects:
                store.add_batch(sent, who="王", reason="更正")
            else:
                store.take_in(sent, again, who="王")
        newest = store.newest_batch()
        for table in ("energy", "land"):
            for batch in (None, *range(1, newest))[:3]:
                source = f"current.{table}" if batch is None else f"as_of.{table}({batch})"
                key = ", ".join((*TABLES[table].key, "_batch", "_sheet", "_row"))
                seen = frame_of(store._connection.sql(f"SELECT * FROM {source} ORDER BY {key}"))
                read = store.table(table, as_of_batch=batch)
                assert_frame_equal(
                    read.drop("_loaded_at"), seen.select(read.columns).drop("_loaded_at"), check_dtypes=False
                )
                of_year = store.tables([table], as_of_batch=batch, years={table: [2022]})[table]
                assert_frame_equal(of_year, read.filter(read["year"] == 2022))
                wanted = {"energy": ("energy_tce",), "land": ("area_mu", "tenure")}
                part = store.tables([table], as_of_batch=batch, years={table: [2022]}, fields=wanted)[table]
                assert set(part.columns) == {*TABLES[table].key, *wanted[table]}
                assert_frame_equal(part.sort(part.columns), of_year.select(part.columns).sort(part.columns))
