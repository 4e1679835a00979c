"""JoggAI v2: lip syncs, translations and videos from templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
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
    """A video whose lips follow another sound.

    https://docs.jogg.ai/api-reference/v2/Video/GetLipSyncVideo
    """

    task_id: str
    """The job's id."""
    result_url: str | None = field(default=None, metadata=NEEDED)
    """The film; None until it is done."""
    cover_url: str | None = None
    """A still picture of it."""
    duration_seconds: float | None = None
    """Its length in seconds."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    completed_at: int | None = None
    """When it was done, in Unix seconds; None until then."""


@frozen(kw_only=True)
class JoggLipSync(Spec[JoggLipSyncVideo]):
    """A video whose lips are to follow the sound of ``audio_url``.

    https://docs.jogg.ai/api-reference/v2/Video/CreateLipSyncVideo
    """

    video_url: Media = field(validator=hosted, metadata=VIDEO, repr=show_media)
    """The video whose lips are to follow."""
    audio_url: Media = field(validator=hosted, metadata=AUDIO, repr=show_media)
    """What it is to say."""
    playback_type: Literal["normal", "normal_reverse", "normal_reverse_by_audio"] | None = (
        checks.option(checks.one_of(_PLAYBACK))
    )
    """What a video does that is shorter than the sound."""


@frozen(kw_only=True)
class JoggTranslatedVideo(Result):
    """A video in another language.

    https://docs.jogg.ai/api-reference/v2/Video/VideoTranslateGet
    """

    video_translate_id: str
    """The translation's id."""
    title: str | None = None
    """The name that it was given."""
    url: str | None = field(default=None, metadata=NEEDED)
    """The translated film; None until it is done."""
    subtitle_url: str | None = None
    """Its subtitles as a file, if they were asked for."""


@frozen(kw_only=True)
class JoggTranslation(Spec[JoggTranslatedVideo]):
    """A video in another language.

    https://docs.jogg.ai/api-reference/v2/Video/VideoTranslateCreate
    """

    video_url: Media = field(validator=hosted, metadata=VIDEO, repr=show_media)
    """The video to translate."""
    output_language: str = field(validator=checks.text)
    """The language, as ``jogg.translations.languages()`` names it."""
    title: str | None = checks.option(checks.text)
    """The video's name in JoggAI's app."""
    translate_audio_only: bool | None = checks.option(checks.flag)
    """Changes the sound only, and leaves the lips as they are."""
    output_voice: str | None = checks.option(checks.text)
    """The voice that speaks."""
    add_subtitles: bool | None = checks.option(checks.flag)
    """Shows subtitles."""
    enable_dynamic_duration: bool | None = checks.option(checks.flag)
    """Lets the film become longer or shorter, to suit the new language."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where JoggAI POSTs the outcome, in addition to webhook endpoints."""


