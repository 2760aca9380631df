"""What share of each room's lines the tests ran, and the rooms below 90 %, from what slipcover kept of a run.

`python .ci/coverage.py FOLDER`: FOLDER is the temporary folder of a run with `SLIPCOVER_ENABLED=1`. Of what tests start
as processes of their own nothing is seen, so these are lower bounds.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

WANTED = 90


def main() -> int:
    """Print a line per room; 1 where the run left nothing to count."""
    kept = sorted(Path(sys.argv[1]).glob("slipcover-xdist-*/merged.json"))
    if not kept:
        print("coverage: the run left no figures")
        return 1
    executed: dict[str, set[int]] = {}
    known: dict[str, set[int]] = {}
    # One run of the suite, and one of the tests that want Spark: a line that either ran has run.
    for run in kept:
        for name, file in json.loads(run.read_text(encoding="utf-8"))["files"].items():
            executed.setdefault(name, set()).update(file["executed_lines"])
            known.setdefault(name, set()).update(file["executed_lines"], file["missing_lines"])
    ran: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for name in known:
        parts = Path(name).parts
        inside = parts[parts.index("mujun") + 1 :]
        room = inside[0].removesuffix(".py")
        ran[room] += len(executed[name])
        lines[room] += len(known[name])
    shares = {room: 100 * ran[room] / lines[room] for room in lines if lines[room]}
    for room, share in sorted(shares.items()):
        print(f"coverage: {room:<16}{share:6.1f} % of {lines[room]} lines")
    low = sorted(room for room, share in shares.items() if share < WANTED)
    print(f"coverage: all {100 * ran.total() / lines.total():.1f} %; below {WANTED} %: {', '.join(low) or 'none'}")
    return 0


sys.exit(main())
