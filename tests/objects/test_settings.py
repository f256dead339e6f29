"""What objects use of each other: offered and held within one project."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from tests.factories import building, company, make_object, project, user

SAVE = "Save changes Ctrl ↵"
NASTY = "Grafik <img src=x onerror=alert(1)> =1+1 Łódź"


@pytest.fixture
def house(app, visitor):
    """Return a supervisor of one of two projects, and objects of both by name."""
    with building(app):
        admin = company()
        ours, theirs = project("Ours"), project("Theirs")
        made = {
            "admin": admin,
            "ours": ours.id,
            "theirs": theirs.id,
            "schedule": make_object("schedules", NASTY, ours).id,
            "foreign schedule": make_object("schedules", "Foreign", theirs).id,
            "queue": make_object("queues", "Kolejka", ours).id,
            "other queue": make_object("queues", "Druga", ours).id,
            "foreign queue": make_object("queues", "Obca", theirs).id,
        }
        both = user("Owen O'Neil", role="supervisor", projects=[ours, theirs])
        somebody = user("Żaneta Źdźbło", role="supervisor", projects=[ours])
    return {"one": visitor(somebody.email), "both": visitor(both.email)}, made


def choices(page, name):
    return page.texts(f"select[name={name}] option")


def test_pickers_offer_what_is_in_the_project_and_not_the_object_itself(house):
    people, made = house
    for visitor in people.values():
        page = visitor.get(f"/objects/queues/{made['queue']}")
        assert choices(page, "schedule_id") == ["None", NASTY]
        assert choices(page, "overflow_id") == ["None", "Druga"]


def test_the_project_chosen_first_decides_what_is_offered(house):
    people, made = house
    address = "/objects/queues/new"
    assert choices(people["both"].get(address), "schedule_id") == ["None"]
    page = people["both"].get(f"{address}?name=Nowa&project={made['theirs']}", fragment=True)
    assert choices(page, "schedule_id") == ["None", "Foreign"]
    assert page.one("input[name=name]").attributes["value"] == "Nowa"
    assert choices(people["one"].get(address), "schedule_id") == ["None", NASTY]


def test_what_is_of_another_project_is_refused_and_named_only_to_who_sees_it(house):
    people, made = house
    said = {}
    for name, visitor in people.items():
        page = visitor.get(f"/objects/queues/{made['queue']}")
        form = {"schedule_id": str(made["foreign schedule"]), "name": "Kolejka"}
        address = f"/objects/queues/{made['queue']}"
        said[name] = visitor.post(address, plain(page) | form, status=422).errors()["Schedule"]
    assert said["both"] == "Foreign is not in the project of this object. Add it there first."
    assert said["one"] == "This is no longer here."


def plain(page):
    """Return what a browser would send of the fields with numbers and choices."""
    chosen = {
        one.attributes["name"]: one.attributes.get("value") or ""
        for one in page.all("#object-form input[type=number]")
    }
    for select in page.all("#object-form select"):
        chosen[select.attributes["name"]] = next(
            (o.attributes["value"] for o in select.css("option[selected]")), ""
        )
    return chosen


def test_the_database_refuses_it_too(app, house):
    _, made = house
    with building(app, of=made["admin"]):
        queue = db.session.get(Queue, (made["admin"].company_id, made["queue"]))
        queue.schedule_id = made["foreign schedule"]
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_what_is_used_says_by_what_and_stays(house):
    people, made = house
    visitor = people["one"]
    page = visitor.get(f"/objects/queues/{made['queue']}")
    page.submit("Save changes Ctrl ↵", {"Schedule": NASTY, "The other queue": "Druga"})
    page = visitor.get(f"/objects/schedules/{made['schedule']}")
    assert page.texts("[aria-labelledby=used-by] a") == ["Kolejka"]
    refused = visitor.post(f"/objects/schedules/{made['schedule']}/delete", status=422)
    assert f"{NASTY} is used by Kolejka. Switch it off instead." in refused.text


def test_what_is_used_in_a_project_does_not_leave_it(app, house):
    people, made = house
    with building(app, of=made["admin"]):
        ours, theirs = (
            db.session.get_one(Project, (made["admin"].company_id, made[x]))
            for x in ("ours", "theirs")
        )
        shared = make_object("schedules", "Shared", ours, theirs).id
    both = people["both"]
    both.get(f"/objects/queues/{made['queue']}").submit(SAVE, {"Schedule": "Shared"})
    page = both.get(f"/objects/schedules/{shared}")
    refused = page.submit(SAVE, {"Ours": False}, status=422)
    assert "Shared is used in Ours by " in refused.text
    page.submit(SAVE, {"Theirs": False})
    assert both.get(f"/objects/schedules/{shared}").one("[name=projects][checked]")
