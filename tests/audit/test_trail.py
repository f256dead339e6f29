"""The trail: every change with before and after, to each project its part, never a secret."""

from __future__ import annotations

import json

import pytest
from flask import g
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit import trail
from portal.database import name_key
from portal.extensions import db
from portal.members.models import Group, GroupUser, RolePermission, User
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.schedule import Schedule
from portal.projects.models import Project, ProjectUser
from tests.audit.conftest import HOSTILE
from tests.factories import building, group, join, make_object, role, template_role, user


def get(model, made):
    return db.session.get_one(model, (made.company_id, made.id))


def test_a_thing_is_created_changed_and_deleted(centre):
    with building(centre.app, of=centre.admin):
        queue = make_object("queues", HOSTILE, centre.a, notes="first")
    with building(centre.app, of=centre.admin):
        found = get(Queue, queue)
        found.notes, found.active, found.version = "second", False, 2
    with building(centre.app, of=centre.admin):
        db.session.delete(get(Queue, queue))
    first = {"name": HOSTILE, "notes": "first", "active": True}
    everything = {"name": HOSTILE, "notes": "second", "active": False}
    assert centre.told() == [
        ("A", "created", "queue", HOSTILE, None, first),
        (
            "A", "changed", "queue", HOSTILE,
            {"notes": "first", "active": True}, {"notes": "second", "active": False},
        ),
        ("A", "deleted", "queue", HOSTILE, everything, None),
    ]  # fmt: skip


def test_what_did_not_change_is_not_told(centre):
    with building(centre.app, of=centre.admin):
        found = get(Project, centre.a)
        found.description, found.version = found.description, found.version + 1
        person = get(User, centre.anna)
        person.name = "Other"
        db.session.flush()
        person.name = "Anna"
    assert centre.told() == []


def test_old_values_are_known_when_they_were_not_loaded(centre):
    with building(centre.app, of=centre.admin):
        found = get(User, centre.anna)
        db.session.expire(found)
        found.extension = "12"
        db.session.expire(found, ["extension"])
        db.session.flush()
        found.email = "new@example.org"
    assert centre.told() == [
        (
            None, "changed", "user", "Anna",
            {"email": "anna@example.org"}, {"email": "new@example.org"},
        )
    ]  # fmt: skip


def test_references_and_memberships_are_names(centre):
    with building(centre.app, of=centre.admin):
        found = get(User, centre.anna)
        found.role_id = template_role("operator").id
        night = group("Night", get(User, centre.bela))
        join(centre.a, night)
    with building(centre.app, of=centre.admin):
        for row in db.session.scalars(select(GroupUser).where(GroupUser.group_id == night.id)):
            db.session.delete(row)
        for row in db.session.scalars(
            select(ProjectUser).where(ProjectUser.user_id == centre.anna.id)
        ):
            db.session.delete(row)
    name = centre.a.name
    assert centre.told() == [
        (None, "created", "group", "Night", None, {"name": "Night", "users": ["Béla"]}),
        ("A", "changed", "project", name, None, {"groups": ["Night"]}),
        (None, "changed", "user", "Anna", {"role": "Supervisor"}, {"role": "Operator"}),
        ("A", "changed", "project", name, {"users": ["Anna"]}, None),
        (None, "changed", "group", "Night", {"users": ["Béla"]}, None),
    ]


def test_permissions_of_a_role(centre):
    from portal.access.permissions import Permission

    with building(centre.app, of=centre.admin):
        own = role("Own", Permission.VIEW_CALLS)
    with building(centre.app, of=centre.admin):
        for row in db.session.scalars(
            select(RolePermission).where(RolePermission.role_id == own.id)
        ):
            db.session.delete(row)
        db.session.add(RolePermission(company_id=own.company_id, role_id=own.id, permission="x"))
    assert centre.told() == [
        (None, "created", "role", "Own", None, {"name": "Own", "permissions": ["view_calls"]}),
        (None, "changed", "role", "Own", {"permissions": ["view_calls"]}, {"permissions": ["x"]}),
    ]


def test_secrets_are_never_told(centre):
    with building(centre.app, of=centre.admin):
        found = get(User, centre.anna)
        old = found.password_hash
        found.password_hash, found.totp_secret = "argon2-secret", b"totp-secret"
    (entry,) = centre.entries()
    assert (entry.before, entry.after) == (
        {"password_hash": {"secret": True}},
        {"password_hash": {"secret": True}, "totp_secret": {"secret": True}},
    )
    everything = json.dumps([entry.before, entry.after, entry.detail, entry.search])
    assert [word for word in ("argon2", "totp-secret", old) if word in everything] == []


