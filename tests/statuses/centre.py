"""A company with three projects whose operators pause, talk and go, as an exchange logs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.calls.evidence import CallSource, Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source, map_identity
from portal.extensions import db
from portal.statuses.models import (
    OperatorStatus,
    Presence,
    PresenceDay,
    ProjectSet,
    StatusDay,
)
from portal.wall.scope import current
from tests.factories import company, join, make_object, project, user

DAY = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
_serial = iter(range(10_000))


def at(hours: float, day: dt.datetime = DAY) -> dt.datetime:
    return day + dt.timedelta(hours=hours)


def line(hours: float, rest: str, day: dt.datetime = DAY) -> str:
    """Write ``queue|agent|VERB|data`` as the exchange did, so many hours after nine o'clock."""
    return f"{int(at(hours, day).timestamp())}|NONE|{rest}\n"


def call(hours: float, minutes: float, queue: str, agent: str, day: dt.datetime = DAY) -> str:
    """Write a call that was answered at once, and lasted so many minutes."""
    start, talk = int(at(hours, day).timestamp()), int(minutes * 60)
    key = f"{start}.{next(_serial)}"
    return (
        f"{start}|{key}|{queue}|NONE|ENTERQUEUE||+48500000001|1\n"
        f"{start}|{key}|{queue}|{agent}|CONNECT|0|{key}1|1\n"
        f"{start + talk}|{key}|{queue}|{agent}|COMPLETECALLER|0|{talk}|1\n"
    )


def in_order(lines: Iterable[str]) -> str:
    """Put lines into the order in which an exchange writes them."""
    whole = "".join(lines).splitlines(keepends=True)
    return "".join(sorted(whole, key=lambda one: one[:10]))


class Centre:
    """Ada is in the projects of all queues but help's, Boğaç in that of support alone."""

    def __init__(self, folder: Path, timezone: str = "Europe/Warsaw") -> None:
        self.folder = folder
        self.admin = company()
        self.acme, self.globex, self.third = (
            project("Acme Żółć"),
            project("Globex <b>"),
            project("=1+1"),
        )
        self.projects = {"sales": self.acme, "support": self.globex, "help": self.third}
        self.queues = {
            name: make_object("queues", name, where) for name, where in self.projects.items()
        }
        self.ada, self.bogac = user("Ada 'Ł' \"x\""), user("Boğaç <img src=x>")
        for where in (self.acme, self.globex):
            join(where, self.ada)
        join(self.globex, self.bogac)
        self.pbx = self.source("pbx")

    def source(self, name: str) -> CallSource:
        made = create_source(current().company_id, name, "Europe/Warsaw")
        db.session.commit()
        return made

    def know(self, of: CallSource | None = None, **agents: Any) -> None:
        """Say what the queues' names mean, and the agents', before anything is imported."""
        pbx = of or self.pbx
        own = {"company_id": pbx.company_id, "source_id": pbx.id}
        for name, queue in self.queues.items():
            db.session.add(Identity(**own, kind="queue", raw=name, queue_id=queue.id))
        for name, person in (agents or {"Ada": self.ada, "Bo": self.bogac}).items():
            db.session.add(Identity(**own, kind="agent", raw=name, user_id=person.id))
        db.session.commit()

    def map(self, kind: str, raw: str, **target: Any) -> None:
        query = select(Identity).filter_by(source_id=self.pbx.id, kind=kind, raw=raw)
        map_identity(db.session.scalars(query).one(), actor=self.admin, **target)
        db.session.commit()
        db.session.expire_all()

    def read(self, *texts: str, of: CallSource | None = None) -> None:
        paths = []
        for text in texts:
            paths.append(self.folder / f"queue_log.{next(_serial)}")
            paths[-1].write_text(text)
        import_files(of or self.pbx, paths)
        db.session.expire_all()


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that was built."""
    found = {}
    for model in (ProjectSet.Link, OperatorStatus, Presence, StatusDay, PresenceDay):
        names = [column.key for column in model.__mapper__.column_attrs]
        rows = db.session.scalars(select(model))
        found[model.__tablename__] = sorted(
            (tuple((name, getattr(row, name)) for name in names) for row in rows), key=repr
        )
    return found


def told(agent: Any = None) -> list[tuple[Any, ...]]:
    """Return status, reason, hours from and to, and the names of the projects."""
    from portal.projects.models import Project

    names = {one.id: one.name for one in db.session.scalars(select(Project))}
    sets: dict[Any, list[str]] = {}
    for link in db.session.scalars(select(ProjectSet.Link)):
        sets.setdefault(link.object_id, []).append(names[link.project_id])
    query = select(OperatorStatus).order_by(OperatorStatus.starts_at)
    if agent is not None:
        query = query.where(OperatorStatus.operator_id == agent.id)
    return [
        (
            row.status,
            row.reason,
            (row.starts_at - DAY).total_seconds() / 3600,
            (row.ends_at - DAY).total_seconds() / 3600,
            "+".join(sorted(sets.get(row.project_set_id, []))),
        )
        for row in db.session.scalars(query)
    ]
