"""What every spec beside the v3 videos is sent as, held against the vendors' contracts."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heygen_async import AddLooks, AddMotion, JoggProductPreviews
from heygen_async.protocol.heygen import HEYGEN, v2
from heygen_async.protocol.jogg import JOGG, products

from . import full_specs
from .contract import contract_of
from .full_specs import FULL
from .other_strategies import STRATEGIES
from .test_requests import nulls, sent

pytestmark = pytest.mark.filterwarnings("ignore:motion_prompt has no effect:UserWarning")

REGISTERED = sorted((*HEYGEN.specs, *JOGG.specs), key=lambda spec: spec.__name__)

HOMES = {
    "AddLooks": "/v2/photo_avatar/avatar_group/add",
    "AddMotion": "/v2/photo_avatar/add_motion",
    "AddSoundEffect": "/v2/photo_avatar/add_sound_effect",
    "AvatarVideo": "/v3/videos",
    "BrandKitImport": "/v3/brand-kits",
    "CinematicVideo": "/v3/videos",
    "CreateGroup": "/v2/photo_avatar/avatar_group/create",
    "DigitalTwin": "/v3/avatars",
    "ImageVideo": "/v3/videos",
    "JoggLipSync": "/v2/create_lip_sync_video",
    "JoggMotion": "/v2/photo_avatar/add_motion",
    "JoggPhoto": "/v2/photo_avatar/photo/generate",
    "JoggPreviewRender": "/v2/create_video_from_product/render_single_preview",
    "JoggProductAvatar": "/v2/product_avatar/generation",
    "JoggProductMotion": "/v2/product_avatar/add_motion",
    "JoggProductPreviews": "/v2/create_video_from_product/preview_list",
    "JoggProductVideo": "/v2/create_video_from_product",
    "JoggScript": "/v2/ai_scripts",
    "JoggTemplateVideo": "/v2/create_video_with_template",
    "JoggTranslation": "/v2/video_translate/",
    "JoggVideo": "/v2/create_video_from_avatar",
    "LegacyPhoto": "/v2/photo_avatar/photo/generate",
    "LegacyVideo": "/v2/videos",
    "Lipsync": "/v3/lipsyncs",
    "PhotoAvatar": "/v3/avatars",
    "PromptAvatar": "/v3/avatars",
    "StudioVideo": "/v3/videos",
    "AiClipping": "/v3/ai-clipping",
    "BackgroundRemoval": "/v3/background-removals",
    "FillerWordRemoval": "/v3/filler-word-removals",
    "HyperframesRender": "/v3/hyperframes/renders",
    "Podcast": "/v3/podcasts",
    "Proofread": "/v3/video-translations/proofreads",
    "ProofreadTranslation": "/v3/video-translations/proofreads/p1/generate",
    "VideoTranslation": "/v3/video-translations",
    "TemplateVideo": "/v3/templates/t1",
    "VideoComparison": "/v3/video-quality/comparisons",
    "WorkflowRun": "/v3/workflow-runs",
    "TrainGroup": "/v2/photo_avatar/train",
    "VoiceClone": "/v3/voices/clone",
    "VoiceTraining": "/v3/models/audio/voices",
    "UpscaleAvatar": "/v2/photo_avatar/upscale",
    "VideoAgent": "/v3/video-agents",
}

OPEN = {"AvatarVideo", "CinematicVideo", "ImageVideo", "StudioVideo"}
"""Those whose properties the suite of the v3 videos counts."""

PAGE_ONLY = "https://docs.heygen.com/reference/generate-video does not have it"
NOT_SAID = {
    "preview_list.language": "it is required in the script, and goes there",
    "request_id": "the idempotency key goes there",
    "[base64]": "files go up as assets first",
    "/v2/videos.callback_url": PAGE_ONLY,
    "/v2/videos.callback_id": PAGE_ONLY,
    "/v2/videos.caption": PAGE_ONLY,
    "/v2/videos.output_format": PAGE_ONLY,
    "/v2/videos.voice_settings.engine_settings": PAGE_ONLY,
}


def api_of(spec: Any) -> str:
    return "JoggAI" if type(spec).__name__.startswith("Jogg") else "HeyGen"


def request_of(spec: Any) -> Any:
    if isinstance(spec, AddLooks):
        return v2.add_looks(spec)
    if isinstance(spec, JoggProductPreviews):
        return products.preview(spec)
    vendor = JOGG if type(spec) in JOGG.specs else HEYGEN
    return vendor.kind_for(type(spec)).create(spec)


def name(value: Any) -> str:
    return getattr(value, "__name__", type(value).__name__)


def test_every_registered_spec_has_a_strategy():
    """A new kind of job is part of this suite, or the suite fails."""
    assert STRATEGIES.keys() == {*REGISTERED, AddLooks, JoggProductPreviews}
    assert HOMES.keys() == {spec.__name__ for spec in STRATEGIES}


@pytest.mark.parametrize("cls", STRATEGIES, ids=name)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(data=st.data())
def test_every_spec_becomes_a_body_the_server_takes(cls, data):
    """Any spec makes a paid POST to its operation, its body fits, absent options are left out."""
    spec = data.draw(STRATEGIES[cls])
    request = request_of(spec)
    contract = contract_of(api_of(spec), request.path)
    body = sent(request.json)
    assert (request.method, request.path) == ("POST", HOMES[cls.__name__])
    assert request.paid
    assert not request.params
    contract.validate_request("POST", request.path, body)
    assert not nulls(body)


@pytest.mark.parametrize(("spec", "body"), FULL, ids=name)
def test_values_stand_in_their_own_fields(spec, body):
    """A spec with every option is sent exactly so."""
    assert sent(request_of(spec).json) == body


@pytest.mark.parametrize("cls", [cls for cls in STRATEGIES if cls.__name__ not in OPEN], ids=name)
def test_every_option_of_a_spec_is_written_out(cls):
    """The table of full specs sets each field of each class, so nothing is missed in it."""
    fields = {field.name for field in attrs.fields(cls)} - {"extra_body"}
    said = {
        field
        for spec, _ in FULL
        if type(spec) is cls
        for field in fields
        if getattr(spec, field) is not None
    }
    assert said == fields


@pytest.mark.parametrize(
    "path", sorted({HOMES[cls.__name__] for cls in STRATEGIES if cls.__name__ not in OPEN})
)
@pytest.mark.parametrize("api", ["HeyGen", "JoggAI"])
def test_every_field_of_the_contract_can_be_said(api, path):
    """Each property of the operation's body is reached by some spec, or excepted by name."""
    bodies = [body for spec, body in FULL if api_of(spec) == api and HOMES[name(spec)] == path]
    if not bodies:
        assert path not in contract_of(api, path).document["paths"]
        return
    contract = contract_of(api, path)
    schema = contract.request_schema("POST", path)
    reached: set[str] = set()
    for body in bodies:
        contract.validate_request("POST", path, body)
        reached.update(contract.walk(schema, body))
    allowed = set(contract.walk(schema))
    assert reached <= allowed
    assert not {
        field for field in allowed - reached if not any(part in path + field for part in NOT_SAID)
    }


