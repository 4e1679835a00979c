"""What JoggAI's specs and rows look like on the wire, where it is not as their classes have it."""

from __future__ import annotations

from typing import Any


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
    return _renamed(row, {"template_id": "id"})


def listed_video(row: dict[str, Any]) -> dict[str, Any]:
    """Read a row of a list of videos; the list of templates' has other names."""
    return _renamed(
        row,
        {
            "video_id": "id",
            "video_name": "title",
            "url": "video_url",
            "duration_seconds": "video_duration",
        },
    )


def _renamed(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in row.items()}
