"""Whether anything has changed in the calls one sees: cheap enough for every few seconds."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped

from portal.calls.identifiers import stable_id
from portal.calls.stamping import Row
from portal.database import MaybeOwned, insert_for
from portal.extensions import db


class Pulse(MaybeOwned, db.Model):
    """How often visits of one project, or of none, have changed."""

    __tablename__ = "call_pulses"
    __audit__ = False  # follows from the calls

    beats: Mapped[int]


def beat(company_id: int, changed: Iterable[Row]) -> None:
    """Count one change in every project that had or has one of the visits that changed."""
    rows = [_row(company_id, project_id) for project_id in {row["project_id"] for row in changed}]
    if rows:
        rows.sort(key=lambda row: row["id"].bytes)  # two imports then wait for each other in turn
        db.session.execute(_upsert(), rows)


def mark() -> str:
    """Return a text that is another one as soon as something has changed in what one sees."""
    return str(db.session.scalar(select(func.sum(Pulse.beats)).select_from(Pulse)) or 0)


def _row(company_id: int, project_id: uuid.UUID | None) -> Row:
    name = project_id.hex if project_id else "none"
    pulse_id = stable_id(0, "pulse", str(company_id), name)
    return {"company_id": company_id, "id": pulse_id, "project_id": project_id, "beats": 1}


def _upsert() -> Any:
    return (
        insert_for(db.engine.dialect.name, Pulse)
        .on_conflict_do_update(index_elements=["company_id", "id"], set_={"beats": Pulse.beats + 1})
        .execution_options(render_nulls=True)
    )
