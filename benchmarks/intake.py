"""Rows a CPU second: the importer on a generated queue_log, against bare COPY or executemany."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import func, select

from benchmarks import world
from benchmarks.clock import Clock
from benchmarks.pages import backend
from benchmarks.stores import Store, empty
from portal import create_app
from portal.calls.importing import import_files
from portal.calls.models import Visit
from portal.calls.operations import create_source
from portal.company.models import Company
from portal.demo.cast import THEMES
from portal.demo.traffic import Team, written
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped

DAYS = 14


def measure(store: Store) -> tuple[int, float, float]:
    """Return how many visits were imported, and the rows a second of the importer and of bare."""
    with tempfile.TemporaryDirectory() as folder, empty(store, Path(folder)) as fresh:
        log = Path(folder) / "queue_log"
        log.write_text("".join(f"{line}\n" for line in _lines()), "utf-8")
        visits, taken = _import(fresh, log)
        bare = _bare(fresh, visits)
    return visits, visits / taken * 1e6, visits / bare * 1e6


def _lines() -> list[str]:
    agents = {f"Agent {number}": str(2100 + number) for number in range(12)}
    teams = [Team(theme, list(theme.queues), agents) for theme in THEMES]
    lines = written(teams, world.END, DAYS, world.SEED)
    return [line for file, line in lines if file == "queue_log"]


def _import(store: Store, log: Path) -> tuple[int, float]:
    config = {"SQLALCHEMY_DATABASE_URI": store.url, "SECRET_KEY": "only-for-benchmarks"}
    app = create_app(config)
    with app.app_context(), entered(Scope(1, sees_all=True, sees_people=True)):
        with unscoped("the benchmark makes its company"):
            db.session.add(Company(id=1, name="Bench", figures_timezone="Europe/Warsaw"))
            db.session.commit()
        source = create_source(1, "PBX", "UTC")
        db.session.commit()
        taken, _ = Clock(backend())(lambda: import_files(source, [log]))
        visits = db.session.scalar(select(func.count(Visit.id))) or 0
        db.session.rollback()
        db.engine.dispose()
    return visits, taken


def _bare(store: Store, count: int) -> float:
    """Put as many visits straight into the table, indexes and all, past every check."""
    rows = list(itertools.islice(world.visits(world.World(count * 2)), count))
    columns = ", ".join(world.VISIT)
    if store.name == "SQLite":
        places = ", ".join("?" * len(world.VISIT))
        statement = f"INSERT INTO visits ({columns}) VALUES ({places})"  # our names
        with contextlib.closing(sqlite3.connect(store.bare)) as connection, connection:
            return Clock()(lambda: connection.executemany(statement, rows))[0]
    with psycopg.connect(store.bare) as server:
        server.execute("SET session_replication_role = replica")
        return Clock(server.info.backend_pid)(lambda: _copy(server, columns, rows))[0]


def _copy(connection: psycopg.Connection, columns: str, rows: list[world.Row]) -> None:
    with connection.cursor().copy(f"COPY visits ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
