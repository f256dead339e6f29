"""The databases that are measured: filled once, kept in the system's temporary folder.

The folder's name tells size, seed and a hash of the tables and of what fills them, so that a change
of either fills a new one. PostgreSQL is found as the tests find it; its server is always our own,
since the time of its processes is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from benchmarks import loading, world
from portal import create_app, schema
from portal.calls import recounting
from portal.extensions import db
from portal.wall import rls
from tests import databases

APPLICATION = databases.APPLICATION


class Store:
    """One database: ``url`` is the portal's.

    Hand-written SQL is run by ``bare``, where no policies are in force, and by ``walled``.
    """

    def __init__(self, name: str, url: str, bare: str) -> None:
        self.name, self.url, self.bare = name, url, bare
        self.walled = url.replace("postgresql+psycopg", "postgresql")

    def portal(self) -> Flask:
        config: dict[str, Any] = {
            "SQLALCHEMY_DATABASE_URI": self.url,
            "SECRET_KEY": "only-for-benchmarks",
            "BASE_URL": "http://localhost",
            "DEMO": False,
        }
        return create_app(config)


def opened(size: int, *names: str) -> tuple[world.World, list[Store]]:
    """Return the world and the databases of these names, or both, filled."""
    made, folder = world.World(size), _folder(size)
    folder.mkdir(exist_ok=True)
    ways = {"PostgreSQL": _postgresql, "SQLite": _sqlite}
    return made, [ways[name](folder, made) for name in names or ways]


def asked(arguments: list[str]) -> tuple[int, tuple[str, ...]]:
    """Return what a command line asks for: how many visits, and the names of databases."""
    size, *names = arguments or ["1000000"]
    return int(size), tuple(names)


def _folder(size: int) -> Path:
    _know_tables()
    parts = [Path(module.__file__ or "").read_text() for module in (world, loading)]
    for table in db.metadata.sorted_tables:
        parts.append(str(CreateTable(table)))
        parts += sorted(str(CreateIndex(index)) for index in table.indexes)
    key = hashlib.sha256("".join(parts).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"bulkhead-bench-{size}-{world.SEED}-{key}"


def _sqlite(folder: Path, made: world.World) -> Store:
    path = folder / "visits.sqlite"
    if not path.exists():
        building = path.with_suffix(".building")
        building.unlink(missing_ok=True)
        _make_tables(f"sqlite:///{building}")
        engine = create_engine(f"sqlite:///{building}")
        loading.fill_sqlite(building, engine, made)
        engine.dispose()
        _count_costs(Store("SQLite", f"sqlite:///{building}", str(building)))
        building.rename(path)
    return Store("SQLite", f"sqlite:///{path}", str(path))


def _postgresql(folder: Path, made: world.World) -> Store:
    filled = folder / "postgresql.filled"
    if not filled.exists():
        shutil.rmtree(folder / "postgresql", ignore_errors=True)
    server = make_url(databases.start_server_in(folder, (*databases.FAST, _buffers())))
    bare = server.set(drivername="postgresql", database="visits")
    url = bare.set(drivername="postgresql+psycopg", username=databases.APPLICATION)
    store = Store("PostgreSQL", url.render_as_string(), bare.render_as_string())
    if not filled.exists():
        _make_database(server.set(drivername="postgresql").render_as_string(), bare, made)
        _count_costs(store)
        filled.touch()
    return store


def _buffers() -> str:
    """Give the server a quarter of the machine's memory, as its manual advises."""
    quarter = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4
    return f"shared_buffers={quarter // 2**20}MB"


def _count_costs(store: Store) -> None:
    """Let the portal sum up what calls cost, as a worker does after a change of prices."""
    app = store.portal()
    with app.app_context():
        for company_id in recounting.repriced():
            recounting.recount_costs(company_id)
        db.engine.dispose()
    if store.name == "PostgreSQL":
        with psycopg.connect(store.bare, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE cost_days")


def _make_database(server: str, bare: Any, made: world.World) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE visits")
        connection.execute("ALTER DATABASE visits SET timezone = 'UTC'")
        # All of a query in one process, whose time is read.
        connection.execute("ALTER DATABASE visits SET max_parallel_workers_per_gather = 0")
    made_of = bare.set(drivername="postgresql+psycopg")
    _make_tables(made_of)
    engine = create_engine(made_of)
    loading.fill_postgresql(bare.render_as_string(), engine, made)
    engine.dispose()


@contextlib.contextmanager
def fresh(folder: Path, settings: Sequence[str] = databases.FAST) -> Iterator[list[Store]]:
    """Return a store of each kind in which :func:`empty` makes databases; nothing is filled."""
    server = make_url(databases.start_server_in(folder, settings))
    bare = server.set(drivername="postgresql", database="postgres").render_as_string()
    url = server.set(drivername="postgresql+psycopg", username=databases.APPLICATION)
    try:
        yield [Store("SQLite", "", ""), Store("PostgreSQL", url.render_as_string(), bare)]
    finally:
        databases.stop_server_in(folder)


@contextlib.contextmanager
def empty(store: Store, folder: Path) -> Iterator[Store]:
    """Make a database with tables only: in ``folder``, or on the server of the filled one."""
    if store.name == "SQLite":
        path = folder / "empty.sqlite"
        _make_tables(f"sqlite:///{path}")
        yield Store("SQLite", f"sqlite:///{path}", str(path))
        return
    server = make_url(store.bare).set(database="empty")
    with psycopg.connect(store.bare, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        connection.execute("CREATE DATABASE empty")
        _make_tables(server.set(drivername="postgresql+psycopg"))
        url = make_url(store.url).set(database="empty").render_as_string()
        yield Store("PostgreSQL", url, server.render_as_string())
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def _know_tables() -> None:
    """Let every model be imported."""
    create_app({"SQLALCHEMY_DATABASE_URI": "sqlite://", "SECRET_KEY": "only-for-benchmarks"})


def _make_tables(url: str | URL) -> None:
    _know_tables()
    engine = create_engine(url)
    with engine.begin() as connection:
        schema.create(connection)
        if engine.dialect.name == "postgresql":
            for statement in rls.grants(APPLICATION):
                connection.exec_driver_sql(statement)
    engine.dispose()
