"""Kinds of jobs that no vendor has, and watches of them."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from heygen_async.jobs.agenda import Agenda
from heygen_async.jobs.schedule import DurationModel
from heygen_async.jobs.watch import Watch
from heygen_async.models.jobs import State
from heygen_async.models.policies import PollPolicy
from heygen_async.protocol.convert import make_converter
from heygen_async.protocol.kinds import JobKind
from heygen_async.protocol.operations import Collection

START = 1000.0


@frozen(kw_only=True)
class Film:
    """What the fake kinds make."""

    id: str
    status: str
    url: str | None = None


FILMS = Collection(item="/films/{film_id}", model=Film, converter=make_converter(requests={}))


def kind(name: str = "fake.film", *, bulk: bool = True, limit: int = 100) -> JobKind[Film]:
    return JobKind(
        name=name,
        specs=(),
        collection=FILMS,
        status_map={"waiting": State.QUEUED, "done": State.COMPLETED},
        file="url",
        statuses_limit=limit if bulk else 0,
    )


FILM = kind()
ALONE = kind("fake.alone", bulk=False)


def watch(
    job_id: str = "job",
    of: JobKind[Any] = FILM,
    *,
    born: float = START,
    model: DurationModel | None = None,
    size: float | None = None,
) -> Watch:
    return Watch(
        of,
        job_id,
        born=born,
        created_at=0,
        status=of.status("waiting"),
        model=model or DurationModel(180.0),
        size=size,
    )


def agenda(spread: float = 0.5, **options: Any) -> Agenda:
    """Return an agenda without chance."""
    return Agenda(PollPolicy(**{"jitter": 0.0, **options}), spread=lambda: spread)


def ids(watches: Any) -> list[str]:
    return [each.id for each in watches]
