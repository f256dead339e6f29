"""What is asked of layouts. The wall filters by itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import select

from portal.calls.evidence import CallSource, ImportRun
from portal.calls.layouts.models import CallLayout
from portal.calls.layouts.settings import PREFIX, Settings
from portal.calls.sources.cells import clean
from portal.calls.sources.layout import TableFormat
from portal.database import name_key
from portal.extensions import db


@lru_cache(maxsize=256)
def format_of(kind: str) -> TableFormat:
    """Return the format that a kind of evidence names; a version never changes, once kept."""
    layout_id, _dash, version = kind.removeprefix(PREFIX).partition("-")
    query = select(CallLayout).where(CallLayout.id == uuid.UUID(layout_id))
    layout = db.session.scalars(query).one()
    return TableFormat(layout_id, int(version), Settings.of(layout.versions[int(version) - 1]))


def source_of(run: ImportRun) -> CallSource:
    return db.session.get_one(CallSource, (run.company_id, run.source_id))


def layouts(source: CallSource) -> Sequence[CallLayout]:
    query = select(CallLayout).where(CallLayout.source_id == source.id)
    return db.session.scalars(query.order_by(CallLayout.name_key, CallLayout.id)).all()


def of_id(source: CallSource, text: str) -> CallLayout | None:
    """Return a layout of a source by an id that somebody sent."""
    return next((one for one in layouts(source) if str(one.id) == text), None)


def named(source: CallSource, name: str) -> CallLayout | None:
    return next((one for one in layouts(source) if one.name_key == name_key(name)), None)


def fits(layout: CallLayout, first: Sequence[str]) -> bool:
    """Tell by its first row, the header or its width, whether a table is of a layout."""
    settings = layout.current
    if settings.header is None:
        return settings.width == len(first)
    return settings.header == tuple(map(clean, first))
