"""What the generic pages need to know of a kind of object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from portal.access.permissions import Permission
from portal.database import ProjectOwned
from portal.objects.settings import Settings
from portal.objects.versions.content import Versioned


@dataclass(frozen=True)
class Inside:
    """The page of what an object holds: its endpoint, which takes the object's id as ``argument``.

    ``permission`` is what it needs beside seeing the object.
    """

    endpoint: str
    argument: str
    label: LazyString
    permission: Permission


@dataclass(frozen=True)
class Kind:
    """One kind of object. Its module makes one of these and names it ``KIND``.

    ``slug`` is its name in addresses; ``order`` its place in lists; ``purpose`` says in a sentence
    what it is for, where there is none yet; ``settings`` is the part of its form that is its own;
    ``inside`` leads to what its objects hold; ``parts_page`` is the template of what they hold that
    stands in the form itself and is saved apart, made of what ``parts`` returns of an object;
    ``versioned`` kinds are drafted and published.
    """

    slug: str
    model: Any
    order: int
    icon: str
    label: LazyString
    plural: LazyString
    add: LazyString
    purpose: LazyString
    settings: type[Settings] = Settings
    inside: Inside | None = None
    parts_page: str = ""
    parts: Callable[[Any], Any] = lambda item: None
    versioned: Versioned | None = None

    @property
    def owned(self) -> bool:
        """Owned kinds are in exactly one project, shared kinds may be in several."""
        return issubclass(self.model, ProjectOwned)

    @property
    def name(self) -> str:
        return self.model.kind

    @property
    def content(self) -> Versioned:
        """How the content of a versioned kind is read and told; other kinds have none."""
        if self.versioned is None:
            raise TypeError(f"{self.slug} have no versions")
        return self.versioned
