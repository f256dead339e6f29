"""Contacts of every place with what is known about them, and cases with calls; all of it marked."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.crm.fillings.models import FormAnswer, FormFilling
from portal.crm.models import Case, CaseCall, Contact, ContactValue
from portal.database import utcnow
from portal.extensions import db
from portal.objects.kinds.contact_field import ContactField
from portal.wall.scope import current
from tests.access.markers import FORMULA, SPICE, Mark, marker, number

if TYPE_CHECKING:
    from tests.access.world import World


def plant(world: World, places: tuple[str, ...], *, shared: str | None) -> None:
    """Give each place a contact, a value and a case; ``shared`` is a contact of two projects.

    Of that one each project knows something of its own, and both know something together.
    """
    for field in db.session.scalars(select(ContactField)):
        field.show_in_list = True
    for place in places:
        contact = _contact(world, place)
        _value(world, contact, place, place)
        if place in world.projects:
            _case(world, contact, place)
            _filling(world, contact, place)
    if shared:
        contact = _contact(world, shared)
        for place in (*shared, shared):
            _value(world, contact, place, place)
        for place in shared:
            _case(world, contact, place)
            _filling(world, contact, place)


def change() -> None:
    """Change all of it once, so that the activity has a before and an after."""
    for contact in db.session.scalars(select(Contact)):
        contact.name = f"{contact.name}!"
    for value in db.session.scalars(select(ContactValue)):
        value.value = f"{value.value}!"
    for case in db.session.scalars(select(Case)):
        case.name, case.status = f"{case.name}!", "waiting"


def disturb(world: World) -> None:
    """Change what project B knows of its own contacts, and of those that it shares with A."""
    project = world.projects["B"]
    company, shared = project.company_id, world.rows["contact"]["AB"]
    field = world.rows["contact-fields"]["B"]
    db.session.get(Contact, (company, world.rows["contact"]["B"])).name = "Renamed"
    values = select(ContactValue).where(
        ContactValue.contact_id == shared, ContactValue.field_id == field
    )
    db.session.scalars(values).one().value = "Another"
    for case in db.session.scalars(select(Case).where(Case.project_id == project.id)):
        case.name, case.status = "Another matter", "done"
    contact = db.session.get(Contact, (company, shared))
    _case(world, contact, "B")
    twin = _contact(world, "B", phone=number("A", 1))
    _value(world, twin, "B", "B")


def _contact(world: World, places: str, phone: str | None = None) -> Contact:
    phone = phone or number(places, 1)
    contact = _add(Contact, name=_text(places, "contact "), phone=phone, phone_key=phone)
    for place in places if places not in ("U", "V") else ():
        _add(Contact.Link, project_id=world.projects[place].id, object_id=contact.id)
    world.ids[contact.id] = Mark("v", places, f"id of contact in {places}")
    world.rows.setdefault("contact", {}).setdefault(places, contact.id)
    return contact


def _value(world: World, contact: Contact, field: str, places: str) -> None:
    """Note something in the field of a place: whoever is not in ``places`` must not know it."""
    row = world.rows["contact-fields"][field]
    _add(ContactValue, contact_id=contact.id, field_id=row, value=_text(places, "value "))


def _case(world: World, contact: Contact, place: str) -> None:
    case = _add(
        Case,
        project_id=world.projects[place].id,
        contact_id=contact.id,
        name=_text(place, "case "),
        notes=_text(place, "notes "),
        due=dt.date(2026, 1, 31),
        owner_id=world.rows["user"][place],
    )
    world.rows.setdefault("case", {}).setdefault(place, case.id)
    visit: uuid.UUID = world.rows["visit"][place]
    _add(CaseCall, project_id=case.project_id, case_id=case.id, visit_id=visit)


def _filling(world: World, contact: Contact, place: str) -> None:
    """Fill in the form of a place on a contact, on its case and on its call at once."""
    filling = _add(
        FormFilling,
        project_id=world.projects[place].id,
        form_version_id=world.rows["form version"][place],
        contact_id=contact.id,
        case_id=world.rows["case"][place],
        visit_id=world.rows["visit"][place],
        status="complete",
        completed_at=utcnow(),
        filled_by_id=world.rows["user"][place],
    )
    world.rows.setdefault("filling", {}).setdefault(place, filling.id)
    own = {"project_id": filling.project_id, "filling_id": filling.id}
    _add(FormAnswer, **own, question="q1", value=_text(place, "answer "))


def _text(places: str, more: str) -> str:
    return f"{FORMULA}{marker('v', places)} {more}{SPICE}"


def _add(model: type[Any], **values: Any) -> Any:
    row = model(**{"company_id": current().company_id, **values})
    db.session.add(row)
    db.session.flush()
    return row
