"""The names of a source and what each of them could mean."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.calls.evidence import CallRule, CallSource, Identity
from portal.calls.intake.queries import unmapped_names
from portal.calls.models import ScenarioStep, Visit
from portal.calls.operations import ALLOWED, MEANT
from portal.calls.stamping import WORDS
from portal.database import name_key
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.objects.kinds.sip_provider import KIND, SipProvider
from portal.projects.models import Project

PAGE = 25
IGNORED = "ignore"
# Where names of a kind stand, and what is one call there.
_COLUMNS: dict[str, Any] = {kind: (getattr(Visit, column), Visit.call_id) for kind, column in WORDS}
_COLUMNS["scenario"] = (ScenarioStep.scenario_raw, ScenarioStep.thread)


@dataclass(frozen=True)
class Filters:
    """Which names are shown; ``after`` is the name that the page begins behind."""

    kind: str
    text: str = ""
    unmapped: bool = False
    suggest: bool = False
    after: str = ""


@dataclass(frozen=True)
class Row:
    """One name; ``choice`` and ``suggestion`` are keys of the choices, '' for none."""

    identity: Identity
    calls: int
    choice: str
    suggestion: str
    suggested: str  # what the suggestion is called


@dataclass
class Choices:
    """What the names of one kind may mean, by key: a queue, a dialer, a person, a project …"""

    groups: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    targets: dict[str, Any] = field(default_factory=dict)
    _by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, group: str, target: Any, label: str) -> None:
        key = key_of(target)
        self.groups[group].append((key, label))
        self.targets[key] = target
        self._by_name[target.name_key].append(key)

    def named(self, raw: str) -> str:
        """Return the key of the only thing of this name; '' for none or several."""
        found = self._by_name.get(name_key(raw), [])
        return found[0] if len(found) == 1 else ""


def key_of(target: Any) -> str:
    """Return the key of a queue, dialer, person or project in the form."""
    return f"{MEANT[type(target)]}:{target.id}"


def choice_of(identity: Identity) -> str:
    """Return the key of what a name means now."""
    for kind in MEANT.values():
        target_id = getattr(identity, f"{kind}_id")
        if target_id is not None:
            return f"{kind}:{target_id}"
    return IGNORED if identity.ignored else ""


def choices(kind: str, *, walled: bool) -> Choices:
    """Return what the viewer may choose for names of a ``kind``; archived projects are left out."""
    found, allowed = Choices(), ALLOWED[kind]
    if "queue" in allowed:
        for queue, project_name in _of_projects(Queue):
            found.add(project_name if walled else "", queue, queue.name)
    if "dialer" in allowed:
        for dialer, project_name in _of_projects(Dialer):
            label = _("%(name)s (dialer)", name=dialer.name)
            found.add(project_name if walled else "", dialer, label)
    if "scenario" in allowed:
        for scenario, project_name in _of_projects(Scenario):
            found.add(project_name if walled else "", scenario, scenario.name)
    if "provider" in allowed:
        providers = select(SipProvider).order_by(SipProvider.search_key, SipProvider.id)
        for provider in db.session.scalars(providers):
            found.add(str(KIND.plural), provider, provider.name)
    if "user" in allowed:
        for user in db.session.scalars(select(User).order_by(User.search_key, User.id)):
            found.add("", user, f"{user.name} ({user.email})")
    if "project" in allowed and walled:
        projects = select(Project).where(Project.archived_at.is_(None))
        for project in db.session.scalars(projects.order_by(Project.name_key, Project.id)):
            found.add("*" if found.groups else "", project, project.name)
    return found


def _of_projects(model: Any) -> Any:
    """Return all queues, dialers or scenarios with the names of their projects, in order."""
    return db.session.execute(
        select(model, Project.name)
        .join(Project, (Project.company_id == model.company_id) & (Project.id == model.project_id))
        .where(Project.archived_at.is_(None))
        .order_by(Project.name_key, Project.id, model.name_key, model.id)
    )


def page(source: CallSource, filters: Filters, offered: Choices) -> tuple[list[Row], bool]:
    """Return the names of one page, and whether more follow."""
    query = _filtered(select(Identity), source, filters)
    if filters.after:
        query = query.where(Identity.raw > filters.after)
    found = list(db.session.scalars(query.order_by(Identity.raw).limit(PAGE + 1)))
    shown = found[:PAGE]
    calls = _calls(source, filters.kind, [identity.raw for identity in shown])
    return [_row(identity, calls, offered) for identity in shown], len(found) > PAGE


def total(source: CallSource, filters: Filters) -> int:
    return db.session.scalar(_filtered(select(func.count(Identity.id)), source, filters)) or 0


def by_id(source: CallSource, identities: list[uuid.UUID]) -> dict[uuid.UUID, Identity]:
    """Return those names of a source that are still there, held for a change."""
    query = select(Identity).where(Identity.source_id == source.id, Identity.id.in_(identities))
    return {one.id: one for one in db.session.scalars(query.with_for_update())}


def label_of(identity: Identity | CallRule) -> str:
    """Return what a name means now, in words; for what is no longer offered."""
    if identity.project_id is not None:
        query = select(Project.name).where(Project.id == identity.project_id)
        return db.session.scalar(query) or ""
    targets = (getattr(identity, name) for name in MEANT.values() if name != "project")
    return next((target.name for target in targets if target), "")


def _row(identity: Identity, calls: dict[str, int], offered: Choices) -> Row:
    choice = choice_of(identity)
    suggestion = "" if choice else offered.named(identity.raw)
    suggested = offered.targets[suggestion].name if suggestion else ""
    return Row(identity, calls.get(identity.raw, 0), choice, suggestion, suggested)


def _filtered(query: Any, source: CallSource, filters: Filters) -> Any:
    query = query.where(Identity.source_id == source.id, Identity.kind == filters.kind)
    if filters.text:
        query = query.where(Identity.raw.icontains(filters.text, autoescape=True))
    if filters.unmapped:
        query = query.where(unmapped_names())
    return query


def _calls(source: CallSource, kind: str, raws: list[str]) -> dict[str, int]:
    """Return how many calls have each of these names."""
    column, call = _COLUMNS[kind]
    query = (
        select(column, func.count(call.distinct()))
        .where(column.class_.source_id == source.id, column.in_(raws))
        .group_by(column)
    )
    return dict(db.session.execute(query).all())
