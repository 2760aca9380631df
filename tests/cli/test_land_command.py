"""`mujun land` on the sample county."""

from __future__ import annotations

from pathlib import Path

import pytest

from mujun.workspace import County
from tests.cli.running import run


def test_the_register_of_the_sample_county(
    sample_county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--db", str(sample_county))
    status, out, _ = run(capsys, *here, "--lang", "zh", "land", "--year", "2022")
    assert status == 0
    assert "租赁双方所报面积不一致" in out
    # As many as coverage counts, and the others apart.
    assert "2022 年用地：名录企业 2988 家，另有 12 家报了用地、不在名录；有用地记录 2978 家" in out
    assert "三江街道" in out
    status, out, _ = run(capsys, *here, "--lang", "en", "land", "--year", "2022", "--township", "三江街道")
    assert status == 0
    assert "The first 40 firms" in out
    file = tmp_path / "用地.xlsx"
    status, out, _ = run(
        capsys, *here, "--lang", "zh", "land", "--year", "2022", "--township", "下王镇", "-o", str(file)
    )
    assert status == 0
    assert file.exists()
    status, out, err = run(capsys, *here, "--lang", "en", "land", "--year", "2022", "-o", str(tmp_path / "land.pdf"))
    assert (status, out) == (1, "")
    assert ".json" in err
    differing = next(f for f in County(sample_county).data.check(2022) if f.code == "lease_differs")
    status, out, _ = run(capsys, *here, "--lang", "zh", "land", "--year", "2022", str(differing.credit_code))
    assert status == 0
    assert f"报租入 {differing.value} 亩" in out
    assert "以出租方面积为准" in out
    status, out, _ = run(capsys, *here, "--lang", "en", "land", "--year", "2022", str(differing.credit_code))
    assert (status, "  rented in  " in out, "租入" in out) == (0, True, False)
    name = str(County(sample_county).firms.show(str(differing.credit_code)).name)
    assert run(capsys, *here, "--lang", "en", "land", "--year", "2022", name)[1] == out
    for command in ("show", "explain"):
        status, out, _ = run(capsys, *here, "--lang", "en", command, str(differing.credit_code))
        assert (status, "rented in " in out, "租入" in out, "自有 " in out) == (0, True, False, False)
    status, out, err = run(capsys, *here, "--lang", "zh", "land", "--year", "2022", "--township", "下王镇", "91330683")
    assert (status, out) == (1, "")
    assert "只能给一个" in err
