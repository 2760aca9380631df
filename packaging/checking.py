"""Trying a bundle or a wheelhouse as a stranger would: elsewhere, with a bare environment, without network.

The folder is copied to one with a blank and Chinese in its name. On Linux all of it runs in a network namespace of
its own, in which nothing but this machine's loopback answers; where the system refuses that, it is said.
"""

from __future__ import annotations

import csv
import ctypes
import hashlib
import http.cookiejar
import io
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
YEAR = CHECKOUT / "sample_data" / "2022"
PAGES = (
    "", "data", "data/coverage", "checks", "checks/names", "checks/anomalies", "confirmation", "rating", "rating/1",
    "rating/1/charts", "rating/1/whatif", "publication", "list", "measures", "supervision", "problems", "monitoring",
    "firms", "parcels", "rules", "changes",
)  # fmt: skip
"""Some of the pages of the workbench, by their addresses."""


def check(made: Path) -> None:
    """Try a folder that `make.py` made; ends the process at the first thing that does not work."""
    cut_off = without_network()
    print(f"{made.name}: " + ("no network but loopback" if cut_off else "network NOT cut off: this system refuses"))
    with tempfile.TemporaryDirectory(prefix="mujun-check-", ignore_cleanup_errors=True) as temporary:
        place = Path(temporary) / "U盘 拷贝"
        home = Path(temporary) / "张 三"
        home.mkdir()
        folder = place / made.name
        with timed("copied"):
            shutil.copytree(made, folder, symlinks=True)
        if (folder / "wheels").is_dir():
            program = installed(folder, home)
        else:
            program = [str(folder / ("mujun.exe" if os.name == "nt" else "mujun"))]
        before = state_of(folder)
        Trial(program, folder, home).run()
        changed = sorted(before ^ state_of(folder))
        expect(not changed, f"the program wrote into its own folder: {changed[:5]}")


def installed(folder: Path, home: Path) -> list[str]:
    """Install a wheelhouse by its script, first where no Python is to be seen; the start script."""
    ending = ".bat" if os.name == "nt" else ".sh"
    script = str(folder / f"install{ending}")
    if os.name != "nt":
        refused = ran([shell_of_system(), script], folder, bare(home, path=""))
        expect(refused.returncode == 1, "install without Python ended well")
        expect(refused.stdout == "" and refused.stderr.count("\n") == 1, f"not one sentence: {refused.stderr}")
        print(f"  without Python: {refused.stderr.strip()}")
    with timed("installed offline"):
        path = sys.base_prefix if os.name == "nt" else f"{sys.base_prefix}/bin:/usr/bin:/bin"
        done = ran(["cmd", "/c", script] if os.name == "nt" else [script], folder, bare(home, path=path))
        expect(done.returncode == 0, done.stdout + done.stderr)
    return [str(folder / f"start{ending}")]


