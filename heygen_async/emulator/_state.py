"""The state behind one emulator: clock, wallets, files, avatars, and how a job is submitted."""

from __future__ import annotations

import asyncio
import hmac
import math
import re
import secrets
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any, Literal

import attrs

from heygen_async.emulator._deviations import Drift
from heygen_async.emulator._errors import ApiError, not_found
from heygen_async.emulator._faults import FaultPlan
from heygen_async.emulator._jobs import JobKind, JobStore, RenderJob, Store
from heygen_async.emulator._openapi import read_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json

LONGEST_RETRY_AFTER = 60
PRECISION = 1e-6
"""Seconds that are noise of floating-point numbers."""

USERNAME, EMAIL = "emulated", "ada@example.com"


class Clock:
    """Reads the clock of the emulator's loop, so that one with virtual time drives it."""

    loop: asyncio.AbstractEventLoop | None = None
    _started_at = _unix_offset = 0.0

    def start(self) -> None:
        """Take the loop, the start of the emulator and the distance from loop to Unix time."""
        self.loop = asyncio.get_running_loop()
        self._started_at = self.now()
        self._unix_offset = time.time() - self._started_at

    def now(self) -> float:
        """Return the loop's time in seconds."""
        return (self.loop or asyncio.get_running_loop()).time()

    def elapsed(self) -> float:
        """Return the seconds since the emulator started."""
        return self.now() - self._started_at

    def unix(self, at: float | None = None) -> float:
        """Return the Unix time of a moment of the loop's clock, or of now."""
        return (self.now() if at is None else at) + self._unix_offset


@attrs.frozen(kw_only=True)
class Charge:
    """One charge: the job it paid for, the credits taken, and when (loop time, seconds)."""

    job_id: str
    amount: float
    at: float


class Wallet:
    """A balance in credits and every charge against it, oldest first."""

    def __init__(self, balance: float) -> None:
        self._initial = balance
        self._spent = 0.0
        self._charges: list[Charge] = []

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Every charge so far, oldest first."""
        return tuple(self._charges)

    @property
    def spent(self) -> float:
        """The credits taken so far."""
        return self._spent

    @property
    def balance(self) -> float:
        """The credits left."""
        return self._initial - self._spent

    def top_up(self, amount: float) -> None:
        """Add credits, as the account's owner would."""
        self._initial += amount

    def charges_of(self, job_id: str) -> tuple[Charge, ...]:
        """Return the charges of one job; more than one means it was paid for twice."""
        return tuple(charge for charge in self._charges if charge.job_id == job_id)

    def require(self, amount: float, purpose: str) -> None:
        """Raise a 402 unless *amount* credits are left for a job of this *purpose*."""
        if self.balance < amount:
            raise ApiError(
                402,
                "insufficient_credit",
                f"Your account has {self.balance:g} credits but this {purpose} requires "
                f"{amount:g} credits.",
            )

    def charge(self, job_id: str, amount: float, *, at: float) -> None:
        """Take *amount* credits for a job at the loop time *at*; nothing leaves no entry."""
        if amount:
            self._spent += amount
            self._charges.append(Charge(job_id=job_id, amount=amount, at=at))


class UrlSigner:
    """Presigns URLs of the file server: a path, good for some seconds, under an HMAC."""

    def __init__(self, clock: Clock, ttl: float) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._ttl = ttl
        self.base_url = ""

    def sign(self, path: str, ttl: float | None = None) -> str:
        """Return the URL of *path*, ending in ``?expires=<Unix seconds>&signature=<hex>``.

        It lasts *ttl* seconds, else as long as any other.
        """
        expires = str(int(self._clock.unix() + (self._ttl if ttl is None else ttl)))
        return f"{self.base_url}{path}?expires={expires}&signature={self._mac(path, expires)}"

    def find_fault(self, path: str, query: Mapping[str, str]) -> str | None:
        """Return what is wrong with a signed URL, None if it is good."""
        expires = query.get("expires", "")
        given = query.get("signature", "").encode()
        if not hmac.compare_digest(given, self._mac(path, expires).encode()):
            return "The request signature does not match."
        if self._clock.unix() >= int(expires):
            return "Request has expired."
        return None

    def public(self, path: str) -> str:
        """Return a URL that lasts and needs no signature, as JoggAI gives them."""
        return f"{self.base_url}/public{path}"

    def _mac(self, path: str, expires: str) -> str:
        return hmac.digest(self._secret, f"{path}\n{expires}".encode(), "sha256").hex()


