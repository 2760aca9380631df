"""`county.parcels`: land, by parcel and by firm."""

from typing import TYPE_CHECKING

from mujun.late import Late
from mujun.workspace.county.group import Group, Verb

if TYPE_CHECKING:
    from mujun.workspace.firms import census, land, mapping, showing_parcels
else:
    census = Late("mujun.workspace.firms.census")
    land = Late("mujun.workspace.firms.land")
    mapping = Late("mujun.workspace.firms.mapping")
    showing_parcels = Late("mujun.workspace.firms.showing_parcels")


class Parcels(Group):
    """Land: one parcel with the firms on it, and the register of a year."""

    show = Verb(showing_parcels.parcel_card)
    list = Verb(census.census)
    map = Verb(mapping.parcel_map)
    register = Verb(land.land_of_year)
