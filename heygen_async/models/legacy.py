"""HeyGen v1/v2, retired by the vendor on 2026-11-01: videos and photo avatars with motion."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.avatars import AvatarLook
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.looks import EXPRESSIVENESS, Background, Expressiveness
from heygen_async.models.speech import VoiceSettings
from heygen_async.models.videos import Video

if TYPE_CHECKING:
    from collections.abc import Sequence

MotionType: TypeAlias = Literal[
    "expressive",
    "consistent",
    "consistent_gen_3",
    "hailuo_2",
    "veo2",
    "seedance_lite",
    "kling",
]

MOTION_TYPES = (
    "expressive",
    "consistent",
    "consistent_gen_3",
    "hailuo_2",
    "veo2",
    "seedance_lite",
    "kling",
)


@frozen(kw_only=True)
class PhotoAvatarLook(Result):
    """A photo avatar of v2.

    https://docs.heygen.com/reference/get-photo-avatar-details
    """

    id: str
    """The look's id, which ``LegacyVideo`` takes as ``avatar_id``."""
    status: str
    """The vendor's word: ``pending``, ``processing``, ``completed`` or ``failed``."""
    name: str | None = None
    """Its name in the vendor's app."""
    group_id: str | None = None
    """The id of the group that it belongs to."""
    image_url: str | None = field(default=None, metadata=NEEDED)
    """Its picture. Signed, and expires after a week; empty until there is one."""
    created_at: float | None = None
    """When it was made, in Unix seconds."""
    is_motion: bool | None = field(default=None, metadata=NEEDED)
    """Whether it is one with motion."""
    motion_preview_url: str | None = field(default=None, metadata=NEEDED)
    """A short film of its motion. Signed, and expires; None without motion."""
    business_type: str | None = None
    """How it came to be, in the vendor's word, such as ``uploaded`` or ``generated``."""
    upscaled: bool | None = None
    """Whether its picture was enlarged."""
    default_voice_id: str | None = None
    """The voice that speaks where a video names none; None if there is no such voice."""


@frozen(kw_only=True)
class PhotoGeneration(Result):
    """Pictures made from a description.

    https://docs.heygen.com/reference/check-generation-status
    """

    id: str
    """The generation's id."""
    status: str
    """``pending``, ``processing`` or ``in_progress`` until it ends as ``success`` or ``failed``."""
    msg: str | None = None
    """Why it failed, for people; None unless it did."""
    image_url_list: tuple[str, ...] | None = field(default=None, metadata=NEEDED)
    """The pictures, to look at. Signed, and expire."""
    image_key_list: tuple[str, ...] | None = field(default=None, metadata=NEEDED)
    """The keys of the same pictures, in the same order, which go into a group."""


@frozen(kw_only=True)
class Training(Result):
    """How the training of a group stands.

    https://docs.heygen.com/reference/get-training-job-status
    """

    status: str
    """The vendor's word; ``ready`` is its end."""
    error_msg: str | None = None
    """Why it failed, for people; None unless it did."""
    created_at: float | None = None
    """When it was ordered, in Unix seconds."""
    updated_at: float | None = None
    """When its status last changed, in Unix seconds."""


def _url_or_nothing(instance: Any, attribute: Any, value: Any, /) -> None:
    if value != "":  # which the server takes
        checks.http_url(instance, attribute, value)