MEDIA_TYPES: Mapping[str, tuple[str, re.Pattern[bytes]]] = {
    "image/png": ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    "image/jpeg": ("jpg", re.compile(rb"\xff\xd8\xff")),
    "video/mp4": ("mp4", re.compile(rb"(?s:....)ftyp")),
    "video/webm": ("webm", re.compile(rb"\x1a\x45\xdf\xa3")),
    "audio/wav": ("wav", re.compile(rb"RIFF(?s:....)WAVE")),
    "audio/mpeg": ("mp3", re.compile(rb"ID3|\xff[\xe0-\xff]")),
    "application/pdf": ("pdf", re.compile(rb"%PDF-")),
    "application/x-subrip": ("srt", re.compile(rb"(\xef\xbb\xbf)?\s*\d+\s+[\d:]{8},\d{3} --> ")),
}
"""What assets may be: the suffix of each type, and how its files begin."""


def sniff(content: bytes) -> str | None:
    """Return the media type of *content*, None if it is of no type that assets may have."""
    found = (name for name, (_, start) in MEDIA_TYPES.items() if start.match(content))
    return next(found, None)


@attrs.frozen(kw_only=True)
class Asset:
    """One uploaded file."""

    id: str
    name: str
    mime_type: str
    content: bytes = attrs.field(repr=False)
    uploaded_at: int

    @property
    def path(self) -> str:
        """The path of the asset on the file server."""
        return f"/asset/{self.id}.{MEDIA_TYPES[self.mime_type][0]}"


@attrs.define(kw_only=True)
class Upload:
    """A place for a presigned PUT: what was announced, and the ``content`` once it has arrived.

    The PUT has to carry ``headers``; ``size`` and ``checksum`` (SHA-256) are checked if known.
    """

    id: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    filename: str
    content_type: str
    headers: Mapping[str, str]
    size: int | None = None
    checksum: bytes | None = None
    content: bytes | None = attrs.field(default=None, repr=False)

    @property
    def path(self) -> str:
        """The path on the file server that takes the PUT."""
        return f"/upload/{self.id}"


@attrs.define(kw_only=True)
class Group:
    """A person: an avatar group. ``created_at`` is Unix time, ``training`` its last training."""

    id: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    name: str
    created_at: float
    public: bool = False
    consented: bool = False
    training: RenderJob | None = None


@attrs.define(kw_only=True)
class Look:
    """An avatar look; ``matting`` says whether its background can be removed.

    A private look is made by a ``job``; a public one has none and is always completed.
    ``upscale`` and ``sound_effect`` are the last such jobs of a motion.
    """

    id: str
    name: str
    avatar_type: Literal["photo_avatar", "digital_twin", "studio_avatar"]
    group_id: str
    gender: str | None = None
    default_voice_id: str | None = None
    matting: bool = True
    is_motion: bool = False
    job: RenderJob | None = None
    upscale: RenderJob | None = None
    sound_effect: RenderJob | None = None

    @property
    def is_photo(self) -> bool:
        """Whether the look was made from a photo, otherwise from video."""
        return self.avatar_type == "photo_avatar"


class Avatars:
    """All groups and looks, the public ones first; a look made by v2 is known to v3 too."""

    def __init__(self, jobs: JobStore) -> None:
        self.groups: Store[Group] = Store()
        self.looks: Store[Look] = Store()
        self._jobs = jobs
        fixtures = read_data("fixtures")
        for row in fixtures["groups"]:
            self.groups.add(row["id"], Group(**row, public=True))
        for row in fixtures["looks"]:
            self.looks.add(row["id"], Look(**row))

    def looks_of(self, group: Group) -> list[Look]:
        """Return the looks of a group, oldest first."""
        return [look for look in self.looks.values() if look.group_id == group.id]

    def add(self, look: Look, group: Group) -> Look:
        """Keep a new look, and its group if that is new too."""
        if group.id not in self.groups:
            self.groups.add(group.id, group)
        return self.looks.add(look.id, look)

    def own_group(
        self, group_id: str, *, kind: str = "avatar_group", at: str | None = None
    ) -> Group:
        """Return a group of the account; 404 ``<kind>_not_found`` about the parameter *at*."""
        group = self.groups.get(group_id)
        if group is None or group.public:
            raise not_found(kind, group_id, param=at)
        return group

    def status(self, look: Look, now: float) -> str:
        """Return a look's status at the time *now*: a job's, or ``pending_consent``."""
        word = "completed" if look.job is None else look.job.status(now)
        waits = look.job and look.avatar_type == "digital_twin"
        if word == "completed" and waits and not self.groups[look.group_id].consented:
            return "pending_consent"
        return word

    def consent(self, group: Group) -> None:
        """Let the person of a group agree, which ends the looks that waited for it."""
        group.consented = True
        for look in self.looks_of(group):
            if look.job:
                self._jobs.changed(look.job)

    def delete_look(self, look: Look) -> None:
        """Forget a look and its job, and with its last look the group."""
        del self.looks[look.id]
        if look.job:
            self._jobs.delete(look.job)
        group = self.groups[look.group_id]
        if not self.looks_of(group):
            del self.groups[group.id]


