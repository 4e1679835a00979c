"""Exactly the operations that replay an answer take a key, and keys are the vendor's sort."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import InvalidRequestError
from heygen_async.protocol.idempotency import OPERATIONS, check_key, honours_key

HONOURED = [
    "/v3/videos",
    "/v3/videos/batches",
    "/v3/avatars",
    "/v3/avatars/g1/consent",
    "/v3/templates/t1",
    "/v3/video-translations",
    "/v3/video-translations/batches",
    "/v3/video-translations/proofreads",
    "/v3/video-translations/proofreads/p1/generate",
    "/v3/lipsyncs",
    "/v3/lipsyncs/batches",
    "/v3/ai-clipping",
    "/v3/hyperframes/renders",
    "/v3/assets",
    "/v3/assets/direct-uploads",
    "/v3/assets/direct-uploads/batches",
    "/v3/assets/complete/batches",
    "/v3/webhooks/endpoints",
    "/v3/webhooks/endpoints/e1/rotate-secret",
    "/v3/brand-glossaries",
    "/v3/brand-kits",
    "/v3/filler-word-removals",
    "/v3/podcasts",
    "/v3/models/audio/voices",
    "/v3/video-quality/comparisons",
    "/v3/video-quality/comparisons/batches",
    "/v3/workflows",
    "/v3/workflows/w1/versions",
    "/v3/workflow-runs",
]
NOT_HONOURED = [
    "/v3/video-agents",
    "/v3/video-agents/s1/messages",
    "/v3/video-agents/s1/stop",
    "/v3/voices",
    "/v3/voices/clone",
    "/v3/voices/speech",
    "/v3/background-removals",
    "/v3/assets/a1/complete",
    "/v3/videos/v1",
    "/v3/videos/",
    "/v3/videosx",
    "/x/v3/videos",
    "/v3/templates",
    "/v3/templates/t1/more",
    "/v3/avatars/g1",
    "/v3/avatars/g1/looks/consent",
    "/v2/videos",
    "/v2/video/generate",
    "/v2/photo_avatar/add_motion",
    "/v1/asset",
    "",
]


def test_the_list_is_the_vendors():
    """The document of 2026-09-07 has 29 operations, and the list has no other."""
    assert len(OPERATIONS) == len(set(OPERATIONS)) == len(HONOURED) == 29
    assert [re.sub(r"\{\w+\}", "[a-z]1", path) for path in OPERATIONS] == [
        re.sub(r"/[gtpew]1(?=/|$)", "/[a-z]1", path) for path in HONOURED
    ]


@pytest.mark.parametrize("path", HONOURED)
def test_a_post_to_one_of_them_takes_a_key(path):
    """POST does, and no other method."""
    assert honours_key("POST", path)
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert not honours_key(method, path)


@pytest.mark.parametrize("path", NOT_HONOURED)
def test_no_other_takes_one(path):
    """Elsewhere a repeated key would not stop a second charge."""
    assert not honours_key("POST", path)


@given(st.from_regex(r"[A-Za-z0-9_\-:.]{1,255}", fullmatch=True))
def test_a_key_of_the_vendors_pattern_is_good(key):
    """A good key comes back as it is."""
    assert check_key(key) is key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a" * 256,
        "a b",
        "a/b",
        "a+b",
        "key\n",
        "\nkey",
        "key\r",
        "ключ",
        "a\0",
        "é",
        None,
        5,
        b"key",
    ],
)
def test_any_other_key_is_refused(key):
    """The message says what a key is made of, a trailing line break is no part of it."""
    with pytest.raises(InvalidRequestError, match="idempotency_key must be 1 to 255 letters"):
        check_key(key)


@given(st.text(max_size=300))
def test_no_key_outside_the_pattern_passes(key):
    """Any text is refused unless it fits the pattern to its last character."""
    good = 1 <= len(key) <= 255 and set(key) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:."
    )
    if good:
        assert check_key(key) == key
    else:
        with pytest.raises(InvalidRequestError):
            check_key(key)
