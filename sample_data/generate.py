"""Make the sample county: `python sample_data/generate.py [--out FOLDER] [--seed N]`.

Needs xlsxwriter and nothing else; no network. The same seed gives the same files.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sample_data.generator.build import SEED, build, write  # noqa: E402


def main() -> None:
    """Generate and say what was made."""
    parser = argparse.ArgumentParser(description="Make the synthetic sample county of mujun.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the files (default: beside this script)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"random seed (default: {SEED})")
    given = parser.parse_args()
    sample = build(given.seed)
    paths = write(sample, given.out)
    size = sum(p.stat().st_size for p in paths)
    rows = sum(len(s.rows) for b in sample.books for s in b.sheets)
    print(
        f"{len(paths)} files, {rows:,} rows, {len(sample.manifest.defects)} defects, {size / 2**20:.1f} MB: {given.out}"
    )


if __name__ == "__main__":
    main()
