"""The bodies of batches, held against the contract."""

from __future__ import annotations

import attrs
import pytest

from heygen_async import AvatarVideo, BatchDetail, BatchItem, CinematicVideo, Lipsync
from heygen_async.protocol.batches import batch_path, create_batch, fits_batch
from heygen_async.protocol.heygen.videos import KINDS, LIPSYNC, VIDEO
from tests.conftest import image_video

from .contract import HEYGEN
from .full_specs import FULL
from .test_requests import sent

VIDEOS = [
    image_video(title="t", callback_id="c"),
    AvatarVideo(avatar_id="a", script="Hi"),
    CinematicVideo(prompt="p", avatar_id=("a",)),
]
OPTIONS = {"title": "t", "callback_url": "https://a.example/done"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_batch_of_full_specs_is_the_contracts(kind):
    """Every option of a spec may stand in an item, but those that ``batch_without`` names."""
    specs = VIDEOS if kind is VIDEO else []
    specs = [*specs]
    for spec, _ in FULL:
        if isinstance(spec, kind.specs):
            changes = {
                name: None for name in kind.batch_without if getattr(spec, name, None) is not None
            }
            specs.append(attrs.evolve(spec, **changes) if changes else spec)
    assert specs
    assert all(fits_batch(kind, spec) for spec in specs)
    folder = {"folder_id": "f1"} if kind is VIDEO else {}
    request = create_batch(kind, specs, **OPTIONS, **folder)
    assert HEYGEN.name_of("POST", request.path) == f"POST {batch_path(kind)}"
    HEYGEN.validate_request("POST", request.path, sent(request.json))
    schema = HEYGEN.request_schema("POST", request.path)
    assert request.json.keys() == HEYGEN.resolve(schema)["properties"].keys()


def test_the_fields_of_a_batch_are_the_contracts():
    """What is shown of it is all that the vendor tells, but the cursor."""
    schemas = HEYGEN.document["components"]["schemas"]
    cursor = {"has_more", "next_token"}
    assert set(attrs.fields_dict(BatchDetail)) - {"extra"} == (
        schemas["VideoBatchDetail"]["properties"].keys() - cursor
    )
    assert set(attrs.fields_dict(BatchItem)) - {"extra"} == (
        schemas["VideoBatchItem"]["properties"].keys()
    )


def test_items_keep_a_folder_where_the_contract_has_one():
    """A lip sync's is its own; a video's would be refused."""
    url = "https://a.example/a.mp4"
    assert fits_batch(LIPSYNC, Lipsync(video=url, audio=url, folder_id="f"))
