"""Addresses: public, private, and local by the base URL."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heygen_async.protocol.addresses import is_local, is_public, read_address


@pytest.mark.parametrize(
    "ip",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_a_public_address_is_one_by_every_way(ip):
    """Also behind a translation from IPv6, which networks without IPv4 have for all hosts."""
    assert is_public(ip)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("https://api.heygen.com", False),
        ("https://api.heygen.com:8443/x", False),
        ("https://8.8.8.8", False),
        ("https://localhost.example", False),
        ("https://localhost:8443", True),
        ("https://api.localhost", True),
        ("https://127.0.0.1", True),
        ("https://[::1]:80", True),
        ("http://emulator:8080", True),
        ("HTTP://api.heygen.com", True),
        ("https://" + "a" * 64, False),
    ],
)
def test_a_server_of_ones_own_is_known_by_its_url(url, local):
    """Loopback, a private address, or no TLS."""
    assert is_local(url) is local


@pytest.mark.parametrize(
    "host", ["127.0.0.\uff11", "\uff11\uff12\uff17.0.0.1", "127\xad.0.0.1", "0\xad"]
)
def test_an_address_in_disguise_is_none(host):
    """What a resolver would make of it is looked at, not how it is written."""
    with pytest.raises(ValueError, match="malformed"):
        read_address(f"https://{host}/a.mp4")


@example(url="HTTP://0\xad")
@given(url=st.text() | st.text().map("https://{}".format) | st.from_regex(r"https?://\S+"))
def test_any_text_is_an_address_or_a_value_error(url):
    """No other exception, and what is read can be sent."""
    try:
        address = read_address(url)
    except ValueError:
        return
    assert address.url.isascii()
    assert not set(address.url) & set(" \r\n\t")
    assert read_address(address.url) == address
