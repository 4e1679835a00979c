"""Batches as requests: many specs of one kind in one POST, and what has become of each.

https://developers.heygen.com/reference/create-video-batch
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.errors import BadRequestError, InvalidRequestError
from heygen_async.models.batches import BatchDetail, BatchItem
from heygen_async.models.jobs import State
from heygen_async.protocol.convert import readable
from heygen_async.protocol.kinds import usable_id
from heygen_async.protocol.operations import Page, query, url_path
from heygen_async.protocol.request import Request, drop_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async.protocol.kinds import JobKind

MOST_ITEMS = 100
"""How many specs one POST takes."""


def batch_path(kind: JobKind[Any]) -> str:
    """Return where batches of the kind are posted to; raises ``InvalidRequestError``."""
    if kind.batch_field is None:
        raise InvalidRequestError(f"there are no batches of {kind.name}")
    return f"{kind.collection.path}/batches"


def fits_batch(kind: JobKind[Any], spec: Any) -> bool:
    """Tell whether a spec can be an item of a batch, and leads to one job."""
    alone = any(getattr(spec, name, None) is not None for name in kind.batch_without)
    return kind.batch_field is not None and not alone and kind.parts(spec) == 1


def check_batch(kind: JobKind[Any], specs: Sequence[Any]) -> None:
    """Raise ``InvalidRequestError`` for specs that cannot be one batch."""
    if not 1 <= len(specs) <= MOST_ITEMS:
        raise InvalidRequestError(f"a batch has 1 to {MOST_ITEMS} specs, not {len(specs)}")
    for spec in specs:
        if not isinstance(spec, kind.specs):
            raise InvalidRequestError(f"{type(spec).__name__} is no spec of {kind.name}")
        if kind.parts(spec) != 1:
            raise InvalidRequestError(
                "a batch does not tell which id is for which language: give a spec for each"
            )
        for name in kind.batch_without:
            if getattr(spec, name, None) is not None:
                raise InvalidRequestError(f"a spec in a batch has no {name}: give it to the batch")


def create_batch(kind: JobKind[Any], specs: Sequence[Any], **options: Any) -> Request[str]:
    """Return the paid POST that starts a batch, and gives its id."""
    path = batch_path(kind)
    check_batch(kind, specs)
    items = [kind.create(spec).json for spec in specs]
    return Request(
        method="POST",
        path=path,
        json={**drop_none(**options), str(kind.batch_field): items},
        decode=_read_id,
        paid=True,
    )


def _read_id(payload: Any) -> str:
    return usable_id(payload["data"]["batch_id"])


def get_batch(
    kind: JobKind[Any], batch_id: str, token: str | None = None
) -> Request[tuple[BatchDetail, Page[BatchItem]]]:
    """Return the request for a batch with a page of its items."""
    return Request(
        method="GET",
        path=url_path(f"{batch_path(kind)}/{{batch_id}}", batch_id),
        params=query(limit=MOST_ITEMS, token=token),
        decode=partial(_read, kind, batch_id),
    )


def _read(kind: JobKind[Any], batch_id: str, payload: Any) -> tuple[BatchDetail, Page[BatchItem]]:
    """Read a batch; its cursor is beside the items, inside ``data``."""
    data = {"counts_by_status": payload["data"].get("counts"), **payload["data"]}
    data.pop("counts", None)
    if data["batch_id"] != batch_id:
        raise ValueError(f"the answer is about {data['batch_id']!r}, not {batch_id!r}")
    more, token = data.pop("has_more", False), data.pop("next_token", None)
    rows = data.pop("items")
    if not isinstance(token, str | None) or not isinstance(rows, list):
        raise TypeError("next_token must be text and items a list")
    converter = kind.collection.converter

    def read_item(row: Any) -> BatchItem:
        told = row.get("comparison")  # where its job stands in an item, and not only its id
        if told is not None:
            row = {**told, "video_id": told[kind.collection.id_name], **row}
        item = converter.structure(row, BatchItem)
        if item.video_id is not None:
            usable_id(item.video_id)
        return item

    items = readable(rows, read_item)
    detail = converter.structure(data, BatchDetail)
    page = Page(items=items, next_token=token if more else None)
    return attrs.evolve(detail, items=page.items), page


def refusal(kind: JobKind[Any], item: BatchItem) -> BadRequestError | None:
    """Return why an item has no job and will have none, None for one that has, or may get one."""
    if item.video_id is not None or kind.status(item.status).state is not State.FAILED:
        return None
    told = item.error if isinstance(item.error, dict) else {}
    code, message = told.get("code"), told.get("message")
    error = BadRequestError(
        str(message or "no reason given"),
        status=400,
        code=code if isinstance(code, str | int) else None,
        method="POST",
        path=f"{batch_path(kind)} (item {item.item_index})",
    )
    error.known_refusal = True
    return error
