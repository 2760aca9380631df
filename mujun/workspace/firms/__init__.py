"""One enterprise or parcel: everything on record, its land, its explanation."""
