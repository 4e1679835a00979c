"""The namespaces of HeyGen's clippings, removals, podcasts and hyperframes renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from heygen_async.models.edits import (
    AiClipping,
    BackgroundRemoval,
    CleanSpeech,
    Clipping,
    FillerWordRemoval,
    RemovedBackground,
)
from heygen_async.models.films import (
    HyperframesRender,
    HyperframesVideo,
    Podcast,
    PodcastVideo,
)
from heygen_async.resources.collection import Creatable, Deletable, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

T = TypeVar("T")


class _Kept(Readable[T], Deletable[T]):
    """Jobs that the vendor keeps until they are deleted."""

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[T]:
        """Iterate over those of the account, newest first."""
        return self._list(self._collection, timeout=timeout, headers=headers)


class Clips(Creatable[AiClipping, Clipping], _Kept[Clipping]):
    """HeyGen v3 AI clipping: https://developers.heygen.com/reference/create-ai-clipping."""


class BackgroundRemovals(Creatable[BackgroundRemoval, RemovedBackground], _Kept[RemovedBackground]):
    """Videos in layers: https://developers.heygen.com/reference/create-background-removal."""


class FillerWordRemovals(Creatable[FillerWordRemoval, CleanSpeech], Readable[CleanSpeech]):
    """Cleaner speech: https://developers.heygen.com/reference/create-filler-word-removal."""


class Hyperframes(Creatable[HyperframesRender, HyperframesVideo], _Kept[HyperframesVideo]):
    """Renders of projects: https://developers.heygen.com/reference/create-hyperframes-render."""


class Podcasts(Creatable[Podcast, PodcastVideo], _Kept[PodcastVideo]):
    """HeyGen v3 podcasts: https://developers.heygen.com/reference/create-podcast."""
