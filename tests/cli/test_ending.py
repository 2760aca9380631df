"""How the command's own process ends: at once, with all that was printed, and with its status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_process_ends_with_its_command(tmp_path: Path) -> None:
    """All is printed and all that wanted to be called has been, but what was loaded is not taken apart for it."""
    program = (
        "import atexit, sys\nfrom mujun.cli import entry, main\n"
        "class Loaded:\n    def __del__(self):\n        print('taken apart')\n"
        "loaded = Loaded()\n"
        "def ended(*_):\n    atexit.register(print, 'called')\n    print('printed')\n    sys.exit(3)\n"
        "entry.main = ended\nmain(*eval(sys.argv[1]))"
    )

    def run(given: str) -> tuple[int, list[str]]:
        told = subprocess.run([sys.executable, "-c", program, given], capture_output=True, text=True, cwd=tmp_path)
        return told.returncode, told.stdout.split("\n")[:-1]

    assert run("()") == (3, ["printed", "called"])
    # Whoever calls it with words of his own goes on himself.
    assert run("([],)") == (3, ["printed", "called", "taken apart"])
