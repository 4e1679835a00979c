"""Webhooks: what a delivery tells, and the endpoints that deliveries go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from attrs import field, frozen

from heygen_async.models.jobs import NEEDED, Result

_MOST, _DEEPEST, _LONGEST = 50, 4, 200  # texts of an unknown event that may be ids


class JobRef(NamedTuple):
    """The job that an event speaks of."""

    kinds: tuple[str, ...]
    """The kinds of job it may be of; empty for any kind."""
    id: str
    """Its id at the vendor."""


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
    """What a delivery claims: a reason to look at a job, never the proof that it ended."""

    event_type: str = ""
    """The vendor's word for what happened, "" where the delivery has none."""
    event_id: str | None = field(default=None, metadata=NEEDED)
    """The vendor's id of the event, the same in repeated deliveries of it."""
    created_at: str | float | None = None
    """When it happened by the vendor's clock: an ISO 8601 text, or Unix seconds."""
    signed: bool = False
    """Whether its signature was right; False for one without, which anybody may have sent."""

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
    """An event of a type or a shape that this package does not know."""

    data: Mapping[str, Any] = field(factory=dict, hash=False)
    """All that it came with, by the vendor's names."""

    @property
    def jobs(self) -> tuple[JobRef, ...]:
        """Whatever in it may be an id: if somebody waits for a job of that id, it is looked at."""
        return _possible_jobs(self.data)


@frozen(kw_only=True)
class VideoEvent(WebhookEvent):
    """HeyGen's ``avatar_video.*``, ``avatar_video_gif.*`` and ``avatar_video_caption.*``.

    https://developers.heygen.com/docs/webhook-events
    """

    video_id: str
    """The video's id."""
    url: str | None = None
    """What was made, for ``avatar_video.success`` the film. Signed, and expires."""
    message: str | None = None
    """Why it failed, for people."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    folder_id: str | None = None
    """The folder of the vendor's app that it lies in."""
    gif_download_url: str | None = None
    """A short moving preview. Signed, and expires."""
    video_page_url: str | None = None
    """Its page in the vendor's app."""
    video_share_page_url: str | None = None
    """Its page for sharing, None where that is off."""

    @property
    def job(self) -> JobRef:
        """The video's job, whichever API it was submitted to."""
        kinds = "heygen.video", "heygen.template-video", "heygen.v2.video"
        return JobRef(kinds, self.video_id)


@frozen(kw_only=True)
class VideoAgentEvent(WebhookEvent):
    """HeyGen's ``video_agent.success`` and ``video_agent.fail``; either id may be missing."""

    session_id: str | None = field(default=None, metadata=NEEDED)
    """The session's id; None where only the video is named."""
    video_id: str | None = field(default=None, metadata=NEEDED)
    """The id of the video that the session made; None where only the session is named."""
    url: str | None = None
    """The film. Signed, and expires."""
    message: str | None = None
    """Why it failed, for people."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""

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
    """The translation's id."""
    url: str | None = None
    """The translated film. Signed, and expires."""
    message: str | None = None
    """Why it failed, for people."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    output_language: str | None = None
    """The language it is translated into."""

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
    """HeyGen's events of other jobs, whose data no page describes.

    They are ``ai_clipping.*``, ``filler_word_removal.*``, ``hyperframes_video.*``,
    ``instant_avatar.*``, ``photo_avatar_add_motion.*``, ``photo_avatar_generation.*``,
    ``photo_avatar_train.*``, ``podcast.*`` and ``proofread_creation.*``.
    """

    id: str
    """The id of what was made."""
    url: str | None = None
    """Its main file. Signed, and expires."""
    message: str | None = None
    """Why it failed, for people."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""

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
    """JoggAI's ``generated_video_*``, and those of avatars, products, templates, translations."""

    video_id: str
    """The job's id, also where the vendor has another name for it."""
    status: str | None = None
    """The vendor's word, such as ``success`` or ``failed``."""
    video_url: str | None = None
    """The film."""
    cover_url: str | None = None
    """A still picture of it."""
    duration: float | None = None
    """Its length in seconds."""
    code: str | int | None = None
    """Why it failed, for programs."""
    message: str | None = None
    """Why it failed, for people."""

    @property
    def job(self) -> JobRef:
        """The video's job."""
        family = self.event_type.rpartition("_")[0]
        return JobRef(_JOGG_KINDS.get(family, ("jogg.video",)), self.video_id)


