"""The tables that departments send, field by field, in the order in which a store lays them out."""

from __future__ import annotations

from mujun.fields.field import Table
from mujun.fields.tables.enterprises import ALIASES, ENTERPRISES, LABELS, LICENCES, MATCHES, RATINGS
from mujun.fields.tables.figures import EMISSIONS, ENERGY, EXTRA, OUTPUT, TAX, WATER
from mujun.fields.tables.land import LAND, LAND_GRADES, PARCEL_SURVEYS, PARCELS, SURVEYS
from mujun.fields.tables.meters import ACCOUNTS, USAGE
from mujun.fields.tables.problems import PROBLEM_LIST
from mujun.fields.tables.projects import LAND_SUPPLY, PROJECT_YEARS, PROJECTS, SOURCES, SPECIAL_FUND, SUBSTITUTIONS

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        ENTERPRISES,
        LAND,
        TAX,
        ENERGY,
        OUTPUT,
        EMISSIONS,
        WATER,
        LABELS,
        RATINGS,
        ACCOUNTS,
        USAGE,
        PARCELS,
        EXTRA,
        ALIASES,
        MATCHES,
        SURVEYS,
        LAND_GRADES,
        PROJECTS,
        SOURCES,
        SUBSTITUTIONS,
        LICENCES,
        PROBLEM_LIST,
        PARCEL_SURVEYS,
        PROJECT_YEARS,
        LAND_SUPPLY,
        SPECIAL_FUND,
    )
}
