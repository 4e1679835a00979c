"""HeyGen v3 workflows: graphs of what the vendor makes, and their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import Spec


@frozen(kw_only=True)
class Workflow:
    """A workflow: its draft, and in ``latest_version`` what was published last, if it is told.

    ``draft_revision`` is what ``workflows.update`` wants to see again.

    https://developers.heygen.com/reference/get-workflow
    """

    id: str
    name: str | None = None
    status: str | None = None
    draft_revision: int | None = None
    draft_product_graph: Mapping[str, Any] | None = field(default=None, hash=False)
    meta: Mapping[str, Any] | None = field(default=None, hash=False)
    latest_version: Mapping[str, Any] | None = field(default=None, hash=False)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class WorkflowVersion:
    """A published version of a workflow, which never changes; lists leave the graph out.

    https://developers.heygen.com/reference/get-workflow-version
    """

    id: str
    version_number: int
    checksum: str | None = None
    definition_id: str | None = None
    compiler_version: str | None = None
    adapter_manifest_digest: str | None = None
    product_graph: Mapping[str, Any] | None = field(default=None, hash=False)
    plan_summary: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class NodeTypeFamily:
    """A family of nodes that a workflow may have, and its variants as the vendor has them."""

    family: str
    display_name: str | None = None
    variants: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class RunOutput:
    """What a run gives under one name: a ``value``, or a file at ``url`` that expires.

    ``expires_in`` is seconds; ``workflow_runs.get`` gives fresh URLs.
    """

    name: str
    status: str | None = None
    type: str | None = None
    delivery: str | None = None
    artifact_id: str | None = None
    value: Any = field(default=None, hash=False)
    url: str | None = None
    expires_in: int | None = None
    is_public: bool | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class WorkflowRunResult:
    """A run of a workflow, or one on its way; times are ISO 8601 texts.

    A run that ended ``partial`` has outputs that have failed beside those that are ready.

    https://developers.heygen.com/reference/get-workflow-run
    """

    id: str
    status: str
    workflow: Mapping[str, Any] | None = field(default=None, hash=False)
    version_id: str | None = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    progress: Mapping[str, Any] | None = field(default=None, hash=False)
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    outputs: tuple[RunOutput, ...] = ()
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class RunNode:
    """How one node of a run fares."""

    node_id: str
    status: str
    node_type: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class WorkflowRun(Spec[WorkflowRunResult]):
    """A run of a workflow; its idempotency key never expires.

    https://developers.heygen.com/reference/create-workflow-run
    """

    workflow_id: str = field(validator=checks.text)
    """The workflow, an ``id`` of ``heygen.workflows.list()``."""
    version_number: int | None = checks.option(checks.whole(1, 10**9))
    """Which version runs; the one that was published last if left out."""
    inputs: Mapping[str, Any] | None = field(
        default=None, validator=checks.optional(checks.json_object), hash=False
    )
    """What it runs on, by name; a file is ``{"type": "url", "url": …}`` or the id of an asset."""
