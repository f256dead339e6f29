"""Groups: the list, the panel, deleting, and who may."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.members.models import Group, GroupUser
from tests import factories as make

HOSTILE = '<img src=x onerror=alert(1)> "Łódź" =1+1'
SAVE = "Save changes Ctrl ↵"


def groups(app, cast):
    """Return the company's groups by name, with the ids of their people."""
    with make.building(app, of=cast.admin):
        return {
            group.name: set(
                db.session.scalars(select(GroupUser.user_id).where(GroupUser.group == group))
            )
            for group in db.session.scalars(select(Group))
        }


def test_the_list(cast, visitor):
    admin = visitor("admin@example.org")
    assert admin.get("/groups").rows("#list table") == [
        ["Nocna zmiana", "–", "1", "Windykacja", ""],
        ["Ranna zmiana", "–", "1", "Obsługa klienta", ""],
    ]
    assert admin.get("/groups?q=NOCNA").rows("#list table") == [
        ["Nocna zmiana", "–", "1", "Windykacja", ""]
    ]
    assert admin.get("/groups?q=%00").status == 200


def test_a_colleague_sees_the_groups_of_their_projects_only(app, cast, visitor):
    with make.building(app, of=cast.admin):
        reader = make.role("Reader", make.Permission.VIEW_PEOPLE)
        make.user("Reader", email="reader@example.org", role=reader, projects=[cast.care])
    page = visitor("reader@example.org").get("/groups")
    assert page.rows("#list table") == [["Ranna zmiana", "–", "1", "Obsługa klienta"]]


def test_creating_leads_to_filling(app, cast, visitor):
    admin = visitor("admin@example.org")
    page = admin.get("/groups/new").submit("Create Ctrl ↵", {"Name": HOSTILE})
    assert page.texts("#drawer-h") == [HOSTILE]
    again = admin.post("/groups/new", {"name": HOSTILE.upper()}, status=422)
    assert again.texts("#name-d") == ["This name is taken already."]
    admin.post("/groups/new", {"name": "Team of another company"})
    assert set(groups(app, cast)) == {
        "Nocna zmiana",
        "Ranna zmiana",
        HOSTILE,
        "Team of another company",
    }


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x00b", "a‮b", "ﷺ" * 100])
def test_bad_names(app, cast, visitor, name):
    before = groups(app, cast)
    page = visitor("admin@example.org").post("/groups/new", {"name": name}, status=422)
    assert page.one("#name").attributes["aria-invalid"] == "true"
    assert groups(app, cast) == before


def test_changes_are_staged_and_saved_at_once(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/groups/{cast.day.id}"
    page = admin.get(f"{url}?q=yildirim", fragment=True, headers={"HX-Target": "div#pane-list"})
    assert [node.attributes["data-name"] for node in page.all("[data-pick]")] == ["Şeyma Yıldırım"]
    ids = {"add-user": [str(cast.ala.id), str(cast.operator.id)], "remove-user": str(cast.both.id)}
    admin.post(url, {"version": "1", **ids})
    assert groups(app, cast)["Ranna zmiana"] == {cast.ala.id, cast.operator.id}


def test_a_stale_panel_shows_what_is_stored_and_keeps_what_was_staged(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/groups/{cast.day.id}"
    admin.post(url, {"version": "1", "add-user": str(cast.ala.id)})
    page = admin.post(
        url, {"version": "1", "remove-user": str(cast.both.id)}, status=409, fragment=True
    )
    inputs = page.all("[data-staged] input")
    staged = [(node.attributes["name"], node.attributes["value"]) for node in inputs]
    assert staged == [("remove-user", str(cast.both.id))]
    assert groups(app, cast)["Ranna zmiana"] == {cast.both.id, cast.ala.id}
    page.submit(SAVE)
    assert groups(app, cast)["Ranna zmiana"] == {cast.ala.id}


def test_a_double_click_has_one_effect(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/groups/{cast.day.id}"
    fields = {"version": "1", "add-user": str(cast.ala.id)}
    admin.post(url, fields)
    admin.post(url, fields, status=409)
    assert groups(app, cast)["Ranna zmiana"] == {cast.both.id, cast.ala.id}


def test_strangers_cannot_be_added(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/groups/{cast.day.id}"
    bodies = set()
    for one in (cast.stranger.id, make.never_existed(), "nonsense"):
        page = admin.post(url, {"version": "1", "add-user": str(one)}, status=422, fragment=True)
        bodies.add((page.text, page.one("[data-staged]").html))
    assert len(bodies) == 1
    for group_id in (cast.other_group.id, make.never_existed()):
        admin.get(f"/groups/{group_id}", status=404)
    assert groups(app, cast)["Ranna zmiana"] == {cast.both.id}


def test_a_lead_does_not_open_projects_out_of_sight(app, cast, visitor):
    lead, before = visitor("lead@example.org"), groups(app, cast)
    url = f"/groups/{cast.night.id}"
    lead.post(url, {"version": "1", "add-user": str(cast.lead.id)}, status=422)
    lead.post(url, {"version": "1", "remove-user": str(cast.debtor.id)}, status=422)
    lead.post(f"{url}/edit", {"name": "Mine", "version": "1"}, status=422)
    lead.post(f"{url}/delete", status=422)
    assert groups(app, cast) == before
    lead.post(f"/groups/{cast.day.id}", {"version": "1", "add-user": str(cast.ala.id)})
    assert groups(app, cast)["Ranna zmiana"] == {cast.both.id, cast.ala.id}


def test_a_group_in_a_project_is_not_deleted(app, cast, visitor):
    with make.building(app, of=cast.admin):
        free = make.group("Free", cast.ala)
    admin = visitor("admin@example.org")
    page = admin.post(f"/groups/{cast.day.id}/delete", status=422)
    assert page.texts(".drawer [role=alert]") == [
        "Ranna zmiana is in a project: take it out there first."
    ]
    admin.get(f"/groups/{free.id}/edit").submit("Delete")
    assert set(groups(app, cast)) == {"Nocna zmiana", "Ranna zmiana"}


def test_renaming_with_a_conflict(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/groups/{cast.day.id}/edit"
    first, second = admin.get(url), admin.get(url)
    first.submit(SAVE, {"Name": "Theirs"})
    page = second.submit(SAVE, {"Name": "Mine"}, status=409)
    assert page.texts("#group-form dd") == ["Theirs", "–"]
    page.submit(SAVE)
    assert "Mine" in groups(app, cast)


def test_without_the_permission(cast, visitor):
    kerem, url = visitor("kerem@example.org"), f"/groups/{cast.day.id}"
    for path in ("/groups/new", url, f"{url}/edit"):
        kerem.get(path, status=403)
        kerem.post(path, status=403)
    kerem.post(f"{url}/delete", status=403)
    visitor("jan@example.org").get("/groups", status=403)
