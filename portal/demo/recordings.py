"""The demo's calls: imported from files, as those of any customer are."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source, map_identity
from portal.demo import cast
from portal.demo.cast import Theme
from portal.demo.traffic import Team, queue_log
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue

# Calls that test callers really made on an Asterisk 16; the same files serve the tests.
REAL_LOGS = Path(__file__).parents[2] / "tests" / "calls" / "data" / "v16"
_ZONE = "Europe/Warsaw"


def generated(
    stage: Any,
    teams: list[tuple[Theme, list[User], list[str]]],
    now: dt.datetime,
    days: int,
    seed: int,
) -> None:
    """Import the generated log of the company's own exchange; its words are known beforehand."""
    source = create_source(stage.company_id, "Brannova PBX", _ZONE)
    for _, people, queues in teams:
        for person in people:
            _known(source, "agent", person.name, user_id=person.id)
        for name in queues:
            queue = db.session.scalars(select(Queue).where(Queue.name == name)).one()
            _known(source, "queue", name, queue_id=queue.id)
    log = [
        Team(theme, queues, sorted(person.name for person in people))
        for theme, people, queues in teams
    ]
    db.session.commit()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "queue_log")
        path.write_text("".join(f"{line}\n" for line in queue_log(log, now, days, seed)))
        import_files(source, [path], actor=stage.admin)


def _known(source: Any, kind: str, raw: str, **meaning: Any) -> None:
    found = select(Identity.id).where(
        Identity.source_id == source.id, Identity.kind == kind, Identity.raw == raw
    )
    if db.session.scalar(found) is None:
        row = Identity(
            company_id=source.company_id, source_id=source.id, kind=kind, raw=raw, **meaning
        )
        db.session.add(row)
        db.session.flush()


def real(stage: Any, people: dict[str, tuple[str, ...]]) -> None:
    """Import the real log first, and say afterwards what its queues and agents mean here."""
    if not REAL_LOGS.is_dir():
        return
    source = create_source(stage.company_id, "Asterisk 16 (test calls)", "UTC")
    db.session.commit()
    files = [REAL_LOGS / "queue_log.0", REAL_LOGS / "queue_log", REAL_LOGS / "cdr-csv/Master.csv"]
    import_files(source, files, actor=stage.admin)
    words = db.session.scalars(select(Identity).where(Identity.source_id == source.id)).all()
    for word in words:
        name = cast.REAL_QUEUES.get(word.raw)
        if word.kind == "queue" and name:
            queue = db.session.scalars(select(Queue).where(Queue.name == name)).one()
            map_identity(word, queue=queue, actor=stage.admin)
        for person, aliases in people.items():
            if word.kind == "agent" and word.raw in aliases:
                map_identity(word, user=stage.people[person], actor=stage.admin)
    db.session.commit()
