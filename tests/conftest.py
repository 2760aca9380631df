"""What several rooms' tests share: the sample county, loaded once a session."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from mujun import messages
from mujun.reports.charts.chart import has_chinese_font
from mujun.samples import sample_files
from mujun.store import opening
from mujun.workspace import County
from tests.made_once import made_once
from tests.opened_once import OpenedOnce, used

OPENED_ANEW = {"store", "faults"}
"""The rooms whose tests are about opening stores, or about what goes wrong with files and processes."""

# How long an example takes depends on what else the machine does.
settings.register_profile("mujun", deadline=None)
settings.load_profile("mujun")


def pytest_configure(config: pytest.Config) -> None:
    """Files go to the workers in their order, for the longest tests are alone in theirs.

    By itself xdist begins with the files of most tests: a whole year on the pages, one test, would begin last, and the
    other worker wait for it.
    """
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_finish() -> None:
    """Nobody looks for garbage again in the half million objects that collecting left, which stay until the end.

    It took a third of a second each time, and NiceGUI looks twice for every test of a page.
    """
    gc.collect()
    gc.freeze()
    # As every command has it; the first test of one would leave it so in any case.
    gc.set_threshold(200_000, 50, 100)


def pytest_unconfigure() -> None:
    """At the end modules take leave of what is theirs, and complain of what is frozen."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are Chinese unless a test says otherwise, whatever the machine's locale."""
    monkeypatch.setenv("MUJUN_LANG", "zh")
    messages.set_language(None)


@pytest.fixture(scope="session", autouse=True)
def stores_copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stores are made by copying an empty one: its fifty views take DuckDB a third of a second, hundreds of times.

    Tests of the store itself, and all that run in other processes, make theirs as everybody does.
    """
    empty = tmp_path_factory.mktemp("empty") / "mujun.duckdb"
    opening.write_empty(empty)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "write_empty", lambda path: shutil.copyfile(empty, path))
        yield


@pytest.fixture(scope="session")
def chinese_font() -> None:
    """What draws pictures for Word goes untried where no Chinese character can be drawn."""
    if not has_chinese_font():
        pytest.skip("no font with Chinese characters (apt-get install fonts-noto-cjk)")


@pytest.fixture(scope="session")
def opened_once() -> Iterator[OpenedOnce]:
    """What keeps the opening of one reading for the next."""
    with pytest.MonkeyPatch.context() as patch:
        once = used(patch)
        yield once
        once.stop()


@pytest.fixture(scope="module", autouse=True)
def openings_kept(request: pytest.FixtureRequest, opened_once: OpenedOnce) -> Iterator[None]:
    """Not where the store itself is looked at, nor beside processes that this module has begun."""
    # Windows lets nobody replace or remove a file that is open.
    opened_once.stopped = os.name == "nt" or request.path.parent.name in OPENED_ANEW
    yield
    opened_once.stop()


@pytest.fixture(autouse=True)
def opening_let_go(opened_once: OpenedOnce) -> Iterator[None]:
    """No test begins with what another has opened."""
    yield
    opened_once.let_go()


@pytest.fixture(scope="session")
def loaded_county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the sample county, loaded and rated once as the final result of 2022."""

    def make(folder: Path) -> Path:
        own = County(folder / "mujun.duckdb")
        own.data.load(sample_files())
        own.runs.rate("zhejiang/shengzhou-2022", 2022, final=True)
        return own.path

    return made_once(tmp_path_factory, "county", make)


@pytest.fixture
def sample_county(loaded_county: Path, tmp_path: Path) -> Path:
    """A copy of it, to do with as one likes."""
    return Path(shutil.copy(loaded_county, tmp_path / "mujun.duckdb"))
