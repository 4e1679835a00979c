"""The kinds of jobs: what each costs, how long it lasts beside a video, and how it fails.

Only some prices are published: a motion on HeyGen (1 credit) and all of JoggAI's. The others
are taken to be 1 credit too, so that a job submitted twice shows in the wallet.
"""

from __future__ import annotations

import attrs

RENDERING_FAILED = ("rendering_failed", "The video could not be rendered.")
_AVATAR_FAILED = ("avatar_generation_failed", "The avatar could not be made.")
_MOTION_FAILED = ("motion_generation_failed", "The motion could not be made.")
_JOGG_FAILED = ("50000", "Avatar generation failed")


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of job.

    ``price`` is in credits; ``pace`` is its median duration as a multiple of a video's; one
    that ``takes_slot`` counts against the limit of concurrent jobs. Ids begin with ``prefix``.
    """

    name: str
    price: float = 1.0
    pace: float = 1.0
    takes_slot: bool = False
    prefix: str = ""
    failure: tuple[str, str] = RENDERING_FAILED


VIDEO = Kind(name="video", takes_slot=True)
AVATAR = Kind(name="avatar", pace=0.3, failure=_AVATAR_FAILED)

PHOTO_GENERATION = Kind(name="photo_generation", pace=0.5, failure=_AVATAR_FAILED)
PHOTO_UPLOAD = Kind(name="photo_upload", price=0.0, pace=0.03, failure=_AVATAR_FAILED)
MOTION = Kind(name="motion", failure=_MOTION_FAILED)
TRAINING = Kind(name="training", failure=_AVATAR_FAILED)
UPSCALE = Kind(name="upscale", pace=0.5, failure=_MOTION_FAILED)
SOUND_EFFECT = Kind(name="sound_effect", pace=0.5, failure=_MOTION_FAILED)

JOGG_PHOTO = Kind(name="jogg_photo", price=0.2, prefix="25-", failure=_JOGG_FAILED)
JOGG_MOTION = Kind(name="jogg_motion", price=2.0, prefix="25-mo_", failure=_JOGG_FAILED)
JOGG_MOTION_PRO = attrs.evolve(JOGG_MOTION, price=3.0)
JOGG_VIDEO = Kind(name="jogg_video", failure=("50000", "Video generation failed"))
