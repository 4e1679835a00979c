"""The page in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser import IN_BROWSER, SCREENSHOT, overflow
from tests.conftest import PORTRAIT
from tests.webapp.conftest import child

SCRIPTS = [
    "Good morning! This is Eileen. Let me show you what you can see from up here.",
    "And this is the Earth at night, from Lisbon to Helsinki.",
]

pytestmark = IN_BROWSER


@pytest.fixture
def complaints():
    """List what pages say to the console; a test takes out what it expects."""
    return []


@pytest.fixture
async def context(browser, origin, complaints):
    """Open a window whose pages must not complain."""
    window = await browser.new_context(viewport={"width": 1080, "height": 760})
    window.on("weberror", lambda error: complaints.append(str(error.error)))
    window.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
    yield window
    await window.close()
    assert not complaints


@pytest.fixture
async def origin(tmp_path):
    """Run an app that renders for about a second; its address."""
    async with child(tmp_path, HEYGEN_EMULATOR="1", HEYGEN_EMULATOR_SPEED="180") as (_, site):
        yield site.origin


async def open_page(context, origin):
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(origin)
    await page.wait_for_selector("#voice option", state="attached")
    return page


async def order(page, script):
    """Fill in the form and send it, with the keyboard alone once the file is chosen."""
    await page.get_by_label("Portrait").set_input_files(PORTRAIT)
    await page.get_by_label("Portrait").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.type(script)
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")  # the sample of the voice
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")


async def watch(page):
    """Note every text that the stage of the newest card shows, from now on."""
    await page.evaluate(
        """() => {
            window.stages = [];
            const look = () => {
                const text = document.querySelector(".stage")?.textContent;
                if (text && text !== window.stages.at(-1)) window.stages.push(text);
            };
            new MutationObserver(look).observe(
                document.querySelector("#cards"),
                {subtree: true, childList: true, characterData: true},
            );
        }"""
    )


async def playable(page):
    """Wait until the browser has of the video all that it needs before it plays."""
    await page.locator("video").evaluate(
        """video => video.networkState === HTMLMediaElement.NETWORK_IDLE || new Promise(
            (done, fail) => {
                video.addEventListener("suspend", done);
                video.addEventListener("error", () => fail(video.error));
            },
        )"""
    )


async def test_a_person_makes_a_video_with_the_keyboard(context, origin):
    """The card moves from stage to stage by itself, and the video at its end can be played."""
    page = await open_page(context, origin)
    await watch(page)
    await order(page, SCRIPTS[0])
    await playable(page)
    stages = await page.evaluate("window.stages")
    assert stages[0].startswith(("Waiting", "At HeyGen"))
    assert any(stage.startswith("At HeyGen: ") for stage in stages)
    assert stages[-1] == "Done"
    played = await page.evaluate(
        """async () => {
            const video = document.querySelector("video");
            video.muted = true;
            await video.play();
            await new Promise((done) => video.addEventListener("timeupdate", done));
            return [video.duration, video.currentTime, video.error];
        }"""
    )
    assert played[0] > 1
    assert played[1] > 0
    assert played[2] is None


async def test_a_closed_tab_misses_nothing(context, origin):
    """The order goes on without a tab, and whoever comes back finds the video."""
    page = await open_page(context, origin)
    await order(page, SCRIPTS[0])
    await page.wait_for_selector("#cards li")
    await page.close()
    page = await open_page(context, origin)
    await page.wait_for_selector("video")
    assert await page.locator("#cards li").count() == 1
    assert await page.locator(".script").inner_text() == SCRIPTS[0]


async def test_what_is_typed_is_shown_as_text(context, origin):
    """Markup in a script is read, not run."""
    page = await open_page(context, origin)
    script = "<img src=x onerror=alert(1)><b>Hello</b>"
    await order(page, script)
    assert await page.locator(".script").inner_text() == script
    assert await page.locator(".script *").count() == 0


async def test_a_refusal_is_read_out_in_the_page(context, origin, complaints, tmp_path):
    """A file that is too large, or no picture, gives a sentence in an alert, and no card."""
    page = await open_page(context, origin)
    alert = page.get_by_role("alert")
    fake, large = tmp_path / "fake.png", tmp_path / "large.png"
    fake.write_bytes(b"GIF89a")
    with large.open("wb") as file:
        file.truncate(32 * 1024 * 1024 + 1)
    await page.get_by_label("Script").fill("Hello!")
    await page.get_by_label("Portrait").set_input_files(large)
    await page.get_by_role("button", name="Make the video").click()
    assert await alert.inner_text() == "The portrait is too large: 32 MB at most."
    field = page.get_by_label("Portrait")
    assert await field.get_attribute("aria-errormessage") == await alert.get_attribute("id")
    assert await page.evaluate("document.activeElement.id") == "portrait"
    await page.get_by_label("Portrait").set_input_files(fake)
    await page.get_by_role("button", name="Make the video").click()
    await alert.get_by_text("The portrait must be a PNG or JPEG picture.").wait_for()
    assert await field.get_attribute("aria-invalid") == "true"
    assert await page.get_by_label("Script").input_value() == "Hello!"
    assert await page.locator("#cards li").count() == 0
    assert "415" in complaints.pop()  # the browser's own line on the answer


async def test_a_form_sent_again_is_one_order(context, origin, complaints):
    """When the answer is lost the page says so, and a second press makes no second order."""

    async def lose_the_answer(route):
        await route.fetch()
        await route.abort()

    page = await open_page(context, origin)
    await page.route("**/orders/*", lose_the_answer, times=1)
    await order(page, SCRIPTS[0])
    await page.get_by_role("alert").get_by_text("nothing is paid for twice").wait_for()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("video")
    assert await page.get_by_label("Script").input_value() == ""
    assert await page.locator("#cards li").count() == 1
    assert "ERR_FAILED" in complaints.pop()


async def test_an_open_tab_finds_the_app_again(browser, tmp_path):
    """It says that the app is gone, and after a restart its stream goes on with what is new."""
    async with child(tmp_path, HEYGEN_EMULATOR="1") as (_, site):
        page = await browser.new_page()
        await page.goto(site.origin)
        await page.wait_for_selector("#voice option", state="attached")
        assert not await page.locator("#gone").is_visible()
    await page.get_by_text("The app does not answer").wait_for(timeout=10_000)
    port = site.origin.rpartition(":")[2]
    async with child(tmp_path, port=port, HEYGEN_EMULATOR="1") as (_, site):
        await site.place(script="Here I am again.")
        await page.get_by_text("Here I am again.").wait_for(timeout=10_000)
        assert not await page.locator("#gone").is_visible()


async def test_the_portrait_stays_for_the_next_order(context, origin):
    """It is shown before it is sent, stays chosen with its voice, and makes a second video."""
    page = await open_page(context, origin)
    preview = page.locator("#preview")
    assert not await preview.is_visible()
    await order(page, SCRIPTS[0])
    await page.wait_for_selector("#cards li")
    assert await preview.evaluate("picture => picture.naturalWidth") == 512
    assert await page.get_by_label("Voice").input_value() == "v2"
    await page.get_by_label("Script").fill(SCRIPTS[1])
    await page.get_by_role("button", name="Make the video").click()
    await page.locator("#cards li").nth(1).wait_for()
    assert await page.locator("img.media, video").count() == 2


async def test_a_voice_can_be_heard_before_it_is_chosen(context, origin):
    """The button plays the sample of the voice, and stops it."""
    page = await open_page(context, origin)
    await page.get_by_role("button", name="Listen").click()
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Listen").wait_for()


async def test_the_page_says_what_it_costs(browser, tmp_path):
    """Emulated or not, what is left, how long it takes, and by a price what it will be about."""
    variables = {"HEYGEN_EMULATOR_SPEED": "90", "HEYGEN_PRICE_PER_MINUTE": "2"}
    async with child(tmp_path, HEYGEN_EMULATOR="1", **variables) as (_, site):
        page = await browser.new_page()
        await page.goto(site.origin)
        account = page.locator("#account")
        await account.get_by_text("10,000 credits left.").wait_for()
        assert (await account.inner_text()).startswith("Emulated")
        await page.get_by_label("Script").fill("x" * 475)
        hint = "475 of 5,000 characters, about 30 s of film, about 1.00 at 2.00 a minute."
        assert await page.locator("#script-hint").inner_text() == hint
        await page.get_by_label("Portrait").set_input_files(PORTRAIT)
        await page.get_by_role("button", name="Make the video").click()
        await page.get_by_text("so far, a video takes about 2 s").wait_for()
        await account.get_by_text("9,999 credits left.").wait_for()
        await page.get_by_text("The last video took 1 credit.").wait_for()


async def test_a_finished_video_is_saved_and_deleted(context, origin):
    """The link gives a file, and the button asks before it deletes."""
    page = await open_page(context, origin)
    await order(page, SCRIPTS[0])
    await playable(page)
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download").click()
    assert (await started.value).suggested_filename.endswith(".mp4")
    answers = ["dismiss", "accept"]
    page.on("dialog", lambda dialog: getattr(dialog, answers.pop(0))())
    await page.get_by_role("button", name="Delete").click()
    assert await page.locator("#cards li").count() == 1
    await page.get_by_role("button", name="Delete").click()
    await page.locator("#empty").wait_for()
    assert await page.locator("#cards li").count() == 0


async def test_a_failed_order_is_tried_again_as_a_new_one(context, origin):
    """The button sends portrait, script and voice once more; the failed card stays."""
    page = await open_page(context, origin)
    await page.locator("#voice").evaluate("voice => voice.add(new Option('Nobody', 'nobody'))")
    await page.get_by_label("Voice").select_option("nobody")
    await page.get_by_label("Portrait").set_input_files(PORTRAIT)
    await page.get_by_label("Script").fill(SCRIPTS[0])
    await page.get_by_role("button", name="Make the video").click()
    await page.get_by_role("button", name="Try again").click()
    await page.locator("[data-stage=failed]").nth(1).wait_for()
    assert await page.locator(".script").all_inner_texts() == [SCRIPTS[0]] * 2


async def test_without_scripts_it_says_what_is_missing(browser, origin):
    """A browser that runs no JavaScript shows a sentence."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(origin)
    assert await page.locator("noscript .banner").is_visible()
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(context, origin, scheme):
    """At 390 pixels nothing sticks out, however long a word is, in light and in dark."""
    page = await open_page(context, origin)
    await page.emulate_media(color_scheme=scheme)
    await page.set_viewport_size({"width": 390, "height": 844})
    await order(page, "W" * 300)
    await page.wait_for_selector("#cards li")
    assert await overflow(page) == 0
    await page.wait_for_selector("video")
    assert await overflow(page) == 0
    width = await page.locator("#make").evaluate("button => button.offsetWidth")
    assert 300 < width < 390


async def test_the_picture_of_the_readme(context, origin, tmp_path):
    """A finished video and one on its way are on one screen; the picture is small enough."""
    page = await open_page(context, origin)
    await page.set_viewport_size({"width": 1080, "height": 840})
    await order(page, SCRIPTS[0])
    await playable(page)
    await order(page, SCRIPTS[1])
    await page.wait_for_selector("[data-stage=rendering]")
    await page.evaluate("scrollTo(0, 0)")
    path = Path(os.environ.get(SCREENSHOT) or tmp_path / "webapp.png")
    picture = await page.screenshot(path=path)
    assert 10_000 < len(picture) < 200_000
