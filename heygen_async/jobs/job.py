"""``Job``: the handle on one render, from its submission to its file."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from heygen_async.errors import (
    DownloadError,
    HeyGenError,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
)
from heygen_async.models._html import card
from heygen_async.models.jobs import State
from heygen_async.protocol.sniff import suffix_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Mapping

    from heygen_async.jobs.service import JobService
    from heygen_async.jobs.tracked import Changes, TrackedJob
    from heygen_async.models.jobs import JobStatus
    from heygen_async.protocol.result_files import AssetName

T = TypeVar("T")

logger = logging.getLogger("heygen_async.jobs")


class Job(Generic[T]):
    """A submitted render; its result is a ``T``.

    The render goes on at the vendor whatever happens here. ``token`` is enough to find it again
    with ``attach`` in another process. ``warning`` is what the vendor said beside the id when it
    accepted the job, else None, and ``details`` are what that answer told, in the vendor's names:
    a new avatar's group, for example. An attached job has none.
    """

    __slots__ = ("_service", "_tracked", "details", "warning")

    def __init__(self, service: JobService, tracked: TrackedJob) -> None:
        self.warning: str | None = None
        self.details: Mapping[str, Any] = {}
        self._service = service
        self._tracked = tracked

    @property
    def token(self) -> str:
        """One line of text, without secrets, by which ``attach`` finds the job again."""
        return self._tracked.kind.token(self._tracked.id, self._tracked.created_at)

    @property
    def id(self) -> str:
        """The vendor's id of the job."""
        return self._tracked.id

    @property
    def kind(self) -> str:
        """The name of the kind of job, such as ``heygen.video``."""
        return self._tracked.kind.name

    @property
    def status(self) -> JobStatus:
        """The status as last seen; reading it sends nothing."""
        return self._tracked.status

    async def wait(self, timeout: float | None = None) -> T:  # noqa: ASYNC109 - the face has it
        """Return the result as soon as the job has completed.

        ``timeout`` is in seconds; without it the wait lasts as long as the job. Raises
        ``JobFailedError`` if the vendor reports failure, ``JobTimeoutError`` at the deadline,
        ``AuthenticationError`` or ``PermissionDeniedError`` if the status may not be read,
        ``NotFoundError`` if the vendor does not know an attached job, and the last error if none
        could be read for ``PollPolicy.error_budget`` seconds. The render goes on in any case, and
        the error carries the job.
        """
        tracked = self._tracked
        if tracked.snapshot is None:
            # The future is this wait's own: to cancel it reaches neither another wait for the
            # same job nor the render.
            waiter = asyncio.get_running_loop().create_future()
            try:
                if timeout is not None:
                    await self._end_within(timeout, waiter)
                else:
                    self._service.poller.join(tracked, waiter)
                    try:
                        await waiter
                    finally:
                        self._service.poller.leave(tracked, waiter)
            except HeyGenError as error:
                error.job = self
                raise
        ended = tracked.snapshot
        if ended is None or tracked.status.state is not State.COMPLETED or ended.result is None:
            code, message = (ended.code, ended.message) if ended else (None, None)
            if not (code or message) and tracked.status.raw.lower() != "failed":
                message = f"its status is {tracked.status.raw!r}"
            raise JobFailedError(self, code=code, message=message)
        return cast("T", ended.result)

    def __await__(self) -> Generator[Any, None, T]:
        return self.wait().__await__()

    async def events(self) -> AsyncIterator[JobStatus]:
        """Yield the status as it is and at each change; the terminal one is the last.

        Raises what ``wait`` raises, save ``JobFailedError``: a failure is a status here.
        """
        tracked, poller = self._tracked, self._service.poller
        changes: Changes = asyncio.Queue()
        poller.join(tracked, changes)
        try:
            status = tracked.status
            yield status
            while not status.terminal:
                seen = await changes.get()
                if isinstance(seen, HeyGenError):
                    seen.job = self
                    raise seen
                status = seen
                yield status
        finally:
            poller.leave(tracked, changes)

    def eta(self) -> float | None:
        """Return in about how many seconds the job ends, from those that this client saw end.

        Of the jobs of its sort that lasted as long, half end sooner. It is None while none has
        ended yet, and while the job waits for somebody (``needs_action``); 0 for one that has
        ended. Nothing is sent.
        """
        return self._tracked.eta(self._service.poller.clock())

    async def refresh(self) -> JobStatus:
        """Look at the job now, with one request, and return its status."""
        await self._service.poller.refresh(self._tracked)
        return self._tracked.status

    async def download(
        self,
        path: str | Path,
        *,
        asset: AssetName | str | None = None,
        overwrite: bool = False,
    ) -> Path:
        """Wait for the job, save a file of its result under ``path`` and return the path.

        That is the main file, or ``asset``: "video", "captioned", "subtitles", "thumbnail" or
        "gif", where the result has it, or else the name of the field with its URL, or a name that
        ``download_all`` gives.

        The file is whole or absent: it gets its name when all of it has arrived. A URL that has
        expired is fetched anew; nothing is rendered again. Other files of the result are named in
        the log. Raises what ``wait`` raises, before the wait ``InvalidRequestError`` if results of
        this kind have no such file, and ``DownloadError`` if this result has none, if the file
        exists (unless ``overwrite``) or cannot be saved.
        """
        kind, target = self._tracked.kind, Path(path)
        if asset is not None:
            kind.asset(asset)  # refuses what no result has
        elif not kind.file_fields:
            raise InvalidRequestError(f"a job of kind {kind.name} has no file to save")
        await asyncio.to_thread(_check_target, target, overwrite=overwrite)
        result = await self.wait()
        others = list(kind.files(result))[1:]
        if others and asset is None:
            logger.info("%s has more files, for download_all: %s", self.token, ", ".join(others))
        try:
            return await self._service.save(self._tracked, target, asset)
        except HeyGenError as error:
            error.job = self
            raise

    async def download_all(self, folder: str | Path, *, overwrite: bool = False) -> list[Path]:
        """Wait for the job, save each file of its result in ``folder`` and return their paths.

        They are named after the fields of the result, as ``video.mp4`` for ``video_url``, the main
        one first; a result without files gives none. Nothing is fetched if one of them is there
        already (unless ``overwrite``), for it may be another job's. Raises what ``download``
        raises.
        """
        place = Path(folder)
        result = await self.wait()
        files = self._tracked.kind.files(result).items()
        targets = {name: place / f"{name}{suffix_of(url)}" for name, url in files}
        for target in targets.values():
            await asyncio.to_thread(_check_target, target, overwrite=overwrite)
        try:
            return [
                await self._service.save(self._tracked, target, name)
                for name, target in targets.items()
            ]
        except HeyGenError as error:
            error.job = self
            raise

    async def _end_within(self, seconds: float, waiter: asyncio.Future[None]) -> None:
        # Apart from ``wait``, for most have no timeout: ten thousand of them save the memory.
        deadline = asyncio.get_running_loop().time() + seconds
        self._service.poller.join(self._tracked, waiter, deadline)
        try:
            # No other timeout can get here: it would be a cancellation until its own block ends.
            async with asyncio.timeout_at(deadline):
                await waiter
        except TimeoutError:
            raise JobTimeoutError(self, seconds, self._tracked.last_error) from None
        finally:
            self._service.poller.leave(self._tracked, waiter)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the result once it is there, else how far the job is."""
        ended = self._tracked.snapshot
        show = getattr(ended and ended.result, "_repr_html_", None)
        if show is not None:
            return str(show())
        status = self.status
        share = "" if status.progress is None else f" {status.progress:.0f} %"
        failed = ended and (ended.message or ended.code)
        return card(self.kind, self.token, f"{status.state} ({status.raw}){share}", failed)

    def __repr__(self) -> str:
        lasted = self._tracked.lasted(self._service.poller.clock())
        word = "after" if self.status.terminal else "for"
        time = "" if lasted is None else f" {word} {lasted:.0f} s"
        return f"<Job {self.token} {self.status.state.value} ({self.status.raw}){time}>"


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
