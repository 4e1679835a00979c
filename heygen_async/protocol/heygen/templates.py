"""HeyGen v3 templates, and the kind of job that makes a video of one."""

from __future__ import annotations

import attrs

from heygen_async.models.templates import Template, TemplateVideo
from heygen_async.protocol.heygen.convert import CONVERTER
from heygen_async.protocol.heygen.videos import VIDEO
from heygen_async.protocol.operations import Collection

TEMPLATES = Collection(item="/v3/templates/{template_id}", model=Template, converter=CONVERTER)
TEMPLATE_VIDEO = attrs.evolve(
    VIDEO,
    name="heygen.template-video",
    specs=(TemplateVideo,),
    path=TEMPLATES.item,
    id_field="id",
    size_field=None,
    batch_field=None,
)
"""It differs from a video in how it starts."""
