"""Deliveries as the vendors' pages describe them, and a client that only takes hints."""

from __future__ import annotations

import hashlib
import hmac
import json

NOW = 1_800_000_000.0
SECRET = "whsec_first"

VIDEO = {
    "event_id": "evt_abc123",
    "event_type": "avatar_video.success",
    "event_data": {
        "video_id": "vid_xyz789",
        "url": "https://files.heygen.example/vid_xyz789.mp4",
        "gif_download_url": None,
        "folder_id": None,
        "callback_id": "creative_8842",
    },
    "created_at": "2026-03-25T12:05:00Z",
}
JOGG_VIDEO = {
    "event_id": "evt_123456789",
    "event": "generated_avatar_video_success",
    "timestamp": 1732806631,
    "data": {
        "video_id": "video_123456",
        "status": "completed",
        "video_url": "https://res.jogg.example/a.mp4",
        "cover_url": "https://res.jogg.example/a.jpg",
        "duration": 30,
    },
}


class Client:
    """What a receiver needs of a client: it writes down the hints."""

    event_loop = None

    def __init__(self, api="HeyGen"):
        self.api = api
        self.hints = []

    def notify(self, kinds, job_id, *, signed):
        self.hints.append((tuple(kinds), job_id, signed))


def encode(payload):
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def hexdigest(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def video(number):
    """Return the bytes of one more event."""
    data = VIDEO["event_data"] | {"video_id": f"vid_{number}"}
    return encode(VIDEO | {"event_id": f"evt_{number}", "event_data": data})


def signed(body, secret=SECRET, at=NOW):
    """Return the headers that HeyGen documents."""
    return {
        "Heygen-Signature": hexdigest(body, secret),
        "Heygen-Timestamp": str(int(at)),
        "Heygen-Event-Id": "evt_header",
    }
