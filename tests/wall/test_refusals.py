"""What cannot be judged, or has no criterion, is refused before it reaches the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    Uuid,
    column,
    delete,
    event,
    extract,
    func,
    insert,
    join,
    literal,
    literal_column,
    outerjoin,
    select,
    table,
    text,
    true,
    update,
)
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import (
    Session,
    aliased,
    joinedload,
    selectinload,
    subqueryload,
)
from sqlalchemy.orm import (
    outerjoin as orm_outerjoin,
)
from sqlalchemy.sql import quoted_name
from sqlalchemy.sql.ddl import DDL
from sqlalchemy.sql.functions import FunctionElement

from portal.extensions import db
from portal.wall.elements import of_company, of_project
from portal.wall.walls import WallError, walls_by_table
from tests.wall.models import (
    QUEUE,
    Base,
    Call,
    Dialer,
    Project,
    Queue,
    Schedule,
    Skill,
    Throttle,
    queue_skills,
)

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

Shape = Callable[[Session], Any]
QUEUES, CALLS, UNWALLED = Queue.__table__, Call.__table__, Throttle.__table__
COPY = Table("queues", MetaData(), Column("id", Uuid), Column("name", String))
UNKNOWN = Table("sqlite_master", MetaData(), Column("name", String))


def rows(statement: Any) -> Shape:
    return lambda s: s.execute(statement).all()


def by_connection(statement: Any) -> Shape:
    return lambda s: s.connection().execute(statement).all()


def by_plain_session(s: Session) -> Any:
    with Session(s.connection()) as other:
        return other.scalars(select(Queue)).all()


def by_engine(s: Session) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(select(QUEUES)).all()


def by_engine_with_options(s: Session) -> Any:
    with db.engine.execution_options(isolation_level="SERIALIZABLE").connect() as connection:
        return connection.execute(select(QUEUES)).all()


class Longest(FunctionElement):
    """A construct that writes its SQL itself."""

    type = String()
    inherit_cache = True


@compiles(Longest)
def _longest(element: Longest, compiler: Any, **options: Any) -> str:
    return "(select max(name) from queues)"


TEXT: dict[str, Shape] = {
    "a construct that writes SQL": rows(select(Longest()).select_from(Project)),
    "text": rows(text("select name from queues")),
    "text in columns": rows(select(text("queues.name")).select_from(Queue)),
    "text in WHERE": rows(select(Queue).where(text("1=0 or 1=1"))),
    "text in ORDER BY": rows(select(Queue).order_by(text("(select 1)"))),
    "from_statement": rows(select(Queue).from_statement(text("select * from queues"))),
    "text as a subquery": rows(
        select(text("select name from queues").columns(column("name")).subquery().c.name)
    ),
    "text joined": rows(
        select(Project.name).join(
            text("select name from queues").columns(column("name")).subquery(), true()
        )
    ),
    "literal_column with a subquery": rows(
        select(literal_column("(select max(name) from queues)")).select_from(Project)
    ),
    "literal_column in WHERE": rows(select(Queue).where(literal_column("1) or (1=1"))),
    "operator": rows(select(Queue).where(Queue.name.op("= (select 1) or 1 =")("x"))),
    "boolean operator": rows(select(Queue).where(Queue.name.bool_op("is null or 1=1 or x =")("x"))),
    "unary operator": rows(select(Queue).where(func.max(Queue.n).op("in (select")(1))),
    "prefix": rows(select(Queue.name).prefix_with("(select name from queues),")),
    "suffix": rows(select(Queue.name).suffix_with("union select name from queues")),
    "hint of a statement": rows(select(Queue.name).with_statement_hint("union select 1")),
    "hint of a table": rows(select(Queue.name).with_hint(Queue, "cross join calls")),
    "extract": rows(select(extract("epoch from now()), (select 1", func.now()))),
    "function that runs SQL": rows(
        select(func.query_to_xml("select * from queues", True, True, ""))
    ),
    "function that changes settings": rows(select(func.set_config("app.unscoped", "on", True))),
    "column by a name that is not quoted": rows(
        select(column(quoted_name("(select max(name) from queues)", quote=False)))
    ),
    "condition by a name that is not quoted": rows(
        select(Queue).where(column(quoted_name("1=1) or (1=1", quote=False)) == true())
    ),
    "label that is not quoted": rows(
        select(Queue.name.label(quoted_name("x from calls --", quote=False)))
    ),
    "alias that is not quoted": rows(
        select(aliased(Queue, name=quoted_name("q cross join calls", quote=False)).name)
    ),
    "insert or replace": lambda s: s.execute(
        insert(Skill).prefix_with("or replace").values(company_id=1, id=QUEUE, name="new")
    ),
    "raw SQL": lambda s: s.connection().exec_driver_sql("select name from queues").all(),
    "DDL": lambda s: s.connection().execute(DDL("delete from queues")),
}

CORE: dict[str, Shape] = {
    "table": rows(select(QUEUES)),
    "column of a table": rows(select(QUEUES.c.name)),
    "alias of a table": rows(select(QUEUES.alias())),
    "count of a table": rows(select(func.count()).select_from(QUEUES)),
    "link table": rows(select(Schedule.Link.__table__)),
    "table without a model": rows(select(queue_skills)),
    "table joined": rows(select(CALLS.c.name).select_from(Queue).join(CALLS, true())),
    "table in a subquery": rows(select(Queue.name).where(Queue.id.in_(select(CALLS.c.queue_id)))),
    "table in a cte": rows(select(select(QUEUES.c.name).cte().c.name)),
    "table in a union": rows(select(Queue.name).union(select(QUEUES.c.name))),
    "table in a lateral": rows(select(Queue.name).join(select(CALLS.c.name).lateral(), true())),
    "table as a value": rows(select(func.count(QUEUES.table_valued())).select_from(QUEUES)),
    "entity over a table": rows(select(aliased(Queue, select(QUEUES).subquery()))),
    "same table inside and outside": rows(
        select(select(func.count(QUEUES.c.id)).scalar_subquery()).select_from(Call)
    ),
    "subqueries one after the other": rows(
        select(
            select(func.count(Queue.id)).scalar_subquery(),
            select(func.count(QUEUES.c.id)).scalar_subquery(),
        )
    ),
    "an alias with the table's name": rows(
        select(func.count())
        .select_from(aliased(Queue, name="calls"))
        .where(select(CALLS.c.id).correlate(None).exists())
    ),
    "two tables of one name": rows(
        select(CALLS.c.queue_id).select_from(aliased(Queue, name="calls")).join(CALLS, true())
    ),
    "the name only": rows(select(column("name")).select_from(table("queues"))),
    "the name in other letters": rows(select(column("name")).select_from(table("QUEUES"))),
    "a table of the same name": rows(select(COPY)),
    "an unknown table": rows(select(UNKNOWN)),
    "entity by a connection": by_connection(select(Queue)),
    "table by a connection": by_connection(select(QUEUES)),
    "a plain session": by_plain_session,
    "the engine": by_engine,
    "the engine with options": by_engine_with_options,
}

JOINS: dict[str, Shape] = {
    "full join": rows(select(Call.name).select_from(Queue).outerjoin(Call, true(), full=True)),
    "full join with something unwalled": rows(
        select(Call.name)
        .select_from(one := select(literal(1).label("x")).subquery())
        .outerjoin(Call, one.c.x == 1, full=True)
    ),
    "join() in select_from": rows(select(func.count()).select_from(join(Queue, Call, true()))),
    "outerjoin() in select_from, left": rows(
        select(func.count()).select_from(outerjoin(Skill, Call, Call.name == ""))
    ),
    "orm's outerjoin() in select_from, left": rows(
        select(func.count()).select_from(orm_outerjoin(Skill, Call, Call.name == ""))
    ),
    "criteria of the left side in ON": rows(
        select(QUEUES.c.name).select_from(
            QUEUES.outerjoin(
                UNWALLED,
                of_company(QUEUES.c.company_id) & of_project(QUEUES.c.project_id),
            )
        )
    ),
    "entity only in a function": rows(select(func.count()).where(func.lower(Queue.name) != "")),
    "entity only in a window": rows(select(func.max(Queue.name).over())),
}

SECONDARY: dict[str, Shape] = {
    "lazy": lambda s: s.get_one(Queue, (1, QUEUE)).skills,
    "back": lambda s: [k.queues for k in s.scalars(select(Skill))],
    "joined": lambda s: s.scalars(select(Queue).options(joinedload(Queue.skills))).unique().all(),
    "selectin": lambda s: s.scalars(select(Queue).options(selectinload(Queue.skills))).all(),
    "subquery": lambda s: [
        q.skills for q in s.scalars(select(Queue).options(subqueryload(Queue.skills)))
    ],
    "join": rows(select(Skill.name).join(Queue.skills)),
    "append": lambda s: append_skill(s),
}


def append_skill(s: Session) -> None:
    queue = Queue(company_id=1, project_id=s.get_one(Queue, (1, QUEUE)).project_id, name="new")
    queue.skills.append(s.scalars(select(Skill)).one())
    s.add(queue)
    s.flush()


def flush_with(s: Session, statement: Any) -> None:
    event.listen(s, "after_flush", lambda *_: s.connection().execute(statement), once=True)
    s.get_one(Queue, (1, QUEUE)).n = 2
    s.flush()


BULK: dict[str, Shape] = {
    "update of a table": lambda s: s.execute(update(QUEUES).values(n=9)),
    "delete of a table": lambda s: s.execute(delete(CALLS)),
    "update from another entity": lambda s: s.execute(
        update(Queue)
        .where(CALLS.c.queue_id == Queue.id)
        .values(name=CALLS.c.name)
        .execution_options(synchronize_session=False)
    ),
    "update from another model": lambda s: s.execute(
        update(Queue)
        .where(Call.queue_id == Queue.id)
        .values(name=Call.name)
        .execution_options(synchronize_session=False)
    ),
    "delete using another entity": lambda s: s.execute(
        delete(Skill).where(CALLS.c.name != "").execution_options(synchronize_session=False)
    ),
    "update by the rows of a table": lambda s: s.execute(
        update(Queue).values(name=select(func.max(CALLS.c.name)).scalar_subquery())
    ),
    "update in a cte": rows(select(update(Queue).values(n=5).returning(Queue.name).cte().c.name)),
    "delete added as a cte": rows(
        select(Queue.name).add_cte(delete(Dialer).returning(Dialer.id).cte())
    ),
    "update while the unit of work writes": lambda s: flush_with(s, update(QUEUES).values(n=9)),
    "update by a connection": lambda s: s.connection().execute(update(Queue).values(n=9)),
}

ALL = {
    f"{kind}: {name}": shape
    for kind, shapes in {
        "text": TEXT,
        "core": CORE,
        "join": JOINS,
        "secondary": SECONDARY,
        "bulk": BULK,
    }.items()
    for name, shape in shapes.items()
}


@pytest.mark.parametrize("shape", ALL)
def test_is_refused(session: Session, shape: str) -> None:
    # What one of the databases cannot say is refused by SQLAlchemy.
    with pytest.raises((WallError, CompileError, NotImplementedError)):
        ALL[shape](session)


def test_goes_on_after_a_refusal(session: Session) -> None:
    with pytest.raises(WallError):
        session.execute(text("select 1"))
    assert [queue.name for queue in session.scalars(select(Queue))] == ["c1p11"]


def test_every_table_of_the_shapes_is_known(session: Session) -> None:
    assert set(Base.metadata.tables.values()) <= set(walls_by_table())
