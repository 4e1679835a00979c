"""JoggAI v2: products, their videos and avatars, and scripts for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import NEEDED, Result, Spec
from heygen_async.models.jogg import JoggMotionAvatar, hosted, number
from heygen_async.models.jogg_films import ID, OWNER
from heygen_async.models.media import IMAGE, Media, show_media

T = TypeVar("T")

ScriptStyle = Literal[
    "Don't Worry", "Storytime", "Discovery", "Data", "Top 3 reasons", "Light marketing"
]
_STYLE = checks.one_of(
    ("Don't Worry", "Storytime", "Discovery", "Data", "Top 3 reasons", "Light marketing")
)
_LENGTH = checks.one_of(("15", "30", "60"))
_ASPECT = checks.one_of(("portrait", "landscape", "square"))


@frozen(kw_only=True)
class JoggProductMedium(Result):
    """A picture or a video of a product."""

    type: Literal[1, 2] | None = checks.option(checks.whole(1, 2))
    """1 for a picture, 2 for a video."""
    url: str | None = checks.option(checks.text)
    """Where it lies; the vendor fetches it from there."""
    name: str | None = checks.option(checks.text)
    """Its name."""
    description: str | None = checks.option(checks.text)
    """What is to be seen in it."""


@frozen(kw_only=True)
class JoggProduct(Result):
    """A product that videos can be made of.

    https://docs.jogg.ai/api-reference/v2/Product/CreateProduct
    """

    product_id: str
    """The product's id, which specs take."""
    url: str | None = None
    """Its page in a shop, from which the vendor has read the rest."""
    name: str | None = None
    """Its name."""
    description: str | None = None
    """What it is, and what is good about it."""
    target_audience: str | None = None
    """Who is to buy it."""
    media: tuple[JoggProductMedium, ...] | None = None
    """Its pictures and videos."""


@frozen(kw_only=True)
class JoggProductResult(Result):
    """A video of a product.

    https://docs.jogg.ai/api-reference/v2/Video/ProductVideoGet
    """

    video_id: str
    """The video's id."""
    title: str | None = None
    """The name that it was given."""
    video_url: str | None = field(default=None, metadata=NEEDED)
    """The film; None until it is done."""
    cover_url: str | None = None
    """A still picture of it."""
    created_at: int | None = None
    """When it was submitted, in Unix seconds."""
    deducted_credit: float | None = None
    """What it has cost, in credits."""


@frozen(kw_only=True)
class JoggPreview(Result):
    """A preview that was asked for."""

    preview_id: str | None = None
    """The preview's id, which ``JoggPreviewRender`` takes; None if there is none."""
    visual_style: str | None = None
    """The style it is in."""
    err_msg: str | None = None
    """Why there is none, for people."""


@frozen(kw_only=True)
class _OfProduct(Spec[T], Generic[T]):
    """What a video of a product and its previews have in common."""

    product_id: str = field(validator=checks.text)
    """The product, as ``jogg.products.create`` gave it."""
    length: Literal["15", "30", "60"] = field(validator=_LENGTH)
    """About how long the video becomes, in seconds."""
    style: ScriptStyle = field(validator=_STYLE)
    """The manner of the script."""
    language: str = field(validator=checks.text)
    """The language that is spoken."""
    avatar_id: int = field(converter=number, validator=ID)
    """The avatar that speaks, by its number."""
    avatar_type: Literal["public", "custom"] | None = checks.option(OWNER)
    """Whose the avatar is: JoggAI's own, or yours."""
    voice_id: str | None = checks.option(checks.text)
    """Who speaks; the avatar's own voice if left out."""
    music_id: int | None = checks.option(ID)
    """The music, an ``id`` of ``jogg.musics.list()``."""
    aspect_ratio: Literal["portrait", "landscape", "square"] | None = checks.option(_ASPECT)
    """The shape of the video."""
    caption: bool | None = checks.option(checks.flag)
    """Shows subtitles."""
    name: str | None = checks.option(checks.text)
    """The video's name in JoggAI's app."""
    override_script: str | None = checks.option(checks.text)
    """What is said, in place of a script that is written for it; it may be ignored."""
    webhook_url: str | None = checks.option(checks.http_url)
    """Where JoggAI POSTs the outcome, in addition to webhook endpoints."""


@frozen(kw_only=True)
class JoggProductVideo(_OfProduct[JoggProductResult]):
    """A video of a product, with a script that is written for it.

    https://docs.jogg.ai/api-reference/v2/Video/CreateVideoFromProduct
    """

    visual_style: str | None = checks.option(checks.text)
    """The look of the film, a name of ``jogg.visual_styles.list()``."""


@frozen(kw_only=True)
class JoggProductPreviews(_OfProduct[tuple[JoggPreview, ...]]):
    """Previews of a product's video, one in each of the ``visual_styles``.

    https://docs.jogg.ai/api-reference/v2/Video/SubmitPreviewList
    """

    visual_styles: tuple[str, ...] = field(
        converter=checks.as_tuple, validator=checks.several(0, 1000, checks.text)
    )
    """The looks, names of ``jogg.visual_styles.list()``; each is a preview."""


@frozen(kw_only=True)
class JoggPreviewRender(Spec[JoggProductResult]):
    """The whole video of a preview.

    https://docs.jogg.ai/api-reference/v2/Video/RenderSinglePreview
    """

    preview_id: str = field(validator=checks.text)
    """The preview, as ``JoggPreview`` has it."""


