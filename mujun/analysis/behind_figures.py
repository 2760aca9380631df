"""Which fields of the records stand behind a figure of a frame."""

from __future__ import annotations

from mujun.fields import LAND_PARTS, lag_of


def fields_behind(name: str) -> tuple[tuple[str, int], ...]:
    """The records' fields behind a frame field, each with how many years back: `emissions_t` is its pollutants.

    >>> fields_behind("tax_paid_last"), fields_behind("land_mu")
    ((('tax_paid', 1),), (('area_mu', 0),))
    """
    lagged = lag_of(name)
    base, back = lagged if lagged is not None else (name, 0)
    if base in ("land_mu", "tenants_above", "tenants_below", "parcels", *LAND_PARTS):
        # The parts of the land are told by the same rows as the land.
        return (("area_mu", back),) if base == "land_mu" else ()
    if base == "emissions_t":
        return tuple((n, back) for n in ("cod_t", "nh3n_t", "so2_t", "nox_t"))
    if base == "labels":
        return (("label", 0),)
    if base == "industry_division":
        return (("industry", back),)
    if base in ("tier_last", "floor_area_m2"):
        return ()
    return ((base, back),)
