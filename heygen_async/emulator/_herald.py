"""The herald: learns that a job has ended, and has its event brought to those who asked.

A timer runs only for a job that somebody is to hear of; all others cost one look at creation.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from heygen_async.emulator._courier import Parcel, Terms
from heygen_async.emulator._drift import Drift, distort
from heygen_async.emulator._endpoints import Endpoint, Endpoints
from heygen_async.emulator._jobs import RenderJob
from heygen_async.emulator._schema import Json
from heygen_async.emulator._world import PRECISION, World

if TYPE_CHECKING:
    from heygen_async.emulator._avatars import Group
    from heygen_async.emulator._courier import Courier

Outcome = tuple[str, Json] | None
"""The type and the data of an event; None while there is nothing to tell yet."""


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened to the thing ``entity_id``, at a Unix time."""

    id: str
    number: int
    type: str
    data: Json
    entity_id: str
    created_at: float


@attrs.frozen(kw_only=True)
class Vendor:
    """How one vendor announces the ends of jobs.

    ``outcomes`` tells the outcome of each kind of job that has events, ``write`` makes the body
    of an event. ``callback`` is the field of a request with a URL for that job alone, and
    endpoint ids begin with ``prefix``.
    """

    outcomes: Mapping[str, Callable[[World, RenderJob], Outcome]]
    write: Callable[[Event, Drift], Json]
    terms: Terms
    callback: str
    prefix: str


class Herald:
    """Announces the ends of one vendor's jobs to ``endpoints`` and to the jobs' callbacks.

    ``history`` holds the events that an endpoint has taken, by id.
    """

    __slots__ = (
        "_courier",
        "_numbers",
        "_open",
        "_timers",
        "_vendor",
        "_world",
        "endpoints",
        "history",
    )

    def __init__(self, world: World, vendor: Vendor, courier: Courier) -> None:
        self.endpoints = Endpoints(vendor.prefix)
        self.history: dict[str, Event] = {}
        self._world = world
        self._vendor = vendor
        self._courier = courier
        self._numbers = count(1)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._open = False
        world.book.on_create(self.expect)

    def start(self) -> None:
        """Expect the ends of all jobs that are running."""
        self._open = True
        self.listen()

    def close(self) -> None:
        """Expect nothing any more."""
        self._open = False
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def listen(self) -> None:
        """Expect the jobs that are running already, since there is a new endpoint."""
        now = self._world.clock.now()
        for job in self._world.book.jobs.values():
            if job.finished_at > now and job.id not in self._timers:
                self.expect(job)

    def expect(self, job: RenderJob) -> None:
        """Announce the end of a job when it comes, if anybody is to hear of it."""
        if self._open and job.kind.name in self._vendor.outcomes and any(self._receivers(job)):
            self._set_timer(job)

    def look_again(self, job: RenderJob) -> None:
        """Announce a job whose end has moved, unless that was done before."""
        if job.id in self._timers:
            self._set_timer(job)

    def consent(self, group: Group) -> None:
        """Let the person of a group agree, and announce the looks that waited for it."""
        group.consented = True
        for look in self._world.avatars.looks_of(group):
            if look.job:
                self.look_again(look.job)

    def parcel(
        self,
        body: Json,
        event_id: str,
        event_type: str,
        endpoint: Endpoint,
        on_arrival: Callable[[], None] = lambda: None,
    ) -> Parcel:
        """Return an event on its way to a receiver."""
        return Parcel(
            event_id=event_id,
            event_type=event_type,
            body=body,
            endpoint=endpoint,
            terms=self._vendor.terms,
            on_arrival=on_arrival,
        )

    def _set_timer(self, job: RenderJob) -> None:
        if timer := self._timers.get(job.id):
            timer.cancel()
        at = job.finished_at + PRECISION  # a timer may be early by the noise of its clock
        self._timers[job.id] = asyncio.get_running_loop().call_at(at, self._announce, job)

    def _announce(self, job: RenderJob) -> None:
        if job.id not in self._world.book.jobs:
            del self._timers[job.id]
            return
        outcome = self._vendor.outcomes[job.kind.name](self._world, job)
        if outcome is None:
            return  # its timer stays in the table, so that a consent finds the job
        del self._timers[job.id]
        event = Event(
            id=f"evt_{uuid.uuid4().hex}",
            number=next(self._numbers),
            type=outcome[0],
            data=outcome[1],
            entity_id=job.id,
            created_at=self._world.unix(),
        )
        self._send(event, job)

    def _send(self, event: Event, job: RenderJob) -> None:
        body = distort(self._vendor.write(event, self._world.drift), self._world.drift)
        for endpoint in self._receivers(job):
            if not endpoint.wants(event.type, event.entity_id):
                continue
            taken = partial(self._keep, event, endpoint)
            self._courier.send(self.parcel(body, event.id, event.type, endpoint, taken))

    def _keep(self, event: Event, endpoint: Endpoint) -> None:
        if endpoint.secret:
            self.history[event.id] = event

    def _receivers(self, job: RenderJob) -> list[Endpoint]:
        """Return the endpoints, and the callback of a job, to which anything is sent."""
        receivers = list(self.endpoints.all.values())
        if url := job.request.get(self._vendor.callback):
            receivers.append(Endpoint(url=url))
        return [endpoint for endpoint in receivers if endpoint.is_reachable]


HERALD = web.AppKey("herald", Herald)
"""Each API has its own; the file server has HeyGen's, which hears of consents."""
