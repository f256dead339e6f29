"""Sign-ins and what ended them, as the trail has them: seen by who sees everything."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, func, select

from portal.accounts.models import AuthSession
from portal.audit.models import AuditEntry
from portal.members.models import User
from portal.reports import clock, dimensions
from portal.reports.terms import Column, Fact, Measure, Sum, different, share
from portal.wall.criteria import looked_up

_NEXT = looked_up(AuditEntry, "entry_behind")
_SESSION = looked_up(AuthSession, "session_of_entry")


def _next(column: Any) -> Any:
    """Return the same of what the person did next from there: sign out, or sign in again."""
    return (
        select(column)
        .where(
            _NEXT.company_id == AuditEntry.company_id,
            _NEXT.project_id.is_(None),
            _NEXT.seq > AuditEntry.seq,
            _NEXT.kind == "user",
            _NEXT.object_id == AuditEntry.object_id,
            _NEXT.address == AuditEntry.address,
            _NEXT.action.in_(("signed_in", "signed_out")),
        )
        .order_by(_NEXT.seq)
        .limit(1)
        .scalar_subquery()
    )


# Entry and session are written at once; a session is forgotten when it ends.
_DEVICE = (
    select(func.max(_SESSION.device))
    .where(
        _SESSION.company_id == AuditEntry.company_id,
        _SESSION.user_id == AuditEntry.object_id,
        _SESSION.address == AuditEntry.address,
        clock.Slot(_SESSION.created_at, 1) - clock.Slot(AuditEntry.at, 1) <= 1,
        clock.Slot(AuditEntry.at, 1) - clock.Slot(_SESSION.created_at, 1) <= 1,
    )
    .scalar_subquery()
)
_IS_OUT = _next(_NEXT.action) == "signed_out"
_OUT = case((_IS_OUT, _next(_NEXT.at)))
_LENGTH_S = clock.Slot(_OUT, 1) - clock.Slot(AuditEntry.at, 1)


def _browser(device: str | None) -> str:
    return AuthSession(device=device).browser if device else ""


SIGN_INS = Sum("sign_ins")
PEOPLE = Sum("people", of=AuditEntry.object_id, how="values")
ENDED = Sum("ended", _IS_OUT)
LENGTH = Sum("length_s", _IS_OUT, _LENGTH_S)

BY_USER = dimensions.by_operator(AuditEntry.object_id)

MEASURES = (
    Measure("sign_ins", _l("Sign-ins"), _l("Times that somebody signed in."), (SIGN_INS,)),
    Measure(
        "people",
        _l("Users"),
        _l("Different users who signed in."),
        (PEOPLE,),
        value=different(PEOPLE),
    ),
    Measure(
        "ended",
        _l("Signed out"),
        _l("Sign-ins after which the same user signed out from the same address."),
        (ENDED,),
    ),
    Measure(
        "length",
        _l("Average length"),
        _l("From the sign-in to the sign-out on average; who just closes the window has none."),
        (LENGTH, ENDED),
        unit="duration",
        value=share(LENGTH, ENDED),
        behind=ENDED,
    ),
)

FACT = Fact(
    name="sign_ins",
    model=AuditEntry,
    at=AuditEntry.at,
    columns=(
        Column("user", _l("User"), dimensions.name_of(User, AuditEntry.object_id), "person"),
        Column("in", _l("In"), AuditEntry.at, "moment"),
        Column("out", _l("Out"), _OUT, "moment"),
        Column("length", _l("Length"), _LENGTH_S, "duration"),
        Column("address", _l("Address"), AuditEntry.address),
        Column("device", _l("Device"), _DEVICE, text=_browser),
    ),
    filters=(
        dimensions.of_groups(AuditEntry.object_id),
        dimensions.of_operators(AuditEntry.object_id),
    ),
    source=_l("Every sign-in is recorded by itself; who sees everything sees them."),
    where=(and_(AuditEntry.kind == "user", AuditEntry.action == "signed_in"),),
)
