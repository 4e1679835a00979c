"""The board by itself: what a tab is told, and what not."""

from __future__ import annotations

import pytest

from tests.webapp import conftest  # noqa: F401 - it makes "studio" importable


@pytest.fixture
def board():
    from studio.board import Board, Card
    from studio.orders import Order

    board = Board()
    order = Order(id="a", portrait=None, script="Hello!", voice_id="v1", placed_at=0.0)
    board.show(Card(order))
    return board


def test_a_tab_is_told_of_changes_only(board):
    """The same word again is no news."""
    from studio.board import Stage

    with board.tab() as tab:
        for note in ("pending", "pending", "processing"):
            board.change("a", Stage.RENDERING, note)
        told = [tab.get_nowait().note for _ in range(tab.qsize())]
    assert told == ["", "pending", "processing"]


def test_what_has_ended_stays_as_it_is(board):
    """A late word on a job does not bring an ended order back."""
    from studio.board import Stage

    board.change("a", Stage.FAILED, "No face was found.")
    board.change("a", Stage.SAVING)
    assert board.cards["a"].stage is Stage.FAILED


def test_a_tab_that_has_closed_is_told_nothing_more(board):
    """Whoever has left costs nothing."""
    from studio.board import Stage

    with board.tab() as tab:
        pass
    board.change("a", Stage.RENDERING)
    board.close()
    assert tab.qsize() == 1
