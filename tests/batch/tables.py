"""What the tests of tables share: a row for each spec, and what an error says."""

from __future__ import annotations

import json

import pytest

from heygen_async import (
    AddMotion,
    AvatarVideo,
    CinematicVideo,
    DigitalTwin,
    ImageVideo,
    InvalidRequestError,
    JoggMotion,
    JoggPhoto,
    JoggVideo,
    LegacyPhoto,
    LegacyVideo,
    PhotoAvatar,
    PromptAvatar,
    StudioVideo,
)
from heygen_async.batch.manifest import read_manifest

URL = "https://example.com/ada.png"
ROW = {"image": URL, "script": "Hello!", "voice_id": "v1"}
PHOTO = {
    "name": "Ada",
    "age": "Senior",
    "gender": "Woman",
    "ethnicity": "Pacific",
    "orientation": "square",
    "pose": "close_up",
    "style": "Noir",
    "appearance": "a hat",
}
JOGG_PHOTO = {
    "age": "Adult",
    "gender": "Male",
    "avatar_style": "Social",
    "model": "modern",
    "aspect_ratio": "square",
}
LEAST = {
    ImageVideo: ROW,
    AvatarVideo: {"avatar_id": "look", "script": "Hello!"},
    CinematicVideo: {"prompt": "A walk", "avatar_id": ["look"]},
    StudioVideo: {"scenes": [{"type": "image", "source": URL, "duration": 1}]},
    PhotoAvatar: {"name": "Ada", "file": URL},
    PromptAvatar: {"name": "Ada", "prompt": "A countess"},
    DigitalTwin: {"name": "Ada", "file": URL},
    LegacyVideo: {"avatar_id": "look", "script": "Hello!", "voice_id": "v1"},
    AddMotion: {"id": "look"},
    LegacyPhoto: PHOTO,
    JoggPhoto: JOGG_PHOTO,
    JoggMotion: {"image_url": URL, "name": "Ada", "voice_id": "v1", "model": "2.0"},
    JoggVideo: {"avatar_id": 81, "voice_id": "v1", "script": "Hello!"},
}


def write(folder, content, name="table.csv"):
    """Write a table and return its path; an object is the only row of a JSON Lines table."""
    if isinstance(content, dict):
        name, content = "table.jsonl", json.dumps(content)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(path, spec=ImageVideo, **options):
    """Return what the error says, line by line, without the first one."""
    with pytest.raises(InvalidRequestError) as caught:
        read_manifest(path, spec, **options)
    first, *lines = str(caught.value).split("\n")
    assert first == f"{path.name}: {len(lines)} problem{'s' * (len(lines) > 1)}"
    return lines
