"""Deliveries are checked: the signature and its age; and nothing in them can do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from heygen_async.errors import WebhookError
from heygen_async.models.webhooks import VideoEvent, WebhookEvent
from heygen_async.protocol.deliveries import fold, receive
from heygen_async.protocol.heygen.webhooks import SOURCE as HEYGEN_SOURCE
from heygen_async.protocol.jogg.webhooks import SOURCE as JOGG_SOURCE
from tests.webhooks.deliveries import JOGG_VIDEO, NOW, SECRET, VIDEO, encode, hexdigest, signed

HEYGEN, JOGG = HEYGEN_SOURCE, JOGG_SOURCE
BODY = encode(VIDEO)
JOGG_BODY = encode(JOGG_VIDEO)


def take(body=BODY, headers=None, *, source=HEYGEN, secrets=(SECRET,), now=NOW, **options):
    """Receive a delivery; without headers, one as HeyGen signs it."""
    headers = signed(body) if headers is None else headers
    return receive(source, body, fold(headers), [s.encode() for s in secrets], now=now, **options)


def refusal(*args, **options):
    """Return the error with which a delivery is refused."""
    with pytest.raises(WebhookError) as caught:
        take(*args, **options)
    return caught.value


def pairs(headers):
    """Return headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


@pytest.mark.parametrize(
    "shape",
    [
        dict,
        CIMultiDict,
        pairs,
        lambda headers: iter(headers.items()),
        lambda headers: {name.upper(): value for name, value in headers.items()},
        lambda headers: {name.lower(): value for name, value in headers.items()},
    ],
)
def test_headers_of_any_framework_will_do(shape):
    """Mappings, pairs, text, bytes, whatever the case of the names."""
    event = take(BODY, shape(signed(BODY)))
    assert isinstance(event, VideoEvent)
    assert event.signed


@pytest.mark.parametrize("name", ["Heygen-Signature", "Signature", "signature"])
def test_both_names_of_the_signature_are_read(name):
    """The documented header and the one seen in the field both count, without a timestamp too."""
    assert take(BODY, {name: hexdigest(BODY)}).signed


def test_the_signature_of_jogg_is_read():
    """JoggAI signs the raw body, under a name of its own."""
    event = take(JOGG_BODY, {"X-Webhook-Signature": hexdigest(JOGG_BODY)}, source=JOGG)
    assert event.signed


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        ({}, HEYGEN),
        ({"X-HeyGen-Signature": hexdigest(BODY)}, HEYGEN),
        ({"X-Webhook-Signature": hexdigest(BODY)}, HEYGEN),
        ({"Signature": hexdigest(BODY)}, JOGG),
        ({"Signature": ""}, HEYGEN),
        ({"Signature": hexdigest(BODY, "whsec_other")}, HEYGEN),
        ({"Signature": "sha256=" + hexdigest(BODY)}, HEYGEN),
        ({"Signature": hexdigest(BODY).upper()}, HEYGEN),
        ({"Signature": "é" * 64}, HEYGEN),
        ({"Signature": "\udc80" * 64}, HEYGEN),
        ([(b"signature", b"\xff" * 64)], HEYGEN),
    ],
)
def test_a_wrong_or_missing_signature_is_refused(headers, source):
    """401, whatever stands where the signature should."""
    assert refusal(BODY, headers, source=source).status == 401


def test_one_of_several_secrets_is_enough():
    """While secrets are rotated, both are good; one that is gone is not."""
    for secret in ("whsec_first", "whsec_second"):
        headers = signed(BODY, secret)
        assert take(BODY, headers, secrets=("whsec_first", "whsec_second")).signed
    assert refusal(BODY, signed(BODY, "whsec_first"), secrets=("whsec_second",)).status == 401
    assert refusal(BODY, secrets=()).status == 401


@pytest.mark.parametrize("off", [-300, -299, 0, 299, 300])
def test_a_timestamp_within_five_minutes_is_good(off):
    """The window has both directions and includes its edges."""
    assert take(BODY, signed(BODY, at=NOW + off)).signed


@pytest.mark.parametrize("off", [-86400, -301, 301, 86400, 10**30])
def test_a_stale_timestamp_is_refused(off):
    """401 for what is too old, or from the future, though the signature is right."""
    assert refusal(BODY, signed(BODY, at=int(NOW) + off)).status == 401


