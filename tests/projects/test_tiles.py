"""Tiles: what each sees of which projects; making, renaming, archiving them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from portal.calls.figures import VisitHour
from portal.database import utcnow
from portal.extensions import db
from portal.projects.models import Project, ProjectUser
from tests import factories as make
from tests.projects.conftest import HOSTILE


def names(page):
    return page.texts(".tile h2")


def test_everybody_sees_the_tiles_of_their_own_projects(cast, visitor):
    assert names(visitor("admin@example.org").get("/projects")) == [
        "Default", "Obsługa", "Windykacja",
    ]  # fmt: skip
    assert names(visitor("keeper@example.org").get("/projects")) == ["Obsługa"]
    assert names(visitor("other@example.org").get("/projects")) == ["Default", "Obsługa"]
    visitor("jan@example.org").get("/projects", status=403)
    assert visitor().get("/projects").path == "/sign-in"


def test_tiles_count_what_is_inside(app, cast, visitor):
    with make.building(app, cast.admin):
        make.join(cast.debts, cast.day)
        hour = utcnow().replace(minute=0, second=0, microsecond=0)
        for age, visits in ((0, 2), (3, 5), (30, 7)):
            moment = hour - dt.timedelta(hours=age)
            values = {"starts_at": moment, "direction": "in", "result": "answered"}
            row = VisitHour(project_id=cast.debts.id, first_visits=visits, visits=9, **values)
            row.company_id = cast.admin.company_id
            db.session.add(row)
    page = visitor("admin@example.org").get("/projects")
    assert page.texts(".tile dd") == ["2", "0", "0", "5", "0", "1", "2", "1", "3"]
    assert page.texts(".tile footer span:first-child") == [
        "0 calls in 24 h",
        "0 calls in 24 h",
        "7 calls in 24 h",
    ]
    assert page.texts(".tile .badge") == ["No objects"]


def test_who_may_only_list_sees_nothing_inside_and_opens_nothing(cast, visitor):
    lister = visitor("lister@example.org")
    page = lister.get("/projects")
    assert names(page) == ["Obsługa"]
    assert page.all(".tile dl, .tile footer, .tile a, .tile button") == []
    lister.get(f"/projects/{cast.care.id}/panel", status=403)
    lister.get(f"/projects/{cast.care.id}/edit", status=403)
    lister.get("/projects/new", status=403)
    lister.post(f"/projects/{cast.care.id}/archive", status=403)
    lister.get(f"/projects/{cast.debts.id}/panel", status=404)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("obsluga", ["Obsługa"]),
        ("lodz IMG", ["Obsługa"]),
        ("WİNDY", ["Windykacja"]),
        ("%", []),
        ("' or 1=1 --", []),
        ("x" * 5000, []),
    ],
)
def test_search_finds_names_and_descriptions(cast, visitor, text, found):
    admin = visitor("admin@example.org")
    for fragment in (False, True):
        assert names(admin.get("/projects?" + make.query(q=text), fragment=fragment)) == found


def test_tiles_are_sorted_and_paged(app, cast, visitor):
    with make.building(app, cast.admin):
        for number in range(70):
            make.project(f"P{number:02}")
    admin = visitor("admin@example.org")
    page = admin.get("/projects")
    found = [names(page)]
    while page.all("#more"):
        page = page.click("Show more", fragment=True)
        found.append(names(page))
    assert [len(tiles) for tiles in found] == [24, 24, 24, 1]
    assert [name for tiles in found for name in tiles] == [
        "Default", "Obsługa", *(f"P{number:02}" for number in range(70)), "Windykacja",
    ]  # fmt: skip
    assert names(admin.get("/projects?order=created"))[:2] == ["P69", "P68"]
    admin.get("/projects?order=created&after=nonsense&state=x")


def test_a_project_is_made_and_its_creator_is_in_it(app, cast, visitor):
    page = visitor("builder@example.org").get("/projects/new")
    page = page.submit(
        "Create Ctrl ↵", {"Name": " Nowa ‘Łódź’ ", "Description (optional)": HOSTILE}
    )
    assert page.texts("#drawer h2") == ["Nowa ‘Łódź’"]
    assert page.texts("[data-pick] .nm > span:first-child") == ["Builder"]
    page = visitor("admin@example.org").get("/projects/new").submit("Create Ctrl ↵", {"Name": "X"})
    with make.building(app, cast.admin):
        made = db.session.scalars(select(Project).where(Project.name == "X")).one()
        assert (
            db.session.scalars(select(ProjectUser).where(ProjectUser.project_id == made.id)).all()
            == []
        )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "This is needed."),
        ("   ", "This is needed."),
        ("x" * 101, "At most 100 characters."),
        ("OBSŁUGA", "This name is taken already."),
        ("a\u202eb", "This text contains characters that cannot be shown safely."),
        ("a\x00b", "This text contains characters that cannot be shown safely."),
    ],
)
def test_a_bad_name_is_refused_at_the_field(cast, visitor, name, message):
    admin = visitor("admin@example.org")
    for fragment in (False, True):
        page = admin.get("/projects/new", fragment=fragment)
        page = page.submit("Create Ctrl ↵", {"Name": name}, status=422, fragment=fragment)
        assert page.errors() == {"Name": message}


def test_a_name_behind_the_wall_is_free(cast, visitor):
    page = visitor("narrow@example.org").get("/projects/new")
    page = page.submit("Create Ctrl ↵", {"Name": "Windykacja"})
    assert page.texts("#drawer h2") == ["Windykacja"]


def test_a_stale_edit_shows_both(cast, visitor):
    admin, builder = visitor("admin@example.org"), visitor("builder@example.org")
    form = admin.get(f"/projects/{cast.care.id}/edit")
    other = builder.get(f"/projects/{cast.care.id}/edit")
    other.submit("Save changes Ctrl ↵", {"Name": "Ich"})
    page = form.submit("Save changes Ctrl ↵", {"Name": "Moja"}, status=409)
    assert "It is now called “Ich”." in page.one(".note").text()
    page = page.submit("Save changes Ctrl ↵")
    assert names(page) == ["Default", "Moja", "Windykacja"]


def test_archive_and_restore(cast, visitor):
    admin = visitor("admin@example.org")
    page = admin.post(f"/projects/{cast.care.id}/archive")
    assert names(page) == ["Default", "Windykacja"]
    assert page.texts(".toast > span") == ["Obsługa is archived."]
    assert names(admin.get("/projects?state=archived")) == ["Obsługa"]
    panel = f"/projects/{cast.care.id}/panel"
    assert "This project is archived" in admin.get(panel).one(".panel-notes").text()
    page = admin.post(panel, {"version": 2, "add-users": str(cast.ala.id)}, status=422)
    assert page.texts(".panel-notes b") == ["This project is archived. Restore it first."]
    page = page = admin.post(f"/projects/{cast.care.id}/archive").submit("Undo")
    assert names(page) == ["Default", "Obsługa", "Windykacja"]


def test_default_is_renamed_but_not_archived(cast, visitor):
    admin = visitor("admin@example.org")
    page = admin.post(f"/projects/{cast.default.id}/archive", status=422)
    assert "Default cannot be archived." in page.text
    admin.get(f"/projects/{cast.default.id}/edit").submit("Save changes Ctrl ↵", {"Name": "Ogólny"})
    assert names(admin.get("/projects")) == ["Obsługa", "Ogólny", "Windykacja"]


def test_there_are_no_projects_in_a_simple_company(app, visitor):
    with make.building(app):
        make.company("Simple", enhanced=False, email="simple@example.org")
        project = make.default_project()
    visitor("simple@example.org").get("/projects", status=404)
    visitor("simple@example.org").get(f"/projects/{project.id}/panel", status=404)
