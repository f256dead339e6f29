"""Killed at any moment, a change has happened altogether or not at all.

Each is done in a process of its own that gets ``kill -9`` before one of its statements, or before
its commit. Nothing of it is to be found afterwards, nothing is in the way of the next try, and that
one does it all.
"""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import NullPool, create_engine, inspect

from portal.extensions import db
from tests import factories as make
from tests.access.browsers import browser
from tests.attacks.processes import all_rows, killed_before
from tests.conftest import MIGRATIONS, make_portal


@pytest.fixture
def scene(app):
    """Give an administrator's browser and what they are about to change."""
    with make.building(app):
        admin = make.company()
        care, sales = make.project("Care"), make.project("Sales")
        people = [make.user(f"Person {number}", projects=[care]) for number in range(5)]
        group = make.group("Early shift", *people)
        queues = [make.make_object("queues", f"Queue {number}", care) for number in range(3)]
        schedule = make.make_object("schedules", "Holidays", care)
        role = make.template_role("operator")
    mine = browser(app, admin.email)
    token = {"csrf_token": mine.token, "version": "1"}
    staged = {
        "add-users": [str(one.id) for one in people],
        "add-groups": str(group.id),
        "add-queues": [str(one.id) for one in queues],
        "add-schedules": str(schedule.id),
        "history": "yes",
    }
    person = {"name": "Nowa Żółć", "email": "new@example.org", "role": str(role.id),
              "groups": str(group.id), "projects": str(sales.id)}  # fmt: skip
    return {
        "a move": ("POST", f"/projects/{sales.id}/panel", {**token, **staged}),
        "a new employee": ("POST", "/users/new", {**token, **person}),
        "a deletion": ("POST", f"/objects/queues/{queues[0].id}/delete", token),
        "a change of type": (
            "POST", "/settings/security", {**token, "to": "simple", "typed": "Brannova Contact"}
        ),
        "an export": ("GET", "/activity/export.xlsx", {}),
    }, mine  # fmt: skip


@pytest.mark.parametrize(
    "what", ["a move", "a new employee", "a deletion", "a change of type", "an export"]
)
def test_a_change_that_is_killed_has_not_happened(app, scene, what):
    changes, mine = scene
    method, url, fields = changes[what]
    before, number, kills = all_rows(app), 1, 0

    def change():
        assert mine.open(method, url, data=fields).status_code in (200, 303)

    assert killed_before(app, None, change)
    assert all_rows(app) == before, f"{what} was half done before its commit"
    while killed_before(app, number, change):
        assert all_rows(app) == before, f"{what} was half done before its statement {number}"
        kills += 1
        number += 1 + number // 8  # each of the first ones, and some twenty of a hundred
    after = all_rows(app)
    assert len(after["audit_entries"]) > len(before["audit_entries"])
    assert kills > 5
    print(what, kills, "kills", number, "statements")


@pytest.fixture
def empty(database, tmp_path):
    """Give a portal on a new database in which nothing is."""
    if database.name == "sqlite":
        url = owner_url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        url, owner_url = database.another("empty")
    portal = make_portal(url, owner_url)
    yield portal
    with portal.app_context():
        db.engine.dispose()


def test_a_migration_that_is_killed_has_not_happened(empty):
    def upgrade():
        with empty.app_context():
            flask_migrate.upgrade(MIGRATIONS)

    def tables_there() -> list[str]:
        owner = create_engine(empty.config["OWNER_DATABASE_URI"], poolclass=NullPool)
        return inspect(owner).get_table_names()

    number, kills = 1, 0
    assert killed_before(empty, None, upgrade)
    assert tables_there() == []
    while killed_before(empty, number, upgrade):
        assert tables_there() == [], f"half migrated before statement {number}"
        kills += 1
        number += 1 + number // 3
    assert "audit_entries" in tables_there()
    assert kills > 5
