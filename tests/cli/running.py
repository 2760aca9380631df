"""A command as a clerk types it: how it ended, what it printed, and what it complained of."""

from __future__ import annotations

import pytest

from mujun.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit status, printed, complained of."""
    with pytest.raises(SystemExit) as ended:
        main([str(w) for w in words])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err
