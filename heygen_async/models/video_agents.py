"""HeyGen v3 video agents: a prompt becomes a video, in a session that may ask back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Spec
from heygen_async.models.media import Media, media, show_many
from heygen_async.models.videos import Video

_LONGEST, _MOST_FILES = 10_000, 20


def _tuple(value: Sequence[Media] | None) -> tuple[Media, ...] | None:
    items: tuple[Media, ...] | None = checks.as_tuple(value)
    return items


_many_files = checks.optional(checks.several(0, _MOST_FILES, media))


@frozen(kw_only=True)
class VideoAgent(Spec[Video]):
    """A video that an agent makes of a ``prompt``, with ``files`` if there are any.

    In ``mode="chat"`` it may ask back: then the job is in state ``needs_action``, and
    ``video_agents.send`` answers. Once the video is begun, the job goes on as that of the video.

    https://developers.heygen.com/reference/create-video-agent
    """

    prompt: str = field(validator=checks.max_length(_LONGEST))
    """What the video is to be."""
    mode: Literal["generate", "chat"] | None = checks.option(checks.one_of(("generate", "chat")))
    """Whether the agent works by itself, or may ask back."""
    avatar_id: str | None = checks.option(checks.text)
    """The look that speaks; the agent picks one if left out."""
    voice_id: str | None = checks.option(checks.text)
    """The voice that speaks; the agent picks one if left out."""
    style_id: str | None = checks.option(checks.text)
    """The look of the film, a ``style_id`` of ``heygen.video_agents.styles()``."""
    brand_kit_id: str | None = checks.option(checks.text)
    """The brand whose colours, fonts and logos are used."""
    brand_glossary_id: str | None = checks.option(checks.text)
    """The brand glossary whose pronunciations apply."""
    orientation: Literal["landscape", "portrait"] | None = checks.option(
        checks.one_of(("landscape", "portrait"))
    )
    """Whether the picture is wide or tall."""
    files: tuple[Media, ...] | None = field(
        default=None, converter=_tuple, validator=_many_files, repr=show_many
    )
    """Pictures, videos, sounds and documents to make it from."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""
    incognito_mode: bool | None = checks.option(checks.flag)
    """Keeps the session out of what the agent remembers."""


@frozen(kw_only=True)
class AgentAnswer(Described):
    """What ``video_agents.send`` says in a session."""

    message: str = field(validator=checks.max_length(_LONGEST))
    """What is said to the agent."""
    avatar_id: str | None = checks.option(checks.text)
    """Another look from now on."""
    voice_id: str | None = checks.option(checks.text)
    """Another voice from now on."""
    brand_kit_id: str | None = checks.option(checks.text)
    """Another brand kit from now on."""
    files: tuple[Media, ...] | None = field(
        default=None, converter=_tuple, validator=_many_files, repr=show_many
    )
    """More to make the film from."""


@frozen(kw_only=True)
class AgentMessage:
    """A message of a session: ``type`` is "text", "resource" or "error"."""

    role: str
    content: str
    type: str
    created_at: int | None = None
    resource_ids: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class AgentSession:
    """A session with an agent; ``progress`` is a percentage, ``created_at`` Unix seconds.

    In lists only ``session_id``, ``title`` and ``created_at`` are told.

    https://developers.heygen.com/reference/get-video-agent-session
    """

    session_id: str
    status: str | None = None
    title: str | None = None
    progress: int | None = None
    video_id: str | None = field(default=None, metadata=NEEDED)
    created_at: int | None = None
    messages: tuple[AgentMessage, ...] = ()
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class AgentRun:
    """What an agent set out to do after a message."""

    session_id: str
    run_id: str
    title: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class AgentStyle:
    """A look that videos of an agent can have.

    https://developers.heygen.com/reference/list-video-agent-styles
    """

    style_id: str
    name: str
    thumbnail_url: str | None = None
    preview_video_url: str | None = None
    tags: tuple[str, ...] | None = None
    aspect_ratio: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class AgentResource:
    """A thing that an agent made or found in a session.

    https://developers.heygen.com/reference/get-video-agent-resource
    """

    resource_id: str
    resource_type: str
    source_type: str | None = None
    url: str | None = field(default=None, metadata=NEEDED)
    thumbnail_url: str | None = None
    preview_url: str | None = None
    created_at: int | None = None
    metadata: Mapping[str, Any] | None = field(default=None, hash=False)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)
