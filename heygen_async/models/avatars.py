"""HeyGen v3 avatars: the specs that make one, the look it becomes, and the group it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._html import card
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.looks import ASPECT_RATIOS, AspectRatio
from heygen_async.models.media import IMAGE, VIDEO, Media, media, show_many, show_media

if TYPE_CHECKING:
    from collections.abc import Sequence


@frozen(kw_only=True)
class VendorError(Result):
    """Why something failed, in the vendor's words."""

    code: str | None = None
    """A word for programs."""
    message: str | None = None
    """A sentence for people."""


@frozen(kw_only=True)
class AvatarLook(Result):
    """One look of an avatar.

    https://developers.heygen.com/reference/get-avatar-look
    """

    id: str
    """The look's id, which is the ``avatar_id`` of a video."""
    name: str | None = None
    """Its name in the vendor's app."""
    avatar_type: str | None = None
    """What it was made from: ``studio_avatar``, ``digital_twin`` or ``photo_avatar``."""
    group_id: str | None = None
    """The id of the avatar whose look it is."""
    gender: str | None = None
    """The gender that the vendor gives the person."""
    tags: tuple[str, ...] | None = None
    """Words by which the vendor sorts it."""
    preview_image_url: str | None = field(default=None, metadata=NEEDED)
    """A still picture of it. Where the URL is signed, it expires."""
    preview_video_url: str | None = None
    """A short film of it. Where the URL is signed, it expires."""
    default_voice_id: str | None = None
    """The voice that speaks where a video names none; None if there is no such voice."""
    image_width: int | None = None
    """Width of its picture in pixels."""
    image_height: int | None = None
    """Height of its picture in pixels."""
    preferred_orientation: str | None = None
    """How its picture lies: ``portrait``, ``landscape`` or ``square``."""
    supported_api_engines: tuple[str, ...] | None = None
    """The engines that can animate it, by the names that ``AvatarVideo.engine`` takes."""
    status: str | None = field(default=None, metadata=NEEDED)
    """``processing``, ``pending_consent``, ``completed`` or ``failed``.

    None for public looks, which are always usable.
    """
    error: VendorError | None = None
    """Why it failed, None unless it did."""

    def _repr_html_(self) -> str:
        failed = self.error and self.error.message
        return card(
            self.name or self.id,
            *(self.id, self.avatar_type, self.status, failed),
            video=self.preview_video_url,
            picture=self.preview_image_url,
        )


@frozen(kw_only=True)
class AvatarGroup(Result):
    """An avatar with all its looks.

    https://developers.heygen.com/reference/get-avatar-group
    """

    id: str
    """The avatar's id, which specs take as ``avatar_group_id``."""
    name: str | None = None
    """Its name in the vendor's app."""
    created_at: int | None = None
    """When it was made, in Unix seconds."""
    looks_count: int | None = None
    """How many looks it has."""
    gender: str | None = None
    """The gender that the vendor gives the person."""
    preview_image_url: str | None = None
    """A still picture of it. Where the URL is signed, it expires."""
    preview_video_url: str | None = None
    """A short film of it. Where the URL is signed, it expires."""
    default_voice_id: str | None = None
    """The voice that speaks where a video names none; None if there is no such voice."""
    status: str | None = None
    """``processing``, ``pending_consent``, ``completed`` or ``failed``; None for public avatars."""
    consent_status: str | None = None
    """Whether the person shown has consented, in the vendor's word."""
    error: VendorError | None = None
    """Why it failed, None unless it did."""


@frozen(kw_only=True)
class Consent(Result):
    """Where the person shown in a digital twin gives their consent."""

    url: str | None = None
    """The page on which the person consents; None where a consent video was given."""
    avatar_group: AvatarGroup | None = None
    """The avatar whose person is asked."""


@frozen(kw_only=True)
class ConsentRequest(Described):
    """How a person consents: on a page, or by a ``consent_video`` that says it already."""

    reroute_url: str | None = checks.option(checks.http_url)
    """Where the person is sent after consenting on the vendor's page."""
    consent_text: str | None = checks.option(checks.max_length(1000))
    """What the person consents to; the vendor's own text if left out."""
    consent_video: Media | None = field(
        default=None, validator=checks.optional(media), metadata=VIDEO, repr=show_media
    )
    """A video in which the person consents; then there is no page."""

    def __attrs_post_init__(self) -> None:
        paged = self.reroute_url is not None or self.consent_text is not None
        if self.consent_video is not None and paged:
            raise checks.refuse(self, "consent_video goes without reroute_url and consent_text")


@frozen(kw_only=True)
class PhotoAvatar(Spec[AvatarLook]):
    """An avatar from one portrait; usable after about a minute.

    https://developers.heygen.com/docs/photo-avatar
    """

    name: str = field(validator=checks.text)
    """The avatar's name in the vendor's app."""
    file: Media = field(validator=media, metadata=IMAGE, repr=show_media)
    """The portrait, a PNG or JPEG."""
    avatar_group_id: str | None = checks.option(checks.text)
    """The avatar that gets one more look; a new one if left out."""


@frozen(kw_only=True)
class DigitalTwin(Spec[AvatarLook]):
    """An avatar from a ``file`` with a video of a person, who has to consent before it is usable.

    While consent is missing the job's state is ``needs_action``; ``avatars.consent`` gives the
    URL where it is given. Its group is ``job.details["avatar_group"]["id"]``, or the ``group_id``
    of ``avatars.looks.get(job.id)``.

    https://developers.heygen.com/reference/create-avatar
    """

    name: str = field(validator=checks.text)
    """The avatar's name in the vendor's app."""
    file: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The video of the person."""
    avatar_group_id: str | None = checks.option(checks.text)
    """The avatar that gets one more look; a new one if left out."""


def _references(value: Sequence[Media] | None) -> tuple[Media, ...] | None:
    items: tuple[Media, ...] | None = checks.as_tuple(value)
    return items


@frozen(kw_only=True)
class PromptAvatar(Spec[AvatarLook]):
    """An avatar from a ``prompt``, and from ``reference_images`` if there are any.

    https://developers.heygen.com/reference/create-avatar
    """

    name: str = field(validator=checks.text)
    """The avatar's name in the vendor's app."""
    prompt: str = field(validator=checks.max_length(1000))
    """What the person looks like."""
    reference_images: tuple[Media, ...] | None = field(
        default=None,
        metadata=IMAGE,
        converter=_references,
        validator=checks.optional(checks.several(1, 3, media)),
        repr=show_many,
    )
    """Pictures that the person is to resemble."""
    avatar_group_id: str | None = checks.option(checks.text)
    """The avatar that gets one more look; a new one if left out."""
    avatar_id: str | None = checks.option(checks.text)
    """A look that the new one is to resemble."""
    aspect_ratio: AspectRatio | None = checks.option(checks.one_of(ASPECT_RATIOS))
    """Width to height of the picture."""
