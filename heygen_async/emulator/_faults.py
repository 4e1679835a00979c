"""The plan of faults: what goes wrong, on which route, at which call. A plan only decides."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Self

import attrs

FILES = "FILES"
"""The route of every request to the file server."""

JOGG = "JOGG "
"""What stands before the routes of JoggAI, as in ``JOGG POST /v2/photo_avatar/add_motion``."""


Rule = tuple[Callable[[Any], bool], str]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_route(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"FILES|(JOGG )?(\*|[A-Z]+ /\S*)", value))


def _calls(nth: int | list[int] | tuple[int, ...] | None) -> tuple[int, ...] | None:
    if nth is None:
        return None
    return tuple(nth) if isinstance(nth, (list, tuple)) else (nth,)


_SECONDS: Rule = _is_number, "seconds, 0 or more"
_TEXT: Rule = lambda value: isinstance(value, str), "a string"

_RULES: Mapping[str, Rule] = {
    "route": (_is_route, '"METHOD /path", "*", either after "JOGG ", or "FILES"'),
    "nth": (
        lambda value: bool(value) and all(_is_count(call) and call for call in value),
        "a whole number from 1, or several",
    ),
    "probability": (lambda value: _is_number(value) and value <= 1, "a number from 0 to 1"),
    "after": _SECONDS,
    "until": _SECONDS,
    "delay": _SECONDS,
    "status": (lambda value: _is_count(value) and value in range(200, 600), "from 200 to 599"),
    "retry_after": (
        lambda value: _is_count(value) or isinstance(value, str),
        "a whole number or a string",
    ),
    "work": (lambda value: isinstance(value, bool), "true or false"),
    "body": _TEXT,
    "content_type": _TEXT,
    "cut": (_is_count, "a number of bytes, 0 or more"),
    "reset": (lambda value: value in ("before", "after"), '"before" or "after"'),
}


@attrs.frozen(kw_only=True)
class Fault:
    """One thing that goes wrong.

    Where: ``route`` is ``"METHOD /path/{pattern}"``, ``"*"`` for the whole API or ``FILES``;
    ``"JOGG METHOD /path"`` and ``"JOGG *"`` are the same for JoggAI.
    When: ``nth`` call of that route (from 1, one or several), with ``probability``, from
    ``after`` until ``until`` seconds since the start; all that are given have to hold, and
    with none of them it is every call.
    What: ``delay`` seconds pass before the work. ``status`` (with ``retry_after`` sent as it
    stands) is answered and no work is done, unless ``work`` says so. ``body`` is sent, as
    ``content_type``, in place of the answer. ``cut`` sends that many bytes of the body under
    its full Content-Length and drops the connection. ``reset`` drops it without an answer,
    ``"before"`` or ``"after"`` the work.
    """

    route: str
    nth: tuple[int, ...] | None = attrs.field(default=None, converter=_calls)
    probability: float | None = None
    after: float | None = None
    until: float | None = None
    delay: float = 0.0
    status: int | None = None
    retry_after: int | str | None = None
    work: bool = False
    body: str | None = None
    content_type: str = "text/html"
    cut: int | None = None
    reset: Literal["before", "after"] | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse wrong values, and combinations of which a part could never be seen."""
        for field in attrs.fields(Fault):
            fits, expected = _RULES[field.name]
            value = getattr(self, field.name)
            if (value is not None or field.default is not None) and not fits(value):
                raise ValueError(f"{field.name} should be {expected}, not {value!r}")
        answered = any(part is not None for part in (self.status, self.body, self.cut))
        if self.reset and answered:
            raise ValueError("reset sends no answer: leave out status, body and cut")
        if self.status is None and (self.work or self.retry_after is not None):
            raise ValueError("work and retry_after belong to a status")
        if not (self.reset or self.delay or answered):
            raise ValueError("the fault does nothing: give delay, status, body, cut or reset")


@attrs.define
class _Planned:
    """A fault, and how many calls of its route there were since it was planned."""

    fault: Fault
    calls: int = 0


class FaultPlan:
    """Faults in order of precedence: the first one that is due strikes, one per request."""

    __slots__ = ("_planned", "_random")

    def __init__(self, faults: Iterable[Fault] = (), seed: int | None = None) -> None:
        self._planned = [_Planned(fault) for fault in faults]
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults planned at present."""
        return tuple(planned.fault for planned in self._planned)

    @classmethod
    def load(cls, path: str | Path, seed: int | None = None) -> Self:
        """Return the plan in a JSON file, a list of objects with the fields of ``Fault``.

        Raises ``ValueError`` saying which fault is wrong and why.
        """
        try:
            rows = json.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}: not JSON: {error}") from error
        if not isinstance(rows, list):
            raise ValueError(f"{path}: a list of faults is expected")  # noqa: TRY004 - not a type of ours
        return cls([_read(row, f"{path}: fault {n}") for n, row in enumerate(rows, 1)], seed)

    def add(self, fault: Fault) -> None:
        """Plan one more fault, after the others; its calls are counted from now."""
        self._planned.append(_Planned(fault))

    def clear(self) -> None:
        """Let nothing go wrong from now on."""
        self._planned.clear()

    def strike(self, route: str, *, elapsed: float) -> Fault | None:
        """Count a call of *route* and return the fault that is due, *elapsed* s from start."""
        due: Fault | None = None
        for planned in self._planned:  # another thread may add and clear
            if not _covers(planned.fault.route, route):
                continue
            planned.calls += 1
            if due is None and self._is_due(planned.fault, planned.calls, elapsed):
                due = planned.fault
        return due

    def _is_due(self, fault: Fault, call: int, elapsed: float) -> bool:
        return (
            (fault.nth is None or call in fault.nth)
            and (fault.after is None or elapsed >= fault.after)
            and (fault.until is None or elapsed < fault.until)
            and (fault.probability is None or self._random.random() < fault.probability)
        )


def _covers(planned: str, route: str) -> bool:
    if planned in {"*", f"{JOGG}*"}:
        return route != FILES and route.startswith(JOGG) == planned.startswith(JOGG)
    return planned == route


def _read(row: object, where: str) -> Fault:
    if not isinstance(row, dict):
        raise ValueError(f"{where}: an object is expected")  # noqa: TRY004 - not a type of ours
    unknown = sorted(row.keys() - {field.name for field in attrs.fields(Fault)})
    if unknown:
        raise ValueError(f"{where}: unknown field {', '.join(unknown)}")
    if "route" not in row:
        raise ValueError(f"{where}: route is missing")
    try:
        return Fault(**row)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
