"""The account's webhook endpoints, managed on the emulator."""

from __future__ import annotations

import pytest

from heygen_async import ConflictError, InvalidRequestError, NotFoundError
from tests.conftest import image_video

URL = "https://example.com/hooks"


async def test_an_endpoint_lives_from_its_creation_to_its_end(heygen):
    """Created with a secret, listed, changed, rotated, deleted."""
    endpoint = await heygen.webhooks.endpoints.create(URL, events=["avatar_video.success"])
    assert endpoint.secret
    assert endpoint.secret not in repr(endpoint)
    assert [e.endpoint_id async for e in heygen.webhooks.endpoints.list()] == [endpoint.endpoint_id]
    changed = await heygen.webhooks.endpoints.update(endpoint.endpoint_id, url=f"{URL}/2")
    assert (changed.url, changed.events) == (f"{URL}/2", ("avatar_video.success",))
    assert await heygen.webhooks.endpoints.rotate_secret(endpoint.endpoint_id) != endpoint.secret
    await heygen.webhooks.endpoints.delete(endpoint.endpoint_id)
    with pytest.raises(NotFoundError):
        await heygen.webhooks.endpoints.delete(endpoint.endpoint_id)


async def test_a_url_is_registered_once(heygen):
    """The vendor's 409 is a ``ConflictError``."""
    await heygen.webhooks.endpoints.create(URL)
    with pytest.raises(ConflictError):
        await heygen.webhooks.endpoints.create(URL)


@pytest.mark.parametrize("url", ["http://example.com/hooks", "example.com", "", 5])
async def test_a_url_has_to_be_https(heygen, emulator, url):
    """Refused before anything is sent."""
    with pytest.raises(InvalidRequestError, match="https"):
        await heygen.webhooks.endpoints.create(url)
    assert not emulator.received


async def test_the_types_of_events_are_told(heygen):
    """All that the vendor documents."""
    types = await heygen.webhooks.event_types()
    assert {"avatar_video.success", "avatar_video.fail"} <= {t.event_type for t in types}


async def test_the_history_of_events_is_a_list(heygen):
    """Empty for an account whose endpoints have taken nothing."""
    await heygen.run(image_video())
    assert [event async for event in heygen.webhooks.events()] == []


async def test_joggai_has_endpoints_too(jogg):
    """The same life; its list tells the secret as well."""
    types = await jogg.webhooks.event_types()
    endpoint = await jogg.webhooks.endpoints.create(URL, events=types[:2])
    assert endpoint.secret not in repr(endpoint)
    (listed,) = [e async for e in jogg.webhooks.endpoints.list()]
    assert listed.secret == endpoint.secret
    changed = await jogg.webhooks.endpoints.update(
        endpoint.endpoint_id, url=f"{URL}/2", events=types[:1], status="disabled"
    )
    assert (changed.url, changed.status) == (f"{URL}/2", "disabled")
    await jogg.webhooks.endpoints.delete(endpoint.endpoint_id)
    assert [e async for e in jogg.webhooks.endpoints.list()] == []
