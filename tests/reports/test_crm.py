"""Reports on forms, quotas, cases and contacts: what each may know, counted by hand."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from portal.audit import trail
from portal.crm.fillings.models import FormAnswer, FormFilling
from portal.crm.models import Contact
from portal.database import utcnow
from portal.extensions import db
from portal.imports.models import Import
from portal.objects.kinds.form import FormVersion
from portal.objects.kinds.form.content import Form, Page, Question, Rule
from tests import factories as make
from tests.crm.conftest import OTHER, PHONE, case, contact, own_field, published_form
from tests.reports.conftest import EVIL

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def office(app, visitor):
    now = utcnow()
    with make.building(app):
        admin = make.company()
        ours, theirs = make.project(f"Ours {EVIL}"), make.project("Theirs – İzmir")
        places = {"ours": [ours], "theirs": [theirs], "both": [ours, theirs], "nowhere": []}
        people = {
            name: make.user(f"S {name}", role="supervisor", projects=inside)
            for name, inside in places.items()
        }
        agata = make.user("Agata Żak", projects=[ours])
        barred = str(make.template_role("supervisor").id)
        secret = own_field("Secret", ours, hidden_from=[barred])
        pages = form_pages(secret)
        mine = published_form(f"Ankieta {EVIL}", ours, *pages)
        other = published_form("Form İzmir", theirs, *pages)
        first, second = version(mine, *pages), version(mine, *renamed(pages), number=2)
        alien = version(other)
        ada = contact("Ada Ćma", ours, theirs, phone=PHONE)
        older = contact("Old One", ours, phone=OTHER)
        older.created_at = now - 200 * 24 * HOUR
        fill(first, ada, agata, 60, now, q1=["yes"], q2=["A", EVIL], q3=["Żółć"], q4=["hush"])
        fill(second, ada, agata, 120, now, q1=["yes"], q2=["A"])
        fill(second, older, people["ours"], None, now, q1=["no"])
        fill(alien, ada, None, 30, now, q1=["no"])
        case(
            "Late",
            ada,
            ours,
            due=now.date() - dt.timedelta(days=3),
            owner_id=agata.id,
            created_at=now - 96 * HOUR,
        )
        case(EVIL, ada, ours, due=now.date() + dt.timedelta(days=3), created_at=now - 48 * HOUR)
        case("Over", ada, ours, status="done", due=now.date() - dt.timedelta(days=1))
        case("Şikâyet", ada, theirs)
        brought = make._add(
            Import(person_id=people["ours"].id, target="contacts", file_name="x.csv", file_size=1)
        )
        contact("Imported İ", theirs).named_by = brought.id
        db.session.commit()
        db.session.get_one(Contact, (ada.company_id, ada.id)).name = "Ada Ćma-Nowak"
        trail.record(
            "imported", kind="contact", object_name="x.csv", project_ids=[theirs.id],
            detail={"rows_new": 1, "rows_changed": 7},
        )  # fmt: skip
        db.session.commit()
        emails = {name: one.email for name, one in people.items()} | {"admin": admin.email}
    return lambda name: visitor(emails[name])


def form_pages(secret):
    wanted = (Rule("yes", most=3), Rule("no", most=1))
    return (
        Page("p1", questions=(
            Question("q1", "yes_no", "Do you want it?", required=True, rules=wanted),
            Question("q2", "several", "Which?", choices=("A", EVIL), rules=(Rule(EVIL, most=5),)),
        )),
        Page("p2", questions=(
            Question("q3", "text", "Why?"),
            Question("q4", "text", "Password?", field=str(secret.id)),
        )),
    )  # fmt: skip


def renamed(pages):
    """Return the pages as the next version has them: one question is put otherwise."""
    first, *rest = pages[0].questions
    again = Question("q1", "yes_no", "Will you take it?", required=True, rules=first.rules)
    return (Page("p1", questions=(again, *rest)), pages[1])


def version(form, *pages, number=1):
    if number > 1:
        content = Form(pages).plain()
        key = {"project_id": form.project_id, "form_id": form.id}
        return make._add(FormVersion(number=number, content=content, **key))
    return db.session.query(FormVersion).filter_by(form_id=form.id, number=1).one()


def fill(of, client, person, seconds, now, **answers):
    """Fill a form in within so many seconds, or begin only."""
    begun = now - HOUR
    done = None if seconds is None else begun + dt.timedelta(seconds=seconds)
    made = make._add(
        FormFilling(
            project_id=of.project_id,
            form_version_id=of.id,
            contact_id=client.id,
            status="complete" if done else "draft",
            filled_by_id=person.id if person else None,
            started_at=begun,
            completed_at=done,
        )
    )
    for question, values in answers.items():
        for place, value in enumerate(values):
            counted = value if question in ("q1", "q2") else ""
            row = {"question": question, "place": place, "value": value, "counted": counted}
            make._add(FormAnswer(project_id=of.project_id, filling_id=made.id, **row))


def figures(person, address):
    return person.get(f"/reports/{address}").rows("table.figures")


def test_answers_of_finished_forms_in_all_versions(office):
    """Of one form a question is called as the newest version puts it."""
    assert figures(office("ours"), "form-answers") == [
        ["Which?", "A", "2", "66.7%"],
        ["Which?", EVIL, "1", "33.3%"],
        ["Why?", "In their own words", "1", "100%"],
        ["Will you take it?", "Yes", "2", "100%"],
    ]
    assert figures(office("theirs"), "form-answers") == [["Do you want it?", "No", "1", "100%"]]
    rows = figures(office("both"), "form-answers")
    assert [row[1:] for row in rows] == [
        ["No", "1", "100%"], ["A", "2", "66.7%"], [EVIL, "1", "33.3%"],
        ["In their own words", "1", "100%"], ["Yes", "2", "100%"],
    ]  # fmt: skip
    assert rows[0][0] == "Do you want it? · Form İzmir · Theirs – İzmir"
    assert figures(office("ours"), "form-answers?by=answer") == [
        ["A", "2", "33.3%"],
        ["Yes", "2", "33.3%"],
        [EVIL, "1", "16.7%"],
        ["In their own words", "1", "16.7%"],
    ]


def test_answers_into_a_field_hidden_from_the_role_are_left_out(office):
    """Only the Admin, from whose role it is not hidden, finds out that it was answered at all."""
    for name, told in (("admin", True), ("ours", False)):
        person = office(name)
        for address in (
            "form-answers",
            "form-answers/rows?measure=answers",
            "form-answers/export.json",
            "form-answers/rows?measure=answers&by=answer&key=",
        ):
            text = person.get(f"/reports/{address}").text
            assert ("hush" in text or "Password?" in text) == told, (name, address)


def test_each_share_agrees_with_the_rows_behind_it(office):
    person = office("ours")
    page = person.get("/reports/form-answers")
    for link in page.all("table.figures tbody a"):
        behind = person.get(link.attributes["href"])
        measure, _, value = behind.heading.partition(": ")
        assert value == link.text()
        if measure == "Answers":
            assert len(behind.rows("table.listed")) == int(value)


def test_forms_started_and_finished(office):
    assert figures(office("ours"), "forms-filled") == [
        ["Agata Żak", "2", "2", "100%", "1:30", "2:00"],
        ["S ours", "1", "0", "0%", "–", "0:00"],
    ]
    rows = figures(office("both"), "forms-filled?by=form")
    assert rows == [
        [f"Ankieta {EVIL}", "3", "2", "66.7%", "1:30", "2:00"],
        ["Form İzmir", "1", "1", "100%", "0:30", "0:30"],
    ]
    page = office("ours").get("/reports/forms-filled/rows?measure=finished")
    about = [f"Ankieta {EVIL}", f"Ours {EVIL}", "Ada Ćma-Nowak", "AŻ Agata Żak", "Filled in"]
    assert [[row[1], *row[3:-1]] for row in page.rows("table.listed")] == [about, about]
    assert {(row[2], row[-1]) for row in page.rows("table.listed")} == {
        ("1", "1:00"),
        ("2", "2:00"),
    }


def test_quotas_of_the_newest_version_count_all_versions(office):
    where = [f"Ankieta {EVIL}", f"Ours {EVIL}"]
    mine = [
        [*where, "Which?", EVIL, "5", "1", "4"],
        [*where, "Will you take it?", "No", "1", "0", "1"],
        [*where, "Will you take it?", "Yes", "3", "2", "1"],
    ]
    page = office("ours").get("/reports/quotas")
    assert sorted(page.rows("table.listed")) == sorted(mine)
    assert figures(office("both"), "quotas?by=form") == [
        [f"Ankieta {EVIL}", "3", "9", "3", "6", "33.3%"],
        ["Form İzmir", "3", "9", "1", "8", "11.1%"],
    ]
    exported = json.loads(office("ours").get("/reports/quotas/export.json").text)
    assert sorted([str(cell) for cell in row.values()] for row in exported) == sorted(mine)
    assert "give answers of a CRM form one" in office("nowhere").get("/reports/quotas").text


def test_cases_by_status_and_how_old_they_are(office):
    assert figures(office("ours"), "cases") == [
        ["New", "2", "2", "0%", "1", "3"],
        ["Done", "1", "0", "100%", "0", "–"],
    ]
    assert [row[:2] for row in figures(office("both"), "cases?by=owner")] == [
        ["Nobody", "3"], ["Agata Żak", "1"],
    ]  # fmt: skip
    page = office("ours").get("/reports/cases/rows?measure=overdue")
    (row,) = page.rows("table.listed")
    assert (row[1:4], row[6], row[8]) == (["Late", "Ada Ćma-Nowak", f"Ours {EVIL}"], "4", "Overdue")


def test_contacts_added_and_changed_by_source(office):
    """A contact in both projects was added once; its change was told in each of them."""
    assert figures(office("both"), "contacts-changed?by=source") == [
        ["By hand", "1", "2", "0"],
        ["Import", "1", "7", "0"],
    ]
    assert figures(office("ours"), "contacts-changed?by=source") == [["By hand", "1", "1", "0"]]
    by_project = figures(office("both"), "contacts-changed?by=project")
    assert sorted(by_project) == [
        [f"Ours {EVIL}", "1", "1", "0"],
        ["Theirs – İzmir", "2", "8", "0"],
    ]
    page = office("ours").get("/reports/contacts-changed/rows?measure=changed")
    (row,) = page.rows("table.listed")
    assert (row[1], row[2], row[-1]) == ("Changed", "Ada Ćma-Nowak", "Name")
    assert "Imported İ" not in office("ours").get("/reports/contacts-changed/export.csv").text
