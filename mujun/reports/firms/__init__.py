"""Pages about one enterprise or parcel: the card and the explanation."""
