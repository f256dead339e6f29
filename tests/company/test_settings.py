"""Company → Settings, and the change of the security type."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from portal.company.models import Company, Security
from portal.extensions import db
from portal.members.models import Role, User
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectUser
from portal.wall.scope import unscoped
from tests import factories as make

NAME = 'Łódź & "Söhne" <b>'
SHARED = [slug for slug, kind in KINDS.items() if not kind.owned]


@pytest.fixture
def simple(app):
    """A simple company with an object of each kind, shared ones in no project, and 3 people."""
    with make.building(app):
        admin = make.company(NAME, enhanced=False, email="admin@example.org")
        make.user("Ala", email="ala@example.org", role="supervisor")
        make.user("Locked", email="locked@example.org", locked=True)
        default = make.default_project()
        for slug, kind in KINDS.items():
            make.make_object(slug, f"A {slug}", *([default] if kind.owned else []))
    return admin


def stored(app, admin):
    with app.app_context(), unscoped("a test looks at a company"):
        company = db.session.get(Company, admin.company_id)
        return company.name, company.timezone, company.language, company.security


def inside_default(app, admin):
    """Return how many objects of each kind, and which people, are in the project Default."""
    with make.building(app, of=admin):
        default = make.default_project()
        counts = {}
        for slug, kind in KINDS.items():
            model = kind.model if kind.owned else kind.model.Link
            query = select(func.count(model.project_id)).where(model.project_id == default.id)
            counts[slug] = db.session.scalar(query)
        people = select(User.email).join(ProjectUser, ProjectUser.user_id == User.id)
        return counts, sorted(
            db.session.scalars(people.where(ProjectUser.project_id == default.id))
        )


def change(person, status=200, typed=NAME):
    return person.get("/settings/security").submit(
        person.button, {f"Type {NAME} to confirm": typed}, status=status
    )


def test_settings_are_saved(app, simple, visitor):
    page = visitor("admin@example.org").get("/settings")
    page = page.submit(
        "Save changes Ctrl ↵",
        {"Name": "Şirket", "Time zone": "Europe/Istanbul", "Language": "Türkçe"},
    )
    assert stored(app, simple) == ("Şirket", "Europe/Istanbul", "tr", Security.SIMPLE)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a‮b"}, "name"),
        ({"timezone": "Mars/Phobos"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"language": "xx"}, "language"),
    ],
)
def test_bad_settings(app, simple, visitor, fields, field):
    before = stored(app, simple)
    good = {"name": "X", "timezone": "Europe/Warsaw", "language": "en", "version": "1"}
    page = visitor("admin@example.org").post("/settings", {**good, **fields}, status=422)
    assert page.one(f"#{field}").attributes["aria-invalid"] == "true"
    assert stored(app, simple) == before


def test_two_editors_of_the_settings(app, simple, visitor):
    admin = visitor("admin@example.org")
    first, second = admin.get("/settings"), admin.get("/settings")
    first.submit("Save changes Ctrl ↵", {"Name": "Theirs"})
    page = second.submit("Save changes Ctrl ↵", {"Name": "Mine"}, status=409)
    assert page.texts(".note dd") == ["Theirs", "Europe/Warsaw", "English"]
    page.submit("Save changes Ctrl ↵")
    assert stored(app, simple)[0] == "Mine"


def test_to_enhanced_says_beforehand_what_happens_and_nobody_loses_sight(app, simple, visitor):
    admin, ala = visitor("admin@example.org"), visitor("ala@example.org")
    seen = {slug: ala.get(f"/objects/{slug}").rows("#list table") for slug in KINDS}
    page = admin.get("/settings/security")
    assert page.texts("#effect-h") == ["The project Default will hold 10 objects and 3 people."]
    assert "Nobody loses sight of anything." in page.texts("section p")
    assert [row[1:] for row in page.rows()] == [["1", "1"]] * 10 + [["3", "3"]]
    admin.button = "Put the walls up"
    change(admin)
    assert stored(app, simple)[3] is Security.ENHANCED
    counts, people = inside_default(app, simple)
    assert counts == dict.fromkeys(KINDS, 1)
    assert people == ["admin@example.org", "ala@example.org", "locked@example.org"]
    for slug, rows in seen.items():
        now = ala.get(f"/objects/{slug}").rows("#list table")
        assert [row[0] for row in now] == [row[0] for row in rows] == [f"A {slug}"]


def test_the_name_must_be_typed(app, simple, visitor):
    admin = visitor("admin@example.org")
    admin.button = "Put the walls up"
    for typed in ("", "wrong", NAME + "x"):
        page = change(admin, status=422, typed=typed)
        assert len(page.texts("#typed-d")) == 1
    assert stored(app, simple)[3] is Security.SIMPLE


def test_a_second_click_changes_nothing(app, simple, visitor):
    admin = visitor("admin@example.org")
    fields = {"to": "enhanced", "typed": NAME}
    admin.post("/settings/security", fields)
    admin.post("/settings/security", fields, status=409)
    admin.post("/settings/security", {**fields, "to": "nonsense"}, status=422)
    assert stored(app, simple)[3] is Security.ENHANCED


def test_back_and_forth_keeps_projects_and_makes_no_second_default(app, simple, visitor):
    admin = visitor("admin@example.org")
    admin.post("/settings/security", {"to": "enhanced", "typed": NAME})
    with make.building(app, of=simple):
        care = make.project("Care")
        make.user("Eve", email="eve@example.org", projects=[care])
        for slug in KINDS:
            make.make_object(slug, f"Care {slug}", care)
        ala = db.session.scalars(select(User).where(User.email == "ala@example.org")).one()
        make.join(care, ala)
    page = admin.get("/settings/security")
    assert page.texts("#effect-h") == ["3 people of 4 will see more than today."]
    assert page.rows() == [["Operator", "2", "1", "2"], ["Supervisor", "1", "2", "2"]]
    admin.post("/settings/security", {"to": "simple", "typed": NAME})
    assert stored(app, simple)[3] is Security.SIMPLE
    with make.building(app, of=simple):
        make.user("Late", email="late@example.org")
        for slug in SHARED:
            make.make_object(slug, f"Late {slug}")
    page = admin.get("/settings/security")
    effect = f"The project Default will hold {10 + len(SHARED)} objects and 4 people."
    assert page.texts("#effect-h") == [effect]
    assert len(page.texts(".note")) == 1
    admin.post("/settings/security", {"to": "enhanced", "typed": NAME})
    counts, people = inside_default(app, simple)
    assert counts == {slug: 2 if slug in SHARED else 1 for slug in KINDS}
    assert people == [f"{who}@example.org" for who in ("admin", "ala", "late", "locked")]
    with make.building(app, of=simple):
        assert set(db.session.scalars(select(Project.name))) == {"Default", "Care"}


def test_taking_the_walls_down_needs_the_sight_of_everything(app, visitor):
    with make.building(app):
        admin = make.company(NAME)
        keeper = make.role("Keeper", make.Permission.COMPANY_SETTINGS)
        make.user("Keeper", email="keeper@example.org", role=keeper)
    person = visitor("keeper@example.org")
    page = person.get("/settings/security")
    assert page.all("main form") == []
    person.post("/settings/security", {"to": "simple", "typed": NAME}, status=422)
    assert stored(app, admin)[3] is Security.ENHANCED


def test_only_a_permitted_role(simple, visitor):
    for path in ("/settings", "/settings/security"):
        visitor("ala@example.org").get(path, status=403)
        visitor("ala@example.org").post(path, {"to": "enhanced", "typed": NAME}, status=403)
        assert visitor().get(path).path == "/sign-in"


def test_two_changes_at_once_have_one_effect(app, simple, visitor):
    with make.building(app, of=simple):
        make.user("Second", email="second@example.org", role="admin")
    people = [visitor("admin@example.org"), visitor("second@example.org")]
    answers = []

    def put_up(person):
        fields = {"csrf_token": person.token(), "to": "enhanced", "typed": NAME}
        page = person.send("POST", "/settings/security", data=fields, status=None, follow=False)
        answers.append(page.status)

    threads = [threading.Thread(target=put_up, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    counts, people_inside = inside_default(app, simple)
    assert counts == dict.fromkeys(KINDS, 1)
    assert len(people_inside) == 4


def test_other_companies_are_left_alone(app, simple, visitor):
    with make.building(app):
        other = make.company("Other", enhanced=False, email="other@example.org")
        make.make_object(SHARED[0], "Theirs")
    visitor("admin@example.org").post("/settings/security", {"to": "enhanced", "typed": NAME})
    assert stored(app, other)[3] is Security.SIMPLE
    assert inside_default(app, other) == (dict.fromkeys(KINDS, 0), [])


def test_the_command_line_founds_a_company(app):
    arguments = ["portal", "create-company", "Şirket", "--admin", "kurucu@example.org"]
    result = app.test_cli_runner().invoke(args=[*arguments, "--language", "tr"])
    assert result.exit_code == 0, result.output
    with app.app_context(), unscoped("a test looks at a company"):
        admin = db.session.scalars(select(User)).one()
        assert (admin.email, admin.role.template, admin.state) == (
            "kurucu@example.org",
            "admin",
            "invited",
        )
        assert set(db.session.scalars(select(Role.template))) == {"admin", "operator", "supervisor"}
        assert db.session.scalars(select(Project.is_default)).all() == [True]
    for bad in (["--admin", "nonsense"], ["--admin", "a@b.pl", "--timezone", "Mars/Phobos"]):
        result = app.test_cli_runner().invoke(args=[*arguments[:3], *bad])
        assert result.exit_code == 2, result.output