def enum_words() -> list[Any]:
    rows = []
    for spec in (
        full_specs.LEGACY_PHOTO,
        full_specs.ADD_MOTION,
        full_specs.JOGG_PHOTO,
        full_specs.JOGG_MOTION,
        full_specs.JOGG_VIDEO,
    ):
        path = HOMES[name(spec)]
        parts = contract_of(api_of(spec), path).request_schema("POST", path)["properties"]
        rows += [
            (spec, field, word) for field, part in parts.items() for word in part.get("enum", ())
        ]
    return rows


@pytest.mark.parametrize(("spec", "field", "word"), enum_words(), ids=name)
def test_every_word_of_the_contract_can_be_said(spec, field, word):
    """Each word of each enum is accepted and sent as it is."""
    assert sent(request_of(attrs.evolve(spec, **{field: word})).json)[field] == word


@pytest.mark.parametrize("motion_type", ["veo3.1", "runway_gen4", "runway_gen3", "avatar_iv"])
def test_a_newer_motion_type_is_passed_on(motion_type):
    """The vendor's own validation message lists words that its page does not have."""
    with pytest.warns(UserWarning, match="not documented"):
        spec = AddMotion(id="look-1", motion_type=motion_type)
    assert request_of(spec).json["motion_type"] == motion_type


@pytest.mark.parametrize(("spec", "body"), FULL, ids=name)
@given(data=st.data())
@settings(max_examples=10)
def test_the_contract_refuses_what_is_wrong(spec, body, data):
    """The judge is no yes-man: any field under another name is refused."""
    import jsonschema

    path = HOMES[name(spec)]
    field = data.draw(st.sampled_from(sorted(body)))
    wrong = json.loads(json.dumps(body))
    wrong[f"{field}_"] = wrong.pop(field)
    with pytest.raises(jsonschema.ValidationError):
        contract_of(api_of(spec), path).validate_request("POST", path, wrong)
