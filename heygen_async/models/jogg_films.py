"""JoggAI v2: lip syncs, translations and videos from templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.jogg import hosted, number
from heygen_async.models.media import AUDIO, VIDEO, Media, show_media

_PLAYBACK = ("normal", "normal_reverse", "normal_reverse_by_audio")
_MEDIUM: Mapping[str, Any] = {"media": frozenset({"image", "video"})}
ID = checks.whole(0, 2**63)
"""What JoggAI has as a number in an id."""
OWNER = checks.one_of(("public", "custom"))
"""Whose an avatar is: JoggAI's own or the account's."""


@frozen(kw_only=True)
class JoggLipSyncVideo(Result):
    """A video whose lips follow another sound; times are Unix seconds.

    https://docs.jogg.ai/api-reference/v2/Video/GetLipSyncVideo
    """

    task_id: str
    result_url: str | None = field(default=None, metadata=NEEDED)
    cover_url: str | None = None
    duration_seconds: float | None = None
    created_at: int | None = None
    completed_at: int | None = None


@frozen(kw_only=True)
class JoggLipSync(Spec[JoggLipSyncVideo]):
    """A video whose lips are to follow the sound of ``audio_url``.

    https://docs.jogg.ai/api-reference/v2/Video/CreateLipSyncVideo
    """

    video_url: Media = field(validator=hosted, metadata=VIDEO, repr=show_media)
    audio_url: Media = field(validator=hosted, metadata=AUDIO, repr=show_media)
    playback_type: Literal["normal", "normal_reverse", "normal_reverse_by_audio"] | None = (
        checks.option(checks.one_of(_PLAYBACK))
    )


@frozen(kw_only=True)
class JoggTranslatedVideo(Result):
    """A video in another language.

    https://docs.jogg.ai/api-reference/v2/Video/VideoTranslateGet
    """

    video_translate_id: str
    title: str | None = None
    url: str | None = field(default=None, metadata=NEEDED)
    subtitle_url: str | None = None


@frozen(kw_only=True)
class JoggTranslation(Spec[JoggTranslatedVideo]):
    """A video in another language, named as ``jogg.translations.languages()`` has it.

    https://docs.jogg.ai/api-reference/v2/Video/VideoTranslateCreate
    """

    video_url: Media = field(validator=hosted, metadata=VIDEO, repr=show_media)
    output_language: str = field(validator=checks.text)
    title: str | None = checks.option(checks.text)
    translate_audio_only: bool | None = checks.option(checks.flag)
    output_voice: str | None = checks.option(checks.text)
    add_subtitles: bool | None = checks.option(checks.flag)
    enable_dynamic_duration: bool | None = checks.option(checks.flag)
    callback_url: str | None = checks.option(checks.http_url)


@frozen(kw_only=True)
class JoggTemplateResult(Result):
    """A video from a template; times are Unix seconds.

    https://docs.jogg.ai/api-reference/v2/Video/TemplateVideoGet
    """

    video_id: str
    video_name: str | None = None
    url: str | None = field(default=None, metadata=NEEDED)
    cover_url: str | None = None
    duration_seconds: float | None = None
    deducted_credit: float | None = None
    created_at: int | None = None
    completed_at: int | None = None


@frozen(kw_only=True)
class JoggVariable:
    """What stands in a place of a template: ``content``, or a picture or video.

    That is in ``url``, or ``asset_id`` of an earlier upload. The document has ``webhook_url``
    here and not beside the variables.
    """

    type: Literal["text", "image", "video", "script"] = field(
        validator=checks.one_of(("text", "image", "video", "script"))
    )
    name: str = field(validator=checks.text)
    content: str | None = checks.option(checks.text)
    url: Media | None = field(
        default=None, validator=checks.optional(hosted), metadata=_MEDIUM, repr=show_media
    )
    asset_id: int | None = checks.option(ID)
    webhook_url: str | None = checks.option(checks.http_url)


@frozen(kw_only=True)
class JoggTemplateVideo(Spec[JoggTemplateResult]):
    """A video from a template; ``jogg.templates.get`` tells its variables.

    https://docs.jogg.ai/api-reference/v2/Video/CreateVideoWithTemplate
    """

    template_id: int = field(converter=number, validator=ID)
    voice_language: str = field(validator=checks.text)
    variables: tuple[JoggVariable, ...] = field(
        converter=checks.as_tuple,
        validator=checks.several(0, 1000, checks.instance_of(JoggVariable)),
    )
    video_name: str | None = checks.option(checks.text)
    avatar_id: int | None = field(default=None, converter=number, validator=checks.optional(ID))
    avatar_type: Literal["public", "custom"] | None = checks.option(OWNER)
    voice_id: str | None = checks.option(checks.text)
    captions_enabled: bool | None = checks.option(checks.flag)
    background_music_id: int | None = checks.option(ID)
    disable_random_trans: bool | None = checks.option(checks.flag)
    disable_random_moving: bool | None = checks.option(checks.flag)
    disable_trans: bool | None = checks.option(checks.flag)
    disable_moving: bool | None = checks.option(checks.flag)


@frozen(kw_only=True)
class JoggTemplatePlace(Result):
    """A place in a template, which a ``JoggVariable`` of the same type and name fills."""

    type: str | None = None
    name: str | None = None


@frozen(kw_only=True)
class JoggTemplate(Result):
    """A template; only ``jogg.templates.get`` tells its ``variables``.

    ``aspect_ratio`` is 0 for portrait, 1 for landscape, 2 for square.

    https://docs.jogg.ai/api-reference/v2/Template/GetTemplateById
    """

    id: int
    name: str | None = None
    cover_url: str | None = None
    preview_url: str | None = None
    aspect_ratio: int | None = None
    variables: tuple[JoggTemplatePlace, ...] | None = None


@frozen(kw_only=True)
class JoggListedVideo(Result):
    """A video or preview of a list, however it stands; ``created_at`` is Unix seconds."""

    id: str
    title: str | None = None
    status: str | None = None
    video_url: str | None = None
    cover_url: str | None = None
    video_duration: float | None = None
    created_at: int | None = None
    error: Mapping[str, Any] | None = field(default=None, hash=False)


@frozen(kw_only=True)
class JoggMusic(Result):
    """A piece of background music; ``duration`` is seconds.

    https://docs.jogg.ai/api-reference/v2/Asset/GetMusic
    """

    id: int
    name: str | None = None
    music_url: str | None = None
    duration: int | None = None


@frozen(kw_only=True)
class JoggVisualStyle(Result):
    """A style of product videos, which specs name by ``name``.

    https://docs.jogg.ai/api-reference/v2/Asset/GetVisualStyles
    """

    id: int
    name: str
