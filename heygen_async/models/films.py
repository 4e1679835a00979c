"""HeyGen v3 films that are made without an avatar's script: podcasts, and renders of projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import Media, media, show_many, show_media

_DURATIONS = ("auto", "1min", "2min", "3min", "5min")


def _files(value: Sequence[Media] | None) -> tuple[Media, ...] | None:
    files: tuple[Media, ...] | None = checks.as_tuple(value)
    return files


@frozen(kw_only=True)
class HyperframesVideo(Result):
    """A render of a project, or one on its way.

    https://developers.heygen.com/reference/get-hyperframes-render
    """

    render_id: str
    """The render's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``queued``, ``rendering``, ``completed`` or ``failed``."""
    format: str | None = None
    """The sort of file: ``mp4``, ``webm`` or ``mov``."""
    title: str | None = None
    """Its name in the vendor's app."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film. Signed, and expires; None until it is done."""
    thumbnail_url: str | None = None
    """A still picture of it. Signed, and expires."""
    duration: float | None = None
    """Length of the film in seconds."""
    fps: int | None = None
    """Frames in a second."""
    quality: str | None = None
    """``draft``, ``standard`` or ``high``."""
    resolution: str | None = None
    """The size of the picture: ``1080p`` or ``4k``."""
    aspect_ratio: str | None = None
    """Width to height: ``16:9``, ``9:16`` or ``1:1``."""
    composition: str | None = None
    """Which composition of the project it is."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    completed_at: int | None = None
    """When it was done, in Unix seconds; None until then."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class HyperframesRender(Spec[HyperframesVideo]):
    """A render of a hyperframes ``project``.

    https://developers.heygen.com/reference/create-hyperframes-render
    """

    project: Media = field(
        validator=media, metadata={"media": frozenset({"application"})}, repr=show_media
    )
    """The project, a ZIP file."""
    fps: int | None = checks.option(checks.whole(1, 240))
    """Frames per second."""
    quality: Literal["draft", "standard", "high"] | None = checks.option(
        checks.one_of(("draft", "standard", "high"))
    )
    """How much work goes into each frame; drafts are sooner done."""
    format: Literal["mp4", "webm", "mov"] | None = checks.option(
        checks.one_of(("mp4", "webm", "mov"))
    )
    """The kind of file."""
    resolution: Literal["1080p", "4k"] | None = checks.option(checks.one_of(("1080p", "4k")))
    """The size of the film."""
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = checks.option(
        checks.one_of(("16:9", "9:16", "1:1"))
    )
    """Width to height."""
    composition: str | None = checks.option(checks.max_length(512))
    """Which composition of the project to render."""
    variables: Mapping[str, Any] | None = field(
        default=None, validator=checks.optional(checks.json_object), hash=False
    )
    """Values for the project's variables, by name; JSON."""
    title: str | None = checks.option(checks.max_length(500))
    """The name in the vendor's app."""
    callback_id: str | None = checks.option(checks.max_length(256))
    """Your own id for the job, given back in its webhook events."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""


@frozen(kw_only=True)
class PodcastVideo(Result):
    """A podcast, or one on its way.

    https://developers.heygen.com/reference/get-podcast
    """

    podcast_id: str
    """The podcast's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``processing``, ``completed`` or ``failed``."""
    title: str | None = None
    """Its name in the vendor's app."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film. Signed, and expires; None until it is done."""
    thumbnail_url: str | None = None
    """A still picture of it. Signed, and expires."""
    duration: float | None = None
    """Length of the film in seconds."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""


@frozen(kw_only=True)
class Podcast(Spec[PodcastVideo]):
    """A talk of a host and a guest about a ``topic``, ``source_files``, or both.

    https://developers.heygen.com/reference/create-podcast
    """

    host_avatar_id: str = field(validator=checks.text)
    """The look of the host, an ``id`` of ``heygen.avatars.looks.list()``."""
    guest_avatar_id: str = field(validator=checks.text)
    """The look of the guest, an ``id`` of ``heygen.avatars.looks.list()``."""
    host_voice_id: str = field(validator=checks.text)
    """The host's voice, a ``voice_id`` of ``heygen.voices.list()``."""
    guest_voice_id: str = field(validator=checks.text)
    """The guest's voice, a ``voice_id`` of ``heygen.voices.list()``."""
    topic: str | None = checks.option(checks.max_length(4000))
    """What they talk about; this, ``source_files`` or both."""
    source_files: tuple[Media, ...] | None = field(
        default=None,
        converter=_files,
        validator=checks.optional(checks.several(1, 5, media)),
        metadata={"media": frozenset({"application", "image", "video"})},
        repr=show_many,
    )
    """Documents, pictures or videos that they talk about."""
    layout: Literal["landscape", "portrait"] | None = checks.option(
        checks.one_of(("landscape", "portrait"))
    )
    """Whether the picture is wide or tall."""
    duration: Literal["auto", "1min", "2min", "3min", "5min"] | None = checks.option(
        checks.one_of(_DURATIONS)
    )
    """About how long they talk; ``auto`` leaves it to the vendor."""
    instructions: str | None = checks.option(checks.max_length(2000))
    """How they talk: tone, points to make, whom for."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""

    def __attrs_post_init__(self) -> None:
        if self.topic is None and self.source_files is None:
            raise checks.refuse(self, "give a topic, source_files or both")
