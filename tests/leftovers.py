"""What is still in memory, found without asking those who hold it."""

from __future__ import annotations

import gc
from typing import TypeVar

T = TypeVar("T")


def alive(cls: type[T]) -> list[T]:
    """Return all objects of just this class that anything holds on to."""
    gc.collect()
    return [each for each in gc.get_objects() if type(each) is cls]
