"""The tables of a ledger's file, how a file of an older version becomes one of this, and its rows.

Each row of items has a checksum over its columns. Each version has added columns at the end, so
what an older version has summed up is the first of them.
"""

from __future__ import annotations

import json
import operator
import zlib
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.batch.item import ItemState, LedgerItem
from heygen_async.batch.sqlite_errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = 4
APPLICATION = 0x48654C67  # "HeLg": what tells a ledger from another program's SQLite file

_ADDED = {  # by version: the columns that it added, with what items of before have in them
    3: {"result": "NULL", "attempts": "0"},
    4: {"request": "NULL", "machine": "NULL"},
}
# A file has one owner, so nothing in it is claimed, and there is no number of claims.
COLUMNS = tuple(each.name for each in attrs.fields(LedgerItem) if each.name != "version")
_JSON = ("labels", "result", "request")
_JSON_AT = [COLUMNS.index(name) for name in _JSON]
_values = operator.attrgetter(*COLUMNS)

ALL = ", ".join(COLUMNS)
_CHECKSUM = f"row_checksum({ALL})"
SELECT = f"SELECT {ALL}, checksum FROM items"  # noqa: S608 - no input in it, nor below
CHUNKS = (32, 4, 1)
"""How many rows one statement writes: each call of SQLite gives up the GIL, and may wait for it."""

_ROW = f"({', '.join('?' * (len(COLUMNS) + 1))})"
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[1:], "checksum"))
PUT = {
    size: f"INSERT INTO items ({ALL}, checksum) VALUES {', '.join([_ROW] * size)} "  # noqa: S608
    f"ON CONFLICT (key) DO UPDATE SET {_REPLACED}"
    for size in CHUNKS
}
_REOPENED = ", ".join({"state": "?", "token": "NULL"}.get(name, name) for name in COLUMNS)
REOPEN = f"UPDATE items SET state = ?, token = NULL, checksum = row_checksum({_REOPENED})"  # noqa: S608
_RENAMED = ", ".join({"key": "?"}.get(name, name) for name in COLUMNS)
RENAME = f"UPDATE items SET key = ?, checksum = row_checksum({_RENAMED}) WHERE key = ?"  # noqa: S608


def _after_slash(text: str) -> str:
    return f"substr({text}, instr({text}, '/') + 1)"


# What makes it possible to find a lost submission among a million items: an index for each label
# of those that have no job, which are few, and one for the job ids that end the tokens.
_LOST = "token IS NULL AND json_valid(labels)"
_RELATED = {  # by its name: which rows are in an index, and by what
    "item_label": (_LOST, "json_extract(labels, '$[0]')"),
    "item_other_label": (_LOST, "json_extract(labels, '$[1]')"),
    "item_job": ("token IS NOT NULL", _after_slash(_after_slash("token"))),
}
_INDICES = "".join(
    f"CREATE INDEX {name} ON items ({by}) WHERE {rows};" for name, (rows, by) in _RELATED.items()
)
BY_LABEL, BY_OTHER_LABEL, BY_JOB = (
    f"{SELECT} WHERE {rows} AND {by} IN (SELECT value FROM json_each(?))"  # noqa: S608
    for rows, by in _RELATED.values()
)

_ITEMS = f"CREATE TABLE items ({ALL}, checksum, PRIMARY KEY (key)) WITHOUT ROWID;"
# The totals show when rows are gone, or are what they once were; the triggers keep them in the
# transaction of each change. The salt keeps equal API keys of two ledgers from being recognised.
_TOTALS = """
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
"""
_EVENTS = """
    CREATE TABLE events (mark PRIMARY KEY, seen_at) WITHOUT ROWID;
    CREATE INDEX event_age ON events (seen_at);
"""


