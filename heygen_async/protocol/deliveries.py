"""A delivery of either vendor: its bytes and headers in, an event or ``WebhookError`` out.

What tells the vendors apart is a ``Sender``: names of headers and fields, and shapes of events.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any

import cattrs
from attrs import field, frozen

from heygen_async.errors import InvalidRequestError, WebhookError
from heygen_async.models.webhooks import UnknownEvent, WebhookEvent
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.signatures import Headers, check_time, fold, matches

_CONVERTER = make_converter(requests={})

MAX_BODY = 1024 * 1024
"""Bytes that a delivery may have; real ones have a few thousand. Hashing them takes 1 ms."""


@frozen(kw_only=True)
class Shape:
    """One shape of event data: the class it becomes, and the ``id`` it cannot be without.

    ``aliases`` are names seen instead of those of the class.
    """

    event: type[WebhookEvent]
    id: str
    aliases: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Sender:
    """One vendor's deliveries.

    ``signatures`` are the headers that may hold the signature, in lower case as ``timestamp``
    and ``event_id``, of which the latter counts where the body has none. ``names`` are those of
    the envelope: event type, id, time and data. ``family`` gives the key of a type in ``shapes``.
    """

    api: str
    signatures: tuple[bytes, ...]
    timestamp: bytes | None = None
    event_id: bytes | None = None
    names: tuple[str, str, str, str]
    family: Callable[[str], str]
    shapes: Mapping[str, Shape]


def receive(
    sender: Sender,
    body: bytes,
    headers: Headers,
    secrets: Sequence[bytes],
    *,
    now: float,
    max_body: int = MAX_BODY,
    allow_unsigned: bool = False,
) -> WebhookEvent:
    """Return the event that the delivery tells of.

    ``now`` is Unix time. Raises ``WebhookError``: 413 for too much, 401 for a signature that is
    wrong, missing or old, 400 for what cannot be read. Its text has nothing of the body.
    """
    if not isinstance(body, bytes | bytearray):
        raise InvalidRequestError("body must be the bytes as they came: the signature is theirs")
    if len(body) > max_body:
        raise WebhookError(f"the body has more than {max_body} bytes", status=413)
    folded = fold(headers)
    signed = _is_signed(sender, body, folded, secrets, now)
    if not signed and not allow_unsigned:
        raise WebhookError("the delivery has no signature", status=401)
    event_id = folded.get(sender.event_id) if sender.event_id else None
    return _read(sender, body, signed=signed, event_id=event_id)


def _is_signed(
    sender: Sender,
    body: bytes,
    headers: Mapping[bytes, bytes],
    secrets: Sequence[bytes],
    now: float,
) -> bool:
    """Tell whether there is a signature; one that is there has to be right."""
    given = [headers[name] for name in sender.signatures if name in headers]
    if not given:
        return False
    # Deliveries without a timestamp are seen in the field; it is not part of what is signed.
    stamp = headers.get(sender.timestamp) if sender.timestamp else None
    if stamp is not None:
        check_time(stamp, now=now)
    if not matches(body, given, secrets):
        raise WebhookError("the signature is not that of any known secret", status=401)
    return True


def _read(sender: Sender, body: bytes, *, signed: bool, event_id: bytes | None) -> WebhookEvent:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookError("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise WebhookError("the body is not a JSON object")
    type_name, id_name, time_name, data_name = sender.names
    data = payload.pop(data_name, None)
    if not isinstance(data, dict | NoneType):
        raise WebhookError(f"{data_name} is not a JSON object")
    header_id = event_id.decode("ascii", "replace") if event_id else None
    told = {
        "event_type": payload.pop(type_name, None) or "",
        "event_id": payload.pop(id_name, None) or header_id,
        "created_at": payload.pop(time_name, None),
    }
    envelope = {name: value for name, value in told.items() if value is not None}
    return _checked(sender, envelope | {"signed": signed}, payload | (data or {}))


def read_event(sender: Sender, event_type: str, data: Mapping[str, Any]) -> WebhookEvent:
    """Return the event of a type and its data, as a history has them.

    Raises ``WebhookError`` for wrong types.
    """
    return _checked(sender, {"event_type": event_type}, dict(data))


def _checked(sender: Sender, envelope: dict[str, Any], fields: dict[str, Any]) -> WebhookEvent:
    try:
        return _build(sender, envelope, fields)
    except (cattrs.BaseValidationError, TypeError):
        raise WebhookError("a field of the event has a wrong type") from None


def _build(sender: Sender, envelope: dict[str, Any], fields: dict[str, Any]) -> WebhookEvent:
    """Make the event; a known type that lacks its id is kept as an unknown event."""
    for shape in _shapes_of(sender, envelope["event_type"]):
        named = _named(fields, shape.aliases)
        if named.get(shape.id) is not None:
            return _CONVERTER.structure(named | envelope, shape.event)
    return _CONVERTER.structure(envelope | {"data": fields}, UnknownEvent)


def _shapes_of(sender: Sender, event_type: object) -> Iterable[Shape]:
    """Return the shapes to try; old deliveries are bare data, which only its id can explain."""
    if not isinstance(event_type, str):
        raise TypeError("the event type is no text")
    if not event_type:
        return sender.shapes.values()
    known = sender.shapes.get(sender.family(event_type))
    return () if known is None else (known,)


def _named(fields: dict[str, Any], aliases: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields under the names that the class has, an error's own fields among them."""
    error = fields.get("error")
    if isinstance(error, dict):
        rest = {name: value for name, value in fields.items() if name != "error"}
        fields = error | {name: value for name, value in rest.items() if value is not None}
    named = dict(fields)
    for alias, name in aliases.items():
        if named.get(name) is None and named.get(alias) is not None:
            named[name] = named.pop(alias)
    return named
