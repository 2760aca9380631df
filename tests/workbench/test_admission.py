"""Who comes in: the token opens once, then the cookie; other names, other sites and other keys do not."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from nicegui import core

from tests.workbench.simulated import ORIGIN, PORT, Bench, played


def stranger(**headers: str) -> httpx.AsyncClient:
    """A browser that has not come in."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url=ORIGIN, headers=headers)


def test_a_token_opens_once_and_the_cookie_stays(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        token = bench.keeper.new_token()
        async with stranger() as first, stranger() as second:
            assert (await first.get("/")).status_code == 403
            wrong = await first.get("/enter?token=guessed")
            assert wrong.status_code == 403
            assert "只能用一次" in wrong.text
            right = await first.get(f"/enter?token={token}")
            assert right.status_code == 303
            assert right.headers["location"] == "/"
            assert "HttpOnly" in right.headers["set-cookie"]
            assert (await first.get("/")).status_code == 200
            assert (await second.get(f"/enter?token={token}")).status_code == 403
            assert (await second.get("/")).status_code == 403

    played(tmp_path / "mujun.duckdb", tmp_path, play)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("host", "evil.example"),
        ("host", f"evil.example:{PORT}"),
        ("host", "127.0.0.1:1"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", f"https://127.0.0.1:{PORT}"),
    ],
)
def test_other_names_and_other_sites_are_refused_even_with_the_cookie(tmp_path: Path, header: str, value: str) -> None:
    async def play(bench: Bench) -> None:
        client = bench.user.http_client
        assert (await client.get("/")).status_code == 200
        refused = await client.get("/", headers={header: value})
        assert refused.status_code == 403
        assert "mujun serve" in refused.text

    played(tmp_path / "mujun.duckdb", tmp_path, play)


def test_nothing_of_the_pages_is_given_to_whoever_has_not_come_in(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        async with stranger() as browser:
            for path in ("/firms", "/_nicegui/3.18.0/static/nicegui.css", "/_nicegui_ws/socket.io/?transport=polling"):
                assert (await browser.get(path)).status_code == 403, path
            assert (await browser.post("/_mujun/another-token")).status_code == 403
            wrong = await browser.post("/_mujun/another-token", headers={"x-mujun-key": "guessed"})
            assert wrong.status_code == 403
            right = await browser.post("/_mujun/another-token", headers={"x-mujun-key": bench.keeper.served.key})
            assert (await browser.get(f"/enter?token={right.json()['token']}")).status_code == 303

    played(tmp_path / "mujun.duckdb", tmp_path, play)


def test_what_the_browsers_parts_say_is_in_the_language_of_each_reader(tmp_path: Path) -> None:
    """What says that the line is cut comes with the page; one who reads English changes nothing for the others."""

    async def play(bench: Bench) -> None:
        client = bench.user.http_client
        english = []
        for language in ("zh", "en", "zh"):
            client.cookies.set("mujun_language", language)
            english.append('<html lang="en-US"' in (await client.get("/rules")).text)
        assert english == [False, True, False]

    played(tmp_path / "mujun.duckdb", tmp_path, play)


def test_the_language_is_switched_and_leads_back_to_no_other_site(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        client = bench.user.http_client
        gone = await client.get("/language/en?back=/data%3Fyear%3D2022")
        assert gone.headers["location"] == "/data?year=2022"
        await bench.open("/")
        await bench.sees("Begin", "Name of the county")
        for back in ("https://evil.example", "//evil.example", "/\\evil.example", "/a%0d%0aset-cookie:b"):
            away = await client.get("/language/zh", params={"back": back})
            assert away.headers["location"] in ("/", "/a%0d%0aset-cookie:b"), back
            assert "\n" not in away.headers["location"]

    played(tmp_path / "mujun.duckdb", tmp_path, play)


def test_pages_may_not_fetch_anything_from_another_machine(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        policy = (await bench.user.http_client.get("/")).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy

    played(tmp_path / "mujun.duckdb", tmp_path, play)


def test_an_address_without_a_page_says_so_and_leads_back(small_store: Path, tmp_path: Path) -> None:
    said = {"zh": "地址 /ratings 下没有页面", "en": "There is no page under /ratings"}

    statuses = []

    async def passed(answer: httpx.Response) -> None:
        # NiceGUI's user opens pages with status 200 only.
        statuses.append(answer.status_code)
        answer.status_code = 200

    async def play(bench: Bench) -> None:
        client = bench.user.http_client
        client.headers["accept"] = "text/html"
        client.event_hooks["response"] = [passed]
        for language, sentence in said.items():
            client.cookies.set("mujun_language", language)
            await bench.open("/ratings")
            await bench.sees(sentence, 'href="/rating"')
        assert statuses == [404, 404]
        client.headers["accept"] = "*/*"
        # What is no page to read has no page for an answer.
        assert (await client.get("/_nicegui/none.js")).text == ""
        async with stranger(accept="text/html") as other:
            assert (await other.get("/ratings")).status_code == 403

    played(small_store, tmp_path, play)
