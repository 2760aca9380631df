"""One seeded mutator: the same number gives the same hostile bytes."""

from __future__ import annotations

import io
import random
import zipfile

HOSTILE = (
    "", " ", "-", "—", "$5", "0,001", "1,234 567", "1 234", "１２３", "１，２３４", "1e400", "1E3", "1e-7",
    "NaN", "inf", "1.2.3", "12%", "5﹪", "（5）", "(5)", "0x10", "1_000", "٣", "½", "1,23", "1,234,5",
    "1,234,567.5", "1.005", "+7", "--7", "5元", "5万", "=1+1", "'5", "\x1b[31m5", "5\u202e", "\u202e5",
    "  8 ", "1\n2", "12345678901234567890123", "0.0000001", "1/2", "2022-01-01", "TRUE", "#DIV/0!", "5,",
    ",5", ".5", "5.", "²", "Ⅴ", "五", "壹拾", "1'234", "5\x00", "\ufeff5", "5\u00a0", "[" * 3000,
    "甲" * 5000, "9" * 400, "0" * 400, "1.5万元", "约5", "5以上", "无", "/", "null", "None", "1;2", "1，5",
    "3·5", "-0", "−5", "－5",
)  # fmt: skip
"""What people and attackers write into a cell or a rule where a figure is expected."""


class Mutator:
    """Random choices of one case.

    >>> Mutator("files", 1, 7).bytes_of(b"abcdef") == Mutator("files", 1, 7).bytes_of(b"abcdef")
    True
    """

    def __init__(self, kind: str, seed: int, number: int) -> None:
        self.random = random.Random(f"{kind}/{seed}/{number}")

    def bytes_of(self, data: bytes, most: int = 8) -> bytes:
        """Bytes flipped, cut, doubled, moved or put in."""
        found = bytearray(data)
        for _ in range(self.random.randint(1, most)):
            at = self.random.randrange(len(found) + 1)
            length = int(2 ** self.random.uniform(0, 9))
            match self.random.randrange(6):
                case 0 if at < len(found):
                    found[at] ^= 1 << self.random.randrange(8)
                case 1:
                    del found[at : at + length]
                case 2:
                    found[at:at] = found[at : at + length]
                case 3:
                    found[at:at] = self.random.choice(HOSTILE).encode("utf-8", "surrogatepass")
                case 4:
                    found[at:at] = self.random.randbytes(length)
                case _:
                    del found[max(at, len(found) // 2) :]
        return bytes(found)

    def part_of(self, data: bytes) -> bytes:
        """A zip, such as a workbook, of which one part is spoilt."""
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            chosen = self.random.choice(old.namelist())
            for name in old.namelist():
                part = old.read(name)
                new.writestr(name, self.bytes_of(part, 3) if name == chosen else part)
        return out.getvalue()

    def text_of(self, text: str, most: int = 4) -> str:
        """Lines removed, doubled, exchanged, shifted; words replaced by others of the text or by hostile ones."""
        lines = text.split("\n")
        for _ in range(self.random.randint(1, most)):
            at = self.random.randrange(len(lines))
            match self.random.randrange(8):
                case 0:
                    del lines[at : at + self.random.randint(1, 3)]
                case 1:
                    lines.insert(at, self.random.choice(lines) if lines else "")
                case 2:
                    other = self.random.randrange(len(lines))
                    lines[at], lines[other] = lines[other], lines[at]
                case 3:
                    lines[at] = " " * self.random.randrange(8) + lines[at]
                case 4:
                    words = lines[at].split(" ")
                    words[self.random.randrange(len(words))] = self.random.choice(HOSTILE)
                    lines[at] = " ".join(words)
                case 5:
                    key, colon, _ = lines[at].partition(":")
                    lines[at] = f"{key}{colon} {self.random.choice(HOSTILE)}"
                case 6:
                    words = " ".join(self.random.choice(lines).split()).split(" ")
                    lines[at] += " " + self.random.choice(words)
                case _:
                    lines[at] = self.bytes_of(lines[at].encode() or b"x", 2).decode(errors="replace")
            lines = lines or [""]
        return "\n".join(lines)
