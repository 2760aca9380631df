"""Accounts, sessions and rights by themselves: made by the command, locked, ended, and who may do what."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from mujun.cli.entry import command_line
from mujun.errors import MujunError, UsageError
from mujun.workbench import people
from mujun.workbench.network import network_of
from mujun.workbench.rights import CHANGE, OPEN, ROLES, Person, may_change, may_open, may_send, may_take, own
from mujun.workbench.sessions import FAILURES, IDLE, LOCKED, LONGEST, Sessions

WORD = "青山-2026-绿水"
OTHER = "another word 7"


def users(store: Path, *given: str, said: str = WORD) -> str:
    """What `mujun users` prints."""
    done = CliRunner().invoke(command_line(), ["--db", str(store), "users", *given], input=f"{said}\n")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of the same kind that take less memory and time."""
    argon2 = pytest.importorskip("argon2")
    monkeypatch.setattr(people, "hasher", lambda: argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr("mujun.workbench.sessions.hasher", people.hasher)


def test_accounts_are_made_listed_changed_and_removed(small_store: Path) -> None:
    said = users(small_store, "add", "张三", "--role", "经信")
    assert "已添加账号“张三”（经信）" in said
    assert WORD not in said
    users(small_store, "add", "李四", "--role", "镇街", "--township", "甘霖镇")
    users(small_store, "add", "王五", "--role", "部门", "--office", "税务局")
    listed = users(small_store, "list")
    assert [line.split()[:3] for line in listed.splitlines()[-3:]] == [
        ["张三", "经信", "—"], ["李四", "镇街", "甘霖镇"], ["王五", "部门", "税务局"]
    ]  # fmt: skip
    file = people.file_of(small_store)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    assert WORD not in text
    assert text.count("$argon2id$") == 3
    users(small_store, "password", "李四", said=OTHER)
    assert people.right(people.one(small_store, "李四").kept, OTHER)
    assert not people.right(people.one(small_store, "李四").kept, WORD)
    users(small_store, "remove", "王五")
    assert [a.name for a in people.accounts(small_store)] == ["张三", "李四"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("add", "张三", "--role", "镇街"), "请用 --township 写明是哪一个"),
        (("add", "张三", "--role", "镇街", "--township", "甘霖"), "没有镇街“甘霖”。.*甘霖镇"),
        (("add", "张三", "--role", "部门", "--office", "国税"), "没有部门“国税”交表"),
        (("add", "张三", "--role", "经信", "--office", "税务局"), "--office 不适用于角色 bureau"),
        (("add", "李\u200b四", "--role", "经信"), "账号名要有 1 到 40 个字"),
        (("remove", "无名"), "没有账号“无名”"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(small_store: Path, given: tuple[str, ...], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        users(small_store, *given)
    assert not people.file_of(small_store).exists()


@pytest.mark.parametrize("weak", ["", "short-1", "aaaaaaaaaaaa1", "onlylettersx", "1234567890123", "张三zhangsan-张三"])
def test_a_weak_password_is_refused(small_store: Path, weak: str) -> None:
    with pytest.raises(UsageError, match="这个口令太弱"):
        users(small_store, "add", "张三", "--role", "经信", said=weak)


def test_a_file_that_is_not_right_closes_the_door(small_store: Path) -> None:
    people.add(small_store, "张三", "bureau", "", WORD)
    file = people.file_of(small_store)
    sessions = Sessions(small_store)
    file.chmod(0o644)
    with pytest.raises(MujunError, match="chmod 600"):
        people.accounts(small_store)
    assert sessions.come_in("张三", WORD, "10.0.0.1") is None
    file.chmod(0o600)
    for wrong in ("{", '{"accounts": [{"name": "x", "role": "king", "kept": "$argon2id$"}]}', '{"accounts": 7}'):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(MujunError, match="账号文件"):
            people.accounts(small_store)
    township = {"name": "x", "role": "township", "of": "", "kept": "$argon2id$x", "since": ""}
    file.write_text(json.dumps({"accounts": [township]}), encoding="utf-8")
    with pytest.raises(MujunError, match="账号文件"):
        people.accounts(small_store)


class Clock:
    """A clock that is set."""

    at = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.at


def test_a_name_is_locked_after_failures_and_opens_again(small_store: Path) -> None:
    people.add(small_store, "张三", "bureau", "", WORD)
    people.add(small_store, "李四", "reader", "", WORD)
    clock = Clock()
    sessions = Sessions(small_store, clock)
    for _ in range(FAILURES):
        assert not sessions.locked("张三", "10.0.0.1")
        assert sessions.come_in("张三", OTHER, "10.0.0.1") is None
    assert sessions.locked("张三", "10.0.0.1")
    assert sessions.come_in("张三", WORD, "10.0.0.2") is None
    assert sessions.come_in("李四", WORD, "10.0.0.1") is not None
    clock.at += LOCKED + 1
    assert sessions.come_in("张三", WORD, "10.0.0.1") is not None
    # An address that tries many names is locked as well.
    for number in range(40):
        sessions.come_in(f"谁{number}", WORD, "10.0.0.9")
    assert sessions.come_in("李四", WORD, "10.0.0.9") is None
    assert sessions.come_in("李四", WORD, "10.0.0.1") is not None


def test_sessions_end(small_store: Path) -> None:
    people.add(small_store, "张三", "bureau", "", WORD)
    clock = Clock()
    sessions = Sessions(small_store, clock)

    def inside() -> str:
        secret = sessions.come_in("张三", WORD, "10.0.0.1")
        assert secret is not None
        assert sessions.person(secret) == Person("张三", "bureau")
        return secret

    idle = inside()
    clock.at += IDLE + 1
    assert sessions.person(idle) is None
    longest = inside()
    for _ in range(int(LONGEST / IDLE) * 2 - 1):
        clock.at += IDLE / 2
        assert sessions.person(longest) is not None
    clock.at += IDLE
    assert sessions.person(longest) is None
    left = inside()
    # What a browser sends by itself keeps nobody in.
    clock.at += IDLE - 1
    assert sessions.person(left, active=False) is not None
    clock.at += 2
    assert sessions.person(left) is None
    changed = inside()
    people.change_password(small_store, "张三", OTHER)
    assert sessions.person(changed) is None
    assert sessions.person("guessed") is None
    assert sessions.person(None) is None
    gone = sessions.come_in("张三", OTHER, "10.0.0.1")
    assert sessions.person(gone) is not None
    people.remove(small_store, "张三")
    assert sessions.person(gone) is None


# --------------------------------------------------------------------------------------------------------------- rights


def test_a_page_not_named_for_a_role_is_refused() -> None:
    from mujun.workbench.pages import PAGES

    known = {p.path for p in PAGES}
    for role in ROLES:
        assert OPEN.get(role, frozenset()) <= known
        assert CHANGE.get(role, frozenset()) <= OPEN.get(role, known)
    office, township = Person("王五", "office", "税务局"), Person("李四", "township", "甘霖镇")
    bureau, reader = Person("张三", "bureau"), Person("赵六", "reader")
    for page in known | {"/not/there/yet"}:
        assert may_open(bureau, page)
        assert may_change(bureau, page)
        assert may_open(reader, page)
        assert not may_change(reader, page)
        assert may_open(office, page) == (page in OPEN["office"])
        assert may_open(township, page) == (page in OPEN["township"])
        assert not may_take(township, page, theirs=False)
    assert not may_open(Person("?", "king"), "/")  # type: ignore[arg-type]
    assert not may_change(Person("?", "king"), "/data")  # type: ignore[arg-type]


def test_rows_are_those_of_ones_own_and_none_where_nothing_says_whose() -> None:
    rows = pl.DataFrame(
        {"owner": ["税务局", "供电公司", None], "township": ["甘霖镇", None, "三江街道"], "n": [1, 2, 3]}
    )
    office, township = Person("王五", "office", "税务局"), Person("李四", "township", "甘霖镇")
    assert own(office, rows, office="owner", township="township")["n"].to_list() == [1]
    assert own(township, rows, office="owner", township="township")["n"].to_list() == [1]
    assert own(township, rows, office="owner").is_empty()
    assert own(Person("赵六", "reader"), rows, office="owner").height == 3


def test_an_office_sends_the_columns_that_it_answers_for() -> None:
    tax = Person("王五", "office", "税务局")
    assert may_send(tax, "tax", ["year", "credit_code", "name", "tax_paid"])
    assert not may_send(tax, "enterprises", ["year", "credit_code", "name", "township"])
    assert not may_send(tax, "energy", ["year", "credit_code", "electricity_kwh"])
    assert not may_send(tax, "nonsense", ["tax_paid"])
    assert not may_send(Person("李四", "township", "甘霖镇"), "surveys", ["operation"])
    assert not may_send(Person("赵六", "reader"), "tax", ["tax_paid"])


# --------------------------------------------------------------------------------------------------------------- host


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, made by openssl."""
    crt, key = folder / "证书.pem", folder / "私钥.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out",
            str(crt)]  # fmt: skip
    try:
        subprocess.run(made, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed here")
    return crt, key


def test_others_come_in_only_with_accounts_and_over_https(small_store: Path, tmp_path: Path) -> None:
    crt, key = certificate(tmp_path)
    with pytest.raises(UsageError, match="先得有账号"):
        network_of(small_store, "127.0.0.1", crt, key)
    people.add(small_store, "李四", "township", "甘霖镇", WORD)
    with pytest.raises(UsageError, match="至少一个经信账号"):
        network_of(small_store, "127.0.0.1", crt, key)
    people.add(small_store, "张三", "bureau", "", WORD)
    with pytest.raises(UsageError, match="必须走 HTTPS"):
        network_of(small_store, "127.0.0.1", crt, None)
    with pytest.raises(UsageError, match=r"没有文件 .*无\.pem"):
        network_of(small_store, "127.0.0.1", tmp_path / "无.pem", key)
    with pytest.raises(UsageError, match="不是配套的 PEM 证书和私钥"):
        network_of(small_store, "127.0.0.1", key, crt)
    for everywhere in ("0.0.0.0", "::", "[::]"):
        with pytest.raises(UsageError, match="代表所有地址"):
            network_of(small_store, everywhere, crt, key)
    with pytest.raises(UsageError, match="不是这台电脑的地址"):
        network_of(small_store, "192.0.2.7", crt, key)
    assert network_of(small_store, "127.0.0.1", crt, key).host == "127.0.0.1"
