"""The figures of visits: what each is, and the tables that keep them summed up.

Each figure is defined once, at its column in :class:`RollUp`: ``FIGURES`` gives the definitions by
name, for sums over raw visits (``FIGURES["served"].total(Visit)``) and for the changes that
:mod:`.totals` makes. Whichever table has the dimensions that are asked for, the sum of its column
is that figure, or its largest where the figure is a maximum.

Hours are whole hours of UTC. Days are those of one time zone, ``Company.figures_timezone``, and
begin at its midnight: that is mostly the company's own zone; for a while after this has changed it
is the one from before, and None where the tables are yet to be filled. See :mod:`.recounting`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, Index, String, and_, case, cast, func
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from portal.database import MaybeOwned
from portal.extensions import db


@dataclass(frozen=True)
class Figure:
    """A sum over visits.

    It is of visits whose columns have certain ``values``, and whose wait is known and at most
    ``within`` seconds; of the column ``of``, where nothing adds nothing, or their number. With
    ``most`` it is not the sum but the largest.
    """

    values: Mapping[str, Any]
    of: str | None = None
    within: int | None = None
    most: bool = False

    def where(self, visit: Any) -> ColumnElement[bool] | None:
        """Say in SQL which visits it is of; None: of all."""
        parts = [getattr(visit, name) == value for name, value in self.values.items()]
        if self.within is not None:
            parts.append(visit.wait_s <= self.within)
        return and_(*parts) if parts else None

    def total(self, visit: Any) -> ColumnElement[int]:
        """Return the sum over ``visit``, the model of visits or an alias of it."""
        where = self.where(visit)
        if where is None:
            return self.over(getattr(visit, self.of)) if self.of else func.count(visit.id)
        return self.over(case((where, getattr(visit, self.of) if self.of else 1)))

    def over(self, amounts: Any) -> ColumnElement[int]:
        """Sum up what is given, such as the column of this figure in a roll-up."""
        return func.coalesce(func.max(amounts) if self.most else _sum(amounts), 0)

    def amount(self, visit: Mapping[str, Any]) -> int:
        """Return what one visit, given as its columns, adds."""
        for name, value in self.values.items():
            if visit[name] != value:
                return 0
        if self.within is not None:
            wait = visit["wait_s"]
            if wait is None or wait > self.within:
                return 0
        return 1 if self.of is None else visit[self.of] or 0


def _sum(amounts: Any) -> Any:
    return cast(func.sum(amounts), BigInteger)


def _figure(
    values: Mapping[str, Any] | None = None,
    *,
    of: str | None = None,
    within: int | None = None,
    most: bool = False,
) -> MappedColumn[int]:
    """Make the column of a figure."""
    return mapped_column(default=0, info={"figure": Figure(values or {}, of, within, most)})


_OFFERED = {"kind": "queue"}
_SERVED = {"kind": "queue", "result": "answered"}
_LEFT = {"kind": "queue", "result": "abandoned"}


class RollUp(MaybeOwned):
    """The figures of visits that began in one stretch of time, by some of their columns."""

    unit: ClassVar[str]  # hour or day
    dimensions: ClassVar[tuple[str, ...]]

    starts_at: Mapped[dt.datetime]
    visits: Mapped[int] = _figure()
    # Visits that are the first of a call which stays in one project; the only ones of their call.
    first_visits: Mapped[int] = _figure({"first_in_project": True, "crosses_projects": False})
    only_visits: Mapped[int] = _figure({"only_visit": True})
    wait_s: Mapped[int] = _figure(of="wait_s")
    talk_s: Mapped[int] = _figure(of="talk_s")
    answered: Mapped[int] = _figure({"result": "answered"})
    abandoned: Mapped[int] = _figure({"result": "abandoned"})
    # Of the visits that entered a queue: those an operator took, and after how many seconds.
    offered: Mapped[int] = _figure(_OFFERED)
    served: Mapped[int] = _figure(_SERVED)
    served_wait_s: Mapped[int] = _figure(_SERVED, of="wait_s")
    served_10: Mapped[int] = _figure(_SERVED, within=10)
    served_20: Mapped[int] = _figure(_SERVED, within=20)
    served_30: Mapped[int] = _figure(_SERVED, within=30)
    served_60: Mapped[int] = _figure(_SERVED, within=60)
    served_120: Mapped[int] = _figure(_SERVED, within=120)
    # Those whose caller left while waiting, and in less than 5 and 10 seconds.
    offered_abandoned: Mapped[int] = _figure(_LEFT)
    abandoned_5: Mapped[int] = _figure(_LEFT, within=4)
    abandoned_10: Mapped[int] = _figure(_LEFT, within=9)
    longest_wait_s: Mapped[int] = _figure(_OFFERED, of="wait_s", most=True)


FIGURES: dict[str, Figure] = {
    name: column.column.info["figure"]
    for name, column in vars(RollUp).items()
    if isinstance(column, MappedColumn) and "figure" in column.column.info
}


def _indexes(*more: str) -> tuple[Index, ...]:
    pairs = [("starts_at", "project_id"), ("project_id", "starts_at")]
    pairs += [(name, "starts_at") for name in more]
    return tuple(Index(None, "company_id", *pair) for pair in pairs)


class _OfVisits(RollUp):
    """By what the call log can be filtered by."""

    dimensions = ("project_id", "queue_id", "dialer_id", "direction", "result")

    queue_id: Mapped[uuid.UUID | None]
    dialer_id: Mapped[uuid.UUID | None]
    direction: Mapped[str] = mapped_column(String(8))
    result: Mapped[str] = mapped_column(String(12))


class VisitHour(_OfVisits, db.Model):
    """Figures of one hour by all that the call log can be filtered by."""

    __tablename__ = "visit_hours"
    __audit__ = False  # an import is one entry
    __table_args__ = _indexes()
    unit = "hour"


class VisitDay(_OfVisits, db.Model):
    """The same of one day."""

    __tablename__ = "visit_days"
    __audit__ = False  # an import is one entry
    __table_args__ = _indexes()
    unit = "day"


class ProjectHour(RollUp, db.Model):
    """Figures of one hour of a whole project: a tenth of the rows, for who filters nothing."""

    __tablename__ = "project_hours"
    __audit__ = False  # an import is one entry
    __table_args__ = _indexes()
    unit, dimensions = "hour", ("project_id",)


class ProjectDay(RollUp, db.Model):
    """The same of one day."""

    __tablename__ = "project_days"
    __audit__ = False  # an import is one entry
    __table_args__ = _indexes()
    unit, dimensions = "day", ("project_id",)


class OperatorDay(RollUp, db.Model):
    """Figures of one day of an operator: of the visits that are somebody's."""

    __tablename__ = "operator_days"
    __audit__ = False  # an import is one entry
    __table_args__ = _indexes("operator_id")
    unit, dimensions = "day", ("project_id", "operator_id", "queue_id", "direction")

    operator_id: Mapped[uuid.UUID]
    queue_id: Mapped[uuid.UUID | None]
    direction: Mapped[str] = mapped_column(String(8))


ROLL_UPS: tuple[type[RollUp], ...] = (VisitHour, VisitDay, ProjectHour, ProjectDay, OperatorDay)