@frozen(kw_only=True)
class JoggTemplateResult(Result):
    """A video from a template.

    https://docs.jogg.ai/api-reference/v2/Video/TemplateVideoGet
    """

    video_id: str
    """The video's id."""
    video_name: str | None = None
    """The name that it was given."""
    url: str | None = field(default=None, metadata=NEEDED)
    """The film; None until it is done."""
    cover_url: str | None = None
    """A still picture of it."""
    duration_seconds: float | None = None
    """Its length in seconds."""
    deducted_credit: float | None = None
    """What it has cost, in credits."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    completed_at: int | None = None
    """When it was done, in Unix seconds; None until then."""


@frozen(kw_only=True)
class JoggVariable(Described):
    """What stands in a place of a template: ``content``, or a picture or video."""

    type: Literal["text", "image", "video", "script"] = field(
        validator=checks.one_of(("text", "image", "video", "script"))
    )
    """What sort of place it fills."""
    name: str = field(validator=checks.text)
    """The name of the place."""
    content: str | None = checks.option(checks.text)
    """The text; for a text or a script."""
    url: Media | None = field(
        default=None, validator=checks.optional(hosted), metadata=_MEDIUM, repr=show_media
    )
    """The picture or video; this or ``asset_id``."""
    asset_id: int | None = checks.option(ID)
    """The picture or video as the id of an earlier upload."""
    webhook_url: str | None = checks.option(checks.http_url)
    """Where JoggAI POSTs; its document has it here, and not beside the variables."""


@frozen(kw_only=True)
class JoggTemplateVideo(Spec[JoggTemplateResult]):
    """A video from a template.

    https://docs.jogg.ai/api-reference/v2/Video/CreateVideoWithTemplate
    """

    template_id: int = field(converter=number, validator=ID)
    """The template, an ``id`` of ``jogg.templates.list()``."""
    voice_language: str = field(validator=checks.text)
    """The language that is spoken."""
    variables: tuple[JoggVariable, ...] = field(
        converter=checks.as_tuple,
        validator=checks.several(0, 1000, checks.instance_of(JoggVariable)),
    )
    """What fills the places of the template; ``jogg.templates.get`` tells them."""
    video_name: str | None = checks.option(checks.text)
    """The video's name in JoggAI's app."""
    avatar_id: int | None = field(default=None, converter=number, validator=checks.optional(ID))
    """The avatar that speaks, by its number; the template's own if left out."""
    avatar_type: Literal["public", "custom"] | None = checks.option(OWNER)
    """Whose the avatar is: JoggAI's own, or yours."""
    voice_id: str | None = checks.option(checks.text)
    """Who speaks; the template's own voice if left out."""
    captions_enabled: bool | None = checks.option(checks.flag)
    """Shows subtitles."""
    background_music_id: int | None = checks.option(ID)
    """The music, an ``id`` of ``jogg.musics.list()``."""
    disable_random_trans: bool | None = checks.option(checks.flag)
    """Takes no random transitions between scenes."""
    disable_random_moving: bool | None = checks.option(checks.flag)
    """Takes no random movements within scenes."""
    disable_trans: bool | None = checks.option(checks.flag)
    """Takes no transitions between scenes."""
    disable_moving: bool | None = checks.option(checks.flag)
    """Takes no movements within scenes."""


@frozen(kw_only=True)
class JoggTemplatePlace(Result):
    """A place in a template, which a ``JoggVariable`` fills."""

    type: str | None = None
    """What goes into it: ``text``, ``image``, ``video`` or ``script``, as in the variable."""
    name: str | None = None
    """Its name; the variable's is the same."""


@frozen(kw_only=True)
class JoggTemplate(Result):
    """A template.

    https://docs.jogg.ai/api-reference/v2/Template/GetTemplateById
    """

    id: int
    """The template's id, which ``JoggTemplateVideo`` takes."""
    name: str | None = None
    """Its name."""
    cover_url: str | None = None
    """A still picture of it."""
    preview_url: str | None = None
    """A film of it."""
    aspect_ratio: int | None = None
    """0 for portrait, 1 for landscape, 2 for square."""
    variables: tuple[JoggTemplatePlace, ...] | None = None
    """The places to fill; told by ``jogg.templates.get`` only."""


@frozen(kw_only=True)
class JoggListedVideo(Result):
    """A video or preview of a list, however it stands."""

    id: str
    """Its id."""
    title: str | None = None
    """The name that it was given."""
    status: str | None = None
    """The vendor's word, such as ``processing``, ``completed`` or ``failed``."""
    video_url: str | None = None
    """The film; None until it is done."""
    cover_url: str | None = None
    """A still picture of it."""
    video_duration: float | None = None
    """Its length in seconds."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    """Why it failed, a ``code`` and a ``message``; None unless it did."""


@frozen(kw_only=True)
class JoggMusic(Result):
    """A piece of background music.

    https://docs.jogg.ai/api-reference/v2/Asset/GetMusic
    """

    id: int
    """Its id, which specs take as ``music_id`` or ``background_music_id``."""
    name: str | None = None
    """Its name."""
    music_url: str | None = None
    """The sound file."""
    duration: int | None = None
    """Its length in seconds."""


@frozen(kw_only=True)
class JoggVisualStyle(Result):
    """A style of product videos.

    https://docs.jogg.ai/api-reference/v2/Asset/GetVisualStyles
    """

    id: int
    """Its number."""
    name: str
    """Its name, which specs take as ``visual_style``."""
