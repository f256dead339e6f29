"""The tabs of the panel: users, groups, and each kind of object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.access.permissions import Permission
from portal.members.models import Group, User
from portal.objects.kind import Kind
from portal.objects.registry import KINDS
from portal.projects.models import ProjectGroup, ProjectUser


@dataclass(frozen=True)
class Tab:
    """What one tab lists, and the permission that changes it. ``link``: the memberships, if any."""

    slug: str
    model: Any
    icon: str
    label: LazyString
    search: LazyString
    permission: Permission
    kind: Kind | None = None
    link: Any = None
    member: str = ""

    @property
    def owned(self) -> bool:
        return self.kind is not None and self.kind.owned

    @property
    def link_member(self) -> Any:
        """The column of the link that names what is in the project."""
        return getattr(self.link, self.member)


def _of_kind(kind: Kind) -> Tab:
    return Tab(
        slug=kind.slug,
        model=kind.model,
        icon=kind.icon,
        label=kind.plural,
        search=_l("Search by name"),
        permission=Permission.MANAGE_PROJECTS,
        kind=kind,
        link=None if kind.owned else kind.model.Link,
        member="object_id",
    )


TABS: dict[str, Tab] = {
    "users": Tab(
        slug="users",
        model=User,
        icon="users",
        label=_l("Users"),
        search=_l("Search name, e-mail or extension"),
        permission=Permission.MANAGE_ACCESS,
        link=ProjectUser,
        member="user_id",
    ),
    "groups": Tab(
        slug="groups",
        model=Group,
        icon="users-group",
        label=_l("Groups"),
        search=_l("Search by name"),
        permission=Permission.MANAGE_ACCESS,
        link=ProjectGroup,
        member="group_id",
    ),
    **{kind.slug: _of_kind(kind) for kind in KINDS.values()},
}
