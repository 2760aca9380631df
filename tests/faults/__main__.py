"""`python -m tests.faults`: the short form, or all of it with `--long`; prints its figures, ends with 1 on a fault."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable

from tests.faults import stores
from tests.faults.fuzzing import Figures, fuzzed

SHORT = {"kills": 6, "hand-outs": 3, "flips": 6, "locks": 2, "disks": 3, "files": 30, "binary": 10, "rules": 20,
         "workbooks": 12}  # fmt: skip
LONG = {
    "kills": 1000,
    "hand-outs": 200,
    "flips": 400,
    "locks": 50,
    "disks": 200,
    "files": 5000,
    "binary": 1000,
    "rules": 5000,
    "workbooks": 2000,
}

KINDS: dict[str, Callable[[int, int], Figures]] = {
    "kills": stores.kills,
    "hand-outs": stores.hand_outs,
    "flips": stores.flips_and_cuts,
    "locks": stores.locks,
    "disks": stores.full_disks,
    "files": lambda count, seed: fuzzed("files", seed, count),
    "binary": lambda count, seed: fuzzed("binary", seed, count),
    "rules": lambda count, seed: fuzzed("rules", seed, count),
    "workbooks": lambda count, seed: fuzzed("workbooks", seed, count),
}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--long", action="store_true", help="1,000 kills, 5,000 files, 5,000 rule sets, and so on")
    parser.add_argument("--only", choices=list(KINDS), action="append")
    parser.add_argument("--count", type=int, help="so many cases of each kind")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    begun, faults = time.monotonic(), 0
    if not {"kills", "hand-outs", "flips", "locks", "disks"}.isdisjoint(asked.only or KINDS):
        stores.preload()
    for kind in asked.only or KINDS:
        found = KINDS[kind](asked.count or (LONG if asked.long else SHORT)[kind], asked.seed)
        faults += len(found.faults)
        print("\n".join(found.lines()), flush=True)
    where = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    print(f"seed {asked.seed}, {time.monotonic() - begun:.0f} s, {where}: {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
