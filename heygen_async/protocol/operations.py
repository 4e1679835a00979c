"""Operations as data: where a call goes, and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import cattrs
from attrs import evolve, frozen

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.convert import readable
from heygen_async.protocol.request import Request, drop_none

T = TypeVar("T")

_NAMES = re.compile(r"\{(\w+)\}")  # of the ids in a path's template


@frozen(kw_only=True)
class Page(Generic[T]):
    """Some items of a list; ``next_token`` is None on the last page.

    ``left_out`` counts the rows that made no sense.
    """

    items: tuple[T, ...]
    next_token: str | None = None
    left_out: int = 0


@frozen
class Operation(Generic[T]):
    """One operation: ``path`` is the vendor's template, ``read`` makes ``T`` of the answer.

    ``paid`` and ``idempotent`` are those of ``Request``. Whether it honours an idempotency key
    stands in ``protocol/idempotency.py``, the vendor's own list.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    paid: bool = False
    idempotent: bool = False
    busy_code: str = "request_in_progress"

    def request(self, *ids: str, json: Any = None, **params: object) -> Request[T]:
        """Return the call with ``ids`` in its path and what is not None of ``params``."""
        return Request(
            method=self.method,
            path=url_path(self.path, *ids),
            params=query(**params),
            json=json,
            decode=self.read,
            paid=self.paid,
            idempotent=self.idempotent,
            busy_code=self.busy_code,
        )


@frozen(kw_only=True)
class Collection(Generic[T]):
    """The things of one sort that a vendor keeps; its usual operations come from it.

    ``item`` is the path of one of them, as ``/v3/videos/{video_id}``, and without its last part
    that of their list. ``bare`` says that an answer need not be wrapped in ``data``.
    """

    item: str
    model: type[T]
    converter: cattrs.Converter
    page_size: int = 100
    bare: bool = False

    @property
    def path(self) -> str:
        """The path of the list, to which new ones are posted, too."""
        return self.item.rpartition("/")[0]

    @property
    def id_name(self) -> str:
        """What the vendor calls the id, as ``video_id``."""
        return self.item.rpartition("/")[2].strip("{}")

    def get(self, id: str) -> Request[T]:  # noqa: A002 - what it is
        """Return the request for one."""
        return Request(method="GET", path=url_path(self.item, id), decode=self.read)

    def list(self, token: str | None = None, **filters: object) -> Request[Page[T]]:
        """Return the request for a page of those that fit the filters."""
        params = query(limit=self.page_size, token=token, **filters)
        return Request(method="GET", path=self.path, params=params, decode=self.read_page)

    def update(self, id: str, fields: Mapping[str, Any]) -> Request[T]:  # noqa: A002 - what it is
        """Return the request that changes these fields of one, and gives what it is then."""
        path = url_path(self.item, id)
        return Request(method="PATCH", path=path, json=fields, decode=self.read)

    def delete(self, id: str) -> Request[None]:  # noqa: A002 - what it is
        """Return the request that deletes one."""
        return Request(method="DELETE", path=url_path(self.item, id), decode=decode_none)

    def unwrap(self, payload: Any) -> Any:
        """Return what an answer holds."""
        if not self.bare:
            return payload["data"]
        data = payload.get("data")
        return payload if data is None else data

    def read(self, payload: Any) -> T:
        """Read the answer that holds one."""
        data = self.unwrap(payload) if self.bare else payload["data"]
        return self.converter.structure(data, self.model)

    def read_page(self, payload: Any) -> Page[T]:
        """Read ``{"data": […], "has_more": …, "next_token": …}``."""
        token = next_page(payload)
        rows = rows_of(payload)
        items = readable(rows, partial(self.converter.structure, cl=self.model))
        return Page(items=items, next_token=token, left_out=len(rows) - len(items))


def url_path(template: str, *ids: str) -> str:
    """Return the path with the ids in it, quoted; raises ``InvalidRequestError``."""
    names = _NAMES.findall(template)
    for name, part in zip(names, ids, strict=True):
        if not isinstance(part, str) or not part.strip():
            raise InvalidRequestError(f"{name} must be a non-empty str, not {part!r}")
        if part in (".", "..") or not part.isprintable():
            raise InvalidRequestError(f"{part!r} cannot be an id")
        template = template.replace(f"{{{name}}}", quote(part, safe=""), 1)
    return template


def path_names(template: str) -> list[str]:
    """Return the names of the ids in a path's template."""
    return _NAMES.findall(template)


def query(**values: object) -> dict[str, str]:
    """Return the query parameters that are not None, as text."""
    return {name: str(value) for name, value in drop_none(**values).items()}


def decode_none(_payload: Any) -> None:
    """Decode an answer that tells nothing beyond its success."""


def next_page(payload: Any) -> str | None:
    """Return the token of the page after this one, None on the last page."""
    token = payload.get("next_token") if payload.get("has_more") else None
    if not isinstance(token, str | None):
        raise TypeError(f"next_token is {token!r}")
    return token


def rows_of(payload: Any) -> list[Any]:
    """Return the rows of a list answer; raises ``TypeError`` if there are none to be had."""
    rows = payload["data"]
    if not isinstance(rows, list) or (rows and not any(isinstance(row, dict) for row in rows)):
        raise TypeError(f"data must be a list of objects, not {type(rows).__name__}")
    return rows


def whole(request: Request[Page[T]], *needed: str) -> Request[Page[T]]:
    """Return the request for a page whose rows all tell the ``needed`` fields.

    A search that finds nothing is a reason to pay again, so a row that cannot be read may not
    count as another's.
    """

    def decode(payload: Any) -> Page[T]:
        found = request.decode(payload)
        unread = any(name in getattr(row, "extra", ()) for row in found.items for name in needed)
        if unread or found.left_out:
            raise ValueError("a row of the list cannot be read, and may be the one searched for")
        return found

    return evolve(request, decode=decode)
