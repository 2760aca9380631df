"""`county.parcels`: land, by parcel and by firm."""

from mujun.workspace.county.group import Group, Verb
from mujun.workspace.firms import census, land, showing_parcels


class Parcels(Group):
    """Land: one parcel with the firms on it, and the register of a year."""

    show = Verb(showing_parcels.parcel_card)
    list = Verb(census.census)
    register = Verb(land.land_of_year)
