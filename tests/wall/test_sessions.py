"""The scope of the moment decides, whatever is in memory and whoever was there before."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, literal_column, select, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, make_transient_to_detached, selectinload
from sqlalchemy.orm.exc import ObjectDeletedError

from portal.extensions import db
from portal.wall.scope import NOBODY, Scope, current, entered, unscoped
from portal.wall.session import PLAIN
from portal.wall.walls import WallError
from tests.wall.models import (
    CALL,
    ME,
    OURS,
    P11,
    P12,
    P21,
    QUEUE,
    QUEUE_12,
    QUEUE_21,
    STRANGER,
    Call,
    Company,
    Group,
    GroupUser,
    Note,
    Project,
    Queue,
    Schedule,
    Skill,
    Throttle,
    User,
    number,
)

THEIRS = Scope(2, STRANGER, project_ids=(P21,))
WIDE = Scope(1, ME, project_ids=(P11, P12))
ALL = Scope(1, ME, sees_all=True, sees_people=True)


def seen(session: Session, *models: Any) -> list[str]:
    """Return the names of what is seen, over all ``models``."""
    return sorted(name for model in models for name in session.scalars(select(model.name)).unique())


def detached(cls: type, **values: Any) -> Any:
    instance = cls(**values)
    make_transient_to_detached(instance)
    return instance


# --- scopes


@pytest.mark.parametrize("options", [{}, {PLAIN: True}])
def test_one_statement_for_everybody(session: Session, options: dict[str, bool]) -> None:
    query = select(Queue.name).order_by(Queue.name).execution_options(**options)
    answers = []
    for scope in (OURS, THEIRS, WIDE, ALL, OURS):
        with entered(scope):
            answers.append(session.scalars(query).all())
    assert answers == [["c1p11"], ["c2p21"], ["c1p11", "c1p12"], ["c1p11", "c1p12"], ["c1p11"]]


def test_plain_statements_are_judged_like_all(session: Session) -> None:
    unseen = select(func.count(literal_column("(SELECT 1)"))).select_from(Queue)
    with pytest.raises(WallError):
        session.execute(unseen.execution_options(**{PLAIN: True}))
    with entered(NOBODY), pytest.raises(WallError):
        session.execute(select(Queue.name).execution_options(**{PLAIN: True}))


def test_statements_do_not_stay_in_memory(session: Session) -> None:
    def asked() -> weakref.ref[Any]:
        query = select(Queue.name).order_by(Queue.name)
        session.scalars(query).all()
        with unscoped("a statement that needs no wall"):
            session.scalars(query).all()
        return weakref.ref(query)

    _first, later = asked(), asked()  # what was compiled keeps the first of equal statements
    gc.collect()
    assert later() is None


def test_no_project(session: Session) -> None:
    with entered(Scope(1, ME)):
        assert seen(session, Queue, Schedule, Project, Note, User, Group) == []
        assert seen(session, Company, Skill) == ["c1", "c1p11"]


def test_who_sees_all(session: Session) -> None:
    with entered(ALL):
        assert seen(session, Queue, Schedule, Project) == ["c1p11"] * 3 + ["c1p12"] * 3
        assert seen(session, Note) == ["c1", "c1p11", "c1p12"]


def test_who_sees_all_sees_people(session: Session) -> None:
    with entered(Scope(1, ME, sees_all=True)):
        assert seen(session, Group) == ["c1p11", "c1p12"]


def test_ids_that_are_in_no_company(session: Session) -> None:
    with entered(Scope(1, ME, project_ids=(P21,))):
        assert seen(session, Queue, Schedule, Project, User, Group) == []


def test_people_who_share_a_project(session: Session) -> None:
    assert seen(session, User) == ["c1p11", "c1p11 by group"]
    assert seen(session, Group) == ["c1p11"]
    assert session.scalars(select(GroupUser.user_id)).all() == [number(11, 7)]


def test_oneself_and_ones_groups_without_a_project(session: Session) -> None:
    with entered(Scope(1, number(12, 7))):
        assert seen(session, User) == ["c1p12 by group"]
        assert seen(session, Group) == ["c1p12"]
        assert session.scalars(select(GroupUser.user_id)).all() == [number(12, 7)]


def test_who_picks_people_sees_their_company(session: Session) -> None:
    with entered(Scope(1, ME, sees_people=True)):
        assert seen(session, Group, Queue) == ["c1p11", "c1p12"]
        assert session.scalar(select(func.count()).select_from(User)) == 4


def test_nobody_is_refused(session: Session) -> None:
    with entered(NOBODY):
        for query in (select(Queue), select(Company), select(func.count(Schedule.id))):
            with pytest.raises(WallError):
                session.execute(query)
        assert session.scalars(select(Throttle.name)).all() == ["throttle"]
        with pytest.raises(WallError):
            session.execute(update(Queue).values(n=9))


def test_outside_of_an_app_nobody_is_asking(session: Session) -> None:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(current()))
    thread.start()
    thread.join()
    assert answers == [NOBODY]


def test_unscoped_goes_around_and_comes_back(session: Session) -> None:
    queue = session.scalars(select(Queue).options(selectinload(Queue.calls))).one()
    with unscoped("the test looks at both sides of the wall"):
        assert len(session.scalars(select(Queue)).all()) == 3
        session.expire(queue)
        assert sorted(call.name for call in queue.calls) == ["c1p11", "c1p12", "c2p21"]
        assert session.get(Queue, (2, QUEUE_21)) is not None
    assert seen(session, Queue) == ["c1p11"]
    assert session.get(Queue, (2, QUEUE_21)) is None
    session.expire(queue)
    assert [call.name for call in queue.calls] == ["c1p11"]


def test_unscoped_takes_a_reason(session: Session) -> None:
    with pytest.raises(WallError), unscoped(""):
        pass


def test_an_error_ends_unscoped(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), unscoped("the test fails inside"):
        raise ZeroDivisionError
    assert seen(session, Queue) == ["c1p11"]


# --- what is in memory


def test_the_identity_map_does_not_answer_for_others(session: Session) -> None:
    with entered(THEIRS):
        theirs = session.get_one(Queue, (2, QUEUE_21))
    with entered(WIDE):
        hidden = session.get_one(Queue, (1, QUEUE_12))
        schedule = session.get_one(Schedule, (1, number(12, 4)))
    assert {theirs, hidden, schedule} <= set(session)
    assert session.get(Queue, (2, QUEUE_21)) is None
    assert session.get(Queue, (1, QUEUE_12)) is None
    assert session.get(Schedule, (1, number(12, 4))) is None


def test_the_identity_map_answers_without_a_query(session: Session) -> None:
    queue = session.get_one(Queue, (1, QUEUE))
    session.expunge(queue)
    session.add(queue)
    assert session.get(Queue, (1, QUEUE)) is queue


def test_a_reference_is_not_served_from_memory(session: Session) -> None:
    with entered(WIDE):
        hidden = session.get_one(Queue, (1, QUEUE_12))
    with unscoped("the test plants a call of our project that points at a hidden queue"):
        call = session.get_one(Call, (1, CALL))
        call.queue_id = QUEUE_12
        session.flush()
        session.expire(call)
    assert hidden in session
    assert call.own_queue is None


def test_an_object_by_its_bare_id_can_be_neither_read_nor_refreshed(session: Session) -> None:
    for company, queue_id in ((1, QUEUE_12), (2, QUEUE_21)):
        if company != current().company_id:
            with pytest.raises(WallError):
                session.add(detached(Queue, company_id=company, id=queue_id))
            continue
        queue = detached(Queue, company_id=company, id=queue_id)
        session.add(queue)
        with pytest.raises(ObjectDeletedError):
            _ = queue.name
        with pytest.raises(InvalidRequestError):
            session.refresh(queue)


def test_an_object_by_its_bare_id_shows_only_seen_members(session: Session) -> None:
    queue = detached(Queue, company_id=1, project_id=P11, id=QUEUE, name="c1p11", n=1)
    merged = session.merge(queue, load=False)
    assert [call.name for call in merged.calls] == ["c1p11"]


def test_a_new_object_shows_only_seen_members(session: Session) -> None:
    queue = Queue(company_id=1, project_id=P11, id=number(7, 7), name="new")
    session.add(queue)
    session.flush()
    with unscoped("the test plants a foreign call"):
        session.execute(update(Call).where(Call.name == "c2p21").values(queue_id=queue.id))
    session.expire(queue, ["calls"])
    assert queue.calls == []


def test_a_new_shared_object_is_its_makers_until_the_session_ends(session: Session) -> None:
    schedule = Schedule(company_id=1, id=number(7, 7), name="new")
    session.add(schedule)
    session.flush()
    assert session.get(Schedule, (1, number(7, 7))) is schedule
    session.expunge_all()
    assert session.get(Schedule, (1, number(7, 7))) is None


def test_what_comes_out_is_looked_at_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without criteria and proof, a row of another project still does not become an object."""
    monkeypatch.setattr("portal.wall.session._set_option", lambda *_: None)
    monkeypatch.setattr("portal.wall.proof._refusal", lambda *_: None)
    assert len(session.scalars(select(Queue.name)).all()) == 3
    for model in (Queue, Company, Project, Note):
        with pytest.raises(WallError):
            session.scalars(select(model)).all()


