"""What to do about the codes of failures that the vendors name; others stand for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNCERTAIN = "uncertain"
NOT_SAVED = "file not saved"
NO_CODE = "no code"

_KEY = "The API key is wrong or revoked: copy it again from the vendor's settings."
_THEN = "the same command submits what was refused, and batch retry --failed what has failed."
_CREDIT = f"Top up the account; then {_THEN}"
_PLAN = "The plan does not include this: look at the account's plan, or change the spec."
_RIGHTS = "The account may not use this avatar or voice: choose another, or ask the vendor."
_GONE = "The avatar, voice, template or asset is not there: list them and correct the id."
_FIELD = "A field of the row is refused: read the message, correct the row, run again."
_TEXT = "The script cannot be spoken as it is: correct it, run again."
_LATER = f"The vendor was busy or had trouble; later {_THEN}"
_AGAIN = "The vendor could not render it. Try once more: batch retry --failed, which is paid."
_MEDIA = (
    "The vendor could not fetch a file by its URL: give a URL that anybody can open, or a file."
)

CURES: Mapping[str, str] = {
    UNCERTAIN: "It may have been paid for: look at the vendor's list first, then batch retry "
    "--uncertain.",
    NOT_SAVED: "It is rendered and paid: run the same command again, which only fetches the file.",
    NO_CODE: "The message is all there is.",
    # HeyGen: https://developers.heygen.com/docs/error-codes
    "invalid_parameter": _FIELD,
    "payload_too_large": _FIELD,
    "script_too_short": _TEXT,
    "tts_text_invalid": _TEXT,
    "content_policy_violation": "The vendor's rules forbid the script or the picture: change it.",
    "download_failed": _MEDIA,
    "asset_not_available": _MEDIA,
    "resource_limit_reached": "Delete what the account no longer needs, or upgrade its plan.",
    "avatar_not_usable": _RIGHTS,
    "avatar_consent_required": "The person has to agree first: heygen.avatars.consent(group_id).",
    "voice_unavailable": _RIGHTS,
    "voice_not_usable": _RIGHTS,
    "forbidden": _RIGHTS,
    "resource_access_denied": _RIGHTS,
    "ai_vendor_access_restricted": _RIGHTS,
    "unauthorized": _KEY,
    "authentication_failed": _KEY,
    "insufficient_credit": _CREDIT,
    "MOVIO_PAYMENT_INSUFFICIENT_CREDIT": _CREDIT,
    "trial_limit_exceeded": _PLAN,
    "plan_upgrade_required": _PLAN,
    "not_found": _GONE,
    "resource_not_found": _GONE,
    "video_not_found": "The video was deleted at the vendor.",
    "avatar_not_found": _GONE,
    "avatar_group_not_found": _GONE,
    "voice_not_found": _GONE,
    "template_not_found": _GONE,
    "asset_not_found": _GONE,
    "conflict": _LATER,
    "request_in_progress": _LATER,
    "resource_not_ready": "What it is made from is not ready yet: run the same command later.",
    "rate_limit_exceeded": "Too many at once: run again with a smaller --concurrency.",
    "quota_exceeded": _CREDIT,
    "internal_error": _LATER,
    "gateway_timeout": _LATER,
    "rendering_failed": _AGAIN,
    "40119": "The film is longer than the vendor makes them: shorten the script.",
    # JoggAI: https://docs.jogg.ai/api-reference/v2/API%20Documentation/ErrorHandling
    "429": "Too many at once: run again with a smaller --concurrency.",
    "10104": _GONE,
    "10105": _KEY,
    "18001": _FIELD,
    "18020": _CREDIT,
    "18025": _PLAN,
    "40000": _FIELD,
    "50000": _LATER,
}
"""What to do, by code."""
