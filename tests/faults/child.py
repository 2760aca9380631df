"""Cases in a process of their own: a line begins a case, one ends it; whoever reads notices a silence or an end."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from pathlib import Path

from tests.peak_memory import peak_memory

MOST_MEMORY = 3 * 2**30
"""Bytes that reading any small hostile file may need, Polars itself with it."""


def main(kind: str, seed: int, first: int, last: int) -> None:
    """Run the cases `first` to `last` of a kind."""
    from mujun import messages
    from mujun.errors import MujunError
    from tests.faults import department_files, returned_workbooks, rule_files

    case = {
        "files": department_files.read_case,
        "binary": department_files.read_binary_case,
        "rules": rule_files.read_case,
        "workbooks": returned_workbooks.read_case,
    }[kind]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, last):
            print(json.dumps({"begin": number}), flush=True)
            try:
                outcome = case(seed, number, Path(folder))
            except MujunError as error:
                outcome = "refused"
                for language in messages.LANGUAGES:
                    with messages.speaking(language):
                        if not str(error).strip() or "Traceback" in str(error):
                            outcome = "FAULT an error without a sentence"
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                where = traceback.extract_tb(error.__traceback__)[-1]
                outcome = f"FAULT {type(error).__name__}: {str(error)[:200]} ({where.filename}:{where.lineno})"
            peak = peak_memory()
            if peak > MOST_MEMORY and not outcome.startswith("FAULT"):
                outcome = f"FAULT {peak / 2**30:.1f} GB"
            print(json.dumps({"end": number, "outcome": outcome, "peak": peak}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
