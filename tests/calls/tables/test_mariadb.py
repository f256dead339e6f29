"""Tables on a real MariaDB, with the columns of FreePBX, where the machine has such a server."""

from __future__ import annotations

import getpass
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.calls.builders import build
from portal.calls.following.tables import Tables
from portal.errors import RefusedError
from tests.calls.logs import UTC
from tests.calls.tables.exchange import CDR, QUEUE_LOG, Reader, rows_in

pytestmark = pytest.mark.skipif(not shutil.which("mariadbd"), reason="there is no MariaDB here")

PASSWORD = "p@ss w/Żółć"
WORD = 'O"Brien \\ İş 😀 <img src=x onerror=alert(1)>'
CALLS = """CREATE TABLE cdr (
    calldate datetime NOT NULL DEFAULT '1000-01-01 00:00:00', clid varchar(80) NOT NULL DEFAULT '',
    src varchar(80) NOT NULL DEFAULT '', dst varchar(80) NOT NULL DEFAULT '',
    dcontext varchar(80) NOT NULL DEFAULT '', channel varchar(80) NOT NULL DEFAULT '',
    dstchannel varchar(80) NOT NULL DEFAULT '', lastapp varchar(80) NOT NULL DEFAULT '',
    lastdata varchar(80) NOT NULL DEFAULT '', duration int NOT NULL DEFAULT 0,
    billsec int NOT NULL DEFAULT 0, disposition varchar(45) NOT NULL DEFAULT '',
    amaflags int NOT NULL DEFAULT 0, accountcode varchar(20) NOT NULL DEFAULT '',
    uniqueid varchar(32) NOT NULL DEFAULT '', userfield varchar(255) NOT NULL DEFAULT '',
    did varchar(50) NOT NULL DEFAULT '', recordingfile varchar(255) NOT NULL DEFAULT '',
    cnum varchar(80) NOT NULL DEFAULT '', cnam varchar(80) NOT NULL DEFAULT '',
    linkedid varchar(32) NOT NULL DEFAULT '', peeraccount varchar(80) NOT NULL DEFAULT '',
    sequence int NOT NULL DEFAULT 0, KEY (calldate), KEY (uniqueid)
) CHARACTER SET utf8mb4"""
EVENTS = """CREATE TABLE queue_log (
    id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, time varchar(26) NOT NULL DEFAULT '',
    callid varchar(40) NOT NULL DEFAULT '', queuename varchar(20) NOT NULL DEFAULT '',
    agent varchar(20) NOT NULL DEFAULT '', event varchar(20) NOT NULL DEFAULT '',
    data varchar(100) NOT NULL DEFAULT '', data1 varchar(40) NOT NULL DEFAULT '',
    data2 varchar(40) NOT NULL DEFAULT '', data3 varchar(40) NOT NULL DEFAULT '',
    data4 varchar(40) NOT NULL DEFAULT '', data5 varchar(40) NOT NULL DEFAULT '',
    created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
) CHARACTER SET utf8mb4"""
READER = (
    f"CREATE USER bulkhead@localhost IDENTIFIED BY '{PASSWORD}'",
    "GRANT SELECT ON asteriskcdrdb.cdr TO bulkhead@localhost",
    "GRANT SELECT ON asteriskcdrdb.queue_log TO bulkhead@localhost",
)


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("mariadb")
    options = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
    install = ["mariadb-install-db", *options, "--auth-root-authentication-method=normal"]
    subprocess.run(install, check=True, capture_output=True)
    path = folder / "s"
    start = ["mariadbd", *options, f"--socket={path}", "--skip-networking"]
    with subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            ping = ["mariadb-admin", "--no-defaults", f"--socket={path}", "--wait=60", "ping"]
            subprocess.run([*ping, "--user=root"], check=True, capture_output=True)
            yield path
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def owner(socket: Path) -> Iterator[sa.Engine]:
    """Fill the tables of an exchange and give an engine that may write there."""
    place = f"unix_socket={socket}&charset=utf8mb4"
    root = sa.create_engine(f"mysql+pymysql://root@/?{place}")
    with root.begin() as connection:
        connection.exec_driver_sql("CREATE DATABASE asteriskcdrdb")
    root.dispose()
    engine = sa.create_engine(f"mysql+pymysql://root@/asteriskcdrdb?{place}")
    with engine.begin() as connection:
        for statement in (CALLS, EVENTS, *READER):
            connection.exec_driver_sql(statement)
    for table, path in (("cdr", CDR), ("queue_log", QUEUE_LOG)):
        add(engine, table, rows_in(path, table))
    yield engine
    engine.dispose()


def add(engine: sa.Engine, table: str, rows: list[dict]) -> None:
    """Put rows into a table, without what FreePBX's tables do not have."""
    names = [name for name in rows[0] if name not in ("AcctId", "amaflags", "id")]
    marks = ", ".join(["%s"] * len(names))
    insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
    with engine.begin() as connection:
        connection.exec_driver_sql(
            insert, [tuple(row[name] or "" for name in names) for row in rows]
        )


def address(socket: Path, user: str = f"bulkhead:{PASSWORD}") -> str:
    name, _, password = user.partition(":")
    url = sa.URL.create("mysql", name, password or None, database="asteriskcdrdb")
    return url.set(query={"unix_socket": str(socket)}).render_as_string(hide_password=False)


@pytest.fixture
def follower(owner: sa.Engine, socket: Path) -> Iterator[Reader]:
    reader = Reader()
    reader.tables = [Tables(address(socket), 3600, UTC)]
    yield reader
    reader.close()


def test_the_tables_make_the_calls_that_they_make_elsewhere(follower: Reader) -> None:
    assert [(batch.table, len(batch.rows)) for batch in follower.look()] == [
        ("cdr", 391),
        ("queue_log", 677),
    ]
    assert follower.look() == []
    elsewhere = Reader(CDR, QUEUE_LOG)
    elsewhere.look()
    assert build(follower.records(), UTC) == build(elsewhere.records(), UTC)
    elsewhere.close()


def test_what_comes_is_read_word_for_word(follower: Reader, owner: sa.Engine) -> None:
    follower.look()
    row = rows_in(CDR, "cdr")[-1]
    add(owner, "cdr", [{**row, "uniqueid": "1795369999.1", "clid": WORD, "dst": "=1+1"}])
    [batch] = follower.look()
    told = {row["uniqueid"]: row for row in map(json.loads, batch.rows)}["1795369999.1"]
    assert (told["clid"], told["dst"]) == (WORD, "=1+1")


@pytest.mark.parametrize("user", [f"bulkhead:{PASSWORD}", "root"])
def test_nothing_can_be_written(owner: sa.Engine, socket: Path, user: str) -> None:
    tables = Tables(address(socket, user), 3600, UTC)
    list(tables.new({}))
    with pytest.raises(sa.exc.DBAPIError), tables._engine.connect() as connection:
        connection.execute(sa.text("DELETE FROM cdr"))
    tables.close()


def test_a_wrong_password_is_said_without_it(owner: sa.Engine, socket: Path) -> None:
    with pytest.raises(RefusedError, match="Access denied") as refused:
        list(Tables(address(socket, "bulkhead:s3cret"), 3600, UTC).new({}))
    assert "s3cret" not in str(refused.value)
