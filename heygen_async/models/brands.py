"""HeyGen v3 brand kits and brand glossaries: how a brand looks, and how its words are said."""

from __future__ import annotations

from attrs import field, frozen

from heygen_async.models import _checks as checks
from heygen_async.models.jobs import Result, Spec


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
class ColorRoles(Result):
    """Which colour is for what."""

    primary: str | None = None
    """The main colour, such as ``#0A2540``."""
    secondary: str | None = None
    """The second colour."""
    tertiary: str | None = None
    """The third colour."""
    accent: str | None = None
    """The colour of what is to stand out."""


@frozen(kw_only=True)
class Logo(Result):
    """A logo of a brand."""

    logo_id: str
    """The logo's id."""
    name: str | None = None
    """Its name."""
    url: str | None = None
    """The picture. Where the URL is signed, it expires; None where there is none."""


@frozen(kw_only=True)
class LogoRoles(Result):
    """Which logo is for what."""

    primary: str | None = None
    """The id of the main logo."""


@frozen(kw_only=True)
class Font(Result):
    """A font of a brand."""

    font_id: str
    """The font's id."""
    name: str | None = None
    """Its name."""


@frozen(kw_only=True)
class FontRole(Result):
    """A font for something."""

    font_id: str | None = None
    """The font's id."""
    weight: int | None = None
    """How bold it is, 1 to 1,000; 400 is normal, 700 bold."""


@frozen(kw_only=True)
class FontRoles(Result):
    """Which font is for what."""

    title_text: FontRole | None = None
    """The font of titles."""
    body_text: FontRole | None = None
    """The font of all other text."""


@frozen(kw_only=True)
class BrandKit(Result):
    """A brand kit, or one that is being imported.

    A role may name something that is in no list any more.

    https://developers.heygen.com/reference/get-brand-kit
    """

    brand_kit_id: str
    """The kit's id, which ``VideoAgent`` takes."""
    name: str | None = None
    """Its name in the vendor's app."""
    status: str | None = None
    """The vendor's word: ``loading``, ``completed`` or ``error``."""
    logo_url: str | None = None
    """Its main logo; told by lists only. Where the URL is signed, it expires."""
    colors: tuple[str, ...] | None = None
    """Its colours, such as ``#0A2540``."""
    color_roles: ColorRoles | None = None
    """Which colour is for what; None in lists."""
    logos: tuple[Logo, ...] | None = None
    """Its logos; None in lists."""
    logo_roles: LogoRoles | None = None
    """Which logo is for what; None in lists."""
    fonts: tuple[Font, ...] | None = None
    """Its fonts; None in lists."""
    font_roles: FontRoles | None = None
    """Which font is for what; None in lists."""


@frozen(kw_only=True)
class GlossaryTerm(Result):
    """A word, and how it is to be spoken."""

    term: str
    """The word as it is written."""
    pronunciation: str
    """How it is spoken, written as one would read it aloud."""


@frozen(kw_only=True)
class KeptTerm(Result):
    """A word that no translation changes."""

    term: str
    """The word as it is written."""


@frozen(kw_only=True)
class ForcedTranslation(Result):
    """A word, and what it always becomes in a translation."""

    term: str
    """The word as it is written in the original."""
    translation: str
    """The word that it becomes."""


@frozen(kw_only=True)
class BrandGlossary(Result):
    """A glossary; lists leave the words out.

    https://developers.heygen.com/reference/get-brand-glossary
    """

    brand_glossary_id: str
    """The glossary's id, which specs take."""
    name: str | None = None
    """Its name in the vendor's app."""
    created_at: str | None = None
    """When it was made, an ISO 8601 text."""
    updated_at: str | None = None
    """When it was last changed, an ISO 8601 text."""
    terms: tuple[GlossaryTerm, ...] | None = None
    """Words, and how they are spoken."""
    do_not_translate_terms: tuple[KeptTerm, ...] | None = None
    """Words that no translation changes."""
    forced_translations: tuple[ForcedTranslation, ...] | None = None
    """Words, and what they always become in a translation."""
