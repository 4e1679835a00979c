"""Read an answer as the client would, without a client."""

from __future__ import annotations

import json
from typing import Any

from multidict import CIMultiDict

from heygen_async.protocol.answers import read
from heygen_async.protocol.heygen import HEYGEN
from heygen_async.protocol.jogg import JOGG
from heygen_async.protocol.jogg.answers import read_jogg

KINDS = {kind.name: kind for kind in (*HEYGEN.kinds, *JOGG.kinds)}
SPECS = HEYGEN.specs | JOGG.specs

NOW = 1_700_000_000.0


def heygen(request: Any, payload: Any, status: int = 200, **headers: str) -> Any:
    """Read an answer of HeyGen; ``bytes`` stand as they are."""
    return _answer(read, request, payload, status, headers)


def jogg(request: Any, payload: Any, status: int = 200, **headers: str) -> Any:
    """Read an answer of JoggAI."""
    return _answer(read_jogg, request, payload, status, headers)


def _answer(reader: Any, request: Any, payload: Any, status: int, headers: dict[str, str]) -> Any:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return reader(request, status, CIMultiDict(named), body, now=NOW)


def look(kind_name: str, payload: Any) -> tuple[Any, Any]:
    """Read a look at the job that the answer is about; return its state and the detail."""
    kind = KINDS[kind_name]
    data = payload.get("data") or payload
    told = [data[name] for name in ("id", "video_id", "motion_id", "photo_id") if data.get(name)]
    request = kind.get_status(told[0] if told else "job-1")
    detail = (jogg if kind in JOGG.kinds else heygen)(request, payload)
    return kind.judge(detail).state, detail


def submission(spec: Any, payload: Any) -> tuple[Any, str]:
    """Read the answer to a submission; return the first state and the job's id."""
    kind = SPECS[type(spec)]
    made = (jogg if kind in JOGG.kinds else heygen)(kind.create(spec), payload)
    return kind.status(made.word).state, made.id
