"""Raw lines go when their time is over; calls stay, and what comes late does not spoil them."""

from __future__ import annotations

from sqlalchemy import func, select, update

from portal.calls.evidence import EvidenceLine
from portal.calls.feeding import feed
from portal.calls.forgetting import forget_old_lines
from portal.calls.importing import import_files
from portal.calls.models import Call, Visit
from portal.extensions import db
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.test_importing import imported, tables


def left():
    return db.session.scalar(select(func.count(EvidenceLine.id)).where(EvidenceLine.raw != b""))


def test_old_lines_go_and_their_calls_stay(built):
    pbx = imported([OLD_LOG, LOG, MASTER])
    before, lines = tables(pbx), left()
    pbx.keep_days = 36_500
    db.session.commit()
    assert forget_old_lines() == 0
    db.session.execute(update(EvidenceLine).values(at=EvidenceLine.at - 400 * 86_400))
    pbx.keep_days = 399
    db.session.commit()
    while forget_old_lines():
        pass
    assert left() < lines / 5, "only what operators did between calls stays"
    assert tables(pbx) == before


def test_what_comes_late_spoils_no_call_whose_lines_are_gone(built):
    pbx = imported([OLD_LOG, LOG])
    visit = db.session.scalars(select(Visit).where(Visit.result == "answered").limit(1)).one()
    call = db.session.get_one(Call, (visit.company_id, visit.call_id))
    gone = update(EvidenceLine).where(EvidenceLine.thread == call.native_key).values(raw=b"")
    db.session.execute(gone)
    db.session.commit()
    before = tables(pbx)
    late = f"{int(visit.started_at.timestamp())}|{call.native_key}|other|NONE|ENTERQUEUE||1|1"
    feed(pbx, "asterisk_queue_log", "late", [late.encode()])
    db.session.commit()
    assert tables(pbx) == before
    import_files(pbx, [MASTER])
    assert call.native_key in {row.native_key for row in db.session.scalars(select(Call))}
    assert_totals_are_of_the_visits()
