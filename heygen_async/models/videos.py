"""HeyGen v3 videos: the four specs of ``POST /v3/videos``, scenes, and what they become."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._html import card
from heygen_async.models._words import Described
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.looks import (
    ASPECT_RATIOS,
    EXPRESSIVENESS,
    RESOLUTIONS,
    AspectRatio,
    Background,
    Caption,
    Engine,
    Expressiveness,
    Resolution,
    Watermark,
    refuse_motion,
    to_engine,
)
from heygen_async.models.media import ANY, VIDEO, VIDEO_IMAGE, Media, media, show_many, show_media
from heygen_async.models.speech import Speech


@frozen(kw_only=True)
class Video(Result):
    """A rendered video, or one on its way.

    https://developers.heygen.com/reference/get-video
    """

    id: str
    """The video's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``pending``, ``processing``, ``completed`` or ``failed``."""
    title: str | None = None
    """The name it has in the vendor's app."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    completed_at: int | None = None
    """When it was done, in Unix seconds; None until then."""
    duration: float | None = None
    """Length of the film in seconds; None until it is done."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film. Signed, and expires; ``videos.get`` gives a fresh one. None until it is done."""
    thumbnail_url: str | None = None
    """A still picture of it. Signed, and expires."""
    gif_url: str | None = None
    """A short moving preview. Signed, and expires."""
    captioned_video_url: str | None = None
    """The film with captions in the picture, if they were asked for. Signed, and expires."""
    subtitle_url: str | None = None
    """The captions as a file, if they were asked for. Signed, and expires."""
    folder_id: str | None = None
    """The folder of the vendor's app that it lies in, None for no folder."""
    output_language: str | None = None
    """The language that is spoken in a translation; None for other videos."""
    failure_code: str | None = None
    """Why it failed, as a word for programs; None unless it failed."""
    failure_message: str | None = None
    """Why it failed, as a sentence for people; None unless it failed."""
    video_page_url: str | None = None
    """Its page in the vendor's app."""

    def _repr_html_(self) -> str:
        length = self.duration and f"{self.duration:g} s"
        failed = self.failure_message or self.failure_code
        return card(
            self.title or self.id,
            *(self.id, self.status, length, failed),
            video=self.video_url,
            picture=self.thumbnail_url,
        )


@frozen(kw_only=True)
class VideoContext(Result):
    """What the scenes of a video share."""

    title: str | None = None
    """The name of the video."""
    aspect_ratio: str | None = None
    """Width to height, such as ``16:9``."""
    resolution: str | None = None
    """The size of the picture, such as ``1080p``."""
    caption: Mapping[str, Any] | None = None
    """How captions are made, as the vendor has it; None for no captions."""
    brand_glossary_id: str | None = None
    """The glossary that says how words are spoken, None for none."""


@frozen(kw_only=True)
class SceneContents(Result):
    """What is in a scene."""

    id: str
    """The scene's id within its video."""
    background: Mapping[str, Any] | None = None
    """What is behind everything, as the vendor has it."""
    elements: tuple[Mapping[str, Any], ...] = ()
    """Avatars, pictures, texts and so on, each with a ``type``; the vendor may add more types."""
    script: tuple[Mapping[str, Any], ...] = ()
    """What is spoken, part by part, as the vendor has it."""


@frozen(kw_only=True)
class VideoScenes(Result):
    """A video as it stands, after the edits that were made in the vendor's app.

    https://developers.heygen.com/reference/get-video-scenes
    """

    video_id: str
    """The id of the video."""
    video: VideoContext | None = None
    """What all of its scenes share."""
    scenes: tuple[SceneContents, ...] = ()
    """The scenes in the order of the film."""


@frozen(kw_only=True)
class AvatarScene(Speech):
    """An avatar that speaks."""

    avatar_id: str = field(validator=checks.text)
    """The look that speaks, an ``id`` of ``heygen.avatars.looks.list()``."""
    motion_prompt: str | None = checks.option(checks.text)
    """How it moves, in words; not with engine ``avatar_iii``."""
    expressiveness: Expressiveness | None = checks.option(checks.one_of(EXPRESSIVENESS))
    """How lively a photo avatar is; with engine ``avatar_iv`` only."""
    engine: Engine | None = field(
        default=None, converter=to_engine, validator=checks.optional(checks.instance_of(Engine))
    )
    """The engine that animates it, or its name; the server's is ``avatar_iv``."""
    background_color: str | None = checks.option(checks.hex_color)
    """The colour behind it; its own background if left out."""

    def __attrs_post_init__(self) -> None:
        self._check_speech(default_voice=True)
        refuse_motion(
            self,
            self.engine,
            motion=self.motion_prompt is not None,
            expressive=self.expressiveness is not None,
        )


