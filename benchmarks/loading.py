"""Filling the databases fast: straight into the tables, past the importer and past the wall."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, func, insert, literal_column, select

from benchmarks.world import END, VISIT, World, visits
from portal.calls.figures import FIGURES, ROLL_UPS, OperatorDay
from portal.calls.models import Visit
from portal.company.models import Company, Security
from portal.database import name_key, search_key
from portal.extensions import db
from portal.members.models import Role, User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.sip_provider import ProviderRate, SipProvider, rated
from portal.objects.kinds.sip_provider.rules import read_price
from portal.projects.models import Project, ProjectUser

BATCH = 10_000

# How each database cuts times in UTC, and makes ids.
_CUT: dict[str, Any] = {
    "postgresql": lambda unit, at: func.date_trunc(unit, at),
    "sqlite": lambda unit, at: (
        func.substr(at, 1, 13).concat(":00:00.000000")
        if unit == "hour"
        else func.substr(at, 1, 10).concat(" 00:00:00.000000")
    ),
}
_ID: dict[str, Any] = {
    "postgresql": func.gen_random_uuid(),
    "sqlite": func.lower(func.hex(func.randomblob(16))),
}


def fill_postgresql(url: str, engine: Engine, world: World) -> None:
    """Fill with COPY. Visits refer to calls that are not made: nothing here reads a call."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        with engine.begin() as other:
            _fill_around(other, world)
            for index in Visit.__table__.indexes:  # type: ignore[attr-defined]  # a Table
                index.drop(other)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY visits ({', '.join(VISIT)}) FROM STDIN") as copy,
        ):
            for row in visits(world):
                copy.write("\t".join(r"\N" if v is None else str(v) for v in row) + "\n")
    with engine.begin() as other:
        other.exec_driver_sql("SET maintenance_work_mem = '512MB'")
        _fill_roll_ups(other)
        for index in Visit.__table__.indexes:  # type: ignore[attr-defined]  # a Table
            index.create(other)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def fill_sqlite(path: Path, engine: Engine, world: World) -> None:
    with engine.begin() as other:
        _fill_around(other, world)
        for index in Visit.__table__.indexes:  # type: ignore[attr-defined]  # a Table
            index.drop(other)
    places = ", ".join("?" * len(VISIT))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            f"INSERT INTO visits ({', '.join(VISIT)}) VALUES ({places})", visits(world)
        )
    with engine.begin() as other:
        _fill_roll_ups(other)
        for index in Visit.__table__.indexes:  # type: ignore[attr-defined]  # a Table
            index.create(other)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("ANALYZE")
        connection.commit()


def _fill_roll_ups(connection: Connection) -> None:
    dialect = connection.dialect.name
    for table in ROLL_UPS:
        start = _CUT[dialect](table.unit, literal_column("visits.started_at"))
        by = [Visit.company_id, start, *(getattr(Visit, name) for name in table.dimensions)]
        sums = [figure.total(Visit) for figure in FIGURES.values()]
        query = select(_ID[dialect], *by, *sums).group_by(*by)
        if table is OperatorDay:
            query = query.where(Visit.operator_id.is_not(None))
        names = ["id", "company_id", "starts_at", *table.dimensions, *FIGURES]
        connection.execute(insert(table).from_select(names, query))


def _fill_around(connection: Connection, world: World) -> None:
    """Make companies, projects, queues, dialers, operators, and the viewers."""
    from benchmarks.viewers import viewers

    def put(model: Any, rows: list[dict[str, Any]]) -> None:
        table = db.metadata.tables[model.__tablename__]
        connection.execute(insert(table), [_typed(table, row) for row in rows])

    def named(identifier: str, name: str, **values: Any) -> dict[str, Any]:
        return {"company_id": 1, "id": identifier, "name": name, "name_key": name_key(name)} | {
            **values
        }

    companies = [1, *world.small]
    zones = {"timezone": "UTC", "figures_timezone": "UTC", "security": Security.ENHANCED}
    put(
        Company,
        [  # what calls cost is counted by the portal itself
            {"id": n, "name": f"Company {n}", "prices_version": int(n == 1), **zones}
            for n in companies
        ],
    )
    roles = {name: world.new_id() for name in ("admin", "supervisor", "operator")}
    put(Role, [named(roles[name], name.title(), template=name) for name in roles])

    def person(identifier: str, name: str, role: str) -> dict[str, Any]:
        email = f"{name.lower().replace(' ', '.')}@example.org"
        keys = {"email": email, "email_key": email, "search_key": search_key(name, email)}
        return named(identifier, name, role_id=roles[role], created_at=END, **keys)

    def project(one: Any, **values: Any) -> dict[str, Any]:
        times = {"created_at": world.start, "changed_at": world.start}
        return named(one.id, one.name, search_key=search_key(one.name), **times, **values)

    put(Project, [project(p) for p in world.projects])
    put(Project, [project(p, company_id=company) for company, p in world.small.items()])
    seen = viewers(world)
    put(User, [person(*operator, "operator") for operator in world.operators])
    put(User, [person(v.id, v.name, "admin" if v.sees_all else "supervisor") for v in seen])
    members = [(p.id, user[0]) for p in world.projects for user in p.operators]
    members += [(p.id, v.id) for v in seen for p in v.projects]
    put(ProjectUser, [{"company_id": 1, "project_id": p, "user_id": u} for p, u in members])
    for provider in world.providers:
        _put_provider(put, provider, named, world.start)
    for model, kind in ((Queue, "queues"), (Dialer, "dialers")):
        times = {"created_at": world.start, "changed_at": world.start}
        put(
            model,
            [
                named(identifier, name, project_id=p.id, **times)
                for p in world.projects
                for identifier, name in getattr(p, kind)
            ],
        )


def _put_provider(put: Any, provider: Any, named: Any, made_at: Any) -> None:
    times = {"created_at": made_at, "changed_at": made_at}
    texts = {"currency": provider.currency, "prices": "\n".join(provider.prices)}
    put(SipProvider, [named(provider.id, provider.name, **times, **texts)])
    own = {"company_id": 1, "provider_id": provider.id}
    put(ProviderRate, [{**own, **rated(read_price(line))} for line in provider.prices])
    links = [{"company_id": 1, "project_id": p.id} for p in provider.projects]
    put(SipProvider.Link, [{**link, "object_id": provider.id} for link in links])


def _typed(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Give ids as the columns take them."""
    import uuid

    return {
        name: uuid.UUID(value)
        if value is not None and (name == "id" or name.endswith("_id")) and isinstance(value, str)
        else value
        for name, value in row.items()
    }
