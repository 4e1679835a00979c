"""What a ledger is kept in: the protocol that the SQLite file and the PostgreSQL tables follow."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Protocol

from heygen_async.errors import InvalidRequestError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from heygen_async.batch.crew import Crew
    from heygen_async.batch.item import ItemState, LedgerItem
    from heygen_async.jobs.limiter import SlotLimiter

Event = tuple[tuple[str, ...], str, bool]
"""The kinds that a webhook's job may be of, the job's id, and whether the news was signed."""


class NoLedgerError(LedgerError, InvalidRequestError):
    """The path or the URL leads to no ledger: it is a mistyped one."""


class Store(Protocol):
    """Where the items of one ledger are kept.

    All methods raise ``LedgerError``. A method that changes something returns when that is safe.
    An item that ``take`` has claimed is written by nobody else until it is left; ``put`` of one
    that was taken from this process raises ``ClaimLostError``, and writes nothing.
    """

    where: str
    """What messages call it; no password is in it."""
    machine: str | None
    """What this machine is called where several share the store, else None."""

    async def open(self) -> None:
        """Open or make it; on trouble, or if cancelled, nothing is left open."""

    async def close(self) -> None:
        """Write what waits, leave what is claimed, and close it."""

    async def own(self, account: Mapping[str, str], *, adopt: bool) -> tuple[str, str] | None:
        """Give it to an account (``Transport.account``) if it is nobody's, or is adopted.

        Return None if it is the account's by then, else the API and the origin of its owner. The
        API key is hashed with a salt of the ledger, and not kept.
        """

    async def get(self, key: str) -> LedgerItem | None:
        """Return an item as it stands, None if there is none."""

    async def take(self, key: str, waits: Callable[[], object]) -> LedgerItem | None:
        """Claim an item, or a place for a new one, and return it as it stands.

        It is called once at a time for a key. ``waits`` is called if another process has it.
        """

    def leave(self, key: str) -> None:
        """Give a claim up; a ``take`` that comes later sees the end of it."""

    async def put(self, items: Sequence[LedgerItem]) -> None:
        """Write all items or none.

        One that is not claimed here is left alone if somebody has claimed it since it was read.
        """

    async def page(self, after: str) -> list[LedgerItem]:
        """Return the next items, in the order of their keys."""

    async def related(self, labels: Iterable[str], job_ids: Iterable[str]) -> list[LedgerItem]:
        """Return the items without a job that have one of the labels, and those of the jobs.

        More may be among them; all are found by an index, for there may be a million others.
        """

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items there are in each state."""

    async def check(self) -> None:
        """Raise ``LedgerError`` if anything in it is damaged."""

    async def reopen(self, states: Sequence[ItemState]) -> int:
        """Let the items in these states be submitted anew; return how many they are."""

    async def rename(self, keys: Sequence[tuple[str, str]]) -> None:
        """Give items other keys: pairs of the old one and the new one."""

    async def discard(self, keys: Sequence[str]) -> None:
        """Remove items that are open, were never sent and are claimed by nobody."""

    async def stop(self) -> None:
        """Ask all that work on it now to submit nothing more."""

    async def stopped(self, wait: float) -> bool:
        """Whether ``stop`` was called since it was opened; it waits for news for some seconds."""

    async def crew(self) -> Crew | None:
        """Return who works on it, None if nobody else can."""

    async def remember(self, marks: Sequence[bytes], event: Sequence[Event]) -> bool:
        """Remember an event by its marks, and tell all processes; return whether it is new."""

    async def forget(self, marks: Sequence[bytes]) -> None:
        """Forget an event, so that it is new once more."""

    def on_lost(self, lost: Callable[[str], object]) -> None:
        """Call ``lost`` with the key of each item that another process has taken from this one."""

    def on_orphan(self, adopt: Callable[[Store, str], object] | None) -> None:
        """Call ``adopt`` with the store and the key of each item in flight whose process is dead.

        It is to take the item, and see it out; with None nobody is called any more.
        """

    def time(self) -> float:
        """Return the Unix time of the one clock by which the ages of its items are told."""

    def hear(self, notify: Callable[..., object]) -> None:
        """Call ``notify(kinds, job_id, signed=…)`` for what other processes ``remember``."""

    def slots(self, limit: int, own: SlotLimiter | None) -> SlotLimiter:
        """Return what bounds the jobs of all that share the store: ``own`` if nobody else does."""


def identify(account: Mapping[str, str], salt: bytes) -> tuple[str, str, str]:
    """Return API, origin, and a keyed hash of the API key, of which no traceback shows more."""
    secret = account["account"].encode(errors="backslashreplace")
    digest = hmac.digest(salt, secret, hashlib.sha256).hex()
    del secret
    return account["api"], account["origin"], digest
