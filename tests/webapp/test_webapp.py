"""The web app over HTTP: orders, refusals, the stream of events, restarts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sqlite3
from pathlib import Path

import pytest
from yarl import URL

from heygen_async.emulator import Fault
from tests.conftest import PORTRAIT
from tests.webapp.conftest import serve

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND"
MIB = 1024 * 1024
ROUTES = [
    "/",
    "/account",
    "/voices",
    "/static/app.js",
    "/static/style.css",
    "/nothing",
    "/videos/nothing",
]


async def test_a_portrait_becomes_a_video_in_the_page(site, emulator):
    """The order is shown at each stage, its picture and video are served, and one job is paid."""
    async with site.tab() as cards:
        answer = await site.place(script=" Hello <b>there</b>!\r\nBye. ")
        assert answer.status == 201
        seen = [await anext(cards)]
        while seen[-1]["stage"] != "done":
            seen.append(await anext(cards))
    assert seen[0] == await answer.json()
    assert seen[0]["script"] == "Hello <b>there</b>!\nBye."
    stages = list(dict.fromkeys(card["stage"] for card in seen))
    assert stages == ["waiting", "rendering", "saving", "done"]
    assert {"pending", "processing"} & {card["note"] for card in seen}
    picture = await site.client.get(seen[-1]["portrait"])
    assert picture.content_type == "image/jpeg"
    assert await picture.read() == PORTRAIT.read_bytes()
    film = await site.client.get(seen[-1]["video"])
    assert film.content_type == "video/mp4"
    assert (await film.read())[4:8] == b"ftyp"
    assert len(emulator.wallet.charges) == len(emulator.videos) == 1


async def test_a_video_is_served_in_parts(site):
    """A player that asks for a range gets that range."""
    await site.place()
    (card,) = (await site.until("done")).values()
    whole = await (await site.client.get(card["video"])).read()
    part = await site.client.get(card["video"], headers={"Range": "bytes=10-19"})
    assert (part.status, await part.read()) == (206, whole[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"


@pytest.mark.parametrize(
    ("wrong", "answered"),
    [
        ({"portrait": b"GIF89a......"}, (415, "The portrait must be a PNG or JPEG picture.")),
        (
            {"portrait": b"<svg onload='alert(1)'>"},
            (415, "The portrait must be a PNG or JPEG picture."),
        ),
        ({"portrait": None}, (400, "Choose a portrait.")),
        ({"portrait": "a text"}, (400, "Choose a portrait.")),
        ({"script": " \n"}, (400, "Write what the person shall say.")),
        ({"script": None}, (400, "Write what the person shall say.")),
        ({"script": "x" * 5001}, (400, "The text has 5,001 characters: 5,000 at most.")),
        ({"voice": ""}, (400, "Choose a voice.")),
        ({"script": b"a file"}, (400, "Write what the person shall say.")),
    ],
)
async def test_what_cannot_be_rendered_is_refused_with_a_sentence(
    site, emulator, tmp_path, wrong, answered
):
    """The answer says what to do, nothing is kept and nothing is sent."""
    answer = await site.place(**wrong)
    assert (answer.status, await answer.text()) == answered
    assert answer.headers["X-Field"] == next(iter(wrong))
    assert not list((tmp_path / "data" / "orders").iterdir())
    assert not emulator.received


@pytest.mark.parametrize("size", [32 * MIB + 1, 40 * MIB])
async def test_a_portrait_that_is_too_large_is_refused(site, emulator, tmp_path, size):
    """One byte above 32 MB is too much, and the answer says what is allowed."""
    answer = await site.place(portrait=PNG.ljust(size, b"x"))
    assert (answer.status, await answer.text()) == (
        413,
        "The portrait is too large: 32 MB at most.",
    )
    assert not list((tmp_path / "data" / "orders").iterdir())
    assert not emulator.received


async def test_a_portrait_of_32_mb_is_taken(site):
    """The limit itself is allowed."""
    assert (await site.place(portrait=PNG.ljust(32 * MIB, b"x"))).status == 201


async def test_a_body_that_is_no_form_is_refused(site):
    """JSON, or a form cut short, is a 400 with a sentence."""
    url, headers = f"/orders/{secrets.token_hex(16)}", {"Origin": site.origin}
    answer = await site.client.put(url, json={"script": "Hello!"}, headers=headers)
    assert (answer.status, await answer.text()) == (400, "Choose a portrait.")
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    answer = await site.client.put(url, data=b"nothing of the kind", headers=headers)
    assert answer.status == 400
    assert "form" in await answer.text()


async def test_the_account_is_told_as_it_tells_itself(emulator, tmp_path):
    """What is left, what the videos of this run took, and how long one takes, as learned."""
    async with serve(emulator, tmp_path, price=2.5) as site:

        async def account():
            return await (await site.client.get("/account")).json()

        known = {"emulated": False, "price": 2.5, "unit": "credits"}
        before = {"seconds": 180.0, "left": 10_000.0, "taken": 0.0, "videos": 0}
        assert await account() == known | before
        await site.place()
        await site.until("done")
        after = await account()
        assert 1 < after.pop("seconds") != 180
        assert after == known | {"left": 9_999.0, "taken": 1.0, "videos": 1}
        emulator.faults.add(Fault(route="GET /v3/users/me", status=403))
        assert "left" not in await account()


async def test_a_finished_order_can_be_saved_and_deleted(emulator, tmp_path):
    """The video comes as a file with a name; what is deleted is gone from disk, tabs and list."""
    async with serve(emulator, tmp_path) as site:
        headers = {"Origin": site.origin}
        await site.place(script="Stays")
        await site.place(script="Goes")
        seen = await site.until("done", count=2)
        name, card = next((i, c) for i, c in seen.items() if c["script"] == "Goes")
        answer = await site.client.get(card["video"] + "?download")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="portrait-')
        async with site.tab() as cards:
            for _ in seen:
                await anext(cards)
            answer = await site.client.delete(f"/orders/{name}", headers=headers)
            assert answer.status == 204
            told = await anext(cards)
        assert (told["id"], told["stage"], told["video"]) == (name, "deleted", None)
        assert (await site.client.delete(f"/orders/{name}", headers=headers)).status == 404
        assert (await site.client.get(card["video"])).status == 404
    async with serve(emulator, tmp_path) as site:
        assert [c["script"] for c in (await site.until("done")).values()] == ["Stays"]
    assert len(list((tmp_path / "orders").iterdir())) == 1
    assert len(list((tmp_path / "videos").iterdir())) == 1


async def test_what_is_being_made_cannot_be_deleted(site):
    """It is paid for; and another site can delete nothing."""
    await site.place()
    (name,) = await site.until("rendering")
    answer = await site.client.delete(f"/orders/{name}", headers={"Origin": site.origin})
    assert (answer.status, "paid for" in await answer.text()) == (409, True)
    await site.until("done")
    answer = await site.client.delete(f"/orders/{name}", headers={"Origin": "https://evil.example"})
    assert answer.status == 403
    await site.until("done")


async def test_an_order_sent_again_is_the_same_order(site, emulator):
    """The same id, at the same time or later, makes one job and one charge."""
    name = secrets.token_hex(16)
    answers = await asyncio.gather(*(site.place(name=name) for _ in range(5)))
    await site.until("done")
    answers.append(await site.place(name=name))
    assert {answer.status for answer in answers} == {201}
    assert (await answers[-1].json())["stage"] == "done"
    assert len(emulator.wallet.charges) == 1


async def test_a_failure_is_told_in_the_vendors_words(site, emulator):
    """A job that fails shows the reason, without ids and without a video."""
    await site.place()
    await site.until("rendering")
    emulator.fail(*emulator.videos, code="no_face", message="No face was found.")
    (card,) = (await site.until("failed")).values()
    assert (card["note"], card["video"]) == ("No face was found.", None)


async def test_a_refused_order_is_told_and_the_next_one_goes_on(site, emulator):
    """An order that HeyGen does not take fails alone, with the vendor's message."""
    await site.place(voice="no-such-voice")
    (card,) = (await site.until("failed")).values()
    assert "no-such-voice" in card["note"]
    await site.place()
    assert len(await site.until("done")) == 2


