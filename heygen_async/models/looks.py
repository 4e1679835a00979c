"""How a video looks: background, caption, watermark, avatar engine."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.media import VIDEO_IMAGE, Media, media, show_media

Resolution: TypeAlias = Literal["4k", "1080p", "720p"]
AspectRatio: TypeAlias = Literal["16:9", "9:16", "4:5", "5:4", "1:1", "auto"]
Expressiveness: TypeAlias = Literal["high", "medium", "low"]
EngineName: TypeAlias = Literal["avatar_v", "avatar_iv", "avatar_iii"]
Corner: TypeAlias = Literal["top_left", "top_right", "bottom_left", "bottom_right"]

RESOLUTIONS = ("4k", "1080p", "720p")
ASPECT_RATIOS = ("16:9", "9:16", "4:5", "5:4", "1:1", "auto")
EXPRESSIVENESS = ("high", "medium", "low")


@frozen(kw_only=True)
class Background(Described):
    """What is behind the avatar.

    ``Background(type="color", value="#00ff88")``, or ``Background(type="image", …)`` with
    either ``url`` or the ``asset_id`` of an uploaded picture.
    """

    type: Literal["color", "image"] = field(validator=checks.one_of(("color", "image")))
    """A plain colour, or a picture."""
    value: str | None = checks.option(checks.text)
    """The colour, such as ``#00ff88``; only for a colour."""
    url: str | None = checks.option(checks.http_url)
    """Where the picture is; for a picture, this or ``asset_id``."""
    asset_id: str | None = checks.option(checks.text)
    """The id of an uploaded picture; for a picture, this or ``url``."""

    def __attrs_post_init__(self) -> None:
        pictures = (self.url is not None) + (self.asset_id is not None)
        if self.type == "color" and (self.value is None or pictures):
            raise checks.refuse(
                self, "a color background takes a value like '#00ff88' and nothing else"
            )
        if self.type == "image" and (pictures != 1 or self.value is not None):
            raise checks.refuse(
                self, "an image background takes exactly one of url and asset_id, and no value"
            )


@frozen(kw_only=True)
class Caption(Described):
    """Subtitles: a file beside the video, or burnt into it as well."""

    file_format: Literal["srt"] = field(default="srt", validator=checks.one_of(("srt",)))
    """The kind of file beside the video."""
    style: Literal["default"] | None = checks.option(checks.one_of(("default",)))
    """Burns the subtitles into the video as well; left out, there is only the file."""


@frozen(kw_only=True)
class WatermarkPlacement(Described):
    """Where a watermark sits."""

    position: Corner = field(
        default="bottom_right",
        validator=checks.one_of(("top_left", "top_right", "bottom_left", "bottom_right")),
    )
    """The corner that it sits in."""
    offset_x: float | None = checks.option(checks.between(-1, 1))
    """How far it is moved sideways, as a share of the frame."""
    offset_y: float | None = checks.option(checks.between(-1, 1))
    """How far it is moved up or down, as a share of the frame."""


@frozen(kw_only=True)
class Watermark(Described):
    """A picture over the video, on enterprise plans."""

    image: Media = field(validator=media, metadata=VIDEO_IMAGE, repr=show_media)
    """The picture."""
    scale: float = field(default=1.0, validator=checks.between(0, 2, open_low=True))
    """Its size, as a factor."""
    opacity: float = field(default=1.0, validator=checks.between(0, 1))
    """How opaque it is; 0 cannot be seen."""
    placement: WatermarkPlacement | None = checks.option(checks.instance_of(WatermarkPlacement))
    """Where it sits; at the bottom right if left out."""


@frozen(kw_only=True)
class Engine(Described):
    """The engine that animates an avatar."""

    type: EngineName = field(validator=checks.one_of(("avatar_v", "avatar_iv", "avatar_iii")))
    """Its name."""
    reference_look_id: str | None = checks.option(checks.text)
    """A look whose way of moving is taken over; only ``avatar_v`` does that."""

    def __attrs_post_init__(self) -> None:
        if self.reference_look_id is not None and self.type != "avatar_v":
            raise checks.refuse(self, f"reference_look_id goes with avatar_v, not {self.type}")


def to_engine(value: Engine | EngineName | None) -> Engine | None:
    """Accept the bare name of an engine where an ``Engine`` is wanted."""
    return Engine(type=value) if isinstance(value, str) else value


def refuse_motion(spec: object, engine: Engine | None, *, motion: bool, expressive: bool) -> None:
    """Refuse what the chosen engine refuses (an avatar of unknown type is left to the server)."""
    if engine is None:
        return
    if motion and engine.type == "avatar_iii":
        raise checks.refuse(
            spec, "motion_prompt is rejected by engine avatar_iii; use avatar_iv or avatar_v"
        )
    if expressive and engine.type != "avatar_iv":
        raise checks.refuse(
            spec, f"expressiveness is rejected by engine {engine.type}; use avatar_iv"
        )