class Trial:
    """One program, put through what its users do."""

    def __init__(self, program: list[str], folder: Path, home: Path) -> None:
        self.program = program
        self.folder = folder
        self.home = home
        self.path = "" if len(list(folder.glob("*.sh"))) == 0 else "/usr/bin:/bin"

    def run(self) -> None:
        """Everything, in the order of a first day."""
        version = re.search(r'^version = "(.+)"', (CHECKOUT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
        expect(version is not None and version[1] in self.says("--version"), "another version")
        for file in ("01_经信局_2022年企业名录.xlsx", "04_税务局_2022年工业企业税收.csv"):
            self.says("--db", "新 库.duckdb", "load", str(YEAR / file))
        # Of its 98 rows one has a code that is too short, one has none.
        expect("96" in self.says("--db", "新 库.duckdb", "load", str(old_workbook(self.home))), "not all of the .xls")
        self.says("--db", "新 库.duckdb", "coverage", "2022")
        with timed("demo: two years of 3,000 firms"):
            self.says("demo", "示例 县")
        store = str(Path("示例 县") / "mujun.duckdb")
        self.says("--db", store, "runs", "verify", "1")
        with timed("odd figures (scikit-learn)"):
            self.says("--db", store, "check", "--year", "2022", "--anomalies", "-o", "核查")
        with timed("report with charts, Word (altair, vl-convert, python-docx)"):
            self.says("--db", store, "report", "2022", "-o", "材料")
        charts = [p for p in (self.home / "材料").rglob("*") if p.suffix in (".html", ".docx")]
        expect(any(p.suffix == ".html" and "<svg" in p.read_text("utf-8") for p in charts), "no chart in the report")
        expect(any(p.suffix == ".docx" for p in charts), "no notice in Word")
        self.double_click()
        with self.serving(MUJUN_DB=str(self.home / store)) as address:
            self.pages(address)

    def double_click(self) -> None:
        """Without an argument: the store's folder, one address, a second start that finds the first, a clean end."""
        with timed("double click until the page is there"), self.serving() as address:
            expect("亩均" in fetched(address, http.cookiejar.CookieJar()).decode(), "no page of the workbench")
            origin = address.partition("/enter")[0]
            try:
                fetched(origin + "/", http.cookiejar.CookieJar())
            except urllib.error.HTTPError as error:
                expect(error.code in (401, 403), f"without the token: {error.code}")
            else:
                expect(False, "opened without the token")
            expect(origin in self.says(), "a second double click did not find the first")
        # On Windows the registry says where documents are, and a check does not change it.
        expect(os.name == "nt" or (self.home / "文 档" / "亩均").is_dir(), "no folder among the documents")

    def pages(self, address: str) -> None:
        """Every page of the sample county answers, and so does every file that the first one asks for."""
        cookies = http.cookiejar.CookieJar()
        page = fetched(address, cookies).decode()
        origin = address.partition("/enter")[0]
        for name in PAGES:
            fetched(f"{origin}/{name}", cookies)
        files = set(re.findall(r"""["'](/_nicegui/[^"'\s]+\.(?:js|css|woff2))["']""", page))
        expect(len(files) > 5, "the page asks for no file")
        for name in sorted(files):
            fetched(origin + name, cookies)
        print(f"  {len(PAGES)} pages and {len(files)} files of the workbench answer")

    def says(self, *words: str) -> str:
        """What a command prints; it has to end well."""
        done = ran([*self.program, *words], self.home, bare(self.home, path=self.path))
        expect(done.returncode == 0, f"{' '.join(words)}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def serving(self, **more: str) -> Iterator[str]:
        """The workbench as a double click opens it, and its address."""
        running = subprocess.Popen(
            self.program, cwd=self.home, env=bare(self.home, path=self.path) | more, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        assert running.stdout is not None
        try:
            lines: list[str] = []
            address = None
            while address is None:
                line = running.stdout.readline()
                expect(line != "", "the workbench did not start:\n" + "".join(lines))
                lines.append(line)
                address = re.search(r"http://127\.0\.0\.1:\d+/enter\?token=\S+", line)
            foreign = libraries_from_elsewhere(running.pid, self.folder) if self.path == "" else []
            expect(not foreign, f"libraries from outside the bundle: {foreign[:5]}")
            yield address[0]
        finally:
            if os.name == "nt":
                # With its children: a .bat waits for the program that it started.
                subprocess.run(["taskkill", "/F", "/T", "/PID", str(running.pid)], capture_output=True, check=False)
            else:
                running.send_signal(signal.SIGINT)
            end = running.wait(timeout=60)
            running.stdout.close()
        expect(os.name == "nt" or end == 0, f"the workbench ended with {end}")


def bare(home: Path, *, path: str) -> dict[str, str]:
    """The environment of a PC on which nothing was set up."""
    (home / ".config").mkdir(exist_ok=True)
    (home / ".config" / "user-dirs.dirs").write_text('XDG_DOCUMENTS_DIR="$HOME/文 档"\n', encoding="utf-8")
    kept = ("SYSTEMROOT", "TEMP", "TMP", "COMSPEC", "LOCALAPPDATA", "APPDATA") if os.name == "nt" else ()
    env = {name: os.environ[name] for name in kept if name in os.environ}
    return env | {"PATH": path, "HOME": str(home), "USERPROFILE": str(home), "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


def ran(command: list[str], where: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A program run to its end, with what it said."""
    return subprocess.run(
        command, cwd=where, env=env, capture_output=True, text=True, encoding="utf-8", errors="replace",
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def shell_of_system() -> str:
    """The path of `sh`."""
    return shutil.which("sh") or "/bin/sh"


def fetched(address: str, cookies: http.cookiejar.CookieJar) -> bytes:
    """What an address answers.

    Raises:
        HTTPError: it is not 200.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies))
    with opener.open(address, timeout=120) as answer:
        return bytes(answer.read())


def old_workbook(home: Path) -> Path:
    """An `.xls` of 1997 with the electricity of the sample county's first hundred firms."""
    # The one library of the check: it is among those that the tests need.
    import xlwt

    (source,) = YEAR.glob("05_*.csv")
    rows = list(csv.reader(io.StringIO(source.read_bytes().decode("gb18030"))))[:101]
    book = xlwt.Workbook()
    sheet = book.add_sheet("用电")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    file = home / "2022年工业企业用电.xls"
    book.save(str(file))
    return file


def libraries_from_elsewhere(process: int, folder: Path) -> list[str]:
    """Libraries which a process on Linux has loaded from neither its folder nor the system."""
    maps = Path(f"/proc/{process}/maps")
    if not maps.exists():
        return []
    files = {line.split(maxsplit=5)[5].strip() for line in maps.read_text("utf-8").splitlines() if ".so" in line}
    return sorted(f for f in files if not f.startswith((str(folder), "/lib/", "/usr/lib/", "/lib64/")))


def state_of(folder: Path) -> set[tuple[str, str]]:
    """Every file of a folder with the digest of what is in it."""
    files = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    digests = ((p, hashlib.sha256(p.read_bytes()).hexdigest()) for p in files)
    return {(p.relative_to(folder).as_posix(), digest) for p, digest in digests}


def without_network() -> bool:
    """Leave every network but loopback, as far as the system lets this process; whether it did."""
    if sys.platform != "linux":
        return False
    import fcntl

    system = ctypes.CDLL(None, use_errno=True)
    # A network of its own needs root, or a user of its own as well (<linux/sched.h>).
    new_network, new_user = 0x40000000, 0x10000000
    if system.unshare(new_network) and system.unshare(new_network | new_user):
        return False
    # In a new network loopback is there and down (netdevice(7)): SIOCSIFFLAGS with IFF_UP.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))
    return True


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long something took."""
    started = time.monotonic()
    yield
    print(f"  {what}: {time.monotonic() - started:.1f} s", flush=True)


def expect(holds: bool, otherwise: str) -> None:
    """End the process where something does not hold."""
    if not holds:
        sys.exit(f"check failed: {otherwise}")
