"""Stores and outputs under kills, flipped bits, cuts, locks and full disks.

Every step that uses the engine runs in a forked child, so that a kill hits it anywhere and this process stays clean.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.faults.fuzzing import Figures

ROWS = 400

_HOLDING = """
import sys
from mujun.store import Store
store = Store.open(sys.argv[1], write=True)
print(flush=True)
input()
"""


def _records(name: str) -> object:
    from tests.records.files import code
    from tests.store import given

    firms = [{"year": 2022, "credit_code": code(i), "name": f"甲{i}厂", "tax_paid": float(i)} for i in range(1, ROWS)]
    return given.file(name, {"tax": given.rows("tax", *firms)}, content=name)


def _state(path: Path) -> dict[str, object]:
    """What a store says of itself, all of it read; or the sentence for why it cannot."""
    from mujun.errors import MujunError
    from mujun.fields import TABLES
    from mujun.store import Store

    try:
        with Store.open(path) as store:
            counts = {name: store.table(name).height for name in TABLES}
            total = str(store.table("tax")["tax_paid"].sum())
            return {"batches": store.batches().height, "rows": sum(counts.values()), "tax": total}
    except MujunError as error:
        return {"refused": error.problems[0].code, "sentence": str(error)}


def _add(path: Path, name: str) -> dict[str, object]:
    from mujun.errors import MujunError
    from mujun.store import Store

    try:
        with Store.open(path, write=True) as store:
            store.add_batch(_records(name), who="t")  # type: ignore[arg-type]
        return {"added": True}
    except MujunError as error:
        return {"refused": error.problems[0].code}


def forked(work: Callable[[], object], *, killed_after: float | None = None) -> object:
    """Run something in a child; gives its result, `None` where it was killed, or raises what it could not name."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        status = 0
        try:
            said = json.dumps({"done": work()})
        except BaseException:
            said, status = json.dumps({"trace": traceback.format_exc()[-600:]}), 1
        os.write(into, said.encode())
        os._exit(status)
    os.close(into)
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(out, "rb") as stream:
        data = stream.read()
    os.waitpid(pid, 0)
    if not data:
        return None
    said = json.loads(data)
    if "trace" in said:
        raise RuntimeError(said["trace"])
    return said["done"]


@contextmanager
def _figures(kind: str) -> Iterator[Figures]:
    found, begun = Figures(kind), time.monotonic()
    yield found
    found.seconds = time.monotonic() - begun


def _base(folder: Path) -> tuple[Path, dict[str, object]]:
    path = folder / "县 mujun.duckdb"

    def made() -> object:
        from mujun.store import Store

        Store.create(path).close()
        return _add(path, "first.xlsx")

    assert forked(made) == {"added": True}
    state = forked(lambda: _state(path))
    assert isinstance(state, dict)
    assert state["batches"] == 1
    return path, state


def preload() -> None:
    """Modules read once, not in every child; none of them starts a thread by being read."""
    import tests.records.files
    import tests.store.given  # noqa: F401


def kills(count: int, seed: int) -> Figures:
    """Kill loads, makings of a store, and writings of a file at any moment: all of it is there, or nothing."""
    from mujun.writing import write_bytes

    by = random.Random(seed)
    with _figures("kills") as found, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, before = _base(folder)
        begun = time.monotonic()
        forked(lambda: _add(base.with_name("x.duckdb"), "x") if shutil.copy(base, base.with_name("x.duckdb")) else 0)
        span = (time.monotonic() - begun) * 1.2
        for n in range(count):
            found.cases += 1
            if n % 4 < 2:
                path = Path(shutil.copy(base, folder / "case.duckdb"))
                (folder / "case.duckdb.wal").unlink(missing_ok=True)
                forked(partial(_add, path, "second.xlsx"), killed_after=by.uniform(0, span))
                state = forked(partial(_state, path))
                assert isinstance(state, dict)
                # The rows of the second file are of the same firms: the view has one row for each.
                whole = {**before, "batches": 2}
                if state == before:
                    found.outcomes["load killed, nothing there"] += 1
                elif state == whole:
                    found.outcomes["load killed, all there"] += 1
                else:
                    left = {f.name: f.stat().st_size for f in folder.iterdir()}
                    found.faults.append(f"kill {seed}/{n}: {state}, of {left}")
            elif n % 4 == 2:
                path = folder / "new.duckdb"
                path.unlink(missing_ok=True)

                def make(path: Path = path) -> None:
                    from mujun.store import Store

                    Store.create(path).close()

                forked(make, killed_after=by.uniform(0, span / 2))
                if not path.exists():
                    found.outcomes["making killed, nothing there"] += 1
                elif isinstance(state := forked(partial(_state, path)), dict) and "batches" in state:
                    found.outcomes["making killed, all there"] += 1
                else:
                    found.faults.append(f"kill {seed}/{n}: a store made in half: {state}")
            else:
                path, old, new = folder / "输出.xlsx", b"o" * 100_000, b"n" * 3_000_000
                path.write_bytes(old)

                def write(path: Path = path, new: bytes = new) -> None:
                    write_bytes(path, new)

                forked(write, killed_after=by.uniform(0, 0.02))
                if path.read_bytes() not in (old, new):
                    found.faults.append(f"kill {seed}/{n}: a file written in half")
                else:
                    found.outcomes["writing killed, " + ("old" if path.stat().st_size == len(old) else "new")] += 1
    return found


