"""HeyGen v3 templates: what is in them, and the spec that fills one in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from heygen_async.errors import InvalidRequestError
from heygen_async.models import _checks as checks
from heygen_async.models._words import Described
from heygen_async.models.jobs import Result, Spec
from heygen_async.models.media import AUDIO, IMAGE, VIDEO, Media, media, show_media
from heygen_async.models.videos import Video

Fit: TypeAlias = Literal["cover", "contain", "crop", "none"]

_FITS = ("cover", "contain", "crop", "none")
_PLAY_STYLES = ("fit_to_scene", "freeze", "loop", "once", "full_video")


@frozen
class TextVariable(Described):
    """A text of a template."""

    content: str = field(validator=checks.max_length(10_000))
    """The text."""


@frozen(kw_only=True)
class ImageVariable(Described):
    """A picture of a template, and how it fills its place."""

    asset: Media = field(validator=media, metadata=IMAGE, repr=show_media)
    """The picture."""
    fit: Fit | None = checks.option(checks.one_of(_FITS))
    """How it fills its place; whole if left out."""


@frozen(kw_only=True)
class VideoVariable(Described):
    """A clip of a template."""

    asset: Media = field(validator=media, metadata=VIDEO, repr=show_media)
    """The clip."""
    fit: Fit | None = checks.option(checks.one_of(_FITS))
    """How it fills its place; whole if left out."""
    play_style: Literal["fit_to_scene", "freeze", "loop", "once", "full_video"] | None = (
        checks.option(checks.one_of(_PLAY_STYLES))
    )
    """What it does when it is shorter than its scene."""
    volume: float | None = checks.option(checks.between(0, 1))
    """How loud it is, as a factor."""


@frozen(kw_only=True)
class AudioVariable(Described):
    """A sound of a template."""

    asset: Media = field(validator=media, metadata=AUDIO, repr=show_media)
    """The sound."""


@frozen(kw_only=True)
class CharacterVariable(Described):
    """Who speaks in a template."""

    character_id: str = field(validator=checks.text)
    """The id of a look, or of a talking photo."""
    character_type: Literal["avatar", "talking_photo"] | None = checks.option(
        checks.one_of(("avatar", "talking_photo"))
    )
    """Which of the two it is."""


@frozen(kw_only=True)
class VoiceVariable(Described):
    """The voice of a template."""

    voice_id: str = field(validator=checks.text)
    """The voice, a ``voice_id`` of ``heygen.voices.list()``."""
    locale: str | None = checks.option(checks.text)
    """The accent, such as ``en-US``; for voices that know several."""


TemplateVariable: TypeAlias = (
    TextVariable | ImageVariable | VideoVariable | AudioVariable | CharacterVariable | VoiceVariable
)
VARIABLES: Mapping[str, type[TemplateVariable]] = {
    "text": TextVariable,
    "image": ImageVariable,
    "video": VideoVariable,
    "audio": AudioVariable,
    "character": CharacterVariable,
    "voice": VoiceVariable,
}
"""The classes of variables by the vendor's word for their type."""


@frozen(kw_only=True)
class SubtitlePosition(Described):
    """Where subtitles stand."""

    x: float = field(default=0.0, validator=checks.between(-1e9, 1e9))
    """How far they are to the right, in the vendor's own units."""
    y: float = field(default=0.0, validator=checks.between(-1e9, 1e9))
    """How far they are down, in the vendor's own units."""


@frozen(kw_only=True)
class TemplateSubtitles(Described):
    """How subtitles look: a preset of the vendor's app, and what is to be changed of it."""

    preset_name: str = field(validator=checks.text)
    """The preset of the vendor's app that they start from."""
    alignment: int | None = checks.option(checks.whole(-(10**9), 10**9))
    """How lines are aligned, by the vendor's number."""
    disable_highlight: bool | None = checks.option(checks.flag)
    """Does not mark the word that is being said."""
    font_size: int | None = checks.option(checks.whole(-(10**9), 10**9))
    """The size of the letters."""
    position: SubtitlePosition | None = checks.option(checks.instance_of(SubtitlePosition))
    """Where they stand; as in the preset if left out."""


@frozen(kw_only=True)
class Dimension(Described):
    """Width and height of a video."""

    width: int = field(validator=checks.whole(128, 4096))
    """Pixels from left to right, an even number."""
    height: int = field(validator=checks.whole(128, 4096))
    """Pixels from top to bottom, an even number."""


