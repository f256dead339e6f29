"""What the steps of a scenario lead to: its names, what of it is in the project, and its rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.database import ProjectOwned, model_of
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.scenario.content import Content
from portal.objects.kinds.scenario.models import Scenario, ScenarioTarget
from portal.objects.picking import people_in

# Setting → the table of what it refers to; operators are people, and stand in no project's row.
TABLES = {
    "queue_id": "queues",
    "schedule_id": "schedules",
    "list_id": "number_lists",
    "template_id": "notification_templates",
}
OPERATOR = "user_id"


def referred(content: Content) -> dict[str, set[uuid.UUID]]:
    """Return the ids that a content refers to, by the setting."""
    found: dict[str, set[uuid.UUID]] = {name: set() for name in (*TABLES, OPERATOR)}
    for step in content.all():
        for name in found.keys() & step.set.keys():
            found[name].add(uuid.UUID(step.set[name]))
    return found


def names(content: Content) -> dict[str, str]:
    """Return the names of all that a content refers to, by id, as far as the viewer sees it."""
    told: dict[str, str] = {}
    for name, ids in referred(content).items():
        model: Any = User if name == OPERATOR else model_of(TABLES[name])
        if ids:
            rows = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
            told |= {str(row.id): row.name for row in rows}
    return told


def inside(content: Content, project_id: uuid.UUID) -> set[str]:
    """Return the ids of those that are in the project."""
    found: set[uuid.UUID] = set()
    for name, ids in referred(content).items():
        if name == OPERATOR and ids:
            here = select(User.id).where(User.id.in_(ids), User.locked_at.is_(None))
            found |= set(db.session.scalars(here)) & people_in(project_id)
        elif ids:
            found |= _inside(model_of(TABLES[name]), ids, project_id)
    return {str(one) for one in found}


def _inside(model: Any, ids: set[uuid.UUID], project_id: uuid.UUID) -> set[uuid.UUID]:
    if issubclass(model, ProjectOwned):
        query = select(model.id).where(model.id.in_(ids), model.project_id == project_id)
    else:
        link = model.Link
        query = select(link.object_id).where(link.object_id.in_(ids), link.project_id == project_id)
    return set(db.session.scalars(query))


def keep(scenario: Scenario, contents: Iterable[Content]) -> None:
    """Write down what the draft and the newest version refer to in the project."""
    wanted = {
        (name, one)
        for content in contents
        for name, ids in referred(content).items()
        if name in TABLES and ids
        for one in _inside(model_of(TABLES[name]), ids, scenario.project_id)
    }
    query = select(ScenarioTarget).where(ScenarioTarget.scenario_id == scenario.id)
    for row in db.session.scalars(query):
        told = next((name, getattr(row, name)) for name in TABLES if getattr(row, name))
        if told in wanted:
            wanted.remove(told)
        else:
            db.session.delete(row)
    place = {"company_id": scenario.company_id, "project_id": scenario.project_id}
    try:
        with db.session.begin_nested():
            for name, one in sorted(wanted):
                db.session.add(ScenarioTarget(**place, scenario_id=scenario.id, **{name: one}))
            db.session.flush()
    except IntegrityError as error:
        raise RefusedError(_("Something that a step uses has just left the project.")) from error