def test_locking_inviting_and_archiving_are_named(centre):
    from portal.database import utcnow

    with building(centre.app, of=centre.admin):
        get(User, centre.anna).locked_at = utcnow()
        get(User, centre.bela).invited_at = utcnow()
        get(Project, centre.a).archived_at = utcnow()
    with building(centre.app, of=centre.admin):
        get(User, centre.anna).locked_at = None
        get(Project, centre.a).archived_at = None
    assert [row[:4] for row in centre.told()] == [
        ("A", "archived", "project", centre.a.name),
        (None, "locked", "user", "Anna"),
        (None, "invited", "user", "Béla"),
        ("A", "restored", "project", centre.a.name),
        (None, "unlocked", "user", "Anna"),
    ]


# --- to each project its part


def test_a_shared_thing_is_told_to_each_of_its_projects(centre):
    with building(centre.app, of=centre.admin):
        days = make_object("schedules", "Days", centre.a, centre.b)
    with building(centre.app, of=centre.admin):
        get(Schedule, days).notes = "new"
    created = {"name": "Days", "active": True}
    assert centre.told() == [
        ("A", "created", "schedule", "Days", None, created),
        ("B", "created", "schedule", "Days", None, created),
        ("A", "changed", "schedule", "Days", None, {"notes": "new"}),
        ("B", "changed", "schedule", "Days", None, {"notes": "new"}),
    ]
    changes = [entry.change_id for entry in centre.entries()]
    assert [one == changes[0] for one in changes] == [True, True, False, False]


def test_a_project_that_a_thing_joins_does_not_hear_what_it_was(centre):
    with building(centre.app, of=centre.admin):
        days = make_object("schedules", "Secret of A", centre.a)
    centre.forget()
    with building(centre.app, of=centre.admin):
        found = get(Schedule, days)
        found.name, found.name_key = "Days", name_key("Days")
        link = Schedule.Link
        db.session.add(link(company_id=days.company_id, project_id=centre.b.id, object_id=days.id))
    assert centre.told() == [
        ("B", "changed", "project", centre.b.name, None, {"schedules": ["Days"]}),
        ("A", "changed", "schedule", "Days", {"name": "Secret of A"}, {"name": "Days"}),
    ]


def test_a_shared_thing_that_leaves_and_goes(centre):
    with building(centre.app, of=centre.admin):
        days = make_object("schedules", "Days", centre.a, centre.b)
    centre.forget()
    with building(centre.app, of=centre.admin):
        link = Schedule.Link
        for row in db.session.scalars(select(link).where(link.project_id == centre.b.id)):
            db.session.delete(row)
    with building(centre.app, of=centre.admin):
        for row in db.session.scalars(select(Schedule.Link)):
            db.session.delete(row)
        db.session.flush()
        db.session.delete(get(Schedule, days))
    assert centre.told() == [
        ("B", "changed", "project", centre.b.name, {"schedules": ["Days"]}, None),
        ("A", "deleted", "schedule", "Days", {"name": "Days", "active": True}, None),
    ]


def test_a_move_names_the_other_project_to_nobody(centre):
    with building(centre.app, of=centre.admin):
        queue = make_object("queues", "Billing", centre.a)
    centre.forget()
    with building(centre.app, of=centre.admin):
        found = get(Queue, queue)
        found.project_id, found.name, found.notes = centre.b.id, "Of B", "notes of B"
    assert centre.told() == [
        ("A", "moved_out", "queue", "Billing", None, None),
        ("B", "moved_in", "queue", "Of B", None, {"name": "Of B", "notes": "notes of B"}),
    ]
    out, into = centre.entries()
    assert out.change_id == into.change_id
    a, b = (json.dumps([e.before, e.after, e.detail, e.search]) for e in (out, into))
    assert [name for name in (centre.b.name, str(centre.b.id), "Of B") if name in a] == []
    assert [name for name in (centre.a.name, str(centre.a.id), "Billing") if name in b] == []


# --- transactions


def test_what_is_undone_is_not_told(centre):
    with building(centre.app, of=centre.admin):
        group("Kept")
        with pytest.raises(IntegrityError):
            lose()
        with db.session.begin_nested():
            group("Nested")
    with building(centre.app, of=centre.admin):
        group("Rolled back")
        db.session.rollback()
        group("After it")
    assert [row[3] for row in centre.told()] == ["Kept", "Nested", "After it"]


