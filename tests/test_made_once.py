"""Of several processes one makes it, and each has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import made_once as room
from tests.made_once import made_once


class Factory:
    """The temporary folders of a process, as pytest gives them."""

    def __init__(self, base: Path) -> None:
        self.base = base
        base.mkdir()

    def getbasetemp(self) -> Path:
        return self.base

    def mktemp(self, name: str) -> Path:
        folder = self.base / name
        folder.mkdir()
        return folder


class Making:
    """Counts how often it is made."""

    def __init__(self, broken: int = 0) -> None:
        self.times = 0
        self.broken = broken

    def __call__(self, folder: Path) -> Path:
        self.times += 1
        if self.times <= self.broken:
            raise RuntimeError("it could not be made")
        file = folder / "county.duckdb"
        file.write_text("made")
        return file


def asked(factory: Factory, make: Making) -> Path:
    return made_once(factory, "county", make)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")


def test_the_second_process_has_a_copy(tmp_path: Path) -> None:
    make = Making()
    one, other = asked(Factory(tmp_path / "gw0"), make), asked(Factory(tmp_path / "gw1"), make)
    assert make.times == 1
    one.write_text("changed")
    assert other.read_text() == "made"
    assert asked(Factory(tmp_path / "gw2"), make).read_text() == "made"


def test_where_it_could_not_be_made_the_next_makes_it(tmp_path: Path) -> None:
    make = Making(broken=1)
    with pytest.raises(RuntimeError):
        asked(Factory(tmp_path / "gw0"), make)
    assert asked(Factory(tmp_path / "gw1"), make).read_text() == "made"
    assert make.times == 2


def test_who_waits_too_long_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE", 0)
    (tmp_path / "made-county").mkdir()
    make = Making()
    assert asked(Factory(tmp_path / "gw0"), make).read_text() == "made"
    assert make.times == 1


def test_a_process_alone_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    make = Making()
    file = asked(Factory(tmp_path / "alone"), make)
    assert file.parent == tmp_path / "alone" / "county"
