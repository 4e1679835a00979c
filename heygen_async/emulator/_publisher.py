"""Events: the end of a job is told to the endpoints and the callback that asked for it.

A timer runs only for a job that somebody is to hear of; all others cost one look at creation.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.emulator._deviations import Drift, deviate
from heygen_async.emulator._errors import not_found
from heygen_async.emulator._jobs import RenderJob, Store
from heygen_async.emulator._openapi import Json
from heygen_async.emulator._sender import Delivery, DeliveryPolicy, Endpoint, new_secret
from heygen_async.emulator._state import PRECISION, Backend

if TYPE_CHECKING:
    from heygen_async.emulator._sender import Deliveries, WebhookSender


@attrs.define(kw_only=True)
class Event:
    """Something that happened to the thing ``entity_id``, at a Unix time.

    It is ``taken`` once a registered endpoint has answered well.
    """

    id: str
    type: str
    data: Json
    entity_id: str
    created_at: float
    taken: bool = False


@attrs.frozen(kw_only=True)
class EventFormat:
    """How one vendor tells of its jobs.

    ``write`` makes the body of an event, and ``type_field`` is where that has its type.
    ``callback`` is the field of a request with a URL for that job alone, and endpoint ids begin
    with ``prefix``.
    """

    vendor: str
    write: Callable[[Event, Drift], Json]
    type_field: str
    policy: DeliveryPolicy
    callback: str
    prefix: str


class EventPublisher:
    """Publishes the ends of one vendor's jobs to ``endpoints`` and to the jobs' callbacks.

    ``events`` holds all that was told, by id.
    """

    def __init__(self, backend: Backend, form: EventFormat, sender: WebhookSender) -> None:
        self.endpoints: Store[Endpoint] = Store()
        self.events: Store[Event] = Store()
        self._backend = backend
        self._form = form
        self._sender = sender
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._is_open = False
        backend.jobs.on_create.append(self._expect)
        backend.jobs.on_change.append(self._move)

    def start(self) -> None:
        """Expect the ends of all jobs that are running."""
        self._is_open = True
        self.expect_running()

    def close(self) -> None:
        """Expect nothing any more."""
        self._is_open = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def expect_running(self) -> None:
        """Expect the jobs that are running already, since an endpoint is new or has changed."""
        now = self._backend.clock.now()
        for job in self._backend.jobs.all.values():
            if job.finished_at > now and job.id not in self._timers:
                self._expect(job)

    def add_endpoint(self, url: str, **fields: Any) -> Endpoint:
        """Return a new endpoint with a secret of its own."""
        endpoint = Endpoint(
            id=self._form.prefix + uuid.uuid4().hex,
            url=url,
            secret=new_secret(),
            created_at=self._backend.clock.unix(),
            **fields,
        )
        return self.endpoints.add(endpoint.id, endpoint)

    def find_endpoint(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint; 404 ``webhook_not_found``."""
        if endpoint := self.endpoints.get(endpoint_id):
            return endpoint
        raise not_found("webhook", endpoint_id)

    def delete_endpoint(self, endpoint: Endpoint) -> None:
        """Forget an endpoint, which gets nothing from now on, not even what is on its way."""
        endpoint.enabled = False
        del self.endpoints[endpoint.id]

    async def deliver(
        self, url: str, body: Mapping[str, Any], secret: str | None, how: Deliveries
    ) -> int | None:
        """POST a body of the test's own making once, and return the status it is answered."""
        delivery = Delivery(
            event_id=str(body.get("event_id") or uuid.uuid4().hex),
            event_type=str(body.get(self._form.type_field)),
            body=body,
            endpoint=Endpoint(url=url, secret=secret),
        )
        return await self._sender.attempt(delivery, self._form.policy, how)

    def _expect(self, job: RenderJob) -> None:
        """Publish the end of a job when it comes, if anybody is to hear of it."""
        told = job.kind.announce and job.kind.vendor == self._form.vendor
        if self._is_open and told and any(self._receivers(job)):
            self._set_timer(job)

    def _move(self, job: RenderJob) -> None:
        """Publish a job whose end has moved, unless that was done before."""
        if job.id in self._timers:
            self._set_timer(job)

    def _set_timer(self, job: RenderJob) -> None:
        if timer := self._timers.get(job.id):
            timer.cancel()
        at = job.finished_at + PRECISION  # a timer may be early by the noise of its clock
        self._timers[job.id] = asyncio.get_running_loop().call_at(at, self._publish, job)

    def _publish(self, job: RenderJob) -> None:
        if job.id not in self._backend.jobs.all or not job.kind.announce:
            del self._timers[job.id]
            return
        told = job.kind.announce(self._backend, job)
        if told is None:
            return  # its timer stays in the table, so that a consent finds the job
        del self._timers[job.id]
        event = Event(
            id=f"evt_{uuid.uuid4().hex}",
            type=told[0],
            data=told[1],
            entity_id=job.id,
            created_at=self._backend.clock.unix(),
        )
        self.events.add(event.id, event)
        drift = self._backend.drift
        body = deviate(self._form.write(event, drift), drift)
        for endpoint in self._receivers(job):
            if endpoint.wants(event.type, event.entity_id):
                delivery = Delivery(
                    event_id=event.id,
                    event_type=event.type,
                    body=body,
                    endpoint=endpoint,
                    on_arrival=partial(_take, event, endpoint),
                )
                self._sender.send(delivery, self._form.policy)

    def _receivers(self, job: RenderJob) -> list[Endpoint]:
        """Return the endpoints, and the callback of a job, to which anything is sent."""
        receivers = list(self.endpoints.values())
        if url := job.request.get(self._form.callback):
            receivers.append(Endpoint(url=url))
        return [endpoint for endpoint in receivers if endpoint.is_reachable]


def _take(event: Event, endpoint: Endpoint) -> None:
    event.taken = event.taken or endpoint.secret is not None


def announce_end(job: RenderJob, made: str, named: Json) -> tuple[str, Json]:
    """Return type and data of an event of HeyGen's: what was made, or why it was not.

    The data of all but a video's is not documented; here the thing made has the name that the
    answer to its request gives it.
    """
    if job.failure:
        return f"{made}.fail", {**named, "msg": job.failure[1]}
    return f"{made}.success", named


def iso(moment: float) -> str:
    """Return a Unix time as HeyGen's webhooks have it: ``2026-03-25T12:00:00Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
