"""Turning what was sent into evidence: what it is, and which lines it has."""

from __future__ import annotations

import uuid
from itertools import groupby

from sqlalchemy import delete, select

from portal.calls.evidence import CallSource
from portal.calls.feeding import feed
from portal.calls.receiving.models import Delivery
from portal.calls.sources.pieces import pieces_of
from portal.extensions import db

AT_ONCE = 200
FROM = "HTTP"


def read(source: CallSource) -> int:
    """Read the oldest of what was sent to a source; return how many. Commits nothing.

    They go in the same transaction in which their lines come: none is lost, none is read twice.
    """
    query = select(Delivery.id, Delivery.body).where(
        Delivery.company_id == source.company_id, Delivery.source_id == source.id
    )
    found = db.session.execute(query.order_by(Delivery.id).limit(AT_ONCE)).all()
    lots = [pieces_of(row.body) for row in found]
    for kind, of_kind in groupby((lot for lot in lots if lot), key=lambda lot: lot[0].kind):
        feed(source, kind, FROM, *([piece.raw for piece in lot] for lot in of_kind))
    _forget(source, [row.id for row in found])
    return len(found)


def _forget(source: CallSource, ids: list[uuid.UUID]) -> None:
    gone = delete(Delivery).where(Delivery.company_id == source.company_id, Delivery.id.in_(ids))
    db.session.execute(gone.execution_options(synchronize_session=False))
