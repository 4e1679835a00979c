"""What a client has done so far, in numbers."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen(kw_only=True)
class Durations:
    """How long jobs of one sort take, in seconds, as learned from ``jobs`` that have completed."""

    jobs: int
    p10: float
    p50: float
    p90: float


@frozen(kw_only=True)
class Statistics:
    """A snapshot of one client's counters since it was made.

    ``requests``: HTTP requests sent, of all sorts, retries included.
    ``retries``: how many of them repeated an earlier one.
    ``rate_limited``: how many were answered 429.
    ``polls``: status requests, single and bulk; ``bulk_polls``: the bulk ones among them.
    ``bulk_rows``: jobs asked for in bulk requests; ``bulk_fill`` is their mean share per request.
    ``details``: requests for the result of a job that a bulk status reported as ended.
    ``pages``: pages of a list that were read in place of statuses and results.
    ``jobs_submitted``, ``jobs_waiting``, ``jobs_ended``: jobs by this client.
    ``lag``: mean seconds from a job's end to its being noticed, over the last completions.
    ``durations``: what was learned, by kind of job (and resolution, where one was asked for).
    """

    requests: int
    retries: int
    rate_limited: int
    polls: int
    bulk_polls: int
    bulk_rows: int
    bulk_fill: float
    details: int
    pages: int
    jobs_submitted: int
    jobs_waiting: int
    jobs_ended: int
    lag: float
    durations: Mapping[str, Durations]
