"""Workflows of HeyGen, their versions, and their runs, which cost nothing by themselves."""

from __future__ import annotations

import json
import uuid
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import attrs

from heygen_async.emulator._collections import Call, Collection, Handler, Page
from heygen_async.emulator._errors import ApiError, invalid
from heygen_async.emulator._jobs import RenderJob, Store, job_kind
from heygen_async.emulator._publisher import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heygen_async.emulator._openapi import Json

RUN = job_kind("workflow_run")
WORDS = {"completed": "succeeded"}


@attrs.define
class Workflow:
    """A workflow: its draft and how often that was replaced, and its versions, oldest first."""

    id: str
    name: str
    draft: Json
    meta: Json | None = None
    revision: int = 0
    versions: list[Json] = attrs.field(factory=list)


def _missing(thing_id: str) -> ApiError:
    return ApiError(404, "resource_not_found", f"{thing_id} not found.")


def _workflows(call: Call) -> Store[Workflow]:
    """Return the workflows of the account."""
    found: Store[Workflow] = call.backend.notes.setdefault("workflows", Store())
    return found


def _show(_call: Call, workflow: Workflow) -> Json:
    latest = workflow.versions[-1]
    return {
        "id": workflow.id,
        "name": workflow.name,
        "status": "active",
        "draft_revision": workflow.revision,
        "draft_product_graph": workflow.draft,
        "meta": workflow.meta,
        "latest_version": {"id": latest["id"], "version_number": latest["version_number"]},
    }


def _check(graph: Json) -> None:
    """Raise 422 for a graph that has two nodes of one name, or edges to no node."""
    names = [node["id"] for node in graph.get("nodes", ())]
    missing = {
        name for node in graph.get("nodes", ()) for name in node.get("depends_on", ())
    }.difference(names)
    if len(set(names)) < len(names) or missing:
        raise ApiError(422, "graph_invalid", "The graph has two nodes of one id, or a loose edge.")


def _publish(workflow: Workflow, graph: Json) -> Json:
    """Return a new version, or the latest one if it has the same graph."""
    _check(graph)
    checksum = sha256(json.dumps(graph, sort_keys=True).encode()).hexdigest()
    if not workflow.versions or workflow.versions[-1]["checksum"] != checksum:
        nodes = graph.get("nodes", ())
        version = {
            "id": f"dwv_{uuid.uuid4().hex}",
            "definition_id": workflow.id,
            "version_number": len(workflow.versions) + 1,
            "checksum": checksum,
            "compiler_version": "1",
            "adapter_manifest_digest": checksum[:12],
            "product_graph": graph,
            "plan_summary": [
                {
                    "node_id": node["id"],
                    "family": node["type"],
                    "contract_version": "1",
                    "adapter_version": "1",
                    "parents": node.get("depends_on", []),
                }
                for node in nodes
            ],
        }
        workflow.versions.append(version)
    return workflow.versions[-1]


def _create(call: Call) -> Json:
    workflows, name = _workflows(call), call.body["name"]
    if name in {each.name for each in workflows.values()}:
        raise ApiError(409, "conflict", "A workflow with this name already exists.", param="name")
    graph = call.body["product_graph"]
    workflow = Workflow(f"def_{uuid.uuid4().hex}", name, graph, call.body.get("meta"))
    _publish(workflow, graph)
    return _show(call, workflows.add(workflow.id, workflow))


def _update(call: Call, workflow: Workflow) -> Workflow:
    if call.body["expected_revision"] != workflow.revision:
        raise ApiError(409, "stale_workflow_draft", "The draft has another revision by now.")
    _check(call.body["product_graph"])
    workflow.draft, workflow.revision = call.body["product_graph"], workflow.revision + 1
    return workflow


WORKFLOWS = Collection(
    path="/v3/workflows",
    id="workflow_id",
    rows=_workflows,
    show=_show,
    missing=_missing,
    update=_update,
)


def _list_versions(call: Call) -> Page:
    return Page(WORKFLOWS.find(call).versions[: call.query["limit"]])


def _get_version(call: Call) -> Json:
    versions, number = WORKFLOWS.find(call).versions, call.ids["version_number"]
    for version in versions:
        if str(version["version_number"]) == number:
            return version
    raise _missing(number)


