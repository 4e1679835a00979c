"""How webhooks go astray: the switches a test turns, and the record of what was sent."""

from __future__ import annotations

import attrs
from attrs.validators import ge, instance_of, le

NUMBER = instance_of((int, float))


@attrs.define(kw_only=True)
class Deliveries:
    """What happens to each webhook on its way; the default is: it arrives once and at once.

    It starts ``late`` seconds after its event, and up to ``shuffle`` seconds more by chance, so
    that events overtake each other. It is sent ``duplicates`` times more than once, and a share
    ``drop`` of the webhooks is never sent. To registered endpoints it goes ``unsigned``, signed
    with a wrong secret (``forged``), or ten minutes old by what it says of its time (``stale``);
    ``plain_signature`` is HeyGen's header ``signature`` in place of its three documented ones.

    Open to changes at any time: each attempt goes by the switches of its moment. The seconds
    are of the loop's clock, whatever the speed. Only hosts on the loopback interface get
    anything: the addresses in a test's data are not to be called.
    """

    late: float = attrs.field(default=0.0, validator=[NUMBER, ge(0)])
    shuffle: float = attrs.field(default=0.0, validator=[NUMBER, ge(0)])
    duplicates: int = attrs.field(default=0, validator=[instance_of(int), ge(0)])
    drop: float = attrs.field(default=0.0, validator=[NUMBER, ge(0), le(1)])
    unsigned: bool = False
    forged: bool = False
    stale: bool = False
    plain_signature: bool = False


@attrs.frozen(kw_only=True)
class Attempt:
    """One POST of a webhook: ``status`` is None if no answer came in time.

    ``at`` is the loop time, in seconds, when it went out.
    """

    url: str
    event_id: str
    event_type: str
    status: int | None
    at: float