def hand_outs(count: int, seed: int) -> Figures:
    """Kill the handing out of workbooks at any moment: none lies there whose mark the store does not know."""
    by = random.Random(seed)
    with _figures("hand-outs") as found, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, before = _base(folder)
        file, span = folder / "核查 甲镇.xlsx", _seconds(lambda: _hand_out(base, folder / "x.xlsx")) * 1.1
        known = forked(lambda: _marks(base))
        assert known == [(folder / "x.xlsx").read_text()]
        for n in range(count):
            found.cases += 1
            path = Path(shutil.copy(base, folder / "case.duckdb"))
            file.unlink(missing_ok=True)
            forked(partial(_hand_out, path, file), killed_after=by.uniform(0, span))
            marks, state = forked(partial(_marks, path)), forked(partial(_state, path))
            there = file.read_text() if file.exists() else None
            if not isinstance(marks, list) or state != before or marks[:1] != known:
                found.faults.append(f"hand-out {seed}/{n}: {marks} {state}")
            elif there is not None and there not in marks:
                found.faults.append(f"hand-out {seed}/{n}: {there} lies there, and the store knows {marks}")
            else:
                marked = "marked" if len(marks) > 1 else "not marked"
                found.outcomes[f"killed, {'there' if there else 'not there'}, {marked}"] += 1
            path.with_name("case.duckdb.wal").unlink(missing_ok=True)
    return found


def _seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    forked(work)
    return time.monotonic() - begun


def _hand_out(path: Path, file: Path) -> str:
    """Hand out a workbook of which only the mark counts."""
    import polars as pl

    from mujun.store import Issue, Store
    from mujun.store.issues import SURVEY
    from mujun.writing import write_text

    given = pl.DataFrame({"credit_code": [f"c{i}" for i in range(ROWS)], "镇街": ["甲镇"] * ROWS})
    with Store.open(path, write=True) as store:
        issue = Issue(SURVEY, 2022, "甲镇", 1, "", given, "t")
        return store.save_issue(issue, lambda made: write_text(file, made.mark)).mark


def _marks(path: Path) -> list[str]:
    from mujun.store import Store

    with Store.open(path) as store:
        return [issue.mark for issue in store.issues()]


def flips_and_cuts(count: int, seed: int) -> Figures:
    """Flip bits of a store, or cut it: it says so, or everything in it is as it was; and nothing is added to half."""
    by = random.Random(seed)
    with _figures("flips and cuts") as found, tempfile.TemporaryDirectory() as name:
        base, before = _base(Path(name))
        data = base.read_bytes()
        for n in range(count):
            found.cases += 1
            changed = bytearray(data)
            if cut := n % 3 == 0:
                del changed[by.randrange(1, len(data)) :]
            else:
                for _ in range(by.choice((1, 1, 8))):
                    changed[by.randrange(len(data))] ^= 1 << by.randrange(8)
            path = base.with_name("case.duckdb")
            path.write_bytes(changed)
            kind = "cut" if cut else "bits flipped"
            try:
                state = forked(partial(_state, path))
                added = forked(partial(_add, path, "second.xlsx")) if cut else None
            except RuntimeError as error:
                found.faults.append(f"{kind} {seed}/{n}: {error}")
                continue
            if state is None:
                found.faults.append(f"{kind} {seed}/{n}: the process ended")
            elif cut and isinstance(added, dict) and "added" in added:
                found.faults.append(f"{kind} {seed}/{n}: a batch was added to {len(changed)} of {len(data)} bytes")
            elif state == before:
                found.outcomes[f"{kind}, all as it was"] += 1
            elif isinstance(state, dict) and "refused" in state:
                found.outcomes[f"{kind}, said"] += 1
            else:
                found.faults.append(f"{kind} {seed}/{n}: {state}")
            path.with_name("case.duckdb.wal").unlink(missing_ok=True)
    return found


