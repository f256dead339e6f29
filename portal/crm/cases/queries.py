"""What is asked of cases. The wall filters by itself: nothing here names a company."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, or_, select

from portal.audit.models import AuditEntry
from portal.calls.log import queries as calls
from portal.crm import phones
from portal.crm.models import STATUSES, Case, CaseCall, Contact
from portal.database import having_words
from portal.extensions import db
from portal.members.models import User
from portal.projects.models import Project
from portal.projects.queries import people_in
from portal.wall.criteria import looked_up

PAGE = 50
MOST_CARDS = 50
MOST_HISTORY = 50
MOST_CALLS = 20
# What stands beside the cases of a page is found by its id.
_EACH = {one: looked_up(one, f"{one.__tablename__}_of_case") for one in (Project, Contact, User)}


@dataclass(frozen=True)
class Filters:
    """What is listed; ``owner`` is '', 'me' or 'nobody', ``due`` is '' or 'over'."""

    text: str = ""
    project_id: uuid.UUID | None = None
    status: str = ""
    owner: str = ""
    due: str = ""
    me: uuid.UUID | None = None
    today: dt.date | None = None

    def __bool__(self) -> bool:
        return bool(self.text or self.project_id or self.status or self.owner or self.due)


@dataclass(frozen=True)
class Row:
    case: Case
    project: str
    contact: str
    owner: str


def page(filters: Filters, before: uuid.UUID | None, limit: int = PAGE) -> tuple[list[Row], bool]:
    """Return up to ``limit`` cases, newest first, and whether there are more."""
    query = _filtered(select(Case), filters).order_by(Case.id.desc())
    if before:
        query = query.where(Case.id < before)
    found = list(db.session.scalars(query.limit(limit + 1)))
    return rows(found[:limit]), len(found) > limit


def every_row(filters: Filters, size: int = 500) -> Iterator[Row]:
    before, more = None, True
    while more:
        found, more = page(filters, before, size)
        yield from found
        if found:
            before = found[-1].case.id


def total(filters: Filters) -> int:
    return db.session.scalar(_filtered(select(func.count(Case.id)), filters)) or 0


def board(filters: Filters) -> list[tuple[str, int, list[Row]]]:
    """Return each status with the number of its cases and the newest of them."""
    counted: Any = select(Case.status, func.count(Case.id))
    count = _filtered(counted, filters).group_by(Case.status)
    numbers = {status: number for status, number in db.session.execute(count)}  # noqa: C416  # rows are no pairs to mypy
    newest = _filtered(select(Case), filters).order_by(Case.id.desc()).limit(MOST_CARDS)
    found = {s: list(db.session.scalars(newest.where(Case.status == s))) for s in STATUSES}
    shown = iter(rows(case for cases in found.values() for case in cases))
    return [
        (status, numbers.get(status, 0), list(islice(shown, len(cases))))
        for status, cases in found.items()
    ]


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    if filters.text:
        words = having_words(Contact.search_key, filters.text)
        of_contact = select(Contact.id).where(*words)
        named = Case.search_key
        query = query.where(
            or_(
                Case.contact_id.in_(of_contact),
                Case.id.in_(select(Case.id).where(*having_words(named, filters.text))),
            )
        )
    if filters.project_id:
        query = query.where(Case.project_id == filters.project_id)
    if filters.status:
        query = query.where(Case.status == filters.status)
    if filters.owner:
        query = query.where(Case.owner_id == (filters.me if filters.owner == "me" else None))
    if filters.due:
        query = query.where(Case.due < filters.today, Case.status != "done")
    return query


def rows(cases: Iterable[Case]) -> list[Row]:
    """Return the cases with the names that stand beside them, as far as one may know them."""
    cases = list(cases)
    projects = _names(Project, {case.project_id for case in cases})
    contacts = _names(Contact, {case.contact_id for case in cases})
    owners = _names(User, {case.owner_id for case in cases if case.owner_id})
    return [
        Row(
            case,
            projects.get(case.project_id, ""),
            contacts.get(case.contact_id, ""),
            owners.get(case.owner_id, "") if case.owner_id else "",
        )
        for case in cases
    ]


def _names(model: Any, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    if not ids:
        return {}
    each = _EACH[model]
    found = db.session.execute(select(each.id, each.name).where(each.id.in_(ids)))
    return {identifier: name for identifier, name in found}  # noqa: C416  # rows are no pairs to mypy


def of_contact(contact: Contact) -> list[Row]:
    """Return the newest cases of a contact."""
    query = select(Case).where(Case.contact_id == contact.id).order_by(Case.id.desc())
    return rows(db.session.scalars(query.limit(PAGE)))


def owners_for(
    project_ids: Collection[uuid.UUID], owner_id: uuid.UUID | None, actor: User
) -> list[User]:
    """Return who can own a case: who is in its project, the viewer, and its owner of today."""
    ids = set().union(*people_in(project_ids).values(), {actor.id}, {owner_id} if owner_id else ())
    query = select(User).where(User.id.in_(ids), or_(User.locked_at.is_(None), User.id == owner_id))
    return list(db.session.scalars(query.order_by(User.search_key, User.id)))


def calls_of(case: Case) -> list[Any]:
    """Return the calls that were put to a case, newest first."""
    ids = select(CaseCall.visit_id).where(CaseCall.case_id == case.id)
    return calls.some(db.session.scalars(ids))


def further_calls(case: Case, contact: Contact | None, linked: Iterable[Any]) -> list[Any]:
    """Return the newest calls of the contact that were not put to the case."""
    if contact is None:
        return []
    known = {row.id for row in linked}
    found = calls.of_number(phones.writings(contact.phone_key), MOST_CALLS)
    return [row for row in found if row.id not in known]


def history(case: Case) -> list[AuditEntry]:
    """Return what happened to a case, newest first."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.project_id == case.project_id,
            AuditEntry.kind == Case.kind,
            AuditEntry.object_id == case.id,
        )
        .order_by(AuditEntry.seq.desc())
    )
    return list(db.session.scalars(query.limit(MOST_HISTORY)))


def of_call(visit_id: uuid.UUID) -> list[Case]:
    """Return the cases that a call was put to."""
    ids = select(CaseCall.case_id).where(CaseCall.visit_id == visit_id)
    return list(db.session.scalars(select(Case).where(Case.id.in_(ids)).order_by(Case.id)))
