"""Job kinds as data: what each is posted to, where it is looked at, and what its words mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from heygen_async.errors import InvalidRequestError
from heygen_async.models.jobs import JobStatus, Spec, State
from heygen_async.protocol.convert import UNREADABLE
from heygen_async.protocol.idempotency import honours_key
from heygen_async.protocol.operations import (
    Collection,
    Page,
    next_page,
    path_names,
    rows_of,
    url_path,
)
from heygen_async.protocol.redact import redact_text
from heygen_async.protocol.request import Request, Submission
from heygen_async.protocol.result_files import (
    ASSETS,
    find_field,
    find_file,
    find_files,
    names_of,
)

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

_WHOLE = 100  # per cent
_MOST_WORDS = 1000  # of a kind that are remembered: a server may invent one for each answer
_LONGEST = 10**9  # seconds that a job may have taken, to be believed


def meaning(words: Mapping[str, State], word: str) -> State | None:
    """Return what a status word says, however it is written; None if nobody knows."""
    folded = word.strip().lower().replace("-", "_").replace(" ", "_")
    return words.get(folded) or ENDS.get(folded)


@frozen(kw_only=True)
class JobSnapshot(Generic[T]):
    """What a status request for one job answers.

    ``result`` is None as long as there is none, ``code`` and ``message`` tell why it failed: both
    are proof of an end where the word is unknown, so they are left out where they prove none.
    ``duration`` is how long the job took in seconds, ``created_at`` when it was created in Unix
    seconds, ``progress`` a percentage, where the vendor tells. ``follows`` are kind and id of the
    job that goes on in place of this one, and has the result.
    """

    word: str
    result: T | None = None
    code: str | None = None
    message: str | None = None
    duration: float | None = None
    created_at: float | None = None
    progress: float | None = None
    follows: tuple[JobKind[Any], str] | None = None


@frozen
class JobsPage:
    """A page of a list of jobs, its rows by id; ``then`` is the token of the next page."""

    rows: Mapping[str, Any]
    then: str | None


def check_id(found: object, wanted: str) -> None:
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


def usable_id(value: Any) -> str:
    """Return the id in the answer to a create call as text; raises ``ValueError`` for none."""
    if type(value) is int:
        return str(value)
    usable = type(value) is str and value.isprintable() and value not in ("", ".", "..")
    if not usable or value.split() != [value]:
        raise ValueError(f"no usable id: {value!r}")
    return value  # type: ignore[no-any-return] # a str by now


@frozen(kw_only=True, eq=False)
class JobKind(Generic[T]):
    """All there is to know about one kind of job.

    ``name`` stands in tokens and never changes. Specs are posted to ``path``, by default that of
    the ``collection``, where a job is looked at as well; a ``{name}`` in it is a field of the spec.
    ``id_field`` is where the answer to the POST has the job's id, by default under the
    collection's name for it, or a list of ids: ``parts`` says how many a spec leads to.
    ``first_word`` is the status of a job whose answer tells none. ``key_field`` is the field of
    the body that takes the idempotency key, where the vendor does not take it as a header.
    ``batch_field`` is the field with the specs of a batch, where there are batches, whose items do
    ``batch_without`` some fields.

    ``status_map`` says what the vendor's words mean beside ``ENDS``; a word that is in neither
    means "running". ``file`` names the field of a result that has the URL of its main file, if
    it is always the same; by default a job is only done when that is there. ``more_files`` are
    other fields with URLs of files, the first there is being the main one where ``file`` names
    none; in both, dots lead into what a field holds, and into each item of a list.
    ``snapshot`` reads the state of a job where the fields of its collection need another reading
    than the usual one, and ``model`` is the class of its results, where it is not the collection's.
    A ``patient`` kind may be missing for hours while it runs.

    ``statuses_limit`` is how many ids a bulk status request takes, 0 where the vendor has none.
    ``lists`` says that the list of the collection has whole results.
    ``typical_duration`` is the median to expect, in seconds, before any job has finished, and
    ``size_field`` names the text of a spec whose length predicts its duration. ``searches`` says in
    which lists the job of a spec can be found by its label.
    """

    name: str
    specs: tuple[type[Spec[T]], ...]
    collection: Collection[Any]
    status_map: Mapping[str, State]
    path: str = field()
    id_field: str = field()
    first_word: str = "pending"
    key_field: str | None = None
    batch_field: str | None = None
    batch_without: tuple[str, ...] = ()
    parts: Callable[[Any], int] = lambda _spec: 1
    file: str | None = None
    more_files: tuple[str, ...] = ()
    patient: bool = False
    snapshot: Callable[[Any], JobSnapshot[T]] = field()
    model: type[T] = field()
    statuses_limit: int = 0
    lists: bool = False
    typical_duration: float = 180.0
    size_field: str | None = None
    searches: Callable[[Any], Sequence[Search]] = lambda _spec: ()
    honours_key: bool = field(init=False)
    _meanings: dict[str, tuple[JobStatus, bool]] = field(factory=dict, init=False, repr=False)

    @path.default
    def _posts_to_the_list(self) -> str:
        return self.collection.path

    @honours_key.default
    def _on_the_vendors_list(self) -> bool:
        return self.key_field is not None or honours_key("POST", self.path)

    @id_field.default
    def _id_as_in_the_path(self) -> str:
        return self.collection.id_name

    @model.default
    def _what_its_collection_reads(self) -> type[T]:
        return self.collection.model

    @snapshot.default
    def _usual_snapshot(self) -> Callable[[Any], JobSnapshot[T]]:
        return partial(read_snapshot, self.file)

    def create(self, spec: Any) -> Request[Submission]:
        """Return the paid POST that starts a job."""
        body = self.collection.converter.unstructure(spec)
        body.pop("extra_body", None)
        path = url_path(self.path, *(body.pop(name) for name in path_names(self.path)))
        return self._post(path, {**body, **(spec.extra_body or {})}, spec)

    def repeat(self, path: str, json: Any) -> Request[Submission]:
        """Return the POST that ``create`` gave for a spec that is not known any more.

        It is for kinds that honour a key, whose answers are read without the spec.
        """
        return self._post(path, json, None)

    def _post(self, path: str, json: Any, spec: Any) -> Request[Submission]:
        return Request(
            method="POST",
            path=path,
            json=json,
            decode=partial(self.read_submission, spec),
            paid=True,
            key_field=self.key_field,
        )

    def read_submission(self, _spec: Any, payload: Any) -> Submission:
        """Read the answer to the POST; an id is a job, whatever else is missing."""
        data = self.collection.unwrap(payload) if self.collection.bare else payload["data"]
        *parents, name = self.id_field.split(".")
        details = data if isinstance(data, Mapping) else {}
        for parent in parents:
            if (data := data[parent]) is None:
                raise ValueError(f"{parent} is null: the answer does not name the job")
        word = data.get("status") or self.first_word  # of any type: the call is paid by now
        ids = data[name] if name.endswith("_ids") else [data[name]]
        first, *others = map(usable_id, ids)
        return Submission(id=first, word=str(word), others=tuple(others), details=details)

    def get_status(self, job_id: str) -> Request[JobSnapshot[T]]:
        """Return the request for one job's state, with its result if there is one."""
        path = url_path(self.collection.item, job_id)
        return Request(method="GET", path=path, decode=partial(self.read_status, job_id))

    def read_status(self, job_id: str, payload: Any) -> JobSnapshot[T]:
        """Read the state of the job, or raise ``ValueError`` if it is that of another."""
        found = self.collection.read(payload)
        names = "id", self.collection.id_name
        for name in names:
            check_id(getattr(found, name, None), job_id)
        return self.snapshot(found)

    def get_statuses(self, job_ids: Sequence[str]) -> Request[Mapping[str, str]]:
        """Return the bulk status request: the vendor's word for each of so many jobs."""
        return Request(
            method="GET",
            path=f"{self.collection.path}/statuses",
            params={f"{self.collection.id_name}s": ",".join(job_ids)},
            decode=self.read_statuses,
        )

    def read_statuses(self, payload: Any) -> Mapping[str, str]:
        """Read the rows of a bulk status, matched by id.

        Of several rows for one id the last counts, or the one that says the job has ended. Rows
        without an id or a word are passed over.
        """
        words: dict[str, str] = {}
        for row in rows_of(payload):
            if not isinstance(row, dict):
                continue
            # Whatever the kind, the vendor calls the id so:
            # https://developers.heygen.com/reference/bulk-lipsync-statuses
            found, word = row.get("video_id"), row.get("status")
            if type(found) is not str or type(word) is not str or word == "not_found":
                continue
            if not self.status(words.get(found, "")).terminal:
                words[found] = word
        return words

    def get_page(self, token: str | None) -> Request[JobsPage]:
        """Return the request for a page of the list, whose rows ``read_row`` reads."""
        page = self.collection.list(token)
        return Request(method="GET", path=page.path, params=page.params, decode=self.read_jobs)

    def read_jobs(self, payload: Any) -> JobsPage:
        """Read a page of the list as rows by id; what nobody waits for is not looked into."""
        rows = (row for row in rows_of(payload) if isinstance(row, dict))
        by_id = {row["id"]: row for row in rows if isinstance(row.get("id"), str)}
        return JobsPage(by_id, next_page(payload))

    def read_row(self, row: Any) -> JobSnapshot[T]:
        """Read the state of a job from its row; raises what tells that it makes no sense."""
        return self.snapshot(self.collection.converter.structure(row, self.collection.model))

    @property
    def file_fields(self) -> Sequence[str]:
        """The fields of a result that have URLs of files, the main one first."""
        return (self.file, *self.more_files) if self.file else self.more_files

    def download_url(self, result: T) -> str | None:
        """Return the URL of the result's main file."""
        fields = (self.file,) if self.file else self.more_files
        return next((url for field in fields for _, url in find_files(result, field)), None)

    def files(self, result: T) -> dict[str, str]:
        """Return the URLs of all files of the result by their names, the main one first."""
        return dict(pair for field in self.file_fields for pair in find_files(result, field))

    def asset(self, name: str) -> tuple[str, str]:
        """Return the field that has the files of a name, and the suffix they usually have, or ''.

        ``name`` is an ``AssetName``, the name of the field, or that of a file as in ``files``.
        Raises ``InvalidRequestError`` if no result of this kind has such a file.
        """
        field = find_field(name, self.file_fields)
        if field is None:
            names = ", ".join(names_of(self.file_fields))
            raise InvalidRequestError(
                f"a job of kind {self.name} has no file {name!r}; "
                + (f"there are {names}" if names else "it has none at all")
            )
        return field, ASSETS.get(name, ("",))[0]

    def file_url(self, result: T, name: str) -> str | None:
        """Return the URL of the file of a name that ``asset`` takes, None if there is none.

        Of several files it is the first, unless ``name`` has a number.
        """
        return find_file(result, self.asset(name)[0], name)

    def write_result(self, result: T) -> dict[str, Any]:
        """Return a result as it may be written down: by the vendor's names, no URL signed."""
        written: dict[str, Any] = _unsigned(self.collection.converter.unstructure(result))
        return written

    def read_result(self, written: Mapping[str, Any]) -> T | None:
        """Return what ``write_result`` was given, save the signatures; None if it is unreadable."""
        try:
            return self.collection.converter.structure(written, self.model)
        except UNREADABLE:
            return None

    def size(self, spec: Any) -> float | None:
        """Return what of a spec predicts how long its job takes, None if nothing does."""
        text = getattr(spec, self.size_field, None) if self.size_field else None
        return float(len(text)) if text else None

    def interpret(self, word: str) -> tuple[JobStatus, bool]:
        """Return what the vendor's ``word`` means, and whether that is known.

        It is the same object for the same word, which ten thousand waiting jobs share.
        """
        found = self._meanings.get(word)
        if found is None:
            state = self.status_map.get(word) or meaning(self.status_map, word)
            found = JobStatus(state or State.RUNNING, word), state is not None
            if len(self._meanings) >= _MOST_WORDS:
                self._meanings.clear()
            self._meanings[word] = found
        return found

    def status(self, word: str) -> JobStatus:
        """Return what the vendor's ``word`` means."""
        return self.interpret(word)[0]

    def knows(self, word: str) -> bool:
        """Whether it is known what ``word`` means."""
        return self.interpret(word)[1]

    def judge(self, snapshot: JobSnapshot[T]) -> JobStatus:
        """Return what a status request for one job says.

        What an unknown word hides, its answer may tell: a render that is paid is not lost to a
        new word. With its result, or with the reason of its failure, it has ended.
        """
        status, known = self.interpret(snapshot.word)
        if known:
            return status
        if snapshot.result is not None:
            return JobStatus(State.COMPLETED, snapshot.word)
        if snapshot.message or snapshot.code not in (None, "", "0"):
            return JobStatus(State.FAILED, snapshot.word)
        return status

    def token(self, job_id: str, created_at: int) -> str:
        """Return the line by which ``Vendor.read_token`` finds the job again."""
        return f"{self.name}/{created_at}/{job_id}"


def read_snapshot(file: str | None, found: Any) -> JobSnapshot[Any]:
    """Read the state of a job from an object that has the vendor's usual fields for it."""
    started, ended = getattr(found, "created_at", None), getattr(found, "completed_at", None)
    # Nonsense in two dates is no reason to withhold the file.
    took = ended - started if isinstance(started, int) and isinstance(ended, int) else -1
    return JobSnapshot(
        word=found.status,
        result=found if file is None or any(find_files(found, file)) else None,
        code=getattr(found, "failure_code", None),
        message=getattr(found, "failure_message", None),
        duration=float(took) if 0 <= took <= _LONGEST else None,
        created_at=started if isinstance(started, int) else None,
        progress=read_progress(getattr(found, "progress", None)),
    )


def _unsigned(value: Any) -> Any:
    """Return JSON without the query of any URL."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {name: _unsigned(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_unsigned(item) for item in value]
    return value


def read_progress(value: object) -> float | None:
    """Return a percentage from 0 to 100, None for what is none."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= _WHOLE else None
