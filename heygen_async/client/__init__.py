"""The clients: what each vendor's session offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from heygen_async.client.base import Client, Options
from heygen_async.client.settings import hidden

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.models.account import Balance
    from heygen_async.models.webhooks import JobRef

# What a vendor needs is loaded with the first client of it, so that the import stays quick for
# those who import the package and use the other one, or only its errors.


class HeyGen(Client):
    """An asyncio session with HeyGen; use it as ``async with HeyGen() as heygen``.

    ``api_key`` comes from ``HEYGEN_API_KEY`` and ``base_url`` from ``HEYGEN_BASE_URL`` where
    they are not given. A lent ``session`` is never closed. ``max_concurrent_jobs`` bounds how
    many jobs of ``run`` and ``map`` are in flight at the vendor (10 on its pay-as-you-go plan); it
    takes a ``SlotLimiter``, too. ``timeout`` is for one API request, in seconds: by default 30
    for reads and 120 for writes. ``on_event`` is called with each request, retry, poll and change
    of a job (``heygen_async.models.telemetry``), in the event loop.

    ``proxy`` is the URL of an http(s) proxy for all requests, uploads and downloads; without it
    ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` are obeyed. ``ssl`` is an ``ssl.SSLContext``
    that says whom to trust; without it the system's certificates, or ``SSL_CERT_FILE``, do. A lent
    session has its own of both. ``with_options`` gives a client with other options.

    Files of results have at most ``max_download_bytes`` (4 GiB), and come by https from public
    addresses only, unless ``allow_private_hosts`` is set or ``base_url`` itself is local or without
    TLS. Their names are looked up by the system's resolver, checked, and not looked up again;
    through a proxy it is the proxy that looks up.

    With ``prepare`` local pictures that the vendor would not take (HEIC, CMYK, turned by EXIF data,
    too large) are made into JPEG or PNG before they go up; that needs ``heygen-async[prepare]``.

    Raises ``InvalidRequestError`` if there is no key, or if that is not installed.
    """

    def __init__(self, api_key: str | None = None, **options: Unpack[Options]) -> None:
        api_key = hidden(api_key)
        from heygen_async.protocol.heygen import HEYGEN  # noqa: PLC0415
        from heygen_async.protocol.heygen import edits as made  # noqa: PLC0415
        from heygen_async.protocol.heygen.brands import (  # noqa: PLC0415
            BRAND_GLOSSARIES,
            BRAND_KITS,
        )
        from heygen_async.protocol.heygen.quality import COMPARISONS  # noqa: PLC0415
        from heygen_async.protocol.heygen.templates import TEMPLATES  # noqa: PLC0415
        from heygen_async.protocol.heygen.translations import TRANSLATIONS  # noqa: PLC0415
        from heygen_async.protocol.heygen.videos import LIPSYNCS, VIDEOS  # noqa: PLC0415
        from heygen_async.protocol.heygen.voices import MODEL_VOICES, VOICES  # noqa: PLC0415
        from heygen_async.protocol.heygen.workflows import RUNS, WORKFLOWS  # noqa: PLC0415
        from heygen_async.resources import (  # noqa: PLC0415
            brands,
            edits,
            heygen,
            realtime,
            templates,
            translations,
            v2,
            video_agents,
            voices,
            workflows,
        )

        super().__init__(HEYGEN, api_key, **options)
        parts = (self._transport, self._service)
        self.videos = heygen.Videos(*parts, VIDEOS)
        self.translations = translations.Translations(*parts, TRANSLATIONS)
        self.lipsyncs = heygen.Lipsyncs(*parts, LIPSYNCS)
        self.avatars = heygen.Avatars(*parts)
        self.video_agents = video_agents.VideoAgents(*parts)
        self.assets = heygen.Assets(*parts)
        self.voices = voices.Voices(*parts, VOICES)
        self.speech = voices.Speech(*parts)
        self.sounds = voices.Sounds(*parts)
        self.model_voices = voices.ModelVoices(*parts, MODEL_VOICES)
        self.clips = edits.Clips(*parts, made.CLIPPINGS)
        self.background_removals = edits.BackgroundRemovals(*parts, made.BACKGROUND_REMOVALS)
        self.filler_word_removals = edits.FillerWordRemovals(*parts, made.FILLER_WORD_REMOVALS)
        self.hyperframes = edits.Hyperframes(*parts, made.HYPERFRAMES)
        self.podcasts = edits.Podcasts(*parts, made.PODCASTS)
        self.brand_kits = brands.BrandKits(*parts, BRAND_KITS)
        self.brand_glossaries = brands.BrandGlossaries(*parts, BRAND_GLOSSARIES)
        self.templates = templates.Templates(*parts, TEMPLATES)
        self.workflows = workflows.Workflows(*parts, WORKFLOWS)
        self.workflow_runs = workflows.WorkflowRuns(*parts, RUNS)
        self.video_quality = templates.VideoQuality(*parts, COMPARISONS)
        self.realtime = realtime.Realtime(*parts)
        self.users = heygen.Users(*parts)
        self.webhooks = heygen.Webhooks(*parts)
        self.v2 = v2.V2(*parts)

    async def balance(self) -> Balance | None:
        """Return what is left to spend, None where the account's plan does not tell."""
        return (await self.users.me()).balance

    def _history(self) -> AsyncIterator[tuple[str, JobRef | None]]:
        from heygen_async.resources.heygen import recent_jobs  # noqa: PLC0415

        return recent_jobs(self._transport)


class JoggAI(Client):
    """An asyncio session with JoggAI; use it as ``async with JoggAI() as jogg``.

    The options are those of ``HeyGen``, the variables ``JOGG_API_KEY`` and ``JOGG_BASE_URL``.
    POSTs keep to JoggAI's 20 in a minute by themselves, and none is ever sent twice.

    Raises ``InvalidRequestError`` if there is no key.
    """

    def __init__(self, api_key: str | None = None, **options: Unpack[Options]) -> None:
        api_key = hidden(api_key)
        from heygen_async.protocol.jogg import JOGG  # noqa: PLC0415
        from heygen_async.resources import jogg, jogg_films, jogg_products  # noqa: PLC0415
        from heygen_async.resources.collection import Uploads  # noqa: PLC0415

        super().__init__(JOGG, api_key, **options)
        parts = (self._transport, self._service)
        self.photo_avatars = jogg.JoggPhotoAvatars(*parts)
        self.videos = jogg.JoggVideos(*parts)
        self.lip_syncs = jogg_films.JoggLipSyncs(*parts)
        self.translations = jogg_films.JoggTranslations(*parts)
        self.templates = jogg_films.JoggTemplates(*parts)
        self.template_videos = jogg_films.JoggTemplateVideos(*parts)
        self.musics = jogg_films.JoggMusics(*parts)
        self.visual_styles = jogg_films.JoggVisualStyles(*parts)
        self.products = jogg_products.JoggProducts(*parts)
        self.product_videos = jogg_products.JoggProductVideos(*parts)
        self.product_avatars = jogg_products.JoggProductAvatars(*parts)
        self.scripts = jogg_products.JoggScriptJobs(*parts)
        self.avatars = jogg.JoggAvatars(*parts)
        self.assets = Uploads(*parts)
        self.voices = jogg.JoggVoices(*parts)
        self.users = jogg.JoggUsers(*parts)
        self.webhooks = jogg.JoggWebhooks(*parts)

    async def balance(self) -> Balance | None:
        """Return what is left to spend, in credits."""
        from heygen_async.models.account import Balance  # noqa: PLC0415

        return Balance(amount=await self.users.remaining_quota(), unit="credits")
