"""What a flush changed, told as changes of things that people know."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from portal.database import CompanyRow, ProjectLink, ProjectOwned, ProjectShared
from portal.members.models import Group, GroupUser, Role, RolePermission, User
from portal.objects.models import ObjectKind
from portal.projects.models import Project, ProjectGroup, ProjectUser

# Columns that say nothing to people: keys, versions, and who changed what when (the entry says it).
_SILENT = {
    "company_id", "id", "project_id", "name_key", "email_key", "search_key", "version",
    "created_at", "created_by_id", "changed_at", "changed_by_id", "last_sign_in_at",
    "totp_last_step",
}  # fmt: skip
SECRET = "•••"
_SECRETS = {"password_hash", "totp_secret"}


@dataclass
class Change:
    """What happened to one thing in one transaction."""

    company_id: int
    kind: str
    object_id: uuid.UUID
    name: str
    action: str
    thing: Any
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    moved: tuple[uuid.UUID, uuid.UUID] | None = None
    detail: dict[str, Any] | None = None

    @property
    def empty(self) -> bool:
        return self.action == "changed" and not (self.before or self.after or self.moved)

    def absorb(self, later: Change) -> None:
        """Take in what happened to the same thing later in the same transaction."""
        if self.action == "changed" or later.action == "deleted":
            self.action = later.action
        self.name = later.name or self.name
        self.moved = later.moved or self.moved
        for name, value in later.before.items():
            self._add(self.before, name, value, first=True)
        for name, value in later.after.items():
            self._add(self.after, name, value, first=False)

    @staticmethod
    def _add(side: dict[str, Any], name: str, value: Any, *, first: bool) -> None:
        if isinstance(value, list):
            side[name] = sorted({*side.get(name, []), *value})
        elif not (first and name in side):
            side[name] = value


def kind_of(cls: type) -> str:
    """Return what a model is called in the trail: 'queue', 'user', 'call_source'."""
    if issubclass(cls, ObjectKind):
        return cls.kind
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


def changes(session: Session) -> Iterator[Change]:
    """Yield what the flush that has just run changed; it runs within ``unscoped``."""
    for state, action in (
        *((one, "created") for one in session.new),
        *((one, "changed") for one in session.dirty),
        *((one, "deleted") for one in session.deleted),
    ):
        if isinstance(state, CompanyRow) and getattr(state, "__audit__", True):
            change = _membership(session, state, action) or _change(session, state, action)
            if change and not change.empty:
                yield change
        elif type(state).__name__ == "Company":
            yield from _company(session, state, action)


def _company(session: Session, company: Any, action: str) -> Iterator[Change]:
    change = Change(company.id, "company", uuid.UUID(int=company.id), company.name, action, company)
    _fields(session, company, change)
    if not change.empty:
        yield change


def _change(session: Session, thing: Any, action: str) -> Change:
    change = Change(
        company_id=thing.company_id,
        kind=kind_of(type(thing)),
        object_id=getattr(thing, "id", uuid.UUID(int=0)),
        name=str(getattr(thing, "name", "") or getattr(thing, "raw", "")),
        action=action,
        thing=thing,
    )
    _fields(session, thing, change)
    if isinstance(thing, ProjectOwned) and action == "changed":
        history = inspect(thing).attrs.project_id.history
        if history.deleted and history.added and history.deleted != history.added:
            change.moved = (history.deleted[0], history.added[0])
    return change


def _fields(session: Session, thing: Any, change: Change) -> None:
    state = inspect(thing)
    for attribute in state.mapper.column_attrs:
        name = attribute.key
        if name in _SILENT:
            continue
        history = state.attrs[name].history
        if change.action == "created":
            old, new = None, state.dict.get(name)
        elif change.action == "deleted":
            old, new = state.dict.get(name), None
        elif history.has_changes():
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
        else:
            continue
        if old == new or (old in (None, "") and new in (None, "")):
            continue
        if name in _SECRETS:
            old, new = (SECRET if old else None), (SECRET if new else None)
        label = name.removesuffix("_id") if name in _references(state.mapper) else name
        if old is not None:
            change.before[label] = _plain(session, state.mapper, name, change.company_id, old)
        if new is not None:
            change.after[label] = _plain(session, state.mapper, name, change.company_id, new)


def _references(mapper: Any) -> dict[str, type]:
    """Return the columns that refer to a row with a name, and the model of that row."""
    return {
        f"{name}_id": relation.mapper.class_
        for name, relation in mapper.relationships.items()
        if f"{name}_id" in mapper.columns and hasattr(relation.mapper.class_, "name")
    }


def _plain(session: Session, mapper: Any, name: str, company_id: int, value: Any) -> Any:
    target = _references(mapper).get(name)
    if target is not None:
        return name_of(session, target, company_id, value)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def name_of(session: Session, model: Any, company_id: int, identifier: uuid.UUID) -> str:
    found = session.scalar(
        select(model.name).where(model.company_id == company_id, model.id == identifier)
    )
    return found or str(identifier)


def _membership(session: Session, row: Any, action: str) -> Change | None:
    """Tell a row of a link table as a change of what it links to: names in, names out."""
    if isinstance(row, ProjectLink):
        whole, identifier = Project, row.project_id
        part, label = _linked(row)
    elif isinstance(row, GroupUser):
        whole, identifier, part, label = Group, row.group_id, (User, row.user_id), "users"
    elif isinstance(row, RolePermission):
        name = name_of(session, Role, row.company_id, row.role_id)
        change = Change(row.company_id, "role", row.role_id, name, "changed", Role)
        (change.before if action == "deleted" else change.after)["permissions"] = [row.permission]
        return change
    else:
        return None
    name = name_of(session, whole, row.company_id, identifier)
    change = Change(row.company_id, kind_of(whole), identifier, name, "changed", whole)
    side = change.before if action == "deleted" else change.after
    side[label] = [name_of(session, part[0], row.company_id, part[1])]
    return change


def _linked(row: Any) -> tuple[tuple[type, uuid.UUID], str]:
    if isinstance(row, ProjectUser):
        return (User, row.user_id), "users"
    if isinstance(row, ProjectGroup):
        return (Group, row.group_id), "groups"
    target: type[ProjectShared] = type(row).target
    return (target, row.object_id), target.__tablename__
