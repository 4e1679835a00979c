"""JoggAI v2: products, their videos and avatars, and scripts for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.jogg import JoggAvatar, JoggMotionAvatar
from heygen_async.models.jogg_films import JoggListedVideo
from heygen_async.models.jogg_products import (
    JoggPreview,
    JoggPreviewRender,
    JoggProduct,
    JoggProductAvatar,
    JoggProductImageSet,
    JoggProductMotion,
    JoggProductPreviews,
    JoggProductResult,
    JoggProductVideo,
    JoggScript,
    JoggScripts,
)
from heygen_async.protocol.jogg.tables import CONVERTER, STATUSES, JoggKind, NumberedCollection
from heygen_async.protocol.kinds import meaning
from heygen_async.protocol.operations import Collection, Operation, decode_none
from heygen_async.protocol.request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.protocol.kinds import JobKind

_PRODUCT_VIDEOS = Collection(
    item="/v2/product_video/{video_id}", model=JoggProductResult, converter=CONVERTER
)


def _word_of_all(data: Mapping[str, Any]) -> Any:
    """Return the word for all pictures of a batch: that of one on its way, or of a good one."""
    words = [each["status"] for each in data["generations"]]
    ends = {word: meaning(STATUSES, str(word)) for word in words}
    order = ("running", None, "queued", "completed", "failed")
    return min(words, key=lambda word: order.index(ends[word]))


KINDS: tuple[JobKind[Any], ...] = (
    JoggKind(
        name="jogg.product-video",
        specs=(JoggProductVideo,),
        path="/v2/create_video_from_product",
        collection=_PRODUCT_VIDEOS,
        status_map=STATUSES,
        file="video_url",
        aliases={"product_video_id": "video_id"},  # in the guide
        typical_duration=450.0,
    ),
    JoggKind(
        name="jogg.preview-render",
        specs=(JoggPreviewRender,),
        path="/v2/create_video_from_product/render_single_preview",
        collection=_PRODUCT_VIDEOS,
        status_map=STATUSES,
        file="video_url",
        aliases={"product_video_id": "video_id"},
        typical_duration=450.0,
    ),
    JoggKind(
        name="jogg.product-avatar",
        specs=(JoggProductAvatar,),
        path="/v2/product_avatar/generation",
        collection=Collection(
            item="/v2/product_avatar/generation/{batch_id}",
            model=JoggProductImageSet,
            converter=CONVERTER,
        ),
        status_map=STATUSES,
        file="generations.url",
        word=_word_of_all,
    ),
    JoggKind(
        name="jogg.product-motion",
        specs=(JoggProductMotion,),
        path="/v2/product_avatar/add_motion",
        collection=Collection(
            item="/v2/product_avatar/{motion_id}", model=JoggMotionAvatar, converter=CONVERTER
        ),
        in_query=True,
        status_map=STATUSES,
        file="motion_preview_url",
        typical_duration=150.0,
    ),
    JoggKind(
        name="jogg.script",
        specs=(JoggScript,),
        path="/v2/ai_scripts",
        collection=Collection(
            item="/v2/ai_scripts/results/{task_id}", model=JoggScripts, converter=CONVERTER
        ),
        status_map=STATUSES,
        told="generated_scripts",
        typical_duration=20.0,
    ),
)
CREATE_PRODUCT = Operation(
    "POST", "/v2/product", lambda payload: CONVERTER.structure(payload["data"], JoggProduct)
)
UPDATE_PRODUCT = Operation("PUT", "/v2/product", decode_none)
PRODUCT_VIDEOS = NumberedCollection(
    item="/v2/product_videos/{id}", model=JoggListedVideo, converter=CONVERTER, name="videos"
)
PREVIEWS = NumberedCollection(
    item="/v2/product_previews/{id}", model=JoggListedVideo, converter=CONVERTER, name="previews"
)
PRODUCT_AVATARS = NumberedCollection(
    item="/v2/avatars/product_avatars/{avatar_id}",
    model=JoggAvatar,
    converter=CONVERTER,
    name="product_avatars",
    paged=False,
)


def preview(spec: JoggProductPreviews) -> Request[tuple[JoggPreview, ...]]:
    """``POST /v2/create_video_from_product/preview_list``, which is paid and gives no job."""
    body = CONVERTER.unstructure(spec)
    body.pop("extra_body", None)
    return Request(
        method="POST",
        path="/v2/create_video_from_product/preview_list",
        json={**body, **(spec.extra_body or {})},
        decode=lambda payload: CONVERTER.structure(
            payload["data"]["previews"], tuple[JoggPreview, ...]
        ),
        paid=True,
    )
