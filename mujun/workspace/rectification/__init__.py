"""The rectification as the store keeps it: lists, events, rechecks, papers, progress."""