def _variables(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {k: TextVariable(v) if isinstance(v, str) else v for k, v in value.items()}


def _named_variables(instance: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise checks.refuse(instance, "variables must be a dict of variables by their names")
    for item in value.values():
        checks.instance_of(*VARIABLES.values())(instance, attribute, item)


@frozen(kw_only=True)
class TemplateVideo(Spec[Video]):
    """A video after a template, with its ``variables`` filled in.

    What is left out stays as it is in the template. ``Template.video`` makes one that is checked
    against its template.

    https://developers.heygen.com/reference/generate-from-template
    """

    template_id: str = field(validator=checks.text)
    """The template, an ``id`` of ``heygen.templates.list()``."""
    variables: Mapping[str, TemplateVariable] = field(
        converter=_variables, validator=_named_variables, hash=False
    )
    """What fills the template, by the names of its variables; a ``str`` is a text."""
    title: str | None = checks.option(checks.text)
    """The name in the vendor's app."""
    caption: bool | None = checks.option(checks.flag)
    """Burns subtitles into the video."""
    subtitles: TemplateSubtitles | None = checks.option(checks.instance_of(TemplateSubtitles))
    """How subtitles look; there are some then, without ``caption``, too."""
    folder_id: str | None = checks.option(checks.text)
    """The folder of the vendor's app to put it into."""
    brand_voice_id: str | None = checks.option(checks.text)
    """An older name of ``brand_glossary_id``."""
    brand_glossary_id: str | None = checks.option(checks.text)
    """The brand glossary whose pronunciations apply."""
    dimension: Dimension | None = checks.option(checks.instance_of(Dimension))
    """The video's size, in the proportions of the template."""
    fps: float | None = checks.option(checks.between(0, 1e9, open_low=True))
    """Frames per second; the vendor knows 25, 30 and 60, and takes 25 if left out."""
    scene_ids: tuple[str, ...] | None = field(
        default=None,
        converter=checks.as_tuple,
        validator=checks.optional(checks.several(1, 10_000, checks.text)),
    )
    """The scenes to render, in this order; all if left out."""
    reorder_music: bool | None = checks.option(checks.flag)
    """Whether background music moves along with its scene."""
    keep_text_vertically_centered: bool | None = checks.option(checks.flag)
    """Keeps a text in the middle of its box, however long it is."""
    include_gif: bool | None = checks.option(checks.flag)
    """Makes a GIF as a preview, too, which the webhook event links to."""
    enable_sharing: bool | None = checks.option(checks.flag)
    """Gives the video a public page."""
    callback_url: str | None = checks.option(checks.http_url)
    """Where the vendor POSTs the outcome; not signed, and in addition to webhook endpoints."""
    callback_id: str | None = checks.option(checks.text)
    """Your own id for the job, given back in its webhook events."""


@frozen(kw_only=True)
class TemplateScene(Result):
    """A scene of a template, and which of its variables stand in it."""

    scene_id: str
    """The scene's id, which ``TemplateVideo.scene_ids`` takes."""
    script: str | None = None
    """What is spoken in it, as long as nobody changes it."""
    variables: tuple[Mapping[str, Any], ...] = ()
    """The ``name`` and ``variable_type`` of each variable that stands in it."""


@frozen(kw_only=True)
class Template(Result):
    """A template; lists leave variables and scenes out.

    https://developers.heygen.com/reference/get-template
    """

    id: str
    """The template's id, which ``TemplateVideo`` takes."""
    name: str | None = None
    """Its name in the vendor's app."""
    thumbnail_url: str | None = None
    """A still picture of it. Where the URL is signed, it expires."""
    aspect_ratio: str | None = None
    """The shape of its videos, such as ``16:9``."""
    created_at: int | None = None
    """When it was made, in Unix seconds."""
    updated_at: int | None = None
    """When it was last changed, in Unix seconds."""
    variables: Mapping[str, Mapping[str, Any]] | None = field(default=None, hash=False)
    """By name the ``type`` of each, and what it is as long as nobody fills it in.

    They are as the vendor has them.
    """
    scene_ids: tuple[str, ...] | None = None
    """The ids of its scenes in the order of the film."""
    scenes: tuple[TemplateScene, ...] = ()
    """Its scenes in the order of the film."""

    def video(
        self, variables: Mapping[str, TemplateVariable | str], **options: Any
    ) -> TemplateVideo:
        """Return the spec of a video after this template; ``options`` are its other fields.

        Raises ``InvalidRequestError`` for a variable or a scene that the template does not have,
        and for a variable of another type, as far as the template tells them.
        """
        spec = TemplateVideo(template_id=self.id, variables=variables, **options)
        known = spec.variables.keys() if self.variables is None else self.variables.keys()
        for name, value in spec.variables.items():
            if name not in known:
                names = ", ".join(sorted(known)) or "none"
                raise InvalidRequestError(f"the template has no variable {name!r}; it has {names}")
            sort = (self.variables or {}).get(name, {}).get("type", "")
            if not isinstance(value, VARIABLES.get(sort, object)):
                raise InvalidRequestError(
                    f"variable {name!r} is of type {sort}, not a {type(value).__name__}"
                )
        unknown = set(spec.scene_ids or ()).difference(self.scene_ids or ())
        if unknown and self.scene_ids is not None:
            raise InvalidRequestError(f"the template has no scenes {', '.join(sorted(unknown))}")
        return spec
