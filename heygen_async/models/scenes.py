"""The scenes of a ``StudioVideo``: a talking avatar, a still picture, or a video clip."""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.looks import (
    EXPRESSIVENESS,
    Engine,
    Expressiveness,
    refuse_motion,
    to_engine,
)
from heygen_async.models.media import IMAGE, VIDEO, Media, media, show_media
from heygen_async.models.speech import Speech


@frozen(kw_only=True)
class AvatarScene(Speech):
    """An avatar that speaks, on a plain ``background_color`` if one is given."""

    avatar_id: str = field(validator=checks.text)
    motion_prompt: str | None = field(default=None, validator=checks.optional(checks.text))
    expressiveness: Expressiveness | None = field(
        default=None, validator=checks.optional(checks.one_of(EXPRESSIVENESS))
    )
    engine: Engine | None = field(
        default=None, converter=to_engine, validator=checks.optional(checks.instance_of(Engine))
    )
    background_color: str | None = field(default=None, validator=checks.optional(checks.hex_color))

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
    """A still picture, for ``duration`` seconds (up to 300) or as long as its speech."""

    source: Media = field(validator=media, metadata=IMAGE, repr=show_media)
    duration: float | None = field(
        default=None, validator=checks.optional(checks.between(0, 300, open_low=True))
    )

    def __attrs_post_init__(self) -> None:
        spoken = self.script is not None or self.audio is not None
        if spoken == (self.duration is not None):
            raise checks.refuse(self, "give either duration or speech (script or audio)")
        self._check_speech(required=False)


@frozen(kw_only=True)
class Playback:
    """How loud a clip's own sound is: ``volume`` 0 to 1, or ``mute``."""

    volume: float = field(default=1.0, validator=checks.between(0, 1))
    mute: bool = field(default=False, validator=checks.flag)


@frozen(kw_only=True)
class VideoScene(Speech):
    """A video clip, with a voice-over if speech is given."""

    source: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    playback: Playback | None = field(
        default=None, validator=checks.optional(checks.instance_of(Playback))
    )

    def __attrs_post_init__(self) -> None:
        self._check_speech(required=False)


Scene: TypeAlias = AvatarScene | ImageScene | VideoScene
