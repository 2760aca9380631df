"""Who a record is about: credit codes by GB 32100-2015, local codes of workshops, and the repairs that are documented.

A repair is proposed, never silent: it is part of a finding, and applied only where a person asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from mujun.personal import masked_number
from mujun.records.cells import halfwidth
from mujun.records.resident_numbers import is_masked, is_resident, looks_resident, may_be_resident

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: no I, O, S, V, Z."""

_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_AT_ONCE = 1 << 16
# The registering authority is a digit, or A (military), N (agriculture), Y (other); stdnum takes digits only.
_SHAPE = r"^[1-9ANY][0-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$"
_LOCAL = r"^[A-Z]{2,4}[0-9]{6,14}$"
_LOOK_ALIKE = str.maketrans("OIZ", "012")


def normal_code(texts: pl.Expr) -> pl.Expr:
    """Codes in half-width capitals without white space, nothing else changed."""
    return halfwidth(texts).str.replace_all(r"[\s']+", "").str.to_uppercase()


def is_local_code(codes: pl.Expr) -> pl.Expr:
    """Whether a code is a local code of a natural-person workshop.

    The declared form is two to four capital letters and 6 to 14 digits, not 18 characters in all: `ZR330683000001` is
    自然人 in division 330683, number 1. No credit code looks like it, so that a failed code is never taken for one.
    """
    return codes.str.contains(_LOCAL) & (codes.str.len_chars() != 18)


def is_shaped_code(codes: pl.Expr) -> pl.Expr:
    """Whether a code has the form of a unified social credit code, whatever its check character says."""
    return codes.str.contains(_SHAPE).fill_null(False)


def is_credit_code(codes: pl.Expr) -> pl.Expr:
    """Whether a code is a unified social credit code with the right check digit (GB 32100-2015).

    Null is not, nor is a resident's identity number that by chance passes the check. Of everything else whose authority
    is a digit `stdnum.cn.uscc` says the same; this is its rule for a column.
    """
    return codes.map_batches(_checks, return_dtype=pl.Boolean) & ~is_resident(codes)


def _checks(codes: pl.Series) -> pl.Series:
    shaped = codes.str.contains(_SHAPE).fill_null(False)
    # The value of each character by its byte.
    values = pl.Series([ALPHABET.find(chr(byte)) for byte in range(128)], dtype=pl.Int32)
    weights = pl.Series([(*_WEIGHTS, 1)], dtype=pl.Array(pl.Int32, 18))
    right = [pl.Series([], dtype=pl.Boolean)]
    # A few at a time: the values of a million take seventy megabytes.
    for some in codes.filter(shaped).to_frame("code").iter_slices(_AT_ONCE):
        characters = some["code"].cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, 18)).explode()
        right.append((values.gather(characters).reshape((-1, 18)) * weights).arr.sum() % 31 == 0)
    passed = pl.Series(codes.name, [False], dtype=pl.Boolean).new_from_index(0, len(codes))
    return passed.scatter(shaped.arg_true(), pl.concat(right))


def is_valid_code(codes: pl.Expr) -> pl.Expr:
    """Whether a code names somebody: a credit code or a local code."""
    return is_credit_code(codes) | is_local_code(codes).fill_null(False)


def is_resident_number(codes: pl.Expr) -> pl.Expr:
    """Whether a code is a resident's identity number, in full or masked, and no credit code."""
    return (looks_resident(codes) & ~is_credit_code(codes)) | is_masked(codes)


def without_resident_numbers(texts: pl.Series) -> pl.Series:
    """Texts in which what is a resident's identity number is masked, in whatever writing it stands."""
    # Most texts are codes that are written as they should be and have no day of birth in them.
    likely = (~texts.str.contains(r"^[0-9A-Z]+$") | may_be_resident(texts)).fill_null(False).arg_true()
    if not len(likely):
        return texts
    plain = texts.gather(likely).to_frame("text").select(code=normal_code(pl.col("text")))
    wanted = plain.select(is_resident_number(pl.col("code")))["code"].arg_true()
    if not len(wanted):
        return texts
    return texts.scatter(likely.gather(wanted), [masked_number(code) for code in plain["code"].gather(wanted)])


def shown_code(code: str) -> str:
    """A code as a sentence may show it."""
    return str(without_resident_numbers(pl.Series([code]))[0])


def valid(code: str) -> bool:
    """`is_valid_code` of one code."""
    return bool(pl.DataFrame({"c": [code]}).select(is_valid_code(pl.col("c"))).item())


def shaped(code: str) -> bool:
    """`is_shaped_code` of one code."""
    return bool(pl.DataFrame({"c": [code]}).select(is_shaped_code(pl.col("c"))).item())


def repair_of(code: str) -> str | None:
    """The one valid code that a broken one becomes by a documented repair, or `None`.

    The repairs: full-width, lower-case and spaced writing; O for 0, I for 1, Z for 2 (none of the three letters
    occurs in a code). A character that is missing is never put in: which one it is nobody can tell from the code alone,
    and any 17 characters with a check character behind them would be somebody's code. `roll` looks whose it may be.

    >>> repair_of("9135O100M000100Y43"), repair_of("91350100M000100Y4"), repair_of("hello")
    ('91350100M000100Y43', None, None)
    """
    return repairs_of([code])[code]


def repairs_of(codes: Iterable[str]) -> dict[str, str | None]:
    """`repair_of` for several codes, all candidates checked at once."""
    broken = pl.DataFrame({"code": list(codes)}, schema={"code": pl.String})
    plains = broken.select(normal_code(pl.col("code")))["code"].to_list()
    candidates = {code: _candidates(str(plain)) for code, plain in zip(broken["code"].to_list(), plains, strict=True)}
    every = pl.DataFrame(
        {"c": sorted({c for several in candidates.values() for c in several})}, schema={"c": pl.String}
    )
    valid = set(every.filter(is_valid_code(pl.col("c")))["c"].to_list())
    return {
        code: next(iter(left)) if len(left := several & valid) == 1 else None for code, several in candidates.items()
    }


def _candidates(plain: str) -> set[str]:
    """What a code may have been, in its plain writing."""
    return {plain, plain.translate(_LOOK_ALIKE)}


def normal_name(names: pl.Expr) -> pl.Expr:
    """Names for comparing: width, brackets, spaces, and 有限责任公司 for 有限公司 make no difference."""
    plain = names.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[\s()\[\]【】〔〕·,.。、\-]", "")
    return plain.str.replace_all("有限责任公司", "有限公司", literal=True)


HOLDERS = ("name", "counterparty", "holder")
"""Fields that name one firm, person or village each."""

_FIRM = (
    r"(?:公司|厂|合作社|合作联社|经济联合社|村委会|村|社区|居委会|集团|中心|经营部|工作室|作坊|商行|门市部|店"
    r"|[（(]有限合伙[）)])"
)
_SEVERAL = rf"[^、;；,，\n]{_FIRM}\s*[、;；,，\n/]\s*[^、;；,，\s（(][^、;；,，\n]+"
_PEOPLE = r"^[\p{Han}]{2,4}(?:[、;；,，/][\p{Han}]{2,4})+$"


def names_several(texts: pl.Expr) -> pl.Expr:
    """Whether a cell names several holders: two firms or villages, or two persons, with a sign between them.

    A firm's own name may hold such a sign; only where the part before it ends like a firm it stands between two.
    """
    return texts.str.contains(_SEVERAL) | texts.str.contains(_PEOPLE)