@frozen(kw_only=True)
class ImageScene(Speech):
    """A still picture, for some seconds or as long as its speech."""

    source: Media = field(validator=media, metadata=VIDEO_IMAGE, repr=show_media)
    """The picture."""
    duration: float | None = checks.option(checks.between(0, 300, open_low=True))
    """Seconds that it is shown; either this or speech, which it then lasts as long as."""

    def __attrs_post_init__(self) -> None:
        spoken = self.script is not None or self.audio is not None
        if spoken == (self.duration is not None):
            raise checks.refuse(self, "give either duration or speech (script or audio)")
        self._check_speech(required=False)


@frozen(kw_only=True)
class Playback(Described):
    """How a clip plays, and how loud its own sound is."""

    mode: Literal["freeze", "loop", "fit_to_scene"] | None = checks.option(
        checks.one_of(("freeze", "loop", "fit_to_scene"))
    )
    """What a clip does that is shorter than its voice-over, until that ends."""
    volume: float = field(default=1.0, validator=checks.between(0, 1))
    """How loud the clip's own sound is, as a factor."""
    mute: bool = field(default=False, validator=checks.flag)
    """Silences the clip's own sound."""


@frozen(kw_only=True)
class VideoScene(Speech):
    """A video clip, with a voice-over if speech is given."""

    source: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The clip."""
    playback: Playback | None = checks.option(checks.instance_of(Playback))
    """How the clip plays; its ``mode`` needs a voice-over."""

    def __attrs_post_init__(self) -> None:
        self._check_speech(required=False)
        spoken = self.script is not None or self.audio is not None
        if self.playback is not None and self.playback.mode is not None and not spoken:
            raise checks.refuse(self, "a playback mode needs a voice-over: give script or audio")


Scene: TypeAlias = AvatarScene | ImageScene | VideoScene


@frozen(kw_only=True)
class _Rendered(Speech):
    """The fields that ``ImageVideo`` and ``AvatarVideo`` share."""

    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    resolution: Resolution | None = checks.option(checks.one_of(RESOLUTIONS))
    """The size of the video; 1080p if left out."""
    aspect_ratio: AspectRatio | None = checks.option(checks.one_of(ASPECT_RATIOS))
    """Width to height; ``auto`` follows the source, 16:9 if left out."""
    fit: Literal["contain", "cover"] | None = checks.option(checks.one_of(("contain", "cover")))
    """How the picture fills the frame: whole with bars, or cut; the server picks if left out."""
    background: Background | None = checks.option(checks.instance_of(Background))
    """What is behind the person; not with WebM."""
    remove_background: bool | None = checks.option(checks.flag)
    """Cuts the person out; a video avatar has to be trained for it."""
    caption: Caption | None = checks.option(checks.instance_of(Caption))
    """Subtitles, as a file or burnt in."""
    watermark: Watermark | None = checks.option(checks.instance_of(Watermark))
    """A picture over the video; enterprise plans only."""
    output_format: Literal["mp4", "webm"] | None = checks.option(checks.one_of(("mp4", "webm")))
    """The kind of file; WebM has a transparent background, MP4 if left out."""
    motion_prompt: str | None = checks.option(checks.text)
    """How the person moves, in words; says the guide, without effect in an ``ImageVideo``."""
    expressiveness: Expressiveness | None = checks.option(checks.one_of(EXPRESSIVENESS))
    """How lively a photo avatar is; with engine ``avatar_iv`` only, low if left out."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""
    brand_glossary_id: str | None = checks.option(checks.text)
    """The brand glossary whose pronunciations apply."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""

    def _check_rendered(self) -> None:
        if self.output_format == "webm" and self.background is not None:
            raise checks.refuse(
                self, "webm has a transparent background; leave background out, or use mp4"
            )


@frozen(kw_only=True)
class ImageVideo(_Rendered, Spec[Video]):
    """A picture of a person that speaks: ``image`` with a ``script`` or ``audio``.

    To direct how the person moves, make a ``PhotoAvatar`` of the picture.

    https://developers.heygen.com/docs/image-to-video
    """

    image: Media = field(validator=media, metadata=VIDEO_IMAGE, repr=show_media)
    """The picture: PNG or JPEG with one face that can be seen well."""

    def __attrs_post_init__(self) -> None:
        self._check_speech()
        self._check_rendered()
        if self.motion_prompt is not None:
            warnings.warn(
                "motion_prompt has no effect in an ImageVideo, says the guide: make a PhotoAvatar "
                "of the picture, and direct an AvatarVideo",
                UserWarning,
                stacklevel=3,
            )


@frozen(kw_only=True)
class AvatarVideo(_Rendered, Spec[Video]):
    """An avatar that speaks; ``voice_id`` may be left out where it has a default voice.

    https://developers.heygen.com/docs/photo-avatar
    """

    avatar_id: str = field(validator=checks.text)
    """The look that speaks, an ``id`` of ``heygen.avatars.looks.list()``."""
    engine: Engine | None = field(
        default=None, converter=to_engine, validator=checks.optional(checks.instance_of(Engine))
    )
    """The engine that animates it, or its name; ``avatar_iv`` if left out."""

    def __attrs_post_init__(self) -> None:
        self._check_speech(default_voice=True)
        self._check_rendered()
        refuse_motion(
            self,
            self.engine,
            motion=self.motion_prompt is not None,
            expressive=self.expressiveness is not None,
        )


def _looks(value: str | Sequence[str]) -> tuple[str, ...]:
    items: tuple[str, ...] = (value,) if isinstance(value, str) else checks.as_tuple(value)
    return items


def _references(value: Sequence[Media] | None) -> tuple[Media, ...] | None:
    items: tuple[Media, ...] | None = checks.as_tuple(value)
    return items


def _scenes(value: Sequence[Scene]) -> tuple[Scene, ...]:
    items: tuple[Scene, ...] = checks.as_tuple(value)
    return items


@frozen(kw_only=True)
class CinematicVideo(Spec[Video]):
    """A short film from a ``prompt``, played by the looks in ``avatar_id``.

    https://developers.heygen.com/reference/create-video
    """

    prompt: str = field(validator=checks.max_length(10_000))
    """What happens in the film."""
    avatar_id: tuple[str, ...] = field(
        converter=_looks, validator=checks.several(1, 3, checks.text)
    )
    """The looks that play in it; one of them may stand alone."""
    references: tuple[Media, ...] | None = field(
        default=None,
        metadata=ANY,
        converter=_references,
        validator=checks.optional(checks.several(1, 12, media)),
        repr=show_many,
    )
    """What it is to resemble: 9 pictures and 3 videos at most, or sounds."""
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = checks.option(
        checks.one_of(("16:9", "9:16", "1:1"))
    )
    """Width to height; 16:9 if left out."""
    resolution: Literal["720p", "1080p"] | None = checks.option(checks.one_of(("720p", "1080p")))
    """The size of the video; 720p if left out."""
    duration: int | None = checks.option(checks.whole(4, 15))
    """Seconds of film; 10 if left out, and not with ``auto_duration``."""
    auto_duration: bool | None = checks.option(checks.flag)
    """Leaves the duration to the model."""
    enhance_prompt: bool | None = checks.option(checks.flag)
    """Lets the vendor rewrite the prompt before it is used."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""

    def __attrs_post_init__(self) -> None:
        if self.auto_duration and self.duration is not None:
            raise checks.refuse(self, "duration and auto_duration exclude each other")


@frozen(kw_only=True)
class StudioVideo(Spec[Video]):
    """One video of several ``scenes``, rendered all or nothing.

    https://developers.heygen.com/reference/create-video
    """

    scenes: tuple[Scene, ...] = field(
        converter=_scenes,
        validator=checks.several(1, 50, checks.instance_of(AvatarScene, ImageScene, VideoScene)),
    )
    """The scenes in their order, each of one of the three kinds."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    aspect_ratio: AspectRatio | None = checks.option(checks.one_of(ASPECT_RATIOS))
    """Width to height; 16:9 if left out."""
    resolution: Resolution | None = checks.option(checks.one_of(RESOLUTIONS))
    """The size of the video; 1080p if left out."""
    caption: Caption | None = checks.option(checks.instance_of(Caption))
    """Subtitles, as a file or burnt in."""
    watermark: Watermark | None = checks.option(checks.instance_of(Watermark))
    """A picture over the video; enterprise plans only."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""
    brand_glossary_id: str | None = checks.option(checks.text)
    """The brand glossary whose pronunciations apply."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""
