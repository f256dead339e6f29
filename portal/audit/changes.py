"""What a flush changed, told as changes of things that people know.

Nothing is read from the database here: a flush is under way. Rows that are referred to stand as
:class:`Named` until :mod:`portal.audit.entries` asks for their names.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState, Mapper, UOWTransaction

from portal.audit.values import is_secret
from portal.database import Base, CompanyRoot, CompanyRow, ProjectLink, SharedPart
from portal.members.models import Group, GroupUser, Role, RolePermission, User
from portal.projects.models import Project, ProjectGroup, ProjectUser

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
SECRET = {"secret": True}

# Columns that say nothing to people: keys, versions, and who changed what when (the entry says it).
_SILENT = {
    "company_id", "id", "project_id", "name_key", "email_key", "search_key", "version",
    "created_at", "created_by_id", "changed_at", "changed_by_id", "last_sign_in_at",
    "totp_last_step", "first_seen_at", "last_seen_at", "versions",
}  # fmt: skip

# Moments that are the meaning of a change: what it is called when they are set, and when taken out.
_MEANINGS = {
    "locked_at": ("locked", "unlocked"),
    "archived_at": ("archived", "restored"),
    "invited_at": ("invited", CHANGED),
}


class Named(NamedTuple):
    """A row that is called by its name."""

    model: type
    id: uuid.UUID


@dataclass
class Change:
    """What happened to one thing in one transaction.

    ``members``: field → member → +1 for added, -1 for removed. ``projects``: the project of an
    owned thing before and after. ``name`` is empty as long as nobody has looked it up. ``parts``:
    what a row about several shared things is about; it is told as a change of the first of them.
    """

    company_id: int
    thing: Named
    action: str
    name: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    members: dict[str, dict[Named | str, int]] = field(default_factory=dict)
    projects: tuple[uuid.UUID | None, uuid.UUID | None] = (None, None)
    parts: tuple[Named, ...] = ()

    @property
    def kind(self) -> str:
        return kind_of(self.thing.model)

    @property
    def moved(self) -> bool:
        return self.projects[0] != self.projects[1]

    @property
    def empty(self) -> bool:
        return self.action == CHANGED and not (
            self.before or self.after or self.moved or any(self.members.values())
        )

    def absorb(self, later: Change) -> None:
        """Take in what happened to the same thing later in the same transaction."""
        if self.action == CREATED and later.action == DELETED:
            self.action, self.before, self.after, self.members = CHANGED, {}, {}, {}
            self.projects = (None, None)
            return
        if self.action == DELETED and later.action == CREATED:  # taken out and put in again
            self.action = CHANGED
        elif self.action == CHANGED or later.action == DELETED:
            self.action = later.action
        self.name = later.name or self.name
        if later.projects != (None, None):
            first = self.projects[0] if self.projects != (None, None) else later.projects[0]
            self.projects = (first, later.projects[1])
        for name in {*later.before, *later.after}:
            known = name in self.before or name in self.after
            if not known and name in later.before and self.action != CREATED:
                self.before[name] = later.before[name]
            self.after.pop(name, None)
            if name in later.after:
                self.after[name] = later.after[name]
            if self.before.get(name) == self.after.get(name) != SECRET:
                self.before.pop(name, None)
                self.after.pop(name, None)
        for label, members in later.members.items():
            mine = self.members.setdefault(label, {})
            for member, way in members.items():
                mine[member] = mine.get(member, 0) + way
                if mine[member] == 0:
                    del mine[member]


@cache
def kind_of(cls: Any) -> str:
    """Return what a model is called in the trail: 'queue', 'user', 'call_source'."""
    kind = getattr(cls, "kind", None)
    return kind if isinstance(kind, str) else re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


def identifier_of(thing: Any) -> uuid.UUID:
    """Return the id of a thing; a company's number as one."""
    return uuid.UUID(int=thing.id) if isinstance(thing.id, int) else thing.id


def is_told(cls: type) -> bool:
    ours = getattr(cls, "metadata", None) is Base.metadata
    return ours and issubclass(cls, (CompanyRow, CompanyRoot)) and getattr(cls, "__audit__", True)


def changes(context: UOWTransaction) -> Iterator[Change]:
    """Yield what a flush wrote, orphans and cascades included."""
    for state, (deleted, listed_only) in context.states.items():
        thing = state.obj()
        if listed_only or thing is None or not is_told(type(thing)):
            continue
        action = DELETED if deleted else CREATED if state.key is None else CHANGED
        change = _membership(thing, action) if _is_membership(thing) else _change(state, action)
        if change is not None and not change.empty:
            yield change


def merged(found: Iterable[Change]) -> list[Change]:
    """Return one change for each thing, in the order in which the things were first touched."""
    things: dict[tuple[int, Named], Change] = {}
    for change in found:
        key = (change.company_id, change.thing)
        if key in things:
            things[key].absorb(change)
        else:
            things[key] = change
    return [change for change in things.values() if not change.empty]


