"""What figures of several facts are grouped and filtered by; each takes the column of its fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.imports.models import Import
from portal.members.models import Group, GroupUser, User
from portal.projects.models import Project
from portal.reports.terms import Dimension, Filter
from portal.wall.criteria import looked_up

QUARTER = Dimension("quarter", _l("Quarter of an hour"), time="quarter")
HOUR = Dimension("hour", _l("Hour"), time="hour")
DAY = Dimension("day", _l("Day"), time="day")
WEEK = Dimension("week", _l("Week"), time="week")
MONTH = Dimension("month", _l("Month"), time="month")
WEEKDAY = Dimension("weekday", _l("Weekday"), time="weekday")
HOUR_OF_DAY = Dimension("hour_of_day", _l("Hour of the day"), time="hour_of_day")
CALENDAR = (DAY, WEEK, MONTH)


def by_project(key: Any) -> Dimension:
    return Dimension("project", _l("Project"), key, Project, nothing=_l("Unassigned"))


def by_operator(key: Any) -> Dimension:
    return Dimension("operator", _l("Operator"), key, User, nothing=_l("Nobody, or somebody else"))


def by_group(key: Any) -> Dimension:
    """Group by the groups of a person, who may be in several."""
    rows = getattr(key, "class_", None) or key.table.c
    member = (GroupUser.company_id == rows.company_id) & (GroupUser.user_id == key)
    return Dimension(
        "group",
        _l("Group"),
        GroupUser.group_id,
        Group,
        join=(GroupUser, member),
        several=True,
        nothing=_l("No group"),
    )


def by_import(key: Any, join: Any = None) -> Dimension:
    """Group by the import that brought rows along; one knows one's own."""
    return Dimension(
        "import", _l("Import"), key, Import, join=join, nothing=_l("By hand, or by somebody else")
    )


def of_projects(key: Any) -> Filter:
    return Filter("project", _l("Project"), key, Project)


def of_operators(key: Any) -> Filter:
    return Filter("operator", _l("Operator"), key, User)


def of_groups(key: Any) -> Filter:
    """Restrict to the people of groups."""
    return Filter(
        "group", _l("Group"), key, Group, where=_members, permission=Permission.VIEW_PEOPLE
    )


def _members(column: Any, group_ids: Any) -> Any:
    return column.in_(select(GroupUser.user_id).where(GroupUser.group_id.in_(group_ids)))


def name_of(model: Any, key: Any) -> Any:
    """Return the name of what a row refers to, or null where the viewer does not see it.

    A subquery, not a join: to plan several joins behind walls takes longer than to run them. To be
    called once for a module.
    """
    return of_one(model, key, lambda one: one.name)


def of_one(model: Any, key: Any, what: Callable[[Any], Any]) -> Any:
    """Return the same of something else that is known of it."""
    one = looked_up(model, f"{model.__tablename__}_of_row")
    rows = getattr(key, "class_", None) or key.table.c
    found = select(what(one)).where(one.company_id == rows.company_id, one.id == key)
    return found.scalar_subquery()
