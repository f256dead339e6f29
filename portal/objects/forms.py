"""The form of an object: what all kinds share."""

from __future__ import annotations

import uuid
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from portal.forms import line, lines, required
from portal.objects import queries
from portal.objects.kind import Kind
from portal.objects.settings import Settings
from portal.projects.models import Project


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


def form_for(kind: Kind, item: Any | None = None) -> tuple[ObjectForm, dict[str, Project]]:
    """Return the form of an object and the projects that it offers, by id."""
    offered = {str(p.id): p for p in queries.visible_projects() if _offered(p)}
    choices = [(key, project.name) for key, project in offered.items()]
    form = _form_class(kind, item)(**_typed(), obj=item)
    if isinstance(form, OwnedForm):
        form.project.choices = choices if len(choices) == 1 else [("", _l("Choose…")), *choices]
    if isinstance(form, SharedForm):
        form.projects.choices = choices
        if item is not None:
            form.stays = bool(queries.archived(queries.projects_of(kind, item)))
        if item is not None and not form.is_submitted():
            form.projects.data = [str(key) for key in queries.projects_of(kind, item)]
        elif len(choices) == 1 and not form.is_submitted():
            form.projects.data = [choices[0][0]]
    form.offer(_projects_for(kind, item, form, offered), item)
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


def _projects_for(
    kind: Kind, item: Any | None, form: ObjectForm, offered: dict[str, Project]
) -> set[uuid.UUID]:
    """Return the projects of the object, as far as they are chosen yet."""
    if item is not None:
        return queries.projects_of(kind, item)
    if isinstance(form, OwnedForm):
        only = next(iter(offered)) if len(offered) == 1 else ""
        chosen = offered.get(form.project.data or only)
        return {chosen.id} if chosen else set()
    return {project.id for project in offered.values()} if len(offered) == 1 else set()


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