@pytest.mark.parametrize("stamp", ["", "soon", "1.5", "2026-03-25T12:05:00Z", "9" * 5000])
def test_a_timestamp_that_is_none_is_malformed(stamp):
    """400: such a header is no header of HeyGen's."""
    headers = signed(BODY) | {"Heygen-Timestamp": stamp}
    assert refusal(BODY, headers).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'"text"',
        encode({"event_type": 5}),
        encode({"event_type": ["avatar_video.success"]}),
        encode({"event_type": "new.thing", "event_id": 5}),
        encode({"event_type": "new.thing", "event_data": "text"}),
        encode({"event_type": "new.thing", "event_id": ["e"]}),
    ],
)
def test_what_cannot_be_read_is_refused(body):
    """400 for what is signed and makes no sense."""
    assert refusal(body).status == 400


def test_a_refusal_tells_nothing_of_the_body():
    """The text of an error may be logged anywhere."""
    for body in (b"SECRET", encode({"event_type": ["SECRET"]}), encode(["SECRET"])):
        error = refusal(body)
        assert "SECRET" not in str(error)
        assert error.__suppress_context__ or error.__context__ is None
    assert "SECRET" not in str(refusal(b"SECRET", {}))


def test_unsigned_deliveries_have_to_be_allowed():
    """Then they pass, marked as unsigned; a wrong signature never does."""
    assert refusal(BODY, {}).status == 401
    assert refusal(BODY, {}, secrets=()).status == 401
    event = take(BODY, {}, allow_unsigned=True)
    assert event.signed is False
    assert refusal(BODY, {"Signature": "0" * 64}, allow_unsigned=True).status == 401
    claims = encode(VIDEO | {"signed": True, "event_data": {"video_id": "v", "signed": True}})
    assert take(claims, {}, allow_unsigned=True).signed is False


names = st.sampled_from(
    ["Heygen-Signature", "signature", "HEYGEN-TIMESTAMP", "heygen-event-id", "X-Webhook-Signature"]
)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(list(VIDEO)), inner)
    ),
    max_leaves=10,
)
bodies = st.binary() | json_like.map(encode)
text_headers = st.dictionaries(names | st.text(), st.text())
byte_headers = st.lists(st.tuples(st.binary() | names.map(str.encode), st.binary()))


@given(bodies, text_headers | byte_headers, st.booleans(), st.sampled_from([HEYGEN, JOGG]))
def test_any_delivery_is_an_event_or_a_refusal(body, headers, allow_unsigned, source):
    """No bytes and no headers bring out another exception."""
    try:
        event = take(body, headers, source=source, allow_unsigned=allow_unsigned)
    except WebhookError as refused:
        event = refused
    if isinstance(event, WebhookEvent):
        assert event.signed is False
    else:
        assert event.status in (400, 401)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: json_like | st.sampled_from([*VIDEO.values(), *JOGG_VIDEO.values()])
            for name in (*VIDEO, *VIDEO["event_data"], *JOGG_VIDEO, *JOGG_VIDEO["data"], "error")
        },
    ),
    st.sampled_from([HEYGEN, JOGG]),
)
def test_any_signed_body_is_an_event_or_malformed(payload, source):
    """Known fields with values of any type decode, or are refused with 400."""
    body = encode(payload)
    try:
        event = take(body, {source.signatures[-1].decode(): hexdigest(body)}, source=source)
    except WebhookError as refused:
        event = refused
    if isinstance(event, WebhookEvent):
        assert event.signed
        assert "None" not in (event.event_type, event.event_id)
    else:
        assert event.status == 400


@given(st.binary(max_size=200), st.data())
def test_a_flipped_bit_is_refused(body, data):
    """One bit of the body, or of the signature, and it is another's."""
    signature = hexdigest(body).encode()
    whole = bytearray(body + signature)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    body, signature = bytes(whole[:-64]), bytes(whole[-64:])
    assert refusal(body, [(b"signature", signature)], allow_unsigned=True).status == 401


def test_an_odd_field_of_an_event_is_kept_raw():
    """A delivery with one field of a wrong type still speaks of its job."""
    fields = {"video_id": "v", "url": {"odd": 1}}
    event = take(encode({"event_type": "avatar_video.fail", "event_data": fields}))
    assert (event.job[1], event.url, event.extra) == ("v", None, {"url": {"odd": 1}})
