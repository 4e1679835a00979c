"""The namespaces of HeyGen's workflows and of their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.models.workflows import (
    NodeTypeFamily,
    RunNode,
    Workflow,
    WorkflowRun,
    WorkflowRunResult,
    WorkflowVersion,
)
from heygen_async.protocol.heygen import workflows
from heygen_async.protocol.request import drop_none
from heygen_async.resources.collection import Creatable, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    Graph = Mapping[str, Any]


class Workflows(Readable[Workflow]):
    """HeyGen v3 workflows: https://developers.heygen.com/reference/create-workflow.

    A graph is as the vendor has it: ``{"schema_version": …, "inputs": …, "nodes": …, "outputs":
    …}``; ``node_types`` tells what its nodes may be. None of these calls is charged.
    """

    async def create(
        self, name: str, product_graph: Graph, *, meta: Mapping[str, Any] | None = None
    ) -> Workflow:
        """Make a workflow, whose graph is published as version 1.

        Raises ``ConflictError`` for a name that is taken, ``BadRequestError`` for a bad graph.
        """
        body = drop_none(name=name, product_graph=product_graph, meta=meta)
        return await self._call(workflows.CREATE_WORKFLOW, json=body)

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Workflow]:
        """Iterate over the account's workflows, without their graphs."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def update(
        self,
        id: str,  # noqa: A002 - what it is
        product_graph: Graph,
        *,
        expected_revision: int,
    ) -> Workflow:
        """Replace the draft; raises ``ConflictError`` if its revision is another by now."""
        body = {"product_graph": product_graph, "expected_revision": expected_revision}
        return await self._transport.send(self._collection.update(id, body))

    async def publish(self, id: str, product_graph: Graph) -> WorkflowVersion:  # noqa: A002
        """Publish a graph, and return its version: the latest one, if it has not changed."""
        return await self._call(workflows.PUBLISH, id, json={"product_graph": product_graph})

    def versions(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[WorkflowVersion]:
        """Iterate over the versions of a workflow, without their graphs."""
        return self._list(workflows.versions_of(id), timeout=timeout, headers=headers)

    async def version(self, id: str, version_number: int) -> WorkflowVersion:  # noqa: A002
        """Return a version with its graph. Raises ``NotFoundError``."""
        return await self._transport.send(workflows.versions_of(id).get(str(version_number)))

    async def node_types(self) -> tuple[NodeTypeFamily, ...]:
        """Return the types of nodes that a graph may have."""
        return await self._call(workflows.NODE_TYPES)


class WorkflowRuns(Creatable[WorkflowRun, WorkflowRunResult], Readable[WorkflowRunResult]):
    """Runs of workflows: https://developers.heygen.com/reference/create-workflow-run."""

    def list(
        self,
        workflow_id: str,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[WorkflowRunResult]:
        """Iterate over the runs of a workflow, newest first, without their outputs."""
        return self._list(
            self._collection, workflow_id=workflow_id, timeout=timeout, headers=headers
        )

    async def cancel(self, id: str) -> WorkflowRunResult:  # noqa: A002 - what it is
        """Cancel a run and return it; one that has ended stays as it is."""
        return await self._call(workflows.CANCEL, id)

    def nodes(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[RunNode]:
        """Iterate over the nodes of a run, and how each fares."""
        return self._list(workflows.nodes_of(id), timeout=timeout, headers=headers)
