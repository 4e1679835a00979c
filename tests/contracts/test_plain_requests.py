"""Every request that makes no job, held against the contracts; and that there are no others."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heygen_async.protocol.batches import batch_path, get_batch
from heygen_async.protocol.heygen import (
    avatars,
    brands,
    edits,
    media,
    quality,
    realtime,
    templates,
    translations,
    v2,
    video_agents,
    videos,
    voices,
    webhooks,
    workflows,
)
from heygen_async.protocol.idempotency import honours_key
from heygen_async.protocol.jogg import films, products, tables
from heygen_async.protocol.jogg import webhooks as jogg_webhooks
from heygen_async.protocol.kinds import JobKind
from heygen_async.protocol.operations import Operation
from heygen_async.protocol.request import Upload, drop_none

from .contract import HEYGEN, JOGG, LEGACY, contract_of
from .other_strategies import STRATEGIES
from .strategies import texts, urls
from .test_requests import nulls, sent
from .test_spec_requests import HOMES

UPLOAD = Upload(content=b"x" * 9, filename="a.png", content_type="image/png", size=9)
ENDPOINT = {"url": "https://a.example", "events": ["avatar_video.success"], "entity_id": "e"}
JOGG_ENDPOINT = {
    "url": "https://a.example", "status": "enabled", "events": ["generated_video_success"]
}  # fmt: skip
KIT = {
    "name": "n",
    "color_roles": dict.fromkeys(("primary", "secondary", "tertiary", "accent"), "#000000"),
    "logo_roles": {"primary": "l1"},
    "font_roles": {name: {"font_id": "f1", "weight": 400} for name in ("title_text", "body_text")},
}
GRAPH = {
    "schema_version": "1",
    "inputs": {"script": {"type": "text", "required": False}},
    "nodes": [
        {
            "id": "film",
            "type": "avatar_video",
            "variant": "plain",
            "config": {"a": 1},
            "depends_on": [],
            "bindings": {"script": {"kind": "run_input", "name": "script"}},
        }
    ],
    "outputs": {"film": {"node_id": "film", "port": "video"}},
}
WORKFLOW = {"name": "n", "product_graph": GRAPH, "meta": {"a": 1}}
REALTIME = {"type": "tts", "avatar_id": "a1", "text": "Hi", "voice_id": "v1"}
GLOSSARY = {
    "name": "n",
    "terms": [{"term": "a", "pronunciation": "b"}],
    "do_not_translate_terms": [{"term": "a"}],
    "forced_translations": [{"term": "a", "translation": "b"}],
}
COMPLETION = media.complete_direct_upload("a1")

NO_CHECKSUM = "the server compares size_bytes; a checksum would mean reading the file twice"
NOT_SAID = {
    "[asset_id]": "an uploaded file is named by its id, as every medium is",
    "[base64]": "files go up as assets first; the same picture inside a body is sent each time",
    ".files[": "its parts are those of any media",
    "consent_video": "the person consents on the vendor's page; a video of it is not supported",
    "checksum_sha256": NO_CHECKSUM,
    "/v3/assets/direct-uploads/batches.callback_url": "reserved, says the page: nothing is sent",
    "/v3/avatar-realtime[": "its variants exclude each other: tests/client/test_streams.py",
    "batch_ids": "each statuses has them beside its own ids",
}

PHOTO, MOTION, JOGG_VIDEO = tables.KINDS
LIP_SYNC, JOGG_TRANSLATION, TEMPLATE_VIDEO = films.KINDS
PRODUCT_VIDEO, _, PRODUCT_AVATAR, PRODUCT_MOTION, SCRIPT = products.KINDS
PRODUCT = {
    "name": "n",
    "description": "d",
    "target_audience": "t",
    "media": [{"type": 1, "name": "n", "url": "https://a.example", "description": "d"}],
}

HEYGEN_REQUESTS = {
    "GET /v3/videos": videos.VIDEOS.list("t", folder_id="f", title="n"),
    "GET /v3/videos/{video_id}": videos.VIDEOS.get("v1"),
    "DELETE /v3/videos/{video_id}": videos.VIDEOS.delete("v1"),
    "GET /v3/videos/{video_id}/scenes": videos.SCENES.request("v1"),
    "GET /v3/videos/statuses": videos.VIDEO.get_statuses(["a", "b"]),
    "GET /v3/videos/batches/{batch_id}": get_batch(videos.VIDEO, "b1", "t"),
    "GET /v3/lipsyncs/batches/{batch_id}": get_batch(videos.LIPSYNC, "b1", "t"),
    "GET /v3/video-translations/batches/{batch_id}": get_batch(translations.TRANSLATION, "b1", "t"),
    "GET /v3/assets/batches/{batch_id}": get_batch(media.ASSET, "b1", "t"),
    "POST /v3/assets/direct-uploads/batches": media.create_upload_batch([UPLOAD], "n"),
    "POST /v3/assets/complete/batches": media.COMPLETE_BATCH.request(json={"batch_id": "b1"}),
    "GET /v3/templates": templates.TEMPLATES.list("t"),
    "GET /v3/templates/{template_id}": templates.TEMPLATES.get("t1"),
    "GET /v3/video-quality/comparisons/{comparison_id}": quality.COMPARISONS.get("c1"),
    "GET /v3/video-quality/comparisons/batches/{batch_id}": get_batch(
        quality.COMPARISON, "b1", "t"
    ),
    "POST /v3/workflows": workflows.CREATE_WORKFLOW.request(json=WORKFLOW),
    "GET /v3/workflows": workflows.WORKFLOWS.list("t"),
    "GET /v3/workflows/node-types": workflows.NODE_TYPES.request(),
    "GET /v3/workflows/{workflow_id}": workflows.WORKFLOWS.get("w1"),
    "PATCH /v3/workflows/{workflow_id}": workflows.WORKFLOWS.update(
        "w1", {"product_graph": GRAPH, "expected_revision": 1}
    ),
    "POST /v3/workflows/{workflow_id}/versions": workflows.PUBLISH.request(
        "w1", json={"product_graph": GRAPH}
    ),
    "GET /v3/workflows/{workflow_id}/versions": workflows.versions_of("w1").list("t"),
    "GET /v3/workflows/{workflow_id}/versions/{version_number}": workflows.versions_of("w1").get(
        "2"
    ),
    "GET /v3/workflow-runs": workflows.RUNS.list("t", workflow_id="w1"),
    "GET /v3/workflow-runs/{run_id}": workflows.RUNS.get("r1"),
    "POST /v3/workflow-runs/{run_id}/cancel": workflows.CANCEL.request("r1"),
    "GET /v3/workflow-runs/{run_id}/nodes": workflows.nodes_of("r1").list("t"),
    "POST /v3/avatar-realtime": realtime.CREATE.request(json=REALTIME),
    "GET /v3/avatar-realtime/{stream_id}": realtime.STREAMS.get("s1"),
    "POST /v3/avatar-realtime/{stream_id}/text": realtime.APPEND.request(
        "s1", json={"delta": "more", "final": True}
    ),
    "POST /v3/avatar-realtime/{stream_id}/cancel": realtime.CANCEL.request("s1"),
    "GET /v3/avatar-realtime/{stream_id}/words": realtime.WORDS.request("s1"),
    "POST /v3/models/audio/tts/stream": realtime.SPEECH_STREAM.request(
        json={
            "voice_id": "v1",
            "text": "Hi",
            "language": "en",
            "seed": 1,
            "with_timestamps": True,
        }
    ),
    "GET /v3/lipsyncs": videos.LIPSYNCS.list("t"),
    "GET /v3/lipsyncs/{lipsync_id}": videos.LIPSYNCS.get("l1"),
    "PATCH /v3/lipsyncs/{lipsync_id}": videos.LIPSYNCS.update("l1", {"title": "n"}),
    "DELETE /v3/lipsyncs/{lipsync_id}": videos.LIPSYNCS.delete("l1"),
    "GET /v3/lipsyncs/statuses": videos.LIPSYNC.get_statuses(["a", "b"]),
    "GET /v3/ai-clipping": edits.CLIPPINGS.list("t"),
    "GET /v3/ai-clipping/{job_id}": edits.CLIPPINGS.get("c1"),
    "DELETE /v3/ai-clipping/{job_id}": edits.CLIPPINGS.delete("c1"),
    "GET /v3/background-removals": edits.BACKGROUND_REMOVALS.list("t"),
    "GET /v3/background-removals/{job_id}": edits.BACKGROUND_REMOVALS.get("r1"),
    "DELETE /v3/background-removals/{job_id}": edits.BACKGROUND_REMOVALS.delete("r1"),
    "GET /v3/filler-word-removals/{filler_word_removal_id}": edits.FILLER_WORD_REMOVALS.get("r1"),
    "GET /v3/hyperframes/renders": edits.HYPERFRAMES.list("t"),
    "GET /v3/hyperframes/renders/{render_id}": edits.HYPERFRAMES.get("r1"),
    "DELETE /v3/hyperframes/renders/{render_id}": edits.HYPERFRAMES.delete("r1"),
    "GET /v3/podcasts": edits.PODCASTS.list("t"),
    "GET /v3/podcasts/{podcast_id}": edits.PODCASTS.get("p1"),
    "DELETE /v3/podcasts/{podcast_id}": edits.PODCASTS.delete("p1"),
    "GET /v3/video-translations": translations.TRANSLATIONS.list("t"),
    "GET /v3/video-translations/{video_translation_id}": translations.TRANSLATIONS.get("t1"),
    "PATCH /v3/video-translations/{video_translation_id}": translations.TRANSLATIONS.update(
        "t1", {"title": "n"}
    ),
    "DELETE /v3/video-translations/{video_translation_id}": translations.TRANSLATIONS.delete("t1"),
    "GET /v3/video-translations/statuses": translations.TRANSLATION.get_statuses(["a", "b"]),
    "GET /v3/video-translations/languages": translations.LANGUAGES.request(),
    "GET /v3/video-translations/proofreads/{proofread_id}": translations.PROOFREADS.get("p1"),
    "GET /v3/video-translations/proofreads/{proofread_id}/srt": translations.SUBTITLES.request(
        "p1"
    ),
    "PUT /v3/video-translations/proofreads/{proofread_id}/srt": (
        translations.REPLACE_SUBTITLES.request(
            "p1", json={"srt": {"type": "url", "url": "https://a.example/a.srt"}}
        )
    ),
    "GET /v3/video-agents": video_agents.SESSIONS.list("t"),
    "GET /v3/video-agents/styles": video_agents.STYLES.list("t", tag="g"),
    "GET /v3/video-agents/{session_id}": video_agents.SESSIONS.get("s1"),
    "POST /v3/video-agents/{session_id}": video_agents.SEND.request(
        "s1",
        json={
            "message": "m",
            "avatar_id": "a",
            "voice_id": "v",
            "brand_kit_id": "b",
            "files": [{"type": "url", "url": "https://a.example"}],
        },
    ),
    "POST /v3/video-agents/{session_id}/stop": video_agents.STOP.request("s1", json={}),
    "GET /v3/video-agents/{session_id}/resources/{resource_id}": video_agents.RESOURCES.request(
        "s1", "r1"
    ),
    "GET /v3/video-agents/{session_id}/videos": video_agents.MADE.request("s1"),
    "POST /v3/assets": media.upload_asset(UPLOAD),
    "GET /v3/assets/{asset_id}": media.ASSETS.get("a1"),
    "DELETE /v3/assets/{asset_id}": media.ASSETS.delete("a1"),
    "POST /v3/assets/direct-uploads": media.create_direct_upload(UPLOAD),
    "POST /v3/assets/{asset_id}/complete": COMPLETION,
    "GET /v3/voices": voices.VOICES.list("t", type="private", engine="e", language="l", gender="g"),
    "GET /v3/voices/{voice_id}": voices.VOICES.get("v1"),
    "DELETE /v3/voices/{voice_id}": voices.VOICES.delete("v1"),
    "POST /v3/voices": voices.DESIGN.request(
        json={"prompt": "p", "gender": "g", "locale": "l", "seed": 1}
    ),
    "POST /v3/voices/speech": voices.SPEECH.request(
        json={
            "text": "t",
            "voice_id": "v1",
            "input_type": "ssml",
            "speed": 2,
            "language": "l",
            "locale": "l",
        }
    ),
    "GET /v3/audio/sounds": voices.SOUNDS.list("t", query="q", type="sound_effects", min_score=0.5),
    "GET /v3/models/audio/voices": voices.MODEL_VOICES.list("t"),
    "GET /v3/models/audio/voices/{voice_id}": voices.MODEL_VOICES.get("v1"),
    "DELETE /v3/models/audio/voices/{voice_id}": voices.MODEL_VOICES.delete("v1"),
    "POST /v3/models/audio/tts": voices.MODEL_SPEECH.request(
        json={"text": "t", "voice_id": "v1", "language": "en", "seed": 1}
    ),
    "GET /v3/brand-kits": brands.BRAND_KITS.list("t"),
    "GET /v3/brand-kits/{brand_kit_id}": brands.BRAND_KITS.get("k1"),
    "PATCH /v3/brand-kits/{brand_kit_id}": brands.BRAND_KITS.update("k1", KIT),
    "DELETE /v3/brand-kits/{brand_kit_id}": brands.BRAND_KITS.delete("k1"),
    "POST /v3/brand-glossaries": brands.CREATE_GLOSSARY.request(json=GLOSSARY),
    "GET /v3/brand-glossaries": brands.BRAND_GLOSSARIES.list("t"),
    "GET /v3/brand-glossaries/{brand_glossary_id}": brands.BRAND_GLOSSARIES.get("g1"),
    "PATCH /v3/brand-glossaries/{brand_glossary_id}": brands.BRAND_GLOSSARIES.update(
        "g1", GLOSSARY
    ),
    "DELETE /v3/brand-glossaries/{brand_glossary_id}": brands.BRAND_GLOSSARIES.delete("g1"),
    "GET /v3/assets/statuses": media.ASSET.get_statuses(["a", "b"]),
    "GET /v3/assets/search": media.SEARCH.list("t", query="q", type="icon", scope="personal"),
    "PATCH /v3/avatars/{group_id}": avatars.GROUPS.update("g1", {"default_voice_id": "v1"}),
    "GET /v3/assets": media.ASSETS.list("t", username="u", folder_id="f"),
    "GET /v3/webhooks/endpoints": webhooks.ENDPOINTS.list("t"),
    "POST /v3/webhooks/endpoints": webhooks.CREATE_ENDPOINT.request(json=ENDPOINT),
    "PATCH /v3/webhooks/endpoints/{endpoint_id}": webhooks.ENDPOINTS.update(
        "e1", {"url": "https://a.example", "events": ["avatar_video.success"]}
    ),
    "DELETE /v3/webhooks/endpoints/{endpoint_id}": webhooks.ENDPOINTS.delete("e1"),
    "POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret": webhooks.ROTATE_SECRET.request("e1"),
    "GET /v3/webhooks/event-types": webhooks.EVENT_TYPES.request(),
    "GET /v3/webhooks/events": webhooks.EVENTS.list(
        "t", event_type="avatar_video.success", entity_id="e"
    ),
    "GET /v3/avatars": avatars.GROUPS.list("t", ownership="private"),
    "GET /v3/avatars/{group_id}": avatars.GROUPS.get("g1"),
    "DELETE /v3/avatars/{group_id}": avatars.GROUPS.delete("g1"),
    "POST /v3/avatars/{group_id}/consent": avatars.CONSENT.request(
        "g1",
        json={
            "reroute_url": "https://a.example",
            "consent_text": "I agree",
            "consent_video": {"type": "url", "url": "https://a.example/v.mp4"},
        },
    ),
    "GET /v3/avatars/looks": avatars.LOOKS.list(
        "t", group_id="g1", avatar_type="photo_avatar", ownership="public"
    ),
    "GET /v3/avatars/looks/{look_id}": avatars.LOOKS.get("l1"),
    "PATCH /v3/avatars/looks/{look_id}": avatars.LOOKS.update("l1", {"name": "Ada"}),
    "DELETE /v3/avatars/looks/{look_id}": avatars.LOOKS.delete("l1"),
    "GET /v3/users/me": media.ME.request(),
    "GET /v2/videos": v2.VIDEOS.list("t", folder_id="f", title="n"),
    "GET /v2/videos/{video_id}": v2.VIDEOS.get("v1"),
    "DELETE /v2/videos/{video_id}": v2.VIDEOS.delete("v1"),
}
LEGACY_REQUESTS = {
    "GET /v2/photo_avatar/{id}": v2.LOOKS.get("l1"),
    "GET /v2/photo_avatar/generation/{generation_id}": v2.GENERATIONS.get("g1"),
    "GET /v2/photo_avatar/train/status/{group_id}": v2.TRAININGS.get("g1"),
}
SORTED = {"status": 4, "sort_by": "created_at", "sort_order": "asc"}
JOGG_REQUESTS = {
    "GET /v2/photo_avatar/photo": PHOTO.get_status("p1"),
    "GET /v2/photo_avatar": MOTION.get_status("m1"),
    "GET /v2/avatar_video/{id}": JOGG_VIDEO.get_status("v1"),
    "GET /v2/avatars/public": tables.PUBLIC_AVATARS.list(
        aspect_ratio="square",
        style="social",
        gender="male",
        age="senior",
        scene="news",
        ethnicity="east_asian",
    ),
    "GET /v2/avatars/custom": tables.CUSTOM_AVATARS.list(name="n", status="completed"),
    "GET /v2/avatars/photo_avatars": tables.PHOTO_AVATARS.list(name="n", status="failed"),
    "GET /v2/voices": tables.VOICES.list(
        gender="female", language="english", age="old", use_case="u"
    ),
    "GET /v2/voices/custom": tables.CUSTOM_VOICES.list(language="english"),
    "GET /v2/user/whoami": tables.WHOAMI.request(),
    "GET /v2/user/remaining_quota": tables.REMAINING_QUOTA.request(),
    "POST /v2/upload/asset": tables.presign(UPLOAD),
    "GET /v2/lip_sync_video/{task_id}": LIP_SYNC.get_status("l1"),
    "GET /v2/video_translate/{video_translate_id}": JOGG_TRANSLATION.get_status("t1"),
    "GET /v2/video_translate/target_languages": films.LANGUAGES.request(),
    "GET /v2/template_video/{video_id}": TEMPLATE_VIDEO.get_status("v1"),
    "GET /v2/template_videos": films.TEMPLATE_VIDEOS.list("2", **SORTED),
    "GET /v2/templates": films.TEMPLATES.list(aspect_ratio="square"),
    "GET /v2/templates/custom": films.CUSTOM_TEMPLATES.list(aspect_ratio="square"),
    "GET /v2/template/custom/{id}": films.TEMPLATE.request("1"),
    "POST /v2/product": products.CREATE_PRODUCT.request(
        json={"url": "https://a.example", **PRODUCT}
    ),
    "PUT /v2/product": products.UPDATE_PRODUCT.request(json={"product_id": "p1", **PRODUCT}),
    "GET /v2/product_video/{product_video_id}": PRODUCT_VIDEO.get_status("v1"),
    "GET /v2/product_videos": products.PRODUCT_VIDEOS.list("2", **SORTED),
    "GET /v2/product_previews": products.PREVIEWS.list("2", **SORTED),
    "GET /v2/product_avatar": PRODUCT_MOTION.get_status("m1"),
    "GET /v2/product_avatar/generation/{batch_id}": PRODUCT_AVATAR.get_status("b1"),
    "GET /v2/avatars/product_avatars": products.PRODUCT_AVATARS.list(aspect_ratio="portrait"),
    "GET /v2/ai_scripts/results/{task_id}": SCRIPT.get_status("t1"),
    "GET /v2/musics": films.MUSICS.list("2"),
    "GET /v2/visual_styles": films.VISUAL_STYLES.list(aspect_ratio="square"),
    "GET /v2/endpoints": jogg_webhooks.ENDPOINTS.list(),
    "POST /v2/endpoint": jogg_webhooks.CREATE_ENDPOINT.request(json=JOGG_ENDPOINT),
    "PUT /v2/endpoint/{endpoint_id}": jogg_webhooks.REPLACE_ENDPOINT.request(
        "e1", json=JOGG_ENDPOINT
    ),
    "DELETE /v2/endpoint/{endpoint_id}": jogg_webhooks.DELETE_ENDPOINT.request("e1"),
    "GET /v2/events": jogg_webhooks.EVENT_TYPES.request(),
}
ALL = [
    *((HEYGEN, name, request) for name, request in HEYGEN_REQUESTS.items()),
    *((LEGACY, name, request) for name, request in LEGACY_REQUESTS.items()),
    *((JOGG, name, request) for name, request in JOGG_REQUESTS.items()),
]
IDS = [f"{request.method} {request.path}" for _, _, request in ALL]

BARE = [
    videos.VIDEOS.list(),
    voices.VOICES.list(type=None, engine=None),
    avatars.GROUPS.list(ownership=None),
    avatars.LOOKS.list(group_id=None, avatar_type=None),
    avatars.CONSENT.request("g1", json={}),
]


def check(contract: Any, request: Any) -> None:
    """Require query and body to be the contract's and in its bounds."""
    known = contract.request_parameters(request.method, request.path)
    assert request.params.keys() <= known.keys()
    for name, text in request.params.items():
        schema = known[name]["schema"]
        read = {"integer": int, "number": float}.get(schema.get("type"), str)
        value = read(text)
        jsonschema.Draft202012Validator(schema).validate(value)
    if request.json is not None:
        assert not nulls(request.json)
        contract.validate_request(request.method, request.path, sent(request.json))


