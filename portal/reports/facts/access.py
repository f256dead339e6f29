"""Who sees which project now, and why: by name, by a group, or by a role that sees everything."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, Uuid, and_, case, cast, exists, literal, null, or_, select, union_all

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATE_NAMES, TEMPLATES
from portal.members.models import Group, GroupUser, Role, RolePermission, User
from portal.projects.models import Project, ProjectGroup, ProjectUser
from portal.reports import clock, dimensions
from portal.reports.moments import DAY_S, NOW_S
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum, different

DIRECT, BY_A_GROUP, BY_THE_ROLE = "direct", "group", "role"
WHY = {DIRECT: _l("Directly"), BY_A_GROUP: _l("By a group"), BY_THE_ROLE: _l("By the role")}
STATES = {"active": _l("Active"), "invited": _l("Invited"), "locked": _l("Locked")}
_LONG_DAYS = 90

_SEEING_ALL = [name for name, held in TEMPLATES.items() if Permission.SEE_EVERYTHING in held]
_sees_all = or_(
    Role.template.in_(_SEEING_ALL),
    exists()
    .where(
        RolePermission.company_id == Role.company_id,
        RolePermission.role_id == Role.id,
        RolePermission.permission == Permission.SEE_EVERYTHING.value,
        Role.template.is_(None),
    )
    .correlate(Role),
)
_state = case(
    (User.locked_at.is_not(None), "locked"), (User.password_hash.is_(None), "invited"),
    else_="active",
)  # fmt: skip


def _way(why: str, project_id: Any, group_id: Any) -> Any:
    """Query one way of seeing a project; each row has an id made of who, what and how."""
    group = cast(null(), Uuid) if group_id is None else group_id
    key = cast(User.id, String) + cast(project_id, String)
    return select(
        User.company_id, (key + (why if group_id is None else cast(group, String))).label("id"),
        (User.search_key + " " + cast(User.id, String)).label("place"), User.id.label("user_id"),
        User.role_id, _state.label("state"), User.last_sign_in_at, project_id.label("project_id"),
        group.label("group_id"), literal(why).label("why"),
    )  # fmt: skip


_of_user = and_(GroupUser.company_id == User.company_id, GroupUser.user_id == User.id)
_WAYS: Any = union_all(
    _way(DIRECT, ProjectUser.project_id, None)
    .select_from(User)
    .join(
        ProjectUser,
        and_(ProjectUser.company_id == User.company_id, ProjectUser.user_id == User.id),
    ),
    _way(BY_A_GROUP, ProjectGroup.project_id, ProjectGroup.group_id)
    .select_from(User)
    .join(GroupUser, _of_user)
    .join(
        ProjectGroup,
        and_(
            ProjectGroup.company_id == GroupUser.company_id,
            ProjectGroup.group_id == GroupUser.group_id,
        ),
    ),
    _way(BY_THE_ROLE, Project.id, None)
    .select_from(User)
    .join(Role, and_(Role.company_id == User.company_id, Role.id == User.role_id))
    .join(Project, Project.company_id == User.company_id)
    .where(_sees_all),
).subquery("ways")
ROW = _WAYS.c
_ABSENT = or_(
    ROW.last_sign_in_at.is_(None), NOW_S - clock.Slot(ROW.last_sign_in_at, 1) > _LONG_DAYS * DAY_S
)

WAYS = Sum("ways")
USERS = Sum("users", of=ROW.user_id, how="values")
PROJECTS = Sum("projects", of=ROW.project_id, how="values")
BY_NAME = Sum("direct", ROW.why == DIRECT)
BY_GROUP_SUM = Sum("by_group", ROW.why == BY_A_GROUP)
BY_ROLE_SUM = Sum("by_role", ROW.why == BY_THE_ROLE)
ABSENT = Sum("absent", _ABSENT, ROW.user_id, how="values")

BY_USER = Dimension("user", _l("User"), ROW.user_id, User)
BY_PROJECT = dimensions.by_project(ROW.project_id)
BY_GROUP = Dimension("group", _l("Group"), ROW.group_id, Group, nothing=_l("No group"))
BY_WHY = Dimension("why", _l("Why"), ROW.why, words=WHY)

MEASURES = (
    Measure(
        "users", _l("Users"), _l("Users who see projects that you see."), (USERS,),
        value=different(USERS),
    ),
    Measure(
        "projects", _l("Projects"), _l("Projects that these users see."), (PROJECTS,),
        value=different(PROJECTS),
    ),
    Measure(
        "direct", _l("Directly"), _l("Times that a user is in a project by name."), (BY_NAME,)
    ),
    Measure(
        "by_group",
        _l("By a group"),
        _l("Times that a user is in a project by one of their groups."),
        (BY_GROUP_SUM,),
    ),
    Measure(
        "by_role",
        _l("By the role"),
        _l("Times that a user sees a project since their role sees everything."),
        (BY_ROLE_SUM,),
    ),
    Measure(
        "absent",
        _l("Long absent"),
        _l("Users who have not signed in for 90 days, or never."),
        (ABSENT,),
        value=different(ABSENT),
        better=-1,
    ),
)  # fmt: skip

FACT = Fact(
    name="access",
    model=_WAYS,
    at=None,
    order=ROW.place,
    columns=(
        Column("user", _l("User"), dimensions.name_of(User, ROW.user_id), "person"),
        Column("email", _l("E-mail"), dimensions.of_one(User, ROW.user_id, lambda one: one.email)),
        Column(
            "role",
            _l("Role"),
            dimensions.of_one(
                Role,
                ROW.role_id,
                lambda one: case((one.template.is_not(None), one.template), else_=one.name),
            ),
            words=TEMPLATE_NAMES,
        ),
        Column("state", _l("State"), ROW.state, words=STATES),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column("why", _l("Why"), ROW.why, words=WHY),
        Column("group", _l("Group"), dimensions.name_of(Group, ROW.group_id)),
        Column("signed_in", _l("Last sign-in"), ROW.last_sign_in_at, "moment"),
    ),
    filters=(
        dimensions.of_projects(ROW.project_id),
        Filter("user", _l("User"), ROW.user_id, User),
        Filter("group", _l("Group"), ROW.group_id, Group),
        Filter("why", _l("Why"), ROW.why, words=WHY),
        Filter("state", _l("State"), ROW.state, words=STATES),
    ),
    source=_l("Nobody is in a project yet: add users or groups on the page of a project."),
)
