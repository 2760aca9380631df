"""The land of a year as the store has it: every firm, every lease with both sides' reports, every doubt."""

from __future__ import annotations

from mujun.errors import UsageError, problem
from mujun.records import LandRegister, land_register, with_successors
from mujun.records.land_register import of_firm, of_township
from mujun.steps import step
from mujun.store import Store
from mujun.workspace.asking import Known, asked_for
from mujun.workspace.county_file import CountyFile


def land_of_year(
    county: CountyFile,
    year: int,
    *,
    township: str | None = None,
    code: str | None = None,
    as_of_batch: int | None = None,
) -> LandRegister:
    """The land register of a year, of a township or of one firm.

    Args:
        year: the data year.
        township: only what concerns this township's firms.
        code: only what concerns this firm: its code, its name, or a part of its name that no other bears.
        as_of_batch: as it stood when this batch was the newest.

    Raises:
        UsageError: no land rows of that year, or no such township or firm, with the nearest; both are asked for.
    """
    if township is not None and code is not None:
        raise UsageError(problem("land_one_or_other"))
    step("step_tables")
    with Store.open(county.path) as store:
        tables = store.tables(["aliases", "land", "enterprises", "parcels"], as_of_batch=as_of_batch)
    step("step_land")
    tables, _ = with_successors(tables, year)
    register = land_register(tables, year)
    if code is not None:
        # Of another year's firm the register says that it is not in it.
        return of_firm(register, asked_for(Known.of(tables["enterprises"], register.firms), code))
    return register if township is None else of_township(register, township)
