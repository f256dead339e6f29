"""What a row belongs to, and with it how it is walled: :mod:`portal.wall` reads these mixins."""

from __future__ import annotations

import inspect
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.database.references import Ref
from portal.database.values import BigInt, new_id


class CompanyRow:
    """A row of one company. The wall shows it to that company only."""

    if TYPE_CHECKING:  # SQLAlchemy reads annotations too
        __tablename__: ClassVar[str]
        __table_args__: ClassVar[Any]

    company_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("companies.id"), primary_key=True, sort_order=-20
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "__tablename__" in cls.__dict__:
            cls.__annotations__ = inspect.get_annotations(cls)
            arguments = list(cls.__dict__.get("__table_args__", ()))
            arguments += cls._wall_constraints()
            for name, ref in _references(cls).items():
                arguments += ref.attach(cls, name)
            cls.__table_args__ = tuple(arguments)
        super().__init_subclass__(**kwargs)

    @classmethod
    def _wall_constraints(cls) -> list[Any]:
        return []


def _references(cls: type) -> dict[str, Ref]:
    """Return the references that a model and its mixins declare, those of the mixins first."""
    found: dict[str, Ref] = {}
    for parent in reversed(cls.__mro__):
        if parent is cls or not hasattr(parent, "__table__"):
            found |= {name: ref for name, ref in vars(parent).items() if isinstance(ref, Ref)}
    return found


class CompanyScoped(CompanyRow):
    """A row of one company with an id of its own."""

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-19)


class CompanyRoot:
    """The company itself: the wall shows it to its own people only."""


class ProjectRoot(CompanyScoped):
    """The project itself: the wall shows it to those who are in it."""


class PeopleRow(CompanyRow):
    """A user, a group or a membership in one.

    The wall shows it to those who share a project with it, and to those who pick people.
    """


_PROJECT_KEY = ["projects.company_id", "projects.id"]


class ProjectRow(CompanyRow):
    """A row of exactly one project. The wall shows it to those who see the project."""

    project_id: Mapped[uuid.UUID] = mapped_column(Uuid, sort_order=-18)

    @classmethod
    def _wall_constraints(cls) -> list[Any]:
        return [ForeignKeyConstraint(["company_id", "project_id"], _PROJECT_KEY)]


class ProjectOwned(CompanyScoped, ProjectRow):
    """A thing that is in exactly one project."""

    @classmethod
    def _wall_constraints(cls) -> list[Any]:
        return [
            *super()._wall_constraints(),
            UniqueConstraint("company_id", "project_id", "id"),
        ]


class MaybeOwned(CompanyScoped):
    """A row of one project, or of none: then only who sees everything sees it."""

    project_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, sort_order=-18)

    @classmethod
    def _wall_constraints(cls) -> list[Any]:
        return [ForeignKeyConstraint(["company_id", "project_id"], _PROJECT_KEY)]


class PersonOwned(CompanyScoped):
    """A row of one person. The wall shows it to that person, and to who sees everything."""

    person_id: Mapped[uuid.UUID] = mapped_column(Uuid, sort_order=-18)

    @classmethod
    def _wall_constraints(cls) -> list[Any]:
        return [ForeignKeyConstraint(["company_id", "person_id"], ["users.company_id", "users.id"])]


class ProjectLink(ProjectRow):
    """One membership: this shared object is in this project."""

    project_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, sort_order=-18)


class ProjectShared(CompanyScoped):
    """A thing that may be in several projects; ``Link`` is the model of its memberships."""

    Link: type[Any]
    # Whether PostgreSQL's policy asks for the memberships too, not for the company alone.
    by_links: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__tablename__" in cls.__dict__:
            cls.Link = _link_model(cls)


class SharedPart(CompanyScoped):
    """A row about several shared things at once, such as a contact's value of a contact field.

    The wall shows it to those who see each of the things; ``parts`` names the references to them.
    """

    parts: ClassVar[tuple[str, ...]]


def _link_model(cls: type[ProjectShared]) -> type[Any]:
    """Make the model of the memberships of a shared kind, e.g. ``ScheduleProject``."""
    table = cls.__tablename__
    base = next(
        parent for parent in cls.__mro__ if "metadata" in vars(parent) and parent is not cls
    )
    return type(
        f"{cls.__name__}Project",
        (ProjectLink, base),
        {
            "__module__": cls.__module__,
            "__doc__": f"One membership of a {cls.__name__} in a project.",
            "__tablename__": f"{table}_in_projects",
            "__audit__": getattr(cls, "__audit__", True),
            "__annotations__": {"object_id": Mapped[uuid.UUID]},
            "object_id": mapped_column(Uuid, primary_key=True),
            "__table_args__": (
                ForeignKeyConstraint(
                    ["company_id", "object_id"],
                    [f"{table}.company_id", f"{table}.id"],
                    ondelete="CASCADE",
                ),
                Index(None, "company_id", "object_id"),
            ),
            "target": cls,
        },
    )
