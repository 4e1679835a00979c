"""The clients: what each vendor's session offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.client.base import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async.models.account import Balance
    from heygen_async.models.webhooks import JobRef
    from heygen_async.protocol.vendors import Vendor
    from heygen_async.resources.brands import BrandGlossaries, BrandKits
    from heygen_async.resources.collection import Uploads
    from heygen_async.resources.edits import (
        BackgroundRemovals,
        Clips,
        FillerWordRemovals,
        Hyperframes,
        Podcasts,
    )
    from heygen_async.resources.heygen import Assets, Avatars, Lipsyncs, Users, Videos, Webhooks
    from heygen_async.resources.jogg import (
        JoggAvatars,
        JoggPhotoAvatars,
        JoggUsers,
        JoggVideos,
        JoggVoices,
        JoggWebhooks,
    )
    from heygen_async.resources.jogg_films import (
        JoggLipSyncs,
        JoggMusics,
        JoggTemplates,
        JoggTemplateVideos,
        JoggTranslations,
        JoggVisualStyles,
    )
    from heygen_async.resources.jogg_products import (
        JoggProductAvatars,
        JoggProducts,
        JoggProductVideos,
        JoggScriptJobs,
    )
    from heygen_async.resources.realtime import Realtime
    from heygen_async.resources.templates import Templates, VideoQuality
    from heygen_async.resources.translations import Translations
    from heygen_async.resources.v2 import V2
    from heygen_async.resources.video_agents import VideoAgents
    from heygen_async.resources.voices import ModelVoices, Sounds, Speech, Voices
    from heygen_async.resources.workflows import WorkflowRuns, Workflows

# What a vendor needs is loaded with the first client of it, so that the import stays quick for
# those who import the package and use the other one, or only its errors.


class HeyGen(Client):
    """An asyncio session with HeyGen; use it as ``async with HeyGen() as heygen``.

    Its variables are ``HEYGEN_API_KEY`` and ``HEYGEN_BASE_URL``. On the pay-as-you-go plan 10 jobs
    may be in flight at once.
    """

    videos: Videos
    """Videos of pictures and avatars, studio and cinematic ones."""
    translations: Translations
    """Videos in other languages, and their proofreads."""
    lipsyncs: Lipsyncs
    """Videos whose lips follow another sound."""
    avatars: Avatars
    """Avatars and their looks."""
    video_agents: VideoAgents
    """Videos that an agent makes of a prompt."""
    assets: Assets
    """Files that were uploaded, and pictures to be found."""
    voices: Voices
    """Voices: to list, to clone, to design."""
    speech: Speech
    """Speech without a video."""
    sounds: Sounds
    """Music and sound effects."""
    model_voices: ModelVoices
    """Professional voices and their training."""
    clips: Clips
    """Short clips of long videos."""
    background_removals: BackgroundRemovals
    """Videos taken apart into layers."""
    filler_word_removals: FillerWordRemovals
    """Videos without filler words."""
    hyperframes: Hyperframes
    """Renders of hyperframes projects."""
    podcasts: Podcasts
    """Talks of a host and a guest."""
    brand_kits: BrandKits
    """How brands look."""
    brand_glossaries: BrandGlossaries
    """How the words of a brand are said and translated."""
    templates: Templates
    """Templates, and videos after them."""
    workflows: Workflows
    """Workflows and their versions."""
    workflow_runs: WorkflowRuns
    """Runs of workflows."""
    video_quality: VideoQuality
    """Comparisons of two videos."""
    realtime: Realtime
    """Avatars that speak while their words still come."""
    users: Users
    """Who the key belongs to, and what is left to spend."""
    webhooks: Webhooks
    """Endpoints for webhooks, event types and the history of deliveries."""
    v2: V2
    """What the vendor has retired: v2 videos and photo avatars."""

    @staticmethod
    def _load_vendor() -> Vendor:
        from heygen_async.protocol.heygen import HEYGEN  # noqa: PLC0415

        return HEYGEN

    def _add_namespaces(self) -> None:
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

    Its variables are ``JOGG_API_KEY`` and ``JOGG_BASE_URL``. POSTs keep to JoggAI's 20 in a minute
    by themselves, and none is ever sent twice.
    """

    photo_avatars: JoggPhotoAvatars
    """Photos, and photo avatars that move."""
    videos: JoggVideos
    """Videos of avatars that speak."""
    lip_syncs: JoggLipSyncs
    """Videos whose lips follow another sound."""
    translations: JoggTranslations
    """Videos in other languages."""
    templates: JoggTemplates
    """Templates and their variables."""
    template_videos: JoggTemplateVideos
    """Videos after templates."""
    musics: JoggMusics
    """Background music."""
    visual_styles: JoggVisualStyles
    """Looks of product videos."""
    products: JoggProducts
    """Products to advertise."""
    product_videos: JoggProductVideos
    """Videos of products, and their previews."""
    product_avatars: JoggProductAvatars
    """People with products."""
    scripts: JoggScriptJobs
    """Scripts about products."""
    avatars: JoggAvatars
    """Avatars that are there."""
    assets: Uploads
    """Files on their way to JoggAI."""
    voices: JoggVoices
    """Voices."""
    users: JoggUsers
    """Who the key belongs to, and what is left to spend."""
    webhooks: JoggWebhooks
    """Endpoints for webhooks and the history of deliveries."""

    @staticmethod
    def _load_vendor() -> Vendor:
        from heygen_async.protocol.jogg import JOGG  # noqa: PLC0415

        return JOGG

    def _add_namespaces(self) -> None:
        from heygen_async.resources import jogg, jogg_films, jogg_products  # noqa: PLC0415
        from heygen_async.resources.collection import Uploads  # noqa: PLC0415

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
