"""Models of their own for the wall's tests: every mixin once, and rows planted on the wrong side.

References between them carry no company and there is no foreign key, so that rows of another
company can be hung on ours: what an older bug might have written must not show either.
Every row is named after its company and project, so that a leak can be read off the names.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Column, MetaData, String, Table, Uuid, func, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    DynamicMapped,
    Mapped,
    Session,
    WriteOnlyMapped,
    column_property,
    mapped_column,
    registry,
    relationship,
)

from portal.database import (
    BigInt,
    CompanyRoot,
    CompanyScoped,
    MaybeOwned,
    PeopleRow,
    ProjectLink,
    ProjectOwned,
    ProjectRoot,
    ProjectShared,
    Ref,
    UtcDateTime,
)
from portal.wall.scope import Scope

P11, P12, P21 = (uuid.UUID(int=number) for number in (11, 12, 21))
ME, STRANGER = uuid.UUID(int=1), uuid.UUID(int=2)
OURS = Scope(1, ME, project_ids=(P11,))


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(),
        type_annotation_map={int: BigInt, dt.datetime: UtcDateTime, uuid.UUID: Uuid},
    )


class Company(CompanyRoot, Base):
    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Project(ProjectRoot, Base):
    __tablename__ = "projects"

    name: Mapped[str]


class User(PeopleRow, CompanyScoped, Base):
    __tablename__ = "users"

    name: Mapped[str]


class Group(PeopleRow, CompanyScoped, Base):
    __tablename__ = "groups"

    name: Mapped[str]


class GroupUser(PeopleRow, Base):
    __tablename__ = "group_users"

    group_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class ProjectUser(ProjectLink, Base):
    __tablename__ = "project_users"

    user: Mapped[User] = Ref(User, primary_key=True)


class ProjectGroup(ProjectLink, Base):
    __tablename__ = "project_groups"

    group_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


queue_skills = Table(
    "queue_skills",
    Base.metadata,
    Column("company_id", BigInt, nullable=False, default=1),
    Column("queue_id", Uuid, primary_key=True),
    Column("skill_id", Uuid, primary_key=True),
)


class Skill(CompanyScoped, Base):
    """Walled by company alone."""

    __tablename__ = "skills"

    name: Mapped[str]


class Call(ProjectOwned, Base):
    __tablename__ = "calls"

    name: Mapped[str]
    queue_id: Mapped[uuid.UUID]
    queue: Mapped[Queue] = relationship(
        primaryjoin="foreign(Call.queue_id) == Queue.id", back_populates="calls"
    )
    # The same by the whole primary key: found in the identity map without a query.
    own_queue: Mapped[Queue] = relationship(
        primaryjoin="and_(Call.company_id == Queue.company_id, foreign(Call.queue_id) == Queue.id)",
        viewonly=True,
    )


class Queue(ProjectOwned, Base):
    __tablename__ = "queues"

    name: Mapped[str] = mapped_column(String(50))
    n: Mapped[int] = mapped_column(default=1)
    secret: Mapped[str] = mapped_column(default="", deferred=True)
    calls: Mapped[list[Call]] = relationship(
        primaryjoin="foreign(Call.queue_id) == Queue.id", back_populates="queue"
    )
    calls_to_write: WriteOnlyMapped[Call] = relationship(
        primaryjoin="foreign(Call.queue_id) == Queue.id", overlaps="calls,queue"
    )
    calls_to_ask: DynamicMapped[Call] = relationship(
        primaryjoin="foreign(Call.queue_id) == Queue.id", overlaps="calls,queue,calls_to_write"
    )
    skills: Mapped[list[Skill]] = relationship(
        secondary=queue_skills,
        primaryjoin=lambda: Queue.id == queue_skills.c.queue_id,
        secondaryjoin=lambda: Skill.id == queue_skills.c.skill_id,
        backref="queues",
    )

    @hybrid_property
    def call_count(self) -> int:
        return len(self.calls)

    @call_count.inplace.expression
    @classmethod
    def _call_count(cls):
        return select(func.count(Call.id)).where(Call.queue_id == cls.id).scalar_subquery()


class Schedule(ProjectShared, Base):
    __tablename__ = "schedules"

    name: Mapped[str]


class Note(MaybeOwned, Base):
    __tablename__ = "notes"

    name: Mapped[str]


class Dialer(ProjectOwned, Base):
    __tablename__ = "dialers"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "base"}

    kind: Mapped[str]
    name: Mapped[str]


class Preview(Dialer):
    __mapper_args__ = {"polymorphic_identity": "preview"}

    wait: Mapped[int | None]


class Throttle(Base):
    """No company's: behind no wall."""

    __tablename__ = "throttles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


