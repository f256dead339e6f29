"""Which role holds which permission: the one table that guards, templates and pages ask."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission

TEMPLATES: dict[str, frozenset[Permission]] = {
    "admin": frozenset(Permission),
    "supervisor": frozenset(
        {
            Permission.LIST_PROJECTS,
            Permission.VIEW_OBJECTS,
            Permission.MANAGE_OBJECTS,
            Permission.VIEW_CALLS,
            Permission.SEE_NUMBERS,
            Permission.EXPORT,
            Permission.IMPORT_DATA,
            Permission.VIEW_CONTACTS,
            Permission.EDIT_CONTACTS,
            Permission.DELETE_CONTACTS,
            Permission.VIEW_PEOPLE,
            Permission.VIEW_REPORTS,
            Permission.VIEW_ACTIVITY,
        }
    ),
    "operator": frozenset(
        {
            Permission.VIEW_CALLS,
            Permission.REVEAL_NUMBERS,
            Permission.VIEW_CONTACTS,
            Permission.EDIT_CONTACTS,
        }
    ),
}

TEMPLATE_NAMES = {
    "admin": _l("Admin"),
    "supervisor": _l("Supervisor"),
    "operator": _l("Operator"),
}


def permissions_of(template: str | None, granted: list[str]) -> frozenset[Permission]:
    """Return what a role holds; a permission that no longer exists is held by nobody."""
    if template is not None:
        return TEMPLATES[template]
    known = {permission.value for permission in Permission}
    return frozenset(Permission(value) for value in granted if value in known)