def _node_types(_call: Call) -> Json:
    port = {"name": "video", "type": "video", "description": "A video."}
    variant: Json = {
        "variant": None,
        "display_name": "Avatar video",
        "description": "An avatar that speaks.",
        "category": "video",
        "config_schema": {},
        "input_ports": [{**port, "name": "script", "type": "text", "required": True}],
        "output_ports": [port],
        "contract_version": "1",
        "lifecycle": "available",
    }
    family = {"family": "avatar_video", "display_name": "Avatar video", "variants": [variant]}
    return {"families": [family]}


def _show_run(call: Call, job: RenderJob) -> Json:
    backend, (workflow, version) = call.backend, job.request["of"]
    state, failure = backend.state(job), backend.failure(job)
    nodes = version["plan_summary"] or [{"node_id": "node"}]
    ended = state in ("completed", "failed")
    done = {"completed": "succeeded", "failed": "failed"}.get(state, "pending")
    word = "canceled" if failure and failure[0] == "canceled" else WORDS.get(state, state)
    outputs = [
        {
            "name": name,
            "type": "video",
            "status": {"succeeded": "ready"}.get(done, done),
            "delivery": "reference",
            "url": backend.signer.sign(f"/video/{job.id}.mp4") if done == "succeeded" else None,
        }
        for name in version["product_graph"].get("outputs", {})
    ]
    clock = backend.clock
    return {
        "id": job.id,
        "workflow": {
            "id": workflow.id,
            "version_id": version["id"],
            "version_number": version["version_number"],
        },
        "version_id": version["id"],
        "status": word,
        "created_at": iso(clock.unix(job.created_at)),
        "started_at": None if state == "pending" else iso(clock.unix(job.created_at)),
        "completed_at": iso(clock.unix(job.finished_at)) if ended else None,
        "progress": {"total": len(nodes), done: len(nodes)},
        "error": {"code": failure[0], "message": failure[1]} if failure else None,
        "outputs": outputs,
    }


def _run(call: Call) -> Json:
    """``POST /v3/workflow-runs``: one run for each idempotency key, for good."""
    key, body = call.idempotency_key, call.body
    if not (key or "").strip():
        raise invalid("Idempotency-Key", "Idempotency-Key is required.")
    workflow = _workflows(call).get(body["workflow_id"])
    if workflow is None:
        raise _missing(body["workflow_id"])
    runs = call.backend.jobs.of(RUN)
    for job in runs.values():
        if job.request["key"] == key:
            if job.request["body"] != body:
                raise ApiError(409, "conflict", "The key belongs to another run.")
            return _show_run(call, job)
    number = body.get("version_number") or workflow.versions[-1]["version_number"]
    version = next((v for v in workflow.versions if v["version_number"] == number), None)
    if version is None:
        raise _missing(f"Version {number}")
    request = {"of": (workflow, version), "key": key, "body": body}
    return _show_run(call, call.backend.submit(request, RUN))


def _cancel(call: Call) -> Json:
    job = RUNS.find(call)
    if call.backend.state(job) in ("pending", "processing"):
        job.finish(call.backend.clock.now(), ("canceled", "The run was canceled."))
        call.backend.jobs.changed(job)
    return _show_run(call, job)


def _nodes(call: Call) -> Page:
    job = RUNS.find(call)
    state = call.backend.state(job)
    plan: list[Any] = job.request["of"][1]["plan_summary"]
    rows: list[Json] = [
        {"node_id": each["node_id"], "status": WORDS.get(state, state)} for each in plan
    ]
    return Page(rows[: call.query["limit"]])


RUNS = Collection(
    path="/v3/workflow-runs",
    id="run_id",
    rows=lambda call: call.backend.jobs.of(RUN),
    show=_show_run,
    missing=_missing,
    matches=lambda call, job: job.request["of"][0].id == call.query["workflow_id"],
    newest_first=True,
)

HANDLERS: Mapping[str, Handler] = {
    **WORKFLOWS.handlers(),
    "POST /v3/workflows": _create,
    "GET /v3/workflows/node-types": _node_types,
    "POST /v3/workflows/{workflow_id}/versions": lambda call: _publish(
        WORKFLOWS.find(call), call.body["product_graph"]
    ),
    "GET /v3/workflows/{workflow_id}/versions": _list_versions,
    "GET /v3/workflows/{workflow_id}/versions/{version_number}": _get_version,
    **RUNS.handlers(),
    "POST /v3/workflow-runs": _run,
    "POST /v3/workflow-runs/{run_id}/cancel": _cancel,
    "GET /v3/workflow-runs/{run_id}/nodes": _nodes,
}
