"""Saving the panel: one request, one transaction, one change of the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.database import ProjectShared
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.projects import moves, together
from portal.projects.models import Project
from portal.projects.operations import hold, refuse_stale, touch
from portal.projects.panel.staged import Staged
from portal.projects.panel.tabs import TABS, Tab
from portal.projects.queries import default_besides
from portal.projects.together import Dependent, DependentsError

# How many steps are tried one by one to find out which of them the database refuses.
_MOST_TRIED = 500


@dataclass(frozen=True)
class Step:
    """One change: what it concerns, and how it is made."""

    thing: Any
    make: Callable[[], None]


@dataclass(frozen=True)
class Done:
    """How many came into the project and how many left it."""

    added: int
    removed: int


def save(project: Project, staged: Staged, *, actor: User) -> Done:
    """Apply all that was staged, or nothing. What is so already is no change.

    So the second of two clicks finds nothing left to do, and is no conflict with the first.
    """
    hold(project)
    plan = _Plan(project, staged, actor)
    if not (plan.joining or plan.moving or plan.leaving):
        return Done(0, 0)
    refuse_stale(project, staged.version)
    if project.archived_at:
        raise RefusedError(_("This project is archived. Restore it first."))
    plan.take_along()
    _make(plan.joining)
    for target, items in plan.by_target():
        together.refuse_missing(items, target)
    _make(plan.moving, plan.by_target())
    _make(plan.leaving)
    if staged.history is moves.History.MOVES:
        for item, target in plan.moved:
            moves.take_history(item, target)
    touch(project)
    for other in plan.touched:
        touch(other)
    return Done(plan.added, plan.removed)


class _Plan:
    """What is left to do: first what joins, then what moves, then what leaves."""

    def __init__(self, project: Project, staged: Staged, actor: User) -> None:
        self.project, self.staged, self.actor = project, staged, actor
        self.joining: list[Step] = []
        self.moving: list[Step] = []
        self.leaving: list[Step] = []
        self.moved: list[tuple[Any, Project]] = []
        self.unlinked: list[Any] = []
        self.touched: set[Project] = set()
        self.default = default_besides(project)
        for tab in staged.touched:
            added = staged.things(tab, staged.add[tab.slug])
            removed = staged.things(tab, staged.remove[tab.slug])
            if tab.owned:
                self._move([x for x in added if x.project_id != project.id], project)
                self._move_out([x for x in removed if x.project_id == project.id])
            else:
                self._link(tab, added, removed)
        self._joined, self._left = len(self.joining), len(self.leaving)
        self._leave_default()

    @property
    def added(self) -> int:
        return self._joined + sum(target is self.project for _, target in self.moved)

    @property
    def removed(self) -> int:
        return self._left + sum(target is not self.project for _, target in self.moved)

    def by_target(self) -> list[tuple[Project, list[Any]]]:
        """Return what moves into each project: into this one, and out of it into Default."""
        targets = [one for one in (self.project, self.default) if one is not None]
        return [(one, [item for item, to in self.moved if to is one]) for one in targets]

    def take_along(self) -> None:
        """Move what depends on the things that move or leave, where that was asked; else refuse.

        What uses a shared thing that leaves goes into Default together with it.
        """
        found: list[Dependent] = []
        for target in (self.project, self.default):
            moving = [item for item, to in self.moved if to is target]
            leaving = [] if target is self.project else [(x, self.project) for x in self.unlinked]
            more = together.dependents(moving, leaving)
            found += more
            if target is None and more:
                raise _dependents(more, offered=False)
            if self.staged.along and target is not None:
                self._move_along(more, target)
        if found and not self.staged.along:
            raise _dependents(found)

    def _move_along(self, found: list[Dependent], target: Project) -> None:
        used = {(type(one.other), one.other.id): one.other for one in found if one.uses}
        for thing in [x for x in self.unlinked if (type(x), x.id) in used]:
            link = type(thing).Link
            key = {"company_id": target.company_id, "project_id": target.id}
            inside = select(link.object_id).where(
                link.project_id == target.id, link.object_id == thing.id
            )
            if db.session.scalar(inside) is None:
                adding = _adding(link, {**key, "object_id": thing.id})
                self.joining.append(Step(thing, adding))
        by_model: dict[Any, list[Any]] = {}
        for one in found:
            by_model.setdefault(type(one.item), []).append(one.item)
        for items in by_model.values():
            self._move(items, target)

    def _link(self, tab: Tab, added: list[Any], removed: list[Any]) -> None:
        now = _memberships(tab, self.project)
        key = {"company_id": self.project.company_id, "project_id": self.project.id}
        for thing in added:
            if thing.id not in now:
                values = {**key, tab.column: thing.id}
                self.joining.append(Step(thing, _adding(tab.link, values)))
        self.leaving += [Step(x, _deleting(now[x.id])) for x in removed if x.id in now]
        if issubclass(tab.model, ProjectShared):
            self.unlinked += [x for x in removed if x.id in now]

    def _move(self, items: list[Any], target: Project) -> None:
        moves.refuse_taken(items, target)
        for item in items:
            self.moving.append(Step(item, _moving(item, target, self.actor)))
            self.moved.append((item, target))

    def _move_out(self, items: list[Any]) -> None:
        """What is always in one project does not only leave: it goes into Default."""
        if items and self.default is None:
            name = items[0].name
            message = _("%(name)s is always in a project: add it to the other one.", name=name)
            raise RefusedError(message)
        if items and self.default:
            self._move(items, self.default)

    def _leave_default(self) -> None:
        """Take those who were just added out of Default, where that was asked (F12)."""
        leaving = self.staged.leave_default & self.staged.add["users"]
        if not leaving or self.default is None:
            return
        now = _memberships(TABS["users"], self.default)
        people = self.staged.things(TABS["users"], frozenset(leaving & now.keys()))
        self.leaving += [Step(person, _deleting(now[person.id])) for person in people]
        if people:
            self.touched.add(self.default)


def _memberships(tab: Tab, project: Project) -> dict[Any, Any]:
    rows = db.session.scalars(select(tab.link).where(tab.link.project_id == project.id))
    return {getattr(row, tab.column): row for row in rows}


def _dependents(found: list[Dependent], *, offered: bool = True) -> DependentsError:
    message = (
        _("Other things depend on what you move or take out.")
        if offered
        else _("Other things of the project use what you take out: take them out first.")
    )
    return DependentsError(message, found, offered=offered)


def _adding(link: Any, values: dict[str, Any]) -> Callable[[], None]:
    return lambda: db.session.add(link(**values))


def _deleting(row: Any) -> Callable[[], None]:
    return lambda: db.session.delete(row)


def _moving(item: Any, target: Project, actor: User) -> Callable[[], None]:
    return lambda: moves.move(item, target, actor=actor)


def _make(steps: list[Step], moved: Sequence[tuple[Project, list[Any]]] = ()) -> None:
    """Make the steps; what the database refuses, because something uses it, is named.

    ``moved``: what the steps move, by its new project; its parts follow, and references settle
    only when all of it is there.
    """
    if not steps:
        return
    try:
        with db.session.begin_nested():
            if moved:
                together.defer()
            for step in steps:
                step.make()
            db.session.flush()
            for target, items in moved:
                together.move_parts(items, target)
            if moved:
                together.settle()
    except IntegrityError as error:
        message = _("%(name)s is used by another object of its project.", name=_culprit(steps))
        raise RefusedError(message) from error


def _culprit(steps: list[Step]) -> str:
    """Try the steps one by one, undo them all, and return the name of what is in the way."""
    attempt = db.session.begin_nested()
    try:
        for step in steps[:_MOST_TRIED]:
            try:
                with db.session.begin_nested():
                    step.make()
                    db.session.flush()
            except IntegrityError:
                return step.thing.name
    finally:
        attempt.rollback()
    return ", ".join(step.thing.name for step in steps[:3])
