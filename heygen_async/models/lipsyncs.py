"""HeyGen v3 lip syncs: a video whose lips follow another sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Spec
from heygen_async.models.media import AUDIO, VIDEO, Media, media, show_media

_MOST_SECONDS = 86_400.0


@frozen(kw_only=True)
class LipsyncVideo:
    """A lip sync, or one on its way; times are Unix seconds, ``duration`` is seconds of film.

    https://developers.heygen.com/reference/get-lipsync
    """

    id: str
    status: str
    title: str | None = None
    duration: float | None = None
    video_url: str | None = field(default=None, metadata=NEEDED)
    caption_url: str | None = None
    callback_id: str | None = None
    created_at: int | None = None
    failure_message: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


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
