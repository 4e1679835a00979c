"""Where the examples keep tokens; in a program of yours it is a column of its orders."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Tokens:
    """Tokens of jobs by order, on the disk as soon as ``put`` returns; any thread may ask."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE IF NOT EXISTS tokens (name TEXT PRIMARY KEY, token)")

    def put(self, order: str, token: str) -> None:
        """Keep the token of an order."""
        self._db.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (order, token))

    def get(self, order: str) -> str | None:
        """Return the token of an order, if it has one."""
        row = self._db.execute("SELECT token FROM tokens WHERE name = ?", (order,)).fetchone()
        return row and row[0]

    def all(self) -> list[tuple[str, str]]:
        """Return every order with its token."""
        return self._db.execute("SELECT name, token FROM tokens").fetchall()

    def remove(self, order: str) -> None:
        """Forget an order that is seen to."""
        self._db.execute("DELETE FROM tokens WHERE name = ?", (order,))

    def close(self) -> None:
        """Close the table."""
        self._db.close()
