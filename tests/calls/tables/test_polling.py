"""From the tables of an exchange to the calls of the portal, on both databases."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from portal.calls.evidence import EvidenceFile, EvidenceLine
from portal.calls.feeding import run_of_today
from portal.calls.following.polling import take
from portal.calls.following.tables import Tables
from portal.calls.importing import import_files
from portal.errors import RefusedError
from portal.extensions import db
from tests import databases
from tests.calls.logs import MASTER, UTC
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.tables.exchange import CDR, QUEUE_LOG, rows_in, write
from tests.calls.test_importing import assert_counts_add_up, tables

ROWS, EVENTS = rows_in(CDR, "cdr"), rows_in(QUEUE_LOG, "queue_log")


def follower(path):
    return Tables(f"sqlite:///{path}", 3600, UTC)


def verdicts(source):
    query = select(EvidenceLine.verdict).where(EvidenceLine.source_id == source.id)
    return Counter(db.session.scalars(query))


def test_tables_that_grow_make_the_calls_that_their_files_make(source, tmp_path):
    path = write(tmp_path / "pbx.db", "cdr", ROWS[:200])
    write(path, "queue_log", EVENTS[:350])
    exchange = follower(path)
    assert take(exchange, source)
    assert not take(exchange, source)
    write(path, "cdr", ROWS[200:])
    write(path, "queue_log", EVENTS[350:])
    assert take(exchange, source)
    assert not take(exchange, source)
    exchange.close()
    before, kept = tables(source), verdicts(source)
    assert sum(kept.values()) < len(ROWS) + len(EVENTS) + 60  # a second is told whole
    positions = db.session.execute(select(EvidenceFile.name, EvidenceFile.position)).all()
    assert dict(map(tuple, positions)) == {
        "cdr": "2026-11-22 16:48:38",
        "queue_log": "2026-11-22 16:48:41",
    }
    assert len(before["calls"]) == 232

    again = follower(path)  # a worker that was killed begins anew
    take(again, source)
    again.close()
    assert (tables(source), verdicts(source)) == (before, kept)
    import_files(source, [MASTER])
    assert tables(source) == before
    assert verdicts(source)["duplicate"] - kept["duplicate"] == len(ROWS)
    assert_counts_add_up(run_of_today(source))
    assert_totals_are_of_the_visits()


def test_a_batch_that_fails_is_read_again(source, tmp_path, monkeypatch):
    path = write(tmp_path / "pbx.db", "cdr", ROWS[:5])
    exchange = follower(path)
    with monkeypatch.context() as patched:
        patched.setattr("portal.calls.following.polling.feed", lambda *a, **b: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(exchange, source)
    db.session.rollback()
    assert take(exchange, source)
    exchange.close()
    assert verdicts(source) == {"ok": 5}


@pytest.mark.parametrize("zoned", [False, True])
def test_tables_on_postgresql_are_read_and_only_read(stores, zoned):
    """With times that know their zone, and with such that do not."""
    database = stores.database("postgresql")
    url = database.owner_url
    owner = sa.create_engine(url)
    kind = sa.DateTime(timezone=zoned)
    meta = sa.MetaData()
    names = [name for name in ROWS[0] if name not in ("calldate", "AcctId")]
    cdr = sa.Table(
        "cdr", meta, sa.Column("calldate", kind), *(sa.Column(name, sa.Text) for name in names)
    )
    events = sa.Table("queue_log", meta, *(sa.Column(name, sa.Text) for name in EVENTS[0]))
    tables = Tables(url, 3600, UTC)
    try:
        meta.create_all(owner)
        with owner.begin() as connection:
            for row in ROWS[:20]:
                at = dt.datetime.fromisoformat(row["calldate"])
                at = at.replace(tzinfo=dt.UTC) if zoned else at
                values = {name: row[name] for name in names} | {"calldate": at}
                connection.execute(cdr.insert().values(**values))
            text = [{name: str(value) for name, value in row.items()} for row in EVENTS[:30]]
            connection.execute(events.insert(), text)
        found = list(tables.new({}))
        assert [(batch.table, len(batch.rows)) for batch in found] == [
            ("cdr", 20),
            ("queue_log", 30),
        ]
        positions = {batch.table: batch.position for batch in found}
        assert positions["cdr"] == "2026-11-22 16:38:18" + "+00:00" * zoned
        assert list(tables.new(positions)) == []
        with owner.begin() as connection:
            connection.execute(events.insert(), [{**text[0], "id": "9", "agent": "late"}])
        assert sum(len(batch.rows) for batch in tables.new(positions)) > 0
        with pytest.raises(sa.exc.InternalError), tables._engine.connect() as connection:
            connection.execute(sa.text("DELETE FROM cdr"))
        stranger = Tables(database.url, 3600, UTC)
        with owner.begin() as connection:
            connection.execute(sa.text(f"REVOKE ALL ON cdr FROM {databases.APPLICATION}"))
        assert {batch.table for batch in stranger.new({})} == {"queue_log"}
        stranger.close()
        with owner.begin() as connection:
            connection.execute(sa.text("ALTER TABLE cdr DROP COLUMN channel"))
        with pytest.raises(RefusedError, match="channel"):
            list(tables.new(positions))
    finally:
        tables.close()
        meta.drop_all(owner)
        owner.dispose()
