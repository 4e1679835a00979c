"""HeyGen v3 workflows, their versions, and the kind of job that runs one."""

from __future__ import annotations

from typing import Any

from heygen_async.models.jobs import State
from heygen_async.models.workflows import (
    NodeTypeFamily,
    RunNode,
    Workflow,
    WorkflowRun,
    WorkflowRunResult,
    WorkflowVersion,
)
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.kinds import JobKind, JobSnapshot, meaning, read_progress
from heygen_async.protocol.operations import Collection, Operation, url_path

WORKFLOWS = Collection(item="/v3/workflows/{workflow_id}", model=Workflow, converter=CONVERTER)
CREATE_WORKFLOW = Operation("POST", WORKFLOWS.path, WORKFLOWS.read)
NODE_TYPES = Operation(
    "GET",
    "/v3/workflows/node-types",
    lambda payload: CONVERTER.structure(payload["data"]["families"], tuple[NodeTypeFamily, ...]),
)
PUBLISH = Operation(
    "POST",
    WORKFLOWS.item + "/versions",
    lambda payload: CONVERTER.structure(payload["data"], WorkflowVersion),
)
RUNS = Collection(item="/v3/workflow-runs/{run_id}", model=WorkflowRunResult, converter=CONVERTER)
CANCEL = Operation("POST", RUNS.item + "/cancel", RUNS.read, idempotent=True)


def versions_of(workflow_id: str) -> Collection[WorkflowVersion]:
    """Return the versions of one workflow."""
    item = url_path(WORKFLOWS.item, workflow_id) + "/versions/{version_number}"
    return Collection(item=item, model=WorkflowVersion, converter=CONVERTER)


def nodes_of(run_id: str) -> Collection[RunNode]:
    """Return the nodes of one run."""
    item = url_path(RUNS.item, run_id) + "/nodes/{node_id}"
    return Collection(item=item, model=RunNode, converter=CONVERTER)


RUN_STATUSES = {
    "pending": State.QUEUED,
    "processing": State.RUNNING,
    "partial": State.COMPLETED,
}


def run_snapshot(run: WorkflowRunResult) -> JobSnapshot[WorkflowRunResult]:
    """Read a run as the state of its job: it has ended when it says when."""
    ready = meaning(RUN_STATUSES, run.status) is State.COMPLETED
    error, counts = run.error or {}, run.progress or {}
    total, *left = (counts.get(name, 0) for name in ("total", "pending", "processing"))
    told = all(isinstance(number, int) for number in (total, *left)) and total > 0
    return JobSnapshot(
        word=run.status,
        result=run if ready or run.completed_at is not None else None,
        code=error.get("code"),
        message=error.get("message"),
        progress=read_progress(100 * (total - sum(left)) / total) if told else None,
    )


RUN: JobKind[Any] = JobKind(
    name="heygen.workflow-run",
    specs=(WorkflowRun,),
    collection=RUNS,
    id_field="id",
    status_map=RUN_STATUSES,
    snapshot=run_snapshot,
    file="outputs.url",
)
