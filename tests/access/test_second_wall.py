"""With the first wall taken away altogether, PostgreSQL's policies still show nothing foreign.

Every statement goes out as it was written, as if each view had forgotten its where. What is in one
project stays there, and nothing crosses between companies. (Of people and of things that are in
several projects the policies hold the company only: see :mod:`portal.wall.rls`.)

On SQLite, which has no second wall, the markers of others must be found then: this proves that the
canaries sing.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.database import CompanyRoot, MaybeOwned, ProjectRoot, ProjectRow
from portal.extensions import db
from portal.wall import memory, proof
from portal.wall import session as walled_session
from portal.wall.scope import Scope, entered
from portal.wall.walls import walled_classes
from tests.access.crawler import client_of
from tests.access.markers import marks_in
from tests.access.test_canaries import look_around
from tests.access.world import OURS, Person, World

WHO = ["supervisor of a", "manager of a", "operator of b", "supervisor of ab", "their operator"]


@pytest.fixture
def without_first_wall(monkeypatch):
    """Let every statement through as it was written, and whatever comes back."""
    monkeypatch.setattr(walled_session, "_set_option", lambda execution, wanted: None)
    monkeypatch.setattr(walled_session, "_cover_column_load", lambda execution, scope: None)
    monkeypatch.setattr(proof, "_refusal", lambda compiled, context: None)
    monkeypatch.setattr(memory, "is_seen", lambda found: True)
    monkeypatch.setattr(memory, "check_values", lambda cls, values, scope: None)


def scope_of(world: World, person: Person) -> Scope:
    inside = tuple(world.projects[one].id for one in person.places if one in world.projects)
    company = world.projects["A" if "O" in person.places else "X"].company_id
    return Scope(company, project_ids=inside)


def foreign_rows(scope: Scope) -> dict[str, int]:
    """Return how many rows each table shows that ``scope`` should not; ask without any where."""
    found = {}
    for model in walled_classes():
        if model.__module__.startswith("portal."):
            rows = list(db.session.scalars(select(model)))
            found[model.__tablename__] = sum(is_foreign(row, scope) for row in rows)
    return found


def is_foreign(row: object, scope: Scope) -> bool:
    if (row.id if isinstance(row, CompanyRoot) else row.company_id) != scope.company_id:
        return True
    if isinstance(row, ProjectRoot):
        return row.id not in scope.projects
    return isinstance(row, ProjectRow | MaybeOwned) and row.project_id not in scope.projects


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_table_shows_a_foreign_row(app, world, without_first_wall):
    for who in WHO:
        scope = scope_of(world, world.people[who])
        with app.app_context(), entered(scope):
            found = foreign_rows(scope)
        assert found == dict.fromkeys(found, 0), who
        assert len(found) > 30


def leaks(app, world, who: str) -> dict[str, set[str]]:
    """Return the markers that somebody finds and should not, by endpoint."""
    found: dict[str, set[str]] = {}
    for answer, foreign in look_around(app, world, who):
        if foreign:
            found.setdefault(answer.endpoint, set()).update(foreign)
    return found


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_page_shows_another_project_or_company(app, world, without_first_wall):
    app.config["PROPAGATE_BUGS"] = False
    found = set().union(*leaks(app, world, "supervisor of a").values())
    # Of people and of what may be shared (p, o) the company is all that the policies know.
    allowed = {f"zq{kind}{place}qz" for kind in "po" for place in (*OURS, "H", "N", "P", "K")}
    assert {one for one in found if one not in allowed and not one.startswith("id of ")} == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_markers_are_found_where_there_is_no_wall(app, world, without_first_wall):
    client = client_of(app, world.people["supervisor of a"].email)
    for url, wanted in {
        "/projects": {"zqjBqz", "zqjXqz"},
        "/objects/queues": {"zqoBqz", "zqoXqz"},
        "/users": {"zqpBqz", "zqpXqz"},
        "/calls": {"zqoBqz", "zqoXqz"},
        "/activity": {"zqjBqz", "zqjXqz"},
    }.items():
        found = {mark.text for mark in marks_in(client.get(url).text, world.ids)}
        assert wanted - found == set(), url
