"""Webhooks: what a delivery tells, and the endpoints that deliveries go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from attrs import field, frozen

from heygen_async.models.jobs import NEEDED, Result

_MOST, _DEEPEST, _LONGEST = 50, 4, 200  # texts of an unknown event that may be ids


class JobRef(NamedTuple):
    """The job that an event speaks of: its id at the vendor, and the kinds of job it may be of.

    No kinds are any kind.
    """

    kinds: tuple[str, ...]
    id: str


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the short texts in JSON, not too deep."""
    if isinstance(value, str) and 0 < len(value) <= _LONGEST:
        yield value
    elif isinstance(value, Mapping | list) and depth < _DEEPEST:
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each, depth + 1)


def _possible_jobs(data: Mapping[str, Any]) -> tuple[JobRef, ...]:
    """Return jobs of any kind with each text in it that may be an id."""
    return tuple(JobRef((), each) for each in dict.fromkeys(islice(_texts(data), _MOST)))


@frozen(kw_only=True)
class WebhookEvent(Result):
    """What a delivery claims: a reason to look at a job, never the proof that it ended.

    ``event_type`` is the vendor's word, "" where the delivery has none, and ``created_at`` the
    vendor's own time, text or Unix seconds. ``signed`` is False for a delivery without signature,
    which anybody may have sent.
    """

    event_type: str = ""
    event_id: str | None = field(default=None, metadata=NEEDED)
    created_at: str | float | None = None
    signed: bool = False

    @property
    def job(self) -> JobRef | None:
        """The job it speaks of, None if it speaks of none."""
        return None

    @property
    def jobs(self) -> tuple[JobRef, ...]:
        """All names under which its job may be known."""
        return () if self.job is None else (self.job,)


@frozen(kw_only=True)
class UnknownEvent(WebhookEvent):
    """An event of a type or a shape that this package does not know, with all it came with."""

    data: Mapping[str, Any] = field(factory=dict, hash=False)

    @property
    def jobs(self) -> tuple[JobRef, ...]:
        """Whatever in it may be an id: if somebody waits for a job of that id, it is looked at."""
        return _possible_jobs(self.data)


@frozen(kw_only=True)
class VideoEvent(WebhookEvent):
    """HeyGen's ``avatar_video.*``, ``avatar_video_gif.*`` and ``avatar_video_caption.*``.

    ``message`` is the reason of a failure. URLs are signed and expire.

    https://developers.heygen.com/docs/webhook-events
    """

    video_id: str
    url: str | None = None
    message: str | None = None
    callback_id: str | None = None
    folder_id: str | None = None
    gif_download_url: str | None = None
    video_page_url: str | None = None
    video_share_page_url: str | None = None

    @property
    def job(self) -> JobRef:
        """The video's job, whichever API it was submitted to."""
        kinds = "heygen.video", "heygen.template-video", "heygen.v2.video"
        return JobRef(kinds, self.video_id)


@frozen(kw_only=True)
class VideoAgentEvent(WebhookEvent):
    """HeyGen's ``video_agent.success`` and ``video_agent.fail``; either id may be missing."""

    session_id: str | None = field(default=None, metadata=NEEDED)
    video_id: str | None = field(default=None, metadata=NEEDED)
    url: str | None = None
    message: str | None = None
    callback_id: str | None = None

    @property
    def job(self) -> JobRef | None:
        """The session's job, or that of its video."""
        return next(iter(self.jobs), None)

    @property
    def jobs(self) -> tuple[JobRef, ...]:
        """Session and video; without a session it may be any whose video is not known yet."""
        video = (JobRef(("heygen.video",), self.video_id),) if self.video_id else ()
        session = JobRef(("heygen.video-agent",), self.session_id or "")
        if self.session_id:
            return (session, *video)
        return (*video, session) if video else ()


@frozen(kw_only=True)
class TranslationEvent(WebhookEvent):
    """HeyGen's ``video_translate.success`` and ``video_translate.fail``."""

    video_translate_id: str
    url: str | None = None
    message: str | None = None
    callback_id: str | None = None
    output_language: str | None = None

    @property
    def job(self) -> JobRef:
        """The translation's job, however it was started."""
        kinds = "heygen.translation", "heygen.proofread-translation"
        return JobRef(kinds, self.video_translate_id)


_JOGG_KINDS = {
    "generated_product_video": ("jogg.product-video", "jogg.preview-render"),
    "generated_template_video": ("jogg.template-video",),
    "generated_translate_video": ("jogg.translation",),
}


