"""JoggAI v2: photos, photo avatars with motion, videos, and what its lists hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import AUDIO, Asset, AssetId, Media, media, show_media

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTRAIT: Mapping[str, Any] = {"media": frozenset({"image"}), "min_pixels": 512}
"""Metadata of a field whose local file must be a portrait large enough for JoggAI."""

SHORT_DESCRIPTION, LONG_DESCRIPTION = 299, 1500
"""Bytes that ``JoggMotion.description`` may have with model 1.0, and with the others."""


def hosted(instance: Any, attribute: Any, value: Any, /) -> None:
    """Want media that can become a URL: JoggAI knows no asset ids."""
    media(instance, attribute, value)
    if isinstance(value, AssetId) or (isinstance(value, Asset) and value.url is None):
        raise checks.refuse(
            instance,
            f"{attribute.name} must be a URL, a pathlib.Path, bytes or an Asset with a URL",
            attribute.name,
        )


@frozen(kw_only=True)
class JoggPhotoSet(Result):
    """Pictures of one person.

    https://docs.jogg.ai/api-reference/v2/Avatar/PhotoStatusCheck
    """

    photo_id: str
    """The id of the job that made them, which ``JoggMotion`` takes besides a picture."""
    image_urls: tuple[str, ...]
    """The pictures, usually four, which ``JoggMotion`` takes."""
    image_keys: tuple[str, ...] = ()
    """The vendor's names of the same files, in the same order."""


@frozen(kw_only=True)
class JoggMotionAvatar(Result):
    """A photo avatar that moves.

    https://docs.jogg.ai/api-reference/v2/Avatar/MotionStatusCheck
    """

    motion_id: str
    """The id of the job that made it move."""
    avatar_id: int | None = None
    """The avatar's id, which ``JoggVideo`` takes; where it is None, ``job.details`` has it."""
    name: str | None = None
    """The name that it was given."""
    voice_id: str | None = None
    """The voice that it was made with."""
    image_url: str | None = None
    """The picture that it was made from."""
    motion_preview_url: str | None = field(default=None, metadata=NEEDED)
    """A short film of it."""


@frozen(kw_only=True)
class JoggAvatarVideo(Result):
    """A video of an avatar that speaks.

    https://docs.jogg.ai/api-reference/v2/Video/GetAvatarVideo
    """

    video_id: str
    """The video's id."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film."""
    cover_url: str | None = None
    """A still picture of it."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    duration: float | None = None
    """Its length in seconds; the vendor does not always tell it."""


@frozen(kw_only=True)
class JoggAvatar(Result):
    """An avatar of a JoggAI list; which fields it has depends on the list."""

    id: int
    """The avatar's id, which specs take as ``avatar_id``."""
    name: str | None = None
    """Its name."""
    cover_url: str | None = None
    """A still picture of it."""
    video_url: str | None = None
    """A short film of it."""
    avatar_url: str | None = None
    """A file of a custom avatar, of which the vendor says no more."""
    status: str | None = None
    """``processing``, ``completed`` or ``failed``; None in the public list: all are usable."""
    fail_msg: str | None = None
    """Why it failed, for people; empty unless it did."""
    aspect_ratio: int | None = None
    """0 for portrait, 1 for landscape, 2 for square."""
    style: str | None = None
    """``professional`` or ``social``."""
    gender: str | None = None
    """``female`` or ``male``."""
    age: str | None = None
    """``young_adult``, ``adult`` or ``senior``."""
    api_only: bool | None = None
    """Whether it can be used by the API only."""


@frozen(kw_only=True)
class JoggVoice(Result):
    """A voice of JoggAI."""

    voice_id: str
    """The voice's id, which specs take."""
    name: str | None = None
    """Its name."""
    language: str | None = None
    """The language it speaks."""
    gender: str | None = None
    """``female`` or ``male``."""
    age: str | None = None
    """``young``, ``middle_aged`` or ``old``."""
    accent: str | None = None
    """Its accent, in the vendor's word."""
    use_case: str | None = None
    """What it is good for, in the vendor's word."""
    audio_url: str | None = None
    """A sample of it."""


@frozen(kw_only=True)
class JoggUser(Result):
    """Who the API key belongs to."""

    username: str
    """The account's name."""
    email: str | None = None
    """Its mail address."""


