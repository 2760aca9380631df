"""Codes with right check digits and a plainly artificial middle: no real firm can have one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COUNTY = "330683"

_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_code(body: str) -> str:
    """Eight characters with the check character of GB 11714."""
    total = sum(int(c, 36) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return body + "0123456789X"[-total % 11]


def check_digit(first17: str) -> str:
    """The 18th character of a credit code, GB 32100-2015."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _CREDIT_WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def _credit_code(kind: str, body: str) -> str:
    first17 = kind + COUNTY + organisation_code(body)
    return first17 + check_digit(first17)


def company_code(number: int) -> str:
    """The code of company `number`: 91, Shengzhou, XXXX and the number."""
    return _credit_code("91", f"XXXX{number:04d}")


def household_code(number: int) -> str:
    """The code of a 个体工商户."""
    return _credit_code("92", f"XXXX{number:04d}")


def all_digit_code(number: int) -> str:
    """A company's code without letters, as those have that Excel turns into numbers."""
    codes = (_credit_code("91", f"{serial:04d}{number:04d}") for serial in range(10_000))
    return next(code for code in codes if code.isdigit())


def local_code(number: int) -> str:
    """What the county calls a natural-person workshop that has no credit code."""
    return f"ZR{COUNTY}{number:06d}"


def parcel_code(township: int, number: int, *, collective: bool) -> str:
    """A parcel's 宗地代码: county, township, GB for state land or JB for a village's, number."""
    return f"{COUNTY}{township:03d}001{'JB' if collective else 'GB'}{number:05d}"


def exact(value: float | int | Decimal, places: int) -> Decimal:
    """A number with that many decimals, 四舍五入."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
