"""What models are made from, and references between them: always to a row of one's company."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Uuid, and_
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, registry, relationship

from portal.database.values import BigInt, UtcDateTime

if TYPE_CHECKING:
    from portal.database.rows import CompanyScoped


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
        if link := getattr(self.target, "Link", None):  # a shared target
            memberships = link.__tablename__
            target = [f"{memberships}.{name}" for name in ("company_id", "project_id", "object_id")]
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
