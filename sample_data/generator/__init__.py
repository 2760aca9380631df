"""The synthetic county: its truth, the files departments make of it, and the dirt planted in them.

Data walks in one direction: `places` and `codes` say what there is to choose from, `firms` and `land` lay out the
county, `figures` gives every firm its numbers, `records` everything else, `departments` writes it down as files would
look, `dirt` damages about one row in a hundred and keeps a manifest, `files` puts it all on disk.
"""
