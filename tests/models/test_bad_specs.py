"""Bad input ends in ``InvalidRequestError`` that says what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from heygen_async import (
    AssetId,
    AvatarScene,
    AvatarVideo,
    Background,
    Caption,
    CinematicVideo,
    ElevenLabsSettings,
    Engine,
    FishSettings,
    HeyGenError,
    ImageScene,
    ImageVideo,
    InvalidRequestError,
    LegacyVideo,
    Playback,
    StudioVideo,
    VideoScene,
    VoiceSettings,
    Watermark,
    WatermarkPlacement,
)

from .least_fields import LEAST_FIELDS, URL, make

COLOR = Background(type="color", value="#00ff88")
SETTINGS = VoiceSettings(speed=1.2)
SPEAKING = (ImageVideo, AvatarVideo, AvatarScene)
NONE = {"script": None, "voice_id": None}
BOTH = "script and audio exclude each other"
NEITHER = "give either script"

ROWS = [
    *((cls, NONE, NEITHER) for cls in SPEAKING),
    *((cls, {"audio": URL}, BOTH) for cls in SPEAKING),
    *((cls, {"script": ""}, "script must be a non-empty str") for cls in SPEAKING),
    *((cls, {"script": " \n"}, "script must be a non-empty str") for cls in SPEAKING),
    *(
        (cls, {"script": "x" * 5001}, "of at most 5,000 characters, not of 5,001")
        for cls in SPEAKING
    ),
    (ImageVideo, {"voice_id": None}, r"a script needs a voice_id; heygen.voices.list\(\)"),
    (ImageScene, {"duration": None, "script": "Hello"}, "a script needs a voice_id"),
    (VideoScene, {"script": "Hello"}, "a script needs a voice_id"),
    (VideoScene, {"script": "a", "voice_id": "v", "audio": URL}, BOTH),
    (ImageScene, {"duration": None}, "either duration or speech"),
    (ImageScene, {"script": "Hello", "voice_id": "v"}, "either duration or speech"),
    (ImageScene, {"audio": URL}, "either duration or speech"),
    (ImageScene, {"duration": None, "script": "a", "voice_id": "v", "audio": URL}, BOTH),
    (
        ImageVideo,
        {"output_format": "webm", "background": COLOR},
        "leave background out, or use mp4",
    ),
    (AvatarVideo, {"output_format": "webm", "background": COLOR}, "leave background out"),
    *(
        (cls, {"engine": "avatar_iii", "motion_prompt": "nods"}, "use avatar_iv or avatar_v")
        for cls in (AvatarVideo, AvatarScene)
    ),
    *(
        (
            cls,
            {"engine": engine, "expressiveness": "low"},
            f"rejected by engine {engine}; use avatar_iv",
        )
        for cls in (AvatarVideo, AvatarScene)
        for engine in ("avatar_iii", "avatar_v")
    ),
    (AvatarVideo, {"engine": "avatar_vi"}, "must be one of 'avatar_v', 'avatar_iv', 'avatar_iii'"),
    (Engine, {"type": "avatar_iv", "reference_look_id": "a"}, "goes with avatar_v, not avatar_iv"),
    (Engine, {"type": "avatar_iii", "reference_look_id": "a"}, "goes with avatar_v"),
    (
        ImageVideo,
        {"image": "me.jpg"},
        r"Path\('me.jpg'\), for an uploaded asset AssetId\('me.jpg'\)",
    ),
    (ImageVideo, {"script": None, "audio": "me.mp3"}, r"audio='me.mp3' is no http"),
    (Watermark, {"image": "logo.png"}, r"Path\('logo.png'\)"),
    (ImageScene, {"source": "me.jpg"}, r"source='me.jpg'"),
    (VideoScene, {"source": "me.mp4"}, r"Path\('me.mp4'\)"),
    (VideoScene, {"playback": Playback(mode="loop")}, "a playback mode needs a voice-over"),
    (Playback, {"mode": "reverse"}, "must be one of 'freeze', 'loop', 'fit_to_scene'"),
    (CinematicVideo, {"references": ["me.jpg"]}, r"Path\('me.jpg'\)"),
    (CinematicVideo, {"references": [URL, 5]}, "must be a URL, a pathlib.Path, bytes"),
    (CinematicVideo, {"references": []}, "references must be a list of 1 to 12 items, not of 0"),
    (
        CinematicVideo,
        {"references": [URL] * 13},
        "references must be a list of 1 to 12 items, not of 13",
    ),
    (CinematicVideo, {"avatar_id": []}, "avatar_id must be a list of 1 to 3 items, not of 0"),
    (
        CinematicVideo,
        {"avatar_id": ["a"] * 4},
        "avatar_id must be a list of 1 to 3 items, not of 4",
    ),
    (CinematicVideo, {"avatar_id": ""}, "avatar_id must be a non-empty str"),
    (CinematicVideo, {"avatar_id": ["a", ""]}, "avatar_id must be a non-empty str"),
    (CinematicVideo, {"avatar_id": ["a", 5]}, "avatar_id must be a non-empty str"),
    (CinematicVideo, {"prompt": "x" * 10_001}, "of at most 10,000 characters, not of 10,001"),
    (CinematicVideo, {"duration": 3}, "duration must be a whole number from 4 to 15"),
    (CinematicVideo, {"duration": 16}, "duration must be a whole number from 4 to 15"),
    (CinematicVideo, {"duration": 4.5}, "duration must be a whole number"),
    (CinematicVideo, {"duration": 5, "auto_duration": True}, "exclude each other"),
    (CinematicVideo, {"aspect_ratio": "4:5"}, "must be one of '16:9', '9:16', '1:1'"),
    (CinematicVideo, {"resolution": "4k"}, "must be one of '720p', '1080p'"),
    (StudioVideo, {"scenes": []}, "a list of 1 to 50 items, not of 0"),
    (StudioVideo, {"scenes": [VideoScene(source=URL)] * 51}, "a list of 1 to 50 items, not of 51"),
    (StudioVideo, {"scenes": [URL]}, "AvatarScene or ImageScene or VideoScene, not 'http"),
    (StudioVideo, {"scenes": [make(ImageVideo)]}, "not ImageVideo"),
    (StudioVideo, {"scenes": [make(VideoScene), None]}, "VideoScene, not None"),
    (Background, {"type": "image", "value": None}, "exactly one of url and asset_id"),
    (
        Background,
        {"type": "image", "value": None, "url": URL, "asset_id": "a"},
        "exactly one of url and asset_id",
    ),
    (Background, {"type": "image", "url": URL}, "and no value"),
    (Background, {"value": None}, "takes a value like '#00ff88'"),
    (Background, {"url": URL}, "and nothing else"),
    (Background, {"asset_id": "a"}, "and nothing else"),
    (Background, {"type": "video"}, "type must be one of 'color', 'image'"),
    (Background, {"value": ""}, "value must be a non-empty str"),
    (
        ElevenLabsSettings,
        {"model": "eleven_v3", "stability": 0.2},
        "takes a stability of 0, 0.5 or 1 only",
    ),
    (AvatarScene, {"background_color": "#0f8"}, "must be a hex colour"),
    (Caption, {"file_format": "vtt"}, "must be one of 'srt'"),
    (AssetId, {"id": " "}, "id must be a non-empty str"),
]

BOUNDS = [
    (VoiceSettings, "speed", 0.5, 1.5),
    (VoiceSettings, "pitch", -50, 50),
    (VoiceSettings, "volume", 0, 1),
    *((ElevenLabsSettings, name, 0, 1) for name in ("similarity_boost", "stability", "style")),
    *((FishSettings, name, 0, 1) for name in ("similarity", "stability")),
    (Playback, "volume", 0, 1),
    (Watermark, "opacity", 0, 1),
    (WatermarkPlacement, "offset_x", -1, 1),
    (WatermarkPlacement, "offset_y", -1, 1),
    (CinematicVideo, "duration", 4, 15),
]


@pytest.mark.parametrize(("cls", "changes", "message"), ROWS)
def test_bad_input_is_refused_with_a_remedy(cls, changes, message):
    """The error is ours and a ``ValueError``, names the model, and says what to write."""
    with pytest.raises(InvalidRequestError, match=message) as caught:
        make(cls, **changes)
    assert isinstance(caught.value, HeyGenError)
    assert isinstance(caught.value, ValueError)
    named = {cls.__name__, "Engine"} if "engine" in changes else {cls.__name__}
    assert str(caught.value).split(":")[0] in named


@pytest.mark.parametrize(("cls", "field", "low", "high"), BOUNDS)
def test_a_number_stays_within_its_bounds(cls, field, low, high):
    """The bounds themselves are good, the next step beyond is refused."""
    for good in (low, high, (low + high) // 2):
        assert getattr(make(cls, **{field: good}), field) == good
    step = 1 if field == "duration" else 1e-9
    for bad in (low - step, high + step):
        with pytest.raises(
            InvalidRequestError, match=f"{field} must be a (whole )?number from {low:g} to"
        ):
            make(cls, **{field: bad})


@pytest.mark.parametrize(
    ("cls", "field", "high"), [(Watermark, "scale", 2), (ImageScene, "duration", 300)]
)
def test_a_size_is_above_zero(cls, field, high):
    """Zero is out, anything above it up to the bound is in."""
    for good in (1e-9, high):
        assert getattr(make(cls, **{field: good}), field) == good
    for bad in (0, -1, high + 1e-9):
        with pytest.raises(InvalidRequestError, match=f"{field} must be a number above 0 to"):
            make(cls, **{field: bad})


def test_what_the_document_takes_is_taken():
    """The server ignores settings beside audio, and reads colours that are written shorter."""
    for cls in SPEAKING:
        assert make(cls, **NONE, audio=URL, voice_settings=SETTINGS).voice_settings is SETTINGS
    assert Background(type="color", value="#fff").value == "#fff"
    assert make(CinematicVideo, references=[Path("a.mp3")]).references == (Path("a.mp3"),)
    assert LegacyVideo(image_url=URL, audio_url="").audio_url == ""
    for stability in (None, 0, 0.5, 1):
        assert ElevenLabsSettings(model="eleven_v3", stability=stability).stability == stability


def test_what_has_no_effect_gives_a_warning():
    """The guide says so, though the document has the field."""
    with pytest.warns(UserWarning, match="no effect in an ImageVideo"):
        make(ImageVideo, motion_prompt="nods")
    make(AvatarVideo, motion_prompt="nods")


def test_a_long_value_is_cut_in_the_message():
    """The message stays one short line, whatever was given."""
    with pytest.raises(InvalidRequestError) as caught:
        make(ImageVideo, resolution="x" * 10_000)
    assert len(str(caught.value)) < 200


def test_every_model_of_the_table_can_be_made():
    """The least fields are good, so each refusal above is due to its own row."""
    for cls in LEAST_FIELDS:
        assert isinstance(make(cls), cls)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CinematicVideo(prompt="p", avatar_id=None),
        lambda: CinematicVideo(prompt="p", avatar_id=5),
        lambda: CinematicVideo(prompt="p", avatar_id="a", references=5),
        lambda: CinematicVideo(prompt="p", avatar_id="a", references=AssetId("a")),
        lambda: StudioVideo(scenes=None),
        lambda: StudioVideo(scenes=5),
        lambda: StudioVideo(scenes=ImageScene(source=URL, duration=1)),
    ],
)
def test_what_is_no_list_is_refused(make):
    """What is no list is refused as bad input."""
    with pytest.raises(InvalidRequestError):
        make()


@pytest.mark.parametrize("one", [URL, b"bytes"])
def test_one_reference_is_no_list_of_its_letters(one):
    """A single reference is not taken for a list of its letters."""
    with pytest.raises(InvalidRequestError, match="must be a list"):
        CinematicVideo(prompt="p", avatar_id="a", references=one)
