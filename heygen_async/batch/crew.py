"""``Crew``: who works on the ledgers of a database, and how much of the account they use."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Worker:
    """A process that lives."""

    machine: str
    """The name of the machine that it runs on."""
    claimed: int
    """How many items of this ledger it works on."""
    elsewhere: int
    """How many of other ledgers; a process with neither may have any of them open."""


@frozen(kw_only=True)
class Crew:
    """All that a shared ledger tells of those who work on it."""

    workers: tuple[Worker, ...]
    """The processes that live, but for the one that asks."""
    taken: int
    """How many jobs are in flight on the ledger's account, or may be."""
    limit: int | None
    """How many may be; None for a ledger that no run has used yet."""
    allowed: int | None
    """How many are let in now: fewer than the limit after a 429."""
    server: str
    """The version of the server."""
    schema: int
    """The version of its tables."""
    writable: bool
    """Whether the user of the URL may change items there."""
