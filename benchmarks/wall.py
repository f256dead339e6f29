"""What the wall costs: one row by its key, with and without the wall.

    python -m benchmarks.wall                       # SQLite in a temporary file
    python -m benchmarks.wall postgresql+psycopg://role@host/empty_database

Both ways are asked in turn in one process; the figures are 10th percentiles in microseconds.
PostgreSQL's policies are in force both ways unless the role is a superuser: as a superuser it is
the first wall that is measured, and comparing both runs gives the second.
"""

from __future__ import annotations

import sys
import tempfile
import time
import uuid
from pathlib import Path

from flask import Flask
from sqlalchemy import Select, create_engine, select
from sqlalchemy.orm import Session

from portal import create_app, schema
from portal.company.models import Company
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.wall import telling
from portal.wall.scope import Scope, entered, unscoped

PROJECTS = (1, 10, 200, 2_000)
ROUNDS = 400


def main(url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{Path(folder) / 'wall.sqlite'}"
        app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "bench", "TESTING": True})
        with app.app_context():
            queue_id, project_ids = _fill()
        print(f"{'viewer':>16} {'without':>9} {'with':>9} {'more':>9}   µs a query")
        for count in PROJECTS:
            scope = Scope(1, uuid.uuid4(), project_ids=project_ids[-count:])
            _report(f"{count} projects", *_measure(app, url, scope, queue_id))
        scope = Scope(1, uuid.uuid4(), sees_all=True, sees_people=True)
        _report("sees all", *_measure(app, url, scope, queue_id))


def _fill() -> tuple[uuid.UUID, tuple[uuid.UUID, ...]]:
    with unscoped("the benchmark makes its tables and rows"):
        schema.create(db.session.connection())
        db.session.add(Company(id=1, name="Bench"))
        db.session.flush()
        projects = [
            Project(company_id=1, name=f"p{n}", name_key=f"p{n}") for n in range(max(PROJECTS))
        ]
        db.session.add_all(projects)
        db.session.flush()
        queues = [Queue(company_id=1, project_id=p.id, name="q", name_key="q") for p in projects]
        db.session.add_all(queues)
        db.session.commit()
        found = queues[-1].id, tuple(project.id for project in projects)
        db.session.commit()
    return found


def _measure(app: Flask, url: str, scope: Scope, queue_id: uuid.UUID) -> tuple[float, float]:
    """Return the cost of the query without and with the wall."""
    query = select(Queue).where(Queue.company_id == 1, Queue.id == queue_id)
    engine = create_engine(url)
    bare: list[float] = []
    walled: list[float] = []
    with app.app_context(), entered(scope), Session(engine) as plain:
        if engine.dialect.name == "postgresql":
            telling.install(engine)
        for _ in range(ROUNDS):
            bare.append(_timed(plain, query))
            walled.append(_timed(db.session(), query))
    engine.dispose()
    return _tenth(bare), _tenth(walled)


def _timed(session: Session, query: Select[tuple[Queue]]) -> float:
    start = time.perf_counter()
    session.scalars(query).one()
    taken = time.perf_counter() - start
    session.expunge_all()
    return taken * 1e6


def _tenth(taken: list[float]) -> float:
    return sorted(taken)[len(taken) // 10]


def _report(viewer: str, without: float, with_: float) -> None:
    print(f"{viewer:>16} {without:9.0f} {with_:9.0f} {with_ - without:9.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:2] or [None])
