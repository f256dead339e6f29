"""A right that ended has ended: with the next request, of any worker, whatever is open still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.database import utcnow
from portal.extensions import db
from portal.members.models import GroupUser, RolePermission, User
from portal.projects.models import ProjectGroup, ProjectUser
from tests import factories
from tests.access.browsers import Browser, browser

P = Permission


@pytest.fixture
def scene(app, make_app) -> Any:
    """Somebody is in Care by name and in Sales by a group; two workers serve them."""
    with factories.building(app):
        admin = factories.company()
        care, sales = factories.project("Care"), factories.project("Sales")
        role = factories.role("Reads", P.VIEW_OBJECTS, P.VIEW_CALLS, P.EXPORT, P.VIEW_PEOPLE)
        who = factories.user("Ewa", role=role, projects=[care])
        factories.join(sales, factories.group("Sellers", who))
        queues = [factories.make_object("queues", f"Queue {p.name}", p) for p in (care, sales)]
    mine = browser(app, who.email)
    other = Browser(make_app(), mine.cookie, mine.token)
    return {"admin": admin, "who": who, "role": role, "care": care, "sales": sales,
            "queues": queues, "workers": [mine, other]}  # fmt: skip


def change(app, scene, statement: Callable[[], Any]) -> None:
    with factories.building(app, of=scene["admin"]):
        row = statement()
        if row is not None:
            db.session.flush()


def _remove(model: Any, **values: Any) -> None:
    """Take one membership away as the portal does: by its row."""
    for row in db.session.scalars(select(model).filter_by(**values)):
        db.session.delete(row)


def statuses(scene, url: str) -> set[int]:
    return {worker.open("GET", url).status_code for worker in scene["workers"]}


def texts(scene, url: str = "/objects/queues") -> list[bool]:
    """Tell for each queue whether a worker lists it; all workers agree."""
    pages = [worker.open("GET", url).text for worker in scene["workers"]]
    found = [[queue.name in page for queue in scene["queues"]] for page in pages]
    assert found[0] == found[1]
    return found[0]


def test_who_leaves_a_project_sees_it_no_more(app, scene):
    assert texts(scene) == [True, True]
    change(app, scene, lambda: _remove(ProjectUser, user_id=scene["who"].id))
    assert texts(scene) == [False, True]
    assert statuses(scene, f"/objects/queues/{scene['queues'][0].id}") == {404}


def test_who_leaves_a_group_sees_its_projects_no_more(app, scene):
    change(app, scene, lambda: _remove(GroupUser, user_id=scene["who"].id))
    assert texts(scene) == [True, False]
    assert statuses(scene, f"/objects/queues/{scene['queues'][1].id}") == {404}


def test_a_group_that_leaves_a_project_takes_its_people_along(app, scene):
    change(app, scene, lambda: _remove(ProjectGroup, project_id=scene["sales"].id))
    assert texts(scene) == [True, False]


def test_a_permission_taken_from_a_role_is_gone(app, scene):
    assert statuses(scene, "/calls/export.csv") == {200}

    def take():
        wanted = {"role_id": scene["role"].id, "permission": P.EXPORT.value}
        _remove(RolePermission, **wanted)

    change(app, scene, take)
    assert statuses(scene, "/calls/export.csv") == {403}
    assert statuses(scene, "/calls") == {200}


def test_another_role_is_in_force_at_once(app, scene):
    def demote():
        who = db.session.get(User, (scene["who"].company_id, scene["who"].id))
        who.role_id = factories.template_role("operator").id

    assert statuses(scene, "/objects/queues") == {200}
    change(app, scene, demote)
    assert statuses(scene, "/objects/queues") == {403}


def test_who_is_locked_is_out_everywhere(app, scene):
    def lock():
        db.session.get(User, (scene["who"].company_id, scene["who"].id)).locked_at = utcnow()

    change(app, scene, lock)
    assert statuses(scene, "/objects/queues") == {303}
    page = scene["workers"][1].open("GET", "/calls", headers={"HX-Request": "true"})
    assert (page.status_code, page.headers["HX-Redirect"].split("?")[0]) == (401, "/sign-in")


def test_a_copied_session_ends_with_its_owner_s(app, scene):
    mine, copy = scene["workers"]
    assert copy.open("GET", "/calls").status_code == 200
    mine.open("POST", "/sign-out", data={"csrf_token": mine.token})
    assert statuses(scene, "/calls") == {303}


def test_a_form_that_was_open_saves_nothing_after_the_right_has_gone(app, scene):
    with factories.building(app, of=scene["admin"]):
        db.session.add(
            RolePermission(
                company_id=scene["who"].company_id,
                role_id=scene["role"].id,
                permission=P.MANAGE_OBJECTS.value,
            )
        )
    mine = scene["workers"][0]
    url = f"/objects/queues/{scene['queues'][0].id}"
    assert mine.open("GET", url).status_code == 200
    change(app, scene, lambda: _remove(ProjectUser, user_id=scene["who"].id))
    fields = {"name": "Mine still", "active": "y", "version": "1", "csrf_token": mine.token}
    assert mine.open("POST", url, data=fields).status_code == 404
    fields["project"] = str(scene["care"].id)
    assert mine.open("POST", "/objects/queues/new", data=fields).status_code == 422
    with factories.building(app, of=scene["admin"]):
        queue = db.session.get(
            type(scene["queues"][0]), (scene["admin"].company_id, scene["queues"][0].id)
        )
        assert queue.name == "Queue Care"