@pytest.mark.parametrize(("contract", "name", "request_"), ALL, ids=IDS)
def test_requests_are_the_contracts(contract, name, request_):
    """Path, query and body are those of the operation, and all of its options can be given."""
    assert contract.name_of(request_.method, request_.path) == name
    check(contract, request_)
    known = contract.request_parameters(request_.method, request_.path)
    assert known.keys() - request_.params.keys() <= NOT_SAID.keys()
    if request_.json is not None:
        schema = contract.request_schema(request_.method, request_.path)
        missing = set(contract.walk(schema)) - set(contract.walk(schema, request_.json))
        named = {f"{request_.path}{field}" for field in missing}
        assert all(any(part in field for part in NOT_SAID) for field in named), named


@pytest.mark.parametrize("request_", BARE, ids=lambda request: request.path)
def test_absent_options_are_left_out(request_):
    """An option that was not given is not sent, neither empty nor as None."""
    check(HEYGEN, request_)
    assert request_.params.keys() <= {"limit"}
    assert not request_.json


def test_every_operation_has_a_request_and_every_request_an_operation():
    """Requests and contracts have the same operations: nothing unchecked, nothing left over."""
    made = {(contract, name) for contract, name, _ in ALL}
    for cls in STRATEGIES:
        path = HOMES[cls.__name__].replace("/p1/", "/{proofread_id}/")
        path = path.replace("/t1", "/{template_id}")
        api = "JoggAI" if cls.__name__.startswith("Jogg") else "HeyGen"
        made.add((contract_of(api, path), f"POST {path}"))
    # Their bodies: test_batches.py
    for kind in (*videos.KINDS, translations.TRANSLATION, quality.COMPARISON):
        made.add((HEYGEN, f"POST {batch_path(kind)}"))
    for contract in (HEYGEN, LEGACY, JOGG):
        assert {name for each, name in made if each is contract} == contract.operations()


