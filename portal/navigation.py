"""The sidebar: one entry a section, shown to those who may open it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.access.identity import can
from portal.access.permissions import Permission


@dataclass(frozen=True)
class Section:
    endpoint: str
    icon: str
    label: LazyString
    any_of: tuple[Permission, ...]
    heading: LazyString | None = None
    walled: bool = False
    foot: bool = False
    also: tuple[str, ...] = ()  # further blueprints whose pages belong to this section

    @property
    def active(self) -> bool:
        return request.blueprint in (self.endpoint.split(".")[0], *self.also)


_PEOPLE = (Permission.VIEW_PEOPLE, Permission.MANAGE_PEOPLE, Permission.MANAGE_ACCESS)
_PROJECTS = (Permission.LIST_PROJECTS, Permission.MANAGE_ACCESS, Permission.MANAGE_PROJECTS)
_JOBS = (
    Permission.SEE_EVERYTHING,
    Permission.IMPORT_CALLS,
    Permission.IMPORT_DATA,
    Permission.EXPORT,
)

_SECTIONS = (
    Section(
        "today.index",
        "layout-dashboard",
        _l("Today"),
        (Permission.VIEW_REPORTS, Permission.VIEW_CALLS),
    ),
    Section("projects.index", "folders", _l("Projects"), _PROJECTS, walled=True),
    Section(
        "calls.index", "phone-call", _l("Call log"), (Permission.VIEW_CALLS,), also=("sources",)
    ),
    Section("contacts.index", "address-book", _l("Contacts"), (Permission.VIEW_CONTACTS,)),
    Section("cases.index", "inbox", _l("Cases"), (Permission.VIEW_CONTACTS,)),
    Section(
        "objects.home",
        "stack-2",
        _l("Objects"),
        (Permission.VIEW_OBJECTS,),
        also=("numbers", "base", "queues", "scenarios", "versions"),
    ),
    Section("imports.index", "file-import", _l("Imports"), (Permission.IMPORT_DATA,)),
    Section("users.index", "users", _l("Users"), _PEOPLE, heading=_l("People")),
    Section("groups.index", "users-group", _l("Groups"), _PEOPLE),
    Section("roles.index", "key", _l("Roles"), (Permission.MANAGE_ROLES,)),
    Section(
        "reports.index",
        "chart-bar",
        _l("Reports"),
        (Permission.VIEW_REPORTS,),
        heading=_l("Insight"),
        also=("exporting", "kept"),
    ),
    Section("jobs.index", "refresh", _l("Background jobs"), _JOBS),
    Section(
        "activity.index",
        "history",
        _l("Activity"),
        (Permission.VIEW_ACTIVITY,),
    ),
    Section(
        "company.settings",
        "settings",
        _l("Company settings"),
        (Permission.COMPANY_SETTINGS,),
        foot=True,
    ),
)


def sections() -> list[Section]:
    """Return the sections that the person who is asking may open."""
    if g.get("identity") is None:
        return []
    walled = g.identity.company.walled
    return [
        section
        for section in _SECTIONS
        if any(map(can, section.any_of)) and (walled or not section.walled)
    ]
