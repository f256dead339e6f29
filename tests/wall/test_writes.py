"""Every way to write changes what is seen, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, make_transient_to_detached

from portal.wall.scope import admit, unscoped
from portal.wall.walls import WallError
from tests.wall.models import (
    CALL,
    P11,
    P12,
    P21,
    QUEUE,
    QUEUE_12,
    QUEUE_21,
    Call,
    Company,
    Note,
    Project,
    ProjectUser,
    Queue,
    Schedule,
    Throttle,
    number,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.LegacyAPIWarning", "ignore:Object of type"
)

Write = Callable[[Session], Any]
NEW = number(7, 7, 7)
OF_11 = {"company_id": 1, "project_id": P11}
OF_12 = {"company_id": 1, "project_id": P12}
OF_21 = {"company_id": 2, "project_id": P21}


def truth(session: Session, column: Any) -> list[Any]:
    """Return what the database holds, whoever may see it."""
    with unscoped("the test looks at both sides of the wall"):
        return sorted(session.scalars(select(column)))


def detached(cls: type, **values: Any) -> Any:
    """Make an object that pretends to have been loaded: anyone can do so with a bare id."""
    instance = cls(**values)
    make_transient_to_detached(instance)
    return instance


def changed(instance: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(instance, name, value)
    return instance


def flushed(*instances: Any) -> Write:
    return lambda s: (s.add_all(instances), s.flush())


def upsert(s: Session) -> Any:
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[s.get_bind().dialect.name]
    new = dialect.insert(Queue).values(**OF_11, id=QUEUE_12, name="stolen", n=1)
    return new.on_conflict_do_update(
        index_elements=["company_id", "id"], set_={"name": "stolen"}
    ).returning(Queue.name)


UPDATES: dict[str, Write] = {
    "update": lambda s: s.execute(update(Queue).values(n=9)),
    "update, fetching": lambda s: s.execute(
        update(Queue).values(n=9).execution_options(synchronize_session="fetch")
    ),
    "update, not synchronizing": lambda s: s.execute(
        update(Queue).values(n=9).execution_options(synchronize_session=False)
    ),
    "update by an expression": lambda s: s.execute(update(Queue).values(n=Queue.n + 8)),
    "update in order": lambda s: s.execute(update(Queue).ordered_values((Queue.n, 9))),
    "update by a dictionary": lambda s: s.execute(update(Queue), {"n": 9}),
    "update by a subquery": lambda s: s.execute(
        update(Queue).values(n=select(func.count(Call.id) + 8).scalar_subquery())
    ),
    "update with OR": lambda s: s.execute(
        update(Queue).where((Queue.n == 1) | (Queue.project_id == P21)).values(n=9)
    ),
    "legacy update": lambda s: s.query(Queue).update({"n": 9}),
    "an attribute": lambda s: (changed(s.get_one(Queue, (1, QUEUE)), n=9), s.flush()),
    "an attribute by its column": lambda s: (
        changed(s.get_one(Queue, (1, QUEUE)), n=Queue.n + 8),
        s.flush(),
    ),
}


@pytest.mark.parametrize("write", UPDATES)
def test_updates_what_is_seen(session: Session, write: str) -> None:
    UPDATES[write](session)
    assert truth(session, Queue.n) == [1, 1, 9]
    session.expire_all()
    assert session.scalars(select(Queue.n)).all() == [9]


DELETES: dict[str, Write] = {
    "delete": lambda s: s.execute(delete(Call)),
    "delete in a subquery": lambda s: s.execute(
        delete(Call).where(Call.queue_id.in_(select(Queue.id)))
    ),
    "delete by a subquery of hidden rows": lambda s: (
        s.execute(delete(Call).where(Call.id.in_(select(Call.id).where(Call.project_id == P21)))),
        s.execute(delete(Call).where(Call.name == "c1p11")),
    ),
    "legacy delete": lambda s: s.query(Call).delete(),
    "through a relationship": lambda s: s.execute(
        s.get_one(Queue, (1, QUEUE)).calls_to_write.delete()
    ),
    "an object": lambda s: (s.delete(s.get_one(Call, (1, CALL))), s.flush()),
}


@pytest.mark.parametrize("write", DELETES)
def test_deletes_what_is_seen(session: Session, write: str) -> None:
    DELETES[write](session)
    assert truth(session, Call.name) == ["c1p12", "c1p12", "c2p21", "c2p21"]


def test_returns_what_is_seen(session: Session) -> None:
    assert session.scalars(update(Queue).values(n=9).returning(Queue.name)).all() == ["c1p11"]
    assert session.scalars(delete(Call).returning(Call.name)).all() == ["c1p11"]


INSERTS: dict[str, Write] = {
    "add": flushed(Queue(**OF_11, id=NEW, name="new")),
    "add, the company is filled in": flushed(Queue(project_id=P11, id=NEW, name="new")),
    "insert of values": lambda s: s.execute(
        insert(Queue).values(**OF_11, id=NEW, name="new", n=1, secret="")
    ),
    "insert of rows": lambda s: s.execute(
        insert(Queue), [{**OF_11, "id": NEW, "name": "new", "n": 1, "secret": ""}]
    ),
    "insert returning": lambda s: s.scalars(
        insert(Queue).returning(Queue), [{**OF_11, "id": NEW, "name": "new", "secret": ""}]
    ).all(),
    "insert of many values": lambda s: s.execute(
        insert(Queue).values([{**OF_11, "id": NEW, "name": "new", "n": 1, "secret": ""}])
    ),
    "merge": lambda s: (s.merge(Queue(**OF_11, id=NEW, name="new")), s.flush()),
}


@pytest.mark.parametrize("write", INSERTS)
def test_inserts_into_what_is_seen(session: Session, write: str) -> None:
    INSERTS[write](session)
    assert truth(session, Queue.name) == ["c1p11", "c1p12", "c2p21", "new"]
    assert session.get_one(Queue, (1, NEW)).name == "new"


def values(**row: Any) -> dict[str, Any]:
    return {"id": NEW, "name": "new", "n": 1, "secret": "", **row}


REFUSED: dict[str, Write] = {
    "add to another company": flushed(Queue(**OF_21, id=NEW, name="new")),
    "add to another project": flushed(Queue(**OF_12, id=NEW, name="new")),
    "add to another company's project": flushed(
        Queue(company_id=1, project_id=P21, id=NEW, name="new")
    ),
    "add to no project": flushed(Note(company_id=1, id=NEW, name="new")),
    "add a company": flushed(Company(id=3, name="new")),
    "add a membership": flushed(ProjectUser(**OF_12, user_id=NEW)),
    "add a link": flushed(Schedule.Link(**OF_12, object_id=number(11, 4))),
    "put a hidden object into one's project": flushed(
        Schedule.Link(**OF_11, object_id=number(12, 4))
    ),
    "insert a hidden object into one's project": lambda s: s.execute(
        insert(Schedule.Link), [{**OF_11, "object_id": number(12, 4)}]
    ),
    "put a foreign object into one's project": flushed(
        Schedule.Link(**OF_11, object_id=number(21, 4))
    ),
    "put a hidden person into one's project": flushed(ProjectUser(**OF_11, user_id=number(12, 5))),
    "insert into another company": lambda s: s.execute(insert(Queue).values(**values(**OF_21))),
    "insert into another project": lambda s: s.execute(insert(Queue).values(**values(**OF_12))),
    "insert into no company": lambda s: s.execute(insert(Queue).values(**values(project_id=P11))),
    "insert a project's id as an expression": lambda s: s.execute(
        insert(Queue).values(
            **values(company_id=1, project_id=select(Project.id).scalar_subquery())
        )
    ),
    "insert rows, one of another project": lambda s: s.execute(
        insert(Queue), [values(**OF_11), values(**OF_12, id=number(7, 8))]
    ),
    "insert many values, one of another": lambda s: s.execute(
        insert(Queue).values([values(**OF_11), values(**OF_12, id=number(7, 8))])
    ),
    "insert values over rows": lambda s: s.execute(
        insert(Queue).values(project_id=P11), [values(**OF_12)]
    ),
    "insert into the table": lambda s: s.execute(insert(Queue.__table__).values(**values(**OF_11))),
    "insert by a connection": lambda s: s.connection().execute(
        insert(Queue).values(**values(**OF_11))
    ),
    "insert from select": lambda s: s.execute(
        insert(Queue).from_select(
            ["company_id", "project_id", "id", "name", "n", "secret"],
            select(Queue.company_id, Queue.project_id, Queue.n, Queue.name, Queue.n, Queue.name),
        )
    ),
    "insert what a subquery reads": lambda s: s.execute(
        insert(Queue).values(
            **values(**OF_11, name=select(func.max(Call.__table__.c.name)).scalar_subquery())
        )
    ),
    "insert or update": lambda s: s.execute(upsert(s)),
    "insert a company": lambda s: s.execute(insert(Company).values(id=3, name="new")),
    "bulk_save_objects": lambda s: s.bulk_save_objects([Queue(**OF_12, id=NEW, name="new")]),
    "bulk_insert_mappings": lambda s: s.bulk_insert_mappings(Queue, [values(**OF_12)]),
    "bulk_update_mappings": lambda s: s.bulk_update_mappings(
        Queue, [{"company_id": 1, "id": QUEUE_12, "n": 9}]
    ),
    "update by keys": lambda s: s.execute(
        update(Queue), [{"company_id": 1, "id": QUEUE_12, "n": 9}]
    ),
    "move by update": lambda s: s.execute(update(Queue).values(project_id=P12)),
    "move by update, named by text": lambda s: s.execute(update(Queue).values({"project_id": P12})),
    "move by update, in order": lambda s: s.execute(
        update(Queue).ordered_values(("company_id", 2))
    ),
    "move by parameters": lambda s: s.execute(update(Queue), {"project_id": P12}),
    "move by legacy update": lambda s: s.query(Queue).update({"project_id": P12}),
    "move an object": lambda s: (
        changed(s.get_one(Queue, (1, QUEUE)), project_id=P12),
        s.flush(),
    ),
    "move an object out of the company": lambda s: (
        changed(s.get_one(Queue, (1, QUEUE)), company_id=2),
        s.flush(),
    ),
    "rename the company's key": lambda s: (changed(s.get_one(Company, 1), id=2), s.flush()),
    "an object of another company": lambda s: flushed(
        changed(detached(Queue, **OF_21, id=QUEUE_21), n=9)
    )(s),
    "an object of another project": lambda s: flushed(
        changed(detached(Queue, **OF_12, id=QUEUE_12), n=9)
    )(s),
    "an object that lies about its project": lambda s: flushed(
        changed(detached(Queue, **OF_11, id=QUEUE_12), n=9)
    )(s),
    "an object that does not say its project": lambda s: flushed(
        changed(detached(Queue, company_id=1, id=QUEUE_12), n=9)
    )(s),
    "a shared object of another project": lambda s: flushed(
        changed(detached(Schedule, company_id=1, id=number(12, 4)), name="new")
    )(s),
    "a link of another project": lambda s: (
        s.add(link := detached(Schedule.Link, **OF_12, object_id=number(12, 4))),
        s.delete(link),
        s.flush(),
    ),
    "delete an object that lies": lambda s: (
        s.add(call := detached(Call, **OF_11, id=number(12, 0, 0), queue_id=QUEUE)),
        s.delete(call),
        s.flush(),
    ),
    "a subquery in an attribute": lambda s: (
        changed(s.get_one(Queue, (1, QUEUE)), name=select(func.max(Call.name)).scalar_subquery()),
        s.flush(),
    ),
    "a subquery in a new object": flushed(
        Queue(**OF_11, id=NEW, name=select(func.max(Call.name)).scalar_subquery())
    ),
    "merge of a foreign key": lambda s: (s.merge(Queue(**OF_21, id=QUEUE_21, n=9)), s.flush()),
    "merge without loading": lambda s: (
        changed(s.merge(detached(Queue, **OF_11, id=QUEUE_12, name="x", n=1), load=False), n=9),
        s.flush(),
    ),
}


@pytest.mark.parametrize("write", REFUSED)
def test_is_refused(session: Session, write: str) -> None:
    before = truth(session, Queue.name), truth(session, Queue.n)
    with pytest.raises(WallError):
        REFUSED[write](session)
    session.rollback()
    assert (truth(session, Queue.name), truth(session, Queue.n)) == before


def test_an_object_may_move_between_projects_that_are_seen(session: Session) -> None:
    project = Project(company_id=1, id=uuid.uuid4(), name="new")
    session.add(project)
    admit(project)
    session.add(ProjectUser(company_id=1, project_id=project.id, user_id=number(11, 5)))
    session.flush()
    session.get_one(Queue, (1, QUEUE)).project_id = project.id
    session.flush()
    assert session.scalars(select(Project.name).order_by(Project.name)).all() == ["c1p11", "new"]
    assert session.scalars(select(Queue.project_id)).all() == [project.id]


def test_a_new_shared_object_can_be_put_into_ones_project(session: Session) -> None:
    schedule = Schedule(company_id=1, id=NEW, name="new")
    session.add_all([schedule, Schedule.Link(**OF_11, object_id=NEW)])
    session.flush()
    later = Schedule(company_id=1, id=number(7, 8), name="newer")
    session.add(later)
    session.flush()
    session.execute(insert(Schedule.Link), [{**OF_11, "object_id": later.id}])
    names = select(Schedule.name).order_by(Schedule.name)
    assert session.scalars(names).all() == ["c1p11", "new", "newer"]


def test_only_a_new_project_is_admitted(session: Session) -> None:
    with pytest.raises(WallError):
        admit(detached(Project, company_id=1, id=P12))
    with pytest.raises(WallError):
        admit(session.get_one(Project, (1, P11)))


def test_a_project_that_was_not_admitted_is_not_seen(session: Session) -> None:
    session.add(Project(company_id=1, id=NEW, name="new"))
    session.flush()
    assert session.scalars(select(Project.name)).all() == ["c1p11"]


def test_what_is_no_companys_is_free(session: Session) -> None:
    session.add(Throttle(id=2, name="new"))
    session.flush()
    session.execute(update(Throttle).values(name="both"))
    session.execute(insert(Throttle.__table__).values(id=3, name="both"))
    assert session.scalars(select(Throttle.__table__.c.name)).all() == ["both"] * 3
