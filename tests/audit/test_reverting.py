"""Reverting a change: back to the values before, by the same rules as any other change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.schedule import Schedule
from portal.projects.models import Project
from tests.audit.conftest import HOSTILE
from tests.factories import building, group, make_object, project, role, user


@pytest.fixture
def shop(centre, visitor):
    """A centre in which the Admin renamed a queue of A, and described a schedule of A and B."""
    with building(centre.app, of=centre.admin):
        queue = make_object("queues", "Kolejka", centre.a, notes=HOSTILE)
        schedule = make_object("schedules", "Święta", centre.a, centre.b)
    admin = visitor(centre.admin.email)
    form = {"name": "Sıra", "notes": "", "active": "y", "version": "1"}
    admin.post(f"/objects/queues/{queue.id}", form)
    return SimpleNamespace(centre=centre, admin=admin, queue=queue, schedule=schedule)


def now(shop, model, thing):
    with building(shop.centre.app, of=shop.centre.admin):
        return db.session.get_one(model, (thing.company_id, thing.id))


def entry_of(shop, action="changed", kind="queue"):
    found = [e for e in shop.centre.entries() if (e.action, e.kind) == (action, kind)]
    return found[-1]


def url(entry):
    return f"/activity/{entry.id}/revert"


def test_the_old_values_come_back_as_a_change_of_its_own(shop):
    page = shop.admin.get("/activity?kind=queue")
    assert page.texts(".feed form button") == ["Revert Sıra"]
    page = page.submit("Revert Sıra")
    assert page.url == "/activity?kind=queue"
    assert page.texts("#toasts .toast span") == ["Kolejka is again as it was before."]
    queue = now(shop, Queue, shop.queue)
    assert (queue.name, queue.name_key, queue.notes) == ("Kolejka", "kolejka", HOSTILE)
    assert (queue.version, queue.changed_by_id) == (3, shop.centre.admin.id)
    first, again = [e for e in shop.centre.entries() if e.action == "changed"]
    assert (again.before, again.after) == (first.after, first.before)
    assert again.detail == {"reverts": {"at": first.at.isoformat()}}
    assert "Reverts the change of: " in page.texts(".feed .meta")[0]
    page.submit("Revert Kolejka")  # and what was reverted can be reverted
    assert now(shop, Queue, shop.queue).name == "Sıra"


def test_later_work_is_not_lost(shop):
    entry = entry_of(shop)
    form = {"name": "Sıra", "notes": "Later", "active": "y", "version": "2"}
    shop.admin.post(f"/objects/queues/{shop.queue.id}", form)
    page = shop.admin.post(url(entry), status=409)
    assert page.texts("main .card h2, main .card p") == [
        "This change cannot be reverted",
        "This has been changed again since: Notes.",
    ]
    queue = now(shop, Queue, shop.queue)
    assert (queue.name, queue.notes, queue.version) == ("Sıra", "Later", 3)


def test_a_second_click_changes_nothing(shop):
    entry = entry_of(shop)
    shop.admin.post(url(entry))
    shop.admin.post(url(entry), status=409)
    assert now(shop, Queue, shop.queue).version == 3


def test_a_name_that_is_taken_meanwhile_is_refused(shop):
    with building(shop.centre.app, of=shop.centre.admin):
        make_object("queues", "KOLEJKA", shop.centre.a)
    page = shop.admin.post(url(entry_of(shop)), status=422)
    assert page.texts("main .card p") == ["This name is taken already."]
    assert now(shop, Queue, shop.queue).name == "Sıra"


def test_what_is_deleted_stays_deleted(shop):
    entry = entry_of(shop)
    shop.admin.post(f"/objects/queues/{shop.queue.id}/delete")
    assert shop.admin.get("/activity?kind=queue").texts(".feed form button") == []
    page = shop.admin.post(url(entry), status=422)
    assert page.texts("main .card p") == ["Sıra does not exist any more."]


def test_who_may(shop, visitor):
    with building(shop.centre.app, of=shop.centre.admin):
        reads = role("Reads", Permission.VIEW_ACTIVITY, Permission.VIEW_OBJECTS)
        makes = role(
            "Makes", Permission.VIEW_ACTIVITY, Permission.VIEW_OBJECTS, Permission.MANAGE_OBJECTS
        )
        reader = user("Reader", role=reads, projects=[shop.centre.a])
        maker = user("Maker", role=makes, projects=[shop.centre.a])
        beside = user("Beside", role=makes, projects=[shop.centre.b])
    entry = entry_of(shop)
    visitor().post(url(entry), follow=False, status=303)
    assert visitor(reader.email).get("/activity").texts(".feed form button") == []
    visitor(reader.email).post(url(entry), status=403)
    visitor(beside.email).post(url(entry), status=404)
    assert now(shop, Queue, shop.queue).version == 2
    visitor(maker.email).post(url(entry))
    assert now(shop, Queue, shop.queue).name == "Kolejka"


def test_a_shared_thing_is_reverted_once_for_all_its_projects(shop):
    form = {"name": "Bayram", "notes": "", "version": "1", "projects": "keep"}
    ids = [str(shop.centre.a.id), str(shop.centre.b.id)]
    shop.admin.post(f"/objects/schedules/{shop.schedule.id}", {**form, "projects": ids})
    page = shop.admin.get("/activity?kind=schedule")
    assert page.texts(".feed form button") == ["Revert Bayram"]
    page.submit("Revert Bayram")
    schedule = now(shop, Schedule, shop.schedule)
    assert (schedule.name, schedule.active) == ("Święta", True)
    told = [(e.project_id, e.after) for e in shop.centre.entries() if e.kind == "schedule"][-2:]
    assert told == [(one, {"name": "Święta", "active": True}) for one in sorted(
        (shop.centre.a.id, shop.centre.b.id)
    )]  # fmt: skip


def test_projects_and_groups_too(shop):
    with building(shop.centre.app, of=shop.centre.admin):
        other, team = project("Klinik"), group("Świt")
    admin = shop.admin
    values = {"name": "İzmir", "description": "X", "target_aht_s": 240, "version": 1}
    admin.post(f"/projects/{other.id}/edit", values)
    assert now(shop, Project, other).target_aht_s == 240
    admin.post(url(entry_of(shop, kind="project")))
    found = now(shop, Project, other)
    assert (found.name, found.description, found.target_aht_s) == ("Klinik", "", None)
    admin.post(f"/projects/{other.id}/archive")
    admin.post(url(entry_of(shop, "archived", "project")))
    assert now(shop, Project, other).archived_at is None
    admin.post(url(entry_of(shop, "archived", "project")), status=409)
    admin.post(url(entry_of(shop, "restored", "project")))
    assert now(shop, Project, other).archived_at is not None
    page = admin.get("/activity?what=changes&kind=group")
    assert page.texts(".feed form button") == []  # made, not changed
    admin.post(f"/groups/{team.id}/edit", {"name": "Gece", "description": "", "version": 1})
    page = admin.get("/activity?what=changes&kind=group").submit("Revert Gece")
    assert page.texts("#toasts .toast span") == ["Świt is again as it was before."]


def test_what_is_told_by_name_only_is_not_offered(shop):
    staged = {"version": "1", "add-users": str(shop.centre.bela.id)}
    shop.admin.post(f"/projects/{shop.centre.a.id}/panel", staged)
    entry = entry_of(shop, kind="project")
    assert entry.after == {"users": ["Béla"]}
    assert shop.admin.get("/activity?kind=project").texts(".feed form button") == []
    shop.admin.post(url(entry), status=404)


def test_an_entry_of_another_company_never_existed(shop, visitor):
    with building(shop.centre.app):
        from tests.factories import company

        stranger = company("Other", email="stranger@example.org")
    visitor(stranger.email).post(url(entry_of(shop)), status=404)
    with building(shop.centre.app, of=shop.centre.admin):
        assert db.session.scalars(select(AuditEntry.action)).all().count("changed") == 1
