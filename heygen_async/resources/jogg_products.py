"""The namespaces of ``JoggAI`` for products, their videos and avatars, and scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.models.jogg_products import (
    JoggProductAvatar,
    JoggProductImageSet,
    JoggProductResult,
    JoggProductVideo,
    JoggScript,
    JoggScripts,
)
from heygen_async.protocol.jogg import products
from heygen_async.protocol.request import drop_none
from heygen_async.resources.collection import Creatable, Namespace
from heygen_async.resources.jogg_films import JoggRenders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from heygen_async.jobs.job import Job
    from heygen_async.models.jogg import JoggMotionAvatar
    from heygen_async.models.jogg_films import JoggListedVideo
    from heygen_async.models.jogg_products import (
        JoggPreview,
        JoggPreviewRender,
        JoggProduct,
        JoggProductMedium,
        JoggProductMotion,
        JoggProductPreviews,
    )
    from heygen_async.resources.jogg_films import RenderStatus, SortOrder


class JoggProducts(Namespace):
    """Products: https://docs.jogg.ai/api-reference/v2/Product/CreateProduct."""

    async def create(
        self,
        *,
        url: str | None = None,
        name: str | None = None,
        description: str | None = None,
        target_audience: str | None = None,
        media: Sequence[JoggProductMedium] | None = None,
    ) -> JoggProduct:
        """Make a product of the page at ``url``, or of what is told; one of it is wanted."""
        told = {"url": url, "name": name, "description": description}
        body = _product(media, **told, target_audience=target_audience)
        return await self._call(products.CREATE_PRODUCT, json=body)

    async def update(
        self,
        product_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        target_audience: str | None = None,
        media: Sequence[JoggProductMedium] | None = None,
    ) -> None:
        """Change what is given of a product. Raises ``NotFoundError`` if there is none."""
        told = {"name": name, "description": description, "target_audience": target_audience}
        body = _product(media, product_id=product_id, **told)
        await self._call(products.UPDATE_PRODUCT, json=body)


class JoggProductVideos(Creatable[JoggProductVideo, JoggProductResult], JoggRenders):
    """Videos of products: https://docs.jogg.ai/api-reference/v2/Video/CreateVideoFromProduct."""

    async def preview(self, spec: JoggProductPreviews) -> tuple[JoggPreview, ...]:
        """Ask for previews, which ``previews`` tells of later. It is paid and goes out once."""
        return await self._transport.send(products.preview(spec))

    async def render_preview(self, spec: JoggPreviewRender) -> Job[JoggProductResult]:
        """Make the whole video of a preview and return the job."""
        return await self._submit(spec)

    def list(
        self,
        *,
        status: RenderStatus | None = None,
        sort_by: str | None = None,
        sort_order: SortOrder | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggListedVideo]:
        """Iterate over the account's videos of products."""
        order = {"sort_by": sort_by, "sort_order": sort_order}
        return self._videos(
            products.PRODUCT_VIDEOS, status, timeout=timeout, headers=headers, **order
        )

    def previews(
        self,
        *,
        status: RenderStatus | None = None,
        sort_by: str | None = None,
        sort_order: SortOrder | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggListedVideo]:
        """Iterate over the account's previews."""
        order = {"sort_by": sort_by, "sort_order": sort_order}
        return self._videos(products.PREVIEWS, status, timeout=timeout, headers=headers, **order)


class JoggProductAvatars(Creatable[JoggProductAvatar, JoggProductImageSet]):
    """People with products, first as pictures: ``create``, then ``add_motion``.

    https://docs.jogg.ai/api-reference/v2/Avatar/GenerateProductAvatarImage
    """

    async def add_motion(self, spec: JoggProductMotion) -> Job[JoggMotionAvatar]:
        """Make an avatar that moves and return the job."""
        return await self._submit(spec)


class JoggScriptJobs(Creatable[JoggScript, JoggScripts]):
    """Scripts: https://docs.jogg.ai/api-reference/v2/Asset/CreateAIScript."""


def _product(media: Sequence[JoggProductMedium] | None, **told: str | None) -> dict[str, Any]:
    rows: list[Any] | None = None
    if media is not None:
        rows = [drop_none(**attrs.asdict(each) | {"extra": None}) for each in media]
    return drop_none(**told, media=rows)
