"""What a client tells its ``on_event`` hook: requests, retries, polls and jobs as they happen."""

from __future__ import annotations

from attrs import frozen

from heygen_async.models._words import Described
from heygen_async.models.jobs import JobStatus


@frozen(kw_only=True)
class Event(Described):
    """The base of all that is told; no secret and no signed URL is in any of it."""


@frozen(kw_only=True)
class RequestEvent(Event):
    """One attempt at an API request has ended."""

    method: str
    """The HTTP method."""
    path: str
    """The path, without the query."""
    seconds: float
    """How long the attempt took."""
    status: int | None = None
    """The HTTP status; None if no answer came."""
    error: str | None = None
    """Why no answer came; None if one did."""


@frozen(kw_only=True)
class RetryEvent(Event):
    """An attempt at an API request has failed, and another one will follow."""

    method: str
    """The HTTP method."""
    path: str
    """The path, without the query."""
    attempt: int
    """Which attempt of the request failed, from 1."""
    delay: float
    """Seconds until the next one."""
    error: str
    """What went wrong."""


@frozen(kw_only=True)
class PollEvent(Event):
    """One request asks how waiting jobs of a kind stand."""

    kind: str
    """The kind of the jobs."""
    jobs: int
    """How many jobs the request asks for."""


@frozen(kw_only=True)
class JobEvent(Event):
    """A job was submitted, or its status has changed."""

    token: str
    """What ``attach`` finds the job by."""
    kind: str
    """The kind of the job."""
    status: JobStatus
    """How it stands now."""


@frozen(kw_only=True)
class OrphanEvent(Event):
    """A caller was cancelled, and what he submitted was paid, or may have been."""

    token: str | None
    """What ``attach`` finds the job by; None if the answer never came."""
    kind: str
    """The kind of the job."""
    idempotency_key: str | None
    """The key that it was sent with; None where there is none."""
