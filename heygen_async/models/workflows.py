"""HeyGen v3 workflows: graphs of what the vendor makes, and their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import Result, Spec


@frozen(kw_only=True)
class Workflow(Result):
    """A workflow with its draft.

    https://developers.heygen.com/reference/get-workflow
    """

    id: str
    """The workflow's id, which ``WorkflowRun`` takes."""
    name: str | None = None
    """Its name in the vendor's app."""
    status: str | None = None
    """The vendor's word: ``draft``, ``active`` or ``archived``."""
    draft_revision: int | None = None
    """Which draft it is; ``workflows.update`` wants to see the number again."""
    draft_product_graph: Mapping[str, Any] | None = field(default=None, hash=False)
    """The nodes of the draft and how they are joined, as the vendor has them."""
    meta: Mapping[str, Any] | None = field(default=None, hash=False)
    """What is noted beside it, by the vendor's names."""
    latest_version: Mapping[str, Any] | None = field(default=None, hash=False)
    """The ``id`` and ``version_number`` of what was published last, if it is told."""


@frozen(kw_only=True)
class WorkflowVersion(Result):
    """A published version of a workflow, which never changes.

    https://developers.heygen.com/reference/get-workflow-version
    """

    id: str
    """The version's id."""
    version_number: int
    """Its number within its workflow."""
    checksum: str | None = None
    """A checksum of what it does."""
    definition_id: str | None = None
    """The id of its workflow."""
    compiler_version: str | None = None
    """The version of the vendor's program that made it of the draft."""
    adapter_manifest_digest: str | None = None
    """A checksum of the adapters that its nodes run on."""
    product_graph: Mapping[str, Any] | None = field(default=None, hash=False)
    """Its nodes and how they are joined, as the vendor has them; None in lists."""
    plan_summary: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    """What is run for each node, and after which others, as the vendor has it."""


@frozen(kw_only=True)
class NodeTypeFamily(Result):
    """A family of nodes that a workflow may have."""

    family: str
    """Its name, which graphs use."""
    display_name: str | None = None
    """Its name for people."""
    variants: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    """Its variants, each with its ports and the schema of its settings, as the vendor has them."""


@frozen(kw_only=True)
class RunOutput(Result):
    """What a run gives under one name: a ``value``, or a file at ``url``."""

    name: str
    """The name under which the workflow gives it."""
    status: str | None = None
    """The vendor's word: ``pending``, ``ready`` or ``failed``."""
    type: str | None = None
    """What it is, in the vendor's word, such as ``video``."""
    delivery: str | None = None
    """``inline`` if it stands in ``value``, ``reference`` if it lies at ``url``."""
    artifact_id: str | None = None
    """The vendor's id of the file; None for a value."""
    value: Any = field(default=None, hash=False)
    """The value itself, any JSON; None for a file."""
    url: str | None = None
    """The file. Signed, and expires; ``workflow_runs.get`` gives a fresh one. None for a value."""
    expires_in: int | None = None
    """After how many seconds ``url`` expires."""
    is_public: bool | None = None
    """Whether the file is public."""


@frozen(kw_only=True)
class WorkflowRunResult(Result):
    """A run of a workflow, or one on its way.

    https://developers.heygen.com/reference/get-workflow-run
    """

    id: str
    """The run's id, which is that of its job, too."""
    status: str
    """The vendor's word.

    It ends as ``succeeded``, ``failed``, ``canceled`` or ``partial``: some outputs are ready
    then, and others have failed. Before that it is ``pending`` or ``processing``.
    """
    workflow: Mapping[str, Any] | None = field(default=None, hash=False)
    """The workflow's ``id``, and the ``version_id`` and ``version_number`` that is run."""
    version_id: str | None = None
    """The id of the version that is run."""
    created_at: str | None = None
    """When it was submitted, an ISO 8601 text."""
    started_at: str | None = None
    """When it was begun, an ISO 8601 text; None until then."""
    completed_at: str | None = None
    """When it was done, an ISO 8601 text; None until then."""
    progress: Mapping[str, Any] | None = field(default=None, hash=False)
    """How many nodes there are in ``total``, and how many of each status."""
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    """Why it failed: a ``code``, a ``message`` and maybe a ``node_id``; None unless it did."""
    outputs: tuple[RunOutput, ...] = ()
    """What it gives, each under its name."""


@frozen(kw_only=True)
class RunNode(Result):
    """How one node of a run fares."""

    node_id: str
    """The node's id within its workflow."""
    status: str
    """``pending``, ``processing``, ``succeeded``, ``failed``, ``skipped`` or ``canceled``."""
    node_type: str | None = None
    """What it does, in the vendor's word."""
    started_at: str | None = None
    """When it was begun, an ISO 8601 text; None until then."""
    completed_at: str | None = None
    """When it was done, an ISO 8601 text; None until then."""
    error: Mapping[str, Any] | None = field(default=None, hash=False)
    """Why it failed: a ``code`` and a ``message``; None unless it did."""


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
