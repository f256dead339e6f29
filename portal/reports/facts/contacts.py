"""Contacts as they were added, and the changes of them that were recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    String,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from portal.audit import fields
from portal.audit.models import AuditEntry
from portal.crm.models import Contact
from portal.imports.models import Import
from portal.members.models import User
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.terms import Column, Dimension, Fact, Filter, Measure, Sum

WHAT = {
    "added": _l("Added"),
    "changed": _l("Changed"),
    "imported": _l("Changed by an import"),
    "deleted": _l("Deleted"),
}
SOURCES = {"hand": _l("By hand"), "import": _l("Import")}
_BY_IMPORT = AuditEntry.action == "imported"

_CHANGED = select(
    AuditEntry.company_id, AuditEntry.id, AuditEntry.at, AuditEntry.project_id,
    AuditEntry.object_id.label("contact_id"), AuditEntry.action.label("what"),
    AuditEntry.actor_id, AuditEntry.object_name.label("name"),
    cast(null(), String(40)).label("phone"), AuditEntry.after,
    cast(null(), Uuid).label("named_by"),
    case((_BY_IMPORT, "import"), else_="hand").label("source"),
    case(
        (_BY_IMPORT, AuditEntry.detail["rows_changed"].as_integer()), else_=1
    ).label("number"),
).where(
    AuditEntry.kind == Contact.kind, AuditEntry.action.in_(("changed", "deleted", "imported"))
)  # fmt: skip
_ADDED = select(
    Contact.company_id, Contact.id, Contact.created_at, cast(null(), Uuid), Contact.id,
    literal("added"), Contact.created_by_id, Contact.name, Contact.phone,
    cast(null(), AuditEntry.after.type), Contact.named_by,
    case((Contact.named_by.is_not(None), "import"), else_="hand"), literal(1),
)  # fmt: skip
_ROWS: Any = union_all(_CHANGED, _ADDED).subquery("contacts_touched")
ROW = _ROWS.c
_LINK = Contact.Link
_IN_PROJECT = and_(
    _LINK.company_id == ROW.company_id, _LINK.object_id == ROW.contact_id, ROW.what == "added"
)


def _inside(column: Any, project_ids: Any) -> Any:
    """Say what touches projects: contacts that are in one now, changes that were told there."""
    inside = select(_LINK.object_id).where(_LINK.project_id.in_(project_ids))
    return or_(column.in_(project_ids), and_(ROW.what == "added", ROW.contact_id.in_(inside)))


ADDED = Sum("added", ROW.what == "added")
CHANGED = Sum(
    "changed", ROW.what.in_(("changed", "imported")), cast(func.coalesce(ROW.number, 0), BigInteger)
)
DELETED = Sum("deleted", ROW.what == "deleted")

BY_SOURCE = Dimension("source", _l("Source"), ROW.source, words=SOURCES)
BY_IMPORT = dimensions.by_import(ROW.named_by)
BY_PERSON = replace(dimensions.by_operator(ROW.actor_id), label=_l("By"))
BY_PROJECT = replace(
    dimensions.by_project(func.coalesce(ROW.project_id, _LINK.project_id)),
    join=(_LINK, _IN_PROJECT),
    several=True,
)

MEASURES = (
    Measure(
        "added",
        _l("Added"),
        _l("Contacts of today that were added in the period; one in several projects is one."),
        (ADDED,),
    ),
    Measure(
        "changed",
        _l("Changed"),
        _l("Recorded changes of contacts; one that was told in several projects counts in each."),
        (CHANGED,),
    ),
    Measure(
        "deleted",
        _l("Deleted"),
        _l("Contacts that were deleted; told in several projects, one counts in each."),
        (DELETED,),
    ),
)


def _touched(after: dict[str, Any] | None) -> str:
    """Return the names of the fields that were changed, as far as the viewer may know them."""
    return ", ".join(row["label"] for row in fields.rows(None, after)) if after else ""


FACT = Fact(
    name="contacts",
    model=_ROWS,
    at=ROW.at,
    columns=(
        Column("time", _l("Time"), ROW.at, "moment"),
        Column("what", _l("What happened"), ROW.what, words=WHAT),
        Column("contact", _l("Contact"), ROW.name),
        Column("phone", _l("Phone"), ROW.phone, "phone"),
        Column("project", _l("Project"), dimensions.name_of(Project, ROW.project_id)),
        Column("source", _l("Source"), ROW.source, words=SOURCES),
        Column("import", _l("Import"), dimensions.name_of(Import, ROW.named_by)),
        Column("by", _l("By"), dimensions.name_of(User, ROW.actor_id), "person"),
        Column("fields", _l("Fields"), ROW.after, text=_touched),
    ),
    filters=(
        Filter("project", _l("Project"), ROW.project_id, Project, where=_inside),
        dimensions.of_groups(ROW.actor_id),
        replace(dimensions.of_operators(ROW.actor_id), label=_l("By")),
        Filter("source", _l("Source"), ROW.source, words=SOURCES),
        Filter("what", _l("What happened"), ROW.what, words=WHAT),
    ),
    source=_l("There are no contacts yet: import a spreadsheet, or add them on the page Contacts."),
    masked=True,
)
