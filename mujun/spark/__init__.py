"""Many counties and years at once, on Spark: a county's year is a group, computed by the same functions as on one PC.

`rate`, `list_enterprises` and `allocate` take a Spark frame of any number of counties and years and give `CountyYears`,
with the same digests as one call of `mujun.rate` and the like per county and year. `across_counties` computes what
crosses counties, in Spark's decimals; `with_table` lets a rule set read it. Spark comes with the extra `spark`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mujun.spark.across import Across, across_counties, with_table
    from mujun.spark.county_by_county import allocate, list_enterprises, rate
    from mujun.spark.county_years import CountyYears
    from mujun.spark.reading import read_folder
    from mujun.spark.session import local_session

_MODULES = {
    "Across": "across",
    "CountyYears": "county_years",
    "across_counties": "across",
    "allocate": "county_by_county",
    "list_enterprises": "county_by_county",
    "local_session": "session",
    "rate": "county_by_county",
    "read_folder": "reading",
    "with_table": "across",
}

__all__ = [
    "Across",
    "CountyYears",
    "across_counties",
    "allocate",
    "list_enterprises",
    "local_session",
    "rate",
    "read_folder",
    "with_table",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "pyspark":
            raise
        from mujun.errors import UsageError, problem

        raise UsageError(problem("spark_extra_missing", library="pyspark")) from error


def __dir__() -> list[str]:
    return __all__
