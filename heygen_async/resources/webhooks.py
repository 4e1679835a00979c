"""``heygen.webhooks``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heygen_async.protocol import heygen_webhooks as wire
from heygen_async.resources.checks import named
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from heygen_async.models.webhooks import DeliveredEvent, EventType, WebhookEndpoint
    from heygen_async.transport.http import Transport

_LIST_LIMIT = 100
_RECENT = 1000  # events, as far back as it is worth looking for a job that runs


class WebhookEndpoints:
    """The URLs that events go to: https://developers.heygen.com/docs/webhook-events."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self, url: str, *, events: Iterable[str] | None = None, entity_id: str | None = None
    ) -> WebhookEndpoint:
        """Register an https URL for ``events``, or for all, and return it with its secret.

        Raises ``InvalidRequestError`` before anything is sent, ``ConflictError`` for a URL that
        is registered already.
        """
        return await self._transport.send(
            wire.create_endpoint(url, events=events, entity_id=entity_id)
        )

    def list(self) -> AsyncIterator[WebhookEndpoint]:
        """Iterate over the account's endpoints."""
        return pages(
            lambda token: self._transport.send(wire.list_endpoints(limit=_LIST_LIMIT, token=token))
        )

    async def update(
        self, endpoint_id: str, *, url: str | None = None, events: Iterable[str] | None = None
    ) -> WebhookEndpoint:
        """Change the URL, or replace the whole list of events. Raises ``NotFoundError``."""
        return await self._transport.send(
            wire.update_endpoint(named("endpoint_id", endpoint_id), url=url, events=events)
        )

    async def delete(self, endpoint_id: str) -> None:
        """Delete the endpoint. Raises ``NotFoundError`` if there is none."""
        await self._transport.send(wire.delete_endpoint(named("endpoint_id", endpoint_id)))

    async def rotate_secret(self, endpoint_id: str) -> str:
        """Return a new secret; HeyGen stops signing with the old one at once.

        Give both to ``WebhookReceiver.rotate`` until deliveries on their way have arrived.
        """
        return await self._transport.send(wire.rotate_secret(named("endpoint_id", endpoint_id)))


class Webhooks:
    """HeyGen v3 webhooks, as far as the account goes; ``WebhookReceiver`` takes deliveries in."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.endpoints = WebhookEndpoints(transport)

    async def event_types(self) -> tuple[EventType, ...]:
        """Return the types of events that can be delivered."""
        return await self._transport.send(wire.event_types())

    def events(
        self, *, event_type: str | None = None, entity_id: str | None = None
    ) -> AsyncIterator[DeliveredEvent]:
        """Iterate over the events that were delivered."""
        return pages(
            lambda token: self._transport.send(
                wire.list_events(
                    event_type=event_type, entity_id=entity_id, limit=_LIST_LIMIT, token=token
                )
            )
        )


async def recent_jobs(
    transport: Transport,
) -> AsyncIterator[tuple[str, tuple[Sequence[str], str] | None]]:
    """Yield each delivered event's id and the job it speaks of, the newest first."""
    read = 0
    async for event in Webhooks(transport).events():
        yield event.event_id, wire.job_of(event)
        read += 1
        if read == _RECENT:
            return
