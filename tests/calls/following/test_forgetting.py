"""Raw lines go when their time is over; calls stay, and what comes late does not spoil them."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import create_engine, event, func, select, text, update

from portal.calls.evidence import EvidenceLine
from portal.calls.feeding import feed
from portal.calls.forgetting import forget_old_lines
from portal.calls.identifiers import stable_id
from portal.calls.importing import import_files
from portal.calls.models import Call, Visit
from portal.database import new_id
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.test_importing import imported, tables


def left():
    return db.session.scalar(select(func.count(EvidenceLine.id)).where(EvidenceLine.raw != b""))


@contextmanager
def plans(owner_url):
    """Note the plans of the queries that look for lines, as if there were very many."""
    owner = create_engine(owner_url)
    with owner.begin() as statistics:
        statistics.execute(text("ANALYZE"))
    owner.dispose()
    found, connection = [], db.session.connection()
    postgresql = connection.dialect.name == "postgresql"
    explain = "EXPLAIN" if postgresql else "EXPLAIN QUERY PLAN"

    def note(sender, cursor, statement, parameters, *rest):
        if statement.startswith("SELECT evidence_lines.id"):
            other = sender.connection.cursor()
            if postgresql:
                other.execute("SET LOCAL enable_seqscan = off")
                other.execute("SET LOCAL enable_bitmapscan = off")
            other.execute(f"{explain} {statement}", parameters)
            found.append(" ".join(str(row[-1]) for row in other.fetchall()))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_only_what_is_due_is_read(built):
    pbx = imported([LOG])
    pbx.keep_days = 399
    old = {"at": EvidenceLine.at - 400 * 86_400}
    db.session.execute(update(EvidenceLine).where(EvidenceLine.number <= 20).values(**old))
    names = ("company_id", "source_id", "file_id", "run_id")
    line = db.session.scalars(select(EvidenceLine).where(EvidenceLine.number == 1)).one()
    untimed = {name: getattr(line, name) for name in names} | {"raw": b"\xff", "hash": bytes(16)}
    untimed |= {"offset": 0, "verdict": "malformed"}
    for number, key in ((9000, stable_id(1_600_000_000)), (9001, new_id())):
        db.session.add(EvidenceLine(number=number, id=key, **untimed))
    db.session.commit()
    gone = select(EvidenceLine.number).where(EvidenceLine.raw == b"")
    with plans(built.config["OWNER_DATABASE_URI"]) as found:
        assert forget_old_lines() == len(db.session.scalars(gone).all())
        assert forget_old_lines() == 0
    assert set(db.session.scalars(gone)) == {*range(1, 21), 9000}
    used = [plan for name in ("due", "due_untimed") for plan in found if f"lines_{name} " in plan]
    assert len(used) == len(found) == 4


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
    with unscoped("calls come for every project, and for none"):
        feed(pbx, "asterisk_queue_log", "late", [late.encode()])
    db.session.commit()
    assert tables(pbx) == before
    import_files(pbx, [MASTER])
    assert call.native_key in {row.native_key for row in db.session.scalars(select(Call))}
    assert_totals_are_of_the_visits()
