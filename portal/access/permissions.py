"""What a person may do. A permission says WHAT; a project says WHERE."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Permission(enum.StrEnum):
    """Every permission there is; ``label`` and ``sentence`` explain it to the administrator."""

    SEE_EVERYTHING = "see_everything"
    LIST_PROJECTS = "list_projects"
    MANAGE_ACCESS = "manage_access"
    MANAGE_PROJECTS = "manage_projects"
    VIEW_OBJECTS = "view_objects"
    MANAGE_OBJECTS = "manage_objects"
    VIEW_CALLS = "view_calls"
    SEE_NUMBERS = "see_numbers"
    REVEAL_NUMBERS = "reveal_numbers"
    EXPORT = "export"
    IMPORT_DATA = "import_data"
    IMPORT_CALLS = "import_calls"
    VIEW_CONTACTS = "view_contacts"
    EDIT_CONTACTS = "edit_contacts"
    DELETE_CONTACTS = "delete_contacts"
    VIEW_PEOPLE = "view_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_ROLES = "manage_roles"
    VIEW_REPORTS = "view_reports"
    VIEW_ACTIVITY = "view_activity"
    COMPANY_SETTINGS = "company_settings"

    @property
    def label(self) -> LazyString:
        return _TEXTS[self][0]

    @property
    def sentence(self) -> LazyString:
        return _TEXTS[self][1]


_TEXTS = {
    Permission.SEE_EVERYTHING: (
        _l("See everything"),
        _l("Sees all projects, objects and calls, whatever projects the person is in."),
    ),
    Permission.LIST_PROJECTS: (
        _l("List of projects"),
        _l("Sees the tiles of projects, without the objects inside."),
    ),
    Permission.MANAGE_ACCESS: (
        _l("Manage access"),
        _l("Adds users and groups to projects and removes them."),
    ),
    Permission.MANAGE_PROJECTS: (
        _l("Manage projects"),
        _l("Creates and edits projects, adds objects to them and removes them."),
    ),
    Permission.VIEW_OBJECTS: (
        _l("See objects"),
        _l("Sees queues, scenarios, dialers and the other objects of their projects."),
    ),
    Permission.MANAGE_OBJECTS: (
        _l("Manage objects"),
        _l("Creates and edits objects in their projects."),
    ),
    Permission.VIEW_CALLS: (
        _l("See the call log"),
        _l("Sees the calls of their projects."),
    ),
    Permission.SEE_NUMBERS: (
        _l("See phone numbers"),
        _l("Sees the numbers of callers in full; without it they are masked."),
    ),
    Permission.REVEAL_NUMBERS: (
        _l("Reveal a masked number"),
        _l("Uncovers one masked number at a time; each time is recorded."),
    ),
    Permission.EXPORT: (
        _l("Export"),
        _l("Downloads what they see as CSV or Excel; each export is recorded."),
    ),
    Permission.IMPORT_DATA: (
        _l("Import tables"),
        _l("Loads rows of CSV and Excel files into what they may edit."),
    ),
    Permission.IMPORT_CALLS: (
        _l("Import calls"),
        _l("Loads call records of a telephone system and maps its names to objects."),
    ),
    Permission.VIEW_CONTACTS: (
        _l("See contacts"),
        _l("Sees the contacts and cases of their projects."),
    ),
    Permission.EDIT_CONTACTS: (
        _l("Edit contacts"),
        _l("Creates and edits contacts and cases in their projects."),
    ),
    Permission.DELETE_CONTACTS: (
        _l("Delete contacts"),
        _l("Deletes contacts and cases of their projects."),
    ),
    Permission.VIEW_PEOPLE: (
        _l("See people"),
        _l("Sees the users and groups who share a project with them."),
    ),
    Permission.MANAGE_PEOPLE: (
        _l("Manage people"),
        _l("Creates, edits, invites and locks users, and fills groups."),
    ),
    Permission.MANAGE_ROLES: (
        _l("Manage roles"),
        _l("Creates and edits roles and gives them to people."),
    ),
    Permission.VIEW_REPORTS: (
        _l("See reports"),
        _l("Sees the figures of their projects, and the people who work for them."),
    ),
    Permission.VIEW_ACTIVITY: (
        _l("See the activity"),
        _l("Sees who changed what in their projects."),
    ),
    Permission.COMPANY_SETTINGS: (
        _l("Company settings"),
        _l("Changes the name, time zone, language and security type of the company."),
    ),
}
