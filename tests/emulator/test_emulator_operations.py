"""Every operation of the vendors' documents: emulated and strict, or 501 by its name."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from heygen_async.emulator._emulator import HEYGEN_API
from heygen_async.emulator._jogg import CONFIG as JOGG_API

CONTRACTS = resources.files("heygen_async.emulator") / "contracts"
JUDGE = Path(__file__).parent.parent / "contracts"


def operations_of(folder, name):
    """Yield the operations of a document, each with what it says of the body."""
    for path, methods in json.loads((folder / f"{name}.json").read_text())["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            yield f"{method.upper()} {path}", next(iter(content), None)


OPERATIONS = [
    (document, name, takes)
    for document in ("heygen", "legacy", "jogg")
    for name, takes in operations_of(CONTRACTS, document)
]
JUDGED = {name for name, _ in operations_of(JUDGE, "heygen")}
"""The operations of the document that the client's tests judge v3 with."""


async def ask(api, name, query="", **options):
    """Send a request to an operation, with ids that nobody has."""
    method, _, path = name.partition(" ")
    return await api.send(method, re.sub(r"\{\w+\}", "x", path) + query, **options)


def refused(document, reply):
    """Return whether an answer is a 400, in the shape of its API."""
    return reply.json.get("code") == 40000 if document == "jogg" else reply.status == 400


@pytest.mark.parametrize(
    ("document", "name", "takes"), OPERATIONS, ids=[f"{row[0]} {row[1]}" for row in OPERATIONS]
)
async def test_an_operation_is_emulated_or_says_that_it_is_not(api, jogg, document, name, takes):
    """What is not emulated names itself in a 501; what is refuses unknown fields with 400."""
    server = jogg if document == "jogg" else api
    reply = await ask(server, name, "?unheard_of=1")
    mark = "JOGG " if document == "jogg" else ""
    assert server.emulator.count(mark + name) == 1
    if reply.status == 501:
        assert name in reply.text
        return
    assert refused(document, reply), reply.text
    assert "unheard_of" in reply.text
    if takes == "application/json":
        for body in ({"unheard_of": 1}, [], 1):
            assert refused(document, await ask(server, name, json=body))
    assert not server.emulator.jobs


def test_the_whole_document_of_v3_is_there():
    """133 operations of v3 and v2's videos, the same for the emulator and for its judge."""
    assert len(JUDGED) == 137
    assert {name for document, name, _ in OPERATIONS if document == "heygen"} == JUDGED


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/v3/videos/statuses?video_ids=a", "GET /v3/videos/statuses"),
        ("GET", "/v3/videos/batches/b1", "GET /v3/videos/batches/{batch_id}"),
        ("GET", "/v3/assets/statuses", "GET /v3/assets/statuses"),
        ("GET", "/v3/assets/search", "GET /v3/assets/search"),
        ("GET", "/v3/avatars/looks", "GET /v3/avatars/looks"),
        ("GET", "/v3/avatars/looks/consent", "GET /v3/avatars/looks/{look_id}"),
        ("POST", "/v3/avatars/a%2Fb/consent", "POST /v3/avatars/{group_id}/consent"),
        ("DELETE", "/v3/videos/statuses", "unmatched"),
        ("GET", "/v3/videos/", "unmatched"),
        ("GET", "/v3/lipsync", "unmatched"),
    ],
)
async def test_a_path_is_not_taken_for_an_id(api, method, path, route):
    """A path that the document has as it is comes before one with an id in its place."""
    await api.send(method, path)
    assert dict(api.emulator.counts) == {route: 1}


async def test_an_id_is_decoded(api):
    """A percent-encoded id arrives as it was meant."""
    reply = await api.get("/v3/videos/a%2Fb")
    assert reply.error["message"] == "Video a/b not found"


def fields_of(document, components):
    """Return the names by which facts may call the fields of a document's requests."""
    schemas = dict(components)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                schemas[f"{method.upper()} {path}"] = content["application/json"]["schema"]
    found = set()

    def walk(schema, where):
        for name, part in schema.get("properties", {}).items():
            found.update({f"{where}.{name}", f"*.{name}"})
            walk(part, f"{where}.{name}")

    for name, schema in schemas.items():
        walk(schema, name)
    return found


@pytest.mark.parametrize("name", ["heygen", "legacy", "jogg"])
def test_every_fact_is_about_something_that_is_there(name):
    """A fact or rule about a field that no document has would never hold, and has a page."""
    facts = json.loads((CONTRACTS / "page_facts.json").read_text())
    document = json.loads((CONTRACTS / f"{name}.json").read_text())
    schemas = document["components"]["schemas"]
    fields = fields_of(document, schemas)
    for fact in facts["schemas"]:
        if fact["document"] == name:
            assert fact["page"]
            assert set(fact["fields"]) <= fields
    for rule in facts["rules"] if name == "heygen" else ():
        assert rule["page"]
        for schema in rule["schemas"]:
            named = {*rule["of"], *rule.get("when", ()), *filter(None, [rule.get("if")])}
            assert named <= schemas[schema]["properties"].keys(), (rule["message"], schema)


@pytest.mark.parametrize("config", [HEYGEN_API, JOGG_API], ids=["HeyGen", "JoggAI"])
def test_what_is_emulated_stands_in_a_document(config):
    """A name that no document has would be a handler that nobody reaches."""
    there = {name for document, name, _ in OPERATIONS if document in config.documents}
    # a collection brings all that a collection can have; of these no document has
    beyond = {
        "GET /v2/videos/statuses",
        "PATCH /v2/videos/{video_id}",
        "PATCH /v3/videos/{video_id}",
        "GET /v3/webhooks/endpoints/{endpoint_id}",
        "GET /v3/webhooks/events/{event_id}",
        "GET /v3/audio/sounds/{sound_id}",
    }
    assert config.handlers.keys() - beyond <= there
