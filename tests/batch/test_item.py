"""What is to be done with an item of a ledger: decisions without I/O."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import (
    BadRequestError,
    InvalidRequestError,
    ItemState,
    LedgerItem,
    RateLimitError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.batch.item import Step, next_step, only_match, state_after
from heygen_async.protocol.idempotency import KEY_LIFETIME

NOW = 1_800_000_000.0
TOKEN = "heygen.video/1799999000/v1"


def item(state, **fields):
    values = {"key": "a", "digest": "d", "kind": "heygen.video", "intended_at": NOW - 60}
    return LedgerItem(state=state, **(values | fields))


@pytest.mark.parametrize(
    ("known", "step"),
    [
        (None, Step.SUBMIT),
        (item(ItemState.OPEN), Step.SUBMIT),
        (item(ItemState.OPEN, digest="another"), Step.SUBMIT),
        (item(ItemState.INTENT, idempotency_key="k"), Step.RESEND),
        (item(ItemState.INTENT, idempotency_key="k", intended_at=NOW - 23 * 3600), Step.RESEND),
        (item(ItemState.INTENT, idempotency_key="k", intended_at=NOW - 24 * 3600), Step.SEARCH),
        (item(ItemState.INTENT, idempotency_key="k", intended_at=NOW + 3600), Step.SEARCH),
        (item(ItemState.INTENT), Step.SEARCH),
        (item(ItemState.UNCERTAIN, idempotency_key="k"), Step.SEARCH),
        (item(ItemState.SUBMITTED, token=TOKEN), Step.ATTACH),
        (item(ItemState.COMPLETED, token=TOKEN), Step.ATTACH),
        (item(ItemState.FAILED, token=TOKEN), Step.ATTACH),
    ],
)
def test_an_item_goes_on_where_it_was(known, step):
    """New and open ones are submitted, intents re-sent or searched for, jobs attached."""
    assert next_step(known, "d", NOW, path="/v3/videos") is step


@given(age=st.floats(-1e7, 1e7))
def test_a_key_is_sent_again_only_while_the_vendor_surely_has_it(age):
    """Outside its window an intent is never re-sent, whatever the clocks say."""
    known = item(ItemState.INTENT, idempotency_key="k", intended_at=NOW - age)
    step = next_step(known, "d", NOW, path="/v3/videos")
    assert step is (Step.RESEND if -300 <= age < KEY_LIFETIME else Step.SEARCH)
    assert KEY_LIFETIME < 24 * 3600


@given(age=st.floats(-1e7, 1e7))
def test_the_key_of_a_workflow_run_does_not_expire(age):
    """The vendor keeps it with the run, so it is sent again after any time."""
    known = item(ItemState.INTENT, idempotency_key="k", intended_at=NOW - age)
    assert next_step(known, "d", NOW, path="/v3/workflow-runs") is Step.RESEND


@pytest.mark.parametrize("state", sorted(set(ItemState) - {ItemState.OPEN}))
def test_a_key_is_not_given_to_another_spec(state):
    """The error names both digests."""
    with pytest.raises(InvalidRequestError, match=r"digest d, this one has other"):
        next_step(item(state, token=TOKEN), "other", NOW, path="/v3/videos")


LOST = SubmissionUnknownError("lost")
LOST_WITH_KEY = SubmissionUnknownError("lost", idempotency_key="k")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (LOST_WITH_KEY, ItemState.INTENT),
        (LOST, ItemState.UNCERTAIN),
        (BadRequestError("no", status=400), ItemState.OPEN),
        (RateLimitError("no", status=429), ItemState.OPEN),
        (TransportError("refused", maybe_sent=False), ItemState.OPEN),
    ],
)
def test_an_item_whose_submission_is_unknown_is_not_open(error, state):
    """What may have been paid is found out by its key, or asked of the user."""
    assert state_after(error) is state


@attrs.frozen
class Found:
    id: str


LOST_ITEM = item(ItemState.INTENT, labels=("Ada",))


@pytest.mark.parametrize(
    ("found", "others", "match"),
    [
        (["v9"], [], "v9"),
        ([], [], None),
        (["v8", "v9"], [], None),
        (["v1", "v9"], [item(ItemState.SUBMITTED, token=TOKEN)], "v9"),
        (["v1"], [item(ItemState.COMPLETED, token=TOKEN)], None),
        (["v9"], [item(ItemState.INTENT, labels=("Ada", "x"))], None),
        (["v9"], [item(ItemState.UNCERTAIN, labels=("Ada",))], None),
        (["v9"], [item(ItemState.OPEN, labels=("Ada",))], "v9"),
        (["v9"], [item(ItemState.INTENT, labels=("Bob",))], "v9"),
    ],
)
def test_a_job_is_matched_only_if_it_can_be_no_other(found, others, match):
    """One unclaimed job of the label, and nobody else who may have made it."""
    job = only_match([Found(name) for name in found], LOST_ITEM, others)
    assert (job and job.id) == match
