"""Rows of a table and items of a ledger: whose is whose, and what has changed."""

from __future__ import annotations

import hashlib

import attrs
import pytest

from heygen_async import InvalidRequestError, ItemState, Ledger, LedgerItem
from heygen_async.batch.files import spec_digest
from heygen_async.batch.manifest import TableRow
from heygen_async.batch.plan import changes, file_names, plan_rows, refuse_changes
from tests.conftest import image_video

SIGNED = "https://files.example/ada.png?Signature={}"


def rows_of(*specs, **more):
    return [TableRow(line=n, cells={}, spec=spec, **more) for n, spec in enumerate(specs, start=2)]


def signed(signature, **fields):
    return image_video(image=SIGNED.format(signature), **fields)


def item_of(row, state=ItemState.COMPLETED, **more):
    """Return the item of a planned row as a run has left it."""
    token = None if state in (ItemState.OPEN, ItemState.UNCERTAIN) else "heygen.video/1/x"
    given = {"token": token, "intended_at": 1.0, "kind": "heygen.video", **more}
    return LedgerItem(key=row.key, digest=row.digest, state=state, **given)


def test_a_ledger_of_before_is_recognised():
    """Its keys are spelled out here: a slug of the title, half of a digest, which of several."""
    spec = image_video(title="Über uns")
    text = (
        '{"ImageVideo": {"image": "https://example.com/ada.png", "script": "Hello!", '
        '"title": "Über uns", "voice_id": "v1"}}'
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    keys = [f"ber-uns-{digest[:16]}", f"ber-uns-{digest[:16]}-2"]
    items = [
        LedgerItem(key=key, digest=digest[:32], state=ItemState.COMPLETED, kind="heygen.video")
        for key in keys
    ]
    planned = plan_rows(rows_of(spec, spec, image_video()), items)
    assert [row.item for row in planned] == [*items, None]
    assert not any(row.changed for row in planned)


def test_a_ledger_of_before_knows_a_row_by_its_queries():
    """It goes by all that the row says, and is found by that first."""
    spec = signed(1, title="Ada")
    old = f"ada-{spec_digest(spec)[:16]}"
    (new,) = plan_rows(rows_of(spec), [])
    assert new.key != old
    item = LedgerItem(
        key=old, digest=spec_digest(spec), state=ItemState.COMPLETED, kind="heygen.video"
    )
    (row,) = plan_rows(rows_of(spec), [item])
    assert (row.key, row.item) == (old, item)


def test_a_url_that_is_signed_anew_is_the_same_row():
    """It has changed, and nothing is rendered until that is said to be meant."""
    (before,) = plan_rows(rows_of(signed(1)), [])
    items = [item_of(before)]
    (row,) = plan_rows(rows_of(signed(2)), items)
    assert row.changed
    with pytest.raises(InvalidRequestError, match=r"1 row has changed since .*\n  line 2: "):
        refuse_changes([row], "fail")
    for on_change in ("keep", "render"):
        refuse_changes([row], on_change)
    (kept,) = changes([row], items, "keep").put
    assert kept == attrs.evolve(items[0], digest=row.digest)
    (anew,) = changes([row], items, "render").put
    assert (anew.state, anew.digest, anew.token) == (ItemState.OPEN, row.digest, None)


def test_rows_that_differ_in_a_query_alone_keep_what_is_theirs():
    """In whatever order they stand, for the query may say which picture it is."""
    before = plan_rows(rows_of(*map(signed, (1, 2, 3))), [])
    assert len({row.key for row in before}) == 3
    items = [item_of(row) for row in before]
    after = plan_rows(rows_of(*map(signed, (3, 4, 1, 2))), items)
    assert [row.item for row in after] == [items[2], None, items[0], items[1]]
    after = plan_rows(rows_of(*map(signed, (3, 4, 1))), items)
    assert [row.changed for row in after] == [False, True, False]
    assert after[1].item == items[1]


def test_a_key_is_known_whatever_the_row_says():
    """A corrected script is a change of that row; one that was never sent just is as it is."""
    (before,) = plan_rows(rows_of(image_video(), key="ada"), [])
    (row,) = plan_rows(rows_of(image_video(script="Bye!"), key="ada"), [item_of(before)])
    assert (row.key, row.changed) == ("ada", True)
    (row,) = plan_rows(
        rows_of(image_video(script="Bye!"), key="ada"), [item_of(before, ItemState.OPEN)]
    )
    assert not row.changed


async def test_a_row_that_gets_a_key_is_not_paid_again(tmp_path):
    """It says what was rendered without one: that is told, and the item gets the key, or stays."""
    specs = [image_video(title="Ada"), image_video(title="Ada"), image_video(title="Tim")]
    items = [item_of(row) for row in plan_rows(rows_of(*specs), [])]
    keyed = [row for key, spec in zip("abc", specs, strict=True) for row in rows_of(spec, key=key)]
    plan = plan_rows(keyed, items[1:])
    assert [row.key for row in plan] == ["a", "b", "c"]
    assert [row.item for row in plan] == [items[1], None, items[2]]  # one item is one row's
    assert [row.item for row in plan_rows(keyed, items)] == items
    with pytest.raises(InvalidRequestError, match="2 rows have changed"):
        refuse_changes(plan, "fail")
    anew = changes(plan, items, "render")
    assert (anew.rename, {item.state for item in anew.put}) == ({}, {ItemState.OPEN})
    async with Ledger(tmp_path / "l") as ledger:
        await ledger.put(*items[1:])
        kept = changes(plan, items[1:], "keep")
        await ledger.rename(kept.rename)
        await ledger.put(*kept.put)
        await ledger.check()
        after = [item async for item in ledger.items()]
        assert (await ledger.get("c")).token == items[2].token
    assert [item.key for item in after] == ["a", "b", "c"]
    assert not any(row.changed for row in plan_rows(keyed, after))


@pytest.mark.parametrize(
    ("state", "token", "allowed"),
    [
        (ItemState.COMPLETED, "t", {"keep", "render"}),
        (ItemState.FAILED, "t", {"keep", "render"}),
        (ItemState.SUBMITTED, "t", {"keep"}),
        (ItemState.INTENT, None, set()),
        (ItemState.UNCERTAIN, None, set()),
    ],
)
def test_what_is_on_its_way_is_never_replaced(state, token, allowed):
    """What has a job can be waited for; of what may have one nobody can tell whose it is."""
    (before,) = plan_rows(rows_of(image_video(), key="ada"), [])
    items = [item_of(before, state, token=token)]
    plan = plan_rows(rows_of(image_video(script="Bye!"), key="ada"), items)
    for on_change in ("fail", "keep", "render"):
        if on_change in allowed:
            refuse_changes(plan, on_change)
        else:
            with pytest.raises(InvalidRequestError, match="line 2: ada"):
                refuse_changes(plan, on_change)
    with pytest.raises(InvalidRequestError, match="and 5 more"):
        rows = [attrs.evolve(plan[0], line=line) for line in range(25)]
        refuse_changes(rows, "fail")


async def test_the_ledger_has_each_row_and_no_other_that_was_never_sent(tmp_path):
    """What was sent, or may have been, stays whatever the table says."""
    async with Ledger(tmp_path / "l") as ledger:
        old = plan_rows(rows_of(*(image_video(title=str(n)) for n in range(3))), [])
        first = changes(old, [], "fail")
        assert [item.state for item in first.put] == [ItemState.OPEN] * 3
        assert first.forget == []
        await ledger.put(*first.put)
        await ledger.put(item_of(old[2], ItemState.OPEN))  # it was refused once
        items = [item async for item in ledger.items()]
        new = plan_rows(rows_of(image_video(title="0"), image_video(title="7")), items)
        then = changes(new, items, "fail")
        assert [item.key for item in then.put] == [new[1].key]
        assert then.forget == [old[1].key]
        await ledger.discard([row.key for row in old])
        assert [item.key async for item in ledger.items()] == [old[2].key]
        await ledger.check()


def test_names_of_files_have_all_letters_and_replace_none(tmp_path):
    """A title in any script; what is rendered again is another file."""
    rows = rows_of(image_video(title="Über uns"), image_video(title="مرحبا"), image_video())
    plan = plan_rows(rows, [])
    names = file_names(plan, tmp_path)
    tails = [row.key[-16:] for row in plan]
    assert [*names.values()] == [f"über-uns-{tails[0]}", f"مرحبا-{tails[1]}", tails[2]]
    for row in plan[:2]:
        (tmp_path / f"{names[row.key]}.mp4").write_bytes(b"paid")
    again = [attrs.evolve(plan[0], item=item_of(plan[0])), *plan[1:]]
    anew = file_names(again, tmp_path)
    assert anew[plan[0].key] == f"über-uns-{tails[0]}-{plan[0].digest[:8]}"
    assert anew[plan[1].key] == names[plan[1].key]  # of which nothing is known: it is refused
    (tmp_path / f"{plan[1].key}.mp4").write_bytes(b"paid")  # by an earlier version
    assert file_names(plan, tmp_path)[plan[1].key] == plan[1].key


def test_a_key_and_a_pattern_name_files(tmp_path):
    """A key as ``map`` does it, a pattern as it says."""
    rows = [*rows_of(image_video(), key="Ada"), *rows_of(image_video(), key="b", file_name="B: b")]
    names = file_names(plan_rows(rows, []), tmp_path / "new")
    assert names["Ada"].startswith("Ada-")
    assert names["b"] == "B-b"
