"""The namespaces of HeyGen's brand kits and brand glossaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heygen_async.errors import InvalidRequestError
from heygen_async.models.brands import BrandGlossary, BrandKit, BrandKitImport
from heygen_async.protocol.heygen import brands
from heygen_async.protocol.request import drop_none
from heygen_async.resources.collection import Creatable, Deletable, Readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    Roles = Mapping[str, Any]


def _changes(**fields: object) -> dict[str, object]:
    body = drop_none(**fields)
    if not body:
        raise InvalidRequestError(f"nothing to update: give {' or '.join(fields)}")
    return body


def _glossary(
    terms: Mapping[str, str] | None,
    do_not_translate_terms: Sequence[str] | None,
    forced_translations: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Write the lists of a glossary as the vendor has them; None is left out."""
    spoken, kept, forced = terms, do_not_translate_terms, forced_translations
    return {
        "terms": spoken
        if spoken is None
        else [{"term": term, "pronunciation": said} for term, said in spoken.items()],
        "do_not_translate_terms": kept if kept is None else [{"term": term} for term in kept],
        "forced_translations": forced
        if forced is None
        else [{"term": term, "translation": other} for term, other in forced.items()],
    }


class BrandKits(Creatable[BrandKitImport, BrandKit], Readable[BrandKit], Deletable[BrandKit]):
    """HeyGen v3 brand kits: https://developers.heygen.com/reference/create-brand-kit."""

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[BrandKit]:
        """Iterate over the brand kits, each with its logo and colours."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def update(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        name: str | None = None,
        color_roles: Roles | None = None,
        logo_roles: Roles | None = None,
        font_roles: Roles | None = None,
    ) -> BrandKit:
        """Rename a brand kit, or replace its roles as a whole: ``{}`` clears them.

        Roles are ``{"primary": "#0a0b0c"}``, ``{"primary": logo_id}`` and
        ``{"title_text": {"font_id": …, "weight": 700}}``. Raises ``ConflictError`` for roles of a
        kit that is still being imported.
        """
        body = _changes(
            name=name, color_roles=color_roles, logo_roles=logo_roles, font_roles=font_roles
        )
        return await self._transport.send(self._collection.update(id, body))


class BrandGlossaries(Readable[BrandGlossary], Deletable[BrandGlossary]):
    """HeyGen v3 glossaries: https://developers.heygen.com/reference/create-brand-glossary."""

    async def create(
        self,
        name: str,
        *,
        terms: Mapping[str, str] | None = None,
        do_not_translate_terms: Sequence[str] | None = None,
        forced_translations: Mapping[str, str] | None = None,
    ) -> BrandGlossary:
        """Make a glossary: pronunciations by term, kept terms, and translations by term.

        Raises ``ConflictError`` for a name that is taken, in whatever case.
        """
        lists = _glossary(terms, do_not_translate_terms, forced_translations)
        return await self._call(brands.CREATE_GLOSSARY, json=drop_none(name=name, **lists))

    def list(
        self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[BrandGlossary]:
        """Iterate over the glossaries, without their words."""
        return self._list(self._collection, timeout=timeout, headers=headers)

    async def update(
        self,
        id: str,  # noqa: A002 - what it is
        *,
        name: str | None = None,
        terms: Mapping[str, str] | None = None,
        do_not_translate_terms: Sequence[str] | None = None,
        forced_translations: Mapping[str, str] | None = None,
    ) -> BrandGlossary:
        """Rename a glossary, or replace its words, each sort as a whole: an empty one clears."""
        lists = _glossary(terms, do_not_translate_terms, forced_translations)
        return await self._transport.send(self._collection.update(id, _changes(name=name, **lists)))