def lose():
    with db.session.begin_nested():
        group("Lost")
        group("Kept")


def test_what_came_and_went_in_one_transaction_is_not_told(centre):
    with building(centre.app, of=centre.admin):
        passing = group("Passing", get(User, centre.anna))
        for row in db.session.scalars(select(GroupUser)):
            db.session.delete(row)
        db.session.flush()
        db.session.delete(get(Group, passing))
    assert centre.told() == []


def test_bulk_statements_are_refused(centre):
    values = {"company_id": centre.a.company_id, "name": "x", "name_key": "x"}
    for statement in (
        update(User).values(extension="1"),
        delete(Group),
        insert(Group).values(**values),
        update(Project).where(Project.id == centre.a.id).values(description="x"),
    ):
        with building(centre.app, of=centre.admin):
            with pytest.raises(trail.UntoldError):
                db.session.execute(statement)
            db.session.rollback()
    assert centre.told() == []


def test_nothing_changes_when_the_trail_cannot_be_written(centre, visitor):
    """With a table of entries that takes no more, a change is refused and undone."""
    from portal.audit.models import AuditEntry

    with centre.app.app_context():
        sqlite = db.engine.dialect.name == "sqlite"
    body = (
        "BEGIN SELECT raise(ABORT, 'read only'); END"
        if sqlite
        else "FOR EACH ROW EXECUTE FUNCTION audit_entries_append_only()"
    )
    owner(centre.app, f"CREATE TRIGGER read_only BEFORE INSERT ON audit_entries {body}")
    centre.app.config |= {"PROPAGATE_BUGS": False, "PROPAGATE_EXCEPTIONS": False}
    try:
        admin = visitor(centre.admin.email)
        admin.post("/groups/new", {"name": "Night", "description": ""}, status=500)
        admin.get("/activity/export.csv", status=500)
        admin.get("/groups", status=200)
    finally:
        owner(centre.app, "DROP TRIGGER read_only" + ("" if sqlite else " ON audit_entries"))
    with building(centre.app, of=centre.admin):
        assert list(db.session.scalars(select(Group.name))) == []
        assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.kind == "group")) is None


def owner(app, *statements):
    """Run statements as the owner of the tables."""
    from sqlalchemy import create_engine

    engine = create_engine(app.config["OWNER_DATABASE_URI"])
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


# --- who


def test_who_acts(centre, visitor):
    visitor(centre.admin.email).post("/groups/new", {"name": "By hand", "description": ""})
    with building(centre.app, of=centre.admin):
        group("By the system")
    with building(centre.app, of=centre.admin), trail.acting_as("Import", on_behalf_of="Anna"):
        group("For Anna")
        db.session.flush()
        db.session.commit()
    assert [(e.actor_name, e.actor_id, e.on_behalf_of, e.address) for e in centre.entries()] == [
        ("Magdalena Sobczak", centre.admin.id, "", "127.0.0.1"),
        ("System", None, "", ""),
        ("Import", None, "Anna", ""),
    ]


def test_refused_pages_are_recorded_and_change_nothing(centre, visitor):
    visitor(centre.anna.email).get("/settings", status=403)
    visitor(centre.anna.email).post("/roles/new", {"name": "x"}, status=403)
    (first, second) = centre.entries()
    assert [(e.actor_name, e.action, e.object_name, e.project_id) for e in (first, second)] == [
        ("Anna", "refused", "/settings", None),
        ("Anna", "refused", "/roles/new", None),
    ]


def test_a_record_names_no_project_that_is_not_seen(centre):
    from portal.access.identity import assume, identity_by_id

    with centre.app.test_request_context("/", method="POST"):
        assume(identity_by_id(centre.anna.company_id, centre.anna.id))
        g.request_id = "r"
        ids = [centre.a.id, centre.b.id]
        trail.record("exported", kind="visit", object_name="x", project_ids=ids)
        db.session.commit()
    assert [row[:4] for row in centre.told()] == [("A", "exported", "visit", "x")]


def test_a_person_of_two_projects_is_told_once_and_to_each(centre):
    with building(centre.app, of=centre.admin):
        user("Ola", projects=[centre.a, centre.b])
    assert [(row[0], row[1], row[2], (row[5] or {}).get("users")) for row in centre.told()] == [
        (None, "created", "user", None),
        ("A", "changed", "project", ["Ola"]),
        ("B", "changed", "project", ["Ola"]),
    ]
