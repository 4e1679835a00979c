"""What a client is told, by its arguments or by the environment, checked before anything else."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from yarl import URL

from heygen_async.errors import InvalidRequestError
from heygen_async.jobs.limiter import JobLimiter, SlotLimiter
from heygen_async.models._checks import is_http_url
from heygen_async.transport.http import ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from heygen_async.models.telemetry import Event
    from heygen_async.protocol.vendors import Vendor

    Emit = Callable[[Event], None] | None


def hidden(api_key: str | None) -> str | None:
    """Return the key as one that no traceback shows, whose frames have it in a variable."""
    return ApiKey(api_key) if isinstance(api_key, str) else api_key


def find_key(vendor: Vendor, api_key: str | None) -> ApiKey:
    """Return the key, given or from the environment; raises ``InvalidRequestError``."""
    key = hidden(os.environ.get(vendor.key_variable, "") if api_key is None else api_key)
    if not isinstance(key, str) or not key.strip():
        raise InvalidRequestError(
            f"no {vendor.api} API key: set the environment variable {vendor.key_variable}, "
            "or pass api_key="
        )
    secret = ApiKey(key.strip())
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise InvalidRequestError(
            f"the {vendor.api} API key ({vendor.key_variable} or api_key=) has characters that "
            "no key has (blanks, line ends, letters beyond ASCII): copy it again"
        )
    return secret


def find_slots(max_concurrent_jobs: int | SlotLimiter) -> SlotLimiter:
    """Return the limiter, given or made; raises ``InvalidRequestError``."""
    if not isinstance(max_concurrent_jobs, int):
        if hasattr(max_concurrent_jobs, "acquire") and hasattr(max_concurrent_jobs, "bind"):
            return max_concurrent_jobs
    elif max_concurrent_jobs >= 1:
        return JobLimiter(max_concurrent_jobs)
    raise InvalidRequestError(
        "max_concurrent_jobs must be a whole number from 1, or a SlotLimiter, "
        f"not {max_concurrent_jobs!r}"
    )


def find_url(vendor: Vendor, base_url: str | None) -> str:
    """Return the API's address, given or from the environment; raises ``InvalidRequestError``."""
    url = base_url or os.environ.get(vendor.url_variable) or vendor.base_url
    try:
        usable = is_http_url(url) and _can_be_asked(URL(url))
    except ValueError:  # of yarl, about a host that is none
        usable = False
    if not usable:
        raise InvalidRequestError(
            f"base_url must be an http(s) URL such as {vendor.base_url!r}, not {url!r}"
        )
    return url


def _can_be_asked(url: URL) -> bool:
    """Tell whether a URL has a host, and no login but one that can be sent to it."""
    user, password = url.user or "", url.password or ""
    # aiohttp makes a header of a login, which takes no other letters, and no colon in a name.
    return url.host is not None and (user + password).isascii() and ":" not in user


def start_logging() -> None:
    """Log to stderr from the level that ``HEYGEN_LOG`` names, such as ``debug``, if it does."""
    level = os.environ.get("HEYGEN_LOG", "").upper()
    logger = logging.getLogger("heygen_async")
    if not level or logger.handlers:
        return
    if level not in logging.getLevelNamesMapping():
        raise InvalidRequestError(f"HEYGEN_LOG must be debug, info or warning, not {level.lower()}")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level)


def guarded(on_event: Callable[[Event], object] | None) -> Emit:
    """Return what tells the hook; what the hook raises is logged and goes no further."""

    def emit(event: Event) -> None:
        try:
            on_event(event)  # type: ignore[misc] # it is there, else nobody calls this
        except Exception:  # a hook may raise anything, and must not break what it watches
            logger.warning("the on_event hook failed at %r", event, exc_info=True)

    logger = logging.getLogger("heygen_async.client")
    return None if on_event is None else emit
