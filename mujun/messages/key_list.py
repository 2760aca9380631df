"""The keys of all messages as types, so that the type checker finds a wrong one: `python -m mujun.messages.key_list`.

`keys.py` holds one key a line. It merges by union; where lines of two changes are then out of order or stand too
often, this command writes it anew.
"""

from __future__ import annotations

from pathlib import Path

from mujun import messages

FINDING = "finding_"
"""What the key of a finding's sentence begins with, before the finding's code."""

_HEAD = '''"""The keys of all messages, a line each; written by `python -m mujun.messages.key_list`."""

from typing import Literal

'''


def written() -> str:
    """The module `keys` as the catalogue wants it."""
    keys = sorted(messages.catalogue())
    finding_keys = [key.removeprefix(FINDING) for key in keys if key.startswith(FINDING)]
    # What to do about a finding stands beside it: `finding_<code>_do`.
    codes = [code for code in finding_keys if any(other.startswith(f"{code}_do") for other in finding_keys)]
    return _HEAD + "\n".join([*_literal("MessageKey", keys), "", *_literal("FindingCode", codes)]) + "\n"


def _literal(name: str, values: list[str]) -> list[str]:
    return [f"{name} = Literal[", *(f'    "{value}",' for value in values), "]"]


def write(path: Path) -> None:
    """Write the module."""
    path.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(messages.__file__).with_name("keys.py"))
