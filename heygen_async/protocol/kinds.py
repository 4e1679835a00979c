"""Job kinds as data: how each is submitted, looked at and read."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from heygen_async.errors import InvalidRequestError
from heygen_async.models.jobs import JobStatus, Spec, State
from heygen_async.protocol.pages import Page
from heygen_async.protocol.request import Request, Submission

T = TypeVar("T")

ENDS: Mapping[str, State] = {
    "completed": State.COMPLETED,
    "done": State.COMPLETED,
    "ready": State.COMPLETED,
    "succeeded": State.COMPLETED,
    "success": State.COMPLETED,
    "canceled": State.FAILED,
    "cancelled": State.FAILED,
    "deleted": State.FAILED,
    "error": State.FAILED,
    "expired": State.FAILED,
    "failed": State.FAILED,
    "moderation_failed": State.FAILED,
    "rejected": State.FAILED,
    "timeout": State.FAILED,
}
"""The words for an end that status calls use; each kind knows them beside its vendor's own."""

_MOST_WORDS = 1000  # of a kind that are remembered: a server may invent one for each answer


def meaning(words: Mapping[str, State], word: str) -> State | None:
    """Return what a status word says, however it is written; None if nobody knows."""
    folded = word.strip().lower().replace("-", "_").replace(" ", "_")
    return words.get(folded) or ENDS.get(folded)


@frozen(kw_only=True)
class JobSnapshot(Generic[T]):
    """What a look at one job answers.

    ``result`` is None as long as there is none, ``code`` and ``message`` tell why it failed: both
    are proof of an end where the word is unknown, so they are left out where they prove none.
    ``duration`` is how long the job took in seconds, ``created_at`` when it was created in Unix
    seconds, where the vendor tells.
    """

    word: str
    result: T | None = None
    code: str | None = None
    message: str | None = None
    duration: float | None = None
    created_at: float | None = None


def about(found: object, wanted: str) -> None:
    """Raise ``ValueError`` if an answer tells its job's id, and it is not the ``wanted`` one.

    An intermediary's cache may answer for another job; its result would go to the wrong owner.
    """
    if found is not None and str(found) != wanted:
        raise ValueError(f"the answer is about {found!r}, not {wanted!r}")


@frozen(kw_only=True)
class ListedJob:
    """A job in a vendor's list; ``label`` is what its spec named it."""

    id: str | None
    label: str | None


@frozen(kw_only=True)
class Search:
    """Where a job is found again by its ``label``, if the answer to its submission is lost.

    ``page`` asks for a page of a list, ``trace`` reads one of its items.
    """

    label: str
    page: Callable[[str | None], Request[Page[Any]]]
    trace: Callable[[Any], ListedJob]