async def test_each_tab_sees_every_order(site):
    """A tab that opens late gets what there is, in the order it came, then all changes."""
    scripts = [f"Number {number}" for number in range(12)]
    for script in scripts:
        await site.place(script=script)
    first, second = await asyncio.gather(site.until("done", count=12), site.until("done", count=12))
    assert first == second
    assert [card["script"] for card in first.values()] == scripts


async def test_a_silent_stream_says_that_it_is_there(site):
    """Without changes a comment comes from time to time, so that nothing cuts the line."""
    loop = asyncio.get_running_loop()
    async with site.client.get("/events") as stream:
        assert await stream.content.readline() == b"retry: 1000\n"
        start = loop.time()
        while not (await stream.content.readline()).startswith(b":"):
            pass
        assert 10 < loop.time() - start < 20


async def test_streams_end_when_the_app_stops(emulator, tmp_path):
    """Stopping does not wait for tabs, and their streams end in good order."""
    loop = asyncio.get_running_loop()
    async with serve(emulator, tmp_path) as site:
        stream = await site.client.get("/events")
        await stream.content.readline()
        start = loop.time()
        await site.client.server.close()
        assert loop.time() - start < 1
        assert await stream.content.read() == b"event: ids\ndata: []\n\n"


async def test_unfinished_orders_are_taken_up_after_a_restart(emulator, tmp_path, nothing_left):
    """Jobs on their way and orders that still wait are finished, each paid for once."""
    async with serve(emulator, tmp_path) as site:
        for _ in range(12):
            await site.place()
        seen = await site.until("rendering", "saving", "done", count=10)
        assert sum(card["stage"] == "waiting" for card in seen.values()) == 2
    async with serve(emulator, tmp_path) as site:
        again = await site.until("done", count=12)
        assert list(again) == list(seen)
    assert len(emulator.wallet.charges) == len(emulator.videos) == 12


