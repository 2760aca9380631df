"""Workbooks that are handed out and come back: the township's round, confirmation, correction."""
