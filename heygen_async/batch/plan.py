"""Which row of a table is which item of a ledger, and which rows are not what they were."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from heygen_async.batch.files import has_file, safe_name, spec_digests, stem_of
from heygen_async.batch.item import ItemState, LedgerItem
from heygen_async.batch.rows import printable
from heygen_async.errors import InvalidRequestError
from heygen_async.models.jobs import Spec
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from heygen_async.batch.manifest import TableRow

OnChange: TypeAlias = Literal["fail", "keep", "render"]
"""What becomes of a row that is not what it was when it was rendered."""

MOST_TOLD = 20


@attrs.frozen(kw_only=True)
class PlannedRow:
    """A row of a table, and what the ledger has of it."""

    line: int
    spec: Spec[Any]
    key: str
    digest: str
    file_name: str | None
    item: LedgerItem | None

    @property
    def begun(self) -> bool:
        """Whether it was submitted ever, or may have been."""
        item = self.item
        return item is not None and (
            item.state is not ItemState.OPEN or item.intended_at is not None
        )

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to be done for it."""
        return self.item is not None and self.item.ended

    @property
    def changed(self) -> bool:
        """Whether the item is that of another spec or key, so that nothing is submitted for it."""
        item = self.item
        mine = item is None or (item.key == self.key and item.digest == self.digest)
        return not mine and item is not None and item.state is not ItemState.OPEN


def plan_rows(rows: Sequence[TableRow[Any]], items: Iterable[LedgerItem]) -> list[PlannedRow]:
    """Return the rows that have a spec, with the items that are theirs.

    A row without a key is known by what it says, and by which of several alike it is. The queries
    of URLs do not count, for they may be signed anew at each export: a row of another has changed.
    A row with no item under its key has that of another key which says the same, so that it is not
    paid again when tables get other keys.
    """
    known = {item.key: item for item in items}
    good = [(row, row.spec) for row in rows if row.spec is not None]
    digests = [spec_digests(spec) for _, spec in good]
    keys = _keys(
        [(_slug(spec), *both) for (_, spec), both in zip(good, digests, strict=True)], known
    )
    called = [row.key or own for (row, _), own in zip(good, keys, strict=True)]
    others = _others(known, called)
    planned = []
    for (row, spec), (digest, _), own, key in zip(good, digests, keys, called, strict=True):
        item, name = known.get(key), row.file_name
        if item is None and others[digest]:
            item = others[digest].pop()
        if name is None and row.key is None:
            letters = safe_name(_title(spec).lower()).replace(".", "-")[:40].strip("-")
            name = "-".join(filter(None, (letters, own.removeprefix(_slug(spec)).strip("-"))))
        planned.append(
            PlannedRow(
                line=row.line,
                spec=spec,
                key=key,
                digest=digest,
                file_name=name,
                item=item,
            )
        )
    return planned


def refuse_changes(rows: Sequence[PlannedRow], on_change: OnChange) -> None:
    """Raise ``InvalidRequestError`` for changed rows with which nothing is to be done.

    One that is on its way is never replaced: it would be paid twice.
    """
    changed = [row for row in rows if row.changed]
    stuck = [row for row in changed if _stuck(row, on_change)]
    if stuck:
        raise InvalidRequestError(
            f"{_count(stuck)} changed while they were on their way, and nothing is rendered in "
            f"their place: run them as they were until they have ended, or those that have a job "
            f"with --on-change keep{_lines(stuck)}"
        )
    if changed and on_change == "fail":
        raise InvalidRequestError(
            f"{_count(changed)} changed since they were submitted, in their text, their key or the "
            "query of a URL, so nothing was sent. With --on-change keep what was rendered stands "
            "for them, with --on-change render they are rendered, and paid, again"
            f"{_lines(changed)}"
        )


@attrs.frozen(kw_only=True)
class Changes:
    """What to change in a ledger: keys that get another name, keys to forget, items to write."""

    rename: Mapping[str, str]
    forget: Sequence[str]
    put: Sequence[LedgerItem]


