"""The feed: entries as the changes that people made, one item for each, grouped by day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from markupsafe import Markup
from sqlalchemy import select

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import fields, revertible, sentences
from portal.audit.models import AuditEntry
from portal.crm.models import Case, Contact
from portal.extensions import db
from portal.members.models import Group, Role, User
from portal.objects.registry import KINDS
from portal.projects.models import Project

MOST_PARTS = 20


@dataclass
class Part:
    """What happened to one thing; of a shared thing once, for all projects that may be named."""

    entry: AuditEntry
    projects: list[str]
    action: str
    old: str = ""
    new: str = ""

    @property
    def kind_label(self) -> str:
        return fields.kind_label(self.entry.kind)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return fields.rows(self.entry.before, self.entry.after)

    @property
    def details(self) -> list[str]:
        told = {k: fields.shown(k, v) for k, v in (self.entry.detail or {}).items()}
        return [f"{fields.label(name)}: {value}" for name, value in told.items() if value]

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        entry = self.entry
        who = sentences.who(entry.actor_name)
        return sentences.plain(
            entry.kind, self.action, who=who, name=entry.object_name, old=self.old, new=self.new
        )

    def sentence(self, who: Any, name: Any) -> Markup:
        return sentences.sentence(
            self.entry.kind, self.action, who=who, name=name, old=self.old, new=self.new
        )


@dataclass
class Item:
    """One change: what it was about first, and what else it brought about."""

    parts: list[Part]
    links: dict[uuid.UUID, str] = field(default_factory=dict)

    @property
    def entry(self) -> AuditEntry:
        return self.parts[0].entry

    @property
    def who(self) -> str:
        return sentences.who(self.entry.actor_name)

    @property
    def icon(self) -> tuple[str, str]:
        return sentences.icon_of(self.parts[0].action)

    @property
    def projects(self) -> list[str]:
        return list(dict.fromkeys(name for part in self.parts for name in part.projects))

    @property
    def fields(self) -> int:
        return sum(len(part.rows) for part in self.parts)

    @property
    def revertible(self) -> bool:
        """Whether the viewer may take it back: one change of one thing, which is still there."""
        return (
            len(self.parts) == 1
            and self.entry.object_id in self.links
            and revertible.allowed(self.entry)
        )

    def sentence(self, part: Part) -> Markup:
        entry = part.entry
        url = self.links.get(entry.object_id) if entry.object_id else None
        if url:
            name = Markup('<a href="{}">{}</a>').format(url, entry.object_name)
        else:
            name = Markup("<b>{}</b>").format(entry.object_name)
        return part.sentence(Markup("<b>{}</b>").format(self.who), name)


def alone(entry: AuditEntry) -> Part:
    """Return an entry as it is told by itself."""
    return Part(entry, [], entry.action)


@dataclass(frozen=True)
class Day:
    date: dt.date
    items: list[Item]


def days(entries: list[AuditEntry], names: dict[uuid.UUID, str], timezone: str) -> list[Day]:
    """Return the items of ``entries`` (newest first) by the day on which they were in a zone."""
    links = _links(entries)
    items = [Item(parts, links) for parts in _changes(entries, names)]
    zone = ZoneInfo(timezone)
    by_day = groupby(items, key=lambda item: item.entry.at.astimezone(zone).date())
    return [Day(date, list(found)) for date, found in by_day]


def _changes(entries: list[AuditEntry], names: dict[uuid.UUID, str]) -> Iterator[list[Part]]:
    """Yield the parts of each change, newest first; of a very large one each part by itself."""
    for _change_id, group in groupby(entries, key=lambda entry: entry.change_id):
        parts = _parts(list(group)[::-1], names)
        if len(parts) > MOST_PARTS:  # an import or a bulk change: nobody unfolds hundreds
            yield from ([part] for part in reversed(parts))
        else:
            yield parts


def _parts(entries: list[AuditEntry], names: dict[uuid.UUID, str]) -> list[Part]:
    """Return the parts of a change, in the order of its entries; equal ones only once."""
    parts: list[Part] = []
    for entry in entries:
        name = names.get(entry.project_id) if entry.project_id else None
        mine = [name] if name else []
        twin = next((part for part in parts if _same(part, entry)), None)
        if twin is None:
            parts.append(Part(entry, mine, entry.action))
        elif entry.action == "moved_in":
            twin.old, twin.new = "".join(twin.projects), name or ""
            twin.entry, twin.action = entry, "moved"
            twin.projects += mine
        else:
            twin.projects += mine
    return parts


def _same(part: Part, entry: AuditEntry) -> bool:
    known = part.entry
    if (known.kind, known.object_id) != (entry.kind, entry.object_id) or entry.object_id is None:
        return False
    if (known.action, entry.action) == ("moved_out", "moved_in"):
        return True
    same = (known.action, known.before, known.after) == (entry.action, entry.before, entry.after)
    return same and known.project_id != entry.project_id


# --- links to what is still there and may be opened


def _links(entries: list[AuditEntry]) -> dict[uuid.UUID, str]:
    wanted: dict[str, set[uuid.UUID]] = {}
    for entry in entries:
        if entry.object_id is not None and entry.action not in ("deleted", "moved_out"):
            wanted.setdefault(entry.kind, set()).add(entry.object_id)
    links: dict[uuid.UUID, str] = {}
    for kind, ids in wanted.items():
        known = _PAGES.get(kind)
        slug = next((one.slug for one in KINDS.values() if one.name == kind), None)
        if slug is not None:
            known = (KINDS[slug].model, "objects.edit", "item_id", (Permission.VIEW_OBJECTS,))
        if known is None or not any(map(can, known[3])):
            continue
        model, endpoint, argument, _permissions = known
        values: dict[str, Any] = {} if slug is None else {"kind": KINDS[slug]}
        for identifier in db.session.scalars(select(model.id).where(model.id.in_(ids))):
            links[identifier] = url_for(endpoint, **values, **{argument: identifier})
    return links


_PAGES: dict[str, tuple[Any, str, str, tuple[Permission, ...]]] = {
    "user": (User, "users.edit", "person_id", (Permission.MANAGE_PEOPLE,)),
    "group": (Group, "groups.members", "group_id", (Permission.MANAGE_PEOPLE,)),
    "contact": (Contact, "contacts.show", "contact_id", (Permission.VIEW_CONTACTS,)),
    "case": (Case, "cases.show", "case_id", (Permission.VIEW_CONTACTS,)),
    "role": (Role, "roles.edit", "role_id", (Permission.MANAGE_ROLES,)),
    "project": (
        Project,
        "projects.panel",
        "project_id",
        (Permission.MANAGE_ACCESS, Permission.MANAGE_PROJECTS),
    ),
}
