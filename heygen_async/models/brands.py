"""HeyGen v3 brand kits and brand glossaries: how a brand looks, and how its words are said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import Spec


@frozen(kw_only=True)
class BrandKitImport(Spec["BrandKit"]):
    """A brand kit after a website.

    https://developers.heygen.com/reference/create-brand-kit
    """

    url: str = field(validator=checks.max_length(2048))
    """The brand's public website."""
    name: str | None = checks.option(checks.max_length(256))
    """The name of the kit; the brand's if left out."""


@frozen(kw_only=True)
class ColorRoles:
    """Which colour is for what."""

    primary: str | None = None
    secondary: str | None = None
    tertiary: str | None = None
    accent: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Logo:
    """A logo of a brand; ``url`` may be missing."""

    logo_id: str
    name: str | None = None
    url: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class LogoRoles:
    """Which logo is the main one, by its id."""

    primary: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Font:
    """A font of a brand."""

    font_id: str
    name: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class FontRole:
    """A font and its weight, 1 to 1,000."""

    font_id: str | None = None
    weight: int | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class FontRoles:
    """Which font is for what."""

    title_text: FontRole | None = None
    body_text: FontRole | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class BrandKit:
    """A brand kit, or one that is being imported.

    Lists have ``logo_url`` and ``colors`` only, ``brand_kits.get`` all but ``logo_url``. A role
    may name something that is in no list any more.

    https://developers.heygen.com/reference/get-brand-kit
    """

    brand_kit_id: str
    name: str | None = None
    status: str | None = None
    logo_url: str | None = None
    colors: tuple[str, ...] | None = None
    color_roles: ColorRoles | None = None
    logos: tuple[Logo, ...] | None = None
    logo_roles: LogoRoles | None = None
    fonts: tuple[Font, ...] | None = None
    font_roles: FontRoles | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class GlossaryTerm:
    """A word, and how it is to be spoken."""

    term: str
    pronunciation: str
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class KeptTerm:
    """A word that no translation changes."""

    term: str
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class ForcedTranslation:
    """A word, and what it always becomes in a translation."""

    term: str
    translation: str
    extra: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class BrandGlossary:
    """A glossary; its id is the ``brand_glossary_id`` of a video. Lists leave the words out.

    https://developers.heygen.com/reference/get-brand-glossary
    """

    brand_glossary_id: str
    name: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    terms: tuple[GlossaryTerm, ...] | None = None
    do_not_translate_terms: tuple[KeptTerm, ...] | None = None
    forced_translations: tuple[ForcedTranslation, ...] | None = None
    extra: Mapping[str, Any] = field(factory=dict, hash=False)
