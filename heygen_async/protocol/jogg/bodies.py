"""What JoggAI's specs and rows look like on the wire, where it is not as their classes have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def number_avatar_type(fields: dict[str, Any]) -> dict[str, Any]:
    """Write whose an avatar is, as a number."""
    if "avatar_type" in fields:
        fields["avatar_type"] = int(fields["avatar_type"] == "custom")
    return fields


def variable_body(fields: dict[str, Any]) -> dict[str, Any]:
    """Write a variable of a template, with all but its type and name inside."""
    named = {name: fields.pop(name) for name in ("type", "name")}
    return {**named, "properties": fields}


def template(row: dict[str, Any]) -> dict[str, Any]:
    """Read a template, which has two names for its id."""
    return renamed(row, {"template_id": "id"})


def listed_video(row: dict[str, Any]) -> dict[str, Any]:
    """Read a row of a list of videos; the list of templates' has other names."""
    return renamed(
        row,
        {
            "video_id": "id",
            "video_name": "title",
            "url": "video_url",
            "duration_seconds": "video_duration",
        },
    )


def renamed(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with other names for some of its fields."""
    return {names.get(name, name): value for name, value in row.items()}


def product_video_body(fields: dict[str, Any]) -> dict[str, Any]:
    """Write a video of a product, or its previews."""
    number_avatar_type(fields)
    names = ("length", "aspect_ratio", "caption", "name")
    return {
        "video_spec": _taken(fields, dict(zip(names, names, strict=True))),
        "avatar": _taken(fields, {"avatar_id": "id", "avatar_type": "type"}),
        "voice": _taken(fields, {"voice_id": "id"}),
        "audio": _taken(fields, {"music_id": "music_id"}),
        "script": _taken(fields, {"style": "style", "language": "language"}),
        **fields,
    }


def product_avatar_body(fields: dict[str, Any]) -> dict[str, Any]:
    """Write who is to be seen with a product."""
    source = _taken(fields, {"avatar_id": "avatar_id", "avatar_type": "avatar_type"})
    kind = "id" if source else "image" if "avatar_image" in fields else "description"
    source |= _taken(fields, {"avatar_image": "value", "avatar_description": "value"})
    return {"avatar_source": {"type": kind, **source}, **fields}


def script_body(fields: dict[str, Any]) -> dict[str, Any]:
    """Write which product a script is about."""
    data = _taken(fields, {"product_id": "id", "name": "name", "description": "description"})
    kind = "id" if "id" in data else "details"
    return {"product_info": {"source_type": kind, "data": data}, **fields}


def _taken(fields: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Take fields out of a body, under other names."""
    return {new: fields.pop(name) for name, new in names.items() if name in fields}
