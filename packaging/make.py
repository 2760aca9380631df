"""Programs for PCs without Python or network: `python packaging/make.py bundle`, `wheelhouse`, `check`.

`bundle` makes `dist/mujun/`, a folder with everything, Python too, for the system that it is made on. `wheelhouse`
makes `dist/mujun-wheelhouse/`, for PCs that have Python and no network: the libraries and a script that installs them.
Both need the network while they are made. `check` tries what was made as a stranger would (`checking.py`).

It runs with Python's own library and pip; nothing here is imported by `mujun`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from checking import check

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
BUNDLE = "mujun"
WHEELHOUSE = "mujun-wheelhouse"


def run(*command: str | Path, where: Path = CHECKOUT) -> None:
    """Run a program of the build; ends this one where it fails."""
    done = subprocess.run([str(word) for word in command], cwd=where, env=outside(), check=False)
    if done.returncode:
        sys.exit(f"{' '.join(str(word) for word in command)}: ended with {done.returncode}")


def outside() -> dict[str, str]:
    """The environment without what would lead to another `mujun` than the one that was just built."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def python_of(environment: Path) -> Path:
    """The Python of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def new_folder(folder: Path) -> Path:
    """An empty folder in this place."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def bundle(dist: Path, build: Path) -> Path:
    """Make the one-folder bundle in `dist`, from the wheel of this checkout in an environment of its own."""
    environment = new_folder(build / "environment")
    run(sys.executable, "-m", "venv", environment)
    python = python_of(environment)
    # Not the developer's environment: what lies there for tests would get into the bundle.
    run(python, "-m", "pip", "install", "-q", "-c", "constraints.txt", f"{CHECKOUT}[packaging]")
    # Elsewhere than in the checkout, whose `mujun` would be found before the one that was installed.
    run(
        python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", dist, "--workpath",
        build / "pyinstaller", HERE / "mujun.spec", where=build,
    )  # fmt: skip
    made = dist / BUNDLE
    put_guides(made, "guide-bundle.txt")
    return made


def wheelhouse(dist: Path, build: Path, platform: str | None, versions: list[str]) -> Path:
    """Make the wheelhouse in `dist`: all wheels for a platform and versions of Python, with the scripts.

    Args:
        dist: where its folder goes.
        build: where the wheel of this checkout goes meanwhile.
        platform: as pip names it, of the same system as this one; this machine's where none is named.
        versions: of Python, as `3.11`.
    """
    made = new_folder(dist / (WHEELHOUSE if platform is None else f"{WHEELHOUSE}-{platform}"))
    own = new_folder(build / "wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", own, CHECKOUT)
    (wheel,) = own.glob("mujun-*.whl")
    for version in versions:
        target = ["--python-version", version, "--only-binary=:all:", "--implementation", "cp"]
        target += ["--platform", platform] if platform is not None else []
        run(
            sys.executable, "-m", "pip", "download", "-q", "-c", "constraints.txt", *target, "-d", made / "wheels",
            f"mujun[workbench] @ {wheel.as_uri()}",
        )  # fmt: skip
    (made / "pythons.txt").write_text(" ".join(versions) + "\n", encoding="ascii")
    for script in sorted((HERE / "wheelhouse").iterdir()):
        if script.suffix == (".bat" if os.name == "nt" else ".sh"):
            put_text(script, made / script.name)
    put_guides(made, "guide-wheelhouse.txt")
    return made


def put_guides(made: Path, guide: str) -> None:
    """Put the page for whoever finds the folder on a stick into it, and the licence."""
    put_text(HERE / guide, made / "说明.txt")
    shutil.copyfile(CHECKOUT / "LICENSE", made / "LICENSE.txt")


def put_text(source: Path, target: Path) -> None:
    """Copy a text as its reader wants it: Windows' `cmd` reads GBK on a Chinese PC, with its own ends of lines."""
    text = source.read_text(encoding="utf-8")
    if target.suffix == ".bat":
        target.write_bytes(text.replace("\n", "\r\n").encode("gbk"))
    elif target.suffix == ".txt":
        # Notepad of every Windows knows UTF-8 by this mark.
        target.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    else:
        target.write_bytes(text.encode("utf-8"))
        target.chmod(0o755)


def size(folder: Path) -> int:
    """The bytes in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def main() -> None:
    """The command."""
    this = f"{sys.version_info[0]}.{sys.version_info[1]}"
    parser = argparse.ArgumentParser(prog="python packaging/make.py", description=__doc__)
    parser.add_argument("what", choices=["bundle", "wheelhouse", "check"])
    parser.add_argument("--dist", type=Path, default=CHECKOUT / "dist", help="where the folders go (dist)")
    parser.add_argument(
        "--build", type=Path, default=CHECKOUT / "build" / "packaging", help="where work goes meanwhile"
    )
    # pip asks this system, not the one that is named, which libraries are needed: Windows' are gathered on Windows.
    parser.add_argument("--platform", help="of a wheelhouse for older PCs, as pip names it: manylinux_2_28_x86_64")
    parser.add_argument("--python", action="append", help=f"of a wheelhouse: a version, several times ({this})")
    given = parser.parse_args()
    dist, build = given.dist.resolve(), given.build.resolve()
    started = time.monotonic()
    if given.what == "check":
        made = [folder for folder in (dist / BUNDLE, dist / WHEELHOUSE) if folder.is_dir()]
        if not made:
            parser.error(f"nothing to check in {dist}: make a bundle or a wheelhouse first")
        for folder in made:
            check(folder)
        return
    if given.what == "bundle":
        folder = bundle(dist, build)
    else:
        folder = wheelhouse(dist, build, given.platform, given.python or [this])
    print(f"{folder}: {size(folder) / 1e6:.0f} MB, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
