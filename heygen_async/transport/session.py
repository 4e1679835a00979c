"""The aiohttp session of a client: its own or a lent one, and the proxy on its way."""

from __future__ import annotations

import re
import sys
import warnings
from ssl import SSLContext
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from heygen_async import __version__
from heygen_async.errors import InvalidRequestError, TransportError
from heygen_async.models._checks import is_http_url
from heygen_async.protocol.redact import redact
from heygen_async.transport.loops import LoopBinding

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_AGENT = (
    f"heygen-async/{__version__} aiohttp/{aiohttp.__version__} "
    f"Python/{sys.version_info.major}.{sys.version_info.minor}"
)
"""What requests say of their sender, unless ``headers=`` or a lent session says otherwise."""

_LOOPBACK = re.compile(r"(?i)localhost|127\.[\d.]+|::1")


class Session:
    """What all requests of a client go through; opens its aiohttp session unless it was lent one.

    An own session obeys ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, as they were when it
    was made, unless ``proxy`` is given. aiohttp's ``trust_env`` is not used for that: it sends
    logins of ``~/.netrc`` along, to any host, and asks a thread before each request.
    """

    def __init__(
        self,
        owner: str,
        lent: aiohttp.ClientSession | None,
        *,
        proxy: str | None = None,
        ssl: SSLContext | None = None,
    ) -> None:
        self.closed = False
        self._owner = owner
        self._owned = lent is None
        self._session = lent
        if lent is not None and (proxy is not None or ssl is not None):
            raise InvalidRequestError(
                "proxy= and ssl= are for the client's own session: give them to the session that "
                "you lend, as aiohttp.ClientSession(proxy=…, connector=TCPConnector(ssl=…))"
            )
        if ssl is not None and not isinstance(ssl, SSLContext):
            raise InvalidRequestError(
                "ssl must be an ssl.SSLContext, such as "
                f"ssl.create_default_context(cafile='ca.pem'), not {ssl!r}"
            )
        # A lent session has a loop already, and works in no other.
        self.loop = LoopBinding("client", loop=getattr(lent, "_loop", None))
        self._ssl = ssl
        self._proxy = None if proxy is None else _proxy_url("proxy", proxy)
        self._by_environment = getproxies() if lent is None and proxy is None else {}

    @property
    def client_session(self) -> aiohttp.ClientSession:
        """The aiohttp session, opened at its first use."""
        self.loop.check()
        if self.closed or (self._session is not None and self._session.closed):
            raise TransportError("the client is closed; make a new one", maybe_sent=False)
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # No cookies: what one answer sets would go along with every later request.
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=None if self._ssl is None else aiohttp.TCPConnector(ssl=self._ssl),
            )
        return self._session

    def proxy_for(self, scheme: str, host: str) -> URL | None:
        """Return the proxy that an own session takes to a host, None if it goes straight there.

        This machine is never reached by a proxy of the environment.
        """
        if self._proxy is not None or scheme not in self._by_environment:
            return self._proxy
        if _LOOPBACK.fullmatch(host) or proxy_bypass(host):
            return None
        return _proxy_url(f"the environment's {scheme}_proxy", self._by_environment[scheme])

    def is_proxied(self, scheme: str, host: str) -> bool:
        """Tell whether requests to a host go through a proxy, also if a lent session has it so."""
        if self._owned:
            return self.proxy_for(scheme, host) is not None
        session = self.client_session
        if getattr(session, "_default_proxy", None) is not None:
            return True
        return session.trust_env and scheme in getproxies() and not proxy_bypass(host)

    def request(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        proxy: URL | None,
        **options: Any,
    ) -> aiohttp.client._RequestContextManager:
        """Send one request; all that a lent session may have set otherwise is said for each."""
        session, sent = self.client_session, CIMultiDict[str]()
        if "User-Agent" not in session.headers:
            sent["User-Agent"] = USER_AGENT
        sent.update(headers)
        return session.request(
            method,
            url,
            headers=sent,
            proxy=proxy,
            allow_redirects=False,  # the key would cross them
            raise_for_status=False,
            **options,
        )

    def stop(self) -> None:
        """Let no request go out from now on; what is on the wire goes on."""
        self.closed = True

    async def aclose(self) -> None:
        """Close the aiohttp session if it is owned."""
        self.closed = True
        if self._owned and self._session is not None:
            await self._session.close()

    def __del__(self) -> None:
        if self._owned and not self.closed and self._session is not None:
            warnings.warn(
                f"unclosed {self._owner} client; use 'async with' or await its aclose()",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )


def _proxy_url(name: str, proxy: str) -> URL:
    """Return the URL of a proxy; raises ``InvalidRequestError`` without its login."""
    url = proxy if not isinstance(proxy, str) or "://" in proxy else f"http://{proxy}"
    try:
        if is_http_url(url) and URL(url).host:
            return URL(url)
    except ValueError:  # of yarl, about a host that is none
        pass
    shown = redact(url) if isinstance(url, str) else url
    raise InvalidRequestError(
        f"{name} must be an http(s) URL such as 'http://proxy.example:3128', not {shown!r}; "
        "for a proxy of another kind lend the client a session that has it"
    )
