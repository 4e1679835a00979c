"""A delivery of either vendor: its bytes and headers in, an event or ``WebhookError`` out.

What tells the vendors apart is a ``WebhookSource``: names of headers and fields, schemas of events.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import NoneType
from typing import Any

import cattrs
from attrs import field, frozen

from heygen_async.errors import WebhookError
from heygen_async.models.webhooks import UnknownEvent, WebhookEvent
from heygen_async.protocol.convert import make_converter

_CONVERTER = make_converter(requests={})

MAX_BODY = 1024 * 1024
"""Bytes that a delivery may have; real ones have a few thousand. Hashing them takes 1 ms."""

TOLERANCE = 300.0
"""Seconds by which a timestamp may be off, in either direction."""

Headers = Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str | bytes, str | bytes]]
"""The headers of any framework: a mapping, or pairs as ASGI has them."""

FoldedHeaders = Mapping[bytes, bytes]
"""Headers as ``fold`` returns them."""


@frozen(kw_only=True)
class EventSchema:
    """One shape of event data: the class it becomes, and the ``id`` it cannot be without.

    Of several ids one will do. ``aliases`` are names seen instead of those of the class. ``bare``
    says that the id alone explains a delivery without a type.
    """

    event: type[WebhookEvent]
    id: str | tuple[str, ...]
    aliases: Mapping[str, str] = field(factory=dict)
    bare: bool = True


@frozen(kw_only=True)
class WebhookSource:
    """One vendor's deliveries.

    ``signatures`` are the headers that may hold the signature, in lower case as ``timestamp`` and
    ``event_id``, of which the latter counts where the body has none. The fields of the envelope
    are ``type_field``, ``id_field``, ``time_field`` and ``data_field``. ``family`` gives the key
    of an event type in ``schemas``.
    """

    api: str
    signatures: tuple[bytes, ...]
    timestamp: bytes | None = None
    event_id: bytes | None = None
    type_field: str
    id_field: str
    time_field: str
    data_field: str
    family: Callable[[str], str]
    schemas: Mapping[str, EventSchema]


def fold(headers: Headers) -> dict[bytes, bytes]:
    """Return the headers as bytes under their names in lower case; the first of a name counts."""
    folded: dict[bytes, bytes] = {}
    for pair in headers.items() if isinstance(headers, Mapping) else headers:
        name, value = (
            text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")
            for text in pair
        )
        folded.setdefault(name.lower(), value)
    return folded


def sign(body: bytes, secret: bytes) -> bytes:
    """Return the signature that both vendors send: HMAC-SHA256 in 64 digits of lower-case hex."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def receive(
    source: WebhookSource,
    body: bytes,
    headers: FoldedHeaders,
    secrets: Sequence[bytes],
    *,
    now: float,
    allow_unsigned: bool = False,
) -> WebhookEvent:
    """Return the event that the delivery tells of.

    ``now`` is Unix time. Raises ``WebhookError``: 401 for a signature that is wrong, missing or
    old, 400 for what cannot be read. Its text has nothing of the body.
    """
    signed = _is_signed(source, body, headers, secrets, now)
    if not signed and not allow_unsigned:
        raise WebhookError("the delivery has no signature", status=401)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise WebhookError("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise WebhookError("the body is not a JSON object")
    data = payload.pop(source.data_field, None)
    if not isinstance(data, dict | NoneType):
        raise WebhookError(f"{source.data_field} is not a JSON object")
    event_id = headers.get(source.event_id, b"") if source.event_id else b""
    envelope = {
        "event_type": payload.pop(source.type_field, None) or "",
        "event_id": payload.pop(source.id_field, None)
        or event_id.decode("ascii", "replace")
        or None,
        "created_at": payload.pop(source.time_field, None),
    }
    told = {name: value for name, value in envelope.items() if value is not None}
    return _build(source, told | {"signed": signed}, payload | (data or {}))


def read_event(source: WebhookSource, event_type: str, data: Mapping[str, Any]) -> WebhookEvent:
    """Return the event of a type and its data, as a history has them.

    Raises ``WebhookError`` for wrong types.
    """
    return _build(source, {"event_type": event_type}, dict(data))


def _is_signed(
    source: WebhookSource,
    body: bytes,
    headers: FoldedHeaders,
    secrets: Sequence[bytes],
    now: float,
) -> bool:
    """Tell whether there is a signature; one that is there has to be right, and of about now."""
    given = [headers[name] for name in source.signatures if name in headers]
    if not given:
        return False
    # Deliveries without a timestamp are seen in the field; it is not part of what is signed.
    stamp = headers.get(source.timestamp) if source.timestamp else None
    if stamp is not None:
        try:
            said = int(stamp)
        except ValueError:  # no digits, or thousands of them
            raise WebhookError("the timestamp header is no number") from None
        if not now - TOLERANCE <= said <= now + TOLERANCE:
            raise WebhookError(
                f"the timestamp is more than {TOLERANCE:.0f} s off; is this machine's clock right?",
                status=401,
            )
    # All are compared, each in constant time: how long it takes tells nothing of a secret.
    good = [sign(body, secret) for secret in secrets]
    if not any([hmac.compare_digest(each, own) for each in given for own in good]):  # noqa: C419
        raise WebhookError("the signature is not that of any known secret", status=401)
    return True


def _build(source: WebhookSource, envelope: dict[str, Any], fields: dict[str, Any]) -> WebhookEvent:
    """Make the event; one of a known type that does not fit is kept as an unknown event."""
    event_type = envelope["event_type"]
    try:
        if not isinstance(event_type, str):
            raise TypeError("the event type is no text")  # noqa: TRY301 - as of any other field
        known = source.schemas.get(source.family(event_type))
        candidates: Iterable[EventSchema] = () if known is None else (known,)
        if not event_type:  # old deliveries are bare data, which only its id can explain
            candidates = (schema for schema in source.schemas.values() if schema.bare)
        for schema in candidates:
            named = _named(fields, schema.aliases)
            ids = (schema.id,) if isinstance(schema.id, str) else schema.id
            if any(named.get(name) is not None for name in ids):
                with suppress(cattrs.BaseValidationError):  # an id of another type, say
                    return _CONVERTER.structure(named | envelope, schema.event)
        return _CONVERTER.structure(envelope | {"data": fields}, UnknownEvent)
    except (cattrs.BaseValidationError, TypeError):
        raise WebhookError("a field of the event has a wrong type") from None


def _named(fields: dict[str, Any], aliases: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields under the names that the class has, an error's own fields among them."""
    named = dict(fields)
    if isinstance(error := fields.get("error"), dict):
        del named["error"]
        named = error | {name: value for name, value in named.items() if value is not None}
    for alias, name in aliases.items():
        if named.get(name) is None and named.get(alias) is not None:
            named[name] = named.pop(alias)
    return named
