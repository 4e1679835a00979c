"""The namespaces ``webhooks`` of both clients: what they send, and how they read the answers."""

from __future__ import annotations

import pytest

from heygen_async.errors import InvalidRequestError, ResponseError
from heygen_async.models.webhooks import DeliveredEvent, EventType, WebhookEndpoint
from heygen_async.protocol.answers import decoded
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.resources.heygen import Webhooks
from heygen_async.resources.jogg import JoggWebhooks

URL = "https://example.com/hooks"
ENDPOINT = {
    "endpoint_id": "ep_abc123",
    "url": URL,
    "events": ["avatar_video.success"],
    "status": "enabled",
    "created_at": "2026-03-25T12:00:00Z",
    "secret": "whsec_k7x9m2",
}
JOGG_ENDPOINT = {
    "endpoint_id": "wh_123456789",
    "url": URL,
    "secret": "whsec_abc123xyz",
    "status": "enabled",
    "events": ["generated_image_success"],
    "username": "johndoe",
    "created_at": 1732806631,
}
BAD_URLS = ["http://example.com/hooks", "ftp://example.com", "https://", "example.com", "", None, 5]
BAD_EVENTS = [[], "avatar_video.success", [""], [5], 5]


class Transport:
    """Answers requests in turn, and keeps them."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []
        self.transport = self  # as of a service, which has it

    def with_options(self, **options):
        assert set(options.values()) == {None}
        return self

    async def send(self, request):
        self.sent.append(request)
        return decoded(request, self.answers.pop(0))


def heygen(*answers):
    """Return the namespace and its transport."""
    transport = Transport(*answers)
    return Webhooks(transport, transport), transport


def jogg(*data):
    """Return JoggAI's namespace and its transport; the answers are put in envelopes."""
    transport = Transport(*({"code": 0, "msg": "Success", "data": item} for item in data))
    return JoggWebhooks(transport, transport), transport


async def test_an_endpoint_is_registered():
    """Absent options are left out; the POST is one that takes an idempotency key."""
    webhooks, transport = heygen({"data": ENDPOINT}, {"data": ENDPOINT | {"events": None}})
    endpoint = await webhooks.endpoints.create(URL, events=("avatar_video.success",), entity_id="e")
    every = await webhooks.endpoints.create(URL)
    first, second = transport.sent
    assert (first.method, first.path) == ("POST", "/v3/webhooks/endpoints")
    assert first.json == {"url": URL, "events": ["avatar_video.success"], "entity_id": "e"}
    assert second.json == {"url": URL}
    assert HEYGEN.honours_key(first.method, first.path)
    assert isinstance(endpoint, WebhookEndpoint)
    assert (endpoint.events, endpoint.secret) == (("avatar_video.success",), "whsec_k7x9m2")
    assert every.events is None


async def test_secrets_are_not_shown():
    """The text of an endpoint has no secret, of either vendor's."""
    for webhooks, _ in (heygen({"data": ENDPOINT}), jogg(JOGG_ENDPOINT)):
        endpoint = await webhooks.endpoints.create(URL, events=["x"])
        assert endpoint.secret.startswith("whsec_")
        assert "whsec_" not in repr(endpoint)


async def test_endpoints_are_listed_page_by_page():
    """A list without secrets is as good as one with them, and new fields are kept."""
    bare = {name: value for name, value in ENDPOINT.items() if name != "secret"}
    webhooks, transport = heygen(
        {"data": [ENDPOINT], "has_more": True, "next_token": "t2"},
        {"data": [bare | {"endpoint_id": "ep_2", "entity_id": "e"}], "has_more": False},
    )
    found = [endpoint async for endpoint in webhooks.endpoints.list()]
    assert [request.params for request in transport.sent] == [
        {"limit": "100"},
        {"limit": "100", "token": "t2"},
    ]
    assert [endpoint.endpoint_id for endpoint in found] == ["ep_abc123", "ep_2"]
    assert found[1].secret is None
    assert found[1].extra == {"entity_id": "e"}


async def test_an_endpoint_is_changed():
    """Only what is given goes out; nothing at all is a mistake."""
    webhooks, transport = heygen({"data": ENDPOINT}, {"data": ENDPOINT})
    await webhooks.endpoints.update("ep_abc123", events=["avatar_video.fail"])
    await webhooks.endpoints.update("ep/1", url=URL)
    first, second = transport.sent
    assert (first.method, first.path) == ("PATCH", "/v3/webhooks/endpoints/ep_abc123")
    assert first.json == {"events": ["avatar_video.fail"]}
    assert (second.path, second.json) == ("/v3/webhooks/endpoints/ep%2F1", {"url": URL})
    with pytest.raises(InvalidRequestError, match="nothing to update"):
        await webhooks.endpoints.update("ep_abc123")


async def test_an_endpoint_is_deleted():
    """The answer looks like one of version 2, and is a good one."""
    webhooks, transport = heygen({"error": None, "data": {}})
    assert await webhooks.endpoints.delete("ep_abc123") is None
    assert (transport.sent[0].method, transport.sent[0].path) == (
        "DELETE",
        "/v3/webhooks/endpoints/ep_abc123",
    )


