"""A vendor's OpenAPI document as a judge of requests and answers.

The documents hold facts only: paths, fields, types, words, bounds. What a document leaves out
and a page of the vendor tells was added, with the page in ``$comment``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYTHING = object()
"""In place of a body: walk all that a schema allows."""


class Contract:
    """One document; operations are found by their template or by a path that matches it.

    It is read strictly: a field that the document does not name is refused, in requests and in
    answers.
    """

    def __init__(self, name: str) -> None:
        file = Path(__file__).with_name(f"{name}.json")
        document = json.loads(file.read_bytes())
        self.document: dict[str, Any] = _strict(document, document)

    def operations(self) -> set[str]:
        """Return all operations, as ``GET /v3/videos/{video_id}``."""
        paths = self.document["paths"]
        return {f"{method.upper()} {path}" for path in paths for method in paths[path]}

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """Return the operation; a literal path wins over a template."""
        name, _, template = self.name_of(method, path).partition(" ")
        found: dict[str, Any] = self.document["paths"][template][name.lower()]
        return found

    def name_of(self, method: str, path: str) -> str:
        """Return the operation as ``operations`` has it; raises ``LookupError``."""
        paths = self.document["paths"]
        for template in sorted(paths, key=lambda template: template.count("{")):
            shape = "[^/]+".join(map(re.escape, re.split(r"\{\w+\}", template)))
            if (path == template or re.fullmatch(shape, path)) and method.lower() in paths[
                template
            ]:
                return f"{method} {template}"
        raise LookupError(f"{method} {path} is not in the contract")

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """Follow ``$ref`` to what it stands for."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def schemas_of(self, node: Any) -> dict[str, dict[str, Any]]:
        """Return the named schemas that a schema is made of, however deep."""
        found: dict[str, dict[str, Any]] = {}
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, dict) and "$ref" in part:
                name, part = part["$ref"].rpartition("/")[2], self.resolve(part)
                if name in found:
                    continue
                found[name] = part
            if isinstance(part, dict | list):
                pending += part.values() if isinstance(part, dict) else part
        return found

    def words(self, schema: str) -> list[str]:
        """Return the words of an enum."""
        found: list[str] = self.document["components"]["schemas"][schema]["enum"]
        return found

    def request_parameters(
        self, method: str, path: str, where: str = "query"
    ) -> dict[str, dict[str, Any]]:
        """Return the operation's parameters of one sort by name."""
        given = map(self.resolve, self.operation(method, path).get("parameters", ()))
        return {each["name"]: each for each in given if each["in"] == where}

    def request_schema(self, method: str, path: str) -> dict[str, Any]:
        """Return the schema of the JSON body."""
        return _json_schema(self.operation(method, path)["requestBody"])

    def validate_request(self, method: str, path: str, body: Any) -> None:
        """Raise ``jsonschema.ValidationError`` unless the server takes ``body``."""
        self._validate(self.request_schema(method, path), body)

    def validate_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Raise ``jsonschema.ValidationError`` unless the server may give this answer.

        The document leaves open which parts of the envelope are always there; here all are that
        it names itself. A refusal that it does not list has the shape of every refusal.
        """
        answers = self.operation(method, path)["responses"]
        fallback = "400" if status >= 400 else ""
        answer = self.resolve(answers.get(str(status)) or answers[fallback])
        schema = self.resolve(_json_schema(answer))
        required = [name for name, part in schema["properties"].items() if "$comment" not in part]
        self._validate({**schema, "required": required}, body)

    def walk(self, schema: dict[str, Any], body: Any = EVERYTHING, at: str = "") -> Iterator[str]:
        """Yield the path of each property in ``body``, or of each that the schema allows.

        A path looks like ``[avatar].watermark.image[url].url``: brackets name the member of a
        union.
        """
        schema = self.resolve(schema)
        if "discriminator" in schema:
            key, members = (schema["discriminator"][each] for each in ("propertyName", "mapping"))
            for tag in members if body is EVERYTHING else [body[key]]:
                yield from self.walk({"$ref": members[tag]}, body, f"{at}[{tag}]")
        for choice in schema.get("anyOf", ()):
            yield from self.walk(choice, body, at)
        if "items" in schema:
            for item in [EVERYTHING] if body is EVERYTHING else body:
                yield from self.walk(schema["items"], item, at)
        for name, part in schema.get("properties", {}).items():
            if body is EVERYTHING or name in body:
                yield f"{at}.{name}"
                inner = EVERYTHING if body is EVERYTHING else body[name]
                yield from self.walk(part, inner, f"{at}.{name}")

    def _validate(self, schema: dict[str, Any], body: Any) -> None:
        judge = Draft202012Validator({**schema, "components": self.document["components"]})
        if error := best_match(judge.iter_errors(body)):
            raise ValidationError(f"{error.json_path}: {error.message}")


class Envelopes(Contract):
    """JoggAI's document: ``code`` tells good answers from refusals, whatever the HTTP status."""

    def validate_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Raise ``jsonschema.ValidationError`` unless the server may give this answer.

        The document has schemas for good answers only; a refusal is their envelope without data.
        """
        schema = self.resolve(_json_schema(self.operation(method, path)["responses"]["200"]))
        if body.get("code") == 0:
            required = ["code", "msg", *({"data"} & schema["properties"].keys())]
        else:
            required = ["code", "msg"]
            schema = {**schema, "properties": {**schema["properties"], "data": {"type": "null"}}}
        self._validate({**schema, "required": required}, body)


def _strict(node: Any, document: dict[str, Any]) -> Any:
    """Refuse unknown fields, and write ``nullable`` of OpenAPI 3.0 and ``allOf`` plainly."""
    if isinstance(node, list):
        return [_strict(item, document) for item in node]
    if not isinstance(node, dict):
        return node
    if "allOf" in node:
        node = _merged(node["allOf"], document)
    node = {name: _strict(part, document) for name, part in node.items()}
    if node.pop("nullable", False) is True:
        node["type"] = [node["type"], "null"]
    if node.get("type") == "object" and "properties" in node:
        node.setdefault("additionalProperties", False)
    return node


def _merged(parts: list[dict[str, Any]], document: dict[str, Any]) -> dict[str, Any]:
    """Return the one object that all ``parts`` describe together."""
    whole: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    for part in parts:
        name = part.get("$ref", "").rpartition("/")[2]
        found = document["components"]["schemas"][name] if name else part
        whole["properties"] |= found["properties"]
        whole["required"] += found.get("required", [])
    return whole


def _json_schema(node: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = node["content"]["application/json"]["schema"]
    return schema


HEYGEN = Contract("heygen")
LEGACY = Contract("legacy")
JOGG = Envelopes("jogg")


def contract_of(api: str, path: str) -> Contract:
    """Return the document that has the path of an API."""
    if api == "JoggAI":
        return JOGG
    return LEGACY if path.startswith("/v2/photo_avatar") else HEYGEN
