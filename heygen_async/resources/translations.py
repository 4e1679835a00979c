"""The namespaces of HeyGen's translations and proofreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.models.media import Media
from heygen_async.models.translations import ProofreadResult, Translation, VideoTranslation
from heygen_async.protocol.heygen import translations
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.idempotency import one_key
from heygen_async.resources.collection import Batchable, BulkReadable, Deletable, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from heygen_async.jobs.job import Job
    from heygen_async.jobs.service import JobService
    from heygen_async.models.media import Asset, AssetId
    from heygen_async.models.translations import (
        Proofread,
        ProofreadSubtitles,
        ProofreadTranslation,
    )
    from heygen_async.protocol.operations import Collection
    from heygen_async.transport.http import Transport


class Proofreads(Readable[ProofreadResult]):
    """Drafts of translations: https://developers.heygen.com/reference/create-proofread."""

    async def create(
        self, spec: Proofread, *, key: str | None = None, idempotency_key: str | None = None
    ) -> Sequence[Job[ProofreadResult]]:
        """Submit ``spec`` and return a job for each of its languages, in their order."""
        wanted = self._service.key_for(spec, one_key(key, idempotency_key))
        return await self._service.submit_all(spec, wanted)

    async def generate(
        self,
        spec: ProofreadTranslation,
        *,
        key: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job[Translation]:
        """Make the translation of a proofread; the same as ``client.submit(spec)``."""
        return await self._submit(spec, one_key(key, idempotency_key))

    async def srt(self, id: str) -> ProofreadSubtitles:  # noqa: A002 - what it is
        """Return the URLs under which the text of a proofread lies for a while."""
        return await self._call(translations.SUBTITLES, id)

    async def replace_srt(self, id: str, srt: str | Asset | AssetId) -> ProofreadResult:  # noqa: A002
        """Replace the text by a SubRip file: a URL, or what ``assets.upload`` gave."""
        body = {"srt": CONVERTER.unstructure(srt, unstructure_as=Media)}
        return await self._call(translations.REPLACE_SUBTITLES, id, json=body)


class Translations(
    Batchable[VideoTranslation, Translation],
    Readable[Translation],
    Deletable[Translation],
    BulkReadable,
):
    """HeyGen v3 translations: https://developers.heygen.com/reference/create-video-translation."""

    _kind = translations.TRANSLATION

    def __init__(
        self, transport: Transport, service: JobService, collection: Collection[Translation]
    ) -> None:
        super().__init__(transport, service, collection)
        self.proofreads = Proofreads(transport, service, translations.PROOFREADS)

    async def create(
        self, spec: VideoTranslation, *, key: str | None = None, idempotency_key: str | None = None
    ) -> Sequence[Job[Translation]]:
        """Submit ``spec`` and return a job for each of its languages, in their order.

        It is one paid call. Raises what ``client.submit`` raises; if it is cancelled while it is on
        its way, ``client.orphans()`` has all of them.
        """
        wanted = self._service.key_for(spec, one_key(key, idempotency_key))
        return await self._service.submit_all(spec, wanted)

    async def languages(self) -> tuple[str, ...]:
        """Return the languages there are, as ``output_languages`` names them."""
        return await self._call(translations.LANGUAGES)

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Translation]:
        """Iterate over the account's translations, newest first."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def update(self, id: str, *, title: str) -> Translation:  # noqa: A002 - what it is
        """Rename the translation and return it."""
        return await self._update(id, title=title)
