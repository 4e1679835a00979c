"""HeyGen and JoggAI for asyncio: submit a render, await it, pay once."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from heygen_async.client import HeyGen, JoggAI
from heygen_async.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
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
from heygen_async.jobs.job import Job
from heygen_async.jobs.limiter import SlotLimiter
from heygen_async.models.jobs import JobStatus, Orphan, Spec, State
from heygen_async.models.looks import Background, Caption, Engine, Watermark, WatermarkPlacement
from heygen_async.models.media import Asset, AssetId, Media
from heygen_async.models.policies import PollPolicy, RetryPolicy
from heygen_async.models.scenes import AvatarScene, ImageScene, Playback, VideoScene
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
from heygen_async.models.videos import (
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    Video,
)
from heygen_async.models.voices import Voice

if TYPE_CHECKING:
    from heygen_async.batch.item import ItemState, LedgerItem, Outcome, Submitted
    from heygen_async.batch.ledger import Ledger
    from heygen_async.batch.map_run import Outcomes
    from heygen_async.models.avatars import (
        AvatarGroup,
        AvatarLook,
        Consent,
        DigitalTwin,
        PhotoAvatar,
        PromptAvatar,
        VendorError,
    )
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
    from heygen_async.models.users import (
        ApiWallet,
        AutoReload,
        CreditPool,
        PlanCredits,
        Subscription,
        UsageBased,
        User,
    )
    from heygen_async.models.webhooks import (
        DeliveredEvent,
        EventType,
        JoggWebhookEndpoint,
        WebhookEndpoint,
    )

__version__ = "0.1.0"

__all__ = [
    "APIError",
    "AddLooks",
    "AddMotion",
    "AddSoundEffect",
    "ApiWallet",
    "Asset",
    "AssetId",
    "AuthenticationError",
    "AutoReload",
    "AvatarGroup",
    "AvatarLook",
    "AvatarScene",
    "AvatarVideo",
    "Background",
    "BadRequestError",
    "Caption",
    "CinematicVideo",
    "ConflictError",
    "Consent",
    "CreateGroup",
    "CreditPool",
    "DeliveredEvent",
    "DigitalTwin",
    "DownloadError",
    "Durations",
    "ElevenLabsSettings",
    "Engine",
    "Event",
    "EventType",
    "FishSettings",
    "HeyGen",
    "HeyGenError",
    "ImageScene",
    "ImageVideo",
    "InsufficientCreditError",
    "InvalidRequestError",
    "ItemState",
    "Job",
    "JobEvent",
    "JobFailedError",
    "JobStatus",
    "JobTimeoutError",
    "JoggAI",
    "JoggAvatar",
    "JoggAvatarVideo",
    "JoggMotion",
    "JoggMotionAvatar",
    "JoggPhoto",
    "JoggPhotoSet",
    "JoggUser",
    "JoggVideo",
    "JoggVoice",
    "JoggWebhookEndpoint",
    "Ledger",
    "LedgerError",
    "LedgerItem",
    "LegacyPhoto",
    "LegacyVideo",
    "Media",
    "NotFoundError",
    "Orphan",
    "OrphanEvent",
    "Outcome",
    "Outcomes",
    "PermissionDeniedError",
    "PhotoAvatar",
    "PhotoAvatarLook",
    "PhotoGeneration",
    "PlanCredits",
    "Playback",
    "PollEvent",
    "PollPolicy",
    "PromptAvatar",
    "RateLimitError",
    "RequestEvent",
    "ResponseError",
    "RetryEvent",
    "RetryPolicy",
    "ServerError",
    "SlotLimiter",
    "Spec",
    "StarfishSettings",
    "State",
    "Statistics",
    "StudioVideo",
    "SubmissionUnknownError",
    "Submitted",
    "Subscription",
    "TrainGroup",
    "Training",
    "TransportError",
    "UpscaleAvatar",
    "UsageBased",
    "User",
    "VendorError",
    "Video",
    "VideoScene",
    "Voice",
    "VoiceSettings",
    "Watermark",
    "WatermarkPlacement",
    "WebhookEndpoint",
    "WebhookError",
    "__version__",
]

_LATE_MODULES = (
    *(f"heygen_async.models.{name}" for name in ("avatars", "jogg", "legacy", "users", "webhooks")),
    "heygen_async.batch.item",
    "heygen_async.batch.ledger",
    "heygen_async.batch.map_run",
)


def __getattr__(name: str) -> object:
    """Load the names that not everybody uses when they are asked for: the import stays quick."""
    if name in __all__:
        for module in map(_import_module, _LATE_MODULES):
            if name in vars(module):
                globals()[name] = vars(module)[name]
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
