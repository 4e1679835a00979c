"""``Retry-After``: seconds or an HTTP date, and None for anything else."""

from __future__ import annotations

import math
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.protocol.answers import retry_after

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.25", 0.25),
        ("1e3", 1000.0),
        ("99999999999999", 99999999999999.0),
        ("-5", 0.0),
        ("-0.1", 0.0),
        ("Tue, 14 Nov 2023 22:13:20 GMT", 0.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:12:20 GMT", 0.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Tuesday, 14-Nov-23 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 23:14:20 +0100", 60.0),
        ("inf", None),
        ("-inf", None),
        ("nan", None),
        ("1e999", None),
        ("", None),
        (" ", None),
        ("soon", None),
        ("7 seconds", None),
        ("7,5", None),
        ("Tue, 99 Nov 2023 22:13:20 GMT", None),
        ("Tue, 14 Nov 99999 22:13:20 GMT", None),
        ("Tue, 14 Nov 2023 22:13:20 +999999", None),
    ],
)
def test_the_header_is_read_or_passed_over(value, seconds):
    """Numbers and dates give seconds from now, the past gives none, the rest is no wish."""
    assert retry_after(value, now=NOW) == seconds


@given(st.integers(0, 10**7))
def test_a_date_is_seconds_from_now(seconds):
    """An HTTP date so many seconds ahead asks for so many seconds."""
    assert retry_after(formatdate(NOW + seconds, usegmt=True), now=NOW) == seconds


date_like = st.from_regex(
    r"([A-Z][a-z]{2},? )?-?[0-9]{1,5}[ -][A-Z][a-z]{2}[ -]-?[0-9]{1,6} "
    r"[0-9]{1,3}[:.][0-9]{1,3}([:.][0-9]{1,3})?( (GMT|EST|[+-][0-9]{1,8}))?",
    fullmatch=True,
)


@given(st.text() | st.floats().map(str) | st.integers().map(str) | date_like)
def test_any_text_gives_a_finite_wait_or_none(value):
    """No header value raises, and none asks for a wait that is negative or has no end."""
    seconds = retry_after(value, now=NOW)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