@pytest.mark.parametrize(
    ("contracts", "modules"),
    [
        (
            (HEYGEN, LEGACY),
            (
                avatars,
                brands,
                edits,
                media,
                quality,
                realtime,
                templates,
                translations,
                v2,
                video_agents,
                videos,
                voices,
                webhooks,
                workflows,
            ),
        ),
        ((JOGG,), (tables, films, products, jogg_webhooks)),
    ],
    ids=["heygen", "jogg"],
)
def test_every_path_of_a_record_is_the_contracts(contracts, modules):
    """Operations and kinds of jobs are posted to paths that a contract has."""
    known = {
        (method.upper(), re.sub(r"\{\w*\}", "{}", path))
        for contract in contracts
        for path, methods in contract.document["paths"].items()
        for method in methods
    }
    records = [value for module in modules for value in vars(module).values()]
    records += [kind for module in modules for kind in getattr(module, "KINDS", ())]
    written = {(op.method, op.path) for op in records if isinstance(op, Operation)}
    written |= {("POST", kind.path) for kind in records if isinstance(kind, JobKind)}
    assert len(written) >= 4
    assert {(method, re.sub(r"\{\w*\}", "{}", path)) for method, path in written} <= known


@given(st.binary(min_size=1, max_size=30), texts, st.sampled_from(["image/png", "video/mp4"]))
def test_any_upload_fits(content, filename, content_type):
    """A direct upload and JoggAI's signed one ask with the file's own facts."""
    upload = Upload(
        content=content, filename=filename, content_type=content_type, size=len(content)
    )
    for contract, request, size in (
        (HEYGEN, media.create_direct_upload(upload), "size_bytes"),
        (JOGG, tables.presign(upload), "file_size"),
    ):
        check(contract, request)
        assert request.json == {
            "filename": filename,
            "content_type": content_type,
            size: len(content),
        }


