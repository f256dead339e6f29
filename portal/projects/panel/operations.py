"""Saving the panel: one request, one transaction, one change of the project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.projects import moves
from portal.projects.models import Project
from portal.projects.operations import hold, refuse_stale, touch
from portal.projects.panel.staged import Staged
from portal.projects.panel.tabs import TABS, Tab
from portal.projects.queries import default_besides

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
    for steps in (plan.joining, plan.moving, plan.leaving):
        _make(steps)
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
        self.added = len(self.joining) + sum(target is project for _, target in self.moved)
        self.removed = len(self.leaving) + sum(target is not project for _, target in self.moved)
        self._leave_default()

    def _link(self, tab: Tab, added: list[Any], removed: list[Any]) -> None:
        now = _memberships(tab, self.project)
        key = {"company_id": self.project.company_id, "project_id": self.project.id}
        for thing in added:
            if thing.id not in now:
                values = {**key, tab.column: thing.id}
                self.joining.append(Step(thing, _adding(tab.link, values)))
        self.leaving += [Step(x, _deleting(now[x.id])) for x in removed if x.id in now]

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


def _adding(link: Any, values: dict[str, Any]) -> Callable[[], None]:
    return lambda: db.session.add(link(**values))


def _deleting(row: Any) -> Callable[[], None]:
    return lambda: db.session.delete(row)


def _moving(item: Any, target: Project, actor: User) -> Callable[[], None]:
    return lambda: moves.move(item, target, actor=actor)


def _make(steps: list[Step]) -> None:
    """Make the steps; what the database refuses, because something uses it, is named."""
    if not steps:
        return
    try:
        with db.session.begin_nested():
            for step in steps:
                step.make()
            db.session.flush()
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
