"""What is asked of versions. The wall filters by itself: nothing here names a company."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from portal.extensions import db
from portal.members.models import User
from portal.objects.kind import Kind

MOST = 200


def published(kind: Kind, item: Any) -> list[tuple[Any, str]]:
    """Return the versions of an object, newest first, with who published them."""
    model = _model(kind)
    query = select(model).where(_of(model, item)).order_by(model.number.desc()).limit(MOST)
    versions = list(db.session.scalars(query))
    wanted = {version.published_by_id for version in versions}
    people = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    names: dict[uuid.UUID | None, str] = {row.id: row.name for row in people}
    return [(version, names.get(version.published_by_id, "")) for version in versions]


def newest(kind: Kind, item: Any) -> Any | None:
    """Return the version that works now, if the object was ever published."""
    model = _model(kind)
    query = select(model).where(_of(model, item)).order_by(model.number.desc()).limit(1)
    return db.session.scalars(query).first()


def numbered(kind: Kind, item: Any, number: int) -> Any | None:
    model = _model(kind)
    query = select(model).where(_of(model, item), model.number == number)
    return db.session.scalars(query).first()


def draft_of(kind: Kind, item: Any) -> Any:
    """Return the draft of an object as its content."""
    return kind.content.read(item.draft or {})


def _model(kind: Kind) -> Any:
    return kind.content.model


def _of(model: Any, item: Any) -> Any:
    return getattr(model, f"{model.part_of}_id") == item.id
