"""The vendors' OpenAPI documents: they find an operation, check a request, complete an answer.

A document says most of what a vendor takes; ``page_facts.json`` has what only the pages say
(bounds of lists, patterns of URLs and colours, newer words), each with its page. Both are data:
nothing here knows an endpoint.
"""

from __future__ import annotations

import functools
import json
import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib import resources
from typing import Any
from urllib.parse import unquote

import attrs

from heygen_async.emulator._errors import invalid

Json = Mapping[str, Any]
"""A JSON object, as received."""

Reference = tuple[str, Any, str]
"""Something that a request points at: what it has to be (``asset image``), its id, and where."""

Check = Callable[[Any, str, list[Reference]], None]
"""Raises the 400 that names the parameter (``scenes[2].source``) unless a value is as it should.

What a good value points at is added to the list.
"""

Complete = Callable[[Any], Any]
"""Returns a value with the fields that its schema has, and no others."""

URL = r"^https?://\S+$"
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,18})?")
INTEGER = re.compile("[0-9]{1,9}")
"""An integer in a query: none of the vendors' numbers is longer."""


@functools.cache
def read_data(name: str) -> Any:
    """Return a JSON file of the package, read once; nobody may change what it holds."""
    folder = resources.files("heygen_async.emulator") / "contracts"
    return json.loads((folder / f"{name}.json").read_bytes())


