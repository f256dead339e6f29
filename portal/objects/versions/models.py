"""The draft beside an object, and its published versions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import JSON, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import ProjectOwned, Ref, utcnow
from portal.members.models import User


class Drafted:
    """An object with a draft. ``draft_state`` counts its changes: an older one is never saved."""

    draft: Mapped[Any] = mapped_column(JSON, default=dict, deferred=True, info={"audit": False})
    draft_state: Mapped[int] = mapped_column(default=1, info={"audit": False})


class Version(ProjectOwned):
    """One published content. It never changes; with its object it moves and goes.

    Each kind makes its table: ``part_of`` names the reference to the object, which is ``CASCADE``.
    """

    __audit__ = False  # told as what was done to the object
    part_of: ClassVar[str]

    number: Mapped[int]
    content: Mapped[Any] = mapped_column(JSON, deferred=True)
    published_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    published_by = Ref(User, nullable=True)

    @classmethod
    def _wall_constraints(cls) -> list[Any]:
        unique = UniqueConstraint("company_id", f"{cls.part_of}_id", "number")
        return [*super()._wall_constraints(), unique]

    @property
    def object_id(self) -> uuid.UUID:
        return getattr(self, f"{self.part_of}_id")


class ChangedVersionError(RuntimeError):
    """Code tried to change what is published: a bug."""


@event.listens_for(Version, "before_update", propagate=True)
def _refuse(mapper: Any, connection: Any, version: Version) -> None:
    raise ChangedVersionError(f"{type(version).__name__} {version.number}")
