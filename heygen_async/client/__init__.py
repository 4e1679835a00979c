"""The clients: what each vendor's session offers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Unpack

from heygen_async.client.base import Client, Options
from heygen_async.client.settings import hidden
from heygen_async.protocol.vendors import HEYGEN
from heygen_async.resources.media import Assets, Uploads, Voices
from heygen_async.resources.videos import Videos

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from heygen_async.resources.avatars import Avatars
    from heygen_async.resources.legacy import V2
    from heygen_async.resources.users import Users
    from heygen_async.resources.webhooks import Webhooks


class HeyGen(Client):
    """An asyncio session with HeyGen; use it as ``async with HeyGen() as heygen``.

    ``api_key`` comes from ``HEYGEN_API_KEY`` and ``base_url`` from ``HEYGEN_BASE_URL`` where
    they are not given. A lent ``session`` is never closed. ``max_concurrent_jobs`` bounds how
    many jobs of ``run`` and ``map`` are in flight at the vendor (10 on its pay-as-you-go plan); it
    takes a ``SlotLimiter``, too. ``timeout`` is for one API request, in seconds: by default 30
    for reads and 120 for writes. ``on_event`` is called with each request, retry, poll and change
    of a job (``heygen_async.models.telemetry``), in the event loop.

    Files of results have at most ``max_download_bytes`` (4 GiB), and come by https from public
    addresses only, unless ``allow_private_hosts`` is set or ``base_url`` itself is local or without
    TLS. Their names are looked up by the system's resolver, checked, and not looked up again;
    through the proxy of a lent session it is the proxy that looks up.

    Raises ``InvalidRequestError`` if there is no key.
    """

    def __init__(self, api_key: str | None = None, **options: Unpack[Options]) -> None:
        api_key = hidden(api_key)
        super().__init__(HEYGEN, api_key, **options)
        self.videos = Videos(self._transport, self._service)
        self.assets = Assets(self._transport, self._uploader)
        self.voices = Voices(self._transport)

    # The rest is loaded by those who use it: the import stays quick.

    @functools.cached_property
    def avatars(self) -> Avatars:
        """Avatars and their looks."""
        from heygen_async.resources.avatars import Avatars  # noqa: PLC0415

        return Avatars(self._transport, self._service)

    @functools.cached_property
    def users(self) -> Users:
        """The account."""
        from heygen_async.resources.users import Users  # noqa: PLC0415

        return Users(self._transport)

    @functools.cached_property
    def webhooks(self) -> Webhooks:
        """The endpoints that events are delivered to, and the events that were."""
        from heygen_async.resources.webhooks import Webhooks  # noqa: PLC0415

        return Webhooks(self._transport)

    def _history(self) -> AsyncIterator[tuple[str, tuple[Sequence[str], str] | None]]:
        from heygen_async.resources.webhooks import recent_jobs  # noqa: PLC0415

        return recent_jobs(self._transport)

    @functools.cached_property
    def v2(self) -> V2:
        """The API that HeyGen retired on 2026-11-01; its first use gives one warning."""
        from heygen_async.resources.legacy import V2  # noqa: PLC0415

        return V2(self._transport, self._service)


class JoggAI(Client):
    """An asyncio session with JoggAI; use it as ``async with JoggAI() as jogg``.

    The options are those of ``HeyGen``, the variables ``JOGG_API_KEY`` and ``JOGG_BASE_URL``.
    POSTs keep to JoggAI's 20 in a minute by themselves, and none is ever sent twice.

    Raises ``InvalidRequestError`` if there is no key.
    """

    def __init__(self, api_key: str | None = None, **options: Unpack[Options]) -> None:
        api_key = hidden(api_key)
        from heygen_async.protocol.jogg_vendor import JOGG  # noqa: PLC0415
        from heygen_async.resources import jogg  # noqa: PLC0415
        from heygen_async.resources.jogg_webhooks import JoggWebhooks  # noqa: PLC0415

        super().__init__(JOGG, api_key, **options)
        self.photo_avatars = jogg.JoggPhotoAvatars(self._transport, self._service)
        self.videos = jogg.JoggVideos(self._service)
        self.avatars = jogg.JoggAvatars(self._transport)
        self.assets = Uploads(self._uploader)
        self.voices = jogg.JoggVoices(self._transport)
        self.users = jogg.JoggUsers(self._transport)
        self.webhooks = JoggWebhooks(self._transport)
