"""What is to be done with an item of a ledger: decisions without I/O."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async import (
    AuthenticationError,
    BadRequestError,
    InsufficientCreditError,
    InvalidRequestError,
    ItemState,
    LedgerItem,
    RateLimitError,
    SubmissionUnknownError,
    TransportError,
)
from heygen_async.batch.items import KEY_LIFETIME, Step, next_step, only_match, state_after

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
    assert next_step(known, "d", NOW) is step


@given(age=st.floats(-1e7, 1e7))
def test_a_key_is_sent_again_only_while_the_vendor_surely_has_it(age):
    """Outside its window an intent is never re-sent, whatever the clocks say."""
    known = item(ItemState.INTENT, idempotency_key="k", intended_at=NOW - age)
    step = next_step(known, "d", NOW)
    assert step is (Step.RESEND if -300 <= age < KEY_LIFETIME else Step.SEARCH)
    assert KEY_LIFETIME < 24 * 3600


@pytest.mark.parametrize("state", sorted(set(ItemState) - {ItemState.OPEN}))
def test_a_key_is_not_given_to_another_spec(state):
    """The error names both digests."""
    with pytest.raises(InvalidRequestError, match=r"digest d, this one has other"):
        next_step(item(state, token=TOKEN), "other", NOW)


LOST = SubmissionUnknownError("lost")
LOST_WITH_KEY = SubmissionUnknownError("lost", idempotency_key="k")


@pytest.mark.parametrize(
    ("error", "step", "state"),
    [
        (LOST_WITH_KEY, Step.SUBMIT, ItemState.INTENT),
        (LOST_WITH_KEY, Step.RESEND, ItemState.INTENT),
        (LOST, Step.SUBMIT, ItemState.UNCERTAIN),
        (BadRequestError("no", status=400), Step.SUBMIT, ItemState.OPEN),
        (BadRequestError("no", status=400), Step.RESEND, ItemState.OPEN),
        (InsufficientCreditError("no", status=402), Step.RESEND, ItemState.OPEN),
        (AuthenticationError("no", status=401), Step.SUBMIT, ItemState.OPEN),
        (AuthenticationError("no", status=401), Step.RESEND, ItemState.INTENT),
        (RateLimitError("no", status=429), Step.SUBMIT, ItemState.OPEN),
        (RateLimitError("no", status=429), Step.RESEND, ItemState.INTENT),
        (TransportError("refused", maybe_sent=False), Step.SUBMIT, ItemState.OPEN),
        (TransportError("refused", maybe_sent=False), Step.RESEND, ItemState.INTENT),
    ],
)
def test_only_proof_makes_an_item_open_again(error, step, state):
    """A key that was sent before stays an intent until a refusal proves that nothing was done."""
    assert state_after(error, step) is state


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
