"""The accounting: after a history, every charge has one owner, and nothing went on for ever."""

from __future__ import annotations

import math

from heygen_async import ItemState, SubmissionUnknownError
from tests.torture.plans import HOUR, label

OWNING = (ItemState.SUBMITTED, ItemState.COMPLETED, ItemState.FAILED)
MAYBE = (ItemState.INTENT, ItemState.UNCERTAIN)
ON_ITS_WAY = 0.2
"""Seconds in which a POST that had its turn when its caller left may still arrive."""


def faults(history) -> list[tuple[str, str]]:
    """Return what is wrong with a history, each fault its sort and a sentence."""
    return [
        *history.faults,
        *_charged_twice(history),
        *_unowned(history),
        *_wrong_owner(history),
        *_after_leaving(history),
        *_new_key(history),
        *_needless_doubt(history),
    ]


def _charged_twice(history):
    for number in range(history.plan.specs):
        ids = [charge.id for charge in history.world.charges if charge.label == label(number)]
        if len(ids) > 1:
            yield "paid-twice", f"{label(number)} was charged as {', '.join(ids)}"


def _unowned(history):
    for charge in history.world.charges:
        if not _owned(history, charge, exactly=False):
            yield "lost", f"{charge.id} is paid, and nobody knows of it"
        elif charge.answered and _alive(history) and not _owned(history, charge, exactly=True):
            yield "answer-lost", f"{charge.id} was answered, and is in doubt all the same"


def _alive(history):
    return not history.died and not history.shut


def _owned(history, charge, *, exactly):
    """Tell whether somebody has the charge, or at least knows that there may be one."""
    if history.plan.mode == "ledger":
        row = history.rows.get(charge.label)
        if row is not None and row.state in OWNING:
            return _id(row.token) == charge.id
        return row is not None and row.state in MAYBE and not exactly
    return any(_owns(told, charge, history, exactly=exactly) for told in history.told)


def _owns(told, charge, history, *, exactly):
    if told.label != charge.label:
        return False
    if told.job is not None or exactly:
        return told.job == charge.id
    unknown = isinstance(told.error, SubmissionUnknownError) or told.how == "orphan"
    return unknown and (not history.world.kind.keyed or told.key == charge.key)


def _wrong_owner(history):
    """Yield what was taken for a spec's job and is none, or is another's."""
    labels = {charge.id: charge.label for charge in history.world.charges}
    claims = {(told.label, told.job) for told in history.told if told.job is not None}
    for key, row in history.rows.items():
        if row.token is not None:
            claims.add((key, _id(row.token)))
    for owner, job_id in sorted(claims):
        if labels.get(job_id) != owner:
            yield "wrong-owner", f"{owner} got {job_id!r}, which is {labels.get(job_id)!r}'s"


def _after_leaving(history):
    for leaving in history.leavings:
        for name in leaving.labels:
            posts = [post for post in history.world.posts if post.label == name]
            before = [post for post in posts if post.at <= leaving.at + ON_ITS_WAY]
            pending = before and not before[-1].met.startswith("429")
            if leaving.what == "stop" and pending:
                continue  # it is being submitted: its answer is worth another attempt
            late = [post for post in posts if post.at > leaving.at + ON_ITS_WAY]
            if late and _same_life(history, leaving, late[0]):
                after = late[0].at - leaving.at
                yield "goes-on", f"{name} was submitted {after:.1f} s after {leaving.what}"


def _same_life(history, leaving, post):
    return not any(leaving.at <= start <= post.at for start in history.starts)


def _new_key(history):
    """Yield the specs that went out with two keys in one call of the library."""
    for start, end in zip(history.starts, [*history.starts[1:], math.inf], strict=True):
        for number in range(history.plan.specs):
            name = label(number)
            posts = [post for post in history.world.posts if post.label == name]
            keys = {post.key for post in posts if start <= post.at < end}
            if len(keys) > 1:
                yield "new-key", f"{name} went out with {len(keys)} keys in one call"


def _needless_doubt(history):
    """Yield the rows that stay in doubt, though a clean run with a young key was there to ask.

    Without a key, that a call was never sent is known as well, unless the process died, or a
    shutdown cancelled all between the intent and its POST.
    """
    young = history.world.slept < HOUR
    sent = {post.label for post in history.world.posts}
    for key, row in history.rows.items():
        keyed = history.world.kind.keyed and young and not history.world.strangers
        if row.state in MAYBE and (keyed or (key not in sent and _alive(history))):
            yield "needless-doubt", f"{key} is {row.state} in the end"


def _id(token):
    return token.split("/", 2)[2] if token else None
