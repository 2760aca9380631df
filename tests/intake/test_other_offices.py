"""The sample county sent as other offices would: the same figures for every firm, and the same rating."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake import beyond
from tests.intake.open_cases import may_fail
from tests.intake.other_offices import OFFICES, Office, Records, exact, figures, plainly, rated, sample, verdict


@pytest.fixture(scope="module")
def rows() -> Records:
    return sample(beyond.OFFICES_EVERY)


def test_plain_tax_is_the_tax_of_the_sample_file(rows: Records, tmp_path: Path) -> None:
    have, told = figures(plainly("tax", rows, tmp_path), OFFICES[0])
    paid = {r["code"]: exact(r["税收实缴额(元)"]) for r in rows["tax"]}
    true = {firm: yuan / 10000 for firm, yuan in paid.items() if yuan is not None}
    assert {key[0]: of_firm["tax_paid"] for key, of_firm in have.items()} == true
    assert not told


@pytest.mark.parametrize(
    "office", [pytest.param(o, id=o.kind, marks=may_fail(f"office-{o.kind}", "sent")) for o in OFFICES]
)
def test_what_an_office_sends_gives_the_same_figures(office: Office, rows: Records, tmp_path: Path) -> None:
    assert len(figures(plainly(office.kind, rows, tmp_path), office)[0]) > 0.9 * len(rows[office.kind])
    assert not verdict(office, rows, tmp_path).word


@pytest.mark.parametrize("sent", [pytest.param("otherwise", marks=may_fail("office-all", "sent"))])
def test_the_rating_is_the_same(rows: Records, tmp_path: Path, sent: str) -> None:
    ratings = []
    for name in ("plainly", sent):
        folder = tmp_path / name
        folder.mkdir()
        ratings.append(rated(rows, folder, otherwise=name == "otherwise"))
    assert ratings[0].height == len(rows["roll"])
    assert ratings[0].equals(ratings[1])
