"""The tree of errors is as drawn, complete, and its members survive copying and pickling."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

import heygen_async
from heygen_async import (
    APIError,
    DownloadError,
    HeyGenError,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    LedgerError,
    RateLimitError,
    ResponseError,
    SubmissionUnknownError,
    TransportError,
    WebhookError,
    errors,
)

DRAWN = re.compile(r"^    ([│├└── ]*)(\w+Error)\b *(.*)$", re.MULTILINE)


def drawn_tree() -> dict[str, tuple[str | None, str]]:
    """Return each class in the docstring with its parent there and its remark."""
    tree: dict[str, tuple[str | None, str]] = {}
    trail: list[str] = []
    for indent, name, remark in DRAWN.findall(errors.__doc__):
        depth = len(indent) // 4
        tree[name] = (trail[depth - 1] if depth else None, remark)
        trail[depth:] = [name]
    return tree


TREE = drawn_tree()


def test_the_drawing_is_complete():
    """Docstring, module, ``__all__`` and the package's face have the same classes."""
    real = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, BaseException)
    }
    assert TREE.keys() == real == set(errors.__all__)
    assert real <= set(heygen_async.__all__)
    assert len(real) == 21


@pytest.mark.parametrize("name", TREE)
def test_each_class_stands_where_it_is_drawn(name):
    """Its base is the one above it, and the second bases that the remark names."""
    cls = getattr(errors, name)
    parent, remark = TREE[name]
    also = re.findall(r"\(also (\w+)\)", remark)
    bases = [parent or "Exception", *also]
    assert [base.__name__ for base in cls.__bases__] == bases
    assert cls.__doc__
    assert getattr(heygen_async, name) is cls


def api_errors() -> list[APIError]:
    found = []
    for cls in [APIError, *APIError.__subclasses__()]:
        error = cls(
            "Slow down.",
            status=429,
            code="rate_limit_exceeded",
            param="limit",
            doc_url="https://developers.heygen.com/docs/error-codes",
            request_id="req-1",
            method="GET",
            path="/v3/videos",
        )
        error.retry_after = 7.0
        error.job = "a job"
        found.append(error)
    return found


def with_job(error: HeyGenError) -> HeyGenError:
    error.job = "a job"
    return error


EXAMPLES = [
    HeyGenError("m"),
    InvalidRequestError("m"),
    *api_errors(),
    APIError("m", status=400),
    TransportError("m", maybe_sent=False),
    with_job(TransportError("m")),
    with_job(ResponseError("m")),
    SubmissionUnknownError("m", spec="a spec", idempotency_key="key-1"),
    DownloadError("m"),
    LedgerError("m"),
    WebhookError("m", status=401),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
)
def test_a_copy_is_the_same_error(error, clone):
    """Copies and pickles keep type, text and attributes."""
    other = clone(error)
    assert other is not error
    assert type(other) is type(error)
    assert (str(other), vars(other), other.job) == (str(error), vars(error), error.job)


def test_a_copy_is_an_error_of_its_own():
    """What is noted on one copy is not on the other."""
    error = RateLimitError("m", status=429)
    other = copy.copy(error)
    other.job = "a job"
    assert error.job is None


class FakeJob:
    token = "heygen.video/1732806631/v1"


def test_a_failed_job_is_told_with_its_reason():
    """Token, message and code stand in the text; what is missing is said to be."""
    job = FakeJob()
    error = JobFailedError(job, code="rendering_failed", message="No face.")
    assert str(error) == f"{job.token} failed: No face. (rendering_failed)"
    assert (error.job, error.code, error.message) == (job, "rendering_failed", "No face.")
    assert "None" not in str(JobFailedError(job, code=None, message=None))


def test_a_timeout_says_how_to_go_on():
    """It is a ``TimeoutError`` too, and names the token to attach to."""
    error = JobTimeoutError(FakeJob(), 2.5)
    assert isinstance(error, TimeoutError)
    assert isinstance(error.job, FakeJob)
    assert "did not end within 2.5 s" in str(error)
    assert "attach('heygen.video/1732806631/v1')" in str(error)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "400: m"),
        ({"code": "x"}, "400 x: m"),
        ({"code": 0}, "400 0: m"),
        ({"method": "GET", "path": "/v3"}, "GET /v3: 400: m"),
        ({"param": "p", "request_id": "r"}, "400: m (param p) [request r]"),
    ],
)
def test_an_api_error_says_what_is_known_and_no_more(given, text):
    """Parts that are not known leave no trace in the text."""
    assert str(APIError("m", status=400, **given)) == text


@pytest.mark.parametrize(
    "e",
    [JobFailedError(FakeJob(), code="c", message="m"), JobTimeoutError(FakeJob(), 5.0)],
    ids=["failed", "timeout"],
)
@pytest.mark.parametrize(
    "clone", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))], ids=["copy", "pickle"]
)
def test_errors_that_carry_a_job_can_be_copied(e, clone):
    """Errors that carry a job can be copied and pickled."""
    assert str(clone(e)) == str(e)
