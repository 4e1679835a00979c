"""A vendor's OpenAPI document as a judge of requests and answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYTHING = object()
"""In place of a body: walk all that a schema allows."""


class Contract:
    """One document; operations are found by their template or by a path that matches it."""

    def __init__(self, name: str) -> None:
        file = Path(__file__).with_name(f"{name}.json")
        self.document: dict[str, Any] = json.loads(file.read_bytes())

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """Return the operation; a literal path wins over a template."""
        paths = self.document["paths"]
        for template in sorted(paths, key=lambda template: template.count("{")):
            shape = "[^/]+".join(map(re.escape, re.split(r"\{\w+\}", template)))
            if path == template or re.fullmatch(shape, path):
                found: dict[str, Any] = paths[template][method.lower()]
                return found
        raise LookupError(f"{method} {path} is not in the contract")

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """Follow ``$ref`` to what it stands for."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

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

        The document leaves open which parts of the envelope are always there; here all are. A
        refusal that the document does not list has the shape of every refusal.
        """
        answers = self.operation(method, path)["responses"]
        fallback = "400" if status >= 400 else ""
        schema = _json_schema(self.resolve(answers.get(str(status)) or answers[fallback]))
        self._validate({**schema, "required": list(schema["properties"])}, body)

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
        components = self.document["components"]
        Draft202012Validator({**schema, "components": components}).validate(body)


def _json_schema(node: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = node["content"]["application/json"]["schema"]
    return schema


HEYGEN = Contract("heygen")