async def test_finished_orders_come_from_the_disk_after_a_restart(emulator, tmp_path):
    """Videos still play and failures still say why, and nothing is sent for them."""
    async with serve(emulator, tmp_path) as site:
        await site.place(script="Good")
        await site.until("done")
        await site.place(script="Bad")
        await site.until("rendering")
        emulator.fail(list(emulator.videos)[-1], message="Too dark.")
        before = await site.until("failed")
    sent = emulator.counts.total()
    async with serve(emulator, tmp_path) as site:
        async with site.tab() as cards:
            assert [await anext(cards), await anext(cards)] == list(before.values())
        good = next(card for card in before.values() if card["script"] == "Good")
        assert (await site.client.get(good["video"])).status == 200
    assert emulator.counts.total() == sent


async def test_a_lost_video_is_fetched_again_and_not_rendered_again(emulator, tmp_path):
    """A file that somebody has deleted comes back at the next start, for nothing."""
    async with serve(emulator, tmp_path) as site:
        await site.place()
        await site.until("done")
    (film,) = (tmp_path / "videos").iterdir()
    film.unlink()
    async with serve(emulator, tmp_path) as site:
        await site.until("done")
    assert film.is_file()
    assert len(emulator.wallet.charges) == 1


async def test_a_half_saved_order_is_no_order(emulator, tmp_path):
    """What was cut off while it was saved is swept up at the next start."""
    draft = tmp_path / "orders" / "draft-1"
    draft.mkdir(parents=True)
    (draft / "order.json").write_text("{")
    async with serve(emulator, tmp_path) as site:
        await site.place()
        (name,) = await site.until("done")
    assert [path.name for path in draft.parent.iterdir()] == [name]


@pytest.mark.parametrize(
    "path",
    [
        "/portraits/..%2f..%2fledger.sqlite",
        "/videos/..%2f..%2fledger.sqlite",
        "/videos/%2fetc%2fpasswd",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/__main__.py",
    ],
)
async def test_no_path_leads_out(site, path):
    """A name with slashes or dots finds nothing."""
    url = URL(f"{site.origin}{path}", encoded=True)
    answer = await site.client.session.get(url)
    assert answer.status in (403, 404)


@pytest.mark.parametrize("name", ["..%2f..%2fevil", "A" * 32, "0" * 31, "draft-1", ""])
async def test_an_order_needs_a_proper_id(site, emulator, name):
    """Only 32 hex digits are an id; anything else is no address."""
    assert (await site.place(name=name or " ")).status == 404
    assert not emulator.received


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example:1", "Host": "evil.example:1"},
    ],
)
async def test_another_site_cannot_order(site, emulator, tmp_path, headers):
    """A form of another origin, or of a name that only points here, is refused."""
    assert (await site.place(headers=headers)).status == 403
    assert not list((tmp_path / "data" / "orders").iterdir())
    assert not emulator.received


@pytest.mark.parametrize("route", ROUTES)
async def test_every_answer_has_the_security_headers(site, route):
    """Pages, files, JSON and errors alike let nothing foreign in."""
    answer = await site.client.get(route)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_page_offers_the_first_voices(site, monkeypatch):
    """They come with their ids, names and languages, and only as many as a list can hold."""
    monkeypatch.setattr("studio.app.VOICES", 2)
    found = await (await site.client.get("/voices")).json()
    assert len(found) == 2
    sound = found[0].pop("preview")
    assert found[0] == {"id": "v1", "name": "Ada (English)"}
    answer = await site.client.session.get(sound)
    assert answer.content_type == "audio/wav"


