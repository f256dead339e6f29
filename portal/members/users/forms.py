"""The form of a person, the filters of the list, and the boxes ticked in it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, SelectField
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from portal import choices, languages
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.forms import Form, SeveralField, email_shaped, line
from portal.members import rights
from portal.members.models import Role, User
from portal.members.users import queries
from portal.members.users.operations import Changes
from portal.members.users.queries import STATES, Filters
from portal.projects.queries import by_ids

_NOWHERE = uuid.UUID(int=0)
Offered = dict[str, Any]


def dialable(form: Form, field: Field) -> None:
    if field.data and not re.fullmatch(r"[0-9A-Za-z*#+._-]+", field.data):
        raise ValidationError(_l("An extension has digits, letters, dots and dashes only."))


class UserForm(Form):
    """A person with role, groups and projects; what was ticked at first comes back with it."""

    name = line(_l("Name"), needed=True)
    email = line(_l("E-mail"), limit=254, needed=True)
    extension = line(_l("Extension"), limit=20)
    role = SelectField(_l("Role"))
    language = SelectField(_l("Language"), default="")
    timezone = SelectField(_l("Time zone"), default="")
    groups = SeveralField(_l("Groups"))
    groups_before = HiddenField()
    projects = SeveralField(_l("Projects"))
    projects_before = HiddenField()
    version = IntegerField(widget=HiddenInput(), default=1)

    validate_email = staticmethod(email_shaped)
    validate_extension = staticmethod(dialable)

    def offer(self, person: User | None, *, fresh: bool = False) -> None:
        """Fill in the choices: nothing that the viewer may not give. ``fresh``: as it is stored."""
        self.offered_roles = {str(role.id): role for role in _roles(person)}
        self.offered_groups = {str(group.id): group for group in _groups()}
        self.offered_projects = {str(project.id): project for project in _projects()}
        self.role.choices = [(k, rights.role_name(r)) for k, r in self.offered_roles.items()]
        self.groups.choices = [(k, group.name) for k, group in self.offered_groups.items()]
        self.projects.choices = [(k, p.name) for k, p in self.offered_projects.items()]
        self._offer_places()
        if fresh or not self.is_submitted():
            self._show(person)
        if not self.offered_projects:
            del self.projects, self.projects_before

    def _offer_places(self) -> None:
        company = g.identity.company
        self.language.choices = languages.language_choices(company)
        self.timezone.choices = languages.zone_choices(company)
        for field in (self.language, self.timezone):
            field.data = field.data or ""  # who chose nothing goes with the company

    def _show(self, person: User | None) -> None:
        if person is None:
            self.role.data = self._least_role()
            only = list(self.offered_projects) if len(self.offered_projects) == 1 else []
            self.projects.data = only
            return
        self.role.data = str(person.role_id)
        groups, projects = queries.groups_of(person), queries.direct_projects(person)
        self.groups.data = [key for key in self.offered_groups if uuid.UUID(key) in groups]
        self.projects.data = [key for key in self.offered_projects if uuid.UUID(key) in projects]
        self.groups_before.data = " ".join(self.groups.data)
        self.projects_before.data = " ".join(self.projects.data)

    def _least_role(self) -> str | None:
        """Preselect Operator: most people are, and nobody becomes more by an oversight."""
        return next(
            (key for key, role in self.offered_roles.items() if role.template == "operator"),
            next(iter(self.offered_roles), None),
        )

    @property
    def chosen_role(self) -> Role:
        return self.offered_roles[self.role.data]

    def group_changes(self) -> Changes:
        return _changes(self.offered_groups, self.groups.data, self.groups_before.data)

    def project_changes(self) -> Changes:
        if "projects" not in self:
            return Changes()
        named = _changes(self.offered_projects, self.projects.data, self.projects_before.data)
        added, removed = (by_ids(one.id for one in part) for part in (named.added, named.removed))
        return Changes(added=added, removed=removed)

    def versions(self, person: User) -> list[tuple[Any, Any, Any]]:
        """Return what differs between what is stored and what was typed: label, theirs, yours."""
        yours = rights.role_name(self.chosen_role)
        rows = [
            (self.name.label.text, person.name, self.name.data),
            (self.email.label.text, person.email, self.email.data),
            (self.extension.label.text, person.extension, self.extension.data),
            (self.role.label.text, rights.role_name(person.role), yours),
            (self.language.label.text, person.language or "", self.language.data),
            (self.timezone.label.text, person.timezone or "", self.timezone.data),
        ]
        return [row for row in rows if str(row[1]) != str(row[2])]

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "email": self.email.data,
            "extension": self.extension.data or "",
            "language": self.language.data or None,
            "timezone": self.timezone.data or None,
        }


def _changes(offered: Offered, wanted: list[str] | None, before: str | None) -> Changes:
    """Compare with what was ticked when the form was opened: others' changes since then stay."""
    ticked, was = set(wanted or ()), set((before or "").split())
    return Changes(
        added=[row for key, row in offered.items() if key in ticked - was],
        removed=[row for key, row in offered.items() if key in was - ticked],
    )


def _roles(person: User | None) -> list[Role]:
    return [
        role
        for role in queries.all_roles()
        if rights.may_give(role, actor=g.actor) or (person and person.role_id == role.id)
    ]


def _groups() -> list[Any]:
    groups = queries.all_groups()
    closed = rights.groups_elsewhere([group.id for group in groups])
    return [group for group in groups if group.id not in closed]


def _projects() -> list[Any]:
    if not (g.identity.company.walled and can(Permission.MANAGE_ACCESS)):
        return []
    return choices.projects()


def filters_from(arguments: Any) -> Filters:
    """Read the filters from the URL; a malformed id matches nothing, like an unknown one."""
    return Filters(
        text=arguments.get("q", "").replace("\0", "").strip()[:200],
        groups=_ids(arguments.getlist("group")),
        roles=_ids(arguments.getlist("role")),
        projects=_ids(arguments.getlist("project")),
        states=tuple(state for state in STATES if state in arguments.getlist("state")),
    )


def _ids(texts: Iterable[str]) -> tuple[uuid.UUID, ...]:
    return tuple(dict.fromkeys(identifier(text) for text in texts if text))[:200]


def identifier(text: str) -> uuid.UUID:
    """Return the id that ``text`` is, or one that nothing has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return _NOWHERE
