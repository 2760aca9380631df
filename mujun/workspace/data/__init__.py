"""Records coming in: files loaded, a year checked, and the records as they stand."""
