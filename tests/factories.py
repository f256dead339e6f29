"""Functions that make rows for tests: a company, its roles, people, groups, projects and objects.

>>> with building(app):
...     admin = company("Brannova")            # enhanced, with roles and the project Default
...     care = project("Care PL")
...     user("Łucja Żółć", role="operator", projects=[care])
>>> someone = visitor("lucja.zolc@example.org", PASSWORD)

Within ``building`` everything of the company made or entered last is seen and may be written; what
was made is committed at its end and keeps its values, so that ``care.id`` can be read after it.
"""

from __future__ import annotations

import functools
import itertools
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.accounts import passwords
from portal.company.models import Company, Security
from portal.company.operations import create_company
from portal.database import name_key, search_key, utcnow
from portal.extensions import db
from portal.members.models import Group, GroupUser, Role, RolePermission, User
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectGroup, ProjectUser
from portal.wall.scope import Scope, current, entered

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


@functools.cache
def password_hash() -> str:
    """Return the hash of ``PASSWORD``: made once, since making one takes long on purpose."""
    return passwords.hashed(PASSWORD)


@contextmanager
def building(app: Flask, of: Company | User | None = None) -> Iterator[None]:
    """Open an app context in which rows can be made; ``of`` names a company made before."""
    company_id = None if of is None else of.id if isinstance(of, Company) else of.company_id
    with app.app_context(), entered(_everything(company_id or -1)):
        db.session().expire_on_commit = False
        yield
        db.session.commit()


def _everything(company_id: int) -> Scope:
    return Scope(company_id, sees_all=True, sees_people=True)


def company(
    name: str = "Brannova Contact", *, enhanced: bool = True, email: str | None = None
) -> User:
    """Found a company and go on in it; return its Admin, who can sign in."""
    number = next(_numbers)
    admin = create_company(
        name,
        email=email or f"admin{number}@example.org",
        admin_name="Magdalena Sobczak",
        timezone="Europe/Warsaw",
        language="en",
        security=Security.ENHANCED if enhanced else Security.SIMPLE,
    )
    _go_on_in(admin.company_id)
    admin.password_hash = password_hash()
    db.session.flush()
    return admin


def _go_on_in(company_id: int) -> None:
    """Leave the scope of the company before: for the rest of ``building`` this one is in force."""
    g.scope = _everything(company_id)


def role(name: str, *permissions: Permission) -> Role:
    """Make an own role."""
    made = _add(Role(name=name, name_key=name_key(name)))
    for permission in permissions:
        _add(RolePermission(role_id=made.id, permission=permission.value))
    return made


def template_role(template: str) -> Role:
    """Return the company's Admin, Supervisor or Operator."""
    return db.session.scalars(select(Role).where(Role.template == template)).one()


def user(
    name: str,
    *,
    email: str | None = None,
    role: Role | str = "operator",
    projects: Iterable[Project] = (),
    groups: Iterable[Group] = (),
    locked: bool = False,
    invited: bool = False,
    **values: Any,
) -> User:
    """Make a person; ``role`` is a role or the name of a template. ``invited``: no password yet."""
    email = email or re.sub(r"[^a-z0-9]+", ".", search_key(name)).strip(".") + "@example.org"
    made = _add(
        User(
            name=name,
            name_key=name_key(name),
            email=email,
            email_key=name_key(email),
            role_id=(template_role(role) if isinstance(role, str) else role).id,
            password_hash=None if invited else password_hash(),
            locked_at=utcnow() if locked else None,
            **values,
        )
    )
    for one in projects:
        join(one, made)
    for one in groups:
        _add(GroupUser(group_id=one.id, user_id=made.id))
    return made


def group(name: str, *users: User) -> Group:
    made = _add(Group(name=name, name_key=name_key(name)))
    for one in users:
        _add(GroupUser(group_id=made.id, user_id=one.id))
    return made


def project(name: str, description: str = "") -> Project:
    return _add(Project(name=name, name_key=name_key(name), description=description))


def default_project() -> Project:
    return db.session.scalars(select(Project).where(Project.is_default)).one()


def join(where: Project, who: User | Group) -> None:
    """Put a person or a group into a project."""
    if isinstance(who, User):
        _add(ProjectUser(project_id=where.id, user_id=who.id))
    else:
        _add(ProjectGroup(project_id=where.id, group_id=who.id))


def make_object(slug: str, name: str, *projects: Project, **values: Any) -> Any:
    """Make an object of the kind ``slug`` (as in addresses) in ``projects``: one if it is owned."""
    kind = KINDS[slug]
    if kind.owned:
        (values["project_id"],) = {one.id for one in projects}
    made = _add(kind.model(name=name, name_key=name_key(name), **values))
    if not kind.owned:
        for one in projects:
            _add(kind.model.Link(project_id=one.id, object_id=made.id))
    return made


def _add(row: Any) -> Any:
    row.company_id = current().company_id
    db.session.add(row)
    db.session.flush()
    return row


def never_existed() -> uuid.UUID:
    return uuid.UUID("01900000-0000-7000-8000-000000000000")


def query(**values: Any) -> str:
    return urlencode(values, doseq=True)