def changes(
    rows: Sequence[PlannedRow], items: Iterable[LedgerItem], on_change: OnChange
) -> Changes:
    """Return what to change before a run.

    All rows have an item then, and no item that was never sent is without a row.
    """
    put, rename = [], {}
    for row in rows:
        if row.item is None or (row.changed and on_change == "render" and row.item.key != row.key):
            vendor = JOGG if type(row.spec) in JOGG.specs else HEYGEN
            kind = vendor.kind_for(type(row.spec)).name
            new = LedgerItem(key=row.key, digest=row.digest, state=ItemState.OPEN, kind=kind)
            put.append(new)
        elif row.changed and on_change == "render":
            anew = attrs.evolve(row.item, state=ItemState.OPEN, token=None, attempts=0)
            put.append(attrs.evolve(anew, digest=row.digest))
        elif row.changed:
            put.append(attrs.evolve(row.item, digest=row.digest, key=row.key))
            if row.item.key != row.key:
                rename[row.item.key] = row.key
    mine = {row.key for row in rows}
    never_sent = (item for item in items if item.state is ItemState.OPEN and not item.intended_at)
    forget = [item.key for item in never_sent if item.key not in mine]
    return Changes(rename=rename, forget=forget, put=put)


def file_names(rows: Iterable[PlannedRow], folder: Path) -> dict[str, str]:
    """Return what the file of each row is called, by its key.

    What is rendered again gets another name, for the file of before is not replaced.
    """
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    names = {}
    for row in rows:
        name = stem_of(row.key) if row.file_name is None else safe_name(row.file_name)
        if row.begun and has_file(name, there):
            name = f"{name}-{row.digest[:8]}"
        elif has_file(row.key, there):  # as an earlier version has called it: it is refused
            name = row.key
        names[row.key] = name
    return names


def _keys(said: Sequence[tuple[str, str, str]], known: Mapping[str, LedgerItem]) -> list[str]:
    """Return keys of slugs and of digests, with and without queries.

    Of rows that differ in the query alone each gets the item that is its own, if there is one.
    """
    keys = _numbered((slug, digest) for slug, digest, _ in said)
    alike = defaultdict(list)
    for index, (slug, digest, plain) in enumerate(said):
        if plain != digest and keys[index] not in known:  # a ledger of before knows all it says
            alike[slug, plain].append(index)
    for head, indices in alike.items():
        free = _numbered([head] * len(indices))
        others = []
        for index in indices:
            same = (k for k in free if k in known and known[k].digest == said[index][1])
            if key := next(same, None):
                keys[index] = key
                free.remove(key)
            else:
                others.append(index)
        for index, key in zip(others, free, strict=True):
            keys[index] = key
    return keys


def _others(
    known: Mapping[str, LedgerItem], keys: Iterable[str]
) -> defaultdict[str, list[LedgerItem]]:
    """Return the items of other keys that were sent, by what they say."""
    others = defaultdict(list)
    for key in sorted(known.keys() - {*keys}, reverse=True):
        if known[key].state is not ItemState.OPEN:
            others[known[key].digest].append(known[key])
    return others


def _numbered(heads: Iterable[tuple[str, str]]) -> list[str]:
    """Return a key of each slug and digest; of one that was there before, with its number."""
    seen = Counter[str]()
    keys = []
    for slug, digest in heads:
        seen[digest] += 1
        number = str(seen[digest]) if seen[digest] > 1 else ""
        keys.append("-".join(filter(None, (slug, digest[:16], number))))
    return keys


def _title(spec: Spec[Any]) -> str:
    return getattr(spec, "title", None) or getattr(spec, "name", None) or ""


def _slug(spec: Spec[Any]) -> str:
    return re.sub(r"\W+", "-", _title(spec).lower(), flags=re.ASCII).strip("-")[:40]


def _stuck(row: PlannedRow, on_change: OnChange) -> bool:
    """Whether nobody knows what the item becomes, or it is to be replaced while it is rendered."""
    item = row.item
    return item is not None and not item.ended and (item.token is None or on_change == "render")


def _count(rows: Sequence[PlannedRow]) -> str:
    return f"{len(rows)} rows have" if len(rows) > 1 else "1 row has"


def _lines(rows: Sequence[PlannedRow]) -> str:
    told = [f"\n  line {row.line}: {printable(row.key)}" for row in rows[:MOST_TOLD]]
    more = [f"\n  and {len(rows) - MOST_TOLD} more"] if len(rows) > MOST_TOLD else []
    return "".join(told + more)
