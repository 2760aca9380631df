"""Every case of the corpus: right figures, or a word about them. The long form is `python -m tests.intake`."""

from __future__ import annotations

import pytest

from tests.intake import beyond
from tests.intake.case import Case, cases
from tests.intake.judging import tried
from tests.intake.open_cases import may_fail, open_cases

EVERY = list(cases())


def _param(case: Case, form: str) -> object:
    return pytest.param(case, form, id=f"{case.name}-{form}", marks=may_fail(case.name, form))


@pytest.mark.parametrize(("case", "form"), [_param(case, form) for case in EVERY for form in case.sampled()])
def test_what_a_person_sees_comes_in_or_is_told(case: Case, form: str) -> None:
    verdict, _ = tried(case, form)
    assert not verdict.word, f"{verdict.word}: {verdict.what}; see python -m tests.intake {case.name}"


def test_open_cases_are_cases() -> None:
    known = {(case.name, form) for case in EVERY for form in case.forms} | set(beyond.names())
    assert sorted(open_cases().keys() - known) == []


def test_a_quarter_of_the_cases_are_plain_files() -> None:
    assert 4 * sum(case.plain for case in EVERY) >= len(EVERY)
