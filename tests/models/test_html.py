"""What a notebook shows of a result, and of a job before it has one."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from heygen_async import AvatarLook, Video, Voice
from tests.conftest import image_video

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
URL = "https://example.com/a.mp4?signature=a&b=%22"


class Shown(HTMLParser):
    """Reads HTML as a browser does: elements by name with their attributes, and the text."""

    def __init__(self, thing):
        super().__init__()
        self.elements, self.text = {}, ""
        self.feed(thing._repr_html_())

    def handle_starttag(self, tag, attrs):
        self.elements[tag] = dict(attrs)

    def handle_data(self, data):
        self.text += data


def test_a_video_has_a_player_which_loads_nothing_by_itself():
    """Its picture stands there until it is played."""
    shown = Shown(
        Video(
            id="v1", status="completed", title="Hi", duration=2.5, video_url=URL, thumbnail_url=URL
        )
    )
    player = shown.elements["video"]
    assert (player["src"], player["poster"], player["preload"]) == (URL, URL, "none")
    for word in ("Hi", "v1", "completed", "2.5 s"):
        assert word in shown.text


def test_a_look_has_its_picture_and_a_voice_its_sound():
    """Of each what there is."""
    assert Shown(AvatarLook(id="a", preview_image_url=URL)).elements["img"]["src"] == URL
    look = AvatarLook(id="a", preview_image_url=URL, preview_video_url=URL)
    assert Shown(look).elements["video"]["poster"] == URL
    voice = Shown(Voice(voice_id="v", name="Ada", language="English", preview_audio_url=URL))
    assert voice.elements["audio"]["src"] == URL
    assert "English" in voice.text
    assert set(Shown(Voice(voice_id="v")).elements) == {"div", "b", "br"}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/x", "", "https://"])
def test_only_what_is_on_the_web_is_loaded(url):
    """No scripts, no local files."""
    for thing in (
        Video(id="v", status="completed", video_url=url, thumbnail_url=url),
        AvatarLook(id="a", preview_image_url=url, preview_video_url=url),
        Voice(voice_id="v", preview_audio_url=url),
    ):
        assert not {"video", "img", "audio"} & set(Shown(thing).elements)


def test_what_the_vendor_wrote_is_text():
    """Also in a URL."""
    url = f"https://example.com/{EVIL}".replace(" ", "")
    for thing in (
        Video(id=EVIL, status=EVIL, title=EVIL, failure_message=EVIL, video_url=url),
        AvatarLook(id=EVIL, name=EVIL, status=EVIL, preview_image_url=url),
        Voice(voice_id=EVIL, name=EVIL, gender=EVIL, preview_audio_url=url),
    ):
        shown = Shown(thing)
        assert "script" not in shown.elements
        assert shown.text.count(EVIL) >= 3
        sources = [each["src"] for each in shown.elements.values() if "src" in each]
        assert sources == [url]


async def test_a_job_shows_how_far_it_is_and_then_its_result(heygen, emulator):
    """To look at it sends nothing."""
    job = await heygen.submit(image_video())
    sent = heygen.statistics().requests
    assert job.token in Shown(job).text
    assert "queued" in Shown(job).text
    assert heygen.statistics().requests == sent
    video = await job.wait()
    assert Shown(job).elements["video"]["src"] == video.video_url


async def test_a_job_that_failed_says_why(heygen, emulator):
    """In the vendor's words."""
    job = await heygen.submit(image_video())
    emulator.fail(job.id, "face", "No face <found>")
    await job.refresh()
    shown = Shown(job)
    assert "failed" in shown.text
    assert "No face <found>" in shown.text
