"""Events of addresses: noted in the request, looked into after it (see ``models.AddressEvent``)."""

from __future__ import annotations

from sqlalchemy import delete, select

from portal.accounts import afterwards, operations, queries
from portal.accounts.models import AddressEvent
from portal.audit import trail
from portal.database import name_key
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import unscoped

_IN_THE_TRAIL = {"refused": "sign_in_refused", "locked": "sign_in_locked", "reset": "reset_asked"}


def note(what: str, email: str, *, client: str) -> None:
    """Leave a row to be looked into: the same work whether the address is known or not."""
    db.session.add(AddressEvent(what=what, email_key=name_key(email), client=client))
    db.session.flush()
    afterwards.look()


def look_into_all() -> None:
    for event in db.session.scalars(select(AddressEvent).order_by(AddressEvent.id)).all():
        _look_into(event)


def _look_into(event: AddressEvent) -> None:
    with unscoped("an address may be known in any company"):
        taken = delete(AddressEvent).where(AddressEvent.id == event.id).returning(AddressEvent.id)
        if db.session.scalar(taken, execution_options={"synchronize_session": False}) is None:
            return  # another worker has it
        for candidate in queries.candidates(event.email_key):
            user = db.session.get_one(User, (candidate.company_id, candidate.id))
            if event.what == "reset" and user.locked_at is None:
                operations.mail_reset(user)
            trail.record(
                _IN_THE_TRAIL[event.what],
                kind="user",
                object_id=user.id,
                object_name=user.name,
                company_id=user.company_id,
                detail={"address": event.client},
            )
        db.session.flush()
