"""The page of ``batch report`` in a real browser, made from a run on the emulator."""

from __future__ import annotations

import asyncio
import os

import pytest
from click.testing import CliRunner

from heygen_async import HeyGen, Ledger, PollPolicy
from heygen_async.cli.app import app
from heygen_async.emulator import Emulator, Fault
from tests.browser import IN_BROWSER, SCREENSHOT, overflow
from tests.conftest import image_video

pytestmark = IN_BROWSER


@pytest.fixture
async def made(tmp_path):
    """Render some rows, one of which fails, and return where the report is."""
    # For the picture of the docs it takes its time, so that there is something to see.
    speed, rows = (20, 24) if SCREENSHOT in os.environ else (600, 8)
    path = tmp_path / "museum.sqlite"
    specs = [
        image_video(title=f"Room {number}", script="Hello! " * (number % 5 + 1))
        for number in range(1, rows + 1)
    ]
    async with Emulator(speed=speed, seed=3) as emulator:
        poll = PollPolicy().at_speed(speed)
        emulator.faults.add(Fault(route="POST /v3/videos", nth=(rows,), status=400))
        async with (
            HeyGen(emulator.api_key, base_url=emulator.url, poll=poll) as heygen,
            Ledger(path) as ledger,
        ):
            outcomes = heygen.map(
                specs,
                key=lambda spec: spec.title,
                ledger=ledger,
                download_to=tmp_path / "out",
                assets=("video", "thumbnail"),
                on_submit=lambda started: (
                    started.index == 3
                    and emulator.fail(started.job.id, "rendering_failed", "No face was found.")
                ),
            )
            assert len([outcome async for outcome in outcomes]) == rows
    args = ["batch", "report", str(path), "-o", str(tmp_path / "r.html"), "--price", "1"]
    said = await asyncio.to_thread(CliRunner().invoke, app, args)
    assert said.exit_code == 0, said.output
    return tmp_path / "r.html"


async def test_it_fits_phones_and_desks_and_its_films_play(browser, made, tmp_path):
    """At 390 and 1440 pixels, light and dark, nothing sticks out, and nothing is refused."""
    complaints = []
    opened = await browser.new_context(viewport={"width": 1440, "height": 1400})
    opened.on("weberror", lambda error: complaints.append(str(error.error)))
    opened.on("console", lambda line: complaints.append(line.text))
    window = await opened.new_page()
    asked = []
    window.on("request", lambda request: asked.append(request.url))
    await window.goto(made.as_uri())
    ends = {url.rpartition(".")[2] for url in asked}
    assert ends == {"html", "jpg"}  # the thumbnails, and no film before its time
    assert await overflow(window) == 0
    await window.set_viewport_size({"width": 1000, "height": 1500})
    await window.screenshot(path=os.environ.get(SCREENSHOT) or tmp_path / "report.png")
    await window.locator("summary").click()
    for width, scheme in ((390, "dark"), (390, "light"), (1440, "dark")):
        await window.set_viewport_size({"width": width, "height": 800})
        await window.emulate_media(color_scheme=scheme)
        assert await overflow(window) == 0
    paper = await window.evaluate("getComputedStyle(document.body).backgroundColor")
    await window.emulate_media(media="print", color_scheme="dark")
    assert await window.evaluate("getComputedStyle(document.body).backgroundColor") != paper
    await window.emulate_media(media="screen")
    length = await window.locator("video").first.evaluate(
        """async (video) => {
            video.muted = true;
            await video.play();
            return video.duration;
        }"""
    )
    assert length > 1
    assert complaints == []
