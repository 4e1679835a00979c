"""Deviations: the ways in which live answers depart from the vendors' pages, as switches."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import attrs

EXTRA_FIELD = "unheard_of"
EXTRA_VALUE = ({"since": "tomorrow"}, None, 1)

MAPS = frozenset({"upload_headers"})
"""Objects whose fields are data and not a schema's, so that none is made up there."""

OPTIONAL = frozenset(
    {
        "accent",
        "completed_at",
        "cover_url",
        "default_voice_id",
        "doc_url",
        "duration",
        "error_msg",
        "fail_msg",
        "gender",
        "gif_url",
        "param",
        "preferred_orientation",
        "preview_audio_url",
        "preview_video_url",
        "rid",
        "thumbnail_url",
        "title",
        "use_case",
        "video_page_url",
    }
)
"""Fields that nothing depends on, and that may be null."""


@attrs.frozen(kw_only=True)
class Drift:
    """How answers depart from the vendors' pages; the default is: not at all.

    ``jogg_words`` are JoggAI's words of status: ``"documented"``, ``"live"`` (``success`` and
    ``fail``) or ``"odd"`` (other synonyms and cases for each kind of job). ``jogg_http`` gives
    the HTTP status of one of its codes, and ``jogg_retry_after`` says whether its 429 carries
    ``Retry-After``. ``v2_videos`` are ``"wrapped"`` in ``data`` or ``"bare"``; ``v2_errors``
    an ``"object"`` or a ``"text"``; with ``v2_retired`` all of v1 and v2 answers 410.
    ``heygen_events`` are ``"documented"`` or ``"bare"``, without ``event_id`` and ``created_at``;
    ``jogg_events`` are ``"documented"`` or ``"live"``: a video's has ``project_id`` in place of
    ``video_id``, and neither ``status`` nor ``cover_url``.
    ``extra_fields`` puts an unknown field into every object, ``nulls`` makes optional fields
    null. A photo's preview and size show ``preview_delay`` seconds after it is completed, and
    a video that uses it earlier fails.
    """

    jogg_words: Literal["documented", "live", "odd"] = "documented"
    jogg_http: Mapping[int, int] = MappingProxyType({})
    jogg_retry_after: bool = True
    v2_videos: Literal["wrapped", "bare"] = "wrapped"
    v2_errors: Literal["object", "text"] = "object"
    v2_retired: bool = False
    heygen_events: Literal["documented", "bare"] = "documented"
    jogg_events: Literal["documented", "live"] = "documented"
    extra_fields: bool = False
    nulls: bool = False
    preview_delay: float = 0.0

    def __attrs_post_init__(self) -> None:
        """Refuse words that no switch knows."""
        for name, words in _WORDS.items():
            if getattr(self, name) not in words:
                raise ValueError(f"{name} should be one of: {', '.join(words)}")


_WORDS: Mapping[str, tuple[str, ...]] = {
    "jogg_words": ("documented", "live", "odd"),
    "v2_videos": ("wrapped", "bare"),
    "v2_errors": ("object", "text"),
    "heygen_events": ("documented", "bare"),
    "jogg_events": ("documented", "live"),
}


def deviate(value: Any, drift: Drift, name: str = "") -> Any:
    """Return a JSON answer with the unknown fields and the nulls that *drift* asks for."""
    if isinstance(value, list):
        return [deviate(item, drift) for item in value]
    if drift.nulls and name in OPTIONAL:
        return None
    if not isinstance(value, dict):
        return value
    members = {key: deviate(member, drift, key) for key, member in value.items()}
    if drift.extra_fields and name not in MAPS:
        members[EXTRA_FIELD] = EXTRA_VALUE
    return members