def locks(count: int, seed: int) -> Figures:
    """Open a store for writing or reading while another process writes: a sentence that names it, and no wait."""
    with _figures("locks") as found, tempfile.TemporaryDirectory() as name:
        base, before = _base(Path(name))
        holder = subprocess.Popen(
            [sys.executable, "-c",
             _HOLDING,
             str(base)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert holder.stdout is not None
        holder.stdout.readline()
        for n in range(count):
            found.cases += 1
            said = forked(partial(_add, base, "second.xlsx") if n % 2 else partial(_state, base))
            code = said.get("refused") if isinstance(said, dict) else None
            if not str(code).startswith("store_locked"):
                found.faults.append(f"lock {seed}/{n}: {said}")
            found.outcomes[f"refused: {code}"] += 1
        holder.communicate(b"\n")
        if forked(lambda: _state(base)) != before:
            found.faults.append("lock: the store is not as it was")
    return found


@contextmanager
def small_disk(size: int) -> Iterator[Path | None]:
    """A disk of so many bytes where one can be mounted, else nothing."""
    folder = Path(tempfile.mkdtemp())
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield folder if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)
        folder.rmdir()


def full_disks(count: int, seed: int) -> Figures:
    """Fill a disk and go on: what stood stays, and the sentence names the path that was asked for."""
    from mujun.errors import InputError
    from mujun.writing import files as writer
    from mujun.writing import write_bytes

    by = random.Random(seed)
    with _figures("full disks") as found, small_disk(6 * 2**20) as disk:
        found.kind += " (tmpfs)" if disk is not None else " (a quota in place of a disk)"
        folder = disk or Path(tempfile.mkdtemp())
        real = os.write
        for n in range(count):
            found.cases += 1
            file = folder / "报表 甲.xlsx"
            file.write_bytes(b"old")
            filler = folder / "filler"
            room = by.randrange(0, 300_000)
            if disk is not None:
                free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
                filler.write_bytes(b"f" * max(free - room, 0))
            else:
                left = [room]

                def quota(handle: int, data: memoryview, left: list[int] = left) -> int:
                    if left[0] <= 0:
                        raise OSError(28, "No space left on device")
                    done = real(handle, data[: left[0]])
                    left[0] -= done
                    return done

                writer.os.write = quota  # type: ignore[attr-defined]
            try:
                write_bytes(file, b"n" * 1_000_000)
                found.faults.append(f"disk {seed}/{n}: written without room")
            except InputError as error:
                named = str(file) in str(error) and ".part" not in str(error)
                right = error.problems[0].code == "output_disk_full" and named and file.read_bytes() == b"old"
                drafts = [p.name for p in folder.iterdir() if p.name.startswith(".mujun-")]
                if not right or drafts:
                    found.faults.append(f"disk {seed}/{n}: {error} {drafts}")
                found.outcomes["file: said, the old one whole"] += 1
            finally:
                writer.os.write = real  # type: ignore[attr-defined]
            filler.unlink(missing_ok=True)
            file.unlink()
            if disk is not None and n % 10 == 0:
                _store_on_a_full_disk(found, folder, seed, n, by)
    return found


def _store_on_a_full_disk(found: Figures, folder: Path, seed: int, n: int, by: random.Random) -> None:
    base, before = _base(folder)
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    filler = folder / "filler"
    filler.write_bytes(b"f" * max(free - by.randrange(0, 200_000), 0))
    said = forked(lambda: _add(base, "second.xlsx"))
    filler.unlink()
    state = forked(lambda: _state(base))
    whole = {**before, "batches": 2}
    if said == {"added": True} and state == whole:
        found.outcomes["store: there was room"] += 1
    elif said == {"refused": "store_full"} and state == before:
        found.outcomes["store: said, nothing lost"] += 1
    else:
        found.faults.append(f"store on a full disk {seed}/{n}: {said} {state}")
    for path in folder.glob("*.duckdb*"):
        path.unlink()
