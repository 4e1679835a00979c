"""What a client tells its ``on_event`` hook: requests, retries, polls and jobs as they happen."""

from __future__ import annotations

from attrs import frozen

from heygen_async.models.jobs import JobStatus


@frozen(kw_only=True)
class Event:
    """The base of all that is told; no secret and no signed URL is in any of it."""


@frozen(kw_only=True)
class RequestEvent(Event):
    """One attempt at an API request has ended after ``seconds``.

    ``status`` is the HTTP status, None if no answer came; then ``error`` says why.
    """

    method: str
    path: str
    seconds: float
    status: int | None = None
    error: str | None = None


@frozen(kw_only=True)
class RetryEvent(Event):
    """An attempt failed, the ``attempt``-th of its request; the next one is due in ``delay`` s."""

    method: str
    path: str
    attempt: int
    delay: float
    error: str


@frozen(kw_only=True)
class PollEvent(Event):
    """One request asks how ``jobs`` waiting jobs of a kind stand."""

    kind: str
    jobs: int


@frozen(kw_only=True)
class JobEvent(Event):
    """A job was submitted, or its status has changed."""

    token: str
    kind: str
    status: JobStatus


@frozen(kw_only=True)
class OrphanEvent(Event):
    """A caller was cancelled, and what he submitted was paid, or may have been.

    ``token`` finds its job again; it is None if the answer never came.
    """

    token: str | None
    kind: str
    idempotency_key: str | None
