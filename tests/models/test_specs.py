"""Good input is kept as it is, and a spec is a value: frozen, comparable, safe to print."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import (
    Asset,
    AssetId,
    AvatarScene,
    AvatarVideo,
    Background,
    CinematicVideo,
    Engine,
    ImageScene,
    ImageVideo,
    InvalidRequestError,
    StudioVideo,
    VideoScene,
    VoiceSettings,
    Watermark,
)

from .least_fields import LEAST_FIELDS, SPECS, URL, make

SECRET = b"\x89PNG\r\n\x1a\n" + b"SECRET" * 20


@pytest.mark.parametrize(
    ("cls", "changes"),
    [
        (ImageVideo, {"script": "x" * 5000}),
        (ImageVideo, {"script": None, "voice_id": None, "audio": URL}),
        (ImageVideo, {"image": Path("me.jpg")}),
        (ImageVideo, {"image": b"bytes"}),
        (ImageVideo, {"image": AssetId("a")}),
        (ImageVideo, {"image": Asset(id="a")}),
        (ImageVideo, {"image": "HTTP://MEDIA.EXAMPLE"}),
        (ImageVideo, {"image": "http://localhost:8080/a?b=c#d"}),
        (ImageVideo, {"output_format": "webm", "remove_background": True}),
        (AvatarVideo, {"voice_id": None}),
        (ImageVideo, {"expressiveness": "high"}),
        (AvatarVideo, {"engine": "avatar_v", "motion_prompt": "nods"}),
        (AvatarVideo, {"engine": "avatar_iv", "motion_prompt": "nods", "expressiveness": "low"}),
        (AvatarVideo, {"engine": Engine(type="avatar_v", reference_look_id="other")}),
        (AvatarVideo, {"voice_settings": VoiceSettings()}),
        (CinematicVideo, {"prompt": "x" * 10_000}),
        (CinematicVideo, {"avatar_id": ["a", "b", "c"]}),
        (CinematicVideo, {"references": [URL] * 12}),
        (CinematicVideo, {"auto_duration": True}),
        (CinematicVideo, {"auto_duration": False, "duration": 4}),
        (StudioVideo, {"scenes": [VideoScene(source=URL)] * 50}),
        (AvatarScene, {"script": None, "audio": b"bytes"}),
        (ImageScene, {"duration": None, "script": "Hello", "voice_id": "v"}),
        (ImageScene, {"duration": None, "audio": Path("me.mp3")}),
        (VideoScene, {"script": "Hello", "voice_id": "v"}),
        (Background, {"value": "#ABCdef"}),
        (Background, {"type": "image", "value": None, "url": URL}),
        (Background, {"type": "image", "value": None, "asset_id": "a"}),
    ],
)
def test_good_input_is_accepted(cls, changes):
    """What is at the bound, or merely unusual, is kept as given."""
    made = make(cls, **changes)
    for name, value in changes.items():
        kept = getattr(made, name)
        kept = list(kept) if isinstance(kept, tuple) else kept
        assert kept == value or (name == "engine" and kept == Engine(type=value))


@given(st.text(min_size=1).filter(str.strip))
def test_any_words_make_a_script(script):
    """A script is kept letter for letter."""
    assert make(ImageVideo, script=script).script == script


@pytest.mark.parametrize("cls", LEAST_FIELDS)
def test_a_model_is_frozen(cls):
    """No field can be set, none can be added, and fields go by name."""
    made = make(cls)
    names = [field.name for field in attrs.fields(cls)]
    for name in [*names, "another"]:
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(made, name, None)
    if names and cls is not AssetId:
        with pytest.raises(TypeError):
            cls(*LEAST_FIELDS[cls].values() or [1])


@pytest.mark.parametrize("cls", LEAST_FIELDS)
def test_equal_models_are_one_key(cls):
    """Two of the same content are equal and have the same hash."""
    assert make(cls) == make(cls)
    assert len({make(cls), make(cls)}) == 1


@pytest.mark.parametrize("medium", [URL, AssetId("a"), Path("me.png"), b"bytes"])
@pytest.mark.parametrize(
    "spec_with",
    [
        lambda medium: make(ImageVideo, image=medium),
        lambda medium: make(ImageVideo, script=None, audio=medium),
        lambda medium: make(ImageVideo, watermark=Watermark(image=medium)),
        lambda medium: make(CinematicVideo, references=[medium]),
        lambda medium: make(StudioVideo, scenes=[VideoScene(source=medium)]),
    ],
)
def test_a_spec_is_hashable_whatever_its_media(spec_with, medium):
    """A spec can be a key of a mapping, with a URL, an asset's id, a path or bytes in it."""
    assert len({spec_with(medium), spec_with(medium)}) == 1


@pytest.mark.parametrize("cls", SPECS)
def test_lists_become_tuples(cls):
    """A spec shares no list with its caller."""
    made = make(cls)
    assert not any(isinstance(getattr(made, field.name), list) for field in attrs.fields(cls))


def test_one_look_may_stand_alone():
    """A cinematic video of one look takes its id as it is."""
    assert make(CinematicVideo, avatar_id="look").avatar_id == ("look",)


@pytest.mark.parametrize("name", ["avatar_v", "avatar_iv", "avatar_iii"])
def test_an_engine_goes_by_its_name(name):
    """The bare name of an engine stands for the engine."""
    for cls in (AvatarVideo, AvatarScene):
        assert make(cls, engine=name) == make(cls, engine=Engine(type=name))


@pytest.mark.parametrize(
    "made",
    [
        make(ImageVideo, image=SECRET),
        make(ImageVideo, script=None, audio=SECRET),
        make(ImageVideo, watermark=Watermark(image=SECRET)),
        make(AvatarVideo, script=None, audio=SECRET),
        make(StudioVideo, scenes=[VideoScene(source=SECRET), ImageScene(source=URL, audio=SECRET)]),
        make(AvatarScene, script=None, audio=SECRET),
    ],
)
def test_a_repr_never_spells_out_bytes(made):
    """Bytes are shown by their number."""
    assert "SECRET" not in repr(made)
    assert f"<{len(SECRET)} bytes>" in repr(made)


@pytest.mark.parametrize(
    ("cls", "field"),
    [
        (ImageVideo, "image"),
        (AvatarVideo, "avatar_id"),
        (AvatarScene, "avatar_id"),
        (CinematicVideo, "prompt"),
        (ImageScene, "source"),
        (VideoScene, "source"),
        (Watermark, "image"),
        (Background, "type"),
        (Engine, "type"),
        (VoiceSettings, "speed"),
        (AssetId, "id"),
    ],
)
def test_none_is_no_value_for_a_required_field(cls, field):
    """Where a value is a must, None is refused like any other wrong one."""
    with pytest.raises(InvalidRequestError, match=field):
        cls(**{**LEAST_FIELDS[cls], field: None})


def test_bytes_among_the_references_are_not_spelled_out():
    """Bytes among the references are not spelled out."""
    assert "SECRET" not in repr(
        CinematicVideo(prompt="p", avatar_id="a", references=[b"SECRETSECRET"])
    )


def test_a_spec_with_an_asset_can_be_hashed():
    """A spec with an uploaded asset can be hashed like any other."""
    spec = ImageVideo(image=Asset(id="a"), script="a", voice_id="v")
    assert len({spec, ImageVideo(image=Asset(id="a"), script="a", voice_id="v")}) == 1
