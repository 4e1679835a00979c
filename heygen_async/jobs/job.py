"""``Job``: the handle on one render, from its submission to its file."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from heygen_async.errors import (
    DownloadError,
    HeyGenError,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
)
from heygen_async.models.jobs import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    from heygen_async.jobs.poller import Poller
    from heygen_async.jobs.watch import Watch
    from heygen_async.models.jobs import JobStatus
    from heygen_async.protocol.kinds import JobSnapshot

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")


class Keeper(Protocol):
    """What a job needs of its client."""

    @property
    def poller(self) -> Poller:
        """The one poller."""

    async def save(self, watch: Watch, path: Path) -> Path:
        """Save the file of an ended job."""


class Job(Generic[T]):
    """A submitted render; its result is a ``T``.

    The render goes on at the vendor whatever happens here. ``token`` is enough to find it again
    with ``attach`` in another process. ``warning`` is what the vendor said beside the id when it
    accepted the job, else None.
    """

    __slots__ = ("_keeper", "_watch", "warning")

    def __init__(self, keeper: Keeper, watch: Watch) -> None:
        self.warning: str | None = None
        self._keeper = keeper
        self._watch = watch

    @property
    def token(self) -> str:
        """One line of text, without secrets, by which ``attach`` finds the job again."""
        return self._watch.kind.token(self._watch.id, self._watch.created_at)

    @property
    def id(self) -> str:
        """The vendor's id of the job."""
        return self._watch.id

    @property
    def kind(self) -> str:
        """The name of the kind of job, such as ``heygen.video``."""
        return self._watch.kind.name

    @property
    def status(self) -> JobStatus:
        """The status as last seen; reading it sends nothing."""
        return self._watch.status

    async def wait(self, timeout: float | None = None) -> T:  # noqa: ASYNC109 - the face has it
        """Return the result as soon as the job has completed.

        ``timeout`` is in seconds; without it the wait lasts as long as the job. Raises
        ``JobFailedError`` if the vendor reports failure, ``JobTimeoutError`` at the deadline,
        ``AuthenticationError`` or ``PermissionDeniedError`` if the status may not be read, and
        the last error if none could be read for ``PollPolicy.error_budget`` seconds. The render
        goes on in any case, and the error carries the job.
        """
        if self._watch.detail is None:
            try:
                if timeout is not None:
                    await self._ended_within(timeout)
                else:
                    poller = self._keeper.poller
                    future = poller.join(self._watch)
                    try:
                        await future
                    finally:
                        poller.leave(self._watch, future)
            except HeyGenError as error:
                error.job = self
                raise
        return self._result(self._watch.detail)

    def __await__(self) -> Generator[Any, None, T]:
        return self.wait().__await__()

    async def events(self) -> AsyncIterator[JobStatus]:
        """Yield the status as it is and at each change; the terminal one is the last.

        Raises what ``wait`` raises, save ``JobFailedError``: a failure is a status here.
        """
        with self._keeper.poller.changes(self._watch) as changes:
            status = self._watch.status
            yield status
            while not status.terminal:
                seen = await changes.get()
                if isinstance(seen, HeyGenError):
                    seen.job = self
                    raise seen
                status = seen
                yield status

    async def refresh(self) -> JobStatus:
        """Look at the job now, with one request, and return its status."""
        await self._keeper.poller.look(self._watch)
        return self._watch.status

    async def download(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Wait for the job, save its file under ``path`` and return the path.

        The file is whole or absent: it gets its name when all of it has arrived. A URL that has
        expired is fetched anew; nothing is rendered again. Raises what ``wait`` raises, and
        ``DownloadError`` if the file exists (unless ``overwrite``) or cannot be saved.
        """
        target = Path(path)
        await asyncio.to_thread(_check_target, target, overwrite=overwrite)
        await self.wait()
        try:
            return await self._keeper.save(self._watch, target)
        except HeyGenError as error:
            error.job = self
            raise

    async def _ended_within(self, timeout: float) -> None:  # noqa: ASYNC109 - as in wait
        deadline = asyncio.get_running_loop().time() + timeout
        scope = asyncio.timeout_at(deadline)
        poller = self._keeper.poller
        future = poller.join(self._watch, deadline)
        try:
            async with scope:
                await future
        except TimeoutError:
            if scope.expired():
                raise JobTimeoutError(self, timeout) from None
            raise
        finally:
            poller.leave(self._watch, future)

    def _result(self, detail: JobSnapshot[T] | None) -> T:
        if detail is None or self.status.state is not State.COMPLETED or detail.result is None:
            code, message = (detail.code, detail.message) if detail else (None, None)
            if not (code or message) and self.status.raw.lower() != "failed":
                message = f"its status is {self.status.raw!r}"
            raise JobFailedError(self, code=code, message=message)
        return detail.result

    def __repr__(self) -> str:
        return f"<Job {self.token} {self.status.state.value} ({self.status.raw})>"


def _check_target(target: Path, *, overwrite: bool) -> None:
    try:
        is_folder, exists = target.is_dir(), target.exists()
    except OSError as error:  # such as a name that is too long
        raise DownloadError(f"cannot save {target}: {error.strerror or error}") from None
    if is_folder:
        raise InvalidRequestError(f"{target} is a folder; give the name of a file in it")
    if exists and not overwrite:
        raise DownloadError(f"{target} exists already; pass overwrite=True to replace it")
    if not target.parent.is_dir():
        raise InvalidRequestError(f"the folder {target.parent} does not exist; create it first")
