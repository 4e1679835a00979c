"""What may be written down of a URL: where it leads, and none of its secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.protocol.redact import redact, redact_text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://f.example/a/b.mp4", "https://f.example/a/b.mp4"),
        ("https://f.example/a.mp4?Signature=SECRET&Expires=5", "https://f.example/a.mp4?…"),
        ("https://f.example/a.mp4#SECRET", "https://f.example/a.mp4"),
        ("https://me:SECRET@f.example:8443/a", "https://f.example:8443/a"),
        ("https://SECRET@f.example/a?SECRET#SECRET", "https://f.example/a?…"),
        ("https://a@SECRET@f.example/a", "https://f.example/a"),
        ("http://[::1]:80/a?SECRET", "http://[::1]:80/a?…"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url, shown):
    """Query, fragment and credentials are left out; that there was a query is seen."""
    assert redact(url) == shown


secrets = st.from_regex(r"SECRET[A-Za-z0-9=&%./:-]{0,20}", fullmatch=True)
paths = st.from_regex(r"(/[a-z0-9.]{0,9}){0,3}", fullmatch=True)


@given(paths, secrets, secrets, st.sampled_from(["https", "http", "ftp"]))
def test_invariant_5_no_secret_survives(path, signature, fragment, scheme):
    """Whatever stands in query or fragment is not in the text."""
    shown = redact(f"{scheme}://f.example{path}?sig={signature}#{fragment}")
    assert shown == f"{scheme}://f.example{path}?…"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (
            "see https://f.example/a.mp4?Signature=abc&x=1 for it",
            "see https://f.example/a.mp4?… for it",
        ),
        ('{"url":"http://f.example/a?b=c"}', '{"url":"http://f.example/a?…"}'),
        ("https://f.example/a.mp4?…: it broke", "https://f.example/a.mp4?…: it broke"),
        ("is that so? https://f.example/a", "is that so? https://f.example/a"),
    ],
)
def test_a_text_loses_the_queries_of_its_urls(text, redacted):
    """The rest of it stays as it is."""
    assert redact_text(text) == redacted


def test_a_malformed_url_can_be_logged():
    """A malformed URL can be logged."""
    assert redact("http://[::1") == "an unreadable URL"
