"""What the account has left and what the renders have taken, as the account itself tells it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from attrs import frozen

from heygen_async import HeyGenError

if TYPE_CHECKING:
    from heygen_async import HeyGen

logger = logging.getLogger(__name__)


@frozen(kw_only=True)
class Terms:
    """What is known before anything is rendered.

    ``seconds`` is how long a render is expected to take, until some have ended. ``price`` is
    that of a minute of film, if somebody has said it.
    """

    emulated: bool = False
    seconds: float = 180.0
    price: float | None = None


class Account:
    """The account of a client, and what it had when it was first looked at."""

    def __init__(self, heygen: HeyGen, terms: Terms) -> None:
        self._heygen = heygen
        self._terms = terms
        self._first: tuple[float, int] | None = None

    async def public(self) -> dict[str, Any]:
        """Return what the page may know; ``taken`` by ``videos`` is since the first look."""
        done = self._heygen.statistics()
        learned = done.durations.get("heygen.video")
        shown: dict[str, Any] = {
            "emulated": self._terms.emulated,
            "price": self._terms.price,
            "seconds": learned.p50 if learned and learned.jobs else self._terms.seconds,
        }
        try:
            balance = await self._heygen.balance()
        except HeyGenError as error:
            logger.warning("the account does not tell what is left: %s", error)
            return shown
        if balance is None:
            return shown
        if self._first is None:
            self._first = (balance.amount, done.jobs_submitted)
        amount, submitted = self._first
        return shown | {
            "left": balance.amount,
            "unit": balance.unit,
            "taken": amount - balance.amount,
            "videos": done.jobs_submitted - submitted,
        }
