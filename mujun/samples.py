"""The sample county that ships: where its files are."""

from __future__ import annotations

import tempfile
from importlib import resources
from pathlib import Path

from mujun.errors import UsageError, problem


def sample_data() -> Path:
    """The synthetic county's department files: inside the wheel, or beside the package in a checkout."""
    inside = Path(str(resources.files("mujun"))) / "_shipped" / "sample_data"
    return inside if inside.is_dir() else Path(str(resources.files("mujun"))).parent / "sample_data"


def sample_files() -> list[Path]:
    """The files in the order in which departments would send them."""
    wanted = (".xlsx", ".xls", ".csv", ".geojson")
    files = [p for year in sorted(sample_data().glob("20*")) for p in sorted(year.iterdir()) if p.suffix in wanted]
    if not files:
        raise UsageError(problem("no_sample_data", folder=str(sample_data())))
    return files


def sample_progress() -> Path:
    """What townships reported on the list of the sample county's first year, for `rectify load`."""
    return sample_data() / "清单" / "2021年高耗低效清单进度.csv"


def fresh_folder(wanted: str | Path | None) -> Path:
    """A folder to write into: the wanted one, made if need be, or a new one among temporary files."""
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="mujun-"))
    folder = Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
