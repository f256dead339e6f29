"""A source whose time zone was wrong at first: nothing twice, nothing gone, and the times right."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal import sealing
from portal.calls.evidence import CallSource, EvidenceFile, EvidenceLine
from portal.calls.following.sources import Follower
from portal.calls.operations import create_source
from portal.extensions import db
from portal.jobs import worker
from portal.statuses.models import OperatorStatus
from tests.calls.tables.exchange import CDR, QUEUE_LOG, rows_in, write
from tests.calls.test_importing import tables
from tests.calls.test_intake import SAVE
from tests.factories import building, company

EVENTS = [row for row in rows_in(QUEUE_LOG, "queue_log") if row["time"] > "2026-11-22 16:47"]
# Without ids the zone alone tells when they were.
ROWS = [{**row, "uniqueid": "", "linkedid": ""} for row in rows_in(CDR, "cdr")[:3]]


@pytest.fixture
def admin(app, tmp_path):
    write(write(tmp_path / "pbx.db", "queue_log", EVENTS[:-9]), "cdr", ROWS)
    with building(app):
        return company()


@pytest.fixture
def exchange(app, admin, tmp_path):
    """Return what follows the tables, as a source of a name in a zone."""

    def following(name, zone):
        with building(app, of=admin):
            made = create_source(admin.company_id, name, zone)
            made.database_secret = sealing.sealed(f"sqlite:///{tmp_path / 'pbx.db'}")
            db.session.commit()
            return made.company_id, made.id

    return following


def kept(app, admin, key):
    """Return what was built of a source, and its lines; ``key`` as above."""
    with building(app, of=admin):
        source = db.session.get_one(CallSource, key)
        lines = select(func.count(EvidenceLine.id)).filter_by(source_id=source.id)
        files = select(EvidenceFile.name, EvidenceFile.first_at, EvidenceFile.last_at)
        names = ("agent_raw", "status", "reason", "starts_at", "ends_at", "going_on")
        did = select(*(getattr(OperatorStatus, name) for name in names))
        return {
            **tables(source),
            "statuses": sorted(map(tuple, db.session.execute(did.filter_by(source_id=source.id)))),
            "files": sorted(map(tuple, db.session.execute(files.filter_by(source_id=source.id)))),
            "lines": db.session.scalar(lines),
        }


def of_same_words(found):
    """Leave out since when each word is known: what was seen at a wrong time was seen."""
    return {**found, "words": len(found["words"])}


def look(app, key):
    with app.app_context():  # as a worker that has seen nothing
        follower = Follower(*key)
        follower.look()
        assert follower.tables
        follower.tables.close()


def test_another_zone_doubles_and_loses_nothing(app, admin, visitor, exchange, tmp_path):
    wrong, right = exchange("wrong", "Asia/Kolkata"), exchange("right", "UTC")
    for key in (wrong, right):
        look(app, key)
    before = kept(app, admin, wrong)
    assert before["lines"] == len(EVENTS) - 9 + len(ROWS)
    assert before["statuses"]
    edit = visitor(admin.email).get(f"/calls/sources/{wrong[1]}/edit")
    page = edit.submit(SAVE, {"Time zone": "UTC"})
    assert "wrong saved." in page.text
    look(app, wrong)  # before what is there has been read again
    assert kept(app, admin, wrong)["lines"] == before["lines"]
    worker.run_waiting(app)
    assert of_same_words(kept(app, admin, wrong)) == of_same_words(kept(app, admin, right))
    write(tmp_path / "pbx.db", "queue_log", EVENTS[-9:])
    for key in (wrong, right):
        look(app, key)
    after = kept(app, admin, wrong)
    assert after["lines"] > before["lines"]
    assert of_same_words(after) == of_same_words(kept(app, admin, right))
