"""``heygen-async batch copy``: a run moves from a file to PostgreSQL, or back."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

import attrs
import click

from heygen_async import InvalidRequestError, LedgerError
from heygen_async.cli.options import json_option, one_line
from heygen_async.cli.place import LedgerPlace, LedgerPlaceType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async import Ledger, LedgerItem

MOST_NAMED = 5
"""How many items that are in the way are named."""


@click.command()
@click.argument("source", type=LedgerPlaceType())
@click.argument("target", type=LedgerPlaceType())
@json_option
def copy(source: LedgerPlace, target: LedgerPlace, *, as_json: bool) -> None:
    """Move a run from one ledger to another: all items of SOURCE go to TARGET.

    Each is a file or a postgresql:// URL. No run may work on SOURCE meanwhile, and none uses it
    afterwards: what both submit would be paid twice. TARGET belongs to nobody until its first run.
    A copy that was cut short is made by the same command again.
    """
    number = asyncio.run(_copy(source, target))
    if as_json:
        click.echo(json.dumps({"copied": number}))
        return
    click.echo(f"{number} items are in {target}; its first run makes it that of its account")
    told = f"go on with that one only: {source} refuses to be run, for it would pay again"
    click.echo(one_line(told))


async def _copy(source: LedgerPlace, target: LedgerPlace) -> int:
    if str(source) == str(target):
        raise InvalidRequestError(f"{source} is source and target; name two ledgers")
    async with source.open(read_only=True):
        pass  # a name that is mistyped makes no new ledger
    # The owner of a file has it alone, and whoever opens it later asks whose it is.
    async with source.open(adopt=True) as old, target.open() as new:
        await _refuse_if_at_work(old)
        items = [item async for item in old.items()]
        await new.put(*_missing(items, [item async for item in new.items()], new.where))
        await old.claim(api="a copy", origin=new.where, account=secrets.token_hex())
        await _refuse_if_at_work(old)
        if [item async for item in old.items()] != items:
            raise LedgerError(
                f"{old.where}: it has changed while it was copied; let nobody use it, and copy it "
                "into a new one"
            )
    return len(items)


async def _refuse_if_at_work(ledger: Ledger) -> None:
    """Refuse a shared ledger that a process works on, or one of which nobody knows on what."""
    crew = await ledger.crew()
    busy = [each for each in crew.workers if each.claimed or not each.elsewhere] if crew else []
    if busy:
        machines = ", ".join(sorted({worker.machine for worker in busy}))
        raise LedgerError(
            f"{ledger.where}: processes on {machines} may work on it; end them by batch stop, or "
            "if they are dead wait for half a minute"
        )


def _missing(
    items: Sequence[LedgerItem], there: Sequence[LedgerItem], where: str
) -> list[LedgerItem]:
    """Return those that are not in the target yet; one that is another there is refused."""
    known = {item.key: attrs.evolve(item, version=0) for item in there}
    new = [attrs.evolve(item, version=0) for item in items]
    others = [item.key for item in new if known.get(item.key, item) != item]
    if others:
        named = ", ".join(others[:MOST_NAMED])
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        raise InvalidRequestError(
            f"{where}: it has other items of the same keys: {named}{more}; name an empty one"
        )
    return [item for item in new if item.key not in known]
