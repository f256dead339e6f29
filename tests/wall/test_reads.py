"""Every way to read shows what is seen, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import (
    case,
    exists,
    func,
    lambda_stmt,
    literal,
    or_,
    select,
    tablesample,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import (
    Bundle,
    Session,
    aliased,
    contains_eager,
    immediateload,
    joinedload,
    load_only,
    selectinload,
    subqueryload,
    undefer,
    with_parent,
    with_polymorphic,
)

from portal.wall.arrays import Among
from portal.wall.criteria import looked_up
from tests.wall.models import (
    CALL,
    P21,
    QUEUE,
    QUEUE_12,
    QUEUE_21,
    Call,
    Company,
    Dialer,
    Note,
    Preview,
    Project,
    Queue,
    Schedule,
    Skill,
)

# Cross products and the old API are tried on purpose.
pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning", "ignore::sqlalchemy.exc.LegacyAPIWarning"
)

_EACH_QUEUE = looked_up(Queue, "each_queue")
_EACH_SCHEDULE = looked_up(Schedule, "each_schedule")
Shape = Callable[[Session], Iterable[Any]]


def names(rows: Iterable[Any]) -> list[Any]:
    return [getattr(row, "name", row) for row in rows]


def recursive(s: Session) -> set[str]:
    first = select(Queue.n, Queue.name).cte("tree", recursive=True)
    next_ = select(first.c.n + 1, Queue.name).join(first, true()).where(first.c.n < 3)
    return set(s.scalars(select(first.union_all(next_).c.name)))


def in_partitions(s: Session) -> list[str]:
    query = select(Queue).options(selectinload(Queue.calls)).execution_options(yield_per=1)
    return [c.name for part in s.scalars(query).partitions() for q in part for c in q.calls]


def grouped(s: Session) -> list[str]:
    last = select(Call.queue_id, func.max(Call.name).label("last")).group_by(Call.queue_id)
    last = last.subquery()
    return s.scalars(select(last.c.last).join(Queue, Queue.id == last.c.queue_id)).all()


def both(query: Any) -> Any:
    return union_all(query.where(Queue.n < 2), query.where(Queue.n >= 2))


def used_twice(s: Session) -> set[str]:
    both_names = union_all(select(Queue.name), select(Call.name)).cte()
    again = both_names.alias()
    return set(s.scalars(select(both_names.c.name).join(again, true())))


def expired(s: Session) -> list[str]:
    queue = s.get_one(Queue, (1, QUEUE))
    s.expire(queue)
    return [queue.name]


def refreshed(s: Session) -> list[str]:
    queue = s.get_one(Queue, (1, QUEUE))
    s.refresh(queue)
    schedule = s.scalars(select(Schedule)).one()
    s.refresh(schedule)
    return [queue.name, schedule.name]


ENTITIES: dict[str, Shape] = {
    "select": lambda s: names(s.scalars(select(Queue))),
    "select owned by company alone": lambda s: names(s.scalars(select(Skill))),
    "select a shared kind": lambda s: names(s.scalars(select(Schedule))),
    "select projects": lambda s: names(s.scalars(select(Project))),
    "select rows of a project or of none": lambda s: names(s.scalars(select(Note))),
    "select entity and column": lambda s: [r[0].name for r in s.execute(select(Queue, Queue.n))],
    "legacy Query": lambda s: names(s.query(Queue).filter(Queue.n > 0).all()),
    "legacy Query.get": lambda s: names(
        filter(None, (s.query(Queue).get((c, i)) for c in (1, 2) for i in (QUEUE, QUEUE_21)))
    ),
    "get": lambda s: names(
        filter(None, (s.get(Queue, (c, i)) for c in (1, 2) for i in (QUEUE, QUEUE_12, QUEUE_21)))
    ),
    "get for update": lambda s: names(
        filter(None, (s.get(Queue, (1, i), with_for_update=True) for i in (QUEUE, QUEUE_12)))
    ),
    "for update, skip locked": lambda s: names(
        s.scalars(select(Queue).with_for_update(skip_locked=True))
    ),
    "populate_existing": lambda s: names(
        s.scalars(select(Queue).execution_options(populate_existing=True))
    ),
    "yield_per": lambda s: names(s.scalars(select(Queue).execution_options(yield_per=1))),
    "load_only": lambda s: names(s.scalars(select(Queue).options(load_only(Queue.name)))),
    "undefer": lambda s: [
        q.secret for q in s.scalars(select(Queue).options(undefer(Queue.secret)))
    ],
    "deferred column": lambda s: [q.secret for q in s.scalars(select(Queue))],
    "expired": expired,
    "refresh": lambda s: set(refreshed(s)),
    "lambda_stmt": lambda s: names(s.scalars(lambda_stmt(lambda: select(Queue)))),
    "single table inheritance": lambda s: names(s.scalars(select(Preview))),
    "base of single table inheritance": lambda s: set(names(s.scalars(select(Dialer)))),
    "with_polymorphic": lambda s: set(names(s.scalars(select(with_polymorphic(Dialer, "*"))))),
    "with_parent": lambda s: s.scalars(
        select(Call.name).where(with_parent(s.get_one(Queue, (1, QUEUE)), Queue.calls))
    ),
    "write only relationship": lambda s: names(
        s.scalars(s.get_one(Queue, (1, QUEUE)).calls_to_write.select())
    ),
    "dynamic relationship": lambda s: names(s.get_one(Queue, (1, QUEUE)).calls_to_ask),
}

COLUMNS: dict[str, Shape] = {
    "column": lambda s: s.scalars(select(Queue.name)),
    "expression": lambda s: s.scalars(select((Queue.name + "").label("x"))),
    "Bundle": lambda s: [r[0].name for r in s.execute(select(Bundle("b", Queue.name)))],
    "alias": lambda s: names(s.scalars(select(aliased(Queue)))),
    "looked up": lambda s: names(s.scalars(select(_EACH_QUEUE))),
    "looked up, a shared kind": lambda s: names(s.scalars(select(_EACH_SCHEDULE))),
    "one of many": lambda s: s.scalars(
        select(Queue.name).where(Among(Queue.id, [QUEUE, QUEUE_12, QUEUE_21]))
    ),
    "column of an alias": lambda s: s.scalars(select(aliased(Queue, flat=True).name)),
    "column of single table inheritance": lambda s: s.scalars(select(Preview.name)),
    "with_entities": lambda s: s.query(Queue).with_entities(Queue.name).all()[0],
    "with_only_columns": lambda s: s.scalars(select(Queue).with_only_columns(Queue.name)),
    "case": lambda s: s.scalars(select(case((Queue.n > 0, Queue.name), else_=""))),
    "distinct": lambda s: s.scalars(select(Queue.name).distinct()),
    "order and limit": lambda s: s.scalars(select(Queue.name).order_by(Queue.name.desc()).limit(5)),
    "contains": lambda s: s.scalars(
        select(Queue.name).where(
            Queue.name.icontains("1_p", autoescape=True) | Queue.name.contains("p1")
        )
    ),
    "group by having": lambda s: s.scalars(
        select(Queue.name).group_by(Queue.name).having(func.count() > 0)
    ),
    "window": lambda s: s.scalars(select(func.max(Queue.name).over()).select_from(Queue)),
    "filtered aggregate": lambda s: s.scalars(
        select(func.max(Queue.name).filter(Queue.n > 0)).select_from(Queue)
    ),
    "join by relationship": lambda s: s.scalars(select(Call.name).join(Call.queue)),
    "join by condition": lambda s: s.scalars(
        select(Call.name).select_from(Queue).join(Call, Call.queue_id == Queue.id)
    ),
    "join of aliases": lambda s: (
        lambda a, b: s.scalars(select(b.name).select_from(a).join(b, a.id == b.queue_id))
    )(aliased(Queue), aliased(Call)),
    "self join": lambda s: (
        lambda a: {n for r in s.execute(select(Queue.name, a.name).join(a, true())) for n in r}
    )(aliased(Queue)),
    "outer join": lambda s: filter(
        None, s.scalars(select(Call.name).select_from(Skill).outerjoin(Call, true()))
    ),
    "two entities": lambda s: {n for r in s.execute(select(Queue.name, Call.name)) for n in r},
    "through a link": lambda s: s.scalars(
        select(Schedule.name)
        .join(Schedule.Link, Schedule.Link.object_id == Schedule.id)
        .join(Project, Project.id == Schedule.Link.project_id)
    ),
    "through a link, the project": lambda s: s.scalars(
        select(Project.name).join(Schedule.Link, Schedule.Link.project_id == Project.id)
    ),
}

RELATIONS: dict[str, Shape] = {
    "lazy": lambda s: [c.name for q in s.scalars(select(Queue)) for c in q.calls],
    **{
        load.__name__: lambda s, load=load: [
            c.name
            for q in s.scalars(select(Queue).options(load(Queue.calls))).unique()
            for c in q.calls
        ]
        for load in (joinedload, selectinload, subqueryload, immediateload)
    },
    "contains_eager": lambda s: [
        c.name
        for q in s.scalars(
            select(Queue).join(Queue.calls).options(contains_eager(Queue.calls))
        ).unique()
        for c in q.calls
    ],
    "partitions": in_partitions,
    "many to one, joined": lambda s: [
        c.queue.name for c in s.scalars(select(Call).options(joinedload(Call.queue)))
    ],
    "many to one, from the identity map": lambda s: [
        c.own_queue.name for c in s.scalars(select(Call))
    ],
    "two steps": lambda s: [
        c.queue.name
        for q in s.scalars(
            select(Queue).options(selectinload(Queue.calls).joinedload(Call.queue))
        ).unique()
        for c in q.calls
    ],
}

NESTED: dict[str, Shape] = {
    "subquery": lambda s: s.scalars(select(select(Queue).subquery().c.name)),
    "alias of a subquery": lambda s: names(
        s.scalars(select(aliased(Queue, select(Queue).subquery())))
    ),
    "subquery of a subquery": lambda s: s.scalars(
        select(select(select(Queue).subquery()).subquery().c.name)
    ),
    "grouped subquery": grouped,
    "cte": lambda s: s.scalars(select(select(Queue.name).cte().c.name)),
    "cte used twice": used_twice,
    "recursive cte": recursive,
    "union": lambda s: s.scalars(union(select(Queue.name), select(Call.name))),
    "union of entities": lambda s: names(
        s.scalars(select(Queue).from_statement(both(select(Queue))))
    ),
    "alias of a union": lambda s: names(
        s.scalars(select(aliased(Queue, both(select(Queue)).subquery())))
    ),
    "legacy union": lambda s: names(
        s.query(Queue).filter(Queue.n < 2).union(s.query(Queue).filter(Queue.n > 1))
    ),
    "core columns around an exists": lambda s: s.scalars(
        select(Queue.name).where(select(Call.id).where(Call.queue_id == Queue.id).exists())
    ),
    "any": lambda s: s.scalars(select(Queue.name).where(Queue.calls.any())),
    "has": lambda s: s.scalars(select(Call.name).where(Call.queue.has())),
    "in a subquery": lambda s: s.scalars(
        select(Queue.name).where(Queue.id.in_(select(Call.queue_id)))
    ),
    "scalar subquery": lambda s: s.scalars(select(select(func.max(Call.name)).scalar_subquery())),
    "entity only in a function in WHERE": lambda s: (
        ["c1p11"]
        if s.scalar(select(func.count()).select_from(Queue).where(func.lower(Queue.name) != ""))
        == 1
        else ["leak"]
    ),
}

COUNTS: dict[str, Shape] = {
    "count from": lambda s: [s.scalar(select(func.count()).select_from(Queue))],
    "count of a column": lambda s: [s.scalar(select(func.count(Queue.id)))],
    "legacy count": lambda s: [s.query(Queue).count()],
    "count of a shared kind": lambda s: [s.scalar(select(func.count(Schedule.id)))],
    "count of links": lambda s: [s.scalar(select(func.count()).select_from(Schedule.Link))],
    "count of companies": lambda s: [s.scalar(select(func.count(Company.id)))],
    "count of a subquery": lambda s: [
        s.scalar(select(func.count()).select_from(select(Queue).subquery()))
    ],
    "entity only in WHERE": lambda s: [s.scalar(select(func.count()).where(Queue.n > 0))],
    "scalar subquery without FROM": lambda s: [
        s.scalar(select(select(func.count(Queue.id)).scalar_subquery()))
    ],
    "window over a join": lambda s: s.scalars(
        select(func.count(Call.id).over()).select_from(Queue).join(Call, true())
    ),
    "column property": lambda s: [p.queue_count for p in s.scalars(select(Project))],
    "column property, undeferred": lambda s: [
        p.queue_count for p in s.scalars(select(Project).options(undefer(Project.queue_count)))
    ],
    "column property, not correlated": lambda s: [p.all_queues for p in s.scalars(select(Project))],
    "the same, undeferred": lambda s: [
        p.all_queues for p in s.scalars(select(Project).options(undefer(Project.all_queues)))
    ],
    "hybrid": lambda s: s.scalars(select(Queue.call_count)),
}

FOREIGN: dict[str, Shape] = {
    "exists": lambda s: filter(
        None, [s.scalar(select(exists(select(Queue.id).where(Queue.project_id == P21))))]
    ),
    "any of a foreign project": lambda s: s.scalars(
        select(Queue.name).where(Queue.calls.any(Call.project_id == P21))
    ),
    "in a foreign subquery": lambda s: s.scalars(
        select(Queue.name).where(Queue.id.in_(select(Call.queue_id).where(Call.project_id == P21)))
    ),
    "or": lambda s: s.scalars(
        select(Queue.name).where(or_(Call.project_id == P21, ~(Call.name != "")))
    ),
    "or true": lambda s: s.scalars(
        select(Queue.name).where(or_(Queue.project_id == P21, literal(1) == 1)).where(Queue.n > 9)
    ),
}


@pytest.mark.parametrize("shape", [*ENTITIES, *COLUMNS, *RELATIONS, *NESTED])
def test_shows_what_is_seen(session: Session, shape: str) -> None:
    shapes = {**ENTITIES, **COLUMNS, **RELATIONS, **NESTED}
    assert list(shapes[shape](session)) == ["c1p11"]


@pytest.mark.parametrize("shape", COUNTS)
def test_counts_what_is_seen(session: Session, shape: str) -> None:
    assert list(COUNTS[shape](session)) == [1]


@pytest.mark.parametrize("shape", FOREIGN)
def test_finds_nothing_on_the_other_side(session: Session, shape: str) -> None:
    assert list(FOREIGN[shape](session)) == []


def test_the_company(session: Session) -> None:
    assert names(session.scalars(select(Company))) == ["c1"]


def test_shapes_of_postgresql(session: Session, on_postgresql: bool) -> None:
    if on_postgresql:
        calls = select(Call.name).where(Call.queue_id == Queue.id).lateral()
        assert session.scalars(
            select(calls.c.name).select_from(Queue).join(calls, true())
        ).all() == ["c1p11"]
        sample = aliased(Queue, tablesample(Queue, func.bernoulli(100)))
        assert names(session.scalars(select(sample))) == ["c1p11"]


def test_a_call_of_a_hidden_queue_has_none(session: Session) -> None:
    call = session.get_one(Call, (1, CALL))
    assert call.queue.name == "c1p11"