async def test_a_secret_is_rotated():
    """The new secret comes back; this POST takes an idempotency key, too."""
    webhooks, transport = heygen({"data": {"endpoint_id": "ep_abc123", "secret": "whsec_new"}})
    assert await webhooks.endpoints.rotate_secret("ep_abc123") == "whsec_new"
    request = transport.sent[0]
    assert request.path == "/v3/webhooks/endpoints/ep_abc123/rotate-secret"
    assert HEYGEN.honours_key(request.method, request.path)


@pytest.mark.parametrize("data", [{"secret": None}, {"secret": 5}, {}])
async def test_a_secret_that_is_none_makes_no_sense(data):
    """Then nobody knows the secret, and the caller hears of it."""
    webhooks, _ = heygen({"data": data})
    with pytest.raises(ResponseError):
        await webhooks.endpoints.rotate_secret("ep_abc123")


async def test_event_types_are_listed():
    """They come in one page."""
    row = {"event_type": "avatar_video.success", "description": "A video is done."}
    webhooks, transport = heygen({"data": [row], "has_more": False, "next_token": None})
    assert await webhooks.event_types() == (EventType(**row),)
    assert transport.sent[0].path == "/v3/webhooks/event-types"


async def test_delivered_events_are_listed():
    """The history pages by itself and can be filtered."""
    row = {
        "event_id": "evt_1",
        "event_type": "avatar_video.success",
        "event_data": {"video_id": "v1"},
        "created_at": "2026-03-25T12:05:00Z",
    }
    webhooks, transport = heygen(
        {"data": [row], "has_more": True, "next_token": "t2"},
        {"data": [row | {"event_id": "evt_2"}], "has_more": False, "next_token": None},
    )
    events = webhooks.events(event_type="avatar_video.success", entity_id="e")
    found = [event async for event in events]
    assert found[0] == DeliveredEvent(**row)
    assert found[1].event_id == "evt_2"
    assert transport.sent[0].path == "/v3/webhooks/events"
    assert transport.sent[1].params == {
        "event_type": "avatar_video.success",
        "entity_id": "e",
        "limit": "100",
        "token": "t2",
    }


async def test_an_endpoint_of_jogg_is_registered_and_replaced():
    """All three fields go out each time; the PUT needs them all."""
    webhooks, transport = jogg(JOGG_ENDPOINT, JOGG_ENDPOINT)
    endpoint = await webhooks.endpoints.create(URL, events=["generated_image_success"])
    await webhooks.endpoints.update("wh_1", url=URL, events=["x"], status="disabled")
    create, replace = transport.sent
    assert (create.method, create.path) == ("POST", "/v2/endpoint")
    assert create.json == {
        "url": URL,
        "status": "enabled",
        "events": ["generated_image_success"],
    }
    assert (replace.method, replace.path) == ("PUT", "/v2/endpoint/wh_1")
    assert replace.json == {"url": URL, "status": "disabled", "events": ["x"]}
    assert (endpoint.endpoint_id, endpoint.created_at) == ("wh_123456789", 1732806631)
    assert (endpoint.username, endpoint.extra) == ("johndoe", {})


async def test_endpoints_of_jogg_are_listed_and_deleted():
    """The list is one page, and may be null."""
    webhooks, transport = jogg(
        {"endpoints": [JOGG_ENDPOINT]}, {"endpoints": None}, {"message": "webhook deleted"}
    )
    assert [item.endpoint_id async for item in webhooks.endpoints.list()] == ["wh_123456789"]
    assert [item async for item in webhooks.endpoints.list()] == []
    assert await webhooks.endpoints.delete("wh_1") is None
    assert [(request.method, request.path) for request in transport.sent] == [
        ("GET", "/v2/endpoints"),
        ("GET", "/v2/endpoints"),
        ("DELETE", "/v2/endpoint/wh_1"),
    ]


async def test_event_types_of_jogg_are_listed():
    """They are names only."""
    webhooks, transport = jogg({"events": ["generated_image_success"]})
    assert await webhooks.event_types() == ("generated_image_success",)
    assert transport.sent[0].path == "/v2/events"


@pytest.mark.parametrize("make", [heygen, jogg])
async def test_bad_input_is_refused_before_anything_is_sent(make):
    """No https URL, no events, no id: the message says what to write."""
    webhooks, transport = make()
    endpoints = webhooks.endpoints
    for url in BAD_URLS:
        with pytest.raises(InvalidRequestError, match="https URL"):
            await endpoints.create(url, events=["x"])
    for events in BAD_EVENTS:
        with pytest.raises(InvalidRequestError, match="names of event types"):
            await endpoints.create(URL, events=events)
        with pytest.raises(InvalidRequestError, match="names of event types"):
            await endpoints.update("ep_1", url=URL, events=events)
    for endpoint_id in ("", " ", None, 5):
        with pytest.raises(InvalidRequestError, match="endpoint_id"):
            await endpoints.delete(endpoint_id)
        with pytest.raises(InvalidRequestError, match="endpoint_id"):
            await endpoints.update(endpoint_id, url=URL, events=["x"])
    with pytest.raises(InvalidRequestError, match="cannot be an id"):
        await endpoints.delete("..")
    assert transport.sent == []


async def test_an_endpoint_of_jogg_is_enabled_or_disabled():
    """Another status is refused before anything is sent."""
    webhooks, transport = jogg()
    with pytest.raises(InvalidRequestError, match="'enabled' or 'disabled'"):
        await webhooks.endpoints.create(URL, events=["x"], status="on")
    assert transport.sent == []
