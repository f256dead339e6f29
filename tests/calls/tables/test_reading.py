"""Reading tables as they grow: all of them, nothing twice, nothing written."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.calls.builders import build
from portal.calls.following import tables as reading
from portal.calls.following.addresses import checked, engine_of
from portal.calls.following.tables import Tables
from portal.errors import RefusedError
from tests.calls.logs import UTC
from tests.calls.tables.exchange import CDR, QUEUE_LOG, Reader, rows_in, write

ROWS = rows_in(CDR, "cdr")
EVENTS = rows_in(QUEUE_LOG, "queue_log")
NASTY = [
    "=1+1",
    "<img src=x onerror=alert(1)>",
    'O"Brien \\',
    "a|b,c",
    "İş\u2028ł",
    b"\xff\xfe\x01",
]


@pytest.fixture
def reader(request, tmp_path):
    made = []

    def make(path, **options):
        made.append(Reader(path, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def rows_of(batches):
    return [json.loads(row) for batch in batches for row in batch.rows]


def test_a_table_is_read_once_and_what_comes_late_when_it_comes(reader, tmp_path):
    late = ROWS[40]
    path = write(tmp_path / "pbx.db", "cdr", [row for row in ROWS if row is not late])
    follower = reader(path)
    assert len(rows_of(follower.look())) == len(ROWS) - 1
    assert follower.look() == []
    write(path, "cdr", [late])
    assert late in rows_of(follower.look())
    assert follower.look() == []
    follower.begin_anew()
    assert {row["AcctId"] for row in rows_of(follower.look())} == {row["AcctId"] for row in ROWS}


def test_what_is_older_than_the_overlap_is_found_by_the_long_look(reader, tmp_path, monkeypatch):
    late = min(ROWS, key=lambda row: row["calldate"])
    path = write(tmp_path / "pbx.db", "cdr", [row for row in ROWS if row is not late])
    follower = reader(path, overlap_s=5)
    follower.look()
    write(path, "cdr", [late])
    assert follower.look() == []
    monkeypatch.setattr(reading.time, "monotonic", lambda: 1e9)
    assert late in rows_of(follower.look())


def test_batches_are_bounded_and_no_second_is_cut(reader, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_PAGE", 20)
    follower = reader(write(tmp_path / "pbx.db", "queue_log", EVENTS))
    batches = follower.look()
    assert len(batches) > 30
    assert max(len(batch.rows) for batch in batches) <= 20
    assert {row["id"] for row in rows_of(batches)} == {row["id"] for row in EVENTS}
    seconds = [{row["time"][:19] for row in rows_of([batch])} for batch in batches]
    assert Counter(s for of in seconds for s in of).most_common(1)[0][1] == 1


def test_more_rows_in_one_second_than_a_batch_holds_are_read(reader, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_PAGE", 3)
    same = [{**ROWS[0], "sequence": str(number)} for number in range(50)]
    follower = reader(write(tmp_path / "pbx.db", "cdr", [*same, *ROWS[-5:]]))
    assert len(rows_of(follower.look())) == 55
    assert follower.look() == []


def test_equal_rows_of_a_table_without_a_key_are_as_many_as_there_are(reader, tmp_path):
    bare = {key: ROWS[0][key] for key in ROWS[0] if key not in ("AcctId", "sequence", "linkedid")}
    path = write(tmp_path / "pbx.db", "cdr", [bare, bare])
    follower = reader(path)
    follower.look()
    assert len(follower.records()) == 2
    write(path, "cdr", [bare])
    follower.look()
    assert len(follower.records()) == 3
    follower.begin_anew()
    follower.look()
    assert len(follower.records()) == 3


def test_damaged_times_neither_stop_the_reading_nor_move_it_on(reader, tmp_path):
    damaged = [{**ROWS[0], "calldate": text} for text in ("", "0000-00-00 00:00:00", "9999-12-31")]
    damaged += [{**ROWS[0], "calldate": text} for text in (None, b"\xff", "zzz")]
    path = write(tmp_path / "pbx.db", "cdr", [*damaged, ROWS[1]])
    follower = reader(path)
    assert ROWS[1] in rows_of(follower.look())
    write(path, "cdr", [ROWS[2]])
    assert ROWS[2] in rows_of(follower.look())
    assert follower.look() == []


def test_hostile_words_come_through(reader, tmp_path):
    rows = [{**ROWS[n], "clid": word, "dst": word} for n, word in enumerate(NASTY)]
    follower = reader(write(tmp_path / "pbx.db", "cdr", rows))
    follower.look()
    records = sorted(follower.records(), key=lambda row: row.unique_id)
    told = sorted(rows, key=lambda row: row["uniqueid"])
    shown = {b"\xff\xfe\x01": "\\xff\\xfe\x01"}
    assert {row.destination for row in records} == {shown.get(w, w) for w in NASTY}
    assert len(records) == len(told)


def test_nothing_is_written(tmp_path):
    path = write(tmp_path / "pbx.db", "cdr", ROWS)
    before = hashlib.sha256(path.read_bytes()).digest()
    engine = engine_of(f"sqlite:///{path}")
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
        connection.execute(sa.text("DELETE FROM cdr"))
    engine.dispose()
    follower = Reader(path)
    follower.look()
    follower.close()
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [file.name for file in tmp_path.iterdir()] == ["pbx.db"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("calls", "An address begins with"),
        ("oracle://u:s3cret@h/x", "An address begins with"),
        ("sqlite://", "names no database"),
        ("postgresql://u:s3cret@h/x?options=-c%20x", "may not set options"),
        ("sqlite:////etc/hosts?mode=rwc", "may not set mode"),
        ("sqlite:////nowhere/pbx.db", "unable to open"),
        ("sqlite:////etc/hosts", "not a database"),
        ("postgresql://s3cret:s3cret@127.0.0.1:1/x?sslmode=disable", "Connection refused"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(address, said):
    with pytest.raises(RefusedError) as refused:
        list(Tables(address, 3600, UTC).new({}))
    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_database_without_such_tables_is_named_as_one(tmp_path):
    path = write(tmp_path / "other.db", "cdr", [{"calldate": "2026-11-22 16:00:00", "x": 1}])
    write(path, "users", [{"password": "s3cret"}])
    tables = Tables(f"sqlite:///{path}", 3600, UTC)
    with pytest.raises(RefusedError, match="no table that calls can be read from"):
        list(tables.new({}))
    tables.close()


def test_addresses_get_the_drivers_that_read_them():
    assert {
        url: checked(f"{url}://u:p@h/asteriskcdrdb").drivername
        for url in ("postgres", "postgresql", "mysql", "mariadb", "mysql+mysqldb")
    } == {
        **dict.fromkeys(("postgres", "postgresql"), "postgresql+psycopg"),
        **dict.fromkeys(("mysql", "mariadb", "mysql+mysqldb"), "mysql+pymysql"),
    }


CALLS = {row["uniqueid"] for row in ROWS[100:150]}
OF_CALLS = [("cdr", row) for row in ROWS if row["uniqueid"] in CALLS]
OF_CALLS += [("queue_log", row) for row in EVENTS if row["callid"] in CALLS | {"NONE"}]


def write_all(path, rows):
    for table in ("cdr", "queue_log"):
        write(path, table, [row for name, row in rows if name == table])


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "pbx.db"
    write_all(path, OF_CALLS)
    at_once = Reader(path)
    at_once.look()
    at_once.close()
    return build(at_once.records(), UTC)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), overlap_s=st.integers(0, 7200), chance=st.randoms(use_true_random=False))
def test_however_rows_come_and_polls_fall_the_calls_are_the_same(calls, data, overlap_s, chance):
    """The rows of both tables in any order, looked at now and then, by followers that die."""
    rows = list(OF_CALLS)
    chance.shuffle(rows)
    cuts = data.draw(st.lists(st.integers(1, len(rows) - 1), max_size=4, unique=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pbx.db"
        follower = Reader(path, overlap_s=overlap_s)
        for start, end in pairwise([0, *sorted(cuts), len(rows)]):
            write_all(path, rows[start:end])
            if data.draw(st.booleans()):
                follower.begin_anew()
            follower.look()
        follower.begin_anew()
        follower.look()
        assert follower.look() == []
        assert build(follower.records(), UTC) == calls
        follower.close()
