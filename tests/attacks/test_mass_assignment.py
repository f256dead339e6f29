"""No form takes more than it shows: companies, owners, roles and ids are not for a form to say."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.members.models import Role, User
from portal.wall.scope import unscoped
from tests.access.browsers import browser
from tests.access.forms import Form
from tests.factories import building, never_existed

# What belongs to nobody's form, or to one form only.
GUARDED = (
    "id", "company_id", "project_id", "role_id", "user_id", "group_id", "object_id", "template",
    "permission", "is_default", "password_hash", "totp_secret", "locked_at", "archived_at",
    "created_at", "created_by_id", "security",
)  # fmt: skip
# These change what they are there for; they are tried in tests of their own.
LEFT_OUT = {
    "accounts.sign_out", "accounts.end_session", "accounts.end_other_sessions", "users.lock",
    "users.bulk_lock", "users.invite", "projects.archive", "projects.restore", "company.security",
    "objects.delete", "groups.delete", "roles.delete", "users.bulk_role", "calls.reveal",
    "accounts.second_factor", "accounts.change_password", "users.unlock", "contacts.delete",
    "cases.delete", "cases.take_call_off", "numbers.remove", "fillings.delete",
    "queues.take", "queues.remove_number", "kept.favour", "kept.delete", "kept.end",
    "sources.delete_rule", "sources.drop_layout",
}  # fmt: skip
# The first four grow by themselves; rates are written anew from the prices of their provider.
NOT_LOOKED_AT = ("audit_entries", "audit_heads", "auth_sessions", "mails", "provider_rates")


def guarded_values(app) -> dict[tuple, dict[str, Any]]:
    """Return the guarded columns of every row, by table and key."""
    found = {}
    with app.app_context(), unscoped("every row is looked at"):
        for mapper in db.Model.registry.mappers:
            table = mapper.local_table
            if table.name in NOT_LOOKED_AT:
                continue
            for row in db.session.scalars(select(mapper.class_)):
                values = {column.name: getattr(row, column.key) for column in mapper.columns
                          if column.name in GUARDED}  # fmt: skip
                found[table.name, *(getattr(row, key.key) for key in mapper.primary_key)] = values
    return found


def smuggled(world, form: Form) -> dict[str, Any]:
    """Return fields that the form does not show, with values of others and of more rights."""
    theirs, role = world.projects["X"], str(world.rows["role"]["W"])
    values = {
        "company_id": str(theirs.company_id), "project_id": str(theirs.id), "company": "2",
        "project": str(theirs.id), "projects": str(theirs.id), "role_id": role,
        "id": str(never_existed()), "user_id": str(world.rows["user"]["X"]), "template": "admin",
        "permissions": "see_everything", "permission": "see_everything", "is_default": "1",
        "is_admin": "1", "admin": "1", "sees_all": "1", "security": "simple", "password": "x" * 20,
        "password_hash": "x", "totp_secret": "", "locked_at": "", "archived_at": "2020-01-01",
        "created_by_id": str(world.rows["user"]["X"]), "owner": str(world.rows["user"]["X"]),
        "name_key": "x", "email_key": "x", "search_key": "x", "granted": "see_everything",
        "__class__": "x", "id__": "1", "g": "1", "scope": "1",
    }  # fmt: skip
    shown = set(form.names)
    return {name: value for name, value in values.items() if name not in shown}


@pytest.mark.parametrize(
    ("database", "who"),
    [
        *(("sqlite", who) for who in ("admin", "manager of a", "hiring")),
        ("postgresql", "manager of a"),
    ],
    indirect=["database"],
)
def test_what_a_form_does_not_show_is_not_taken(app, world, found, who):
    mine = browser(app, world.people[who].email)
    _parameters, forms = found(who)
    forms = [form for form in forms if form.endpoint not in LEFT_OUT]
    before = guarded_values(app)
    saved = 0
    for number, form in enumerate(forms):
        fields: dict[str, list[str]] = {"csrf_token": [mine.token]}
        for name, value in form.sent:
            made_up = name == "name" and not value
            fields.setdefault(name, []).append(f"Made {number}" if made_up else value)
        for name, value in smuggled(world, form).items():
            fields[name] = fields[f"{name}-0"] = [value]
        saved += mine.open("POST", form.action, data=fields).status_code == 303
    after = guarded_values(app)
    changed = {
        key: (values, after.get(key)) for key, values in before.items() if values != after.get(key)
    }
    assert changed == {}
    ours = world.projects["A"].company_id
    made = {key: values for key, values in after.items() if key not in before}
    assert {values.get("company_id", ours) for values in made.values()} <= {ours}
    assert not any(never_existed() in key for key in made)
    assert saved > 3, "hardly any form was saved: nothing was tried"


def test_nobody_makes_themself_more(app, world):
    """By no form of theirs: profile, their own record, their role, a new role, or a new person."""
    person = world.people["hiring"]
    mine = browser(app, person.email)
    with building(app, of=world.projects["A"]):
        me = db.session.scalars(select(User).where(User.email == person.email)).one()
        admin_role = db.session.scalars(select(Role).where(Role.template == "admin")).one()
        own_role = db.session.get(Role, (me.company_id, me.role_id))
        before = (me.role_id, own_role.permissions)
    everything = {"permissions": "see_everything", "role": str(admin_role.id), "version": "1"}
    for url, fields in {
        "/profile": {"name": me.name, "language": "", "timezone": ""},
        f"/users/{me.id}": {"name": me.name, "email": me.email},
        f"/roles/{own_role.id}": {"name": own_role.name},
        "/roles/new": {"name": "More than I am"},
        "/users/new": {"name": "My other self", "email": "other.self@example.org"},
        "/users/bulk/role": {"person": str(me.id)},
        f"/roles/{admin_role.id}/people": {"add-user": str(me.id)},
    }.items():
        mine.open("POST", url, data={**fields, **everything, "csrf_token": mine.token})
    with building(app, of=world.projects["A"]):
        me = db.session.scalars(select(User).where(User.email == person.email)).one()
        own_role = db.session.get(Role, (me.company_id, me.role_id))
        assert (me.role_id, own_role.permissions) == before
        others = select(User).where(User.role_id == admin_role.id)
        assert [user.email for user in db.session.scalars(others)] == [world.people["admin"].email]
        made = db.session.scalars(select(Role).where(Role.name == "More than I am")).first()
        assert made is None or "see_everything" not in made.permissions
