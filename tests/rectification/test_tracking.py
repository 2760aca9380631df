"""What was decided when a township verified a candidate is what the list says."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from mujun.rectification.documents import FIRM_SCHEMA
from mujun.rectification.states import Event, history
from mujun.rectification.tracking import as_verified

RULED = ("整治提升", date(2024, 3, 1), "甲镇人民政府")
MONTHS = {"关停退出": 6, "整治提升": 12}


@pytest.mark.parametrize(
    ("decided", "listed"),
    [
        ({}, RULED),
        # Six months from 1 March, by the rules' deadline for that path.
        ({"path": "关停退出"}, ("关停退出", date(2023, 9, 1), "甲镇人民政府")),
        # A path that the rules do not know leaves the deadline as it is.
        ({"path": "拆除重建"}, ("拆除重建", date(2024, 3, 1), "甲镇人民政府")),
        (
            {"path": "关停退出", "deadline": date(2023, 7, 1), "department": "发改局"},
            ("关停退出", date(2023, 7, 1), "发改局"),
        ),
    ],
)
def test_what_was_decided_on_verification(decided: dict[str, Any], listed: tuple[Any, ...]) -> None:
    firm = dict(zip(("credit_code", "path", "deadline", "department"), ("甲", *RULED), strict=True))
    firms = pl.DataFrame([{n: firm.get(n) for n in FIRM_SCHEMA}], schema=FIRM_SCHEMA)
    # What an earlier round decided does not bind this one.
    earlier = [
        Event("甲", "screen", date(2022, 1, 1)), Event("甲", "verify", date(2022, 1, 2), path="功能转型"),
        Event("甲", "dismiss", date(2022, 1, 3)),
    ]  # fmt: skip
    now = [Event("甲", "screen", date(2023, 2, 1)), Event("甲", "verify", date(2023, 2, 9), **decided)]
    steps = history([*earlier, *now])
    verified = as_verified(firms, {("enterprise", "甲"): steps}, MONTHS, date(2023, 3, 1))
    assert verified.select("path", "deadline", "department").row(0) == listed