@frozen(kw_only=True)
class JoggPhotoEvent(WebhookEvent):
    """JoggAI's ``generated_image_*``: the pictures of a ``JoggPhoto``."""

    photo_id: str
    """The id of the job that makes the pictures."""
    photo_urls: tuple[str, ...] | None = None
    """The pictures, which ``JoggMotion`` takes."""
    code: str | int | None = None
    """Why it failed, for programs."""
    message: str | None = None
    """Why it failed, for people."""

    @property
    def job(self) -> JobRef:
        """The job that makes the pictures."""
        return JobRef(("jogg.photo",), self.photo_id)


@frozen(kw_only=True)
class JoggMotionEvent(WebhookEvent):
    """JoggAI's ``generated_motion_*``: a photo avatar that moves; its own id is not told."""

    motion_id: str
    """The id of the job that makes it move."""
    motion_url: str | None = None
    """A short film of it."""
    photo_url: str | None = None
    """The picture that it was made from."""
    code: str | int | None = None
    """Why it failed, for programs."""
    message: str | None = None
    """Why it failed, for people."""

    @property
    def job(self) -> JobRef:
        """The job that makes it move."""
        return JobRef(("jogg.motion", "jogg.product-motion"), self.motion_id)


@frozen(kw_only=True)
class JoggAvatarEvent(WebhookEvent):
    """JoggAI's ``generated_photo_avatar_*``; it names no job."""

    avatar_id: str | int
    """The avatar's id, which ``JoggVideo`` takes."""
    status: str | None = None
    """The vendor's word, such as ``success`` or ``failed``."""
    preview_url: str | None = None
    """A short film of it."""
    cover_url: str | None = None
    """A still picture of it."""
    code: str | int | None = None
    """Why it failed, for programs."""
    message: str | None = None
    """Why it failed, for people."""


@frozen(kw_only=True)
class WebhookEndpoint(Result):
    """A URL that HeyGen delivers events to.

    https://developers.heygen.com/docs/webhook-events
    """

    endpoint_id: str
    """The endpoint's id, for updating and deleting it."""
    url: str
    """Where deliveries go."""
    status: str | None = None
    """``enabled``, or the vendor's word for why nothing is delivered."""
    created_at: str | None = None
    """When it was registered, an ISO 8601 text."""
    events: tuple[str, ...] | None = None
    """The types of event that are delivered; None for all of them."""
    secret: str | None = field(default=None, repr=False, metadata=NEEDED)
    """What signs the deliveries; told when it is made or rotated, None otherwise."""


@frozen(kw_only=True)
class EventType(Result):
    """A type of event that HeyGen can deliver."""

    event_type: str
    """Its name, which ``webhooks.create`` takes."""
    description: str | None = None
    """What it tells, in the vendor's words."""


@frozen(kw_only=True)
class DeliveredEvent(Result):
    """An event that HeyGen has delivered, as its history has it."""

    event_id: str
    """The event's id."""
    event_type: str
    """The vendor's word for what happened."""
    created_at: str | None = None
    """When it happened, an ISO 8601 text."""
    event_data: Mapping[str, Any] = field(factory=dict, hash=False)
    """What was delivered, by the vendor's names."""


@frozen(kw_only=True)
class JoggWebhookEndpoint(Result):
    """A URL that JoggAI delivers events to.

    https://docs.jogg.ai/api-reference/v2/API%20Documentation/WebhookIntegration
    """

    endpoint_id: str
    """The endpoint's id, for updating and deleting it."""
    url: str
    """Where deliveries go."""
    status: str | None = None
    """``enabled`` or ``disabled``."""
    events: tuple[str, ...] | None = None
    """The types of event that are delivered."""
    username: str | None = None
    """The account that it belongs to."""
    created_at: int | None = None
    """When it was registered, in Unix seconds."""
    secret: str | None = field(default=None, repr=False, metadata=NEEDED)
    """What signs the deliveries; told when it is made, None otherwise."""