@frozen(kw_only=True, eq=False)
class JobKind(Generic[T]):
    """All there is to know about one kind of job.

    ``name`` stands in tokens and never changes, ``path`` is what a spec is posted to. ``words``
    says what the vendor's status words mean beside ``ENDS``; a word that is in neither means
    "running". ``get_statuses`` is the bulk status request, for at most ``statuses_limit`` ids;
    without it jobs are looked at one by one.
    ``typical_duration`` is the median to expect, in seconds, before any job has finished, and
    ``size`` what of a spec predicts its duration. ``download_url`` picks the file of a result.
    ``searches`` says in which lists the job of a spec can be found by its label.
    """

    name: str
    api: str
    specs: tuple[type[Spec[T]], ...]
    path: str
    create: Callable[[Any], Request[Submission]]
    get_status: Callable[[str], Request[JobSnapshot[T]]]
    status_map: Mapping[str, State]
    download_url: Callable[[T], str | None]
    get_statuses: Callable[[Sequence[str]], Request[Mapping[str, str]]] | None = None
    statuses_limit: int = 100
    typical_duration: float = 180.0
    size: Callable[[Any], float | None] = lambda _spec: None
    searches: Callable[[Any], Sequence[Search]] = lambda _spec: ()
    _statuses: dict[str, JobStatus] = field(factory=dict, init=False, repr=False)

    def status(self, word: str) -> JobStatus:
        """Return what the vendor's ``word`` means, the same object for the same word."""
        known = self._statuses.get(word)
        if known is None:
            known = JobStatus(meaning(self.status_map, word) or State.RUNNING, word)
            if len(self._statuses) >= _MOST_WORDS:
                self._statuses.clear()
            self._statuses[word] = known
        return known

    def knows(self, word: str) -> bool:
        """Whether it is known what ``word`` means."""
        return word in self.status_map or meaning(self.status_map, word) is not None

    def judge(self, detail: JobSnapshot[T]) -> JobStatus:
        """Return what a look at one job says; what an unknown word hides, its answer may tell.

        A render that is paid is not lost to a new word: with its result, or with the reason of
        its failure, it has ended.
        """
        status = self.status(detail.word)
        if self.knows(detail.word):
            return status
        if detail.result is not None:
            return JobStatus(State.COMPLETED, detail.word)
        if detail.message or detail.code not in (None, "", "0"):
            return JobStatus(State.FAILED, detail.word)
        return status


_HOMES = ("heygen_videos", "heygen_avatars", "heygen_legacy", "jogg")
"""The modules whose kinds come with the package; they are loaded when one of them is wanted."""

_by_name: dict[str, JobKind[Any]] = {}
_by_spec: dict[type, JobKind[Any]] = {}


def register(kind: JobKind[T]) -> JobKind[T]:
    """Make ``kind`` known by its name and by its specs; return it."""
    _by_name[kind.name] = kind
    _by_spec.update(dict.fromkeys(kind.specs, kind))
    return kind


def _load_all() -> None:
    for home in _HOMES:
        importlib.import_module(f"heygen_async.protocol.{home}")


def kind_for(cls: type[Spec[T]]) -> JobKind[T]:
    """Return the kind that specs of ``cls`` start, or raise ``InvalidRequestError``."""
    if cls not in _by_spec:
        _load_all()
    kind = _by_spec.get(cls)
    if kind is None:
        known = ", ".join(sorted(spec.__name__ for spec in _by_spec))
        raise InvalidRequestError(f"{cls.__name__} is no spec; the specs are {known}")
    return kind


def kind_of(spec: Spec[T], api: str) -> JobKind[T]:
    """Return the kind that ``spec`` starts on ``api``, or raise ``InvalidRequestError``."""
    kind = kind_for(type(spec))
    _check_api(kind, api, type(spec).__name__)
    return kind


# A token is one line: the kind's name, when the job was created (Unix seconds), and its id.
_TOKEN = re.compile(r"([a-z0-9.-]+)/(\d{1,12})/(\S+)")


def write_token(kind: JobKind[Any], job_id: str, created_at: int) -> str:
    """Return the line by which ``read_token`` finds the job again."""
    return f"{kind.name}/{created_at}/{job_id}"


def read_token(token: str, api: str) -> tuple[JobKind[Any], str, int]:
    """Return kind, id and creation time of a token, or raise ``InvalidRequestError``."""
    match = _TOKEN.fullmatch(token.strip()) if isinstance(token, str) else None
    kind = _by_name.get(match[1]) if match else None
    if match and kind is None:
        _load_all()
        kind = _by_name.get(match[1])
    if match is None or kind is None:
        raise InvalidRequestError(
            f"{token!r} is no job token; one looks like 'heygen.video/1732806631/<id>', "
            "and job.token has it"
        )
    _check_api(kind, api, "this token")
    return kind, match[3], int(match[2])


def _check_api(kind: JobKind[Any], api: str, what: str) -> None:
    if kind.api != api:
        raise InvalidRequestError(f"{what} belongs to the {kind.api} API, this is {api}")
