"""The namespaces of HeyGen's templates and of its comparisons of videos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.models.quality import QualityComparison, VideoComparison
from heygen_async.models.templates import Template
from heygen_async.protocol.heygen import quality
from heygen_async.protocol.idempotency import one_key
from heygen_async.resources.collection import Batchable, Creatable, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from heygen_async.jobs.job import Job
    from heygen_async.models.templates import TemplateVideo
    from heygen_async.models.videos import Video


class Templates(Readable[Template]):
    """HeyGen v3 templates: https://developers.heygen.com/reference/list-templates."""

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Template]:
        """Iterate over the account's templates, without their variables and scenes."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def generate(
        self, spec: TemplateVideo, *, key: str | None = None, idempotency_key: str | None = None
    ) -> Job[Video]:
        """Make a video of a template and return its job; the same as ``client.submit(spec)``."""
        return await self._submit(spec, one_key(key, idempotency_key))


class VideoQuality(
    Creatable[VideoComparison, QualityComparison],
    Batchable[VideoComparison, QualityComparison],
    Readable[QualityComparison],
):
    """Videos compared: https://developers.heygen.com/reference/create-video-quality-comparison."""

    _kind = quality.COMPARISON
