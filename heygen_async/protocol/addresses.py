"""The addresses of files: kept byte for byte, and known for public or private."""

from __future__ import annotations

import re
import string
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import quote, urljoin, urlsplit

from attrs import frozen

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_LONGEST_NAME = 253
# 2130706433, 127.1 and 0x7f.1 are 127.0.0.1 to the system's resolver: one spelling is enough.
_ODD_IP = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)")
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")


@frozen(kw_only=True)
class Address:
    """An http or https URL, taken apart; ``target`` is its path and query as they were signed."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def is_ip(self) -> bool:
        """Whether the host is an IP address and no name."""
        return ":" in self.host or _ODD_IP.fullmatch(self.host) is not None

    @property
    def netloc(self) -> str:
        """The host, and the port where it is not the usual one, as in the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    def at(self, ip: str) -> str:
        """Return the URL with an IP address in the place of the name."""
        return f"{self.scheme}://{f'[{ip}]' if ':' in ip else ip}:{self.port}{self.target}"


def read_address(url: str, base: Address | None = None) -> Address:
    """Take ``url`` apart, relative to ``base`` if there is one; raises ``ValueError``.

    Nothing is decoded, encoded or put in order, for a signature may cover each byte; only
    characters beyond ASCII are quoted, which cannot be sent.
    """
    if _UNSAFE.search(url):  # before urljoin and urlsplit, which leave some of these out
        raise ValueError("has blanks or control characters in it")
    try:
        parts = urlsplit(url if base is None else urljoin(base.url, url))
        host, port = _host(parts.hostname or ""), parts.port
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        target = quote(target if target.startswith("/") else f"/{target}", safe=string.printable)
    except ValueError:  # its text may repeat what must not be shown
        raise ValueError("is malformed") from None
    if parts.scheme not in _PORTS or not host:
        raise ValueError("is no http(s) URL with a host")
    if "@" in parts.netloc:
        raise ValueError("has credentials in it")
    if ("[" in parts.netloc) != (":" in host):
        raise ValueError("has brackets around no IPv6 address")
    port = _PORTS[parts.scheme] if port is None else port
    return Address(scheme=parts.scheme, host=host, port=port, target=target)


def _host(text: str) -> str:
    if not text:
        return ""
    if ":" in text or _ODD_IP.fullmatch(text):
        if "%" in text:
            raise ValueError("an address in a network of another machine")
        return str(ip_address(text))
    host = text.encode("idna").decode().lower().removesuffix(".")
    if _ODD_IP.fullmatch(host):  # of full-width digits, say: no honest URL has that
        raise ValueError("an address in disguise")
    if not _NAME.fullmatch(host) or len(host) > _LONGEST_NAME:
        raise ValueError("no name")
    return host


def is_public(ip: str) -> bool:
    """Tell whether an IP address is one of the open internet's."""
    address = ip_address(ip)
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:  # the packet ends at the IPv4 address within
        return is_public(str(inner))
    return address in _GLOBAL_UNICAST and address.is_global


def is_local(url: str) -> bool:
    """Tell whether ``url`` leads to a server of one's own, such as an emulator.

    That is an address that is not public, ``localhost``, or whatever is spoken to without TLS: in
    a network of containers such a server has a name like any other.
    """
    try:
        address = read_address(url)
    except ValueError:
        return False
    return (
        address.scheme == "http"
        or f".{address.host}".endswith(".localhost")
        or (address.is_ip and not is_public(address.host))
    )
