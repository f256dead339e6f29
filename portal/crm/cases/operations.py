"""Opening, editing, moving and closing cases, and putting calls to them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import trail
from portal.calls.models import Visit
from portal.crm.cases import queries
from portal.crm.fillings.operations import leave_case
from portal.crm.models import STATUSES, Case, CaseCall, Contact
from portal.database import utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User


@dataclass(frozen=True)
class Settings:
    """What may be changed of a case."""

    name: str
    status: str
    owner_id: uuid.UUID | None
    due: dt.date | None
    notes: str


def create(
    contact: Contact,
    project_id: uuid.UUID,
    settings: Settings,
    *,
    actor: User,
    visit: Visit | None = None,
) -> Case:
    """Open a case of a contact in one of its projects; ``visit`` is the call that led to it."""
    owners = {one.id for one in queries.owners_for([project_id], None, actor)}
    if settings.owner_id and settings.owner_id not in owners:
        raise RefusedError(_("This person is not in the project."), field="owner")
    case = Case(
        company_id=actor.company_id,
        project_id=project_id,
        contact_id=contact.id,
        created_by_id=actor.id,
    )
    _fill(case, settings)
    db.session.add(case)
    db.session.flush()
    if visit is not None:
        link(case, visit)
    return case


def edit(case: Case, settings: Settings, *, version: int) -> None:
    _refuse_stale(case, version)
    _fill(case, settings)
    case.version += 1
    db.session.flush()


def move(case: Case, status: str, *, version: int) -> None:
    """Give a case another status; the second of two clicks changes nothing."""
    if status not in STATUSES:
        raise RefusedError(_("This status is not known."))
    if case.status == status:
        return
    _refuse_stale(case, version)
    case.status = status
    case.changed_at = utcnow()
    case.version += 1
    db.session.flush()


def remove(case: Case) -> None:
    leave_case(case)
    for row in db.session.scalars(select(CaseCall).where(CaseCall.case_id == case.id)):
        db.session.delete(row)
    db.session.flush()
    db.session.delete(case)
    db.session.flush()


def link(case: Case, visit: Visit) -> None:
    """Put a call to a case; it stays in its own project, whoever sees that sees it here."""
    if _row(case, visit.id) is not None:
        return
    key = {"company_id": case.company_id, "project_id": case.project_id}
    db.session.add(CaseCall(**key, case_id=case.id, visit_id=visit.id))
    db.session.flush()
    _tell(case, "call_added", visit)


def unlink(case: Case, visit: Visit) -> None:
    row = _row(case, visit.id)
    if row is not None:
        db.session.delete(row)
        db.session.flush()
        _tell(case, "call_removed", visit)


def _row(case: Case, visit_id: uuid.UUID) -> CaseCall | None:
    query = select(CaseCall).where(CaseCall.case_id == case.id, CaseCall.visit_id == visit_id)
    return db.session.scalars(query).first()


def _tell(case: Case, action: str, visit: Visit) -> None:
    trail.record(
        action,
        kind=Case.kind,
        object_id=case.id,
        object_name=case.name,
        project_ids=[case.project_id],
        detail={"call": visit.started_at} if visit.project_id == case.project_id else None,
    )


def _refuse_stale(case: Case, version: int) -> None:
    if case.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=case)


def _fill(case: Case, settings: Settings) -> None:
    for name, value in vars(settings).items():
        if getattr(case, name) != value:
            setattr(case, name, value)
    case.changed_at = utcnow()
