"""Values of JSON in tables: their types, and the classes that objects become."""

from __future__ import annotations

import typing

import attrs
import pytest

from heygen_async import (
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    JoggMotion,
    LegacyVideo,
    StudioVideo,
)
from heygen_async.batch import manifest

from .tables import LEAST, URL, problems, write

VOICE = "  line 1, column voice_id: voice_id must be a non-empty str, not "
NESTED = {
    "background": {"type": "color", "value": "red", "colour": "red"},
    "voice_settings": {"speed": 9, "volume": True},
    "watermark": {"scale": 1},
}


@pytest.mark.parametrize(
    ("spec", "changes", "expected"),
    [
        (ImageVideo, {"voice_id": 5}, [VOICE + "5"]),
        (ImageVideo, {"voice_id": {"a": 1}}, [VOICE + "{'a': 1}"]),
        (ImageVideo, {"remove_background": "true"}, ["must be True or False, not 'true'"]),
        (CinematicVideo, {"duration": True}, ["must be a whole number from 4 to 15, not True"]),
        (CinematicVideo, {"duration": 5.5}, ["must be a whole number from 4 to 15, not 5.5"]),
        (CinematicVideo, {"duration": "5"}, ["must be a whole number from 4 to 15, not '5'"]),
        (CinematicVideo, {"avatar_id": ["a", 5]}, ["avatar_id must be a non-empty str, not 5"]),
        (
            CinematicVideo,
            {"references": "a.jpg"},
            ["must be a list of 1 to 12 items, not 'a"],
        ),
        (CinematicVideo, {"references": [URL, 5]}, ["references[1]: must be a URL, asset:<id>"]),
        (LegacyVideo, {"avatar_id": {"id": "look"}}, ["must be str or AvatarLook, not {"]),
        (AvatarVideo, {"engine": "avatar_vi"}, ["column engine: type must be one of"]),
        (ImageVideo, {"image": 5}, ["column image: must be a URL, asset:<id>, or"]),
        (ImageVideo, {"image": "asset:"}, ["column image: id must be a non-empty str"]),
        (JoggMotion, {"image_url": "asset:1"}, ["image_url must be a URL, a pathlib.Path"]),
        (StudioVideo, {"scenes": [None]}, ["scenes must be AvatarScene or ImageScene or"]),
        (StudioVideo, {"scenes": [{}]}, ["scenes[0]: type must be one of 'avatar_video',"]),
        (StudioVideo, {"scenes": [{"type": []}]}, ["scenes[0]: type must be one of"]),
        (StudioVideo, {"scenes": [{"type": "video"}]}, ["scenes[0].source: is missing"]),
        (
            ImageVideo,
            {"background": {"type": "color"}},
            ["column background: a color background takes a value like"],
        ),
        (
            ImageVideo,
            NESTED,
            [
                "column voice_settings.speed: speed must be a number from 0.5 to 1.5, not 9",
                "column voice_settings.volume: volume must be a number from 0 to 1, not True",
                "column background.colour: Background has no such field; there are type, value,",
                "column watermark.image: is missing",
            ],
        ),
    ],
)
def test_values_in_json_have_the_types_of_json(tmp_path, spec, changes, expected):
    """A number is no text, true is no number, and what is nested is told with its path."""
    lines = problems(write(tmp_path, {**LEAST[spec], **changes}), spec)
    assert len(lines) == len(expected)
    for line, part in zip(lines, expected, strict=True):
        assert part in line


def choices_in(hint):
    """Yield each set of classes among which a field, or a part of it, has to choose."""
    options = manifest.options_of(hint)
    classes = [option for option in options if attrs.has(option)]
    if len(classes) > 1 and str not in options:
        yield frozenset(classes)
    parts = [typing.get_args(option)[0] for option in options if typing.get_origin(option) is tuple]
    for cls in classes:
        parts += typing.get_type_hints(cls).values()
    for part in parts:
        yield from choices_in(part)


def test_each_choice_of_classes_has_its_tags():
    """Wherever a spec takes one of several classes, one key tells them by different words."""
    choices = {choice for cls in LEAST for choice in choices_in(cls)}
    assert len(choices) == 2
    for choice in choices:
        keys, words = zip(*(manifest.TAGS[cls] for cls in choice), strict=True)
        assert len(set(keys)) == 1
        assert len(set(words)) == len(choice)
