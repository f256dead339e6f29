"""What is asked of contacts. The wall filters by itself: nothing here names a company."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.crm import fields, phones
from portal.crm.fields import Column
from portal.crm.models import Case, Contact, ContactValue
from portal.database import having_words, search_key
from portal.extensions import db
from portal.objects.kinds.contact_field import ContactField
from portal.projects.models import Project
from portal.wall.criteria import looked_up

_VALUE = looked_up(ContactValue, "value_of")
PAGE = 50
MOST_SAME = 5
_FEWEST_DIGITS = 3


@dataclass(frozen=True)
class Filters:
    """What the list is restricted to; ``values``: what the fields of the list must have.

    ``number``: the text as a number; ``searched``: the fields in which its words may stand. An
    export goes on with it when who asks is let go.
    """

    text: str = ""
    number: str = ""
    project_id: uuid.UUID | None = None
    columns: tuple[Column, ...] = ()
    values: dict[uuid.UUID, str] = field(default_factory=dict)
    searched: tuple[uuid.UUID, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.project_id or self.values)


@dataclass(frozen=True)
class Row:
    """One line of the list: a contact, and of it what the viewer may know."""

    contact: Contact
    projects: list[str]
    values: dict[uuid.UUID, str]
    cases: int

    def shown(self, column: Column) -> str:
        return fields.shown(column, self.values.get(column.id))


def page(
    filters: Filters, after: tuple[str, uuid.UUID] | None, limit: int = PAGE
) -> tuple[list[Row], bool]:
    """Return up to ``limit`` rows behind the key ``after``, by name, and whether there are more."""
    query = _filtered(select(Contact), filters).order_by(Contact.search_key, Contact.id)
    if after:
        name, identifier = after
        tie = and_(Contact.search_key == name, Contact.id > identifier)
        query = query.where(or_(Contact.search_key > name, tie))
    found = list(db.session.scalars(query.limit(limit + 1)))
    return _rows(found[:limit], filters.columns), len(found) > limit


def every_row(filters: Filters, size: int = 500) -> Iterator[Row]:
    """Yield all rows that match, by name: for exports."""
    after, more = None, True
    while more:
        rows, more = page(filters, after, size)
        yield from rows
        if rows:
            after = (rows[-1].contact.search_key, rows[-1].contact.id)


def total(filters: Filters) -> int:
    return db.session.scalar(_filtered(select(func.count(Contact.id)), filters)) or 0


def _rows(contacts: list[Contact], columns: Iterable[Column]) -> list[Row]:
    ids = [contact.id for contact in contacts]
    names, cases = project_names(ids), _open_cases(ids)
    values = values_of(ids, columns)
    return [
        Row(one, names.get(one.id, []), values.get(one.id, {}), cases.get(one.id, 0))
        for one in contacts
    ]


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    if filters.text:
        query = query.where(or_(_by_number(filters), and_(*_by_words(filters))))
    if filters.project_id:
        link = Contact.Link
        inside = select(link.object_id).where(link.project_id == filters.project_id)
        query = query.where(Contact.id.in_(inside))
    for column in filters.columns:
        if wanted := filters.values.get(column.id):
            query = query.where(Contact.id.in_(_having(column, wanted)))
    return query


def _by_words(filters: Filters) -> list[ColumnElement[bool]]:
    """Each word stands in the name, or in a value that the viewer may see and search.

    Values are looked into contact by contact, and only where the name has not got the word: all
    values of a company behind the wall, for each word, take three times as long. "IS TRUE": not in
    an index, where each field is a search of its own.
    """
    ids, found = filters.searched, []
    for word in search_key(filters.text.replace("\0", "")).split()[:8]:
        somewhere = select(_VALUE.id).where(
            _VALUE.contact_id == Contact.id,
            _VALUE.field_id.in_(ids).is_(True),
            _VALUE.search_key.contains(word, autoescape=True),
        )
        named = Contact.search_key.contains(word, autoescape=True)
        found.append(or_(named, somewhere.exists()) if ids else named)
    return found


def _by_number(filters: Filters) -> ColumnElement[bool]:
    """Match a part of the number; the whole of it where numbers are masked."""
    text = filters.text
    if not can(Permission.SEE_NUMBERS):
        return and_(Contact.phone_key != "", Contact.phone_key == filters.number)
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if len(digits) < _FEWEST_DIGITS or not phones.is_number(text.strip()):
        return and_(Contact.phone_key != "", Contact.phone_key == text)
    ways = [Contact.phone_key.contains(digits), Contact.phone_key == filters.number]
    return or_(*ways)


def _having(column: Column, wanted: str) -> Select[Any]:
    query = select(ContactValue.contact_id).where(ContactValue.field_id == column.id)
    if column.type in ("choice", "yes_no"):
        return query.where(ContactValue.value == wanted)
    return query.where(*having_words(ContactValue.search_key, wanted))


def values_of(
    contact_ids: Collection[uuid.UUID], seen: Iterable[ContactField | Column]
) -> dict[uuid.UUID, dict[uuid.UUID, str]]:
    """Return the values of these contacts in these fields, by contact and field."""
    ids = [one.id for one in seen]
    if not ids:
        return {}
    found: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    query = select(_VALUE.contact_id, _VALUE.field_id, _VALUE.value).where(
        _VALUE.contact_id.in_(contact_ids), _VALUE.field_id.in_(ids)
    )
    for contact_id, field_id, value in db.session.execute(query):
        found.setdefault(contact_id, {})[field_id] = value
    return found


def project_names(contact_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the names of the projects of contacts as far as the viewer may know them."""
    link = Contact.Link
    found: dict[uuid.UUID, list[str]] = {}
    for contact_id, name in db.session.execute(
        select(link.object_id, Project.name)
        .join(Project, Project.id == link.project_id)
        .where(link.object_id.in_(contact_ids))
        .order_by(Project.name_key)
    ):
        found.setdefault(contact_id, []).append(name)
    return found


