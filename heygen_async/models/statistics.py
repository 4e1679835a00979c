"""What a client has done so far, in numbers."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from heygen_async.models._words import Described


@frozen(kw_only=True)
class Durations(Described):
    """How long jobs of one sort take, in seconds, as learned from ``jobs`` that have completed."""

    jobs: int
    """How many completed jobs this was learned from."""
    p10: float
    """Seconds within which one in ten has ended."""
    p50: float
    """Seconds within which half of them have ended."""
    p90: float
    """Seconds within which nine in ten have ended."""


@frozen(kw_only=True)
class Statistics(Described):
    """A snapshot of one client's counters since it was made."""

    requests: int
    """HTTP requests sent, of all sorts, retries included."""
    retries: int
    """How many of them repeated an earlier one."""
    rate_limited: int
    """How many were answered 429."""
    polls: int
    """Status requests, single and bulk."""
    bulk_polls: int
    """The bulk ones among them."""
    bulk_rows: int
    """Jobs asked for in bulk requests."""
    bulk_fill: float
    """How full bulk requests were on average, from 0 to 1."""
    details: int
    """Requests for the result of a job that a bulk status reported as ended."""
    pages: int
    """Pages of a list that were read in place of statuses and results."""
    jobs_submitted: int
    """Jobs that this client has started."""
    jobs_waiting: int
    """Jobs that somebody waits for now."""
    jobs_ended: int
    """Jobs whose end this client has seen."""
    lag: float
    """Mean seconds from a job's end to its being noticed, over the last completions."""
    durations: Mapping[str, Durations]
    """What was learned, by kind of job (and resolution, where one was asked for)."""
