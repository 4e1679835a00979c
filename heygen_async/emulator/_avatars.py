"""Avatar groups and their looks, shared by v3 and v2: a look made by one is known to both."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import attrs

from heygen_async.emulator._errors import not_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from heygen_async.emulator._jobs import JobBook, RenderJob

AvatarType = Literal["photo_avatar", "digital_twin", "studio_avatar"]


@attrs.define(kw_only=True)
class Group:
    """A person: an avatar group. ``created_at`` is Unix time, ``training`` its last training."""

    id: str
    name: str
    created_at: float
    public: bool = False
    consented: bool = False
    training: RenderJob | None = None


@attrs.define(kw_only=True)
class Look:
    """An avatar look; ``matting`` says whether its background can be removed.

    A private look is made by a ``job``; a public one has none and is always completed.
    ``upscale`` and ``sound_effect`` are the last such jobs of a motion.
    """

    id: str
    name: str
    avatar_type: AvatarType
    group_id: str
    gender: str | None = None
    default_voice_id: str | None = None
    matting: bool = False
    is_motion: bool = False
    job: RenderJob | None = None
    upscale: RenderJob | None = None
    sound_effect: RenderJob | None = None

    @property
    def is_photo(self) -> bool:
        """Whether the look was made from a photo, otherwise from video."""
        return self.avatar_type == "photo_avatar"


class Avatars:
    """All groups and looks by id, the public ones first."""

    __slots__ = ("_book", "_groups", "_looks")

    def __init__(self, book: JobBook, groups: Iterable[Group], looks: Iterable[Look]) -> None:
        self._book = book
        self._groups = {group.id: attrs.evolve(group) for group in groups}
        self._looks = {look.id: attrs.evolve(look) for look in looks}

    @property
    def groups(self) -> Mapping[str, Group]:
        """A read-only view of the groups by id, oldest first."""
        return MappingProxyType(self._groups)

    @property
    def looks(self) -> Mapping[str, Look]:
        """A read-only view of the looks by id, oldest first."""
        return MappingProxyType(self._looks)

    def looks_of(self, group: Group) -> list[Look]:
        """Return the looks of a group, oldest first."""
        return [look for look in self._looks.values() if look.group_id == group.id]

    def add(self, look: Look, group: Group) -> Look:
        """Keep a new look, and its group if that is new too."""
        self._groups[group.id] = group
        self._looks[look.id] = look
        return look

    def own_group(
        self, group_id: str, *, kind: str = "avatar_group", at: str | None = None
    ) -> Group:
        """Return a group of the account; 404 ``<kind>_not_found`` about the parameter *at*."""
        group = self._groups.get(group_id)
        if group is None or group.public:
            raise not_found(kind, group_id, param=at)
        return group

    def status(self, look: Look, now: float) -> str:
        """Return a look's status at the time *now*: a job's, or ``pending_consent``."""
        word = "completed" if look.job is None else look.job.status(now)
        waits = look.job and look.avatar_type == "digital_twin"
        if word == "completed" and waits and not self._groups[look.group_id].consented:
            return "pending_consent"
        return word

    def delete_look(self, look: Look) -> None:
        """Forget a look and its job, and with its last look the group."""
        del self._looks[look.id]
        if look.job:
            self._book.delete(look.job.id)
        group = self._groups[look.group_id]
        if not self.looks_of(group):
            del self._groups[group.id]

    def delete_group(self, group: Group) -> None:
        """Forget a group with all its looks."""
        for look in self.looks_of(group):
            self.delete_look(look)
