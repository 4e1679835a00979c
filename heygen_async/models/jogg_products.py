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
    length: Literal["15", "30", "60"] = field(validator=_LENGTH)
    style: ScriptStyle = field(validator=_STYLE)
    language: str = field(validator=checks.text)
    avatar_id: int = field(converter=number, validator=ID)
    avatar_type: Literal["public", "custom"] | None = checks.option(OWNER)
    voice_id: str | None = checks.option(checks.text)
    music_id: int | None = checks.option(ID)
    aspect_ratio: Literal["portrait", "landscape", "square"] | None = checks.option(_ASPECT)
    caption: bool | None = checks.option(checks.flag)
    name: str | None = checks.option(checks.text)
    override_script: str | None = checks.option(checks.text)
    webhook_url: str | None = checks.option(checks.http_url)


@frozen(kw_only=True)
class JoggProductVideo(_OfProduct[JoggProductResult]):
    """A video of a product, with a script in a ``style`` and about ``length`` seconds long.

    ``visual_style`` is the name of one of ``jogg.visual_styles.list()``.

    https://docs.jogg.ai/api-reference/v2/Video/CreateVideoFromProduct
    """

    visual_style: str | None = checks.option(checks.text)


@frozen(kw_only=True)
class JoggProductPreviews(_OfProduct[tuple[JoggPreview, ...]]):
    """Previews of a product's video, one in each of the ``visual_styles``.

    https://docs.jogg.ai/api-reference/v2/Video/SubmitPreviewList
    """

    visual_styles: tuple[str, ...] = field(
        converter=checks.as_tuple, validator=checks.several(0, 1000, checks.text)
    )


@frozen(kw_only=True)
class JoggPreviewRender(Spec[JoggProductResult]):
    """The whole video of a preview.

    https://docs.jogg.ai/api-reference/v2/Video/RenderSinglePreview
    """

    preview_id: str = field(validator=checks.text)


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
    """One to four pictures of somebody with the product in ``product_image_url``.

    Who it is stands in ``avatar_id`` with ``avatar_type``, ``avatar_image`` or
    ``avatar_description``. The job fails if all of the pictures do.

    https://docs.jogg.ai/api-reference/v2/Avatar/GenerateProductAvatarImage
    """

    product_image_url: Media = field(validator=hosted, metadata=IMAGE, repr=show_media)
    quality: Literal["low", "medium", "high"] = field(
        validator=checks.one_of(("low", "medium", "high"))
    )
    aspect_ratio: Literal["3:2", "2:3", "1:1"] = field(
        validator=checks.one_of(("3:2", "2:3", "1:1"))
    )
    num_images: int = field(default=1, validator=checks.whole(1, 4))
    avatar_id: int | None = field(default=None, converter=number, validator=checks.optional(ID))
    avatar_type: Literal["public", "photo", "custom"] | None = checks.option(
        checks.one_of(("public", "photo", "custom"))
    )
    avatar_image: Media | None = field(
        default=None, validator=checks.optional(hosted), metadata=IMAGE, repr=show_media
    )
    avatar_description: str | None = checks.option(checks.text)
    prompt: str | None = checks.option(checks.text)
    webhook_url: str | None = checks.option(checks.http_url)

    def __attrs_post_init__(self) -> None:
        who = (self.avatar_id, self.avatar_image, self.avatar_description)
        if sum(each is not None for each in who) != 1:
            raise checks.refuse(self, "give one of avatar_id, avatar_image and avatar_description")
        if self.avatar_type is not None and self.avatar_id is None:
            raise checks.refuse(self, "avatar_type is for an avatar_id")


@frozen(kw_only=True)
class JoggProductMotion(Spec[JoggMotionAvatar]):
    """An avatar that moves, from a picture with a product; ``model`` is 0, 1 or 2.

    https://docs.jogg.ai/api-reference/v2/Avatar/PhotoAvatarMotionAdd
    """

    generation_id: str = field(validator=checks.text)
    name: str = field(validator=checks.text)
    voice_id: str = field(validator=checks.text)
    description: str = field(validator=checks.text)
    model: Literal[0, 1, 2] | None = checks.option(checks.whole(0, 2))
    aspect_ratio: Literal["portrait", "landscape", "square"] | None = checks.option(_ASPECT)


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
    video_length_seconds: Literal["15", "30", "60"] = field(validator=_LENGTH)
    script_style: ScriptStyle = field(validator=_STYLE)
    product_id: str | None = checks.option(checks.text)
    name: str | None = checks.option(checks.text)
    description: str | None = checks.option(checks.text)
    target_audience: str | None = checks.option(checks.text)

    def __attrs_post_init__(self) -> None:
        if (self.product_id is None) == (self.name is None and self.description is None):
            raise checks.refuse(self, "give either product_id, or name and description")
