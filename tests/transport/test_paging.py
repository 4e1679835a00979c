"""Lists that page by themselves: which page is asked for when, and where a list ends."""

from __future__ import annotations

import pytest

from heygen_async import ResponseError
from heygen_async.protocol.operations import Page
from heygen_async.transport.paging import pages


class Server:
    """Gives its pages in turn, and writes down the tokens that it was asked with."""

    def __init__(self, *pages):
        self.pages = pages
        self.asked = []

    async def fetch(self, token):
        items, next_token = self.pages[len(self.asked)]
        self.asked.append(token)
        return Page(items=items, next_token=next_token)


class Item:
    def __init__(self, **fields):
        vars(self).update(fields)


async def test_a_page_is_fetched_when_the_one_before_is_used_up():
    """Not earlier: who stops early has asked for no more than he has seen."""
    server = Server(((1, 2), "b"), ((3,), None))
    listed = pages(server.fetch)
    assert server.asked == []
    assert [await anext(listed), await anext(listed)] == [1, 2]
    assert server.asked == [None]
    assert [item async for item in listed] == [3]
    assert server.asked == [None, "b"]


async def test_an_empty_page_is_not_the_end():
    """A filter may leave a page without items; only the token ends a list."""
    server = Server(((), "b"), ((), "c"), ((1,), None))
    assert [item async for item in pages(server.fetch)] == [1]


async def test_a_token_that_was_given_before_is_an_error():
    """The list would go round for ever."""
    server = Server(((1,), "b"), ((2,), "c"), ((3,), "b"))
    with pytest.raises(ResponseError, match="came back"):
        [item async for item in pages(server.fetch)]
    assert server.asked == [None, "b", "c"]


@pytest.mark.parametrize("name", ["id", "voice_id"])
async def test_the_same_page_again_is_the_end(name):
    """A server that ignores page numbers gives it for ever; an item is known by its id."""
    same = [
        (tuple(Item(**{name: f"i{n}"}, seen=turn) for n in range(3)), str(turn))
        for turn in range(9)
    ]
    server = Server(*same)
    assert len([item async for item in pages(server.fetch)]) == 3
    assert server.asked == [None, "0"]