@given(urls | st.none(), texts | st.none(), st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True))
def test_any_consent_fits(reroute_url, consent_text, group_id):
    """Consent is asked for with what was given and no more."""
    body = drop_none(reroute_url=reroute_url, consent_text=consent_text)
    request = avatars.CONSENT.request(group_id, json=body)
    check(HEYGEN, request)
    assert request.path == f"/v3/avatars/{group_id}/consent"


@given(st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable() and text.strip()))
def test_any_id_stays_one_part_of_the_path(text):
    """An id with a slash, a question mark or a space does not become another operation."""
    if text in {".", ".."}:
        return
    for build, name in (
        (avatars.LOOKS.get, "GET /v3/avatars/looks/{look_id}"),
        (v2.TRAININGS.get, "GET /v2/photo_avatar/train/status/{group_id}"),
    ):
        request = build(text)
        prefix = name.partition(" ")[2].partition("{")[0]
        assert request.path.startswith(prefix)
        assert not set(request.path.removeprefix(prefix)) & set("/?# ")


def test_uploads_go_as_the_contract_has_them():
    """``POST /v3/assets`` is multipart with one part, ``file``."""
    content = HEYGEN.operation("POST", "/v3/assets")["requestBody"]["content"]
    schema = content["multipart/form-data"]["schema"]
    assert schema["properties"].keys() == {"file"}
    request = HEYGEN_REQUESTS["POST /v3/assets"]
    assert request.upload is UPLOAD
    assert not UPLOAD.raw
    assert request.json is None


def test_only_v3_honours_a_key():
    """No operation of v2 or JoggAI lists the header, and none is said to honour it."""
    for contract in (LEGACY, JOGG):
        for operation in contract.operations():
            method, _, path = operation.partition(" ")
            assert "Idempotency-Key" not in contract.request_parameters(method, path, "header")
            assert not honours_key(method, path)
