"""What ``POST /v3/videos`` accepts and refuses, and which parameter it blames."""

from __future__ import annotations

from typing import Any

import pytest

URL = {"type": "url", "url": "https://example.com/a.png"}
CLIP = {"type": "url", "url": "https://example.com/a.mp4"}
IMAGE: dict[str, Any] = {"type": "image", "image": URL, "script": "Hi", "voice_id": "v1"}
PHOTO: dict[str, Any] = {"type": "avatar", "avatar_id": "photo_ada", "script": "Hi"}
TWIN: dict[str, Any] = {"type": "avatar", "avatar_id": "twin_ben", "script": "Hi"}
CINEMATIC: dict[str, Any] = {"type": "cinematic_avatar", "prompt": "p", "avatar_id": ["twin_ben"]}
V, IV, III = ({"type": f"avatar_{name}"} for name in ("v", "iv", "iii"))


def studio(*scenes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "studio", "scenes": list(scenes), **fields}


def still(**fields: Any) -> dict[str, Any]:
    return {"type": "image", "source": URL, **fields}


def spoken(**fields: Any) -> dict[str, Any]:
    avatar = {"type": "avatar", "avatar_id": "photo_ada", "script": "Hi", **fields}
    return {"type": "avatar_video", "input": avatar}


def settings(**fields: Any) -> dict[str, Any]:
    return {**IMAGE, "voice_settings": fields}


def watermark(**fields: Any) -> dict[str, Any]:
    return {**IMAGE, "watermark": {"image": URL, **fields}}


