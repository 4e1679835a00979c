"""HeyGen v3 video agents: a prompt becomes a video, in a session that may ask back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Result, Spec
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
class AgentMessage(Result):
    """A message of a session."""

    role: str
    """Who says it: ``user``, or ``model`` for the agent."""
    content: str
    """Its text."""
    type: str
    """What it is: ``text``, ``resource`` or ``error``."""
    created_at: int | None = None
    """When it was said, in Unix seconds."""
    resource_ids: tuple[str, ...] | None = None
    """The ids of the resources that come with it, which ``video_agents.resource`` takes."""


@frozen(kw_only=True)
class AgentSession(Result):
    """A session with an agent; lists tell ``session_id``, ``title`` and ``created_at`` only.

    https://developers.heygen.com/reference/get-video-agent-session
    """

    session_id: str
    """The session's id, which is that of its job until the video is begun."""
    status: str | None = None
    """What the agent is at.

    The vendor's word: ``thinking``, ``waiting_for_input``, ``reviewing``, ``generating``,
    ``completed`` or ``failed``.
    """
    title: str | None = None
    """Its name in the vendor's app."""
    progress: int | None = None
    """How far it is, 0 to 100 per cent."""
    video_id: str | None = field(default=None, metadata=NEEDED)
    """The id of the video that it makes; None until that is begun."""
    created_at: int | None = None
    """When it was begun, in Unix seconds."""
    messages: tuple[AgentMessage, ...] = ()
    """What was said in it, in order."""


@frozen(kw_only=True)
class AgentRun(Result):
    """What an agent set out to do after a message."""

    session_id: str
    """The session in which it happens."""
    run_id: str
    """The run's id."""
    title: str | None = None
    """The session's name in the vendor's app."""


@frozen(kw_only=True)
class AgentStyle(Result):
    """A look that videos of an agent can have.

    https://developers.heygen.com/reference/list-video-agent-styles
    """

    style_id: str
    """The style's id, which ``VideoAgent`` takes."""
    name: str
    """Its name."""
    thumbnail_url: str | None = None
    """A still picture of it."""
    preview_video_url: str | None = None
    """A short film in it."""
    tags: tuple[str, ...] | None = None
    """Words by which the vendor sorts it."""
    aspect_ratio: str | None = None
    """The shape it is made for, such as ``16:9``."""


@frozen(kw_only=True)
class AgentResource(Result):
    """A thing that an agent made or found in a session.

    https://developers.heygen.com/reference/get-video-agent-resource
    """

    resource_id: str
    """The resource's id."""
    resource_type: str
    """What it is, in the vendor's word, such as ``image`` or ``video``."""
    source_type: str | None = None
    """Where it comes from, in the vendor's word."""
    url: str | None = field(default=None, metadata=NEEDED)
    """The file. Signed, and expires; None where there is no file."""
    thumbnail_url: str | None = None
    """A still picture of it. Signed, and expires."""
    preview_url: str | None = None
    """A preview of it. Signed, and expires."""
    created_at: int | None = None
    """When it was made, in Unix seconds."""
    metadata: Mapping[str, Any] | None = field(default=None, hash=False)
    """What else the vendor tells of it, by its own names."""
