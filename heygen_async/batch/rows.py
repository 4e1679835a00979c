"""The rows of a ledger: what is asked of its database, each row with its checksum."""

from __future__ import annotations

import json
import operator
import sqlite3
import zlib
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.items import ItemState, LedgerItem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Owner = tuple[str, str, str]
    """The API, its origin, and the keyed hash of the account's API key."""

VERSION = 2
APPLICATION = 0x48654C67  # "HeLg": what tells a ledger from another program's SQLite file

_PAGE_SIZE = 500
_MOST_NAMED = 10
_COLUMNS = tuple(attribute.name for attribute in attrs.fields(LedgerItem))
_values = operator.attrgetter(*_COLUMNS)
_LABELS = _COLUMNS.index("labels")
_ALL = ", ".join(_COLUMNS)
_CHECKSUM = f"row_checksum({_ALL})"
_SELECT = f"SELECT {_ALL}, checksum FROM items"  # noqa: S608 - no input in it, nor below
_PUT = f"""
    INSERT INTO items ({_ALL}, checksum) VALUES ({", ".join("?" * (len(_COLUMNS) + 1))})
    ON CONFLICT (key) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS[1:], "checksum"))}
"""  # noqa: S608
_REOPENED = ", ".join({"state": "?1", "token": "NULL"}.get(name, name) for name in _COLUMNS)
_REOPEN = f"UPDATE items SET state = ?1, token = NULL, checksum = row_checksum({_REOPENED})"  # noqa: S608

_ITEMS = f"CREATE TABLE items ({_ALL}, checksum, PRIMARY KEY (key)) WITHOUT ROWID;"
# The totals tell of rows that are gone, or are what they once were; the triggers keep them in the
# transaction of each change. The salt keeps equal API keys of two ledgers from being recognised.
_REST = f"""
    CREATE TABLE totals (items, checksums);
    INSERT INTO totals SELECT count(*), ifnull(sum(checksum), 0) FROM items;
    CREATE TRIGGER item_made AFTER INSERT ON items BEGIN
        UPDATE totals SET items = items + 1, checksums = checksums + new.checksum; END;
    CREATE TRIGGER item_changed AFTER UPDATE ON items BEGIN
        UPDATE totals SET checksums = checksums + new.checksum - old.checksum; END;
    CREATE TRIGGER item_removed AFTER DELETE ON items BEGIN
        UPDATE totals SET items = items - 1, checksums = checksums - old.checksum; END;
    CREATE TABLE owner (salt, api, origin, account, checksum);
    INSERT INTO owner (salt) VALUES (lower(hex(randomblob(16))));
    UPDATE owner SET checksum = row_checksum(salt, api, origin, account);
    PRAGMA application_id = {APPLICATION};
    PRAGMA user_version = {VERSION};
"""  # noqa: S608
CREATE = f"BEGIN; {_ITEMS} {_REST} COMMIT;"
MIGRATE = f"""
    BEGIN; ALTER TABLE items ADD COLUMN checksum; UPDATE items SET checksum = {_CHECKSUM};
    {_REST} COMMIT;
"""  # noqa: S608
READ_VERSION_1 = f"""
    CREATE TEMP VIEW items AS SELECT {_ALL}, {_CHECKSUM} AS checksum FROM main.items;
    CREATE TEMP VIEW totals AS
        SELECT count(*) AS items, ifnull(sum(checksum), 0) AS checksums FROM items;
    CREATE TEMP TABLE owner (salt, api, origin, account, checksum);
    INSERT INTO owner (salt) VALUES ('');
    UPDATE owner SET checksum = row_checksum(salt, api, origin, account);
"""  # noqa: S608
"""Lets a file that may not be changed look like one of this version."""


class DamagedError(sqlite3.DatabaseError):
    """What the checksums tell of and SQLite does not see; the store says of which file."""


def set_up(connection: sqlite3.Connection) -> None:
    """Teach a connection the checksum, and to read text that is none any more."""
    connection.create_function("row_checksum", -1, _checksum, deterministic=True)
    connection.text_factory = lambda raw: raw.decode(errors="backslashreplace")


def get(connection: sqlite3.Connection, key: str) -> LedgerItem | None:
    """Return the item of ``key``."""
    row = connection.execute(f"{_SELECT} WHERE key = ?", (_text(key),)).fetchone()
    return None if row is None else _item(row)


