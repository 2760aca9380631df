"""Every case of the corpus: right figures, or a word about them. The long form is `python -m tests.intake`."""

from __future__ import annotations

import zlib

import pytest

from tests.intake.case import Case, cases
from tests.intake.judging import tried
from tests.intake.open_cases import open_cases

OPEN = open_cases()
EVERY = list(cases())


def sampled(case: Case) -> list[str]:
    """One form of a case, two of a plain one: always the same, and all forms in turn over the corpus."""
    first = zlib.crc32(case.name.encode()) % len(case.forms)
    second = (first + len(case.forms) // 2) % len(case.forms) if case.plain else first
    return list(dict.fromkeys([case.forms[first], case.forms[second]]))


def _param(case: Case, form: str) -> object:
    now = OPEN.get((case.name, form))
    marks = [] if now is None else [pytest.mark.xfail(strict=True, reason=now)]
    return pytest.param(case, form, id=f"{case.name}-{form}", marks=marks)


@pytest.mark.parametrize(("case", "form"), [_param(case, form) for case in EVERY for form in sampled(case)])
def test_what_a_person_sees_comes_in_or_is_told(case: Case, form: str) -> None:
    verdict, _ = tried(case, form)
    assert not verdict.word, f"{verdict.word}: {verdict.what}; see python -m tests.intake {case.name}"


def test_open_cases_are_cases() -> None:
    known = {(case.name, form) for case in EVERY for form in case.forms}
    assert sorted(OPEN.keys() - known) == []


def test_a_quarter_of_the_cases_are_plain_files() -> None:
    assert 4 * sum(case.plain for case in EVERY) >= len(EVERY)