async def test_trouble_with_the_voices_is_a_sentence(site, emulator):
    """When HeyGen refuses the list, the page says so."""
    emulator.faults.add(Fault(route="GET /v3/voices", status=401))
    answer = await site.client.get("/voices")
    assert answer.status == 502
    assert await answer.text() == "HeyGen does not tell its voices now."


async def test_without_its_ledger_the_app_takes_no_orders(site, emulator, tmp_path, caplog):
    """When the ledger cannot be written, an order fails, no more are taken, and none is paid."""
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger:
        ledger.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    await site.place()
    await site.until("failed", count=1)
    while "rendering has stopped" not in caplog.text:
        await asyncio.sleep(1)
    answer = await site.place()
    assert (answer.status, await answer.text()) == (
        503,
        "The app has stopped rendering; its log says why.",
    )
    assert not emulator.wallet.charges


DAMAGED = {
    "empty": b"",
    "cut": b'{"script": "Hel',
    "zeros": b"\0" * 60,
    "no object": b"[]",
    "a field missing": b'{"script": "Hello!"}',
    "another field": b'{"script": "a", "voice_id": "v1", "placed_at": 1.0, "more": 1}',
    "a script of null": b'{"script": null, "voice_id": "v1", "placed_at": 1.0}',
    "no time": b'{"script": "a", "voice_id": "v1", "placed_at": null}',
    "no text": b"\xff\xfe",
}


@pytest.mark.parametrize("left", DAMAGED.values(), ids=DAMAGED)
async def test_an_order_that_a_power_loss_has_damaged_is_set_aside(
    emulator, tmp_path, caplog, left
):
    """The app starts, says which it is, and goes on with the others; the files are kept."""
    async with serve(emulator, tmp_path) as site:
        await site.place(name="a" * 32)
        await site.place(name="b" * 32)
        await site.until("done", count=2)
    (tmp_path / "orders" / ("a" * 32) / "order.json").write_bytes(left)
    for _ in range(2):
        async with serve(emulator, tmp_path) as site:
            assert list(await site.until("done")) == ["b" * 32]
    (kept,) = tmp_path.glob("orders/damaged-*/*/order.json")
    assert kept.read_bytes() == left
    assert [message[:38] for message in caplog.messages if "set aside" in message] == [
        f"order {'a' * 32}"
    ]
    assert len(emulator.wallet.charges) == 2


@pytest.mark.parametrize("lost", ["portrait.jpg", "order.json", "both"])
async def test_an_order_whose_files_are_gone_is_set_aside(emulator, tmp_path, lost):
    """A file that is missing or empty is no reason not to start, and the id can be used again."""
    async with serve(emulator, tmp_path) as site:
        await site.place(name="a" * 32)
        await site.until("done")
    folder = tmp_path / "orders" / ("a" * 32)
    for path in folder.iterdir():
        if lost == "both" or (path.name == lost and path.suffix == ".json"):
            path.unlink()
        elif path.name == lost:
            path.write_bytes(b"")
    async with serve(emulator, tmp_path) as site:
        assert (await site.place(name="a" * 32)).status == 201
        await site.until("done")
    assert len(emulator.wallet.charges) == 1


async def test_an_order_is_on_the_disk_before_it_is_named(emulator, tmp_path, monkeypatch):
    """Both files and their folder are synced before the rename, and that before the answer."""
    steps, sync, rename = [], os.fsync, Path.rename

    def synced(descriptor):
        steps.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def renamed(path, target):
        steps.append("rename")
        return rename(path, target)

    async with serve(emulator, tmp_path) as site:
        monkeypatch.setattr("studio.orders.os.fsync", synced)
        monkeypatch.setattr("studio.orders.Path.rename", renamed)
        assert (await site.place()).status == 201
        monkeypatch.undo()
    orders = tmp_path / "orders"
    (order,) = orders.iterdir()
    paths = [order / "portrait.jpg", order / "order.json", order]
    inodes = [path.stat().st_ino for path in [*paths, orders]]
    assert steps[:5] == [*inodes[:3], "rename", inodes[3]]


async def test_the_streams_of_events_are_bounded(site, monkeypatch):
    """One more than fifty is told to come later; when a tab has closed there is room again."""
    streams = [await site.client.get("/events") for _ in range(50)]
    for stream in streams:
        assert await stream.content.readline() == b"retry: 1000\n"
    answer = await site.client.get("/events")
    assert (answer.status, await answer.text()) == (503, "Too many tabs are open.")
    streams.pop().close()
    await asyncio.sleep(40)  # the next sign of life finds it gone
    async with site.tab() as cards:
        await site.place()
        assert (await anext(cards))["stage"] == "waiting"
    for stream in streams:
        stream.close()
