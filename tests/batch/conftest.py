"""What tests of the ledger see of SQLite: its connections, without reaching into the ledger."""

from __future__ import annotations

import sqlite3

import pytest


@pytest.fixture
def database(monkeypatch):
    """Let databases be opened as what counts their transactions, and can be short of room.

    The class has the settings at the first transaction, how many were begun, and in ``room`` how
    many pages a database may have from the next one on.
    """

    class Database(sqlite3.Connection):
        room = 1_000_000
        begun = 0
        settings = ()

        def execute(self, sql, *given):
            if sql == "BEGIN IMMEDIATE":
                super().execute(f"PRAGMA max_page_count = {Database.room}")
                Database.begun += 1
                names = ("journal_mode", "synchronous")
                rows = [super(Database, self).execute(f"PRAGMA {n}").fetchone() for n in names]
                Database.settings = tuple(value for (value,) in rows)
            return super().execute(sql, *given)

    connect = sqlite3.connect

    def opened(*given, **options):
        return connect(*given, factory=Database, **options)

    monkeypatch.setattr(sqlite3, "connect", opened)
    return Database
