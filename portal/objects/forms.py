"""The form of an object: what all kinds share."""

from __future__ import annotations

import uuid
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from portal.forms import Form, line, lines, required
from portal.objects import queries
from portal.objects.kind import Kind
from portal.projects.models import Project


class ObjectForm(Form):
    name = line(_l("Name"), needed=True)
    notes = lines(_l("Notes"))
    active = BooleanField(_l("Active"), default=True)
    version = IntegerField(widget=HiddenField.widget, default=1)

    def values(self) -> dict[str, Any]:
        """Return the settings of the object, by column."""
        return {"name": self.name.data, "notes": self.notes.data, "active": self.active.data}


class OwnedForm(ObjectForm):
    """A new object of an owned kind: it is in one project from the beginning."""

    project = SelectField(_l("Project"), validators=[required()])


class SharedForm(ObjectForm):
    """An object of a shared kind: it may be in several projects."""

    projects = SelectMultipleField(_l("Projects"))

    def validate_projects(self, field: SelectMultipleField) -> None:
        if not field.data and not g.scope.sees_all:
            raise ValidationError(_l("Choose at least one project: else you would not see it."))


def form_for(kind: Kind, item: Any | None = None) -> tuple[ObjectForm, dict[str, Project]]:
    """Return the form of an object and the projects that it offers, by id."""
    offered = {str(p.id): p for p in queries.visible_projects() if _offered(p)}
    choices = [(key, project.name) for key, project in offered.items()]
    if not g.identity.company.walled or (kind.owned and item is not None):
        return ObjectForm(obj=item), offered
    if kind.owned:
        owned = OwnedForm(obj=item)
        owned.project.choices = choices if len(choices) == 1 else [("", _l("Choose…")), *choices]
        return owned, offered
    shared = SharedForm(obj=item)
    shared.projects.choices = choices
    if item is not None and not shared.is_submitted():
        shared.projects.data = [str(key) for key in queries.projects_of(kind, item)]
    elif len(choices) == 1 and not shared.is_submitted():
        shared.projects.data = [choices[0][0]]
    return shared, offered


def _offered(project: Project) -> bool:
    return project.archived_at is None


def chosen(form: ObjectForm, offered: dict[str, Project]) -> list[Project] | None:
    """Return the projects that the form names; in simple mode the one that everything is in."""
    if isinstance(form, OwnedForm):
        return [offered[form.project.data]]
    if isinstance(form, SharedForm):
        return [offered[key] for key in form.projects.data or []]
    return None


def filters_from(arguments: Any) -> queries.Filters:
    """Read the filters of a list from the URL; what is malformed matches nothing."""
    active = arguments.get("active", "")
    return queries.Filters(
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        project_id=_identifier(arguments.get("project", "")),
        active=active if active in {"yes", "no"} else "",
    )


def _identifier(text: str) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
