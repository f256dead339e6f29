"""The same request twice, or fifty times, has one effect."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.members.models import Group, Role, User
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectUser
from tests import factories
from tests.access.browsers import browser

TIMES = 50


def number_of(app, company, model) -> int:
    with factories.building(app, of=company):
        return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def scene(app):
    with factories.building(app):
        admin = factories.company()
        care = factories.project("Care")
        person = factories.user("Ewa")
    return admin, care, person, browser(app, admin.email)


def test_creating_fifty_times_creates_one(app, scene):
    admin, care, person, mine = scene
    operator = str(person.role_id)
    makes = {
        "/projects/new": (Project, {"name": "Twice"}),
        "/groups/new": (Group, {"name": "Twice"}),
        "/roles/new": (Role, {"name": "Twice"}),
        "/users/new": (User, {"name": "Twice", "email": "twice@example.org", "role": operator}),
    }
    for slug, kind in KINDS.items():
        field = "project" if kind.owned else "projects"
        values = {"name": "Twice", "active": "y", "version": "1", field: str(care.id)}
        makes[f"/objects/{slug}/new"] = (kind.model, values)
    for url, (model, fields) in makes.items():
        before = number_of(app, admin, model)
        times = TIMES if url in ("/projects/new", "/objects/queues/new") else 3
        sent = {**fields, "csrf_token": mine.token}
        first, *others = [mine.open("POST", url, data=sent).status_code for _ in range(times)]
        assert (first, set(others)) == (303, {422}), url
        assert number_of(app, admin, model) == before + 1, url


def test_adding_fifty_times_adds_once(app, scene):
    admin, care, person, mine = scene
    before = number_of(app, admin, ProjectUser)
    sent = {"add-users": str(person.id), "version": "1", "csrf_token": mine.token}
    codes = [mine.open("POST", f"/projects/{care.id}/panel", data=sent) for _ in range(TIMES)]
    assert {answer.status_code for answer in codes} <= {303, 409}
    assert number_of(app, admin, ProjectUser) == before + 1


def test_archiving_and_deleting_twice(app, scene):
    admin, care, _person, mine = scene
    with factories.building(app, of=admin):
        queue = factories.make_object("queues", "Goes", care)
    token = {"csrf_token": mine.token}
    url = f"/objects/queues/{queue.id}/delete"
    assert [mine.open("POST", url, data=token).status_code for _ in range(3)] == [303, 404, 404]
    url = f"/projects/{care.id}/archive"
    assert {mine.open("POST", url, data=token).status_code for _ in range(3)} <= {303, 409, 422}
    with factories.building(app, of=admin):
        assert db.session.get(Project, (admin.company_id, care.id)).archived_at is not None
