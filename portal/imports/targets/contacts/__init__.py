"""Contacts into the CRM: into one project, with the own fields of that project.

A number is known only among the contacts that who imports may see: of all others nothing shows, and
a contact of the same number is created beside them.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField

from portal.access.permissions import Permission
from portal.audit import trail
from portal.crm import fields
from portal.crm.models import Contact
from portal.errors import RefusedError
from portal.extensions import db
from portal.imports import guesses
from portal.imports.forms import ProjectForm
from portal.imports.target import Field, Target
from portal.imports.targets.contacts.rows import Into, check, judge, write
from portal.objects.kinds.contact_field import ContactField
from portal.objects.numbers.forms import countries
from portal.objects.numbers.normal import region_of
from portal.projects.models import Project

_PREFIX = "field_"


class ContactsForm(ProjectForm):
    project = SelectField(
        _l("Project"), description=_l("All contacts of the file join it, with its own fields.")
    )
    country = SelectField(
        _l("Country"), description=_l("Of numbers that begin without a country code.")
    )

    def offer(self, given: Any) -> None:
        super().offer(given)
        self.country.choices = countries()
        if not self.is_submitted():
            self.country.data = region_of(g.identity.company.timezone)

    @property
    def obstacle(self) -> str:
        return _("You are in no project that contacts could join.") if self.unplaced else ""

    def values(self) -> dict[str, Any]:
        return {**super().values(), "country": self.country.data}


def prepare(options: dict[str, Any]) -> Into:
    project_id = uuid.UUID(options["project"])
    open_ones = select(Project.id).where(Project.id == project_id, Project.archived_at.is_(None))
    if db.session.scalar(open_ones) is None:
        raise RefusedError(_("This project is no longer here."))
    return Into(
        g.identity.company.id,
        project_id,
        options["country"],
        uuid.UUID(options["import"]),
        g.actor.id,
        _own_fields(project_id),
    )


def _own_fields(project_id: uuid.UUID) -> dict[str, ContactField]:
    seen = fields.seen([project_id])
    return {f"{_PREFIX}{one.id.hex}": one for one in seen if fields.editable(one)}


def _columns(options: dict[str, Any]) -> tuple[Field, ...]:
    """Return what a column can be beside name and number: the own fields of the project."""
    own = _own_fields(uuid.UUID(options["project"])).items()
    return tuple(Field(name, one.name, required=one.required) for name, one in own)


def hold(into: Into) -> None:
    """Let two imports into one project take turns."""
    key = (into.company_id, into.project_id)
    if db.session.get(Project, key, with_for_update={"key_share": True}) is None:
        raise RefusedError(_("This project is no longer here."))


def finish(options: dict[str, Any], detail: dict[str, Any], into: Into) -> None:
    trail.record(
        "imported",
        kind=Contact.kind,
        object_name=options["file"],
        project_ids=[into.project_id],
        detail=detail,
    )


def home(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "contacts.index", {"project": options["project"]}


TARGET = Target(
    name="contacts",
    order=15,
    icon="address-book",
    label=_l("Contacts into the CRM"),
    purpose=_l("Clients with their numbers and your own fields, into one of your projects."),
    permissions=(Permission.EDIT_CONTACTS, Permission.SEE_NUMBERS),
    fields=(
        Field(
            "name",
            _l("Name"),
            required=True,
            guesses=guesses.CLIENT,
        ),
        Field(
            "phone",
            _l("Phone"),
            required=True,
            guesses=guesses.NUMBER,
        ),
    ),
    more=_columns,
    form=ContactsForm,
    prepare=prepare,
    check=check,
    judge=judge,
    write=write,
    hold=hold,
    finish=finish,
    home=home,
)  # fmt: skip
