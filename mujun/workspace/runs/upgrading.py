"""A store brought up to date on purpose, and every past rating computed again from it."""

from __future__ import annotations

from mujun.dataclass import dataclass
from mujun.notebooks import InNotebooks
from mujun.store import FORMAT, Store
from mujun.store.upgrades import Upgrade, upgrade
from mujun.workspace.county_file import CountyFile, Progress
from mujun.workspace.runs.past import verify_run
from mujun.workspace.runs.verifying import Verification


@dataclass(frozen=True)
class StoreUpgrade(InNotebooks):
    """What became of a store.

    Attributes:
        format: the format that it has now.
        upgrade: what was done; `None` where it was of that format already.
        runs: every rating that it keeps, computed again.
    """

    format: int
    upgrade: Upgrade | None
    runs: tuple[Verification, ...]


def upgrade_store(county: CountyFile, *, verify: bool = True, progress: Progress = lambda _: None) -> StoreUpgrade:
    """Bring the store up to the present format and compute its past ratings again.

    Args:
        county: whose store.
        verify: whether past ratings are computed again; each takes as long as rating does.
        progress: is told the number of the run in work.

    Raises:
        StoreError: the store cannot be brought up to date; it is as it was.
    """
    done = upgrade(county.path)
    with Store.open(county.path, write=True) as store:
        numbers = store.runs()["number"].to_list() if verify else []
    verified = []
    for number in numbers:
        progress(str(number))
        verified.append(verify_run(county, number))
    return StoreUpgrade(FORMAT, done, tuple(verified))
