"""Roles: the matrix, own roles and templates, and giving them to people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATES
from portal.extensions import db
from portal.members.models import Role, User
from tests import factories as make

SAVE = "Save changes Ctrl ↵"


def roles(app, cast):
    with make.building(app, of=cast.admin):
        found = db.session.scalars(select(Role))
        return {role.name: set(role.permissions) for role in found}


def holders(app, cast, role):
    with make.building(app, of=cast.admin):
        return set(db.session.scalars(select(User.email).where(User.role_id == role.id)))


def test_the_matrix_is_the_policy(cast, visitor):
    page = visitor("admin@example.org").get("/roles")
    assert page.texts("thead th") == [
        "Permission",
        "Admin (template)",
        "Supervisor (template)",
        "Operator (template)",
        "Team lead",
    ]
    rows = page.rows(".matrix table")
    assert rows[0] == ["People with this role", "1", "1", "4", "1"]
    for permission, row in zip(Permission, rows[1:], strict=True):
        assert row[0] == f"{permission.label} {permission.sentence}"
        expected = [permission in TEMPLATES[name] for name in ("admin", "supervisor", "operator")]
        assert [cell == "Yes" for cell in row[1:4]] == expected


def test_templates_are_copied_and_never_edited(app, cast, visitor):
    admin, before = visitor("admin@example.org"), roles(app, cast)
    url = f"/roles/{cast.operator_role.id}"
    page = admin.get(url)
    assert page.all("#role-form") == []
    admin.post(url, {"name": "Mine", "version": "1", "permissions": "export"}, status=422)
    admin.post(f"{url}/delete", status=422)
    assert roles(app, cast) == before
    page = page.click("Copy").submit("Create Ctrl ↵", {"Name": "Operator+", "Export": True})
    assert page.path == "/roles"
    assert roles(app, cast)["Operator+"] == TEMPLATES["operator"] | {Permission.EXPORT}


def test_editing_an_own_role_takes_effect_with_the_next_request(app, cast, visitor):
    lead = visitor("lead@example.org")
    lead.get("/users")
    fields = dict.fromkeys(["See people", "Manage people", "Manage access"], False)
    visitor("admin@example.org").get(f"/roles/{cast.lead_role.id}").submit(SAVE, fields)
    assert roles(app, cast)["Team lead"] == {
        Permission.MANAGE_ROLES,
        Permission.VIEW_CALLS,
        Permission.REVEAL_NUMBERS,
        Permission.VIEW_CONTACTS,
        Permission.EDIT_CONTACTS,
    }
    lead.get("/users", status=403)


def test_nobody_gives_what_they_do_not_hold(app, cast, visitor):
    lead, before = visitor("lead@example.org"), roles(app, cast)
    form = lead.get("/roles/new", fragment=True)
    assert form.texts("#permissions label") == [
        "Manage access",
        "See the call log",
        "Reveal a masked number",
        "See contacts",
        "Edit contacts",
        "See people",
        "Manage people",
        "Manage roles",
    ]
    for permission in ("see_everything", "export", "company_settings", "nonsense", ""):
        page = lead.post("/roles/new", {"name": "X", "permissions": permission}, status=422)
        assert page.texts("#permissions-d") == ["Some of these are no longer here."]
    own = f"/roles/{cast.lead_role.id}"
    lead.post(
        own, {"name": "Team lead", "version": "1", "permissions": "see_everything"}, status=422
    )
    assert roles(app, cast) == before


def test_a_role_that_may_do_more_is_out_of_reach(app, cast, visitor):
    with make.building(app, of=cast.admin):
        boss = make.role("Boss", *Permission)
    lead, before = visitor("lead@example.org"), roles(app, cast)
    url = f"/roles/{boss.id}"
    lead.post(url, {"name": "Boss", "version": "1"}, status=422)
    lead.post(f"{url}/delete", status=422)
    lead.post(f"{url}/people", {"version": "1", "add-user": str(cast.lead.id)}, status=422)
    assert roles(app, cast) == before
    assert holders(app, cast, boss) == set()
    copied = lead.get(f"/roles/new?from={boss.id}", fragment=True)
    assert copied.texts(".note")[0].startswith("Left out, since you may not do it yourself: See ev")


def test_only_an_unused_role_is_deleted(app, cast, visitor):
    with make.building(app, of=cast.admin):
        unused = make.role("Unused", Permission.EXPORT)
    admin = visitor("admin@example.org")
    page = admin.post(f"/roles/{cast.lead_role.id}/delete", status=422)
    assert page.texts(".drawer [role=alert]") == [
        "People have this role. Give them another one first."
    ]
    admin.get(f"/roles/{unused.id}").submit("Delete")
    assert set(roles(app, cast)) == {"Admin", "Operator", "Supervisor", "Team lead"}


@pytest.mark.parametrize("name", ["Admin", "ADMIN", "team LEAD"])
def test_a_taken_name(app, cast, visitor, name):
    page = visitor("admin@example.org").post("/roles/new", {"name": name}, status=422)
    assert page.texts("#name-d") == ["This name is taken already."]


@pytest.mark.parametrize("name", ["", "x" * 101, "a\x07b", "a‮b"])
def test_bad_names(app, cast, visitor, name):
    before = roles(app, cast)
    visitor("admin@example.org").post("/roles/new", {"name": name}, status=422)
    assert roles(app, cast) == before


def test_two_editors(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/roles/{cast.lead_role.id}"
    first, second = admin.get(url), admin.get(url)
    first.submit(SAVE, {"Name": "Theirs"})
    page = second.submit(SAVE, {"Name": "Mine", "Export": True}, status=409)
    assert page.texts("#role-form dd")[0] == "Theirs"
    assert "export" in [x.attributes["value"] for x in page.all("#permissions [checked]")]
    page.submit(SAVE)
    assert Permission.EXPORT in roles(app, cast)["Mine"]


def test_many_people_get_a_role_at_once(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/roles/{cast.supervisor_role.id}/people"
    ids = [str(cast.operator.id), str(cast.ala.id)]
    admin.post(url, {"version": "1", "add-user": ids})
    assert holders(app, cast, cast.supervisor_role) == {
        "kerem@example.org",
        "jan@example.org",
        "seyma@example.org",
    }
    for bad in (cast.stranger.id, make.never_existed(), "x"):
        admin.post(url, {"version": "1", "add-user": [*ids, str(bad)]}, status=422)
    last = {"version": "1", "add-user": str(cast.admin.id)}
    admin.post(url, last, status=422)
    assert holders(app, cast, cast.admin_role) == {"admin@example.org"}


def test_a_lead_gives_roles_to_their_own_people_only(app, cast, visitor):
    with make.building(app, of=cast.admin):
        small = make.role("Small", Permission.VIEW_CALLS)
    lead, url = visitor("lead@example.org"), f"/roles/{small.id}/people"
    for other in (cast.debtor, cast.super, cast.admin):
        lead.post(url, {"version": "1", "add-user": str(other.id)}, status=422)
    lead.post(url, {"version": "1", "add-user": str(cast.operator.id)})
    assert holders(app, cast, small) == {"jan@example.org"}


def test_foreign_roles_and_missing_permission(cast, visitor):
    admin = visitor("admin@example.org")
    for role_id in (cast.other_role.id, make.never_existed()):
        admin.get(f"/roles/{role_id}", status=404)
        admin.get(f"/roles/new?from={role_id}", status=404)
    for email in ("kerem@example.org", "jan@example.org"):
        visitor(email).get("/roles", status=403)
        visitor(email).post(f"/roles/{cast.lead_role.id}", status=403)
