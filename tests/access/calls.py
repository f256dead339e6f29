"""Calls of every place, with totals, evidence and a source; each word of them is marked."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from portal.calls.evidence import (
    CallRule,
    CallSource,
    EvidenceFile,
    EvidenceLine,
    Identity,
    ImportRun,
)
from portal.calls.intake import spool
from portal.calls.layouts.models import CallLayout
from portal.calls.layouts.settings import PREFIX, Settings
from portal.calls.models import Call, Offer, ScenarioStep, Visit, VisitTag
from portal.calls.totals import Totals
from portal.database import name_key, new_id, utcnow
from portal.extensions import db
from portal.statuses.models import OperatorStatus, Presence, PresenceDay, ProjectSet, StatusDay
from portal.wall.scope import current, unscoped
from tests.access.markers import FORMULA, SPICE, marker, number

if TYPE_CHECKING:
    from tests.access.world import World


# The serial number of a call to the outside.
OUTBOUND = 3


def plant(
    world: World,
    places: tuple[str, ...],
    *,
    crossing: str | None,
    company: str,
    name: str = "PBX <hurt>",
) -> None:
    """Give each place calls: an answered one, an abandoned one, and one to the outside.

    ``crossing`` names two that share one.
    """
    source = _add(
        CallSource,
        name=f"{marker('r', company)} {name}",
        timezone="Europe/Warsaw",
        name_key=name_key(f"{marker('r', company)} {name}"),
    )
    world.put("source", company, source)
    visits: list[dict[str, Any]] = []
    for place in places:
        _words(world, source, place)
        visits += _call(world, source, [(place, "answered")], place, serial=1)
        visits += _call(world, source, [(place, "abandoned")], place, serial=2)
        visits += _call(world, source, [(place, "answered")], place, serial=OUTBOUND)
    if crossing:
        steps = [(place, "answered") for place in crossing]
        visits += _call(world, source, steps, crossing, serial=1)
    with unscoped("totals are kept for all projects"):
        totals = Totals(current().company_id)
        totals.add(visits)
        totals.write()
    _evidence(world, source, places[-1])
    for place in (*places, *([crossing] if crossing else [])):
        _working_time(world, source, place)


def _working_time(world: World, source: Any, places: str) -> None:
    """Let the member of a place have been away, and online a little longer than that."""
    projects = [world.projects[one] for one in places if one in world.projects]
    made = _add(ProjectSet)
    for one in projects:
        _add(ProjectSet.Link, project_id=one.id, object_id=made.id)
    member = world.rows["user"].get(places[0])
    start = utcnow().replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=3)
    start -= dt.timedelta(hours=len(places) - 1)
    whose = {"agent_id": member or new_id(), "operator_id": member}
    reason = f"{FORMULA}{marker('w', places)} {SPICE}"[:80]
    what = {**whose, "project_set_id": made.id, "status": "away", "reason": reason}
    end, day = start + dt.timedelta(minutes=30), start.replace(hour=0)
    _add(
        OperatorStatus,
        **what,
        source_id=source.id,
        agent_raw=marker("w", places),
        starts_at=start,
        ends_at=end,
        going_on=False,
        begins=True,
        queues=marker("w", places),
    )
    _add(StatusDay, **what, starts_at=day, seconds=1800, count=1, longest=1800)
    until = end + dt.timedelta(minutes=10)
    _add(Presence, **whose, starts_at=start, ends_at=until, going_on=False)
    _add(PresenceDay, **whose, starts_at=day, seconds=2400, first_at=start, last_at=until)


def _call(
    world: World, source: Any, steps: list[tuple[str, str]], places: str, serial: int
) -> list[dict[str, Any]]:
    """Make a call with a visit for each step, in one project each."""
    # All in one hour: its totals have one id for each place, and none that differ by the hour only.
    start = utcnow().replace(minute=40) - dt.timedelta(hours=2, minutes=serial)
    name = f"{FORMULA}{marker('c', places)} {SPICE}"
    direction = "out" if serial == OUTBOUND else "in"
    caller = {"number": number(places, serial), "caller_name": name}
    call = _add(
        Call,
        source_id=source.id,
        native_key=f"{marker('w', places)}.{serial}",
        started_at=start,
        direction=direction,
        result=steps[0][1],
        visits=len(steps),
        user_field=marker("w", places),
        **caller,
    )
    made = []
    for ordinal, (place, result) in enumerate(steps, 1):
        project, word = world.projects.get(place), f"@{marker('w', place)} <hurt>"
        row = {
            "id": new_id(),
            "company_id": current().company_id,
            "call_id": call.id,
            "source_id": source.id,
            "ordinal": ordinal,
            "kind": "direct" if serial == OUTBOUND else "queue",
            "project_id": project.id if project else None,
            "started_at": start + dt.timedelta(minutes=ordinal),
            "direction": direction,
            "answered_at": None,
            "ended_at": start + dt.timedelta(minutes=ordinal + 1),
            "result": result,
            "wait_s": 7,
            "talk_s": 35,
            "ended_by": "caller",
            "transferred_to": marker("w", place),
            **caller,
            "digits": caller["number"][1:],
            "digits_reversed": caller["number"][:0:-1],
            "did": word,
            "queue_raw": word,
            "agent_raw": word,
            "trunk_raw": word,
            "account_raw": word,
            "context_raw": word,
            "queue_id": world.rows["queues"].get(place),
            "dialer_id": None,
            "operator_id": world.rows["user"].get(place) if serial == 1 else None,
            "provider_id": world.rows["sip-providers"].get(place),
            "first_in_project": True,
            "crosses_projects": len(steps) > 1,
            "only_visit": len(steps) == 1,
        }
        world.rows.setdefault("visit", {})[place] = _add(Visit, **row).id
        _add(
            Offer,
            visit_id=row["id"],
            source_id=source.id,
            ordinal=1,
            at=row["started_at"],
            agent_raw=marker("w", place),
            result="no_answer",
            ring_ms=4000,
            project_id=row["project_id"],
            operator_id=row["operator_id"],
        )
        said = f"{FORMULA}{marker('w', place)} {SPICE}"
        own = {"project_id": row["project_id"]}
        _add(VisitTag, **own, visit_id=row["id"], tag=f"{said} tag")
        _add(
            ScenarioStep,
            **own,
            source_id=source.id,
            thread=f"{marker('w', place)}.{serial}",
            ordinal=ordinal,
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            scenario_raw=f"{said} scenario",
            scenario_id=world.rows["scenarios"].get(place),
            step=f"{said} step",
            exit="hangup",
        )
        made.append(row)
    return made


def _words(world: World, source: Any, place: str) -> None:
    """Make the exchange's words of a place: mapped where there is something to map them to."""
    project = world.projects.get(place)
    for kind in ("queue", "agent", "did", "trunk", "account", "context", "scenario"):
        meaning: dict[str, Any] = {}
        if project and kind in ("queue", "did"):
            meaning = {"queue_id": world.rows["queues"][place]}
        elif project and kind == "agent":
            meaning = {"user_id": world.rows["user"][place]}
        word = _add(
            Identity,
            source_id=source.id,
            kind=kind,
            raw=f"{marker('w', place)}-{kind}",
            project_id=project.id if project else None,
            first_seen_at=utcnow(),
            last_seen_at=utcnow(),
            **meaning,
        )
        world.put("identity", place, word)
    target = {"queue_id": world.rows["queues"][place]} if project else {}
    pattern = f"{marker('w', place)}-*"
    rule = _add(CallRule, source_id=source.id, kind="queue", pattern=pattern, **target)
    world.put("rule", place, rule)


