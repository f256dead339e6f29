"""Sources of calls, and what their words mean here."""

from __future__ import annotations

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
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import EVER, Touched
from portal.wall.scope import unscoped

# What the words of each kind may mean.
ALLOWED = {
    "queue": {"queue", "dialer"},
    "agent": {"user"},
    "did": {"queue", "dialer", "project"},
    "trunk": {"dialer", "project"},
    "account": {"dialer", "project"},
    "context": {"dialer", "project"},
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
    dialer: Dialer | None = None,
    project: Project | None = None,
    user: User | None = None,
    actor: User | None,
) -> int:
    """Give a word of a source its meaning, or none; stamp its calls again. Returns how many visits.

    Who calls this has checked that the actor sees everything.
    """
    give_meaning(identity, queue=queue, dialer=dialer, project=project, user=user, actor=actor)
    changed = stamp_again(identity)
    trail.note(identity, "mapped", {"visits": changed})
    return changed


def give_meaning(
    identity: Identity,
    *,
    queue: Queue | None = None,
    dialer: Dialer | None = None,
    project: Project | None = None,
    user: User | None = None,
    actor: User | None,
) -> None:
    """Say what a word means from now on; its past calls are left to :func:`stamp_again`."""
    targets = {"queue": queue, "dialer": dialer, "project": project, "user": user}
    given = {name for name, target in targets.items() if target is not None}
    if not given <= ALLOWED[identity.kind] or len(given) > 1:
        raise RefusedError(_("This cannot be the meaning of such a word."), field="target")
    with unscoped("a word without a project, or of another, gets the one it belongs to"):
        meant = identity.user_id
        identity.queue_id = queue.id if queue else None
        identity.dialer_id = dialer.id if dialer else None
        identity.project_id = project.id if project else None
        identity.user_id = user.id if user else None
        identity.version += 1
        trail.note(identity, "mapped")
        db.session.flush()
        if meant is not None and meant != identity.user_id:  # whose time was told by this word too
            touched = Touched()
            touched.operator(meant, *EVER)
            statuses.rebuild(identity.company_id, touched)


def stamp_again(identity: Identity) -> int:
    """Stamp the past calls of a word by what it means now; return how many visits changed."""
    with unscoped("calls without a project, and those of others, get the one they belong to"):
        return _restamp_agent(identity) if identity.kind == "agent" else restamp(identity)


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
    touched = Touched()
    touched.word(identity.source_id, identity.raw, *EVER)
    statuses.rebuild(identity.company_id, touched)
    db.session.expire_all()
    return changed