class Operation:
    """One operation of a document: ``name`` is ``GET /v3/videos/{video_id}``.

    ``has_key`` says whether it honours ``Idempotency-Key`` if that is given; ``takes`` is the media
    type of its body, None for an operation without one, and ``status`` that of its success. Checks
    are compiled when they are first needed: most operations of a document are never called.
    """

    def __init__(self, name: str, schemas: _Schemas, declared: Json) -> None:
        self.name = name
        self._schemas = schemas
        self._declared = declared
        parameters = [schemas.resolve(each) for each in declared.get("parameters", ())]
        self.has_key = any(
            each["name"] == "Idempotency-Key" and not each.get("required") for each in parameters
        )
        self._query = {each["name"]: each for each in parameters if each["in"] == "query"}
        self._content: Json = declared.get("requestBody", {}).get("content", {})
        self.takes: str | None = next(iter(self._content), None)
        self.status = min(int(each) for each in declared["responses"])

    @functools.cached_property
    def _check(self) -> Check:
        return self._schemas.check(self._content["application/json"]["schema"], self.name)

    def check_body(self, body: Any) -> list[Reference]:
        """Return what a good JSON body points at; raises the 400 for a bad one."""
        found: list[Reference] = []
        self._check(body, "", found)
        return found

    @functools.cached_property
    def complete(self) -> Complete:
        """The completion of a whole answer."""
        good = self._declared["responses"][str(self.status)]
        finish = self._schemas.complete(good["content"]["application/json"]["schema"])
        return finish or (lambda value: value)

    def read_query(self, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Return the parameters of a query with their defaults."""
        given: dict[str, str] = {}
        for name, text in pairs:
            if name not in self._query:
                raise invalid(name, f"Unknown query parameter {name}.")
            if name in given:
                raise invalid(name, f"Query parameter {name} is given twice.")
            given[name] = text
        read = {}
        for name, parameter in self._query.items():
            schema = self._schemas.resolve(parameter["schema"])
            if name in given and not (parameter.get("required") and not given[name]):
                read[name] = self._schemas.read_text(schema, given[name], name)
            elif parameter.get("required"):
                raise invalid(name, "Field required.")
            elif "default" in schema:
                read[name] = schema["default"]
        return read


@attrs.frozen(kw_only=True)
class Match:
    """What a request leads to: an operation and its ids, or only the methods that its path has."""

    operation: Operation | None = None
    ids: Mapping[str, str] = attrs.field(factory=dict)
    methods: Collection[str] = ()


class Contract:
    """The operations of one or more documents, by name and by path."""

    def __init__(self, *documents: str) -> None:
        self._paths: dict[str, dict[str, Operation]] = {}
        for name in documents:
            document = read_data(name)
            schemas = _Schemas(name, document["components"])
            for path, methods in document["paths"].items():
                found = self._paths.setdefault(path, {})
                for method, declared in methods.items():
                    verb = method.upper()
                    found[verb] = Operation(f"{verb} {path}", schemas, declared)
        # literal parts first, so that `looks/{look_id}` comes before `{group_id}/consent`
        templates = (path.split("/") for path in self._paths if "{" in path)
        self._templates = sorted(templates, key=lambda parts: [part[:1] == "{" for part in parts])

    def find(self, method: str, path: str) -> Match:
        """Return what a request is for; *path* is still percent-encoded.

        A path that stands in a document as it is, such as ``/v3/videos/statuses``, is never taken
        for an id.
        """
        if "{" not in path and (methods := self._paths.get(path)):
            return Match(operation=methods.get(method), methods=methods)
        parts = path.split("/")
        for template in self._templates:
            pairs = zip(template, parts, strict=False)
            ids = {name: part for name, part in pairs if name != part or name[:1] == "{"}
            fits = all(name.startswith("{") and part for name, part in ids.items())
            if fits and len(template) == len(parts):
                methods = self._paths["/".join(template)]
                ids = {name[1:-1]: unquote(part) for name, part in ids.items()}
                return Match(operation=methods.get(method), ids=ids, methods=methods)
        return Match()


@functools.cache
def load(*documents: str) -> Contract:
    """Return the contract of some documents, made once for the process."""
    return Contract(*documents)


class _Schemas:
    """Compiles the schemas of one document, with the facts of the pages laid over them."""

    def __init__(self, document: str, components: Json) -> None:
        self._components = components
        self._rules: list[Json] = read_data("page_facts")["rules"]
        self._facts: dict[str, Json] = {}
        for fact in read_data("page_facts")["schemas"]:
            for field in fact["fields"] if fact["document"] == document else ():
                self._facts[field] = {**self._facts.get(field, {}), **fact["adds"]}
        self._checks: dict[str, Check] = {}
        self._completions: dict[str, Complete | None] = {}

    def resolve(self, schema: Json) -> Json:
        """Follow ``$ref`` to what it stands for."""
        if "$ref" not in schema:
            return schema
        section, name = schema["$ref"].split("/")[-2:]
        found: Json = self._components[section][name]
        return found

    def check(self, schema: Json, where: str = "") -> Check:
        """Return the check of a request's value; *where* names the object for the facts."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in self._checks:
                # For what leads to itself: it is looked up when the check is done.
                self._checks[name] = lambda *value: check(*value)  # noqa: PLW0108 - not made yet
                check = self._checks[name] = self.check(self.resolve(schema), name)
            return self._checks[name]
        choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        if choices:
            return _nullable(self.check(choices[0], where))
        if "oneOf" in schema:
            return self._check_union(schema)
        if schema.get("nullable"):
            return _nullable(self.check({**schema, "nullable": False}, where))
        return self._check_plain(schema, where)

    def _check_plain(self, schema: Json, where: str) -> Check:
        kind: str | None = schema.get("type")
        if kind == "object" and "properties" in schema:
            return self._check_object(schema, where)
        if schema.get("format") == "uri":
            schema = {"pattern": URL, **schema}
        bounds = _bounds(schema)
        inner = schema.get("items") if kind == "array" else schema.get("additionalProperties")
        check_item = self.check(inner, where) if isinstance(inner, dict) else None
        refers = schema.get("refers")

        def check(value: Any, at: str, found: list[Reference]) -> None:
            if kind is not None:
                _check_type(value, at, kind)
            for fits, limit, message in bounds:
                if not fits(value, limit):
                    raise invalid(at, message)
            items = [(at, value)]
            if kind == "array":
                items = [(f"{at}[{index}]", item) for index, item in enumerate(value)]
            elif kind == "object":
                items = [(join(at, name), item) for name, item in value.items()]
            for place, item in items:
                if check_item:
                    check_item(item, place, found)
                if refers:
                    found.append((refers, item, place))

        return check

    def _check_object(self, schema: Json, where: str) -> Check:
        fields = {
            name: self.check(self._with_fact(part, f"{where}.{name}"), f"{where}.{name}")
            for name, part in schema["properties"].items()
        }
        required = schema.get("required", ())
        rules = [rule for rule in self._rules if where in rule["schemas"]]

        def check(value: Any, at: str, found: list[Reference]) -> None:
            _check_type(value, at, "object")
            for name in value:
                if name not in fields:
                    raise invalid(join(at, name), "Extra inputs are not permitted.")
            for name in required:
                if name not in value:
                    raise invalid(join(at, name), "Field required.")
            for name, member in value.items():
                fields[name](member, join(at, name), found)
            for rule in rules:
                _check_rule(rule, value, at)

        return check

    def _check_union(self, schema: Json) -> Check:
        tag: str = schema["discriminator"]["propertyName"]
        variants = {
            word: self.check({"$ref": reference})
            for word, reference in schema["discriminator"]["mapping"].items()
        }
        check_tag = self._check_plain({"type": "string", "enum": list(variants)}, "")
        refers = schema.get("refers")

        def check(value: Any, at: str, found: list[Reference]) -> None:
            _check_type(value, at, "object")
            if tag not in value:
                raise invalid(join(at, tag), "Field required.")
            check_tag(value[tag], join(at, tag), found)
            variants[value[tag]](value, at, found)
            if refers:
                found.append((refers, value, at))

        return check

    def _with_fact(self, schema: Json, field: str) -> Json:
        """Lay what a page says over the schema of a field, inside its ``anyOf`` with null."""
        fact = self._facts.get(field) or self._facts.get(f"*.{field.rpartition('.')[2]}")
        if fact is None:
            return schema
        if "anyOf" in schema:
            inner = {**self.resolve(schema["anyOf"][0]), **fact}
            return {"anyOf": [inner, *schema["anyOf"][1:]]}
        return {**self.resolve(schema), **fact}

    def read_text(self, schema: Json, text: str, name: str) -> Any:
        """Return the value of a query parameter, which comes as text."""
        value: Any = text
        if schema.get("type") == "boolean":
            value = {"true": True, "false": False}.get(text, text)
        elif schema.get("type") == "integer" and INTEGER.fullmatch(text):
            value = int(text)
        elif schema.get("type") == "number" and NUMBER.fullmatch(text):
            value = float(text)
        self.check(schema)(value, name, [])
        return value

    def complete(self, schema: Json) -> Complete | None:
        """Return the completion of an answer's value, None where nothing is to be done."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in self._completions:
                self._completions[name] = lambda value: finish(value) if finish else value
                finish = self._completions[name] = self.complete(self.resolve(schema))
            return self._completions[name]
        if "anyOf" in schema:
            return self.complete(schema["anyOf"][0])
        if "items" in schema:
            finish = self.complete(schema["items"])
            return (lambda rows: [finish(row) for row in rows]) if finish else None
        parts = [self.resolve(each) for each in schema.get("allOf", [schema])]
        fields = {name: part for each in parts for name, part in each.get("properties", {}).items()}
        return self._complete_object(fields) if fields else None

    def _complete_object(self, parts: Json) -> Complete:
        inner = {name: found for name, part in parts.items() if (found := self.complete(part))}
        empty = {name: _empty(self.resolve(part)) for name, part in parts.items()}
        defaults = {name: value for name, (value, is_known) in empty.items() if is_known}

        def complete(value: Json) -> Json:
            whole = {**defaults, **value}
            if not whole.keys() <= parts.keys():
                whole = {name: part for name, part in whole.items() if name in parts}
            for name, finish in inner.items():
                if whole.get(name) is not None:
                    whole[name] = finish(whole[name])
            return whole

        return complete


def _nullable(check: Check) -> Check:
    return lambda value, at, found: None if value is None else check(value, at, found)


def _check_type(value: Any, at: str, kind: str) -> None:
    """Raise unless a value is of a JSON type; a boolean is no number."""
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise invalid(at or None, f"Input should be a valid {kind}.")


BOUNDS: Mapping[str, tuple[Callable[[Any, Any], object], str]] = {
    "const": (operator.eq, "Input should be {}."),
    "enum": (lambda value, words: value in words, "Input should be one of: {}."),
    "minLength": (lambda text, low: len(text) >= low, "Should have at least {} character(s)."),
    "maxLength": (lambda text, top: len(text) <= top, "Should have at most {} characters."),
    "minItems": (lambda rows, low: len(rows) >= low, "Should have at least {} item(s)."),
    "maxItems": (lambda rows, top: len(rows) <= top, "Should have at most {} items."),
    "minimum": (operator.ge, "Input should be greater than or equal to {}."),
    "maximum": (operator.le, "Input should be less than or equal to {}."),
    "exclusiveMinimum": (operator.gt, "Input should be greater than {}."),
    "pattern": (lambda value, form: re.search(form, value), "String should match {}."),
}
"""The keywords that bound a value: when one holds, and what is said when it does not."""


def _bounds(schema: Json) -> list[tuple[Callable[[Any, Any], object], Any, str]]:
    """Return the tests that a schema asks for, each with its limit and its complaint."""
    found = []
    for keyword, (fits, message) in BOUNDS.items():
        if keyword in schema:
            limit = schema[keyword]
            shown = ", ".join(map(str, limit)) if isinstance(limit, list) else limit
            if keyword == "pattern":
                limit = limit.removesuffix("$") + r"\Z"  # a `$` would let a line break pass
            found.append((fits, limit, schema.get("message", message.format(shown))))
    return found


def _check_rule(rule: Json, value: Json, at: str) -> None:
    """Raise if too few or too many of some fields are given, where a rule holds."""
    if any(value.get(name) != word for name, word in rule.get("when", {}).items()):
        return
    if "if" in rule and value.get(rule["if"]) is None:
        return
    found = [name for name in rule["of"] if value.get(name) not in (None, "")]
    low, high = rule["count"]
    if not low <= len(found) <= high:
        raise invalid(join(at, rule.get("at") or found[high]), rule["message"])


def _empty(schema: Json) -> tuple[Any, bool]:
    """Return what stands for a field that was not given, and whether anything does."""
    if "default" in schema:
        return schema["default"], True
    null = "null" in schema.get("type", ())
    return None, null or any(each.get("type") == "null" for each in schema.get("anyOf", ()))


def join(at: str, name: str) -> str:
    """Return the path of the field *name* of the object *at*; the root is ``""``."""
    return f"{at}.{name}" if at else name
