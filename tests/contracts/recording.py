"""What a client was answered: each answer with the request it belongs to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema

from heygen_async.protocol.request import Request

from .contract import contract_of

if TYPE_CHECKING:
    from heygen_async import HeyGen, JoggAI


@attrs.frozen
class Answer:
    """One answer of the API, as it came."""

    api: str
    request: Request[Any]
    status: int
    text: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def operation(self) -> str:
        """The operation as its contract has it; raises ``LookupError``."""
        contract = contract_of(self.api, self.request.path)
        return contract.name_of(self.request.method, self.request.path)

    def validate(self) -> None:
        """Raise ``jsonschema.ValidationError`` unless the contract has request and answer."""
        request = self.request
        contract = contract_of(self.api, request.path)
        contract.validate_answer(request.method, request.path, self.status, self.body)

    def fits(self) -> bool:
        try:
            self.validate()
        except jsonschema.ValidationError:
            return False
        return True


def record(client: HeyGen | JoggAI) -> list[Answer]:
    """Return the list that fills with what ``client`` is answered from now on."""
    transport = client._transport
    answers: list[Answer] = []
    read, api = transport.vendor.read, transport.vendor.api

    def listen(request: Any, status: int, headers: Any, body: bytes, *, now: float) -> Any:
        answers.append(Answer(api, request, status, body))
        return read(request, status, headers, body, now=now)

    transport.vendor = attrs.evolve(transport.vendor, read=listen)
    return answers
