"""Personal data as a public paper may show them: 张*, 3306**********1234, 138****5678.

A bureau's records name natural persons: workshops under their owner's name, landlords, contacts. What is published, and
what lies about in names of files and reports of faults, shows no more of them than is needed to know oneself.
"""

from __future__ import annotations

import re

PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
"""What a division of the country begins with (GB/T 2260)."""
RESIDENT = rf"{PROVINCE}[0-9]{{4}}(?:18|19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{3}}[0-9Xx]"
"""The form of a resident's number (GB 11643): a division, a day of birth, three places and a check character."""
# Patterns are compiled when they are first looked for: that of a name takes three milliseconds of every command.
_RESIDENT = rf"(?<![0-9A-Za-z]){RESIDENT}(?![0-9A-Za-z])"
_OLD_RESIDENT = r"(?<![0-9A-Za-z])([1-8]\d{3})(\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(\d{3})(?![0-9A-Za-z])"
_MOBILE = r"(?<![0-9A-Za-z])((?:\+?86[- ]?)?1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?![0-9A-Za-z])"
_LANDLINE = r"(?<![0-9A-Za-z])(0\d{2,3}[- ]?)(\d{3,4})(\d{4})(?![0-9A-Za-z])"

_HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
_SHAPE = rf"{_HAN}{{2,4}}|{_HAN}{{1,8}}·{_HAN}{{1,12}}"
_NO_PERSON = (
    r"公司|集团|企业|合伙|商行|作坊|加工|村|镇|乡|街道|社区|政府|[厂社店行坊场部站所点局院校馆铺库园城区县市组]$"
)
_COMPOUND = (
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙",
    "慕容", "令狐", "长孙", "宇文", "司徒", "夏侯", "端木", "轩辕",
)  # fmt: skip


def masked(text: str) -> str:
    """A text with the numbers of residents and telephones masked.

    >>> masked("身份证330683199001011234，电话13812345678、0575-83012345"), masked("91330683MA2B00001X")
    ('身份证3306**********1234，电话138****5678、0575-****2345', '91330683MA2B00001X')
    """
    text = re.sub(_RESIDENT, lambda number: masked_number(number[0]), text)
    text = re.sub(_OLD_RESIDENT, r"\1********\3", text)
    text = re.sub(_MOBILE, r"\1****\3", text)
    return re.sub(_LANDLINE, lambda match: f"{match[1]}{'*' * len(match[2])}{match[3]}", text)


def masked_number(number: str) -> str:
    """A resident's number of 18 characters as it may be shown.

    >>> masked_number("330683198001010697")
    '3306**********0697'
    """
    return f"{number[:4]}{'*' * 10}{number[-4:]}"


def is_person(name: str) -> bool:
    """Whether a name is a natural person's by its form: two to four characters, and no word that a firm or place has.

    >>> is_person("张三"), is_person("欧阳小明"), is_person("买买提·吐尔逊"), is_person("甲乙丝厂"), is_person("甘霖镇")
    (True, True, True, False, False)
    """
    plain = re.sub(r"\s|（个人）|\(个人\)|先生$|女士$", "", name)
    return bool(re.fullmatch(_SHAPE, plain)) and not re.search(_NO_PERSON, plain)


def masked_name(name: str) -> str:
    """A natural person's name with its family name only; any other text with its personal numbers masked.

    >>> masked_name("张三"), masked_name("欧阳小明"), masked_name("甲乙丝厂")
    ('张*', '欧阳*', '甲乙丝厂')
    """
    if not is_person(name):
        return masked(name)
    plain = name.strip()
    family = plain.split("·")[0] if "·" in plain else plain[: 2 if plain.startswith(_COMPOUND) else 1]
    return f"{family}*"


def public_name(name: str, code: str | None) -> str:
    """An enterprise's name as it may be public: a company's as it is, another one's by `masked_name`.

    >>> public_name("东方纺织", "91330683MA2B00001X"), public_name("张三", "92330683MA2B00002Y")
    ('东方纺织', '张*')
    """
    return masked(name) if (code or "").startswith("91") else masked_name(name)
