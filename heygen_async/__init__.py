"""HeyGen and JoggAI for asyncio: submit a render, await it, pay once."""

from heygen_async.client import HeyGen
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
from heygen_async.models.jobs import JobStatus, Spec, State
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
from heygen_async.models.videos import (
    AvatarVideo,
    CinematicVideo,
    ImageVideo,
    StudioVideo,
    Video,
)
from heygen_async.models.voices import Voice

__version__ = "0.1.0"

__all__ = [
    "APIError",
    "Asset",
    "AssetId",
    "AuthenticationError",
    "AvatarScene",
    "AvatarVideo",
    "Background",
    "BadRequestError",
    "Caption",
    "CinematicVideo",
    "ConflictError",
    "DownloadError",
    "Durations",
    "ElevenLabsSettings",
    "Engine",
    "FishSettings",
    "HeyGen",
    "HeyGenError",
    "ImageScene",
    "ImageVideo",
    "InsufficientCreditError",
    "InvalidRequestError",
    "Job",
    "JobFailedError",
    "JobStatus",
    "JobTimeoutError",
    "Media",
    "NotFoundError",
    "PermissionDeniedError",
    "Playback",
    "PollPolicy",
    "RateLimitError",
    "ResponseError",
    "RetryPolicy",
    "ServerError",
    "Spec",
    "StarfishSettings",
    "State",
    "Statistics",
    "StudioVideo",
    "SubmissionUnknownError",
    "TransportError",
    "Video",
    "VideoScene",
    "Voice",
    "VoiceSettings",
    "Watermark",
    "WatermarkPlacement",
    "WebhookError",
    "__version__",
]
