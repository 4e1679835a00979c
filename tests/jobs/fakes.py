"""Kinds of jobs that no vendor has, jobs of them, and a server that answers by a script."""

from __future__ import annotations

import asyncio
from typing import Any

from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.scheduler import PollScheduler
from heygen_async.jobs.tracked import TrackedJob
from heygen_async.models.jobs import State
from heygen_async.models.policies import PollPolicy
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.kinds import JobKind, JobSnapshot
from heygen_async.protocol.operations import Collection
from heygen_async.protocol.request import Request

START = 1000.0


def ask(ids: Any) -> Request[Any]:
    """Ask for a job by its id, or for many by their ids."""
    many = not isinstance(ids, str)
    return Request(
        method="GET",
        path="/many" if many else f"/{ids}",
        json=list(ids) if many else None,
        decode=lambda payload: payload,
    )


FILMS = Collection(item="/films/{film_id}", model=str, converter=make_converter(requests={}))


class FakeKind(JobKind[Any]):
    """A kind whose requests are easily told apart, and whose answers come as they are."""

    def get_status(self, job_id: str) -> Request[Any]:
        return ask(job_id)

    def get_statuses(self, job_ids: Any) -> Request[Any]:
        return ask(job_ids)


def kind(name: str = "fake.film", *, bulk: bool = True, limit: int = 100) -> FakeKind:
    return FakeKind(
        name=name,
        specs=(),
        collection=FILMS,
        status_map={"waiting": State.QUEUED, "working": State.RUNNING, "done": State.COMPLETED},
        statuses_limit=limit if bulk else 0,
    )


FILM = kind()
ALONE = kind("fake.alone", bulk=False)
RUNNING = JobSnapshot(word="working")
DONE = JobSnapshot(word="done", result="film")


def tracked(
    job_id: str = "job",
    of: JobKind[Any] = FILM,
    *,
    born: float = START,
    model: DurationModel | None = None,
    size: float | None = None,
    word: str = "waiting",
    **policy: Any,
) -> TrackedJob:
    return TrackedJob(
        of,
        job_id,
        PollPolicy(**policy),
        model or DurationModel(180.0),
        born=born,
        created_at=0,
        word=word,
        size=size,
    )


def scheduler(jitter: float = 0.5, **options: Any) -> PollScheduler:
    """Return a scheduler without chance."""
    return PollScheduler(PollPolicy(**{"jitter": 0.0, **options}), jitter=lambda: jitter)


def ids(jobs: Any) -> list[str]:
    return [each.id for each in jobs]


class FakeFuture:
    """What a job wants of a future, without a loop."""

    def __init__(self, *, done: bool = False) -> None:
        self.was_done = done
        self.outcome: object = "pending"

    def done(self) -> bool:
        return self.was_done

    def set_result(self, result: object) -> None:
        self.outcome = result

    def set_exception(self, error: BaseException) -> None:
        self.outcome = error


class FakeServer:
    """A ``send_once`` that notes what is asked when, and answers what ``answer`` gives.

    An answer that is an exception is raised; each takes ``latency`` seconds.
    """

    def __init__(self, answer: Any = None, latency: float = 0.1) -> None:
        self.answer = answer or (lambda request: DONE if request.json is None else {})
        self.latency = latency
        self.asked: list[tuple[float, Request[Any]]] = []

    async def __call__(self, request: Request[Any]) -> Any:
        self.asked.append((asyncio.get_running_loop().time(), request))
        await asyncio.sleep(self.latency)
        answer = self.answer(request)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def paths(self) -> list[str]:
        return [request.path for _, request in self.asked]
