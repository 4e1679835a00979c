"""``jogg.webhooks``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from heygen_async.protocol import jogg_webhooks as wire
from heygen_async.resources.checks import named
from heygen_async.transport.paging import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from heygen_async.models.webhooks import JoggWebhookEndpoint
    from heygen_async.transport.http import Transport

EndpointStatus = Literal["enabled", "disabled"]


class JoggWebhookEndpoints:
    """The URLs that events go to, at most 20.

    https://docs.jogg.ai/api-reference/v2/API%20Documentation/WebhookIntegration
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(
        self, url: str, *, events: Iterable[str], status: EndpointStatus = "enabled"
    ) -> JoggWebhookEndpoint:
        """Register an https URL for ``events`` and return it with its secret.

        Raises ``InvalidRequestError`` before anything is sent.
        """
        return await self._transport.send(wire.create_endpoint(url, events=events, status=status))

    def list(self) -> AsyncIterator[JoggWebhookEndpoint]:
        """Iterate over the account's endpoints."""
        return pages(lambda _token: self._transport.send(wire.list_endpoints()))

    async def update(
        self,
        endpoint_id: str,
        *,
        url: str,
        events: Iterable[str],
        status: EndpointStatus = "enabled",
    ) -> JoggWebhookEndpoint:
        """Replace all of the endpoint but its secret. Raises ``NotFoundError``."""
        request = wire.replace_endpoint(
            named("endpoint_id", endpoint_id), url=url, events=events, status=status
        )
        return await self._transport.send(request)

    async def delete(self, endpoint_id: str) -> None:
        """Delete the endpoint. Raises ``NotFoundError`` if there is none."""
        await self._transport.send(wire.delete_endpoint(named("endpoint_id", endpoint_id)))


class JoggWebhooks:
    """JoggAI v2 webhooks, as far as the account goes; ``WebhookReceiver`` takes deliveries in."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.endpoints = JoggWebhookEndpoints(transport)

    async def event_types(self) -> tuple[str, ...]:
        """Return the names of the events that can be delivered."""
        return await self._transport.send(wire.event_types())
