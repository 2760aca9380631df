"""Faults on purpose: kills, full disks, locks, bits flipped, hostile files and rules; `python -m tests.faults --long`."""
