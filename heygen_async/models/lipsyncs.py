"""HeyGen v3 lip syncs: a video whose lips follow another sound."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.media import AUDIO, VIDEO, Media, media, show_media

_MOST_SECONDS = 86_400.0


@frozen(kw_only=True)
class LipsyncVideo(Result):
    """A lip sync, or one on its way.

    https://developers.heygen.com/reference/get-lipsync
    """

    id: str
    """The lip sync's id, which is that of its job, too."""
    status: str
    """The vendor's word: ``pending``, ``running``, ``completed`` or ``failed``."""
    title: str | None = None
    """Its name in the vendor's app."""
    duration: float | None = None
    """Length of the film in seconds."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film. Signed, and expires; None until it is done."""
    caption_url: str | None = None
    """The captions as a file, if they were asked for. Signed, and expires."""
    callback_id: str | None = None
    """The ``callback_id`` of its spec."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    failure_message: str | None = None
    """Why it failed, for people; None unless it did."""


@frozen(kw_only=True)
class Lipsync(Spec[LipsyncVideo]):
    """A ``video`` that speaks the ``audio``.

    https://developers.heygen.com/reference/create-lipsync
    """

    video: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The video whose lips are to follow."""
    audio: Media = field(validator=media, metadata=AUDIO, repr=show_media)
    """What it is to say."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    mode: Literal["speed", "precision"] | None = checks.option(
        checks.one_of(("speed", "precision"))
    )
    """Sooner done, or with better lips."""
    enable_caption: bool | None = checks.option(checks.flag)
    """Makes subtitles, too."""
    keep_the_same_format: bool | None = checks.option(checks.flag)
    """Keeps resolution and bit rate of the source."""
    enable_dynamic_duration: bool | None = checks.option(checks.flag)
    """Lets the film become longer or shorter, to suit the sound."""
    disable_music_track: bool | None = checks.option(checks.flag)
    """Drops background music from the result."""
    enable_speech_enhancement: bool | None = checks.option(checks.flag)
    """Cleans up the speech."""
    enable_watermark: bool | None = checks.option(checks.flag)
    """Puts a watermark on the film."""
    start_time: float | None = checks.option(checks.between(0.0, _MOST_SECONDS))
    """Where the part to change begins, in seconds of the video."""
    end_time: float | None = checks.option(checks.between(0.0, _MOST_SECONDS))
    """Where the part to change ends, in seconds of the video."""
    fps_mode: str | None = checks.option(checks.text)
    """What becomes of the frame rate: ``vfr``, ``cfr`` or ``passthrough``."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""