GOOD = {
    "least": IMAGE,
    "all common fields": {
        **IMAGE,
        "title": "T",
        "resolution": "4k",
        "aspect_ratio": "auto",
        "fit": "cover",
        "background": {"type": "color", "value": "#00ff00"},
        "remove_background": True,
        "callback_url": "https://example.com/hook",
        "callback_id": "7",
        "caption": {"file_format": "srt", "style": "default"},
        "output_format": "mp4",
        "motion_prompt": "nods",
        "expressiveness": "high",
    },
    "watermark": watermark(
        scale=2,
        opacity=0,
        placement={"position": "top_left", "offset_x": -1, "offset_y": None},
    ),
    "nulls": {**IMAGE, "title": None, "background": None, "audio_url": None, "caption": None},
    "voice settings": settings(speed=1.5, pitch=-50, volume=0, locale="en-GB"),
    "elevenlabs": {
        **IMAGE,
        "voice_id": "v2",
        "voice_settings": {
            "engine_settings": {
                "engine_type": "elevenlabs",
                "model": "eleven_v3",
                "similarity_boost": 1,
                "stability": 0,
                "style": 0.5,
                "use_speaker_boost": True,
            }
        },
    },
    "fish": {
        **IMAGE,
        "voice_id": "v6",
        "voice_settings": {
            "engine_settings": {
                "engine_type": "fish",
                "model": "s2-pro",
                "stability": 1,
                "similarity": None,
            }
        },
    },
    "starfish": settings(engine_settings={"engine_type": "starfish"}),
    "audio": {"type": "image", "image": URL, "audio_url": "https://example.com/a.mp3"},
    "base64": {
        **IMAGE,
        "image": {"type": "base64", "media_type": "image/png", "data": "aGk="},
    },
    "image background": {
        **IMAGE,
        "background": {"type": "image", "url": "https://example.com/b.png"},
    },
    "webm": {**TWIN, "output_format": "webm"},
    "default voice": PHOTO,
    "photo moves": {**PHOTO, "motion_prompt": "nods", "expressiveness": "low"},
    "photo moves on V": {**PHOTO, "motion_prompt": "nods", "engine": V},
    "twin moves on V": {
        **TWIN,
        "motion_prompt": "nods",
        "engine": {**V, "reference_look_id": "twin_plain"},
    },
    "twin in 4k on III": {**TWIN, "engine": III, "resolution": "4k"},
    "cinematic": {
        **CINEMATIC,
        "avatar_id": ["twin_ben", "photo_ada", "studio_greta"],
        "references": [URL] * 9 + [CLIP] * 3,
        "aspect_ratio": "1:1",
        "resolution": "1080p",
        "duration": 15,
        "enhance_prompt": True,
        "title": None,
    },
    "cinematic auto": {**CINEMATIC, "auto_duration": True, "duration": None},
    "studio": studio(
        spoken(background={"type": "color", "color": "#abcdef"}, engine=IV),
        {"type": "avatar_video", "input": {**IMAGE}},
        still(duration=300),
        still(script="Hi", voice_id="v1"),
        still(audio_url="https://example.com/a.wav"),
        {"type": "video", "source": CLIP},
        {
            "type": "video",
            "source": CLIP,
            "playback": {"volume": 0.5, "mute": False},
            "script": "Hi",
            "voice_id": "v1",
        },
        title="T",
        callback_id="1",
        caption={"style": None},
    ),
    "settings beside audio": {
        "type": "image",
        "image": URL,
        "audio_url": "https://a.b/c.mp3",
        "voice_settings": {},
    },
    "a short colour": {**IMAGE, "background": {"type": "color", "value": "#fff"}},
    "no test": {**IMAGE, "test": False},
    "fifty scenes": studio(*[still(duration=1)] * 50),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
async def test_a_good_request_is_accepted(api, body):
    """Every documented field and combination makes a job."""
    reply = await api.create(body)
    assert reply.status == 200, reply.text
    data = reply.json["data"]
    assert data["status"] == "waiting"
    assert data["output_format"] == body.get("output_format", "mp4")
    assert int(data["video_id"], 16) >= 0
    assert len(data["video_id"]) == 32
    assert api.emulator.videos[data["video_id"]].request == body


BAD: list[tuple[str | None, Any]] = [
    (None, []),
    (None, "text"),
    ("type", {"image": URL}),
    ("type", {**IMAGE, "type": "prompt"}),
    ("type", {**IMAGE, "type": ["image"]}),
    ("nope", {**IMAGE, "nope": None}),
    ("avatar_id", {**IMAGE, "avatar_id": "photo_ada"}),
    ("engine", {**IMAGE, "engine": IV}),
    ("image", {"type": "image", "script": "Hi", "voice_id": "v1"}),
    ("image", {**IMAGE, "image": None}),
    ("image", {**IMAGE, "image": "https://example.com/a.png"}),
    ("image.type", {**IMAGE, "image": {"url": "https://example.com/a.png"}}),
    ("image.url", {**IMAGE, "image": {"type": "url"}}),
    ("image.url", {**IMAGE, "image": {"type": "url", "url": "/etc/passwd"}}),
    ("image.asset_id", {**IMAGE, "image": {**URL, "asset_id": "x"}}),
    ("image.data", {**IMAGE, "image": {"type": "base64", "media_type": "image/png"}}),
    (
        "image.data",
        {**IMAGE, "image": {"type": "base64", "media_type": "image/png", "data": "aGk=?"}},
    ),
    (
        "image.media_type",
        {**IMAGE, "image": {"type": "base64", "media_type": "video/mp4", "data": "aGk="}},
    ),
    ("title", {**IMAGE, "title": 1}),
    ("resolution", {**IMAGE, "resolution": "8k"}),
    ("aspect_ratio", {**IMAGE, "aspect_ratio": "4:3"}),
    ("fit", {**IMAGE, "fit": "crop"}),
    ("remove_background", {**IMAGE, "remove_background": 1}),
    ("callback_url", {**IMAGE, "callback_url": "example.com"}),
    ("callback_id", {**IMAGE, "callback_id": 7}),
    ("output_format", {**IMAGE, "output_format": None}),
    ("output_format", {**IMAGE, "output_format": "gif"}),
    ("script", {**IMAGE, "script": ""}),
    ("script", {**IMAGE, "script": "x" * 5001}),
    ("script", {"type": "image", "image": URL}),
    ("audio_url", {**IMAGE, "audio_url": "https://example.com/a.mp3"}),
    ("audio_asset_id", {**IMAGE, "audio_asset_id": "a"}),
    ("voice_id", {**IMAGE, "voice_id": None}),
    ("expressiveness", {**IMAGE, "expressiveness": "wild"}),
    ("voice_settings.speed", settings(speed=0.49)),
    ("voice_settings.speed", settings(speed=1.51)),
    ("voice_settings.speed", settings(speed="1")),
    ("voice_settings.speed", settings(speed=True)),
    ("voice_settings.pitch", settings(pitch=-51)),
    ("voice_settings.pitch", settings(pitch=50.5)),
    ("voice_settings.volume", settings(volume=1.1)),
    ("voice_settings.tempo", settings(tempo=1)),
    ("voice_settings.engine_settings.engine_type", settings(engine_settings={})),
    (
        "voice_settings.engine_settings.model",
        settings(engine_settings={"engine_type": "starfish", "model": "s1"}),
    ),
    ("voice_settings.engine_settings", settings(engine_settings={"engine_type": "fish"})),
    ("background.type", {**IMAGE, "background": {}}),
    ("background.value", {**IMAGE, "background": {"type": "color"}}),
    ("background.url", {**IMAGE, "background": {"type": "image"}}),
    (
        "background.url",
        {**IMAGE, "background": {"type": "image", "url": "https://a.b/c", "asset_id": "x"}},
    ),
    ("background.blur", {**IMAGE, "background": {"type": "color", "value": "#000000", "blur": 1}}),
    (
        "background",
        {**IMAGE, "output_format": "webm", "background": {"type": "color", "value": "#000000"}},
    ),
    ("watermark.image", {**IMAGE, "watermark": {}}),
    ("watermark.scale", watermark(scale=0)),
    ("watermark.scale", watermark(scale=2.1)),
    ("watermark.opacity", watermark(opacity=1.1)),
    ("watermark.placement.position", watermark(placement={"position": "centre"})),
    ("watermark.placement.offset_x", watermark(placement={"offset_x": 1.1})),
    ("caption.file_format", {**IMAGE, "caption": {"file_format": "vtt"}}),
    ("caption.style", {**IMAGE, "caption": {"style": "bold"}}),
    ("avatar_id", {"type": "avatar", "script": "Hi"}),
    ("avatar_id", {**PHOTO, "avatar_id": ["photo_ada"]}),
    ("voice_id", {**PHOTO, "avatar_id": "photo_silent"}),
    ("engine.type", {**PHOTO, "engine": {"type": "avatar_vi"}}),
    ("engine.reference_look_id", {**PHOTO, "engine": {**IV, "reference_look_id": "x"}}),
    ("motion_prompt", {**TWIN, "motion_prompt": "nods"}),
    ("motion_prompt", {**TWIN, "motion_prompt": "nods", "engine": IV}),
    ("motion_prompt", {**PHOTO, "motion_prompt": "nods", "engine": III}),
    ("expressiveness", {**PHOTO, "expressiveness": "high", "engine": V}),
    ("expressiveness", {**PHOTO, "expressiveness": "high", "engine": III}),
    ("expressiveness", {**TWIN, "expressiveness": "high"}),
    ("resolution", {**PHOTO, "resolution": "4k", "engine": III}),
    ("remove_background", {**TWIN, "avatar_id": "twin_plain", "remove_background": True}),
    ("output_format", {**TWIN, "avatar_id": "twin_plain", "output_format": "webm"}),
    ("prompt", {**CINEMATIC, "prompt": ""}),
    ("prompt", {**CINEMATIC, "prompt": "x" * 10_001}),
    ("avatar_id", {**CINEMATIC, "avatar_id": "twin_ben"}),
    ("avatar_id", {**CINEMATIC, "avatar_id": []}),
    ("avatar_id", {**CINEMATIC, "avatar_id": ["twin_ben"] * 4}),
    ("avatar_id[1]", {**CINEMATIC, "avatar_id": ["twin_ben", 2]}),
    ("aspect_ratio", {**CINEMATIC, "aspect_ratio": "4:5"}),
    ("aspect_ratio", {**CINEMATIC, "aspect_ratio": None}),
    ("resolution", {**CINEMATIC, "resolution": "4k"}),
    ("duration", {**CINEMATIC, "duration": 3}),
    ("duration", {**CINEMATIC, "duration": 16}),
    ("duration", {**CINEMATIC, "duration": 4.5}),
    ("duration", {**CINEMATIC, "duration": 5, "auto_duration": True}),
    ("references[9]", {**CINEMATIC, "references": [URL] * 10}),
    ("references[3]", {**CINEMATIC, "references": [CLIP] * 4}),
    ("callback_url", {**CINEMATIC, "callback_url": "https://example.com"}),
    ("script", {**CINEMATIC, "script": "Hi"}),
    ("scenes", {"type": "studio"}),
    ("scenes", studio()),
    ("scenes", studio(*[still(duration=1)] * 51)),
    ("output_format", studio(still(duration=1), output_format="mp4")),
    ("background", studio(still(duration=1), background=None)),
    ("scenes[1].type", studio(still(duration=1), {"type": "audio"})),
    ("scenes[0].duration", studio(still())),
    ("scenes[0].duration", studio(still(duration=1, script="Hi", voice_id="v1"))),
    ("scenes[0].duration", studio(still(duration=0))),
    ("scenes[0].duration", studio(still(duration=301))),
    ("scenes[0].voice_id", studio(still(script="Hi"))),
    ("scenes[0].input", studio({"type": "avatar_video"})),
    ("scenes[0].input.script", studio(spoken(script=None))),
    ("scenes[0].input.motion_prompt", studio(spoken(motion_prompt="x", engine=III))),
    ("scenes[0].input.background.value", studio(spoken(background={"type": "color", "value": ""}))),
    (
        "scenes[0].input.background.color",
        studio(spoken(background={"type": "color", "color": "red"})),
    ),
    (
        "scenes[0].input.voice_id",
        studio({"type": "avatar_video", "input": {**IMAGE, "voice_id": None}}),
    ),
    ("resolution", studio(spoken(engine=III), resolution="4k")),
    (
        "scenes[0].playback.volume",
        studio({"type": "video", "source": CLIP, "playback": {"volume": 2}}),
    ),
    ("scenes[0].voice_id", studio({"type": "video", "source": CLIP, "script": "Hi"})),
]


@pytest.mark.parametrize(("param", "body"), BAD)
async def test_a_bad_request_is_refused_by_name(api, param, body):
    """A request outside the contract is a 400 that names the parameter, and costs nothing."""
    reply = await api.send("POST", "/v3/videos", json=body)
    assert (reply.status, reply.error["code"]) == (400, "invalid_parameter"), reply.text
    assert reply.error["param"] == param, reply.error
    assert reply.error["doc_url"].endswith("error-codes#invalid-parameter")
    assert not api.emulator.videos
    assert not api.emulator.wallet.charges


UNKNOWN: list[tuple[str, str, Any]] = [
    ("voice_not_found", "voice_id", {**IMAGE, "voice_id": "v99"}),
    ("voice_not_found", "voice_id", {**PHOTO, "voice_id": ""}),
    ("avatar_not_found", "avatar_id", {**PHOTO, "avatar_id": "nobody"}),
    ("avatar_not_found", "avatar_id[1]", {**CINEMATIC, "avatar_id": ["twin_ben", "nobody"]}),
    (
        "avatar_not_found",
        "engine.reference_look_id",
        {**TWIN, "engine": {**V, "reference_look_id": "nobody"}},
    ),
    (
        "asset_not_found",
        "image.asset_id",
        {**IMAGE, "image": {"type": "asset_id", "asset_id": "none"}},
    ),
    (
        "asset_not_found",
        "audio_asset_id",
        {"type": "image", "image": URL, "audio_asset_id": "none"},
    ),
    (
        "asset_not_found",
        "background.asset_id",
        {**IMAGE, "background": {"type": "image", "asset_id": "none"}},
    ),
    (
        "asset_not_found",
        "watermark.image.asset_id",
        {**IMAGE, "watermark": {"image": {"type": "asset_id", "asset_id": "none"}}},
    ),
    ("avatar_not_found", "scenes[0].input.avatar_id", studio(spoken(avatar_id="nobody"))),
]


@pytest.mark.parametrize(("code", "param", "body"), UNKNOWN)
async def test_an_unknown_reference_is_a_404_of_its_kind(api, code, param, body):
    """A voice, avatar or asset that does not exist is named in a 404."""
    reply = await api.create(body)
    assert (reply.status, reply.error["code"], reply.error["param"]) == (404, code, param)


async def test_an_asset_has_to_be_of_a_fitting_type(api):
    """A picture is no sound, and a sound is no picture."""
    png = (await api.upload(b"\x89PNG\r\n\x1a\n")).json["data"]["asset_id"]
    mp3 = (await api.upload(b"ID3")).json["data"]["asset_id"]
    picture = {"type": "asset_id", "asset_id": png}
    good = await api.create({"type": "image", "image": picture, "audio_asset_id": mp3})
    swapped = {"type": "asset_id", "asset_id": mp3}
    no_picture = await api.create({**IMAGE, "image": swapped})
    no_sound = await api.create({"type": "image", "image": picture, "audio_asset_id": png})
    no_video = await api.create(studio({"type": "video", "source": picture}))
    assert good.status == 200
    assert (no_picture.status, no_picture.error["param"]) == (400, "image.asset_id")
    assert (no_sound.status, no_sound.error["param"]) == (400, "audio_asset_id")
    assert (no_video.status, no_video.error["param"]) == (400, "scenes[0].source.asset_id")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"{}"),
        ("application/json", b"{"),
        ("application/json", b""),
        ("application/json", b"\xff"),
        ("application/json", b'{"type": NaN}'),
        ("application/json", b"[" * 100_000),
    ],
)
async def test_a_body_that_is_no_json_is_refused(api, content_type, body):
    """A wrong content type and broken JSON are 400s without a parameter."""
    headers = {"Content-Type": content_type}
    reply = await api.send("POST", "/v3/videos", data=body, headers=headers)
    assert (reply.status, reply.error["code"], reply.error["param"]) == (
        400,
        "invalid_parameter",
        None,
    )
