"""Specs from a table: each row is checked as far as it can be before anything is sent."""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from heygen_async.batch.columns import Columns, field_names, no_field, odd
from heygen_async.batch.patterns import Pattern, direct_form, is_odd, parse_pattern
from heygen_async.batch.rows import Cell, Reading, Row
from heygen_async.batch.tables import decode_json, read_rows
from heygen_async.errors import InvalidRequestError
from heygen_async.models._checks import is_http_url
from heygen_async.models.jobs import Spec
from heygen_async.models.media import AssetId
from heygen_async.models.speech import ElevenLabsSettings, FishSettings, StarfishSettings
from heygen_async.models.videos import AvatarScene, ImageScene, VideoScene
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from heygen_async.transport.pictures import check_installed
from heygen_async.transport.uploads import inspect_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

logger = logging.getLogger("heygen_async.batch")

S = TypeVar("S", bound=Spec[Any])
T = TypeVar("T")


TAGS: Mapping[type, tuple[str, str]] = {
    AvatarScene: ("type", "avatar_video"),
    ImageScene: ("type", "image"),
    VideoScene: ("type", "video"),
    ElevenLabsSettings: ("engine_type", "elevenlabs"),
    FishSettings: ("engine_type", "fish"),
    StarfishSettings: ("engine_type", "starfish"),
}
"""The key, and its word, by which an object says which of several classes it is."""

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_CLASS_NAME = re.compile(r"^[A-Z]\w*: ")


@attrs.frozen(kw_only=True)
class TableRow(Generic[S]):
    """A row of a table; there is no ``spec`` if there are ``problems`` with it.

    ``cells`` are as the table has them, ``key`` and ``file_name`` what the row is called by.
    """

    line: int
    cells: Mapping[str, Any]
    spec: S | None
    key: str | None = None
    file_name: str | None = None
    problems: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Table(Generic[S]):
    """The rows of a table, the good ones and the bad ones, and what was assumed to read them."""

    rows: tuple[TableRow[S], ...]
    reading: Reading

    def raise_if_bad(self) -> None:
        """Raise ``InvalidRequestError`` with the problems of all rows, if there are any."""
        self.reading.raise_if_any(problem for row in self.rows for problem in row.problems)


def read_manifest(
    path: str | Path,
    spec: type[S],
    *,
    set: Mapping[str, str] | None = None,  # noqa: A002 - as --set
    sheet: str | None = None,
    strict: bool = False,
    allow_odd: bool = False,
    prepare: bool = False,
) -> tuple[S, ...]:
    """Return the specs in a table, one for each row, in its order.

    The table is a ``.csv`` (UTF-8, or UTF-16 with a mark, else Windows-1252; with ``,``, ``;``,
    tabs or ``|`` between cells) or an ``.xlsx`` with a header, whose first sheet is read or the
    one that ``sheet`` names; a ``.jsonl`` or ``.ndjson`` with an object on each line; or a
    ``.json`` with an array of objects. Columns and keys are the fields of ``spec``, also as
    ``Voice ID``, and those of their parts, as ``voice_settings.speed``; an empty cell and
    ``null`` mean that the field is left out.

    - A cell is read by the type of its field: ``true``, ``yes`` and ``1`` are True, numbers are
      numbers, with a decimal point, several words have commas between them, and what else has
      parts is JSON, as it would be in a JSON file.
    - Media are a URL, ``asset:<id>``, or a local file, seen from the table's own folder. With
      ``prepare``, pictures are fine that only a client with ``prepare=True`` can send.
    - A scene says what it is in ``type`` (``avatar_video``, ``image`` or ``video``), and
      ``engine_settings`` in ``engine_type`` (``elevenlabs``, ``fish`` or ``starfish``).
    - ``set`` makes fields from columns: ``{"script": "Hello {first_name}!", "voice_id": "v1"}``.
    - What is neither a field nor used is left out, and logged, or refused if it is ``strict`` or
      looks like a field. What spreadsheets and programs leave by mistake, as ``#REF!``,
      ``{{name}}`` and ``nan``, is refused unless it is said to be meant by ``allow_odd``.

    Nothing is sent, but local files are looked at, so it blocks. If anything is wrong, one
    ``InvalidRequestError`` tells all of it, each problem with its line and column.
    """
    table = read_table(
        path, spec, set=set, sheet=sheet, strict=strict, allow_odd=allow_odd, prepare=prepare
    )
    table.raise_if_bad()
    for note in table.reading.notes:
        logger.warning("%s", note)
    return tuple(row.spec for row in table.rows if row.spec is not None)


