"""What is asked of layouts. The wall filters by itself."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import func, select

from portal.calls.evidence import CallSource, EvidenceFile, ImportRun
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


def source_of(one: ImportRun | CallLayout) -> CallSource:
    return db.session.get_one(CallSource, (one.company_id, one.source_id))


def layouts(source: CallSource) -> Sequence[CallLayout]:
    query = select(CallLayout).where(CallLayout.source_id == source.id)
    return db.session.scalars(query.order_by(CallLayout.name_key, CallLayout.id)).all()


def files_read(source: CallSource) -> Counter[uuid.UUID]:
    """Return how many files were read by each layout of a source, in any of its versions."""
    kind = EvidenceFile.kind
    query = select(kind, func.count()).where(
        EvidenceFile.source_id == source.id, kind.startswith(PREFIX)
    )
    files: Counter[uuid.UUID] = Counter()
    for text, count in db.session.execute(query.group_by(kind)):
        files[layout_in(text)] += count
    return files


def layout_in(kind: str) -> uuid.UUID:
    """Return the id of the layout that a kind of evidence names."""
    return uuid.UUID(kind.removeprefix(PREFIX).partition("-")[0])


def unfinished_runs(source: CallSource) -> Sequence[ImportRun]:
    """Return the imports of a source that may have files which are still to be read."""
    query = select(ImportRun).where(
        ImportRun.source_id == source.id,
        ImportRun.state != "done",
        ImportRun.continuous.is_(False),
    )
    return db.session.scalars(query).all()


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
