"""The tabs of the panel: users, groups, and one for each kind of object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.database import ProjectOwned
from portal.members.models import Group, User
from portal.objects.registry import KINDS
from portal.projects.models import ProjectGroup, ProjectUser


@dataclass(frozen=True)
class Tab:
    """One tab. ``link`` is the model of the memberships, ``column`` its reference to the thing."""

    slug: str
    icon: str
    label: LazyString
    model: Any
    link: Any
    column: str
    needs: Permission

    @property
    def owned(self) -> bool:
        return issubclass(self.model, ProjectOwned)

    @property
    def editable(self) -> bool:
        return can(self.needs)

    @property
    def reference(self) -> Any:
        return getattr(self.link, self.column)


TABS: dict[str, Tab] = {
    "users": Tab(
        "users", "users", _l("Users"), User, ProjectUser, "user_id", Permission.MANAGE_ACCESS
    ),
    "groups": Tab(
        "groups",
        "users-group",
        _l("Groups"),
        Group,
        ProjectGroup,
        "group_id",
        Permission.MANAGE_ACCESS,
    ),
    **{
        slug: Tab(
            slug,
            kind.icon,
            kind.plural,
            kind.model,
            kind.model if kind.owned else kind.model.Link,
            "id" if kind.owned else "object_id",
            Permission.MANAGE_PROJECTS,
        )
        for slug, kind in KINDS.items()
    },
}
