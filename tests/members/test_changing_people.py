"""Creating, editing, locking people: what happens, what must not, and what is said."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from portal.accounts.models import Mail
from portal.database import new_id
from portal.extensions import db
from portal.members.models import GroupUser, User
from portal.projects.models import ProjectUser
from portal.wall.scope import unscoped
from tests import factories as make

HOSTILE = '<img src=x onerror=alert(1)> "Łódź" =1+1'


def person(app, cast, email):
    """Return what is stored of a person: name, role, state, groups and projects; else None."""
    with make.building(app, of=cast.admin):
        found = db.session.scalars(select(User).where(User.email == email)).one_or_none()
        if found is None:
            return None
        groups = db.session.scalars(select(GroupUser.group_id).where(GroupUser.user == found))
        projects = db.session.scalars(
            select(ProjectUser.project_id).where(ProjectUser.user == found)
        )
        return found.name, found.role.name, found.state, set(groups), set(projects)


def count(app, model):
    with app.app_context(), unscoped("a test counts rows"):
        return len(db.session.scalars(select(model)).all())


def mails(app):
    with app.app_context(), unscoped("a test reads the outbox"):
        return [mail.recipient for mail in db.session.scalars(select(Mail).order_by(Mail.id))]


def test_one_form_makes_an_employee_with_everything(app, cast, visitor):
    form = visitor("admin@example.org").get("/users/new")
    page = form.submit(
        "Create and invite Ctrl ↵",
        {
            "Name": f"  {HOSTILE} ",
            "E-mail": "Nowa.Osoba@Example.org",
            "Extension (optional)": "2107",
            "Role": "Supervisor",
            "Ranna zmiana": True,
            "Windykacja": True,
        },
    )
    assert page.path == "/users"
    assert person(app, cast, "Nowa.Osoba@Example.org") == (
        HOSTILE,
        "Supervisor",
        "invited",
        {cast.day.id},
        {cast.debts.id},
    )
    assert mails(app) == ["Nowa.Osoba@Example.org"]


def test_a_double_click_has_one_effect(app, cast, visitor):
    admin = visitor("admin@example.org")
    fields = {"name": "Ala", "email": "ala@example.org", "role": str(cast.operator_role.id)}
    admin.post("/users/new", fields)
    again = admin.post("/users/new", {**fields, "email": "ALA@example.org"}, status=422)
    assert again.texts("#email-d") == ["Somebody of your company has this address."]
    assert mails(app) == ["ala@example.org"]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"name": "  "}, "name", "This is needed."),
        ({"name": "x" * 101}, "name", "At most 100 characters."),
        ({"name": "ﷺ" * 90}, "name", "At most 100 characters."),
        ({"name": "a\x07b"}, "name", "This text contains characters that cannot be shown safely."),
        ({"name": "a‮b"}, "name", "This text contains characters that cannot be shown safely."),
        ({"email": "nonsense"}, "email", "This is not an e-mail address."),
        ({"email": "a@b.c, d@e.f"}, "email", "This is not an e-mail address."),
        ({"email": "x" * 250 + "@example.org"}, "email", "At most 254 characters."),
        ({"email": "SEYMA@example.org"}, "email", "Somebody of your company has this address."),
        (
            {"extension": "21'07"},
            "extension",
            "An extension has digits, letters, dots and dashes only.",
        ),
        ({"role": "never"}, "role", "Not a valid choice."),
    ],
)
def test_bad_input_is_explained_at_the_field(app, cast, visitor, fields, field, message):
    before = count(app, User)
    good = {"name": "Ala", "email": "ala@example.org", "role": str(cast.operator_role.id)}
    page = visitor("admin@example.org").post("/users/new", {**good, **fields}, status=422)
    assert page.texts(f"#{field}-d") == [message]
    assert count(app, User) == before
    assert mails(app) == []


def test_an_address_of_another_company_is_free(app, cast, visitor):
    fields = {"name": "Ala", "email": "other@example.org", "role": str(cast.operator_role.id)}
    visitor("admin@example.org").post("/users/new", fields)
    assert person(app, cast, "other@example.org")[0] == "Ala"


@pytest.mark.parametrize("field", ["role", "groups", "projects"])
def test_a_foreign_choice_is_refused_like_one_that_never_existed(app, cast, visitor, field):
    foreign = {
        "role": cast.other_role.id,
        "groups": cast.other_group.id,
        "projects": cast.other_project.id,
    }
    admin, before = visitor("admin@example.org"), count(app, User)
    good = {"name": "Ala", "email": "ala@example.org", "role": str(cast.operator_role.id)}
    bodies = set()
    for value in (foreign[field], make.never_existed(), "x"):
        page = admin.post("/users/new", {**good, field: str(value)}, status=422, fragment=True)
        bodies.add(page.tree.css_first(f"#{field}-d").html)
    assert len(bodies) == 1
    assert count(app, User) == before


def test_company_and_other_columns_cannot_be_slipped_in(app, cast, visitor):
    fields = {
        "name": "Ala",
        "email": "ala@example.org",
        "role": str(cast.operator_role.id),
        "company_id": str(cast.other_admin.company_id),
        "role_id": str(cast.admin_role.id),
        "password_hash": "x",
        "id": str(cast.operator.id),
    }
    visitor("admin@example.org").post("/users/new", fields)
    assert person(app, cast, "ala@example.org")[1:3] == ("Operator", "invited")


def test_a_lead_gives_only_what_they_hold_and_where_they_see(app, cast, visitor):
    lead = visitor("lead@example.org")
    form = lead.get("/users/new", fragment=True)
    assert form.texts("#role option") == ["Operator", "Team lead"]
    assert form.texts("#groups-list li") == ["Ranna zmiana"]
    assert form.texts("#projects-list li") == ["Obsługa klienta"]
    good = {"name": "Ala", "email": "ala@example.org", "role": str(cast.operator_role.id)}
    for bad in (
        {"role": cast.admin_role.id},
        {"role": cast.supervisor_role.id},
        {"groups": cast.night.id},
        {"projects": cast.debts.id},
    ):
        lead.post("/users/new", {**good, **bad}, status=422)
    assert person(app, cast, "ala@example.org") is None
    lead.post("/users/new", {**good, "projects": cast.care.id})
    assert person(app, cast, "ala@example.org")[4] == {cast.care.id}


def test_nobody_takes_over_the_account_of_who_may_do_or_see_more(app, cast, visitor):
    lead = visitor("lead@example.org")
    for target in (cast.admin, cast.super, cast.debtor):
        was = person(app, cast, target.email)
        url = f"/users/{target.id}"
        page = lead.get(url, fragment=True)
        assert page.all("#user-form") == []
        fields = {
            "name": "Mine",
            "email": "mine@example.org",
            "role": str(target.role_id),
            "version": "1",
        }
        lead.post(url, fields, status=422)
        lead.post(f"{url}/lock", status=422)
        lead.post("/users/bulk/lock", {"person": str(target.id)}, status=422)
        lead.post(
            "/users/bulk/role",
            {"person": str(target.id), "role": str(cast.operator_role.id)},
            status=422,
        )
        assert person(app, cast, target.email) == was


def test_editing_changes_memberships_and_leaves_those_out_of_sight(app, cast, visitor):
    with make.building(app, of=cast.admin):
        make.join(cast.debts, cast.operator)
    admin = visitor("admin@example.org")
    page = admin.get(f"/users/{cast.operator.id}").submit(
        "Save changes Ctrl ↵",
        {"Name": "Jan Kos-Yıldız", "Obsługa klienta": False, "Nocna zmiana": True},
    )
    assert page.path == "/users"
    assert person(app, cast, "jan@example.org") == (
        "Jan Kos-Yıldız",
        "Operator",
        "active",
        {cast.night.id},
        {cast.debts.id},
    )


def test_two_editors_lose_nothing(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/users/{cast.operator.id}"
    first, second = admin.get(url), admin.get(url)
    first.submit("Save changes Ctrl ↵", {"Name": "Theirs", "Nocna zmiana": True})
    page = second.submit("Save changes Ctrl ↵", {"Name": "Mine", "Ranna zmiana": True}, status=409)
    assert page.rows("#user-form table") == [["Name", "Theirs", "Mine"]]
    assert person(app, cast, "jan@example.org")[0] == "Theirs"
    page.submit("Save changes Ctrl ↵")
    stored = person(app, cast, "jan@example.org")
    assert stored[0] == "Mine"
    assert stored[3] == {cast.day.id, cast.night.id}


def test_a_conflict_as_fragment_keeps_the_drawer(cast, visitor):
    admin, url = visitor("admin@example.org"), f"/users/{cast.operator.id}"
    fields = {"name": "Mine", "email": "jan@example.org", "role": str(cast.operator_role.id)}
    page = admin.post(url, {**fields, "version": "7"}, status=409, fragment=True)
    assert page.one("#name").attributes["value"] == "Mine"
    assert page.one("[name=version]").attributes["value"] == "1"


def test_locking_ends_sessions_at_once_and_unlocking_lets_in_again(app, cast, visitor):
    jan, admin = visitor("jan@example.org"), visitor("admin@example.org")
    jan.get("/profile")
    admin.get(f"/users/{cast.operator.id}").submit("Lock")
    assert person(app, cast, "jan@example.org")[2] == "locked"
    assert jan.get("/profile").path == "/sign-in"
    admin.get(f"/users/{cast.operator.id}").submit("Unlock")
    assert person(app, cast, "jan@example.org")[2] == "active"
    assert jan.get("/profile").path == "/sign-in"


def test_nobody_locks_themselves(app, cast, visitor):
    page = visitor("admin@example.org").post(f"/users/{cast.admin.id}/lock", status=422)
    assert "You cannot lock yourself." in page.texts("[role=alert]")[0]
    assert person(app, cast, "admin@example.org")[2] == "active"


def test_the_last_admin_stays(app, cast, visitor):
    admin, url = visitor("admin@example.org"), f"/users/{cast.admin.id}"
    page = admin.get(url).submit("Save changes Ctrl ↵", {"Role": "Operator"}, status=422)
    assert page.texts("#role-d") == ["The company needs an Admin: this is the last one."]
    bulk = {"person": str(cast.admin.id), "role": str(cast.operator_role.id)}
    admin.post("/users/bulk/role", bulk, status=422)
    with make.building(app, of=cast.admin):
        make.user("Invited Only", role="admin", invited=True)
        make.user("Locked", role="admin", locked=True)
        boss = make.role("Boss", *make.Permission)
        make.user("Boss", email="boss@example.org", role=boss)
    admin.post("/users/bulk/role", bulk, status=422)
    visitor("boss@example.org").post(f"{url}/lock", status=422)
    assert person(app, cast, "admin@example.org")[1:3] == ("Admin", "active")
    with make.building(app, of=cast.admin):
        make.user("Second", email="second@example.org", role="admin")
    admin.post("/users/bulk/role", bulk, status=None)
    assert person(app, cast, "admin@example.org")[1] == "Operator"


def test_two_admins_cannot_demote_each_other(app, cast, visitor):
    with make.building(app, of=cast.admin):
        second = make.user("Second", email="second@example.org", role="admin")
    people = [(visitor("admin@example.org"), second), (visitor("second@example.org"), cast.admin)]
    for one, _other in people:
        one.token()
    answers = []

    def demote(one, other):
        bulk = {"person": str(other.id), "role": str(cast.operator_role.id)}
        answers.append(one.post("/users/bulk/role", bulk, status=None, follow=False).status)

    threads = [threading.Thread(target=demote, args=pair) for pair in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    admins = [
        email
        for email in ("admin@example.org", "second@example.org")
        if person(app, cast, email)[1] == "Admin"
    ]
    assert len(admins) == 1, answers


def test_inviting_again(app, cast, visitor):
    with make.building(app, of=cast.admin):
        new = make.user("New", email="new@example.org", invited=True)
    admin = visitor("admin@example.org")
    admin.get(f"/users/{new.id}").submit("Invite again")
    admin.post(f"/users/{cast.operator.id}/invite", status=422)
    assert mails(app) == ["new@example.org"]


def test_another_address_before_the_first_sign_in_is_invited(app, cast, visitor):
    with make.building(app, of=cast.admin):
        new = make.user("New", email="typo@example.org", invited=True)
    visitor("admin@example.org").get(f"/users/{new.id}").submit(
        "Save changes Ctrl ↵", {"E-mail": "right@example.org"}
    )
    assert mails(app) == ["right@example.org"]


def test_bulk_is_all_or_nothing(app, cast, visitor):
    admin = visitor("admin@example.org")
    role = str(cast.supervisor_role.id)
    ids = [str(cast.operator.id), str(cast.ala.id)]
    for bad in (str(cast.stranger.id), str(make.never_existed()), "nonsense"):
        page = admin.post("/users/bulk/role", {"person": [*ids, bad], "role": role}, status=422)
        assert page.texts("#list > .note") == [
            "Some of these people are no longer here. Nothing was changed."
        ]
    admin.post("/users/bulk/role", {"person": ids, "role": str(cast.other_role.id)}, status=422)
    admin.post("/users/bulk/role", {"role": role}, status=422)
    assert person(app, cast, "jan@example.org")[1] == "Operator"
    page = admin.post("/users/bulk/role?q=kos", {"person": ids, "role": role})
    assert page.url == "/users?q=kos"
    assert person(app, cast, "jan@example.org")[1] == "Supervisor"
    assert person(app, cast, "seyma@example.org")[1] == "Supervisor"


def test_five_thousand_ticked_boxes(app, cast, visitor):
    ids = [str(new_id()) for _ in range(5000)]
    admin = visitor("admin@example.org")
    admin.post("/users/bulk/lock", {"person": ids}, status=422)
    good = {"name": "Ala", "email": "ala@example.org", "role": str(cast.operator_role.id)}
    admin.post("/users/new", {**good, "groups": ids, "projects": ids}, status=422)
    assert person(app, cast, "ala@example.org") is None


def test_without_the_permission_nothing_can_be_changed(app, cast, visitor):
    kerem = visitor("kerem@example.org")
    url = f"/users/{cast.operator.id}"
    kerem.get("/users/new", status=403)
    kerem.get(url, status=403)
    for path in ("/users/new", url, f"{url}/lock", f"{url}/unlock", f"{url}/invite"):
        kerem.post(path, status=403)
    for path in ("/users/bulk/lock", "/users/bulk/role"):
        kerem.post(path, {"person": str(cast.operator.id)}, status=403)
    assert person(app, cast, "jan@example.org")[2] == "active"


def places(app, cast, email):
    with make.building(app, of=cast.admin):
        found = db.session.scalars(select(User).where(User.email == email)).one()
        return found.language, found.timezone


def test_a_person_has_a_language_and_a_time_zone_or_the_companys(app, cast, visitor):
    admin = visitor("admin@example.org")
    form = admin.get("/users/new")
    assert form.texts("#language option[selected]") == ["As the company: English"]
    email = "defne@example.org"
    given = {"Name": "Defne Ağaoğlu", "E-mail": email, "Language": "Türkçe"}
    form.submit("Create and invite Ctrl ↵", {**given, "Time zone": "Europe/Istanbul"})
    assert places(app, cast, email) == ("tr", "Europe/Istanbul")
    with app.app_context(), unscoped("a test reads the outbox"):
        subject = db.session.scalars(select(Mail.subject)).one()
    assert subject == "Bulkhead'e davetlisiniz"
    with make.building(app, of=cast.admin):
        person_id = db.session.scalars(select(User.id).where(User.email == email)).one()
    form = admin.get(f"/users/{person_id}")
    assert form.texts("#language option[selected], #timezone option[selected]") == [
        "Türkçe",
        "Europe/Istanbul",
    ]
    form.submit("Save changes Ctrl ↵", {"Language": "As the company: English"})
    assert places(app, cast, email) == (None, "Europe/Istanbul")


@pytest.mark.parametrize(("field", "value"), [("language", "de"), ("timezone", "Mars/Olympus")])
def test_a_place_that_is_not_offered_is_refused(app, cast, visitor, field, value):
    good = {"name": "Ala", "email": "ala@example.org", "role": str(cast.operator_role.id)}
    page = visitor("admin@example.org").post("/users/new", {**good, field: value}, status=422)
    assert page.texts(f"#{field}-d") == ["Not a valid choice."]
    assert person(app, cast, "ala@example.org") is None