def read_table(
    path: str | Path,
    spec: type[S],
    *,
    set: Mapping[str, str] | None = None,  # noqa: A002 - as --set
    key: str | None = None,
    file_name: str | None = None,
    sheet: str | None = None,
    strict: bool = False,
    allow_odd: bool = False,
    prepare: bool = False,
) -> Table[S]:
    """Return all rows of a table, also those with problems, as ``read_manifest`` reads them.

    ``key`` is the column that names the rows, ``file_name`` a pattern as in ``set``. Raises
    ``InvalidRequestError`` for what is wrong with more than single rows, with all problems.
    """
    path = Path(path)
    sizes = _sizes(spec)
    reading = Reading(path.name)
    columns = Columns(
        reading,
        spec,
        {name: parse_pattern(text) for name, text in (set or {}).items()},
        key=None if key is None else Pattern((("", key.strip()),)),
        file_name=None if file_name is None else parse_pattern(file_name),
        strict=strict,
        allow_odd=allow_odd,
    )
    reader = _Reader(path.parent, sizes, reading, allow_odd=allow_odd, prepare=prepare)
    rows: list[TableRow[S]] = []
    for row in read_rows(path, reading, sheet=sheet):
        columns.check(row)
        start = len(reading)  # from here on what is wrong is so with this row alone
        for problem in row.problems:
            reading.problem(problem, line=row.line)
        given = columns.sort(row)
        made = None
        if given.fields is not None:
            made = reader.read(attrs.evolve(row, cells=given.fields), spec)
        problems = reading.take(start)
        rows.append(
            TableRow(
                line=row.line,
                cells=row.cells,
                spec=None if problems else made,
                key=given.key,
                file_name=given.file_name,
                problems=problems,
            )
        )
    table = Table(rows=tuple(rows), reading=reading)
    if len(reading):
        table.raise_if_bad()
    columns.note_unused()
    return table


def read_fields(
    given: Mapping[str, Any],
    spec: type[S],
    *,
    name: str = "options",
    folder: Path | None = None,
    prepare: bool = False,
) -> S:
    """Return the spec of one row's cells, whose files are seen from ``folder``.

    That is by default the folder of this process; ``name`` is what the fields come from.
    """
    reading = Reading(name)
    row = Row(line=0, names_line=0, cells=given)
    place, sizes = folder or Path(), _sizes(spec)
    made = _Reader(place, sizes, reading, allow_odd=True, prepare=prepare).read(row, spec)
    reading.raise_if_any()
    assert made is not None  # noqa: S101 - else there is a problem
    return made


def _sizes(spec: type[Spec[Any]]) -> Mapping[str, int]:
    """Return the limits of the files that go with ``spec``, or raise ``InvalidRequestError``."""
    vendor = JOGG if spec in JOGG.specs else HEYGEN
    vendor.kind_for(spec)
    return vendor.uploads.sizes


