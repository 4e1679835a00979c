"""Answers of every shape: a value, or the error that says the most."""

from __future__ import annotations

import json
import math
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    HeyGenError,
    InsufficientCreditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from heygen_async.protocol.answers import retry_after
from heygen_async.protocol.heygen import videos

from .reading import ANYTHING, GET_VIDEO, LIST_VIDEOS, LIST_VOICES, NOW, STATUSES, UPLOAD, answer

CREATE = videos.VIDEO.create(videos.CinematicVideo(prompt="A walk", avatar_id="look"))
DELETE = videos.VIDEOS.delete("v1")
EVERY = [ANYTHING, GET_VIDEO, LIST_VIDEOS, LIST_VOICES, STATUSES, UPLOAD, CREATE, DELETE]
V3 = {
    "error": {
        "code": "invalid_parameter",
        "message": "Invalid pagination token",
        "param": "token",
        "doc_url": "https://developers.heygen.com/docs/error-codes#invalid-parameter",
    }
}

REFUSALS = [
    (400, BadRequestError),
    (401, AuthenticationError),
    (402, InsufficientCreditError),
    (403, PermissionDeniedError),
    (404, NotFoundError),
    (409, ConflictError),
    (413, BadRequestError),
    (415, BadRequestError),
    (422, BadRequestError),
    (429, RateLimitError),
    *((status, APIError) for status in (405, 406, 408, 410, 418, 423, 451, 499)),
    *((status, ServerError) for status in (500, 501, 502, 503, 504, 520, 529, 599)),
]


def refusal(payload: object, status: int = 400, **headers: str) -> APIError:
    """Return the error that the answer raises."""
    with pytest.raises(APIError) as caught:
        answer(GET_VIDEO, payload, status, {k.replace("_", "-"): v for k, v in headers.items()})
    return caught.value


@pytest.mark.parametrize(("status", "cls"), REFUSALS)
@pytest.mark.parametrize("payload", [V3, b"", b"<html>", {"data": {"id": "a"}}, [], None, "x"])
def test_the_status_decides_the_class(status, cls, payload):
    """Each status has its class, whatever the body says."""
    error = refusal(payload, status)
    assert type(error) is cls
    assert error.status == status


def test_a_v3_error_keeps_all_its_parts():
    """Code, message, param and doc_url arrive, beside method, path and request id."""
    error = refusal(V3, X_Request_Id="req-1")
    assert error.headers["x-request-id"] == "req-1"
    assert json.loads(error.body) == V3
    assert vars(error) | {"body": "", "_headers": ()} == {
        "body": "",
        "_headers": (),
        **V3["error"],
        "status": 400,
        "request_id": "req-1",
        "method": "GET",
        "path": "/v3/videos/v1",
        "retry_after": None,
        "known_refusal": True,
    }
    assert str(error) == (
        "GET /v3/videos/v1: 400 invalid_parameter: Invalid pagination token (param token) "
        "[request req-1]"
    )


@pytest.mark.parametrize(
    ("payload", "code", "message"),
    [
        ({"error": {"code": "not_found", "message": "No."}, "data": None}, "not_found", "No."),
        ({"error": "Something broke", "data": None}, None, "Something broke"),
        ({"error": "Something broke", "code": 400_123}, 400_123, "Something broke"),
        ({"code": 40009, "message": "Invalid credentials"}, 40009, "Invalid credentials"),
        (
            {"code": 400_543, "data": None, "msg": "Wrong type", "message": None},
            400_543,
            "Wrong type",
        ),
        ({"error": {"code": 40119, "detail": "Too long"}}, 40119, "Too long"),
        ({"error": {"code": "x", "message": None}}, "x", "the server gave no reason"),
        ({"error": {"code": None, "message": "m"}}, None, "m"),
        ({"error": {"code": ["x"], "message": "m"}}, None, "m"),
        ({"error": {}}, None, "the server gave no reason"),
        ({"error": None}, None, "the server gave no reason"),
        ({"error": ["x"], "message": "m"}, None, "m"),
        ({}, None, "the server gave no reason"),
        ([], None, "the server gave no reason"),
        ("text", None, "the server gave no reason"),
        (None, None, "the server gave no reason"),
        (b"", None, "the server gave no reason"),
        (b"<html><h1>502 Bad Gateway</h1></html>", None, "the server gave no reason"),
        (b"\xff\xfe\x00", None, "the server gave no reason"),
    ],
)
def test_older_shapes_are_understood(payload, code, message):
    """v2 objects, v2 strings, v1 numbers, HTML and nothing at all give code and message."""
    error = refusal(payload)
    assert (error.code, error.message) == (code, message)