Project.queue_count = column_property(
    select(func.count(Queue.id))
    .where(Queue.project_id == Project.id)
    .correlate_except(Queue)
    .scalar_subquery(),
    deferred=True,
)
# Not correlated: it would count every company's queues.
Project.all_queues = column_property(select(func.count(Queue.id)).scalar_subquery(), deferred=True)


def number(*digits: int) -> uuid.UUID:
    """Return the id of the n-th row of a project, e.g. ``number(11, 1)``."""
    return uuid.UUID(int=int("".join(map(str, digits))))


QUEUE, QUEUE_12, QUEUE_21 = number(11, 0), number(12, 0), number(21, 0)
CALL, CALL_12, CALL_21, PLANTED_CALL, PLANTED_CALL_12 = (
    number(n) for n in (1100, 1200, 2100, 9999, 8888)
)
SKILL, SKILL_21 = number(1), number(2)


def plant(session: Session) -> None:
    session.add_all([Company(id=1, name="c1"), Company(id=2, name="c2")])
    session.flush()
    for company, project in ((1, P11), (1, P12), (2, P21)):
        _plant_project(session, company, project.int)
    session.add_all(
        [
            Skill(company_id=1, id=SKILL, name="c1p11"),
            Skill(company_id=2, id=SKILL_21, name="c2p21"),
            Note(company_id=1, id=number(5), name="c1"),
            # A foreign call and one of a hidden project, hung on our queue.
            Call(company_id=2, project_id=P21, id=PLANTED_CALL, queue_id=QUEUE, name="c2p21"),
            Call(company_id=1, project_id=P12, id=PLANTED_CALL_12, queue_id=QUEUE, name="c1p12"),
            Throttle(id=1, name="throttle"),
        ]
    )
    for queue in (QUEUE, QUEUE_21):
        for skill in (SKILL, SKILL_21):
            values = {"company_id": 1, "queue_id": queue, "skill_id": skill}
            session.execute(queue_skills.insert().values(values))


def _plant_project(session: Session, company: int, project: int) -> None:
    name, of_project = (
        f"c{company}p{project}",
        {"company_id": company, "project_id": number(project)},
    )
    queue, user, group = number(project, 0), number(project, 5), number(project, 6)
    session.add(Project(company_id=company, id=number(project), name=name))
    session.flush()
    session.add_all(
        [
            Queue(**of_project, id=queue, name=name, secret=name),
            Call(**of_project, id=number(project, 0, 0), queue_id=queue, name=name),
            Note(**of_project, id=number(project, 1), name=name),
            Dialer(**of_project, id=number(project, 2), name=name, kind="base"),
            Preview(**of_project, id=number(project, 3), name=name, wait=1),
            Schedule(company_id=company, id=number(project, 4), name=name),
            User(company_id=company, id=user, name=name),
            User(company_id=company, id=number(project, 7), name=f"{name} by group"),
            Group(company_id=company, id=group, name=name),
        ]
    )
    session.flush()
    session.add_all(
        [
            Schedule.Link(**of_project, object_id=number(project, 4)),
            ProjectUser(**of_project, user_id=user),
            ProjectGroup(**of_project, group_id=group),
            GroupUser(company_id=company, group_id=group, user_id=number(project, 7)),
        ]
    )