@frozen(kw_only=True)
class JobEndEvent(WebhookEvent):
    """HeyGen's events of other jobs, whose data no page describes: ``id`` is what was made.

    They are ``ai_clipping.*``, ``filler_word_removal.*``, ``hyperframes_video.*``,
    ``instant_avatar.*``, ``photo_avatar_add_motion.*``, ``photo_avatar_generation.*``,
    ``photo_avatar_train.*``, ``podcast.*`` and ``proofread_creation.*``.
    """

    id: str
    url: str | None = None
    message: str | None = None
    callback_id: str | None = None

    @property
    def job(self) -> JobRef:
        """The job of the kinds that such an event can be of."""
        return JobRef(JOB_EVENTS.get(self.event_type.rpartition(".")[0], ()), self.id)

    @property
    def jobs(self) -> tuple[JobRef, ...]:
        """That job, and whatever else may be an id: which field has it is not documented."""
        return (self.job, *_possible_jobs(self.extra))


JOB_EVENTS: Mapping[str, tuple[str, ...]] = {
    "ai_clipping": ("heygen.clipping",),
    "filler_word_removal": ("heygen.filler-word-removal",),
    "hyperframes_video": ("heygen.hyperframes",),
    "instant_avatar": ("heygen.avatar",),
    "photo_avatar_add_motion": ("heygen.v2.motion",),
    "photo_avatar_generation": ("heygen.avatar", "heygen.v2.photos"),
    "photo_avatar_train": ("heygen.v2.training",),
    "podcast": ("heygen.podcast",),
    "proofread_creation": ("heygen.proofread",),
}
"""The kinds of job that each family of ``JobEndEvent`` may be of."""


@frozen(kw_only=True)
class JoggVideoEvent(WebhookEvent):
    """JoggAI's ``generated_video_*``, and those of an avatar, a product, a template, a translation.

    ``video_id`` is the job's id, also where the vendor has another name for it.
    """

    video_id: str
    status: str | None = None
    video_url: str | None = None
    cover_url: str | None = None
    duration: float | None = None
    code: str | int | None = None
    message: str | None = None

    @property
    def job(self) -> JobRef:
        """The video's job."""
        family = self.event_type.rpartition("_")[0]
        return JobRef(_JOGG_KINDS.get(family, ("jogg.video",)), self.video_id)


@frozen(kw_only=True)
class JoggPhotoEvent(WebhookEvent):
    """JoggAI's ``generated_image_*``: the pictures of a ``JoggPhoto``."""

    photo_id: str
    photo_urls: tuple[str, ...] | None = None
    code: str | int | None = None
    message: str | None = None

    @property
    def job(self) -> JobRef:
        """The job that makes the pictures."""
        return JobRef(("jogg.photo",), self.photo_id)


@frozen(kw_only=True)
class JoggMotionEvent(WebhookEvent):
    """JoggAI's ``generated_motion_*``: a photo avatar that moves; its own id is not told."""

    motion_id: str
    motion_url: str | None = None
    photo_url: str | None = None
    code: str | int | None = None
    message: str | None = None

    @property
    def job(self) -> JobRef:
        """The job that makes it move."""
        return JobRef(("jogg.motion", "jogg.product-motion"), self.motion_id)


@frozen(kw_only=True)
class JoggAvatarEvent(WebhookEvent):
    """JoggAI's ``generated_photo_avatar_*``; it names an avatar and no job."""

    avatar_id: str | int
    status: str | None = None
    preview_url: str | None = None
    cover_url: str | None = None
    code: str | int | None = None
    message: str | None = None


@frozen(kw_only=True)
class WebhookEndpoint(Result):
    """A URL that HeyGen delivers events to; ``events`` is None for all of them.

    https://developers.heygen.com/docs/webhook-events
    """

    endpoint_id: str
    url: str
    status: str | None = None
    created_at: str | None = None
    events: tuple[str, ...] | None = None
    secret: str | None = field(default=None, repr=False, metadata=NEEDED)


@frozen(kw_only=True)
class EventType(Result):
    """A type of event that HeyGen can deliver."""

    event_type: str
    description: str | None = None


@frozen(kw_only=True)
class DeliveredEvent(Result):
    """An event that HeyGen has delivered, as its history has it."""

    event_id: str
    event_type: str
    created_at: str | None = None
    event_data: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class JoggWebhookEndpoint(Result):
    """A URL that JoggAI delivers events to; ``created_at`` is Unix seconds.

    https://docs.jogg.ai/api-reference/v2/API%20Documentation/WebhookIntegration
    """

    endpoint_id: str
    url: str
    status: str | None = None
    events: tuple[str, ...] | None = None
    username: str | None = None
    created_at: int | None = None
    secret: str | None = field(default=None, repr=False, metadata=NEEDED)
