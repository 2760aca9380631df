"""What a developer runs: `nox -l` lists it, `nox -s lint types` runs some of it; in an environment of its own each.

`nox --no-venv -s lint` takes the environment one is in, which is what one wants between two edits.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "contracts", "tests"]
nox.options.default_venv_backend = "venv"

PYTHONS = ["3.11", "3.12", "3.13"]


def installed(session: nox.Session) -> None:
    """Install the project with what its tests need, in the versions of `constraints.txt`."""
    if session.virtualenv.is_sandboxed:
        session.install("-q", "-c", "constraints.txt", "-e", ".[dev]")


@nox.session
def lint(session: nox.Session) -> None:
    """Style and format."""
    installed(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly: the package, the sample county's generator, the tests."""
    installed(session)
    session.run("mypy")
    session.run("mypy", *sorted(str(script) for script in Path("packaging").glob("*.py")))


@nox.session
def contracts(session: nox.Session) -> None:
    """Which room may import which."""
    installed(session)
    session.run("lint-imports")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The test suite; arguments after -- go to pytest."""
    installed(session)
    session.run("pytest", "-q", "-n", "auto", "--dist", "loadfile", *session.posargs)


@nox.session(python="3.11", venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """The test suite with the lowest versions that `pyproject.toml` supports, as uv finds them."""
    session.install("-q", "--resolution", "lowest-direct", "-e", ".[dev]")
    session.run("pytest", "-q", "-n", "auto", "--dist", "loadfile", *session.posargs)


@nox.session
def spark(session: nox.Session) -> None:
    """The tests of many counties on a small Spark of this machine; Java has to be there."""
    session.install("-q", "-c", "constraints.txt", "-e", ".[dev,spark]")
    session.run("pytest", "-q", "tests/spark", *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Pictures of every paper of the sample county, for review; `-- --readme` makes those of the README anew."""
    installed(session)
    session.run("python", "-m", "tests.pictures", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Which share of each room's lines the tests run, and the rooms below 90 %."""
    installed(session)
    folder = session.create_tmp()
    env = {"TMPDIR": folder, "SLIPCOVER_ENABLED": "1", "SLIPCOVER_SOURCE": "mujun"}
    session.run("pytest", "-q", "-n", "2", "--dist", "loadfile", *session.posargs, env=env)
    session.run("python", ".ci/coverage.py", folder)


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel, built, installed by itself, and put through the sample county's year."""
    session.install("-q", "build")
    folder = session.create_tmp()
    session.run("python", "-m", "build", "--wheel", "-o", folder)
    session.install("-q", "-c", "constraints.txt", "--find-links", folder, "--force-reinstall", "--no-deps", "mujun")
    session.install("-q", "-c", "constraints.txt", "mujun")
    session.chdir(folder)
    session.run("mujun", "demo", "demo")


@nox.session
def programs(session: nox.Session) -> None:
    """The programs for PCs without Python or network (`docs/stick.md`), made and tried."""
    session.install("-q", "-c", "constraints.txt", "xlwt")
    for what in ("bundle", "wheelhouse", "check"):
        session.run("python", "packaging/make.py", what)


@nox.session
def long(session: nox.Session) -> None:
    """The long forms of tests: 200 kills of an upgrade, every rule set's digest on the sample county."""
    installed(session)
    session.run("python", "-m", "tests.store.upgrade_kills", "200")
    session.run("python", "-m", "tests.rules.sample_digests")
