"""The form of a case, and the filters of their list and board."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, HiddenField, IntegerField, SelectField
from wtforms.validators import Optional, ValidationError

from portal import languages
from portal.audit.fields import STATUSES as STATUS_LABELS
from portal.choices import Named
from portal.crm import keys
from portal.crm.cases import queries
from portal.crm.cases.operations import Settings
from portal.crm.models import STATUSES, Case, Contact
from portal.database import utcnow
from portal.forms import Form, line, lines, required
from portal.members.models import User

_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)


class CaseForm(Form):
    project = SelectField(_l("Project"), validators=[required()])
    name = line(_l("What it is about"), limit=150, needed=True)
    status = SelectField(_l("Status"), default=STATUSES[0])
    owner = SelectField(_l("Owner"))
    due = DateField(_l("Due"), validators=[Optional()])
    notes = lines(_l("Notes"), limit=5000)
    version = IntegerField(widget=HiddenField.widget, default=1)
    call = HiddenField()

    def validate_due(self, field: DateField) -> None:
        if field.data and not _EARLIEST <= field.data <= _LATEST:
            raise ValidationError(_l("This is not a date."))

    def settings(self) -> Settings:
        return Settings(
            name=self.name.data,
            status=self.status.data,
            owner_id=uuid.UUID(self.owner.data) if self.owner.data else None,
            due=self.due.data,
            notes=self.notes.data or "",
        )


def new_form(contact: Contact, projects: list[Named], people: list[User]) -> CaseForm:
    """Return the form of a new case of a contact in one of ``projects``."""
    form = CaseForm()
    choices = [(str(project.id), project.name) for project in projects]
    form.project.choices = choices if len(choices) == 1 else [("", _l("Choose…")), *choices]
    _offer_owners(form, people)
    if not form.is_submitted():
        form.owner.data = str(g.actor.id)
    return form


def edit_form(case: Case, people: list[User]) -> CaseForm:
    form = CaseForm(obj=case)
    del form.project
    del form.call
    _offer_owners(form, people)
    if not form.is_submitted():
        form.owner.data = str(case.owner_id) if case.owner_id else ""
    return form


def _offer_owners(form: CaseForm, people: list[User]) -> None:
    form.status.choices = list(STATUS_LABELS.items())
    form.owner.choices = [("", _l("Nobody")), *((str(one.id), one.name) for one in people)]


def filters_from(arguments: MultiDict[str, str]) -> queries.Filters:
    """Read the filters from the address; what is malformed matches nothing or all."""
    return queries.Filters(
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        project_id=keys.identifier(arguments.get("project", "")),
        status=_one_of(arguments, "status", STATUSES),
        owner=_one_of(arguments, "owner", ("me", "nobody")),
        due=_one_of(arguments, "due", ("over",)),
        me=g.actor.id,
        today=today(),
    )


def today() -> dt.date:
    return utcnow().astimezone(languages.zone()).date()


def _one_of(arguments: MultiDict[str, str], name: str, known: Any) -> str:
    value = arguments.get(name, "")
    return value if value in known else ""
