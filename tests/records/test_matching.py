"""Names that say whose a row is: proposals only, within a township, never where two firms may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mujun.records.identity import ALPHABET, repair_of, valid
from mujun.records.matching import UNSAID, Firms, Proposal, Waiting, firms_of, proposals, township_of, waiting_rows

A, B, C = "91330683XXXX90018D", "91330683XXXX900268", "91330683XXXX900343"
HERE, THERE = "三江街道", "甘霖镇"


def known(*rows: tuple[str, str, str]) -> Firms:
    return firms_of(pl.DataFrame(rows, schema=["credit_code", "name", "township"], orient="row"), {})


def waits(name: str, township: str = HERE, row: int = 5, table: str = "tax") -> Waiting:
    [plain] = pl.DataFrame({"n": [name]}).select(_plain()).to_series().to_list()
    return Waiting(table, 3, "税收.csv", None, row, 2022, name, plain, township)


def _plain() -> pl.Expr:
    from mujun.records.identity import normal_name

    return normal_name(pl.col("n"))


def about(name: str, firms: Firms, township: str = HERE, taken: Sequence[str] = ()) -> Proposal:
    row = waits(name, township)
    [proposal] = proposals([row], firms, {row: set(taken)})
    return proposal


def meant(proposal: Proposal) -> tuple[str, str | None]:
    return proposal.kind, proposal.proposed.code if proposal.proposed else None


FIRMS = known(
    (A, "嵊州市恒达电机有限公司", HERE), (B, "嵊州市恒泰制冷（集团）股份有限公司", HERE), (C, "嵊州市第一机械厂", THERE)
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("嵊州市恒达电机有限公司", ("exact", A)),
        ("嵊州市 恒达电机 有限责任公司", ("exact", A)),
        ("（嵊州市）恒达电机有限公司", ("exact", A)),
        ("嵊州市恒泰制冷(集团)股份有限公司", ("exact", B)),
        ("嵊州市恒达电机有公司", ("near", A)),
        ("嵊州恒达电机有限公司", ("near", A)),
        ("嵊州市恒泰制冷集团公司", ("near", B)),
        ("嵊州市宏发电缆有限公司", ("none", None)),
        # The firm of another township is not meant, however its name is written.
        ("嵊州市第一机械厂", ("elsewhere", None)),
        ("嵊州市第一机械", ("none", None)),
    ],
)
def test_what_is_proposed(name: str, expected: tuple[str, str | None]) -> None:
    assert meant(about(name, FIRMS)) == expected


def test_the_same_text_is_a_hundred_per_cent_and_nothing_else_is() -> None:
    exact, near = about("嵊州市恒达电机有限责任公司", FIRMS).proposed, about("嵊州市恒达电机有公司", FIRMS).proposed
    assert exact is not None
    assert exact.likeness == 100
    # 20 of 21 characters in common, twice: 2 × 10 / 21 = 95.2 %.
    assert near is not None
    assert near.likeness == Decimal("95.2")


def test_firms_whose_numerals_differ_are_not_alike() -> None:
    firms = known((A, "嵊州市第一机械厂", HERE), (B, "嵊州市示例0123电机有限公司", HERE))
    assert meant(about("嵊州市第二机械厂", firms)) == ("none", None)
    assert meant(about("嵊州市示例0124电机有限公司", firms)) == ("none", None)
    assert meant(about("嵊州市示例０１２３电基有限公司", firms)) == ("near", B)


def test_two_of_one_name_or_equally_near_are_told_and_not_proposed() -> None:
    firms = known((A, "嵊州市示例加工坊", HERE), (B, "嵊州市示例加工坊", HERE), (C, "嵊州市恒达电机有限公司", HERE))
    several = about("嵊州市示例加工坊", firms)
    assert (several.kind, several.proposed, [c.code for c in several.candidates]) == ("several", None, [A, B])
    firms = known((A, "嵊州市恒达电机有限公司", HERE), (B, "嵊州市恒泰电机有限公司", HERE))
    assert meant(about("嵊州市恒大电机有限公司", firms)) == ("several", None)


def test_without_a_township_only_a_name_that_is_one_in_the_county_is_proposed() -> None:
    firms = known((A, "嵊州市恒达电机有限公司", HERE), (B, "示例厂", HERE), (C, "示例厂", THERE))
    assert meant(about("嵊州市恒达电机有限公司", firms, UNSAID)) == ("exact", A)
    assert meant(about("示例厂", firms, UNSAID)) == ("several", None)
    assert meant(about("示例厂", firms, THERE)) == ("exact", C)
    assert meant(about("嵊州市恒达电机有公司", firms, UNSAID)) == ("none", None)


def test_a_firm_with_a_row_of_its_own_is_not_nearly_meant() -> None:
    assert meant(about("嵊州市恒达电机有公司", FIRMS, taken=[A])) == ("none", None)
    assert meant(about("嵊州市恒达电机有限公司", FIRMS, taken=[A])) == ("exact", A)


def test_an_earlier_name_and_an_earlier_code_are_the_firm_that_is() -> None:
    roll = pl.DataFrame(
        [(B, "嵊州市恒达智能有限公司", HERE), (A, "嵊州市恒达电机有限公司", HERE)],
        schema=["credit_code", "name", "township"], orient="row",
    )  # fmt: skip
    firms = firms_of(roll, {A: B})
    assert meant(about("嵊州市恒达电机有限公司", firms)) == ("exact", B)


def test_rows_of_one_name_are_one_decision() -> None:
    rows = [waits("嵊州市恒达电机有限公司", row=5), waits("嵊州市恒达电机有限责任公司", row=9),
            waits("嵊州市恒达电机有限公司", THERE, row=7)]  # fmt: skip
    made = proposals(rows, FIRMS, {})
    assert [(p.township, [r.row for r in p.rows]) for p in made] == [(HERE, [5, 9]), (THERE, [7])]


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.text("恒达电机一二", min_size=2, max_size=5), st.sampled_from((HERE, THERE))), min_size=1,
             max_size=6),
    st.text("恒达电机一二", min_size=2, max_size=5),
    st.sampled_from((HERE, THERE)),
)  # fmt: skip
def test_matching_never_crosses_townships(firms: list[tuple[str, str]], name: str, township: str) -> None:
    roll = known(*((f"91{i:016d}", f"嵊州市{core}有限公司", place) for i, (core, place) in enumerate(firms)))
    proposed = about(f"嵊州市{name}有限公司", roll, township).proposed
    if proposed is not None:
        index = int(proposed.code[2:])
        assert firms[index][1] == township
        assert proposed.likeness == 100 or firms[index][0] != name


# ------------------------------------------------------------------------------------------------------ who is waiting


@pytest.mark.parametrize(
    ("code", "name", "waiting"),
    [
        (None, "嵊州市恒达电机有限公司", True),
        ("  ", "嵊州市恒达电机有限公司", True),
        # A number that has lost its last digits, a wrong check digit: past repair.
        ("913306830002115000", "嵊州市恒达电机有限公司", True),
        ("91330683XXXX04204K", "嵊州市恒达电机有限公司", True),
        # A character is missing: nobody knows which.
        ("91330683XXXX04204", "嵊州市恒达电机有限公司", True),
        # This one a documented repair makes whole: `load --repair`.
        ("91330683XXXX0420４J", "嵊州市恒达电机有限公司", False),
        # Kept out for another reason.
        ("91330683XXXX04204J", "嵊州市恒达电机有限公司", False),
        (None, None, False),
        (None, "甲公司、乙公司", False),
    ],
)
def test_rows_wait_whose_code_cannot_be_used(code: str | None, name: str | None, waiting: bool) -> None:
    kept = pl.DataFrame(
        {"_batch": [1], "_file": ["税收.csv"], "_sheet": [None], "_row": [4], "year": ["2022年"], "credit_code": [code],
         "name": [name], "_township": [HERE]},
        schema_overrides={"credit_code": pl.String, "name": pl.String, "_sheet": pl.String},
    )  # fmt: skip
    rows_waiting = waiting_rows("tax", kept, [HERE])
    assert [(w.year, w.township, w.row) for w in rows_waiting] == ([(2022, HERE, 4)] if waiting else [])


@pytest.mark.parametrize(
    ("cell", "sheet", "file", "expected"),
    [
        ("三江街道", None, "a.csv", HERE),
        ("三江街道办事处", None, "a.csv", HERE),
        ("三江", None, "a.csv", HERE),
        ("三", None, "a.csv", UNSAID),
        (None, "三江街道", "a.csv", HERE),
        (None, "Sheet1", "2022年三江街道上报.xlsx", HERE),
        (None, "三江", "a.csv", UNSAID),
        (None, None, "三江街道和甘霖镇.xlsx", UNSAID),
        # A township that is not on the roll is one all the same: nobody is there.
        ("黄泽镇", "三江街道", "a.csv", "黄泽镇"),
        ("城区税务所", "三江街道", "a.csv", UNSAID),
    ],
)
def test_where_a_row_says_the_firm_is(cell: str | None, sheet: str | None, file: str, expected: str) -> None:
    assert township_of(cell, sheet, file, [HERE, THERE]) == expected


# ------------------------------------------------------------------------------------------------------------- repairs

_MENDED = str.maketrans("OIZ", "012")


@settings(max_examples=100)
@given(st.data())
def test_a_code_that_differs_by_more_than_the_documented_repairs_is_never_repaired(data: st.DataObject) -> None:
    """Whatever is done to a valid code, a repair is one of the documented ones or there is none."""
    code = data.draw(st.sampled_from((A, B, C, "91350100M000100Y43", "91512081MA62K0260E")))
    at = data.draw(st.lists(st.integers(0, 17), min_size=1, max_size=3, unique=True))
    letters = list(code)
    for i in at:
        letters[i] = data.draw(st.sampled_from((*ALPHABET, "O", "I", "Z", "S", "V", "")))
    broken = "".join(letters)
    repaired = repair_of(broken)
    if repaired is not None:
        assert valid(repaired)
        assert repaired in (broken, broken.translate(_MENDED))
