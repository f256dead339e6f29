"""Turning what was sent into evidence: what it is, and which lines it has."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, select

from portal.calls.evidence import CallSource
from portal.calls.feeding import feed
from portal.calls.receiving.models import Delivery
from portal.calls.sources.pieces import LARGEST, pieces_of
from portal.extensions import db

AT_ONCE = 200
FROM = "HTTP"


def read(source: CallSource) -> int:
    """Read the oldest of what was sent to a source; return how many. Commits nothing.

    They go in the same transaction in which their lines come: none is lost, none is read twice.
    """
    own = (Delivery.company_id == source.company_id, Delivery.source_id == source.id)
    query = select(Delivery.id, func.length(Delivery.body)).where(*own).order_by(Delivery.id)
    oldest = list(_together(db.session.execute(query.limit(AT_ONCE))))
    query = select(Delivery.id, Delivery.body).where(*own, Delivery.id.in_(oldest))
    found = db.session.execute(query.order_by(Delivery.id)).all()
    lots = [pieces_of(row.body) for row in found]
    for kind, of_kind in groupby((lot for lot in lots if lot), key=lambda lot: lot[0].kind):
        feed(source, kind, FROM, *([piece.raw for piece in lot] for lot in of_kind))
    _forget(source, [row.id for row in found])
    return len(found)


def _together(deliveries: Iterable[Any]) -> Iterator[uuid.UUID]:
    """Yield the first deliveries that are no longer together than one may be, and one at least."""
    total = 0
    for delivery_id, size in deliveries:
        if total and total + size > LARGEST:
            return
        total += size
        yield delivery_id


def _forget(source: CallSource, ids: list[uuid.UUID]) -> None:
    gone = delete(Delivery).where(Delivery.company_id == source.company_id, Delivery.id.in_(ids))
    db.session.execute(gone.execution_options(synchronize_session=False))
