"""When the disk is full a change is refused whole, reading goes on, and no restart is needed."""

from __future__ import annotations

import contextlib
import errno
import io
from collections.abc import Iterator

import pytest
from sqlalchemy import NullPool, create_engine, event, func, select
from werkzeug.datastructures import MultiDict

from portal.calls.evidence import ImportRun
from portal.calls.intake import spool
from portal.calls.operations import create_source
from portal.extensions import db
from portal.members.models import Group
from tests import factories as make
from tests.access.browsers import browser

SAFE = ("/groups", "/projects", "/calls", "/activity", "/users", "/settings")


@contextlib.contextmanager
def full(app) -> Iterator[None]:
    """Let the database find no room for anything more."""
    with app.app_context():
        engine = db.engine
        engine.dispose()
    room = _no_more_pages if engine.dialect.name == "sqlite" else _no_room_for_entries
    with room(app, engine):
        yield
    engine.dispose()


@contextlib.contextmanager
def _no_more_pages(app, engine) -> Iterator[None]:
    """SQLite's own limit: it answers as it does on a full disk."""

    def limit(connection, record) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite makes it the present number

    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)


@contextlib.contextmanager
def _no_room_for_entries(app, engine) -> Iterator[None]:
    """A trigger that says what PostgreSQL says: 53100, disk_full."""
    owner = create_engine(app.config["OWNER_DATABASE_URI"], poolclass=NullPool)
    with owner.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no space left on device' USING ERRCODE = '53100'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entries"
            " FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
    try:
        yield
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql("DROP FUNCTION full_disk CASCADE")


@pytest.fixture
def admin(app):
    app.config["PROPAGATE_BUGS"] = app.config["PROPAGATE_EXCEPTIONS"] = False
    with make.building(app):
        return make.company()


def count(app, company, model) -> int:
    with make.building(app, of=company):
        return db.session.scalar(select(func.count()).select_from(model))


def test_a_full_disk_refuses_changes_and_nothing_else(app, admin):
    mine = browser(app, admin.email)

    def add(number):
        # Large enough to need a page of the file each.
        fields = {"name": f"Group {number}", "description": "x" * 500}
        return mine.open("POST", "/groups/new", data={**fields, "csrf_token": mine.token})

    kept = 0
    with full(app):
        for number in range(40):
            answer = add(number)
            if answer.status_code != 303:
                break
            kept += 1
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")
        assert {url: mine.open("GET", url).status_code for url in SAFE} == dict.fromkeys(SAFE, 200)
    assert count(app, admin, Group) == kept
    assert add(1000).status_code == 303


def test_an_upload_that_finds_no_room_leaves_nothing(app, admin, tmp_path, monkeypatch):
    app.config["UPLOADS_FOLDER"] = tmp_path / "uploads"
    with make.building(app, of=admin):
        pbx = create_source(admin.company_id, "pbx", "Europe/Warsaw")
    mine = browser(app, admin.email)

    def half(stream, file, block):
        file.write(stream.read(10))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool.shutil, "copyfileobj", half)
    form = MultiDict({"csrf_token": mine.token})
    form.add("files", (io.BytesIO(b"1700000001|1.1|vip|NONE|ENTERQUEUE||600|1\n"), "queue_log"))
    answer = mine.open("POST", f"/calls/sources/{pbx.id}", data=form)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")
    assert count(app, admin, ImportRun) == 0
    assert list((tmp_path / "uploads").iterdir()) == []
