"""Specs from a table: each row is checked as far as it can be before anything is sent."""

from __future__ import annotations

import difflib
import functools
import json
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from heygen_async.batch.tables import Cell, Problems, Row, decode_json, read_rows
from heygen_async.errors import InvalidRequestError
from heygen_async.models._checks import is_http_url
from heygen_async.models.jobs import Spec
from heygen_async.models.media import AssetId
from heygen_async.models.speech import ElevenLabsSettings, FishSettings, StarfishSettings
from heygen_async.models.videos import AvatarScene, ImageScene, VideoScene
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from heygen_async.transport.uploads import inspect_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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


def read_manifest(path: str | Path, spec: type[S]) -> tuple[S, ...]:
    """Return the specs in a table, one for each row, in its order.

    The table is UTF-8: a ``.csv`` with a header, a ``.jsonl`` or ``.ndjson`` with an object on
    each line, or a ``.json`` with an array of objects. Columns and keys are the fields of
    ``spec``; an empty cell and ``null`` mean that the field is left out.

    - A CSV cell is read by the type of its field: ``true``, ``yes`` and ``1`` are True,
      numbers are numbers, several words have commas between them, and what else has parts is JSON,
      as it would be in a JSON file.
    - Media are a URL, ``asset:<id>``, or a local file, seen from the table's own folder.
    - A scene says what it is in ``type`` (``avatar_video``, ``image`` or ``video``), and
      ``engine_settings`` in ``engine_type`` (``elevenlabs``, ``fish`` or ``starfish``).

    Nothing is sent, but local files are looked at, so it blocks. If anything is wrong, one
    ``InvalidRequestError`` tells all of it, each problem with its line and column.
    """
    path = Path(path)
    problems = Problems(path.name)
    reader = _Reader(path.parent, _sizes(spec), problems)
    specs = [reader.read(row, spec) for row in read_rows(path, problems)]
    problems.raise_if_any()
    return tuple(each for each in specs if each is not None)


def read_fields(
    given: Mapping[str, Any], spec: type[S], *, name: str = "options", folder: Path | None = None
) -> S:
    """Return the spec of one row's cells, whose files are seen from ``folder``.

    That is by default the folder of this process; ``name`` is what the fields come from.
    """
    problems = Problems(name)
    row = Row(line=0, names_line=0, cells=given)
    made = _Reader(folder or Path(), _sizes(spec), problems).read(row, spec)
    problems.raise_if_any()
    assert made is not None  # noqa: S101 - else there is a problem
    return made


def _sizes(spec: type[Spec[Any]]) -> Mapping[str, int]:
    """Return the limits of the files that go with ``spec``, or raise ``InvalidRequestError``."""
    vendor = JOGG if spec in JOGG.specs else HEYGEN
    vendor.kind_for(spec)
    return vendor.uploads.sizes


class _Reader:
    """Turns rows into specs; what is wrong with them goes to ``problems``."""

    def __init__(self, folder: Path, sizes: Mapping[str, int], problems: Problems) -> None:
        self._folder = folder
        self._sizes = sizes
        self._problems = problems
        self._line = 0
        self._unknown: set[str] = set()
        self._files: dict[object, str | None] = {}

    def read(self, row: Row, spec: type[S]) -> S | None:
        """Return the spec in a row, or None if there is a problem with it."""
        self._line = row.names_line
        self._check_names(row.cells, spec, "")
        self._line = row.line
        try:
            return self._build(spec, row.cells, "")
        except RecursionError:
            self._say("too many levels", "")
            return None

    def _build(self, cls: type[T], given: Mapping[str, Any], where: str) -> T | None:
        """Return a ``cls`` of the given fields, or None and tell all that is wrong with them."""
        before = len(self._problems)
        values = self._values(cls, given, where)
        refusal = ""
        if len(self._problems) == before:
            try:
                return cls(**values)
            except ValueError as error:
                refusal = str(error)
        for attribute in attrs.fields(cls):  # type: ignore[arg-type]
            if attribute.name in values:
                self._check(cls, attribute, values[attribute.name], where)
        if len(self._problems) == before:  # each field is fine, together they are not
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
            before = len(self._problems)
            value = self._value(value, hints[name], attribute.metadata, column)
            if len(self._problems) == before:
                values[name] = value
        return values

    def _value(self, value: Any, hint: Any, metadata: Mapping[str, Any], where: str) -> Any:
        """Return what a cell or a JSON value stands for; scalars are left to the model's checks."""
        options = options_of(hint)
        try:
            if isinstance(value, Cell):
                value = cell_value(str(value), options)
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
            return value
        cls = classes[0]
        if len(classes) > 1:
            tag = TAGS[cls][0]
            by_word = {TAGS[each][1]: each for each in classes}
            word = value.get(tag)
            if not isinstance(word, str) or word not in by_word:
                raise InvalidRequestError(f"{tag} must be one of {', '.join(map(repr, by_word))}")
            cls = by_word[word]
            value = {name: item for name, item in value.items() if name != tag}
        self._check_names(value, cls, where)
        return self._build(cls, value, where)

    def _medium(self, value: Any, metadata: Mapping[str, Any]) -> str | Path | AssetId:
        if not isinstance(value, str) or not value.strip():
            raise InvalidRequestError("must be a URL, asset:<id>, or the name of a file")
        if is_http_url(value):
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
            inspect_file(file, metadata, self._sizes)
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
        names_of = sorted(attrs.fields(cls), key=lambda each: each.name == "extra_body")
        known = [attribute.name for attribute in names_of]
        for name in names:
            column = _join(where, name or repr(name))
            if name not in known and column not in self._unknown:
                self._unknown.add(column)
                close = difflib.get_close_matches(name.lower(), known, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
                self._say(f"{cls.__name__} has no such field; {hint}", column)

    def _say(self, problem: str, column: str) -> None:
        self._problems.add(_CLASS_NAME.sub("", problem), line=self._line, column=column)


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