@frozen(kw_only=True)
class JoggPhoto(Spec[JoggPhotoSet]):
    """Four pictures of a person from a description, and from a picture in ``image_url`` if given.

    https://docs.jogg.ai/api-reference/v2/Avatar/PhotoAvatarGenerate
    """

    age: Literal["Teenager", "Young adult", "Adult", "Elderly"] = field(
        validator=checks.one_of(("Teenager", "Young adult", "Adult", "Elderly"))
    )
    """How old the person looks."""
    gender: Literal["Female", "Male"] = field(validator=checks.one_of(("Female", "Male")))
    """What gender the person looks."""
    avatar_style: Literal["Professional", "Social"] = field(
        validator=checks.one_of(("Professional", "Social"))
    )
    """Whether the person is dressed for work, or as on social media."""
    model: Literal["classic", "modern"] = field(validator=checks.one_of(("classic", "modern")))
    """The model that draws."""
    aspect_ratio: Literal["portrait", "landscape", "square"] = field(
        validator=checks.one_of(("portrait", "landscape", "square"))
    )
    """The shape of the pictures."""
    ethnicity: str | None = checks.option(
        checks.one_of(
            (
                "European",
                "African",
                "South Asian",
                "East Asian",
                "Middle Eastern",
                "South American",
                "North American",
            )
        )
    )
    """Where the person seems to be from."""
    background: str | None = checks.option(checks.text)
    """What is behind the person, in words."""
    appearance: str | None = checks.option(checks.text)
    """What the person looks like, in words."""
    image_url: Media | None = field(
        default=None, validator=checks.optional(hosted), metadata=PORTRAIT, repr=show_media
    )
    """A picture of somebody whom the person is to resemble; 512 pixels each way at least."""


@frozen(kw_only=True)
class JoggMotion(Spec[JoggMotionAvatar]):
    """A photo avatar that moves, from a portrait in ``image_url``.

    https://docs.jogg.ai/api-reference/v2/Avatar/PhotoAvatarAddMotion
    """

    image_url: Media = field(validator=hosted, metadata=PORTRAIT, repr=show_media)
    """The portrait; 512 pixels each way at least."""
    name: str = field(validator=checks.text)
    """The avatar's name."""
    voice_id: str = field(validator=checks.text)
    """Its voice, a ``voice_id`` of ``jogg.voices.list()``."""
    model: Literal["1.0", "2.0", "2.0-Pro", "3.0"] = field(
        validator=checks.one_of(("1.0", "2.0", "2.0-Pro", "3.0"))
    )
    """The model that moves it."""
    photo_id: str | None = checks.option(checks.text)
    """The ``JoggPhoto`` that the picture is from."""
    description: str | None = checks.option(checks.text)
    """How it moves; up to 299 bytes with model 1.0, 1,500 with the others."""
    welcome_msg: str | None = checks.option(checks.text)
    """What it says first, in place of its own greeting."""

    def __attrs_post_init__(self) -> None:
        limit = SHORT_DESCRIPTION if self.model == "1.0" else LONG_DESCRIPTION
        size = len((self.description or "").encode(errors="surrogatepass"))
        if size > limit:
            raise checks.refuse(
                self,
                f"description has {size} bytes, model {self.model} takes {limit}",
            )


_ID = re.compile(r"\s*\d{1,19}\s*", re.ASCII)


def number(value: int | str) -> int | str:
    """Read an id that was given as text, as a table gives it."""
    return int(value) if isinstance(value, str) and _ID.fullmatch(value) else value


@frozen(kw_only=True)
class JoggVideo(Spec[JoggAvatarVideo]):
    """A video of an avatar that speaks: ``script`` or ``audio``, and a ``voice_id`` in any case.

    https://docs.jogg.ai/api-reference/v2/Video/CreateVideoFromAvatar
    """

    avatar_id: int = field(converter=number, validator=checks.whole(0, 2**63))
    """The avatar that speaks, by its number."""
    voice_id: str = field(validator=checks.text)
    """Who says the script; JoggAI wants it beside ``audio``, too."""
    avatar_type: Literal["public", "custom"] = field(
        default="custom", validator=checks.one_of(("public", "custom"))
    )
    """Whose the avatar is: JoggAI's own, or yours, photo avatars among them."""
    script: str | None = checks.option(checks.text)
    """What is said; either this or ``audio``."""
    audio: Media | None = field(
        default=None, validator=checks.optional(hosted), metadata=AUDIO, repr=show_media
    )
    """A recording of what is said."""
    aspect_ratio: Literal["portrait", "landscape", "square"] = field(
        default="portrait", validator=checks.one_of(("portrait", "landscape", "square"))
    )
    """The shape of the video."""
    screen_style: Literal[1, 2, 3] = field(default=1, validator=checks.whole(1, 3))
    """1 is with a background, 2 a green screen, 3 a WebM with alpha."""
    caption: bool | None = checks.option(checks.flag)
    """Shows subtitles."""
    webhook_url: str | None = checks.option(checks.http_url)
    """Where JoggAI POSTs the outcome, in addition to webhook endpoints."""
    video_name: str | None = checks.option(checks.text)
    """The video's name in JoggAI's app."""

    def __attrs_post_init__(self) -> None:
        if (self.script is None) == (self.audio is None):
            raise checks.refuse(self, "give either script or audio")