def to_version(old: int) -> str:
    """Return what makes a file of an ``old`` version, 0 for none, one of this version."""
    if old == 0:
        items = f"{_ITEMS} {_TOTALS}"
    else:
        added = _added_since(old).items()
        items = "".join(f"ALTER TABLE items ADD COLUMN {name} DEFAULT {of};" for name, of in added)
        if old == 1:
            items += "ALTER TABLE items ADD COLUMN checksum;"
        items += f"UPDATE items SET checksum = {_renewed(old)};"  # noqa: S608 - no input in it
        if old == 1:
            items += _TOTALS
    mark = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
    return f"BEGIN; {items} {_INDICES} {_EVENTS} {mark} COMMIT;"


def as_this_version(old: int) -> str:
    """Return what lets a file of an ``old`` version look like one of this, without a change."""
    added = ", ".join(f"{of} AS {name}" for name, of in _added_since(old).items())
    views = f"""
        CREATE TEMP VIEW old AS SELECT *, {added} FROM main.items;
        CREATE TEMP VIEW items AS SELECT {ALL}, {_renewed(old)} AS checksum FROM old;
    """  # noqa: S608 - no input in it
    if old == 1:
        return f"""{views}
            CREATE TEMP VIEW totals AS
                SELECT count(*) AS items, ifnull(sum(checksum), 0) AS checksums FROM items;
            CREATE TEMP TABLE owner (salt, api, origin, account, checksum);
            INSERT INTO owner (salt) VALUES ('');
            UPDATE owner SET checksum = row_checksum(salt, api, origin, account);
        """  # noqa: S608
    return f"""{views}
        CREATE TEMP VIEW totals AS SELECT items, checksums
            + (SELECT ifnull(sum(checksum), 0) FROM temp.items)
            - (SELECT ifnull(sum(checksum), 0) FROM main.items) AS checksums FROM main.totals;
    """  # noqa: S608


def _added_since(old: int) -> dict[str, str]:
    """Return the columns that an ``old`` version does not have, with what is in them."""
    newer = [columns for version, columns in _ADDED.items() if version > old]
    return {name: of for columns in newer for name, of in columns.items()}


def _renewed(old: int) -> str:
    """Return the checksum of a row whose ``old`` version is whole: version 1 had none."""
    if old == 1:
        return _CHECKSUM
    new = _added_since(old)
    known = ", ".join(name for name in COLUMNS if name not in new)
    # What was damaged before it is migrated is so afterwards: no row has a negative checksum.
    return f"CASE checksum WHEN row_checksum({known}) THEN {_CHECKSUM} ELSE -1 END"


to_json = json.JSONEncoder(default=repr).encode  # json.dumps would make one at each call


def checksum(*values: Any) -> int:
    """Return the checksum of a row: SQLite has it as ``row_checksum``."""
    return zlib.crc32(to_json(values).encode())


def escaped(value: Any) -> Any:
    """Return text as it can be stored: half a surrogate pair is written out."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def to_row(item: LedgerItem) -> list[Any]:
    """Return an item as ``PUT`` takes it."""
    fields = list(_values(item))
    for place in _JSON_AT:
        if fields[place] is not None:
            fields[place] = to_json(fields[place])
    return [*fields, checksum(*fields)]


def escaped_row(row: Sequence[Any]) -> list[Any]:
    """Return a row with text in it that cannot be stored as it is."""
    fields = [*map(escaped, row[:-1])]
    return [*fields, checksum(*fields)]


def to_item(row: Sequence[Any]) -> LedgerItem:
    """Return the item of a row that ``SELECT`` gives; raises ``DamagedError``."""
    *values, written = row
    fields = dict(zip(COLUMNS, values, strict=True))
    try:
        state = ItemState(fields.pop("state"))
        labels, *others = (value and json.loads(value) for value in map(fields.pop, _JSON))
        labels = tuple(labels)
    except (TypeError, ValueError):
        written = None
    if checksum(*values) != written:
        raise DamagedError(f"item {row[0]!r} is damaged; put back a copy of the ledger")
    result, request = others
    return LedgerItem(state=state, labels=labels, result=result, request=request, **fields)
