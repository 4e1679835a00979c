"""What ``batch run`` says of money before it starts, and the options that bound it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from heygen_async import Balance, HeyGenError
from heygen_async.batch.estimate import estimate
from heygen_async.cli.wording import in_shell_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from heygen_async import Spec
    from heygen_async.client.base import Client

MONEY_OPTIONS = (
    click.option(
        "--price",
        type=click.FloatRange(0),
        envvar="HEYGEN_PRICE_PER_MINUTE",
        help="What a minute of film costs, to tell what the table will; "
        "also HEYGEN_PRICE_PER_MINUTE.",
    ),
    click.option(
        "--budget", type=click.FloatRange(0), help="Use up so much of the balance at most."
    ),
    click.option(
        "--stop-below",
        type=click.FloatRange(0),
        help="Submit nothing more when the balance is below this, in its unit.",
    ),
    click.option(
        "--job-timeout",
        type=click.FloatRange(0),
        metavar="SECONDS",
        help="Wait so long for one row; the next run goes on waiting.",
    ),
    click.option(
        "--retry-failed",
        type=click.IntRange(0),
        default=0,
        help="Render, and pay, a row so often again that failed for the vendor's own reasons.",
    ),
)


@attrs.frozen(kw_only=True)
class Money:
    """The options of a run that are about money."""

    price: float | None = None
    budget: float | None = None
    stop_below: float | None = None
    job_timeout: float | None = None
    retry_failed: int = 0

    @property
    def limits(self) -> dict[str, Any]:
        """What ``map`` is to keep to."""
        return {
            "budget": self.budget,
            "stop_below": self.stop_below,
            "timeout": self.job_timeout,
            "retry_failed": self.retry_failed,
        }

    def lines(self, specs: Collection[Spec[Any]], balance: Balance | str | None) -> Iterator[str]:
        """Yield what to say before ``specs`` are paid for; a ``str`` is why no balance is known."""
        asked = estimate(specs)
        yield f"to render: {asked}"
        if isinstance(balance, str):
            yield f"the balance is not known: {in_shell_words(balance)}"
        elif balance is not None:
            yield f"balance: {balance}"
        if self.price is None:
            return
        cost = asked.minutes * self.price
        yield f"estimated cost: about {cost:,.2f}, at {self.price:g} a minute"
        if not isinstance(balance, str) and balance is not None and balance.unit == "usd":
            left = balance.amount - cost
            if left < 0:
                yield f"the balance will not do: about {-left:,.2f} are missing"

    def fields(
        self, specs: Collection[Spec[Any]], balance: Balance | str | None
    ) -> dict[str, object]:
        """Return for machines what ``lines`` says to people."""
        asked = estimate(specs)
        return {
            **attrs.asdict(asked),
            "balance": attrs.asdict(balance) if isinstance(balance, Balance) else None,
            "balance_error": balance if isinstance(balance, str) else None,
            "cost": None if self.price is None else round(asked.minutes * self.price, 4),
        }


async def look_at_balance(client: Client) -> Balance | str | None:
    """Return the balance, or in words why nobody knows it."""
    try:
        return await client.balance()
    except HeyGenError as error:
        return str(error)
