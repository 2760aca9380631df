"""Names of files made from data: of townships, firms, offices; never a path, and such that every system takes them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from mujun.personal import masked

LONGEST_NAME = 180
"""Bytes of a name in UTF-8, its ending with it; file systems hold 255, and Windows counts the whole path."""

_REFUSED = re.compile(r'[<>:"/\\|?*＜＞：＂／＼｜？＊⁄∕⧵]')
# What stands in devices' place on Windows, with any ending.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])\s*(\.|$)")
_ALONE = "未命名"


def file_name(name: str, ending: str = "") -> str:
    """A name as a file's name.

    What a path, a terminal or Windows reads as something else becomes `_`: separators, also in full width, control
    and direction characters, `: * ? " < > |`. Dots and spaces at either end go, reserved names get a `_` before them,
    a name too long is cut; numbers of residents and telephones are masked. Equal names give equal file names.

    Args:
        name: from data.
        ending: such as `.xlsx`; not from data.

    >>> file_name("../../x", ".xlsx"), file_name("甘霖镇/一村"), file_name("CON"), file_name("")
    ('_.._x.xlsx', '甘霖镇_一村', '_CON', '未命名')
    """
    plain = masked(unicodedata.normalize("NFC", str(name)))
    plain = "".join(" " if c in "\t\r\n" else c for c in plain)
    plain = "".join("_" if unicodedata.category(c) in _UNSEEN else c for c in plain)
    plain = _REFUSED.sub("_", plain)
    plain = re.sub(r"\s+", " ", plain)
    room = LONGEST_NAME - len(ending.encode())
    plain = _cut(plain.lstrip(" .-~$"), room).rstrip(" .") or _ALONE
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return plain + ending


# Controls, formatting such as right-to-left marks, unpaired halves, private and unassigned code points, and the line
# and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _cut(text: str, room: int) -> str:
    return text.encode()[:room].decode(errors="ignore")


class Names:
    """Names of one folder's files, no two alike on any system; what comes later gets a number."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._taken: set[str] = set()

    def path(self, name: str, ending: str = "") -> Path:
        """The next file's path.

        Args:
            name: from data; made plain by `file_name`.
            ending: such as `.xlsx`.
        """
        chosen = file_name(name, ending)
        number = 2
        while (key := unicodedata.normalize("NFKC", chosen).casefold()) in self._taken:
            mark = f"_{number}"
            room = LONGEST_NAME - len((mark + ending).encode())
            chosen = _cut(file_name(name), room).rstrip(" .") + mark + ending
            number += 1
        self._taken.add(key)
        return self.folder / chosen