def put(connection: sqlite3.Connection, item: LedgerItem) -> None:
    """Write the item in the place of what its key has."""
    fields = list(_values(item))
    fields[_LABELS] = json.dumps(item.labels)
    try:
        connection.execute(_PUT, (*fields, _checksum(*fields)))
    except UnicodeEncodeError:  # half a surrogate pair, as in a vendor's message
        fields = [_text(field) if isinstance(field, str) else field for field in fields]
        connection.execute(_PUT, (*fields, _checksum(*fields)))


def page(connection: sqlite3.Connection, after: str) -> list[LedgerItem]:
    """Return the next items by key."""
    query = f"{_SELECT} WHERE key > ? ORDER BY key LIMIT {_PAGE_SIZE}"
    return [_item(row) for row in connection.execute(query, (after,))]


def counts(connection: sqlite3.Connection) -> dict[ItemState, int]:
    """Return how many items there are in each state."""
    rows = connection.execute("SELECT state, count(*) FROM items GROUP BY state")
    try:
        return {ItemState(state): number for state, number in rows}
    except ValueError as error:
        raise DamagedError(f"items are damaged; put back a copy of the ledger ({error})") from None


def reopen(connection: sqlite3.Connection, states: Sequence[ItemState]) -> int:
    """Let the items in ``states`` be submitted anew; return how many they are."""
    marks = ", ".join("?" * len(states))
    change = f"{_REOPEN} WHERE state IN ({marks})"
    return connection.execute(change, (ItemState.OPEN, *states)).rowcount


def totals(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return how many items there are to be, and the sum of their checksums: one row."""
    return connection.execute("SELECT items, checksums FROM totals").fetchall()


def salt(connection: sqlite3.Connection) -> str:
    """Return what the API keys of this ledger are hashed with."""
    return str(connection.execute("SELECT salt FROM owner").fetchone()[0])


def claim(connection: sqlite3.Connection, owner: Owner, *, adopt: bool) -> Owner:
    """Return whose ledger it is, which is ``owner`` if it was nobody's, or is adopted."""
    known: Owner = connection.execute("SELECT api, origin, account FROM owner").fetchone()
    if known == owner or (known[0] is not None and not adopt):
        return known
    connection.execute("UPDATE owner SET api = ?, origin = ?, account = ?", owner)
    connection.execute("UPDATE owner SET checksum = row_checksum(salt, api, origin, account)")
    return owner


def check(connection: sqlite3.Connection, seen: Callable[[str], object] | None = None) -> None:
    """Compare all with the checksums; ``seen`` is told each key. Raises ``DamagedError``."""
    number, total, damaged = 0, 0, []
    with connection:  # one state of the file, whatever its owner writes meanwhile
        connection.execute("BEGIN")
        for row in connection.execute(_SELECT):
            checksum = _checksum(*row[:-1])
            number, total = number + 1, total + checksum
            if checksum != row[-1]:
                damaged.append(repr(row[0]))
            elif seen is not None:
                seen(row[0])
        written = totals(connection)
        owners = connection.execute("SELECT * FROM owner").fetchall()
    trouble = []
    if damaged:
        more = f" and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
        trouble.append(f"items {', '.join(damaged[:_MOST_NAMED])}{more} are not as written")
    if [items for items, _ in written] != [number]:
        told = written[0][0] if written else "their number"
        trouble.append(f"{number} items are there where {told} were written")
    elif not damaged and written[0][1] != total:
        trouble.append("its items are not those that were written last")
    if len(owners) != 1 or _checksum(*owners[0][:-1]) != owners[0][-1]:
        trouble.append("whose it is cannot be read")
    if trouble:
        raise DamagedError(f"it is damaged, {'; '.join(trouble)}. Put back a copy of it")


def _checksum(*values: Any) -> int:
    return zlib.crc32(json.dumps(values, default=repr).encode())


def _text(value: str) -> str:
    return value.encode(errors="backslashreplace").decode()


def _item(row: Sequence[Any]) -> LedgerItem:
    *values, checksum = row
    fields = dict(zip(_COLUMNS, values, strict=True))
    try:
        state, labels = ItemState(fields.pop("state")), tuple(json.loads(fields.pop("labels")))
    except (TypeError, ValueError):
        checksum = None
    if _checksum(*values) != checksum:
        raise DamagedError(f"item {row[0]!r} is damaged; put back a copy of the ledger")
    return LedgerItem(state=state, labels=labels, **fields)