def _open_cases(contact_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    query = (
        select(Case.contact_id, func.count(Case.id))
        .where(Case.contact_id.in_(contact_ids), Case.status != "done")
        .group_by(Case.contact_id)
    )
    return {contact_id: number for contact_id, number in db.session.execute(query)}  # noqa: C416  # rows are no pairs to mypy


def projects_of(contact: Contact) -> set[uuid.UUID]:
    """Return the projects of a contact that the viewer may know."""
    link = Contact.Link
    return set(db.session.scalars(select(link.project_id).where(link.object_id == contact.id)))


def fields_of(contact: Contact) -> list[tuple[ContactField, str]]:
    """Return the fields of the contact's projects, and others that have a value, with these."""
    everywhere = fields.seen()
    values = values_of([contact.id], everywhere).get(contact.id, {})
    link = ContactField.Link
    here = select(link.object_id).where(link.project_id.in_(projects_of(contact)))
    inside = set(db.session.scalars(here))
    return [
        (one, values.get(one.id, "")) for one in everywhere if one.id in inside or one.id in values
    ]


def state_of(contact: Contact) -> str:
    """Return a fingerprint of what the viewer sees of a contact.

    No version: it would tell one project that another has changed a value of its own.
    """
    told = [contact.name, contact.phone, sorted(map(str, projects_of(contact)))]
    values = [(str(one.id), value) for one, value in fields_of(contact)]
    return hashlib.blake2b(json.dumps([told, values]).encode(), digest_size=12).hexdigest()


def with_number(key: str, besides: uuid.UUID | None = None) -> list[Contact]:
    """Return the contacts with a number among those that the viewer sees: no others exist here."""
    if not key:
        return []
    query = select(Contact).where(Contact.phone_key == key)
    if besides:
        query = query.where(Contact.id != besides)
    return list(db.session.scalars(query.order_by(Contact.search_key, Contact.id).limit(MOST_SAME)))


def of_call(number: str) -> list[Contact]:
    """Return the contacts whom a call was with, as far as the viewer sees them."""
    return with_number(phones.compared(number))
