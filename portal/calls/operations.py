"""Sources of calls, and what their words mean here."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import trail
from portal.calls.evidence import CallSource, Identity
from portal.calls.restamping import restamp
from portal.calls.said import said
from portal.database import name_key
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.objects.kinds.sip_provider import SipProvider
from portal.projects.models import Project
from portal.statuses import rebuilding as statuses
from portal.statuses.agents import EVER, Touched
from portal.wall.scope import unscoped

# What words can mean, as their columns are called, and what the words of each kind may mean.
Meaning = Queue | Dialer | Project | User | Scenario | SipProvider
MEANT: dict[type, str] = {
    Queue: "queue",
    Dialer: "dialer",
    User: "user",
    Project: "project",
    Scenario: "scenario",
    SipProvider: "provider",
}
ALLOWED = {
    "queue": {"queue", "dialer"},
    "agent": {"user"},
    "did": {"queue", "dialer", "project"},
    "trunk": {"dialer", "project", "provider"},
    "account": {"dialer", "project"},
    "context": {"dialer", "project"},
    "scenario": {"scenario"},
    # Of rules only.
    "tag": {"dialer", "project"},
    "number": {"dialer", "project"},
    "source": {"project"},
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


def map_identity(identity: Identity, *, actor: User | None, **meaning: Meaning | None) -> int:
    """Give a word of a source its meaning, or none; stamp its calls again. Returns how many visits.

    Who calls this has checked that the actor sees everything.
    """
    give_meaning(identity, actor=actor, **meaning)
    changed = stamp_again(identity)
    trail.note(identity, "mapped", {"visits": changed})
    return changed


def give_meaning(identity: Identity, *, actor: User | None, **meaning: Meaning | None) -> None:
    """Say what a word means from now on; its past calls are left to :func:`stamp_again`.

    ``meaning``: at most one of ``MEANT`` by its name.
    """
    given = {name for name, target in meaning.items() if target is not None}
    if not given <= ALLOWED[identity.kind] or len(given) > 1:
        raise RefusedError(_("This cannot be the meaning of such a word."), field="target")
    with unscoped("a word without a project, or of another, gets the one it belongs to"):
        meant = identity.user_id
        for name in MEANT.values():
            target = meaning.get(name)
            setattr(identity, f"{name}_id", target.id if target else None)
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
        return restamp(said(identity))
