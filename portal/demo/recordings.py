"""The demo's calls: imported from files, as those of any customer are."""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source, map_identity
from portal.demo import cast, dialling, dialplan
from portal.demo.cast import Theme
from portal.demo.traffic import FILES, Team, written
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.objects.kinds.sip_provider import SipProvider

# Calls that test callers really made on an Asterisk 16; the same files serve the tests.
REAL_LOGS = Path(__file__).parents[2] / "tests" / "calls" / "data" / "v16"


def generated(
    stage: Any,
    teams: list[tuple[Theme, list[User], list[str]]],
    now: dt.datetime,
    days: int,
    seed: int,
) -> None:
    """Import the generated logs of the company's own exchange; their words are known before."""
    source = create_source(stage.company_id, "Brannova PBX", dialling.ZONE.key)
    for _, people, queues in teams:
        for person in people:
            know(source, "agent", person.name, user_id=person.id)
            know(source, "agent", f"PJSIP/{person.extension}", user_id=person.id)
        for name in queues:
            queue = db.session.scalars(select(Queue).where(Queue.name == name)).one()
            know(source, "queue", name, queue_id=queue.id)
    _know_dialers(stage, source)
    _know_menus(stage, source)
    busy: dict[str, float] = {}
    log = [
        Team(theme, queues, {one.name: one.extension for one in sorted(people, key=_name)}, busy)
        for theme, people, queues in teams
    ]
    db.session.commit()
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder, name) for name in FILES}
        with ExitStack() as opened:
            files = {name: opened.enter_context(path.open("w")) for name, path in paths.items()}
            for name, line in written(log, now, days, seed):
                files[name].write(f"{line}\n")
        import_files(source, list(paths.values()), actor=stage.admin)


def _know_dialers(stage: Any, source: Any) -> None:
    """Say which account code means which dialer; line and context are the same for all."""
    for campaign in cast.CAMPAIGNS:
        project = stage.projects[cast.THEMES[campaign.theme].name]
        of_project = select(Dialer).where(Dialer.project_id == project.id)
        dialer = db.session.scalars(of_project.where(Dialer.name == campaign.dialer)).one()
        know(source, "account", campaign.account, dialer_id=dialer.id)
    know(source, "context", dialling.CONTEXT, ignored=True)
    line = select(SipProvider).where(SipProvider.name == dialling.PROVIDER)
    provider = db.session.scalars(line).one()
    know(source, "trunk", f"PJSIP/{dialling.LINE}", provider_id=provider.id)


def _know_menus(stage: Any, source: Any) -> None:
    """Say which scenario each menu of the dialplan is."""
    for number, name in dialplan.MENUS.items():
        project = stage.projects[cast.THEMES[number].name]
        menu = dict(cast.OWNED[cast.THEMES[number].language])["scenarios"]
        query = select(Scenario).where(Scenario.project_id == project.id, Scenario.name == menu)
        know(source, "scenario", name, scenario_id=db.session.scalars(query).one().id)


def _name(person: User) -> str:
    return person.name


def know(source: Any, kind: str, raw: str, **meaning: Any) -> None:
    """Say what a word means before it is seen."""
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
