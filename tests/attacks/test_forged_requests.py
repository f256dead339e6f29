"""Requests that another site, or a careless program, makes in somebody's name."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.extensions import db
from portal.wall.scope import unscoped
from tests.access.browsers import browser
from tests.access.recipes import OWN, cases

SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def posts(app, world):
    """Every route that changes something for who is signed in, with ids that they see.

    The intake knows no sessions: what is sent there without its own token is refused as well.
    """
    world.rows["session"] = dict.fromkeys("ABX", world.rows["visit"]["A"])
    return [case for case in cases(app, world) if case.method not in SAFE and case.whose == OWN]


def counts(app) -> dict[str, int]:
    """Return how many rows each table has."""
    with app.app_context(), unscoped("all rows are counted"):
        return {
            mapper.local_table.name: db.session.scalar(
                select(func.count()).select_from(mapper.class_)
            )
            for mapper in db.Model.registry.mappers
        }


def test_without_a_token_of_ones_own_nothing_is_done(app, world, posts):
    mine = browser(app, world.people["admin"].email)
    other = browser(app, world.people["hiring"].email)
    form = {"name": "Forged"}
    attempts = {
        "no token": {"data": form},
        "an empty one": {"data": {**form, "csrf_token": ""}},
        "somebody else's": {"data": {**form, "csrf_token": other.token}},
        "a made-up one": {"data": {**form, "csrf_token": "x" * 90}},
        "in the address": {"query_string": {"csrf_token": mine.token}, "data": form},
        "as text": {"data": f"csrf_token={mine.token}&name=Forged", "content_type": "text/plain"},
        "as json": {"json": {"csrf_token": mine.token, "name": "Forged"}},
        "another's in the header": {"data": form, "headers": {"X-CSRF-Token": other.token}},
    }
    before, faults = counts(app), []
    for case in posts:
        for name, options in attempts.items():
            status = mine.open(case.method, case.url, **options).status_code
            if status != (401 if case.url.startswith("/intake") else 403):
                faults.append((case.method, case.url, name, status))
    assert faults == []
    assert counts(app) == before
    assert len(posts) > 25


def test_a_token_does_not_outlive_its_session(app, world, visitor):
    person = visitor(world.people["admin"].email)
    token = person.token()
    person.post("/sign-out", status=None)
    person.sign_in(world.people["admin"].email)
    page = person.send(
        "POST", "/projects/new", data={"csrf_token": token, "name": "Old"}, status=403
    )
    assert "Old" not in page.text


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
def test_other_methods_are_not_answered(app, world, posts, method):
    mine = browser(app, world.people["admin"].email)
    headers = {"X-CSRF-Token": mine.token, "Secret": "kept"}
    answers = {
        (case.url, response.status_code, "kept" in response.text)
        for case in posts
        if (response := mine.open(method, case.url, headers=headers))
    }
    assert {(status, shown) for _, status, shown in answers} == {(405, False)}


def test_a_method_is_not_changed_on_the_way(app, world, posts):
    """Neither a header nor a field makes a POST of a GET."""
    mine = browser(app, world.people["admin"].email)
    before = counts(app)
    for case in posts:
        for override in ("POST", "DELETE"):
            mine.open(
                "GET",
                case.url,
                query_string={"_method": override, "csrf_token": mine.token, "name": "Forged"},
                headers={"X-HTTP-Method-Override": override, "X-CSRF-Token": mine.token},
            )
    assert counts(app) == before
