"""People into the company: with role, groups and projects, and invited by mail."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.accounts.models import Mail
from portal.extensions import db
from portal.members.models import Group, GroupUser, User
from portal.members.rights import role_name
from portal.projects.models import Project, ProjectUser
from tests import factories
from tests.imports.conftest import counts, imported, upload

PEOPLE = (
    "Imię i nazwisko;Adres e-mail;Rola;Grupy;Projekty;Wewnętrzny;Język\n"
    "Łucja Żółć;lucja@example.org;Supervisor;Zespół Ś;Care PL;3311;polski\n"
    "<img src=x onerror=alert(1)>;img@example.org;;;Sklep Żabka, Care PL;;tr\n"
)


@pytest.fixture
def magda(visitor, centre):
    return visitor(centre.admin.email)


def people(app, centre):
    """Return everybody who was invited: name, address, role, groups, projects, language."""
    with factories.building(app, of=centre.admin):
        query = select(User).where(User.invited_at.is_not(None)).order_by(User.email_key)
        return [
            (
                one.name,
                one.email,
                str(role_name(one.role)),
                _names(Group, GroupUser, "group_id", one),
                _names(Project, ProjectUser, "project_id", one),
                one.language,
            )
            for one in db.session.scalars(query)
        ]


def _names(model, link, column, person):
    query = select(model.name).join(link, getattr(link, column) == model.id)
    return sorted(db.session.scalars(query.where(link.user_id == person.id)))


EXPECTED = [
    ("<img src=x onerror=alert(1)>", "img@example.org", "Operator", [],
     ["Care PL", "Sklep Żabka"], "tr"),
    ("Łucja Żółć", "lucja@example.org", "Supervisor", ["Zespół Ś"], ["Care PL"], "pl"),
]  # fmt: skip


def test_people_get_role_groups_and_projects_and_an_invitation(app, centre, magda, work):
    page = upload(magda, PEOPLE, target="people", Role="Operator")
    page = page.submit("Go on to the preview")
    assert [row[-1] for row in page.rows("#preview table")] == ["Will be added"] * 2
    page = page.submit("Import all rows")
    work()
    assert counts(magda.get(page.path)) == [2, 0, 0, 0]
    assert people(app, centre) == EXPECTED
    with factories.building(app, of=centre.admin):
        assert sorted(db.session.scalars(select(Mail.recipient))) == [
            "img@example.org",
            "lucja@example.org",
        ]


def test_the_same_people_again_are_left_as_they_are(app, centre, magda, work):
    imported(magda, PEOPLE, work, target="people")
    page = imported(magda, PEOPLE.replace("Łucja Żółć", "Somebody"), work, target="people")
    assert counts(page) == [0, 0, 2, 0]
    assert people(app, centre) == EXPECTED
    with factories.building(app, of=centre.admin):
        assert len(list(db.session.scalars(select(Mail.id)))) == 2


def test_rows_that_are_wrong_are_refused_and_the_others_taken(app, centre, magda, work):
    head = "Name,E-mail,Role,Groups,Projects,Extension,Language\n"
    rows = [
        "A,nobody,,,,,",
        "B,b@example.org,King,,,,",
        "C,c@example.org,,Nobody's,,,",
        "D,d@example.org,,,Nowhere,,",
        'E,e@example.org,,,,"a b",',
        "F,f@example.org,,,,,Klingon",
        ",g@example.org,,,,,",
        "H,h@example.org,,,,,",
        "H,H@EXAMPLE.ORG,,,,,",
        f"{'x' * 101},i@example.org,,,,,",
    ]
    page = imported(magda, head + "\n".join(rows), work, target="people")
    assert counts(page) == [1, 0, 1, 8]
    assert [row[:2] for row in page.rows()] == [
        ["2", "This is not an e-mail address."],
        ["3", "There is no role King that you may give."],
        ["4", "There is no group Nobody's."],
        ["5", "There is no project Nowhere."],
        ["6", "An extension has digits, letters, dots and dashes only."],
        ["7", "The portal does not speak Klingon."],
        ["8", "Name is missing."],
        ["11", "The name has more than 100 characters."],
    ]
    assert [one[0] for one in people(app, centre)] == ["H"]


def test_all_people_of_a_file_join_the_projects_on_the_form(app, centre, magda, work):
    page = magda.get("/imports/people/new")
    fields = {"File": ("p.csv", b"name,email\nAda,ada@example.org\n"), "Care PL": True}
    page = page.submit("Upload", fields).submit("Go on to the preview")
    page.submit("Import all rows")
    work()
    assert people(app, centre) == [("Ada", "ada@example.org", "Operator", [], ["Care PL"], None)]


def test_nobody_gives_by_a_file_what_they_do_not_hold(app, centre, visitor, work):
    with factories.building(app, of=centre.admin):
        hires = factories.role("Hires", Permission.MANAGE_PEOPLE, Permission.IMPORT_DATA)
        who = factories.user("Kadriye", role=hires, projects=[centre.care])
    kadriye = visitor(who.email)
    assert kadriye.get("/imports").texts("#targets a") == ["People into the company"]
    page = kadriye.get("/imports/people/new")
    assert page.texts("select[name=role] option") == ["Hires"]
    rows = "name,email,role,project\nX,x@example.org,Admin,\nY,y@example.org,,Sklep Żabka\n"
    page = imported(kadriye, rows, work, target="people")
    assert counts(page) == [1, 0, 0, 1]
    assert people(app, centre) == [("Y", "y@example.org", "Hires", [], [], None)]


@pytest.mark.parametrize(
    "headings",
    [
        "Full name,Email address,Position,Team,Project,Ext.,Language",
        "Imię i nazwisko,Adres e-mail,Stanowisko,Zespół,Projekt,Nr wewnętrzny,Język",
        "Ad Soyad,E-posta adresi,Görev,Ekip,Proje,Dahili,Dil",
    ],
)
def test_headings_of_three_languages_are_known(centre, magda, headings):
    page = upload(magda, f"{headings}\na,b@c.de,c,d,e,1,f\n", target="people")
    chosen = {
        select.attributes["name"]: select.css_first("option[selected]").attributes["value"]
        for select in page.all("#columns select")
    }
    names = ["name", "email", "role", "groups", "projects", "extension", "language"]
    assert chosen == {name: str(column) for column, name in enumerate(names)}
