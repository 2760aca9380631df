"""The command line: one file per command group; nothing is computed here."""

from mujun.cli.entry import main

__all__ = ["main"]
