"""The files of a result: where their URLs stand in it, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

AssetName: TypeAlias = Literal["video", "captioned", "subtitles", "thumbnail", "gif"]
"""What a file of a result is called, whatever the field is that has its URL."""

ASSETS: Mapping[str, tuple[str, Sequence[str]]] = {
    "video": (
        ".mp4",
        (
            "video_url",
            "clips.video_url",
            "url",
            "result_url",
            "motion_preview_url",
            "layers.foreground",
        ),
    ),
    "captioned": (".mp4", ("captioned_video_url",)),
    "subtitles": (".srt", ("subtitle_url", "caption_url", "srt_caption_url")),
    "thumbnail": (".jpg", ("thumbnail_url", "clips.thumbnail_url")),
    "gif": (".gif", ("gif_url",)),
}
"""The usual suffix of each, and the fields in which the vendors have it."""

_NUMBER = re.compile(r"-\d+")  # in the name of a file, its place in a list


def find_files(found: Any, field: str, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and URL of each file that a field, or ``list.field``, leads to."""
    first, _, rest = field.partition(".")
    child = found.get(first) if isinstance(found, Mapping) else getattr(found, first, None)
    name = "-".join(filter(None, (name, first.removesuffix("_url"))))
    if isinstance(child, list | tuple):
        for number, item in enumerate(child, 1):
            if rest:
                yield from find_files(item, rest, f"{name}-{number}")
            elif isinstance(item, str) and item:
                yield f"{name}-{number}", item
    elif rest:
        yield from find_files(child, rest, name)
    elif isinstance(child, str) and child:
        yield name, child


def file_name(field: str) -> str:
    """Return what ``find_files`` names the files of a field after."""
    return "-".join(part.removesuffix("_url") for part in field.split("."))


def find_field(name: str, fields: Sequence[str]) -> str | None:
    """Return the field that has the files of a name: an asset's, its own, or that of a file."""
    _, known = ASSETS.get(name, ("", ()))
    plain = _NUMBER.sub("", file_name(name))
    return next((each for each in fields if each in known or file_name(each) == plain), None)


def find_file(found: Any, field: str, name: str) -> str | None:
    """Return the URL of the file of that name in a field: the first, or that of its number."""
    files = dict(find_files(found, field))
    return files.get(file_name(name)) if _NUMBER.search(name) else next(iter(files.values()), None)


def names_of(fields: Sequence[str]) -> Sequence[str]:
    """Return the names that ``find_field`` takes for some fields, those of assets first."""
    assets = [name for name, (_, known) in ASSETS.items() if {*known} & {*fields}]
    return list(dict.fromkeys((*assets, *map(file_name, fields))))
