"""The chain: nobody changes an entry; who goes around that is found."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from portal.audit import trail
from portal.audit.commands import verify_activity
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.factories import building, company, group

TRIGGERS = {
    "sqlite": ("audit_entries_no_update", "audit_entries_no_delete", "audit_entries_no_replace"),
    "postgresql": ("audit_entries_rows", "audit_entries_truncate"),
}


@contextmanager
def connected(url):
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # what anybody could say
                connection.exec_driver_sql(
                    "SELECT set_config('app.unscoped', 'on', true),"
                    " set_config('app.sees_all', 'on', true)"
                )
            yield connection
    finally:
        engine.dispose()


def verified(app, admin):
    with app.app_context(), unscoped("a test"):
        return trail.verify(admin.company_id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'somebody else'",
        "UPDATE audit_entries SET hash = 'x' WHERE seq = 1",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries SELECT * FROM audit_entries WHERE seq = 1",
    ],
)
@pytest.mark.parametrize("role", ["url", "owner_url"])
def test_entries_are_only_added(centre, database, statement, role):
    before = [(e.seq, e.hash) for e in centre.entries()]
    with (
        pytest.raises(sa.exc.DBAPIError, match=r"append-only|permission denied|duplicate key"),
        connected(getattr(database, role)) as connection,
    ):
        connection.exec_driver_sql(statement)
    assert [(e.seq, e.hash) for e in centre.entries()] == before
    assert verified(centre.app, centre.admin)[1] is None


def test_nothing_replaces_or_empties_them(centre, database):
    statement = (
        "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE seq = 1"
        if database.name == "sqlite"
        else "TRUNCATE audit_entries"
    )
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        connected(database.owner_url) as connection,
    ):
        connection.exec_driver_sql(statement)


def test_the_application_may_not_delete_heads(centre, database):
    if database.name == "sqlite":
        return  # SQLite knows no roles
    with (
        pytest.raises(sa.exc.DBAPIError, match="permission denied"),
        connected(database.url) as connection,
    ):
        connection.exec_driver_sql("DELETE FROM audit_heads")


def tamper(database, statement):
    """Do what the triggers forbid, as somebody with the whole database in their hands."""
    with connected(database.owner_url) as connection:
        if database.name == "sqlite":
            kept = connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"
            ).all()
            for name in TRIGGERS["sqlite"]:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(statement)
            for (sql,) in kept:
                connection.exec_driver_sql(sql)
            return
        connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        connection.exec_driver_sql(statement)
        for name in TRIGGERS["postgresql"]:
            connection.exec_driver_sql(f"ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER {name}")


@pytest.mark.parametrize(
    ("statement", "sound", "fault"),
    [
        ("UPDATE audit_entries SET actor_name = 'Ola' WHERE seq = 4", 3, "entry 4 was changed"),
        ("UPDATE audit_entries SET project_id = NULL WHERE seq = 7", 6, "entry 7 was changed"),
        ("UPDATE audit_entries SET search = '' WHERE seq = 2", 1, "entry 2 was changed"),
        ("UPDATE audit_entries SET prev_hash = hash WHERE seq = 5", 4, "entry 5 was changed"),
        ("DELETE FROM audit_entries WHERE seq = 5", 4, "entry 5 is missing"),
        ("DELETE FROM audit_entries WHERE seq = 1", 0, "entry 1 is missing"),
        (
            "DELETE FROM audit_entries WHERE seq > 8",
            8,
            "entries after 8 are missing, or the head was changed",
        ),
        ("DELETE FROM audit_entries", 0, "entries after 0 are missing, or the head was changed"),
        (
            "UPDATE audit_heads SET seq = 3",
            10,
            "entries after 10 are missing, or the head was changed",
        ),
    ],
)
def test_finds_what_was_tampered_with(centre, database, statement, sound, fault):
    assert verified(centre.app, centre.admin) == (10, None)
    tamper(database, statement)
    assert verified(centre.app, centre.admin) == (sound, fault)


def test_the_command_checks_every_company(centre, database):
    with building(centre.app):
        other = company("Żółw & Syn")
    runner = centre.app.test_cli_runner()
    told = runner.invoke(verify_activity)
    assert (told.exit_code, told.output.splitlines()) == (
        0,
        ["Brannova Contact: 10 entries are sound", "Żółw & Syn: 6 entries are sound"],
    )
    tamper(
        database, f"UPDATE audit_entries SET at = '2020-01-01' WHERE company_id={other.company_id}"
    )
    told = runner.invoke(verify_activity)
    assert (told.exit_code, told.output.splitlines()) == (
        1,
        [
            "Brannova Contact: 10 entries are sound",
            "Żółw & Syn: 0 entries are sound; entry 1 was changed",
        ],
    )


def test_several_writers_make_one_chain(centre):
    def write(number):
        with building(centre.app, of=centre.admin):
            group(f"Group {number}")

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(row[3] for row in centre.told()) == [f"Group {number}" for number in range(8)]
    assert verified(centre.app, centre.admin) == (18, None)


def test_entries_keep_their_hash_in_the_database(centre):
    """What is read back is what was hashed, to the microsecond, on both databases."""
    with building(centre.app, of=centre.admin):
        group("Żółć 🦊 \u202e")
        db.session.flush()
    assert verified(centre.app, centre.admin) == (11, None)
