"""The other telephone systems of the demo: each is read as what it is, and nothing is at fault."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from portal.calls.evidence import CallSource, EvidenceFile, ImportRun
from portal.calls.models import Call, Visit
from portal.demo import loading
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.demo.test_what_is_shown import NOW, database

__all__ = ["database"]
NAMES = ("Ardelya FreeSWITCH", "Oddział Gdańsk", "Pixie & Oak (hosted exchange)")
KINDS = ("freeswitch_document", "asterisk_queue_log", "layout")


@pytest.fixture
def demo(app, tmp_path):
    app.config["FOLLOW_ROOTS"] = [str(tmp_path)]
    with app.app_context():
        loading.load(NOW, days=1)
        db.session.remove()
        with unscoped("the test looks at the sources of the demo"):
            yield


def test_other_systems_are_read_as_what_they_are(demo):
    sources = {one.name: one for one in db.session.scalars(select(CallSource))}
    sent, followed, exported = (sources[name] for name in NAMES)
    assert [one.error for one in sources.values()] == [""] * len(sources)
    assert (sent.token_hash is not None, sent.last_data_at is not None) == (True, True)
    assert (followed.paths.endswith("queue_log"), followed.last_data_at is not None) == (True, True)
    for source, kind in zip((sent, followed, exported), KINDS, strict=True):
        kinds = db.session.scalars(
            select(EvidenceFile.kind).where(EvidenceFile.source_id == source.id)
        ).all()
        assert [one.partition(":")[0] for one in kinds] == [kind]
        runs = db.session.scalars(select(ImportRun).where(ImportRun.source_id == source.id)).all()
        assert sum(one.lines_malformed + one.lines_unknown for one in runs) == 0
        results = db.session.execute(
            select(Visit.result, func.count())
            .where(Visit.source_id == source.id)
            .group_by(Visit.result)
        )
        counts = dict(results.all())
        assert counts.keys() == {"answered", "abandoned"}
        assert sum(counts.values()) >= 27
        known = Visit.queue_id.is_not(None) & Visit.project_id.is_not(None)
        named = known & (Visit.operator_id.is_not(None) | (Visit.result == "abandoned"))
        assert db.session.scalar(
            select(func.count()).where(Visit.source_id == source.id, named)
        ) == sum(counts.values())
        newest = db.session.scalar(
            select(func.max(Call.started_at)).where(Call.source_id == source.id)
        )
        assert dt.timedelta(0) < NOW - newest < dt.timedelta(days=1)