@frozen(kw_only=True)
class LegacyVideo(Spec[Video]):
    """``POST /v2/videos``; new code uses ``ImageVideo`` or ``AvatarVideo``.

    The picture is exactly one of ``avatar_id``, ``image_url`` and ``image_asset_id``; the voice is
    ``script`` with ``voice_id``, ``audio_url`` or ``audio_asset_id``.

    https://docs.heygen.com/reference/generate-video
    """

    avatar_id: str | AvatarLook | None = checks.option(checks.instance_of(str, AvatarLook))
    """The photo avatar that speaks, as an id or an ``AvatarLook``."""
    image_url: str | None = checks.option(checks.http_url)
    """A picture that speaks, in place of an avatar."""
    image_asset_id: str | None = checks.option(checks.text)
    """The same as the id of an uploaded file."""
    script: str | None = checks.option(checks.text)
    """What is said; this, ``audio_url`` or ``audio_asset_id``."""
    voice_id: str | None = checks.option(checks.text)
    """Who says the script."""
    audio_url: str | None = checks.option(_url_or_nothing)
    """A recording of what is said, in place of a script."""
    audio_asset_id: str | None = checks.option(checks.text)
    """The same as the id of an uploaded file."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    resolution: Literal["1080p", "720p"] = field(
        default="1080p", validator=checks.one_of(("1080p", "720p"))
    )
    """The shorter side of the video, in pixels."""
    aspect_ratio: Literal["16:9", "9:16"] = field(
        default="16:9", validator=checks.one_of(("16:9", "9:16"))
    )
    """Width to height."""
    motion_prompt: str | None = checks.option(checks.text)
    """How a photo avatar moves, in words."""
    expressiveness: Expressiveness | None = checks.option(checks.one_of(EXPRESSIVENESS))
    """How lively a photo avatar is."""
    remove_background: bool = field(default=False, validator=checks.flag)
    """Cuts the person out."""
    background: Background | None = checks.option(checks.instance_of(Background))
    """What is behind the person."""
    voice_settings: VoiceSettings | None = checks.option(checks.instance_of(VoiceSettings))
    """How the script is spoken; there are no engine settings in v2."""

    def __attrs_post_init__(self) -> None:
        self._exactly_one("avatar_id", "image_url", "image_asset_id")
        self._exactly_one("script", "audio_url", "audio_asset_id")
        if self.script is not None and self.voice_id is None:
            raise checks.refuse(self, "a script needs a voice_id")
        if self.voice_settings is not None and self.voice_settings.engine_settings is not None:
            raise checks.refuse(self, "v2 takes no engine_settings; AvatarVideo does")
        moving = self.motion_prompt is not None or self.expressiveness is not None
        refuse_motion_of(self, self.avatar_id, moving=moving)

    def _exactly_one(self, *names: str) -> None:
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            raise checks.refuse(
                self,
                f"give exactly one of {', '.join(names)}, not {' and '.join(given) or 'none'}",
            )


def refuse_motion_of(spec: object, look: str | AvatarLook | None, *, moving: bool) -> None:
    """Refuse motion for a look that is known to be no photo avatar."""
    if moving and isinstance(look, AvatarLook) and look.avatar_type not in (None, "photo_avatar"):
        raise checks.refuse(
            spec,
            "motion_prompt and expressiveness are for photo avatars, "
            f"{look.id} is a {look.avatar_type}",
        )


def _known_motion(instance: Any, attribute: Any, value: Any, /) -> None:
    checks.text(instance, attribute, value)
    if value not in MOTION_TYPES:
        warnings.warn(
            f"motion_type {value!r} is not documented ({', '.join(MOTION_TYPES)} are); "
            "it is passed on as it is",
            UserWarning,
            stacklevel=4,
        )


@frozen(kw_only=True)
class AddMotion(Spec[PhotoAvatarLook]):
    """Motion for a photo avatar, which gives a new look.

    There is no such call in v3: ``motion_prompt`` of a video takes its place.

    https://docs.heygen.com/reference/add-motion
    """

    id: str = field(validator=checks.text)
    """The look that is to move."""
    prompt: str | None = checks.option(checks.text)
    """How it moves, in words."""
    motion_type: MotionType | str = field(default="consistent", validator=_known_motion)
    """The engine; a word that is not documented is passed on with a warning."""


@frozen(kw_only=True)
class AddSoundEffect(Spec[PhotoAvatarLook]):
    """A sound for a look with motion.

    https://docs.heygen.com/reference/add-sound-effect
    """

    id: str = field(validator=checks.text)
    """A look with motion."""


@frozen(kw_only=True)
class UpscaleAvatar(Spec[PhotoAvatarLook]):
    """A larger version of a photo avatar look.

    https://docs.heygen.com/reference/upscale-avatar
    """

    id: str = field(validator=checks.text)
    """The look to enlarge."""


@frozen(kw_only=True)
class LegacyPhoto(Spec[PhotoGeneration]):
    """Pictures of a person who does not exist, from a description.

    https://docs.heygen.com/reference/generate-photo-avatar-photos
    """

    name: str = field(validator=checks.text)
    """The name of the pictures."""
    age: Literal["Young Adult", "Early Middle Age", "Late Middle Age", "Senior", "Unspecified"] = (
        field(
            validator=checks.one_of(
                ("Young Adult", "Early Middle Age", "Late Middle Age", "Senior", "Unspecified")
            )
        )
    )
    """How old the person looks."""
    gender: Literal["Woman", "Man", "Unspecified"] = field(
        validator=checks.one_of(("Woman", "Man", "Unspecified"))
    )
    """What gender the person looks."""
    ethnicity: str = field(
        validator=checks.one_of(
            (
                "White",
                "Black",
                "Asian American",
                "East Asian",
                "South East Asian",
                "South Asian",
                "Middle Eastern",
                "Pacific",
                "Hispanic",
                "Unspecified",
            )
        )
    )
    """Where the person seems to be from."""
    orientation: Literal["square", "horizontal", "vertical"] = field(
        validator=checks.one_of(("square", "horizontal", "vertical"))
    )
    """The shape of the pictures."""
    pose: Literal["half_body", "close_up", "full_body"] = field(
        validator=checks.one_of(("half_body", "close_up", "full_body"))
    )
    """How much of the person is seen."""
    style: str = field(
        validator=checks.one_of(
            ("Realistic", "Pixar", "Cinematic", "Vintage", "Noir", "Cyberpunk", "Unspecified")
        )
    )
    """What the pictures look like."""
    appearance: str = field(validator=checks.max_length(1000))
    """What else is to be seen, in words."""


@frozen(kw_only=True)
class CreateGroup(Spec[PhotoAvatarLook]):
    """A group of photo avatars from one picture.

    https://docs.heygen.com/reference/create-photo-avatar-group
    """

    name: str = field(validator=checks.text)
    """The name of the group."""
    image_key: str = field(validator=checks.text)
    """The picture, by its ``image_key``."""
    generation_id: str | None = checks.option(checks.text)
    """The ``LegacyPhoto`` job that the picture is from."""


@frozen(kw_only=True)
class TrainGroup(Spec[Training]):
    """The training of a group, which new looks need.

    https://docs.heygen.com/reference/train-photo-avatar-group
    """

    group_id: str = field(validator=checks.text)
    """The group to train."""


def _keys(value: Sequence[str]) -> tuple[str, ...]:
    items: tuple[str, ...] = checks.as_tuple(value)
    return items


@frozen(kw_only=True)
class AddLooks(Described):
    """More pictures for a group.

    https://docs.heygen.com/reference/add-looks-to-photo-avatar-group
    """

    group_id: str = field(validator=checks.text)
    """The group that gets them."""
    image_keys: tuple[str, ...] = field(
        converter=_keys, validator=checks.several(1, 4, checks.text)
    )
    """The pictures, by their keys."""
    name: str = field(validator=checks.text)
    """The name of the looks."""
    generation_id: str | None = checks.option(checks.text)
    """The ``LegacyPhoto`` job that the pictures are from."""
