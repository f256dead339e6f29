"""The form of a contact: name, number, projects, and the fields that the viewer may fill in."""

from __future__ import annotations

import uuid
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.choices import Offered
from portal.crm import fields, keys, phones
from portal.crm.contacts import queries
from portal.crm.models import Contact
from portal.errors import RefusedError
from portal.forms import Form, at_most, clean, harmless, line
from portal.objects.kinds.contact_field import ContactField

PREFIX = "field_"
_INPUTS = {"date": "date", "email": "email", "link": "url", "phone": "tel"}


class ContactForm(Form):
    name = line(_l("Name"), limit=150, needed=True)
    phone = line(_l("Phone"), limit=phones.MOST)
    projects = SelectMultipleField(_l("Projects"))
    state = HiddenField()
    knowing = HiddenField()
    call = HiddenField()

    offered: dict[str, ContactField]
    stays = False  # in a project that is archived, whatever is chosen

    def validate_projects(self, field: SelectMultipleField) -> None:
        if not field.data and not g.scope.sees_all and not self.stays:
            raise ValidationError(_l("Choose at least one project: else you would not see it."))

    def values(self) -> dict[ContactField, str]:
        """Return what was filled in, as it is kept; refuse at its field what cannot be."""
        found = {}
        for name, one in self.offered.items():
            text = self[name].data or ""
            if text and text == self[name].default:  # as it was, whatever is asked for today
                continue
            try:
                found[one] = fields.read(one, text)
            except RefusedError as error:
                raise RefusedError(error.message, field=name) from error
        return found

    @property
    def own(self) -> list[Field]:
        """The inputs of the fields of projects."""
        return [self[name] for name in self.offered]

    def refuse_forged(self, sent: MultiDict[str, str]) -> None:
        """Refuse a field that was not on the form: one is told the same of all of them."""
        if any(name.startswith(PREFIX) and name not in self.offered for name in sent):
            raise RefusedError(_("Some of these fields are not yours to change."))
        if "phone" in sent and "phone" not in self:
            raise RefusedError(_("Some of these fields are not yours to change."))


def form_for(contact: Contact | None, projects: Offered, sent: MultiDict[str, str]) -> ContactForm:
    """Return the form of a contact, or of a new one in those of ``projects`` that are ``sent``."""
    if contact is not None:
        known = queries.fields_of(contact)
    else:
        known = [(one, "") for one in fields.seen(_chosen(projects, sent))]
    offered = {f"{PREFIX}{one.id.hex}": one for one, _value in known if fields.editable(one)}
    values = {one.id: value for one, value in known}
    members = {name: _input(one, values[one.id]) for name, one in offered.items()}
    form_class = type("OwnContactForm", (ContactForm,), members)
    form = form_class(obj=contact)
    form.offered = offered
    for name, one in offered.items():
        if isinstance(form[name], SelectField):
            form[name].choices = _choices(one, values[one.id])
        if contact is None and not form.is_submitted():  # another project was chosen meanwhile
            form[name].data = sent.get(name, "")[: fields.MOST_TEXT]
    if contact is not None and not can(Permission.SEE_NUMBERS):
        del form.phone
    _offer_projects(form, contact, projects, sent)
    return form


def _offer_projects(
    form: ContactForm,
    contact: Contact | None,
    projects: Offered,
    sent: MultiDict[str, str],
) -> None:
    if not g.identity.company.walled:
        del form.projects
        return
    form.projects.choices = [(key, project.name) for key, project in projects.items()]
    inside = queries.projects_of(contact) if contact is not None else set()
    form.stays = not inside <= {project.id for project in projects.values()}
    if form.is_submitted():
        return
    if contact is not None:
        form.projects.data = set(map(str, inside))
    else:
        form.projects.data = [str(one) for one in _chosen(projects, sent)]


def _chosen(projects: Offered, sent: MultiDict[str, str]) -> list[uuid.UUID]:
    """Return the projects that a new contact will be in, as far as is known."""
    named = [key for key in sent.getlist("projects") if key in projects]
    return [projects[key].id for key in named or (projects if len(projects) == 1 else ())]


def _input(field: ContactField, value: str) -> Any:
    if field.type in ("choice", "yes_no"):
        return SelectField(field.name, default=value, validate_choice=False)
    return StringField(
        field.name,
        validators=[at_most(fields.MOST_TEXT), harmless],
        filters=[clean],
        default=value,
        description=_hint(field),
        render_kw={"type": _INPUTS.get(field.type, "text")},
    )


def _choices(field: ContactField, value: str) -> list[tuple[str, str]]:
    known = [("yes", _("Yes")), ("no", _("No"))]
    if field.type == "choice":
        known = [(one, one) for one in field.choices]
    if value and value not in dict(known):  # one that is offered no more
        known.append((value, value))
    return [("", _("Not set")), *known]


def _hint(field: ContactField) -> str:
    if field.pattern and field.type == "text":
        return _("Like this: %(pattern)s", pattern=field.pattern)
    return ""


def filters_from(arguments: MultiDict[str, str]) -> queries.Filters:
    """Read the filters of the list from the address; what is malformed matches nothing."""
    project_id = keys.identifier(arguments.get("project", ""))
    columns = fields.columns(project_id)
    values = {}
    for column in columns:
        wanted = arguments.get(f"{PREFIX}{column.id.hex}", "").replace("\0", "").strip()[:200]
        if wanted and fields.searchable(column):
            values[column.id] = wanted
    text = arguments.get("q", "").replace("\0", "").strip()[:200]
    return queries.Filters(
        text=text,
        number=phones.compared(text),
        project_id=project_id,
        columns=tuple(columns),
        values=values,
        searched=tuple(one.id for one in fields.seen() if fields.searchable(one)) if text else (),
    )