@frozen(kw_only=True)
class JoggProductImage(Result):
    """A picture of somebody with a product."""

    generation_id: str
    """The picture's id, which ``JoggProductMotion`` takes."""
    status: str | None = None
    """The vendor's word: ``pending``, ``processing``, ``completed`` or ``failed``."""
    url: str | None = None
    """The picture; None until it is done."""
    image_id: str | None = None
    """The vendor's id of the picture."""
    created_at: int | None = None
    """When it was ordered, in Unix seconds."""
    completed_at: int | None = None
    """When it was done, in Unix seconds; None until then."""


@frozen(kw_only=True)
class JoggProductImageSet(Result):
    """Pictures of somebody with a product.

    https://docs.jogg.ai/api-reference/v2/Avatar/CheckProductAvatarGenerationStatus
    """

    batch_id: str
    """The id of the job that made them."""
    generations: tuple[JoggProductImage, ...] = field(default=(), metadata=NEEDED)
    """The pictures, those that failed among them."""
    summary: Mapping[str, Any] | None = field(default=None, hash=False)
    """How many there are in all and of each status, by the vendor's names."""


@frozen(kw_only=True)
class JoggProductAvatar(Spec[JoggProductImageSet]):
    """Pictures of somebody with the product in ``product_image_url``.

    Who it is stands in ``avatar_id`` with ``avatar_type``, ``avatar_image`` or
    ``avatar_description``. The job fails if all of the pictures do.

    https://docs.jogg.ai/api-reference/v2/Avatar/GenerateProductAvatarImage
    """

    product_image_url: Media = field(validator=hosted, metadata=IMAGE, repr=show_media)
    """The picture of the product."""
    quality: Literal["low", "medium", "high"] = field(
        validator=checks.one_of(("low", "medium", "high"))
    )
    """How much work goes into a picture."""
    aspect_ratio: Literal["3:2", "2:3", "1:1"] = field(
        validator=checks.one_of(("3:2", "2:3", "1:1"))
    )
    """Width to height of the pictures."""
    num_images: int = field(default=1, validator=checks.whole(1, 4))
    """How many pictures are made."""
    avatar_id: int | None = field(default=None, converter=number, validator=checks.optional(ID))
    """Who holds the product, by the number of an avatar."""
    avatar_type: Literal["public", "photo", "custom"] | None = checks.option(
        checks.one_of(("public", "photo", "custom"))
    )
    """Whose the avatar is; only with ``avatar_id``."""
    avatar_image: Media | None = field(
        default=None, validator=checks.optional(hosted), metadata=IMAGE, repr=show_media
    )
    """Who holds the product, as a picture in place of an avatar."""
    avatar_description: str | None = checks.option(checks.text)
    """Who holds the product, in words in place of an avatar."""
    prompt: str | None = checks.option(checks.text)
    """How the two are to be seen, in words."""
    webhook_url: str | None = checks.option(checks.http_url)
    """Where JoggAI POSTs the outcome, in addition to webhook endpoints."""

    def __attrs_post_init__(self) -> None:
        who = (self.avatar_id, self.avatar_image, self.avatar_description)
        if sum(each is not None for each in who) != 1:
            raise checks.refuse(self, "give one of avatar_id, avatar_image and avatar_description")
        if self.avatar_type is not None and self.avatar_id is None:
            raise checks.refuse(self, "avatar_type is for an avatar_id")


@frozen(kw_only=True)
class JoggProductMotion(Spec[JoggMotionAvatar]):
    """An avatar that moves, from a picture with a product.

    https://docs.jogg.ai/api-reference/v2/Avatar/PhotoAvatarMotionAdd
    """

    generation_id: str = field(validator=checks.text)
    """The picture, as ``JoggProductImage`` has it."""
    name: str = field(validator=checks.text)
    """The avatar's name."""
    voice_id: str = field(validator=checks.text)
    """Its voice, a ``voice_id`` of ``jogg.voices.list()``."""
    description: str = field(validator=checks.text)
    """How it moves."""
    model: Literal[0, 1, 2] | None = checks.option(checks.whole(0, 2))
    """The model that moves it, by JoggAI's number."""
    aspect_ratio: Literal["portrait", "landscape", "square"] | None = checks.option(_ASPECT)
    """The shape of the picture."""


@frozen(kw_only=True)
class JoggScriptText(Result):
    """One script of several, in its own style."""

    script_style: str | None = None
    """The style it is written in."""
    script_paragraphs: tuple[str, ...] = ()
    """Its paragraphs in order."""


@frozen(kw_only=True)
class JoggScripts(Result):
    """Scripts about a product.

    https://docs.jogg.ai/api-reference/v2/Asset/GetAIScriptResult
    """

    task_id: str
    """The id of the job that wrote them."""
    generated_scripts: tuple[JoggScriptText, ...] = field(default=(), metadata=NEEDED)
    """The scripts."""


@frozen(kw_only=True)
class JoggScript(Spec[JoggScripts]):
    """Scripts about the product ``product_id``, or one with a ``name`` and a ``description``.

    https://docs.jogg.ai/api-reference/v2/Asset/CreateAIScript
    """

    language: str = field(validator=checks.text)
    """The language of the scripts."""
    video_length_seconds: Literal["15", "30", "60"] = field(validator=_LENGTH)
    """How long they take to speak, in seconds."""
    script_style: ScriptStyle = field(validator=_STYLE)
    """Their manner."""
    product_id: str | None = checks.option(checks.text)
    """The product; this, or ``name`` and ``description``."""
    name: str | None = checks.option(checks.text)
    """What the product is called."""
    description: str | None = checks.option(checks.text)
    """What the product is and does."""
    target_audience: str | None = checks.option(checks.text)
    """Who is to buy it."""

    def __attrs_post_init__(self) -> None:
        if (self.product_id is None) == (self.name is None and self.description is None):
            raise checks.refuse(self, "give either product_id, or name and description")
