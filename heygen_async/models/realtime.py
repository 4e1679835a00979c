"""HeyGen v3 avatar realtime: an avatar that speaks while its words still come."""

from __future__ import annotations

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import Result
from heygen_async.models.media import AUDIO, Media, media, show_media


@frozen(kw_only=True)
class RealtimeSpeech(Described):
    """What an avatar is to say at once: ``text`` in a voice, or ``audio``.

    https://developers.heygen.com/reference/create-avatar-realtime
    """

    avatar_id: str = field(validator=checks.text)
    """The look that speaks, an ``id`` of ``heygen.avatars.looks.list()``."""
    text: str | None = checks.option(checks.text)
    """What is said; either this or ``audio``."""
    voice_id: str | None = checks.option(checks.text)
    """Who says the text; with a text, and only then."""
    audio: Media | None = field(
        default=None, validator=checks.optional(media), metadata=AUDIO, repr=show_media
    )
    """A recording of what is said."""
    more_text: bool = field(default=False, validator=checks.flag)
    """Whether more text follows, by ``realtime.append``."""

    def __attrs_post_init__(self) -> None:
        if (self.text is None) == (self.audio is None):
            raise checks.refuse(self, "give either text or audio")
        if (self.text is None) != (self.voice_id is None):
            raise checks.refuse(self, "give voice_id with text, and with text only")
        if self.more_text and self.text is None:
            raise checks.refuse(self, "more_text needs a text to begin with")


@frozen(kw_only=True)
class RealtimeStream(Result):
    """A stream in which an avatar speaks.

    https://developers.heygen.com/reference/get-avatar-realtime
    """

    stream_id: str
    """The stream's id."""
    status: str
    """The vendor's word: ``pending``, ``streaming``, ``completed`` or ``error``."""
    hls_url: str | None = None
    """The playlist (HLS) that plays it; None until there is something to play."""
    error_message: str | None = None
    """Why it failed, for people; None unless it did."""
    end_reason: str | None = None
    """Why it has ended, in the vendor's word; None until then."""


@frozen(kw_only=True)
class SpokenWord(Result):
    """A word, and when it is spoken."""

    word: str
    """The word."""
    start: float
    """Its beginning, in seconds from the start of the stream."""
    end: float
    """Its end, in seconds from the start of the stream."""
