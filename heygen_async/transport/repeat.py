"""The one retry loop: an attempt says in ``delay`` when the next is due, or None to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import backoff

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Attempted(Protocol):
    """What an attempt returns."""

    delay: float | None


A = TypeVar("A", bound=Attempted)


def repeat(attempt: Callable[[A], Coroutine[Any, Any, A]]) -> Callable[[A], Coroutine[Any, Any, A]]:
    """Repeat ``attempt`` as long as it asks for it."""
    return backoff.on_predicate(
        backoff.runtime,
        lambda state: state.delay is not None,
        value=lambda state: state.delay,
        jitter=None,
        logger=None,
    )(attempt)