# --- threads on one pool


def test_threads_do_not_see_each_others_scope(shapes_app: Flask) -> None:
    wrong: list[Any] = []

    def work(scope: Scope, names: list[str]) -> None:
        for _ in range(100):
            with shapes_app.app_context(), entered(scope):
                found = seen(db.session(), Queue)
                if found != names:
                    wrong.append(found)

    threads = [
        threading.Thread(target=work, args=args)
        for args in ((OURS, ["c1p11"]), (THEIRS, ["c2p21"]), (WIDE, ["c1p11", "c1p12"]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- what the database was told


def test_savepoints_and_rollbacks_do_not_bring_an_older_scope_back(session: Session) -> None:
    def queues() -> list[str]:
        return seen(session, Queue)

    mine = queues()
    savepoint = session.begin_nested()
    with entered(WIDE):
        wider = queues()
        savepoint.rollback()
        assert queues() == wider
    assert queues() == mine != wider
    with entered(WIDE):
        queues()
        session.rollback()
    assert queues() == mine
    with entered(THEIRS):
        session.rollback()
        assert set(queues()).isdisjoint(wider)


def test_scopes_of_one_connection_do_not_mix(session: Session) -> None:
    seen_by = {}
    for _ in range(2):
        for scope in (OURS, WIDE, THEIRS, ALL, Scope(1, ME)):
            with entered(scope):
                seen_by.setdefault(scope, []).append(seen(session, Queue))
    assert [first == second for first, second in seen_by.values()] == [True] * 5
    assert seen_by[Scope(1, ME)][0] == []
    assert set(seen_by[OURS][0]) < set(seen_by[WIDE][0]) <= set(seen_by[ALL][0])
