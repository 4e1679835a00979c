"""How much film specs ask for: pure, by scripts and durations."""

from __future__ import annotations

import pytest

from heygen_async import AvatarScene, CinematicVideo, ImageScene, StudioVideo, VoiceSettings
from heygen_async.batch.estimate import Estimate, estimate, minutes_of
from tests.conftest import image_video

URL = "https://example.com/a.png"


@pytest.mark.parametrize(
    ("script", "minutes"),
    [
        ("a" * 950, 1),
        ("привет" * 158 + "мы", 1),
        ("你" * 255, 1),
        ("你好は" * 119, 1),  # with kana it is Japanese
        ("안" * 357, 1),
        ("م" * 612, 1),
        ("ש" * 833, 1),
    ],
)
def test_a_script_takes_as_long_as_its_writing_does(script, minutes):
    """A character of Chinese is more than one of English."""
    assert minutes_of(script) == pytest.approx(minutes)


def test_scripts_and_silences_add_up():
    """Also in scenes, at their speed; what no text tells is counted apart."""
    fast = image_video(script="a" * 950, voice_settings=VoiceSettings(speed=0.5))
    film = StudioVideo(
        scenes=[
            AvatarScene(avatar_id="a", script="b" * 95, voice_id="v"),
            ImageScene(source=URL, duration=30),
        ]
    )
    clip = CinematicVideo(prompt="waves", avatar_id=["a"], duration=15)
    spoken = image_video(script=None, voice_id=None, audio="https://example.com/a.mp3")
    asked = estimate([fast, film, clip, spoken])
    assert (asked.renders, asked.characters, asked.untimed) == (4, 1045, 1)
    assert asked.minutes == pytest.approx(2 + 0.1 + 0.5 + 0.25)
    assert str(asked) == (
        "4 renders, 1,045 characters of script, about 2.9 min of film "
        "(without 1 whose length no script tells)"
    )


def test_nothing_asks_for_nothing():
    """And a recording alone tells no minutes."""
    assert estimate([]) == Estimate()
    spoken = image_video(script=None, voice_id=None, audio="https://example.com/a.mp3")
    assert str(estimate([spoken])) == (
        "1 render, 0 characters of script (without 1 whose length no script tells)"
    )
