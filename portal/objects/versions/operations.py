"""Drafting and publishing: a draft is replaced as a whole, a version is added and stays."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.audit import trail
from portal.database import utcnow
from portal.errors import ConflictError, RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects.kind import Kind
from portal.objects.versions import queries
from portal.objects.versions.content import Content


class UnfitError(RefusedError):
    """The draft cannot be published; ``problems`` says why, a sentence for each place."""

    def __init__(self, problems: list[str]) -> None:
        message = ngettext(
            "%(num)s thing has to be put right first.",
            "%(num)s things have to be put right first.",
            len(problems),
        )
        super().__init__(message)
        self.problems = problems


def save(kind: Kind, item: Any, content: Content, *, state: int, actor: User) -> None:
    """Put ``content`` in place of the draft that had the ``state``."""
    _refuse_stale(item, state)
    plain = content.plain()
    if plain == item.draft:
        return
    item.draft = plain
    item.draft_state += 1
    item.changed_at, item.changed_by_id = utcnow(), actor.id
    db.session.flush()
    _note_uses(kind, item)
    _tell(item, "drafted")


def publish(kind: Kind, item: Any, *, state: int, actor: User) -> Any:
    """Make the draft the next version; asked twice for the same, there is one."""
    _refuse_stale(item, state)
    content = queries.draft_of(kind, item)
    problems = kind.content.check(item, content)
    if problems:
        raise UnfitError(problems)
    plain, newest = content.plain(), queries.newest(kind, item)
    if newest is not None and newest.content == plain:
        return newest
    model = kind.content.model
    version = model(
        company_id=item.company_id,
        project_id=item.project_id,
        number=newest.number + 1 if newest else 1,
        content=plain,
        published_by_id=actor.id,
        **{f"{model.part_of}_id": item.id},
    )
    db.session.add(version)
    db.session.flush()
    _note_uses(kind, item)
    _tell(item, "published", {"version": version.number})
    return version


def take_up(kind: Kind, item: Any, version: Any, *, state: int, actor: User) -> None:
    """Go on drafting from what was published once."""
    save(kind, item, kind.content.read(version.content), state=state, actor=actor)


def _refuse_stale(item: Any, state: int) -> None:
    if item.draft_state != state:
        raise ConflictError(_("Somebody else has changed this meanwhile."), theirs=item)


def _note_uses(kind: Kind, item: Any) -> None:
    if kind.content.uses is None:
        return
    newest = queries.newest(kind, item)
    works = [kind.content.read(newest.content)] if newest else []
    kind.content.uses(item, [queries.draft_of(kind, item), *works])


def _tell(item: Any, action: str, detail: dict[str, Any] | None = None) -> None:
    trail.record(
        action,
        kind=item.kind,
        object_id=item.id,
        object_name=item.name,
        project_ids=[item.project_id],
        detail=detail,
    )