def _evidence(world: World, source: Any, place: str) -> None:
    """Make an import with a malformed line; its texts belong to who sees everything."""
    word = marker("w", place)
    run = _add(
        ImportRun,
        source_id=source.id,
        state="failed",
        error=f"{word} broke",
        files=1,
        lines_read=1,
        lines_malformed=1,
        finished_at=utcnow(),
    )
    file = _add(
        EvidenceFile,
        source_id=source.id,
        kind="asterisk_queue_log",
        name=f"{word}.log",
        fingerprint="00",
        fingerprint_bytes=1,
        lines=1,
        offset=20,
    )
    line = {"raw": f"{word}|nonsense".encode(), "verdict": "malformed", "reason": word}
    _add(
        EvidenceLine,
        source_id=source.id,
        file_id=file.id,
        run_id=run.id,
        number=1,
        offset=0,
        hash=b"0" * 16,
        **line,
    )
    world.put("run", place, run)
    world.put("file", place, file)
    _layout(world, source, place)


def _layout(world: World, source: Any, place: str) -> None:
    """Keep a layout, and a table that somebody is asked how to read: by it, or otherwise."""
    said = f"{FORMULA}{marker('w', place)} table{SPICE}"
    columns = ("start", said, "result")
    settings = Settings("Europe/Warsaw", header=columns, width=3, columns={"start": 0, "queue": 1})
    layout = _add(
        CallLayout,
        source_id=source.id,
        name=said,
        name_key=name_key(said),
        versions=[asdict(settings)],
    )
    run = _add(ImportRun, source_id=source.id, state="layout", files=1)
    rows = [columns, ("2026-02-05 09:00", said, said)]
    table = "".join("|".join(row) + "\n" for row in rows)
    files = [(f"{marker('w', place)}.csv", io.BytesIO(table.encode()))]
    (upload,) = spool.keep(run.company_id, run.id, files)
    spool.note(run.company_id, run.id, [replace(upload, kind=PREFIX)])
    world.put("layout", place, layout)
    world.put("asking", place, run)


def _add(model: type[Any], **values: Any) -> Any:
    row = model(**{"company_id": current().company_id, **values})
    db.session.add(row)
    db.session.flush()
    return row
