"""Official papers of a county: what they say as neutral parts, and Word documents in the form of official documents."""
