"""Where rule files are read from: never outside a rule set's folder, and as well from what a run kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mujun.errors import RuleError, UsageError
from mujun.rules import addresses, find_folder, load_kept, load_rules
from mujun.rules.folders import DiskFolder, KeptFolder
from tests.rules.mistaken import right_files, written

OUTSIDE = [
    "../secret.csv", "../../secret.csv", "/etc/passwd", "sub/guide.csv", "./../secret.csv", "..", ".", ".hidden.csv",
    "sub/../../secret.csv", "",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_only_plain_names_are_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("code,password\n13,geheim\n", encoding="utf-8")
    folder = DiskFolder(written(right_files(), tmp_path), "set")
    with pytest.raises(RuleError) as caught:
        folder.read(name)
    assert [p.code for p in caught.value.problems] == ["rules_file_outside"]
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "sub/x.csv"])
def test_a_lookup_table_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("industry_division,rd\n13,7\n", encoding="utf-8")
    files = right_files()
    files["set/rating.yaml"] = files["set/rating.yaml"].replace(b"guide.csv", name.encode())
    with pytest.raises(RuleError) as caught:
        load_rules(written(files, tmp_path))
    assert [p.code for p in caught.value.problems] == ["rules_file_outside"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("industry_division,rd\n13,7\n", encoding="utf-8")
    files = right_files()
    del files["set/guide.csv"]
    folder = written(files, tmp_path)
    (folder / "guide.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(RuleError) as caught:
        load_rules(folder)
    assert [p.code for p in caught.value.problems] == ["rules_file_outside"]


@pytest.mark.parametrize("address", ["../../etc", "/etc", "zhejiang/../../x"])
def test_an_address_stays_below_the_roots(address: str) -> None:
    with pytest.raises(UsageError):
        find_folder(address)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("zhejiang/huangyan-2202", "rules_no_such_set_near"), ("nirgendwo", "rules_no_such_set")],
)
def test_an_unknown_address_is_said(wanted: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_folder(wanted)
    assert [p.code for p in caught.value.problems] == [code]


def test_shipped_sets_are_found_by_address() -> None:
    assert "zhejiang/huangyan-2022" in addresses()
    assert find_folder("zhejiang/huangyan-2022").address == "zhejiang/huangyan-2022"


def test_own_sets_stand_side_by_side_or_by_province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the workbench saves in 规则/小县 was found by its name and missing in the list of sets."""
    for address in ("小县", "浙江/小县"):
        written({f"{address}/{k.split('/')[1]}": v for k, v in right_files().items()}, tmp_path)
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path))
    assert {"小县", "浙江/小县", "zhejiang/huangyan-2022"} <= set(addresses())
    assert find_folder("小县").address == "小县"


def test_own_rules_come_before_what_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written({f"zhejiang/huangyan-2022/{k.split('/')[1]}": v for k, v in right_files().items()}, tmp_path)
    monkeypatch.setenv("MUJUN_RULES", str(tmp_path))
    assert load_rules("zhejiang/huangyan-2022").name == "试写"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_chinese_computers(encoding: str, tmp_path: Path) -> None:
    files = {k: v.decode().encode(encoding) for k, v in right_files().items()}
    assert load_rules(written(files, tmp_path)).name == "试写"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_do_not_matter(ends: str, tmp_path: Path) -> None:
    files = {k: v.replace(b"\n", ends.encode()) for k, v in right_files().items()}
    assert load_rules(written(files, tmp_path)).rating is not None


# ------------------------------------------------------------------------------------------------------- kept folders


@pytest.mark.parametrize(
    "address", ["zhejiang/huangyan-2022", "sichuan/example-county-2022", "zhejiang/ruian-electricity-2022"]
)
def test_a_kept_set_is_the_same_set(address: str) -> None:
    """Bases, included sets and tables are kept along, so that a run can be done again without the disk."""
    here = load_rules(address)
    kept = load_kept(address, here.texts)
    assert kept.digest == here.digest
    assert kept.resolved == here.resolved


def test_a_kept_folder_reads_nothing_that_was_not_kept() -> None:
    folder = KeptFolder("a/b", {"a/b/rating.yaml": "x", "a/c/guide.csv": "y"})
    assert folder.read("rating.yaml") == "x"
    assert folder.read("guide.csv") is None
    assert folder.other("../nowhere") is None
    other = folder.other("../c")
    assert other is not None
    assert other.address == "a/c"


def test_the_digest_follows_every_text_but_the_tests() -> None:
    texts = {k.replace("set/", "a/b/"): v.decode() for k, v in right_files().items()}
    digest = load_kept("a/b", texts).digest
    assert load_kept("a/b", {**texts, "a/b/guide.csv": texts["a/b/guide.csv"] + "14,0.03\n"}).digest != digest
    assert load_kept("a/b", {**texts, "a/b/rating.yaml": texts["a/b/rating.yaml"] + "# x\n"}).digest != digest
    assert load_kept("a/b", {**texts, "a/b/tests.yaml": texts["a/b/tests.yaml"] + "# x\n"}).digest == digest


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
@pytest.mark.parametrize("name", ["rating.yaml", "rectification.yaml", "targets.yaml", "guide.csv"])
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, lambda p: p.symlink_to("/dev/zero"), lambda p: p.symlink_to("no")],
    ids=["pipe", "device", "nothing"],
)
def test_a_pipe_or_a_link_to_nothing_is_not_passed_over(
    name: str, make: Callable[[Path], object], tmp_path: Path
) -> None:
    # A pipe named rectification.yaml counted as if the set had no list.
    folder = written(right_files(), tmp_path)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    with pytest.raises(RuleError) as caught:
        load_rules(folder)
    assert {p.code for p in caught.value.problems} <= {"file_not_regular", "file_unreadable", "rules_file_outside"}
    assert name in str(caught.value) or "tables.guide" in str(caught.value)
