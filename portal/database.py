"""Tables, keys and references: what every model of the portal is made of.

Every table of a company has the primary key ``(company_id, id)`` and every reference between such
tables carries ``company_id``, so that the database itself refuses a row of another company.
References with ``same_project`` carry ``project_id`` too and refuse another project's row.
The mixins below say how a row is walled; :mod:`portal.wall` reads them.
"""

from __future__ import annotations

import datetime as dt
import inspect
import unicodedata
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

import uuid6
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    Uuid,
    and_,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, registry, relationship
from sqlalchemy.types import TypeDecorator

BigInt = BigInteger().with_variant(Integer, "sqlite")


def new_id() -> uuid.UUID:
    """Return a uuid7: ordered by time, not guessable, made without asking the database."""
    return uuid.UUID(int=uuid6.uuid7().int)


def utcnow() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def name_key(text: str) -> str:
    """Return the form in which names are compared; never SQL ``lower``: think of the Turkish i."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def search_key(*texts: str | None) -> str:
    """Return the form in which texts are searched: no case, no accents, i with and without dot."""
    text = " ".join(text for text in texts if text).casefold()
    if text.isascii():
        return text[:600]
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("ł", "l"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))[:600]


def having_words(key: Any, text: str) -> list[ColumnElement[bool]]:
    """Return conditions: ``key``, a column of search keys, has each of the words of ``text``."""
    words = search_key(text.replace("\0", "")).split()[:8]
    return [key.contains(word, autoescape=True) for word in words]


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware time, kept in UTC on every database; naive times are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def result_processor(self, dialect: Any, coltype: object) -> Any:
        """Read the text of SQLite at once, in a ninth of the time that the library takes."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        read = dt.datetime.fromisoformat
        return lambda text: None if text is None else read(f"{text}+00:00")


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
            }
        ),
        type_annotation_map={int: BigInt, dt.datetime: UtcDateTime, uuid.UUID: Uuid},
    )


def model_of(table: str) -> Any:
    """Return the model of a table."""
    return next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == table)


class Ref:
    """A reference to a row of the same company: ``queue: Mapped[Queue] = Ref(Queue)``.

    Makes the column ``queue_id``, the composite foreign key, its index and the relationship.
    With ``same_project`` the row must be in the same project (an owned target) or be linked to
    it (a shared target), and cannot leave while it is used; with ``onupdate`` 'CASCADE' the row
    is a part of an owned target and goes where that goes. An owned target may be given as the
    name of its table: owned kinds refer to each other in circles.
    """

    def __init__(
        self,
        target: type[CompanyScoped] | str,
        *,
        nullable: bool = False,
        same_project: bool = False,
        primary_key: bool = False,
        back_populates: str | None = None,
        ondelete: str | None = None,
        onupdate: str | None = None,
    ) -> None:
        self.target = target
        self.nullable = nullable
        self.same_project = same_project
        self.primary_key = primary_key
        self.back_populates = back_populates
        self.ondelete = ondelete
        self.onupdate = onupdate

    def attach(self, cls: Any, name: str) -> list[ForeignKeyConstraint | Index]:
        """Add column and relationship to ``cls``; return the constraints of its table."""
        column = f"{name}_id"
        setattr(
            cls,
            column,
            mapped_column(Uuid, nullable=self.nullable, primary_key=self.primary_key),
        )
        nullable = Mapped[uuid.UUID | None]  # type: ignore[misc]  # made at run time
        cls.__annotations__[column] = nullable if self.nullable else Mapped[uuid.UUID]
        setattr(
            cls,
            name,
            relationship(
                self._model,
                primaryjoin=lambda: and_(
                    cls.company_id == self._model().company_id,
                    foreign(getattr(cls, column)) == self._model().id,
                ),
                back_populates=self.back_populates,
            ),
        )
        return [*self._foreign_keys(column), Index(None, "company_id", column)]

    def _model(self) -> Any:
        return model_of(self.target) if isinstance(self.target, str) else self.target

    def _foreign_keys(self, column: str) -> list[ForeignKeyConstraint]:
        table = self.target if isinstance(self.target, str) else self.target.__tablename__
        plain = ForeignKeyConstraint(
            ["company_id", column],
            [f"{table}.company_id", f"{table}.id"],
            ondelete=self.ondelete,
        )
        if not self.same_project:
            return [plain]
        if not isinstance(self.target, str) and issubclass(self.target, ProjectShared):
            link = self.target.Link.__tablename__
            target = [f"{link}.company_id", f"{link}.project_id", f"{link}.object_id"]
            return [plain, self._in_project(column, target)]
        target = [f"{table}.company_id", f"{table}.project_id", f"{table}.id"]
        return [self._in_project(column, target, self.ondelete, self.onupdate)]

    def _in_project(
        self,
        column: str,
        target: list[str],
        ondelete: str | None = None,
        onupdate: str | None = None,
    ) -> ForeignKeyConstraint:
        # Deferrable: what refers to each other in circles can only move together.
        return ForeignKeyConstraint(
            ["company_id", "project_id", column],
            target,
            ondelete=ondelete,
            onupdate=onupdate,
            deferrable=True,
            initially="IMMEDIATE",
        )


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
