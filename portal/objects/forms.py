"""The form of an object: what all kinds share."""

from __future__ import annotations

import uuid
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from portal import choices
from portal.forms import line, lines, required
from portal.objects import queries
from portal.objects.kind import Kind
from portal.objects.settings import Settings
from portal.projects.models import Project
from portal.projects.queries import by_ids


class ObjectForm(Settings):
    name = line(_l("Name"), needed=True)
    notes = lines(_l("Notes"))
    active = BooleanField(_l("Active"), default=True)
    version = IntegerField(widget=HiddenField.widget, default=1)

    def values(self) -> dict[str, Any]:
        """Return what the object is to have, by column."""
        common = {"name": self.name.data, "notes": self.notes.data, "active": self.active.data}
        return common | self.settings()


class OwnedForm(ObjectForm):
    """A new object of an owned kind: it is in one project from the beginning."""

    project = SelectField(_l("Project"), validators=[required()])


class SharedForm(ObjectForm):
    """An object of a shared kind: it may be in several projects."""

    projects = SelectMultipleField(_l("Projects"))
    stays = False  # in a project that is archived, whatever is chosen

    def validate_projects(self, field: SelectMultipleField) -> None:
        if not field.data and not g.scope.sees_all and not self.stays:
            raise ValidationError(_l("Choose at least one project: else you would not see it."))


def form_for(
    kind: Kind, item: Any | None = None, *, stored: bool = False
) -> tuple[ObjectForm, choices.Offered]:
    """Return the form of an object and the projects that it offers, by id.

    ``stored``: as the object is, whatever was sent.
    """
    goes = item is None or not kind.owned  # an owned object stays where it is
    offered = {str(project.id): project for project in (choices.projects() if goes else ())}
    named = [(key, project.name) for key, project in offered.items()]
    inside = queries.projects_of(kind, item) if item is not None else set()
    sent = {"formdata": None} if stored else _typed()
    form = _form_class(kind, item)(**sent, obj=item)
    if isinstance(form, OwnedForm):
        form.project.choices = named if len(named) == 1 else [("", _l("Choose…")), *named]
    if isinstance(form, SharedForm):
        form.projects.choices = named
        form.stays = not inside <= {project.id for project in offered.values()}
        if item is not None and (stored or not form.is_submitted()):
            form.projects.data = set(map(str, inside))
        elif len(named) == 1 and not form.is_submitted():
            form.projects.data = [named[0][0]]
    form.offer(inside if item is not None else _projects_for(form, offered), item)
    return form, offered


def _form_class(kind: Kind, item: Any | None) -> Any:
    """Return the form of a kind: its settings, what all have, and its project or projects."""
    if not g.identity.company.walled or (kind.owned and item is not None):
        common: Any = ObjectForm
    else:
        common = OwnedForm if kind.owned else SharedForm
    return type(f"{kind.model.__name__}Form", (common, kind.settings), {})


def _typed() -> dict[str, Any]:
    """Return what was typed so far, when only the project was changed: then the form is a GET."""
    return {"formdata": request.args} if "name" in request.args else {}


def _projects_for(form: ObjectForm, offered: choices.Offered) -> set[uuid.UUID]:
    """Return the projects of a new object, as far as they are chosen yet."""
    if isinstance(form, OwnedForm):
        only = next(iter(offered)) if len(offered) == 1 else ""
        chosen = offered.get(form.project.data or only)
        return {chosen.id} if chosen else set()
    return {project.id for project in offered.values()} if len(offered) == 1 else set()


def chosen(form: ObjectForm, offered: choices.Offered) -> list[Project] | None:
    """Return the projects that the form names; in simple mode the one that everything is in."""
    if isinstance(form, OwnedForm):
        return by_ids([offered[form.project.data].id])
    if isinstance(form, SharedForm):
        return by_ids(offered[key].id for key in form.projects.data or [])
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