ReplayScope = tuple[str, str, str]
"""Method, path and idempotency key."""

Replay = tuple[float, int, str]
"""Until when (loop time) an answer is kept, its status and its text."""


@attrs.frozen(kw_only=True)
class Backend:
    """The parts that requests share.

    ``latency`` is the seconds that pass before the work, ``max_upload`` the bytes of a plain
    upload and ``max_motions`` the account's number of motions. ``rendering`` are the jobs that
    have taken a slot, ``replays`` the answers kept under idempotency keys. ``jogg_posts`` are the
    moments of the last POSTs to JoggAI, ``jogg_avatars`` the jobs of its avatars by number, and
    ``notes`` what an endpoint keeps of a thing beside its job, by id.
    """

    latency: float
    max_upload: int
    max_motions: int
    clock: Clock
    signer: UrlSigner
    jobs: JobStore
    wallet: Wallet
    jogg_wallet: Wallet
    max_concurrent_jobs: int
    jogg_posts_per_minute: int
    faults: FaultPlan
    drift: Drift
    avatars: Avatars
    rendering: list[RenderJob] = attrs.field(factory=list)
    replays: dict[ReplayScope, Replay | None] = attrs.field(factory=dict)
    jogg_posts: deque[float] = attrs.field(factory=deque)
    assets: Store[Asset] = attrs.field(factory=Store)
    uploads: Store[Upload] = attrs.field(factory=Store)
    glossaries: Store[dict[str, Any]] = attrs.field(factory=Store)
    jogg_avatars: dict[int, RenderJob] = attrs.field(factory=dict)
    notes: dict[str, Any] = attrs.field(factory=dict)

    def submit(self, request: Json, kind: JobKind, *, queued: bool = False) -> RenderJob:
        """Return a new job, charged once; 429 without a free slot, 402 without credits.

        One that is ``queued`` takes no slot.
        """
        takes_slot = kind.takes_slot and not queued
        now = self.clock.now()
        if len(self.rendering) >= self.max_concurrent_jobs:  # ended and deleted jobs make room
            running = [job for job in self.rendering if job.finished_at > now]
            self.rendering[:] = [job for job in running if job.id in self.jobs.all]
        if takes_slot and len(self.rendering) >= self.max_concurrent_jobs:
            wait = min(job.finished_at for job in self.rendering) - now
            seconds = min(max(1, math.ceil(wait - PRECISION)), LONGEST_RETRY_AFTER)
            raise ApiError(
                429,
                "rate_limit_exceeded",
                "Too many requests. Retry after the duration specified in the Retry-After header.",
                headers={"Retry-After": str(seconds)},
            )
        wallet = self.wallet if kind.vendor == "HeyGen" else self.jogg_wallet
        wallet.require(kind.price, kind.name.replace("_", " "))
        job = self.jobs.create(request, kind, now=now)
        if takes_slot:
            self.rendering.append(job)
        wallet.charge(job.id, kind.price, at=now)
        return job

    def state(self, job: RenderJob) -> str:
        """Return the state of a job now, in the emulator's words."""
        return job.status(self.clock.now())

    def is_completed(self, job: RenderJob | None) -> bool:
        """Return whether there is a job that was completed by now."""
        return job is not None and self.state(job) == "completed"

    def word(self, job: RenderJob) -> str:
        """Return the status of a job now, in the words of its kind."""
        return job.kind.words.get(self.state(job), self.state(job))

    def failure(self, job: RenderJob) -> tuple[str, str] | None:
        """Return code and message of a job that has failed by now."""
        return job.failure if self.state(job) == "failed" else None

    def has_preview(self, look: Look) -> bool:
        """Return whether the preview image of a look and its size are there by now."""
        if look.job is None:
            return True
        late = self.drift.preview_delay if look.is_photo else 0.0
        done = self.state(look.job) == "completed"
        return done and self.clock.now() >= look.job.finished_at + late
