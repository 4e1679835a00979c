"""One vendor's API as a record: address, environment, job kinds, and how answers are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from heygen_async.errors import InvalidRequestError
from heygen_async.protocol.kinds import JobKind
from heygen_async.protocol.media import UploadRules

if TYPE_CHECKING:
    from heygen_async.models.jobs import Spec

T = TypeVar("T")

# A token is one line: the kind's name, when the job was created (Unix seconds), and its id.
_TOKEN = re.compile(r"([a-z0-9.-]+)/(\d{1,12})/(\S+)")


@frozen(kw_only=True, eq=False)
class Vendor:
    """One vendor's API, as far as transport and jobs have to know it.

    ``keys`` says whether it knows idempotency keys at all. ``retired`` are the beginnings of
    paths that the vendor has retired, ``retirement`` is what to say then. ``specs`` tells the kind
    of job that a spec starts. ``posts_per_window`` is
    how many POSTs are allowed in how many seconds.
    """

    api: str
    base_url: str
    key_variable: str
    url_variable: str
    honours_key: Callable[[str, str], bool]
    read: Callable[..., Any]
    uploads: UploadRules
    kinds: tuple[JobKind[Any], ...]
    retired: tuple[str, ...] = ()
    retirement: str = ""
    posts_per_window: tuple[int, float] | None = None
    _by_name: dict[str, JobKind[Any]] = field(init=False, repr=False)
    specs: dict[type, JobKind[Any]] = field(init=False, repr=False)

    @_by_name.default
    def _names(self) -> dict[str, JobKind[Any]]:
        return {kind.name: kind for kind in self.kinds}

    @specs.default
    def _by_spec(self) -> dict[type, JobKind[Any]]:
        return {spec: kind for kind in self.kinds for spec in kind.specs}

    def kind_for(self, cls: type[Spec[T]]) -> JobKind[T]:
        """Return the kind that specs of ``cls`` start, or raise ``InvalidRequestError``."""
        kind = self.specs.get(cls)
        if kind is None:
            known = ", ".join(sorted(spec.__name__ for spec in self.specs))
            raise InvalidRequestError(
                f"{cls.__name__} is no spec of the {self.api} API; its specs are {known}"
            )
        return kind

    def kind_named(self, name: str) -> JobKind[Any]:
        """Return the kind of that name, or raise ``InvalidRequestError``."""
        kind = self._by_name.get(name)
        if kind is None:
            known = ", ".join(sorted(self._by_name))
            raise InvalidRequestError(
                f"{name!r} is no kind of job of {self.api}; those are {known}"
            )
        return kind

    def read_token(self, token: str) -> tuple[JobKind[Any], str, int]:
        """Return kind, id and creation time of a token, or raise ``InvalidRequestError``."""
        match = _TOKEN.fullmatch(token.strip()) if isinstance(token, str) else None
        kind = self._by_name.get(match[1]) if match else None
        if match is None or kind is None:
            raise InvalidRequestError(
                f"{token!r} is no job token of the {self.api} API; one looks like "
                f"'{self.kinds[0].name}/1732806631/<id>', and job.token has it"
            )
        return kind, match[3], int(match[2])
