"""A request as a value: what to send, how to read the answer, and what a submission answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from heygen_async.errors import InvalidRequestError

T = TypeVar("T")

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@frozen(kw_only=True)
class Upload:
    """A file to send: as multipart field ``file``, or ``raw`` as the whole body.

    ``progress`` is called with the bytes sent so far and ``size``, in the event loop. What has to
    be made of the file first, ``prepare`` makes, in a thread.
    """

    content: Path | bytes = field(repr=False)
    filename: str
    content_type: str
    size: int
    raw: bool = False
    progress: Callable[[int, int], object] | None = field(default=None, repr=False, eq=False)
    prepare: Callable[[Upload], Upload] | None = field(default=None, repr=False, eq=False)


@frozen(kw_only=True)
class Request(Generic[T]):
    """One call; ``decode`` turns the parsed JSON of a good answer into ``T``.

    ``paid`` marks a call whose lost answer may cost money, ``idempotent`` a POST that may be
    repeated without a key. ``key_sent_at`` is when an earlier run sent the key first, Unix seconds.
    The key goes as a header, or in the ``key_field`` of the body.
    ``busy_code`` is the code of a 409 that means "not yet". The caller of
    a ``queued`` request queues it again himself after a 429. A request to a presigned ``url``
    goes there as it is, without the API key.
    """

    method: str
    path: str
    decode: Callable[[Any], T]
    params: Mapping[str, str] = field(factory=dict)
    json: Any = None
    upload: Upload | None = None
    paid: bool = False
    idempotency_key: str | None = None
    key_sent_at: float | None = None
    key_field: str | None = None
    idempotent: bool = False
    busy_code: str = "request_in_progress"
    queued: bool = False
    url: str | None = None
    headers: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method in _SAFE_METHODS or self.idempotent or self.idempotency_key is not None


@frozen(kw_only=True)
class Submission:
    """What a create call answers: the new job's id and the vendor's first word on it.

    ``named`` says that the id stood in
    the answer, so that there is a job even if the answer is an error, too; then ``warning`` is
    that error. ``others`` are the ids of further jobs of the same call, ``details`` all that the
    answer tells.
    """

    id: str
    word: str
    others: tuple[str, ...] = ()
    named: bool = True
    warning: str | None = None
    details: Mapping[str, Any] = field(factory=dict, eq=False, repr=False)


# By these it is decided who asks, of whom, and for what.
_RESERVED = frozenset(
    {
        *("x-api-key", "authorization", "proxy-authorization", "cookie", "idempotency-key"),
        *("host", "accept", "content-type", "content-length", "transfer-encoding", "connection"),
    }
)


def check_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return headers that may go beside the client's own; raises ``InvalidRequestError``."""
    for name, value in headers.items():
        texts = isinstance(name, str) and isinstance(value, str)
        if not texts or name.lower() in _RESERVED or not f"{name}{value}".isprintable():
            raise InvalidRequestError(
                f"{name!r} cannot be sent as a header: names and values are one line of text, the "
                "key and what says how a request is read are the client's, and an idempotency key "
                "goes by idempotency_key="
            )
    return headers


def check_timeout(timeout: float | None) -> float | None:
    """Return the seconds that a request may take; raises ``InvalidRequestError``."""
    if timeout is not None and not (isinstance(timeout, int | float) and 0 < timeout < math.inf):
        raise InvalidRequestError(f"timeout must be seconds, more than 0, not {timeout!r}")
    return timeout


def drop_none(**fields: Any) -> dict[str, Any]:
    """Return the fields of a body that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
