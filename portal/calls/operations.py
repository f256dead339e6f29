"""Sources of calls, and what their words mean here."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select, update

from portal.audit import trail
from portal.calls.evidence import CallSource, Identity
from portal.calls.models import Offer, Visit
from portal.calls.restamping import restamp
from portal.database import name_key
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.wall.scope import unscoped

_WORD_COLUMN = {
    "queue": Visit.queue_raw,
    "agent": Visit.agent_raw,
    "did": Visit.did,
    "trunk": Visit.trunk_raw,
}


def create_source(company_id: int, name: str, timezone: str) -> CallSource:
    """Make a source of calls; its name is unique in the company."""
    name = name.strip()
    if not name or len(name) > 100:
        raise RefusedError(_("Enter a name of at most 100 characters."), field="name")
    if find_source(company_id, name) is not None:
        raise RefusedError(_("There is a source of this name already."), field="name")
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise RefusedError(_("This time zone is not known."), field="timezone") from None
    source = CallSource(
        company_id=company_id, name=name, name_key=name_key(name), timezone=timezone
    )
    db.session.add(source)
    db.session.flush()
    return source


def find_source(company_id: int, name: str) -> CallSource | None:
    return db.session.scalars(
        select(CallSource).where(
            CallSource.company_id == company_id, CallSource.name_key == name_key(name.strip())
        )
    ).first()


def map_identity(
    identity: Identity,
    *,
    queue: Queue | None = None,
    project: Project | None = None,
    user: User | None = None,
    actor: User | None,
) -> int:
    """Give a word of a source its meaning, or none; stamp its calls again. Returns how many visits.

    A queue means a ``queue``, an agent a ``user``, a trunk a ``project``, a DID one of the two.
    """
    allowed = {
        "queue": {"queue"},
        "agent": {"user"},
        "did": {"queue", "project"},
        "trunk": {"project"},
    }[identity.kind]
    targets = {"queue": queue, "project": project, "user": user}
    given = {name for name, target in targets.items() if target is not None}
    if not given <= allowed or len(given) > 1:
        raise RefusedError(_("This cannot be the meaning of such a word."), field="target")
    with unscoped("calls without a project, and those of others, get the one they belong to"):
        identity.queue_id = queue.id if queue else None
        identity.project_id = project.id if project else None
        identity.user_id = user.id if user else None
        identity.version += 1
        db.session.flush()
        if identity.kind == "agent":
            changed = _restamp_agent(identity)
        else:
            changed = restamp(identity.company_id, identity.source_id, _visits_with(identity))
        trail.note(identity, "mapped", {"visits": changed})
        return changed


def _visits_with(identity: Identity) -> list[uuid.UUID]:
    column = _WORD_COLUMN[identity.kind]
    return list(
        db.session.scalars(
            select(Visit.id).where(
                Visit.company_id == identity.company_id,
                Visit.source_id == identity.source_id,
                column == identity.raw,
            )
        )
    )


def _restamp_agent(identity: Identity) -> int:
    changed = 0
    for model in (Offer, Visit):
        result = db.session.execute(
            update(model)
            .where(
                model.company_id == identity.company_id,
                model.source_id == identity.source_id,
                model.agent_raw == identity.raw,
            )
            .values(operator_id=identity.user_id)
            .execution_options(synchronize_session=False)
        )
        changed = result.rowcount  # type: ignore[attr-defined]  # an UPDATE has one
    db.session.expire_all()
    return changed
