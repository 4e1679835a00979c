"""HeyGen and JoggAI for asyncio: submit a render, await it, pay once."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heygen_async.batch.item import BadRow, ItemState, LedgerItem, Outcome, Submitted
    from heygen_async.batch.ledger import Ledger
    from heygen_async.batch.map_run import Outcomes
    from heygen_async.batch.specs import specs_from
    from heygen_async.client import HeyGen, JoggAI
    from heygen_async.errors import (
        APIError,
        AuthenticationError,
        BadRequestError,
        BudgetError,
        ClaimLostError,
        ConflictError,
        DownloadError,
        HeyGenError,
        InsufficientCreditError,
        InvalidRequestError,
        JobFailedError,
        JobTimeoutError,
        LedgerError,
        NotFoundError,
        PermissionDeniedError,
        RateLimitError,
        ResponseError,
        ServerError,
        SubmissionUnknownError,
        TransportError,
        WebhookError,
    )
    from heygen_async.jobs.batch import Batch
    from heygen_async.jobs.job import Job
    from heygen_async.jobs.limiter import SlotLimiter
    from heygen_async.models.account import (
        ApiWallet,
        AutoReload,
        Balance,
        CreditPool,
        PlanCredits,
        Subscription,
        UsageBased,
        User,
        Voice,
    )
    from heygen_async.models.avatars import (
        AvatarGroup,
        AvatarLook,
        Consent,
        DigitalTwin,
        PhotoAvatar,
        PromptAvatar,
        VendorError,
    )
    from heygen_async.models.batches import BatchDetail, BatchItem
    from heygen_async.models.brands import BrandGlossary, BrandKit, BrandKitImport
    from heygen_async.models.edits import (
        AiClipping,
        BackgroundRemoval,
        CleanSpeech,
        Clip,
        Clipping,
        ClipSettings,
        FillerWordRemoval,
        RemovedBackground,
    )
    from heygen_async.models.films import HyperframesRender, HyperframesVideo, Podcast, PodcastVideo
    from heygen_async.models.jobs import JobStatus, Orphan, Result, Spec, State
    from heygen_async.models.jogg import (
        JoggAvatar,
        JoggAvatarVideo,
        JoggMotion,
        JoggMotionAvatar,
        JoggPhoto,
        JoggPhotoSet,
        JoggUser,
        JoggVideo,
        JoggVoice,
    )
    from heygen_async.models.jogg_films import (
        JoggLipSync,
        JoggLipSyncVideo,
        JoggTemplateResult,
        JoggTemplateVideo,
        JoggTranslatedVideo,
        JoggTranslation,
        JoggVariable,
    )
    from heygen_async.models.jogg_products import (
        JoggPreview,
        JoggPreviewRender,
        JoggProduct,
        JoggProductAvatar,
        JoggProductImageSet,
        JoggProductMedium,
        JoggProductMotion,
        JoggProductPreviews,
        JoggProductResult,
        JoggProductVideo,
        JoggScript,
        JoggScripts,
    )
    from heygen_async.models.legacy import (
        AddLooks,
        AddMotion,
        AddSoundEffect,
        CreateGroup,
        LegacyPhoto,
        LegacyVideo,
        PhotoAvatarLook,
        PhotoGeneration,
        TrainGroup,
        Training,
        UpscaleAvatar,
    )
    from heygen_async.models.lipsyncs import Lipsync, LipsyncVideo
    from heygen_async.models.looks import Background, Caption, Engine, Watermark, WatermarkPlacement
    from heygen_async.models.media import Asset, AssetBatch, AssetId, FoundAsset, Media
    from heygen_async.models.policies import PollPolicy, RetryPolicy
    from heygen_async.models.quality import QualityComparison, QualityVerdict, VideoComparison
    from heygen_async.models.realtime import RealtimeSpeech, RealtimeStream, SpokenWord
    from heygen_async.models.speech import (
        ElevenLabsSettings,
        FishSettings,
        StarfishSettings,
        VoiceSettings,
    )
    from heygen_async.models.statistics import Durations, Statistics
    from heygen_async.models.telemetry import (
        Event,
        JobEvent,
        OrphanEvent,
        PollEvent,
        RequestEvent,
        RetryEvent,
    )
    from heygen_async.models.templates import (
        AudioVariable,
        CharacterVariable,
        Dimension,
        ImageVariable,
        SubtitlePosition,
        Template,
        TemplateSubtitles,
        TemplateVideo,
        TextVariable,
        VideoVariable,
        VoiceVariable,
    )
    from heygen_async.models.translations import (
        Proofread,
        ProofreadResult,
        ProofreadSubtitles,
        ProofreadTranslation,
        StockVoices,
        Translation,
        VideoTranslation,
    )
    from heygen_async.models.video_agents import AgentSession, VideoAgent
    from heygen_async.models.videos import (
        AvatarScene,
        AvatarVideo,
        CinematicVideo,
        ImageScene,
        ImageVideo,
        Playback,
        StudioVideo,
        Video,
        VideoScene,
        VideoScenes,
    )
    from heygen_async.models.voices import (
        ModelVoice,
        Sound,
        SpeechPart,
        SpokenAudio,
        VoiceClone,
        VoiceDesign,
        VoiceTraining,
    )
    from heygen_async.models.webhooks import (
        DeliveredEvent,
        EventType,
        JoggWebhookEndpoint,
        WebhookEndpoint,
    )
    from heygen_async.models.workflows import (
        RunOutput,
        Workflow,
        WorkflowRun,
        WorkflowRunResult,
        WorkflowVersion,
    )

__version__ = "0.1.0"

# fmt: off
__all__ = [
    "APIError", "AddLooks", "AddMotion", "AddSoundEffect", "AgentSession", "AiClipping",
    "ApiWallet", "Asset", "AssetBatch", "AssetId", "AudioVariable", "AuthenticationError",
    "AutoReload", "AvatarGroup", "AvatarLook", "AvatarScene", "AvatarVideo", "Background",
    "BackgroundRemoval", "BadRequestError", "BadRow", "Balance", "Batch", "BatchDetail",
    "BatchItem", "BrandGlossary", "BrandKit", "BrandKitImport", "BudgetError", "Caption",
    "CharacterVariable", "CinematicVideo", "ClaimLostError", "CleanSpeech", "Clip",
    "ClipSettings", "Clipping", "ConflictError", "Consent", "CreateGroup", "CreditPool",
    "DeliveredEvent", "DigitalTwin", "Dimension", "DownloadError", "Durations",
    "ElevenLabsSettings", "Engine", "Event", "EventType", "FillerWordRemoval", "FishSettings",
    "FoundAsset", "HeyGen", "HeyGenError", "HyperframesRender", "HyperframesVideo",
    "ImageScene", "ImageVariable", "ImageVideo", "InsufficientCreditError",
    "InvalidRequestError", "ItemState", "Job", "JobEvent", "JobFailedError", "JobStatus",
    "JobTimeoutError", "JoggAI", "JoggAvatar", "JoggAvatarVideo", "JoggLipSync",
    "JoggLipSyncVideo", "JoggMotion", "JoggMotionAvatar", "JoggPhoto", "JoggPhotoSet",
    "JoggPreview", "JoggPreviewRender", "JoggProduct", "JoggProductAvatar",
    "JoggProductImageSet", "JoggProductMedium", "JoggProductMotion", "JoggProductPreviews",
    "JoggProductResult", "JoggProductVideo", "JoggScript", "JoggScripts", "JoggTemplateResult",
    "JoggTemplateVideo", "JoggTranslatedVideo", "JoggTranslation", "JoggUser", "JoggVariable",
    "JoggVideo", "JoggVoice", "JoggWebhookEndpoint", "Ledger", "LedgerError", "LedgerItem",
    "LegacyPhoto", "LegacyVideo", "Lipsync", "LipsyncVideo", "Media", "ModelVoice",
    "NotFoundError", "Orphan", "OrphanEvent", "Outcome", "Outcomes", "PermissionDeniedError",
    "PhotoAvatar", "PhotoAvatarLook", "PhotoGeneration", "PlanCredits", "Playback", "Podcast",
    "PodcastVideo", "PollEvent", "PollPolicy", "PromptAvatar", "Proofread", "ProofreadResult",
    "ProofreadSubtitles", "ProofreadTranslation", "QualityComparison", "QualityVerdict",
    "RateLimitError", "RealtimeSpeech", "RealtimeStream", "RemovedBackground", "RequestEvent",
    "ResponseError", "Result", "RetryEvent", "RetryPolicy", "RunOutput", "ServerError",
    "SlotLimiter", "Sound", "Spec", "SpeechPart", "SpokenAudio", "SpokenWord",
    "StarfishSettings", "State", "Statistics", "StockVoices", "StudioVideo",
    "SubmissionUnknownError", "Submitted", "Subscription", "SubtitlePosition", "Template",
    "TemplateSubtitles", "TemplateVideo", "TextVariable", "TrainGroup", "Training",
    "Translation", "TransportError", "UpscaleAvatar", "UsageBased", "User", "VendorError",
    "Video", "VideoAgent", "VideoComparison", "VideoScene", "VideoScenes", "VideoTranslation",
    "VideoVariable", "Voice", "VoiceClone", "VoiceDesign", "VoiceSettings", "VoiceTraining",
    "VoiceVariable", "Watermark", "WatermarkPlacement", "WebhookEndpoint", "WebhookError",
    "Workflow", "WorkflowRun", "WorkflowRunResult", "WorkflowVersion", "__version__",
    "specs_from",
]
# fmt: on

_HOMES = {
    "batch.item": "BadRow ItemState LedgerItem Outcome Submitted",
    "batch.ledger": "Ledger",
    "batch.map_run": "Outcomes",
    "batch.specs": "specs_from",
    "client": "HeyGen JoggAI",
    "errors": (
        "APIError AuthenticationError BadRequestError BudgetError ClaimLostError ConflictError "
        "DownloadError HeyGenError InsufficientCreditError InvalidRequestError JobFailedError "
        "JobTimeoutError LedgerError NotFoundError PermissionDeniedError RateLimitError "
        "ResponseError ServerError SubmissionUnknownError TransportError WebhookError"
    ),
    "jobs.batch": "Batch",
    "jobs.job": "Job",
    "jobs.limiter": "SlotLimiter",
    "models.account": (
        "ApiWallet AutoReload Balance CreditPool PlanCredits Subscription UsageBased User Voice"
    ),
    "models.avatars": (
        "AvatarGroup AvatarLook Consent DigitalTwin PhotoAvatar PromptAvatar VendorError"
    ),
    "models.batches": "BatchDetail BatchItem",
    "models.brands": "BrandGlossary BrandKit BrandKitImport",
    "models.edits": (
        "AiClipping BackgroundRemoval CleanSpeech Clip ClipSettings Clipping "
        "FillerWordRemoval RemovedBackground"
    ),
    "models.films": "HyperframesRender HyperframesVideo Podcast PodcastVideo",
    "models.jobs": "JobStatus Orphan Result Spec State",
    "models.jogg": (
        "JoggAvatar JoggAvatarVideo JoggMotion JoggMotionAvatar JoggPhoto JoggPhotoSet "
        "JoggUser JoggVideo JoggVoice"
    ),
    "models.jogg_films": (
        "JoggLipSync JoggLipSyncVideo JoggTemplateResult JoggTemplateVideo "
        "JoggTranslatedVideo JoggTranslation JoggVariable"
    ),
    "models.jogg_products": (
        "JoggPreview JoggPreviewRender JoggProduct JoggProductAvatar JoggProductImageSet "
        "JoggProductMedium JoggProductMotion JoggProductPreviews JoggProductResult "
        "JoggProductVideo JoggScript JoggScripts"
    ),
    "models.legacy": (
        "AddLooks AddMotion AddSoundEffect CreateGroup LegacyPhoto LegacyVideo "
        "PhotoAvatarLook PhotoGeneration TrainGroup Training UpscaleAvatar"
    ),
    "models.lipsyncs": "Lipsync LipsyncVideo",
    "models.looks": "Background Caption Engine Watermark WatermarkPlacement",
    "models.media": "Asset AssetBatch AssetId FoundAsset Media",
    "models.policies": "PollPolicy RetryPolicy",
    "models.quality": "QualityComparison QualityVerdict VideoComparison",
    "models.realtime": "RealtimeSpeech RealtimeStream SpokenWord",
    "models.speech": "ElevenLabsSettings FishSettings StarfishSettings VoiceSettings",
    "models.statistics": "Durations Statistics",
    "models.telemetry": "Event JobEvent OrphanEvent PollEvent RequestEvent RetryEvent",
    "models.templates": (
        "AudioVariable CharacterVariable Dimension ImageVariable SubtitlePosition Template "
        "TemplateSubtitles TemplateVideo TextVariable VideoVariable VoiceVariable"
    ),
    "models.translations": (
        "Proofread ProofreadResult ProofreadSubtitles ProofreadTranslation StockVoices "
        "Translation VideoTranslation"
    ),
    "models.video_agents": "AgentSession VideoAgent",
    "models.videos": (
        "AvatarScene AvatarVideo CinematicVideo ImageScene ImageVideo Playback StudioVideo "
        "Video VideoScene VideoScenes"
    ),
    "models.voices": "ModelVoice Sound SpeechPart SpokenAudio VoiceClone VoiceDesign VoiceTraining",
    "models.webhooks": "DeliveredEvent EventType JoggWebhookEndpoint WebhookEndpoint",
    "models.workflows": "RunOutput Workflow WorkflowRun WorkflowRunResult WorkflowVersion",
}
"""Which module has which names; each is loaded when one of its names is asked for."""


_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
