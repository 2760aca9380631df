"""The most memory a process has had: of this program alone, not of the one that started it."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_memory() -> int:
    """Bytes. `ru_maxrss` begins with what the starting process had, so Linux's own mark is taken where there is one."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii", errors="replace").split("VmHWM:")[1].split()[0]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
