"""What the wall costs: one row by its key, with and without the wall.

Both ways are asked in turn in one process; the figures are 10th percentiles in microseconds.
PostgreSQL's policies are in force both ways: it is the first wall that is measured.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import Select, create_engine, select
from sqlalchemy.orm import Session

from benchmarks.stores import Store, empty
from portal.company.models import Company
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.wall import telling
from portal.wall.scope import Scope, entered, unscoped

PROJECTS = (1, 10, 200, 2_000)
ROUNDS = 400


def measure(store: Store) -> Iterator[tuple[str, float, float]]:
    """Yield viewers, and what their query costs without and with the wall."""
    with tempfile.TemporaryDirectory() as folder, empty(store, Path(folder)) as fresh:
        app = fresh.portal()
        with app.app_context():
            queue_id, project_ids = _fill()
        for count in PROJECTS:
            scope = Scope(1, uuid.uuid4(), project_ids=project_ids[-count:])
            yield f"{count:,} projects", *_measure(app, fresh.url, scope, queue_id)
        scope = Scope(1, uuid.uuid4(), sees_all=True, sees_people=True)
        yield "everything", *_measure(app, fresh.url, scope, queue_id)
        with app.app_context():
            db.engine.dispose()


def _fill() -> tuple[uuid.UUID, tuple[uuid.UUID, ...]]:
    with unscoped("the benchmark makes its rows"):
        db.session.add(Company(id=1, name="Bench", figures_timezone="Europe/Warsaw"))
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