class _Reader:
    """Turns rows into specs; what is wrong with them goes to ``reading``."""

    def __init__(
        self,
        folder: Path,
        sizes: Mapping[str, int],
        reading: Reading,
        *,
        allow_odd: bool,
        prepare: bool,
    ) -> None:
        if prepare:
            check_installed()
        self._folder = folder
        self._sizes = sizes
        self._reading = reading
        self._allow_odd = allow_odd
        self._prepare = prepare
        self._line = 0
        self._files: dict[object, str | None] = {}

    def read(self, row: Row, spec: type[S]) -> S | None:
        """Return the spec in a row, or None if there is a problem with it."""
        self._line = row.line
        self._check_names(row.cells, spec, "")
        try:
            return self._build(spec, row.cells, "")
        except RecursionError:
            self._say("too many levels", "")
            return None

    def _build(self, cls: type[T], given: Mapping[str, Any], where: str) -> T | None:
        """Return a ``cls`` of the given fields, or None and tell all that is wrong with them."""
        before = len(self._reading)
        values = self._values(cls, given, where)
        refusal = ""
        if len(self._reading) == before:
            try:
                return cls(**values)
            except ValueError as error:
                refusal = str(error)
        for attribute in attrs.fields(cls):  # type: ignore[arg-type]
            if attribute.name in values:
                self._check(cls, attribute, values[attribute.name], where)
        if len(self._reading) == before:  # each field is fine, together they are not
            self._say(refusal, where)
        return None

    def _values(self, cls: type, given: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return the values of the fields that are given, without those that cannot be read."""
        values = {}
        hints = _hints(cls)
        for attribute in attrs.fields(cls):
            name, value = attribute.name, given.get(attribute.name)
            column = _join(where, name)
            if value is None or (isinstance(value, Cell) and not value.strip()):
                if attribute.default is attrs.NOTHING:
                    self._say("is missing", column)
                continue
            before = len(self._reading)
            value = self._value(value, hints[name], attribute.metadata, column)
            if len(self._reading) == before:
                values[name] = value
        return values

    def _value(self, value: Any, hint: Any, metadata: Mapping[str, Any], where: str) -> Any:
        """Return what a cell or a JSON value stands for; scalars are left to the model's checks."""
        options = options_of(hint)
        try:
            if isinstance(value, Cell):
                # Blanks around a script or a title are part of it, as ever: else a row that was
                # paid would be another one now.
                free = hint in (str, str | None) and "media" not in metadata
                text = str(value) if free and not where.endswith("id") else value.strip()
                value = cell_value(text, options)
            self._refuse_odd(value)
            items = [get_args(option)[0] for option in options if get_origin(option) is tuple]
            if items and isinstance(value, list):
                return tuple(
                    self._value(item, items[0], metadata, f"{where}[{index}]")
                    for index, item in enumerate(value)
                )
            if "media" in metadata and not items:
                return self._medium(value, metadata)
            # Where text will do, as for an id, it has to be text.
            if isinstance(value, dict) and str not in options:
                return self._nested(value, [each for each in options if attrs.has(each)], where)
        except ValueError as error:
            self._say(str(error), where)
        return value

    def _nested(self, value: dict[str, Any], classes: Sequence[type], where: str) -> Any:
        if not classes:
            for item in value.values():
                self._refuse_odd(item)
            return {name: str(v) if isinstance(v, Cell) else v for name, v in value.items()}
        cls = classes[0]
        if len(classes) > 1:
            tag = TAGS[cls][0]
            by_word = {TAGS[each][1]: each for each in classes}
            word = value.get(tag)
            word = word.strip() if isinstance(word, Cell) else word
            if not isinstance(word, str) or word not in by_word:
                raise InvalidRequestError(f"{tag} must be one of {', '.join(map(repr, by_word))}")
            cls = by_word[word]
            value = {name: item for name, item in value.items() if name != tag}
        self._check_names(value, cls, where)
        return self._build(cls, value, where)

    def _refuse_odd(self, value: Any) -> None:
        if isinstance(value, str) and not self._allow_odd and is_odd(value):
            raise InvalidRequestError(odd(value))

    def _medium(self, value: Any, metadata: Mapping[str, Any]) -> str | Path | AssetId:
        if not isinstance(value, str) or not value.strip():
            raise InvalidRequestError("must be a URL, asset:<id>, or the name of a file")
        if is_http_url(value):
            if direct := direct_form(value):
                self._reading.note(
                    f"a link to share a file in line {self._line} leads to a page about it, for "
                    f"which nobody can render; the file itself is {direct}"
                )
            return value
        if "://" in value:
            raise InvalidRequestError(f"{value!r} is no http(s) URL with a host")
        if value.startswith("asset:"):
            return AssetId(value.removeprefix("asset:"))
        file = (self._folder / value).absolute()
        key = (file, frozenset(metadata.items()))
        if key not in self._files:
            self._files[key] = self._inspect(file, metadata)
        problem = self._files[key]
        if problem is not None:
            raise InvalidRequestError(problem)
        return file

    def _inspect(self, file: Path, metadata: Mapping[str, Any]) -> str | None:
        try:
            inspect_file(file, metadata, self._sizes, prepare=self._prepare)
        except ValueError as error:  # also of a name that no file can have
            return str(error)
        return None

    def _check(self, cls: type, attribute: attrs.Attribute[Any], value: Any, where: str) -> None:
        """Run the converter and the validator of one field, as its class would."""
        convert: Any = attribute.converter
        try:
            if convert is not None:
                value = convert(value)
            if attribute.validator is not None:
                attribute.validator(object.__new__(cls), attribute, value)
        except ValueError as error:
            self._say(str(error), _join(where, attribute.name))

    def _check_names(self, names: Iterable[str], cls: type, where: str) -> None:
        known = field_names(cls)
        for name in names:
            if name not in known:
                self._say(no_field(name, cls), _join(where, name or repr(name)))

    def _say(self, problem: str, column: str) -> None:
        self._reading.problem(_CLASS_NAME.sub("", problem), line=self._line, column=column)


def cell_value(text: str, options: Sequence[Any]) -> Any:
    """Return the JSON value that a cell stands for in a field that takes ``options``."""
    if str in options:
        return text
    text = text.strip()
    if bool in options:
        if text.lower() not in _WORDS:
            raise InvalidRequestError(f"must be true or false, not {text!r}")
        return _WORDS[text.lower()]
    for kind, name in ((int, "a whole number"), (float, "a number")):
        if kind in options:
            try:
                return kind(text)
            except ValueError:
                raise InvalidRequestError(f"must be {name}, not {text!r}") from None
    if not text.startswith(("{", "[")):
        if tuple[str, ...] in options:  # some names have commas in brackets
            return [word.strip() for word in re.split(r",(?![^()]*\))", text)]
        return text  # some models take a bare name, the others refuse it
    try:
        return decode_json(text)
    except json.JSONDecodeError as error:
        problem = f"broken JSON at character {error.pos + 1}: {error.msg}"
        raise InvalidRequestError(problem) from None


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def options_of(hint: Any) -> list[Any]:
    """Return the types that a hint allows beside None; for a ``Literal``, those of its values."""
    if get_origin(hint) in (Union, UnionType):
        return [option for part in get_args(hint) for option in options_of(part)]
    if get_origin(hint) is Literal:
        return [type(value) for value in get_args(hint)]
    return [] if hint is NoneType else [hint]


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
