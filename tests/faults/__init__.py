"""Faults on purpose: kills, full disks, locks, flips, hostile files and rules; `python -m tests.faults --long`."""
