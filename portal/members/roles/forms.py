"""The form of a role."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.widgets import HiddenInput

from portal.access.permissions import Permission
from portal.forms import Form, SeveralField, line, lines
from portal.members.models import Role


class RoleForm(Form):
    name = line(_l("Name"), needed=True)
    description = lines(_l("Description"), limit=500)
    permissions = SeveralField(_l("Permissions"))
    version = IntegerField(widget=HiddenInput(), default=1)

    def offer(self, like: Role | None, *, fresh: bool = False) -> None:
        """Fill in what the viewer may give; tick what ``like`` holds; ``fresh``: as stored."""
        held = g.actor.role.permissions
        self.permissions.choices = [(p.value, p.label) for p in Permission if p in held]
        if fresh or not self.is_submitted():
            ticked = like.permissions if like else frozenset()
            self.permissions.data = [p.value for p in Permission if p in ticked and p in held]

    @property
    def chosen(self) -> frozenset[Permission]:
        return frozenset(map(Permission, self.permissions.data or ()))

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name.data,
            "description": self.description.data or "",
            "permissions": self.chosen,
        }