def test_null_never_becomes_text():
    """A null in an error stays None, in the attributes and in ``str``."""
    nothing = {"code": None, "message": None, "param": None, "doc_url": None}
    error = refusal({"error": nothing})
    assert (error.code, error.param, error.doc_url, error.request_id) == (None, None, None, None)
    assert "None" not in str(error)


@pytest.mark.parametrize(
    ("payload", "code"), [(V3, "invalid_parameter"), ({"error": "Broke", "data": None}, None)]
)
def test_an_error_inside_a_200_is_an_error(payload, code):
    """A body that says error wins over a status that says fine."""
    error = refusal(payload, 200)
    assert type(error) is APIError
    assert (error.status, error.code) == (200, code)


@pytest.mark.parametrize("nothing", [None, {}, "", False])
def test_an_empty_error_is_none(nothing):
    """``"error": null`` beside data, as v2 writes it, is a good answer."""
    payload = {"error": nothing, "data": {"id": "v1", "status": "pending"}}
    assert answer(GET_VIDEO, payload).status == "pending"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_refused(status):
    """A redirect says where it leads, without the query, and which option to set."""
    error = refusal(b"", status, Location="https://elsewhere.example/v3?signature=SECRET")
    assert type(error) is APIError
    assert "redirects to https://elsewhere.example/v3" in str(error)
    assert "set base_url to the API's own address" in str(error)
    assert "SECRET" not in str(error)


def test_a_redirect_without_a_target_is_refused():
    """A redirect that does not say where to is no good answer either."""
    assert refusal({"data": {"id": "v1", "status": "completed"}}, 302).status == 302


def test_the_request_id_is_found_in_any_case():
    """``X-Request-Id`` is what support asks for, however it is written."""
    assert refusal(V3, **{"x-request-id": "req-1"}).request_id == "req-1"


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_retry_after_is_kept(status):
    """The server's wish stands in ``retry_after``, as a number of seconds."""
    assert refusal(V3, status, Retry_After="7").retry_after == 7.0
    date = "Tue, 14 Nov 2023 22:13:50 GMT"  # 30 s after NOW
    assert refusal(V3, status, Retry_After=date).retry_after == 30.0
    assert refusal(V3, status).retry_after is None
    assert NOW == 1_700_000_000


def test_every_refusal_is_ours():
    """All of them can be caught by the one base."""
    assert isinstance(refusal(V3), HeyGenError)


def test_a_redirect_to_a_malformed_address_is_refused():
    """A redirect to a malformed address is an error of this package."""
    with pytest.raises(HeyGenError):
        answer(LIST_VIDEOS, b"", 302, {"Location": "http://[::1"})


def test_a_location_does_not_hide_the_reason_of_a_refusal():
    """A refusal with a Location header keeps its reason."""
    with pytest.raises(APIError) as e:
        answer(
            LIST_VIDEOS, {"error": {"code": "c", "message": "Real reason"}}, 409, {"Location": "/x"}
        )
    assert "Real reason" in str(e.value)


def test_a_code_of_another_type_is_left_out():
    """An error code that is neither text nor number is left out."""
    with pytest.raises(APIError) as e:
        answer(LIST_VIDEOS, {"error": "x", "code": [1]}, 400)
    assert e.value.code is None


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b'{"data":', b"{} {}", b"[" * 100_000]
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_good_status_with_a_body_that_is_not_json_makes_no_sense(body, status):
    """HTML, nothing, half an answer or a bomb is a ``ResponseError`` with call and status."""
    with pytest.raises(ResponseError, match=f"GET /v3/videos/v1: {status} with a body") as caught:
        answer(GET_VIDEO, body, status)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("payload", [None, [], "x", 5, True, {}, {"data": None}, {"data": []}])
@pytest.mark.parametrize("request_", [GET_VIDEO, CREATE, UPLOAD])
def test_json_of_another_shape_makes_no_sense(request_, payload):
    """An answer without the object it should hold is a ``ResponseError``."""
    with pytest.raises(ResponseError, match="unexpected answer"):
        answer(request_, payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "error", "id", "status", "video_id", "code", "message"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Location", "X-Request-Id"]), st.text(max_size=12)
)


@given(
    st.sampled_from(EVERY),
    st.integers(100, 999),
    st.binary(max_size=40) | json_values | json_values.map(lambda value: {"data": value}),
    headers,
)
def test_any_answer_is_a_value_or_our_error(request_, status, payload, headers):
    """No bytes and no status make anything but a value or a ``HeyGenError``.

    A refusal that names the job of a paid call is that job, with a warning.
    """
    try:
        value = answer(request_, payload, status, headers)
    except HeyGenError as error:
        assert str(error)  # noqa: PT017 - any answer may be refused
    else:
        assert status < 300 or (request_.paid and value.named and value.warning)


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
