"""Workflows and their runs, through the public face."""

from __future__ import annotations

import pytest

from heygen_async import (
    BadRequestError,
    ConflictError,
    JobFailedError,
    SubmissionUnknownError,
    WorkflowRun,
)
from heygen_async.emulator import Fault
from tests.contracts.rest_operations import GRAPH


@pytest.fixture
async def workflow(heygen):
    return await heygen.workflows.create("Films", GRAPH)


async def test_a_run_gives_its_outputs_and_tells_its_progress(heygen, emulator, workflow, tmp_path):
    """The progress is the share of nodes that are done; the file is that of an output."""
    job = await heygen.submit(WorkflowRun(workflow_id=workflow.id, inputs={"script": "Hi"}))
    told = [status.progress async for status in job.events()]
    assert 0.0 in told
    assert (await job).outputs[0].name == "film"
    assert (await job.download(tmp_path / "film.mp4")).read_bytes()[4:8] == b"ftyp"


async def test_a_503_is_repeated_with_the_same_key(heygen, emulator, workflow):
    """The run that a 503 left pending is resumed, and there is only one."""
    emulator.faults.add(Fault(route="POST /v3/workflow-runs", nth=1, status=503, work=True))
    await heygen.run(WorkflowRun(workflow_id=workflow.id))
    assert [run.status async for run in heygen.workflow_runs.list(workflow.id)] == ["succeeded"]
    assert emulator.count("POST /v3/workflow-runs") == 2


async def test_a_key_belongs_to_one_run_for_good(heygen, emulator, workflow):
    """Another body under it is a ``ConflictError``."""
    spec = WorkflowRun(workflow_id=workflow.id, inputs={"script": "Hi"})
    job = await heygen.submit(spec, idempotency_key="row-1")
    assert (await heygen.submit(spec, idempotency_key="row-1")).id == job.id
    other = WorkflowRun(workflow_id=workflow.id, inputs={"script": "Bye"})
    with pytest.raises((ConflictError, SubmissionUnknownError), match="belongs to another run"):
        await heygen.submit(other, idempotency_key="row-1")


async def test_a_run_that_is_cancelled_has_failed(heygen, workflow):
    """Its job says the reason."""
    job = await heygen.submit(WorkflowRun(workflow_id=workflow.id))
    await heygen.workflow_runs.cancel(job.id)
    with pytest.raises(JobFailedError, match="canceled"):
        await job


async def test_an_old_draft_is_not_replaced(heygen, workflow):
    """Two authors do not overwrite each other; a loose edge is refused."""
    await heygen.workflows.update(workflow.id, GRAPH, expected_revision=0)
    with pytest.raises(ConflictError, match="revision"):
        await heygen.workflows.update(workflow.id, GRAPH, expected_revision=0)
    loose = {**GRAPH, "nodes": [{"id": "a", "type": "t", "depends_on": ["b"]}]}
    with pytest.raises(BadRequestError, match="loose"):
        await heygen.workflows.publish(workflow.id, loose)
