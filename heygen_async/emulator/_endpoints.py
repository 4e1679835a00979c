"""Webhook endpoints: where an account wants its events, which of them, under what secret."""

from __future__ import annotations

import secrets
import uuid
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from heygen_async.emulator._errors import invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_local(url: str) -> bool:
    """Return whether a URL is of a host on the loopback interface."""
    return _scheme_and_host(url)[1] in LOOPBACK


@attrs.frozen
class EndpointUrl:
    """The URL of an endpoint: the vendors want https.

    Plain http is taken for loopback hosts, where a test's receiver has no certificate.
    """

    def check(self, value: object, at: str) -> None:
        """Raise unless *value* is such a URL."""
        if not isinstance(value, str):
            raise invalid(at, "Input should be a valid string.")
        scheme, host = _scheme_and_host(value)
        if not host or not (scheme == "https" or (scheme == "http" and host in LOOPBACK)):
            raise invalid(at, "URL should be a valid HTTPS URL.")


@attrs.define(kw_only=True)
class Endpoint:
    """A receiver of events: of all types if ``events`` is None, of all things without an entity.

    Without a ``secret`` it is not registered but the callback of one job.
    """

    id: str = ""
    number: int = 0
    url: str
    events: tuple[str, ...] | None = None
    entity_id: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    enabled: bool = True
    created_at: float = 0.0

    @property
    def is_reachable(self) -> bool:
        """Whether anything is sent there."""
        return self.enabled and is_local(self.url)

    def wants(self, event_type: str, entity_id: str) -> bool:
        """Return whether events of this type about this thing are asked for."""
        wanted = self.events is None or event_type in self.events
        return wanted and self.entity_id in {None, entity_id}


class Endpoints:
    """The registered endpoints by id, oldest first; ids begin with *prefix*."""

    __slots__ = ("_endpoints", "_numbers", "_prefix")

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._numbers = count(1)
        self._endpoints: dict[str, Endpoint] = {}

    @property
    def all(self) -> Mapping[str, Endpoint]:
        """A read-only view of the endpoints by id."""
        return MappingProxyType(self._endpoints)

    def add(
        self,
        url: str,
        events: tuple[str, ...] | None,
        *,
        created_at: float,
        entity_id: str | None = None,
        enabled: bool = True,
    ) -> Endpoint:
        """Return a new endpoint with a secret of its own; its time is Unix time."""
        endpoint = Endpoint(
            id=self._prefix + uuid.uuid4().hex,
            number=next(self._numbers),
            url=url,
            events=events,
            entity_id=entity_id,
            secret=new_secret(),
            enabled=enabled,
            created_at=created_at,
        )
        self._endpoints[endpoint.id] = endpoint
        return endpoint

    def get(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint; 404 ``webhook_not_found``."""
        if endpoint := self._endpoints.get(endpoint_id):
            return endpoint
        raise not_found("webhook", endpoint_id)

    def delete(self, endpoint_id: str) -> None:
        """Forget an endpoint, which gets nothing from now on; 404 ``webhook_not_found``."""
        self.get(endpoint_id).enabled = False
        del self._endpoints[endpoint_id]


def new_secret() -> str:
    """Return a secret to sign with."""
    return f"whsec_{secrets.token_hex(16)}"


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""
