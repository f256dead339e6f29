"""Founding a company, its settings, and the change of its security type."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATES
from portal.audit import trail
from portal.company import queries
from portal.company.models import Company, Security
from portal.database import name_key, utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.jobs.operations import enqueue
from portal.members.models import Role, User
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectUser
from portal.wall.scope import Scope, current, entered, unscoped

# Names as they are stored; pages show those of ``policy.TEMPLATE_NAMES``.
_TEMPLATE_NAMES = {"admin": "Admin", "supervisor": "Supervisor", "operator": "Operator"}
DEFAULT_NAME = "Default"


def create_company(
    name: str,
    *,
    email: str,
    admin_name: str = "",
    timezone: str = "Europe/Warsaw",
    language: str = "en",
    security: Security = Security.SIMPLE,
) -> User:
    """Found a company with its template roles and the project Default; return its first Admin.

    Default exists from the beginning, so that every object has a project; while the company is
    simple nobody sees it. The Admin has no password yet: invite them.
    """
    company = Company(name=name, timezone=timezone, language=language, security=security)
    company.figures_timezone = timezone
    with unscoped("a company that does not exist yet has no scope"):
        db.session.add(company)
        db.session.flush()
    with entered(Scope(company.id, sees_all=True, sees_people=True)):
        roles = {template: _template_role(company, template) for template in TEMPLATES}
        default = Project(
            company_id=company.id,
            name=DEFAULT_NAME,
            name_key=name_key(DEFAULT_NAME),
            is_default=True,
        )
        admin = User(
            company_id=company.id,
            name=admin_name or email,
            name_key=name_key(admin_name or email),
            email=email,
            email_key=name_key(email),
            role=roles["admin"],
        )
        db.session.add_all([*roles.values(), default, admin])
        db.session.flush()
        if company.walled:
            _join(default, {admin.id})
    return admin


def _template_role(company: Company, template: str) -> Role:
    name = _TEMPLATE_NAMES[template]
    return Role(company_id=company.id, name=name, name_key=name_key(name), template=template)


def hold_company() -> Company:
    """Return the company, locked until the end of the transaction.

    Changes of people, groups, roles and the security type come one after another: rules such as
    "the last Admin stays" look at many rows and would otherwise be broken by two at once.
    """
    statement = select(Company).where(Company.id == current().company_id)
    return db.session.scalars(
        statement.with_for_update(key_share=True), execution_options={"populate_existing": True}
    ).one()


def edit_settings(values: dict[str, Any], *, version: int, actor: User) -> None:
    """Change the settings of the actor's company, by the names of their columns.

    The days of roll-ups stay those of the zone before until a worker has counted anew.
    """
    company = hold_company()
    if company.version != version:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=company)
    if company.timezone != values["timezone"]:
        title = _("For days of %(zone)s", zone=values["timezone"].replace("_", " "))
        enqueue("recount_calls", {}, title=title, actor=actor)
    for field, value in values.items():
        setattr(company, field, value)
    company.version += 1
    db.session.flush()


def change_security(security: Security, *, typed: str, actor: User) -> None:
    """Change the security type of the actor's company; ``typed`` is its name, as confirmation."""
    company = hold_company()
    if company.security is security:
        raise ConflictError(_("The security type has been changed already."), theirs=company)
    if name_key(typed.strip()) != name_key(company.name):
        raise RefusedError(_("This is not the name of the company."), field="typed")
    if security is Security.SIMPLE:
        _refuse_seeing_more(actor)
        trail.note(company, "security_changed")
    else:
        trail.note(company, "security_changed", _fill_default())
    company.security = security
    company.version += 1
    db.session.flush()


def _refuse_seeing_more(actor: User) -> None:
    """Who takes the walls down gives everybody the sight of everything: only what one holds."""
    if Permission.SEE_EVERYTHING not in actor.role.permissions:
        raise RefusedError(_("Only a person who sees everything can take the walls down."))


def _fill_default() -> dict[str, int]:
    """Put every person and every object without a project into Default; return how many."""
    default = queries.default_project()
    people = queries.people_without_project()
    _join(default, people)
    objects = 0
    for kind in KINDS.values():
        if not kind.owned:  # an owned object always has its project
            loose = queries.objects_without_project(kind)
            _link(kind.model.Link, default, loose)
            objects += len(loose)
    default.changed_at = utcnow()
    default.archived_at = None
    default.version += 1
    db.session.flush()
    return {"people": len(people), "objects": objects}


def _join(default: Project, user_ids: set[Any]) -> None:
    for user_id in sorted(user_ids):
        db.session.add(
            ProjectUser(company_id=default.company_id, project_id=default.id, user_id=user_id)
        )


def _link(link: Any, default: Project, object_ids: set[Any]) -> None:
    for object_id in sorted(object_ids):
        db.session.add(
            link(company_id=default.company_id, project_id=default.id, object_id=object_id)
        )
