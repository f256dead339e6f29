"""Creating, editing and deleting contacts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.crm import fields, phones
from portal.crm.contacts import queries
from portal.crm.models import Contact, ContactValue
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.contact_field import ContactField
from portal.objects.queries import archived
from portal.projects.models import Project
from portal.wall.scope import unscoped

Values = dict[ContactField, str]


class SameNumberError(RefusedError):
    """Contacts that the viewer sees have this number already."""

    def __init__(self, contacts: list[Contact]) -> None:
        super().__init__(_("There is a contact with this number already."), field="phone")
        self.contacts = contacts


def create(
    name: str,
    phone: str,
    values: Values,
    projects: Iterable[Project],
    *,
    actor: User,
    knowing: str = "",
) -> Contact:
    """Create a contact in ``projects``. ``knowing``: the number that may stand there twice."""
    chosen = {project.id for project in projects}
    contact = Contact(company_id=actor.company_id, name=name, created_by_id=actor.id)
    _number(contact, phone, knowing)
    db.session.add(contact)
    db.session.flush()
    _link(contact, chosen)
    fill(contact, values)
    return contact


def edit(
    contact: Contact,
    name: str,
    phone: str | None,
    values: Values,
    projects: Iterable[Project] | None,
    *,
    state: str,
    knowing: str = "",
) -> None:
    """Change a contact.

    ``projects``: the memberships among those of the viewer's projects that are not archived; None
    leaves them as they are. ``phone``: None leaves the number as it is. ``state``: what the
    viewer saw when they began.
    """
    if state != queries.state_of(contact):
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=contact)
    if contact.name != name:
        contact.name = name
    if phone is not None and phone != contact.phone:
        _number(contact, phone, knowing)
    if projects is not None:
        now = queries.projects_of(contact)
        chosen = {project.id for project in projects} | archived(now)
        _unlink(contact, now - chosen)
        _link(contact, chosen - now)
    fill(contact, values)


def remove(contact: Contact) -> None:
    """Take a contact out of the viewer's projects; delete it where no others have it."""
    mine = queries.projects_of(contact)
    with unscoped("whether others have a contact is asked, not who"):
        link = Contact.Link
        everywhere = db.session.scalar(
            select(func.count())
            .select_from(link)
            .where(link.company_id == contact.company_id, link.object_id == contact.id)
        )
    _unlink(contact, mine)
    if everywhere != len(mine):
        return
    with unscoped("a contact that is in no project any more is seen by nobody"):
        for value in db.session.scalars(
            select(ContactValue).where(
                ContactValue.company_id == contact.company_id,
                ContactValue.contact_id == contact.id,
            )
        ):
            db.session.delete(value)
        db.session.flush()
        db.session.delete(contact)
        db.session.flush()


def _number(contact: Contact, text: str, knowing: str) -> None:
    if text and not phones.is_number(text):
        raise RefusedError(_("This is not a phone number."), field="phone")
    key = phones.compared(text)
    same = queries.with_number(key, besides=contact.id)
    if same and knowing != key:
        raise SameNumberError(same)
    contact.phone = key if key.startswith("+") else text
    contact.phone_key = key


def fill(contact: Contact, values: Values) -> None:
    """Set the values that differ; what is empty is taken out."""
    if not values:
        return
    rows = {
        row.field_id: row
        for row in db.session.scalars(
            select(ContactValue).where(
                ContactValue.contact_id == contact.id,
                ContactValue.field_id.in_([one.id for one in values]),
            )
        )
    }
    for field, value in values.items():
        if not fields.editable(field):
            raise RefusedError(_("Some of these fields are not yours to change."))
        row = rows.get(field.id)
        if row is None and value:
            key = {"company_id": contact.company_id, "contact_id": contact.id}
            db.session.add(ContactValue(**key, field_id=field.id, value=value))
        elif row is not None and not value:
            db.session.delete(row)
        elif row is not None and row.value != value:
            row.value = value
    db.session.flush()


def _link(contact: Contact, project_ids: set[uuid.UUID]) -> None:
    for project_id in sorted(project_ids):
        key = {"company_id": contact.company_id, "object_id": contact.id}
        db.session.add(Contact.Link(**key, project_id=project_id))
    db.session.flush()


def _unlink(contact: Contact, project_ids: set[uuid.UUID]) -> None:
    """Take a contact out of projects, unless it has cases or filled-in forms there."""
    link = Contact.Link
    rows = select(link).where(link.object_id == contact.id, link.project_id.in_(project_ids))
    try:
        with db.session.begin_nested():
            for row in db.session.scalars(rows):
                db.session.delete(row)
            db.session.flush()
    except IntegrityError as error:
        message = _(
            "%(name)s has cases or filled-in forms there. Delete them first.", name=contact.name
        )
        raise RefusedError(message, field="projects") from error