def _change(state: InstanceState[Any], action: str) -> Change:
    thing: Any = state.obj()
    company_id = thing.id if isinstance(thing.id, int) else thing.company_id
    # Loaded values only: a flush is no time to load any.
    if named_by := getattr(thing, "audit_name", None):
        name = named_by(state.dict)
    else:
        name = next(filter(None, map(state.dict.get, ("name", "raw"))), "")
    named = Named(type(thing), identifier_of(thing))
    change = Change(company_id, named, action, str(name))
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        if attribute.key not in _SILENT and getattr(column, "info", {}).get("audit", True):
            _field(state, attribute.key, change)
    if isinstance(thing, SharedPart):
        change.parts = tuple(_named_parts(thing))
    if "project_id" in state.mapper.columns:
        change.projects = _sides(state, "project_id", action, kept=True)
        if action != CHANGED:
            change.projects = (thing.project_id, thing.project_id)
    return change


def _named_parts(thing: SharedPart) -> Iterator[Named]:
    relations = inspect(type(thing)).relationships
    for part in thing.parts:
        yield Named(relations[part].mapper.class_, getattr(thing, f"{part}_id"))


def _field(state: InstanceState[Any], key: str, change: Change) -> None:
    old, new = _sides(state, key, change.action)
    if old == new or (_nothing(old) and _nothing(new)):
        return
    if change.action != CHANGED:
        whole = new if change.action == CREATED else old
        if _is_left_alone(state.mapper, key, whole):
            return
    if key in _MEANINGS:
        if change.action == CHANGED:
            change.action = _MEANINGS[key][_nothing(new)]
        return
    label, target = _reference(state.mapper, key)
    label = getattr(state.mapper.columns[key], "info", {}).get("audit_as", label)
    if is_secret(key):
        old, new = (value if _nothing(value) else SECRET for value in (old, new))
    elif target is not None:
        old, new = (value if _nothing(value) else Named(target, value) for value in (old, new))
    if not _nothing(old):
        change.before[label] = old
    if not _nothing(new):
        change.after[label] = new


def _is_left_alone(mapper: Mapper[Any], key: str, value: Any) -> bool:
    """Tell whether a value of a new or a deleted thing is not worth telling: nobody chose it."""
    return value in ([], {}) or value == _default(mapper, key)


@cache
def _default(mapper: Mapper[Any], key: str) -> Any:
    """Return the value that a thing has unless somebody chooses; None for what is always told."""
    default: Any = mapper.columns[key].default
    kept = default.arg if default is not None and default.is_scalar else False
    return None if kept is True else kept


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value == "")


def _sides(
    state: InstanceState[Any], key: str, action: str, *, kept: bool = False
) -> tuple[Any, Any]:
    """Return the old and the new value; of what stayed the same nothing, or with ``kept`` it."""
    value = state.dict.get(key)
    if action == CREATED:
        return None, value
    if action == DELETED:
        return value, None
    history = state.attrs[key].history
    if not history.has_changes():
        return (value, value) if kept else (None, None)
    return (
        history.deleted[0] if history.deleted else None,
        history.added[0] if history.added else None,
    )


@cache
def _reference(mapper: Mapper[Any], key: str) -> tuple[str, type | None]:
    """Return what a column is called, and the model of the named row that it refers to."""
    name = key.removesuffix("_id")
    relation = mapper.relationships.get(name) if name != key else None
    if relation is None or not hasattr(relation.mapper.class_, "name"):
        return key, None
    return name, relation.mapper.class_


def _is_membership(row: Any) -> bool:
    return isinstance(row, (ProjectLink, GroupUser, RolePermission)) or hasattr(row, "told_as")


def _membership(row: Any, action: str) -> Change | None:
    """Tell a row of a link table as a change of what it links to."""
    if action == CHANGED:
        return None
    whole, label, member = _parts_of(row)
    ways = {member: 1 if action == CREATED else -1}
    project = row.project_id if hasattr(row, "told_as") else None
    members = {label: ways}
    return Change(row.company_id, whole, CHANGED, members=members, projects=(project, project))


def _parts_of(row: Any) -> tuple[Named, str, Named | str]:
    """Return whose member a row makes, what its members are called, and the member.

    A link within a project says so itself: by ``told_as`` it names its references to both.
    """
    if hasattr(row, "told_as"):
        whole, label, member = row.told_as
        return _named(row, whole), label, _named(row, member)
    if isinstance(row, RolePermission):
        return Named(Role, row.role_id), "permissions", row.permission
    if isinstance(row, GroupUser):
        return Named(Group, row.group_id), "users", Named(User, row.user_id)
    project = Named(Project, row.project_id)
    if isinstance(row, ProjectUser):
        return project, "users", Named(User, row.user_id)
    if isinstance(row, ProjectGroup):
        return project, "groups", Named(Group, row.group_id)
    target = type(row).target  # type: ignore[attr-defined]  # the model that has this link
    return project, target.__tablename__, Named(target, row.object_id)


def _named(row: Any, reference: str) -> Named:
    model = inspect(type(row)).relationships[reference].mapper.class_
    return Named(model, getattr(row, f"{reference}_id"))


def load_what_goes(things: Iterable[Any]) -> None:
    """Load what is not loaded of things that are about to be deleted, so that it can be told."""
    for thing in things:
        if is_told(type(thing)):
            state = inspect(thing)
            for key in state.unloaded & {one.key for one in state.mapper.column_attrs}:
                getattr(thing, key)
