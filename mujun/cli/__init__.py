"""The command line: one file per command group; nothing is computed here."""

import gc

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process with 0 done, 1 could not be done, 2 wrong usage."""
    # A tenth of a short command would go into looking for garbage among what it loads.
    gc.set_threshold(200_000, 50, 100)
    from mujun.cli import entry

    entry.main(arguments)
