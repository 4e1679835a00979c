"""The namespaces of ``JoggAI`` for lip syncs, translations, templates and music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.models.jogg_films import (
    JoggLipSync,
    JoggLipSyncVideo,
    JoggTemplateResult,
    JoggTemplateVideo,
    JoggTranslatedVideo,
    JoggTranslation,
)
from heygen_async.protocol.jogg import films
from heygen_async.resources.collection import Creatable, Namespace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from heygen_async.models.jogg_films import (
        JoggListedVideo,
        JoggMusic,
        JoggTemplate,
        JoggVisualStyle,
    )
    from heygen_async.protocol.operations import Collection

AspectRatio = Literal["portrait", "landscape", "square"]
RenderStatus = Literal["processing", "completed", "failed"]
SortOrder = Literal["asc", "desc"]
_NUMBERS = {"processing": 3, "completed": 4, "failed": 5}


class JoggRenders(Namespace):
    """A namespace with lists of videos, whose filter has numbers for words."""

    def _videos(
        self,
        videos: Collection[JoggListedVideo],
        status: RenderStatus | None,
        *,
        timeout: float | None,
        headers: Mapping[str, str] | None,
        **order: str | None,
    ) -> AsyncIterator[JoggListedVideo]:
        number = status and _NUMBERS.get(status, status)
        return self._list(videos, timeout=timeout, headers=headers, status=number, **order)


class JoggLipSyncs(Creatable[JoggLipSync, JoggLipSyncVideo]):
    """Lip syncs: https://docs.jogg.ai/api-reference/v2/Video/CreateLipSyncVideo."""


class JoggTranslations(Creatable[JoggTranslation, JoggTranslatedVideo]):
    """Translations: https://docs.jogg.ai/api-reference/v2/Video/VideoTranslateCreate."""

    async def languages(self) -> tuple[str, ...]:
        """Return the names of the languages that a video can be translated into."""
        return await self._call(films.LANGUAGES)


class JoggTemplateVideos(Creatable[JoggTemplateVideo, JoggTemplateResult], JoggRenders):
    """Videos from templates: https://docs.jogg.ai/api-reference/v2/Video/CreateVideoWithTemplate."""

    def list(
        self,
        *,
        status: RenderStatus | None = None,
        sort_by: str | None = None,
        sort_order: SortOrder | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggListedVideo]:
        """Iterate over the account's videos from templates."""
        return self._videos(
            films.TEMPLATE_VIDEOS,
            status,
            sort_by=sort_by,
            sort_order=sort_order,
            timeout=timeout,
            headers=headers,
        )


class JoggTemplates(Namespace):
    """Templates: https://docs.jogg.ai/api-reference/v2/Template/GetTemplates."""

    def list(
        self,
        *,
        aspect_ratio: AspectRatio | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggTemplate]:
        """Iterate over JoggAI's own templates."""
        return self._list(
            films.TEMPLATES, aspect_ratio=aspect_ratio, timeout=timeout, headers=headers
        )

    def custom(
        self,
        *,
        aspect_ratio: AspectRatio | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggTemplate]:
        """Iterate over the account's templates."""
        return self._list(
            films.CUSTOM_TEMPLATES, aspect_ratio=aspect_ratio, timeout=timeout, headers=headers
        )

    async def get(self, id: int) -> JoggTemplate:  # noqa: A002 - what it is
        """Return one of the account's templates with its variables.

        Raises ``NotFoundError`` if there is none.
        """
        return await self._call(films.TEMPLATE, str(id))


class JoggMusics(Namespace):
    """Background music: https://docs.jogg.ai/api-reference/v2/Asset/GetMusic."""

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[JoggMusic]:
        """Iterate over the music."""
        return self._list(films.MUSICS, timeout=timeout, headers=headers)


class JoggVisualStyles(Namespace):
    """Styles of product videos: https://docs.jogg.ai/api-reference/v2/Asset/GetVisualStyles."""

    def list(
        self,
        *,
        aspect_ratio: AspectRatio | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[JoggVisualStyle]:
        """Iterate over the styles."""
        return self._list(
            films.VISUAL_STYLES, aspect_ratio=aspect_ratio, timeout=timeout, headers=headers
        )
