"""Specs that are made of rows, one of which may be bad."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, overload

from heygen_async.batch.item import BadRow
from heygen_async.errors import HeyGenError, InvalidRequestError

if TYPE_CHECKING:
    from heygen_async.models.jobs import Spec

R = TypeVar("R")
T = TypeVar("T")


@overload
def specs_from(rows: Iterable[R], make: Callable[[R], Spec[T]]) -> Iterator[Spec[T] | BadRow]: ...
@overload
def specs_from(
    rows: AsyncIterable[R], make: Callable[[R], Spec[T]]
) -> AsyncIterator[Spec[T] | BadRow]: ...
def specs_from(rows: Any, make: Callable[[Any], Spec[T]]) -> Any:
    """Return what ``map`` takes: the spec that ``make`` makes of each row, one by one.

    If it raises, that ends the one row alone: its ``Outcome`` has the error, and no spec. An
    error that is none of this package is an ``InvalidRequestError`` there, with its cause. What
    ``rows`` itself raises ends the batch.
    """
    return _made_async(rows, make) if isinstance(rows, AsyncIterable) else _made(rows, make)


def _made(rows: Iterable[R], make: Callable[[R], Spec[T]]) -> Iterator[Spec[T] | BadRow]:
    for number, row in enumerate(rows, start=1):
        yield _make(row, make, number)


async def _made_async(
    rows: AsyncIterable[R], make: Callable[[R], Spec[T]]
) -> AsyncIterator[Spec[T] | BadRow]:
    number = 0
    async for row in rows:
        number += 1
        yield _make(row, make, number)


def _make(row: R, make: Callable[[R], Spec[T]], number: int) -> Spec[T] | BadRow:
    try:
        return make(row)
    except HeyGenError as error:
        return BadRow(error)
    except Exception as error:  # noqa: BLE001 - it is the outcome of this row
        bad = InvalidRequestError(f"row {number}: {type(error).__name__}: {error}")
        bad.__cause__ = error
        return BadRow(bad)
