"""What depends on each other: shown before a move, taken along in one, and never torn apart."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.crm.fillings.models import FormFilling
from portal.extensions import db
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario, ScenarioVersion
from portal.objects.kinds.scenario.models import ScenarioTarget
from portal.objects.kinds.schedule import Schedule
from portal.objects.queues.models import QueueNumber, QueueUser
from tests import factories as make
from tests.access.browsers import browser
from tests.attacks.processes import all_rows, killed_before
from tests.projects.conftest import HOSTILE
from tests.projects.test_panel import save, url

KILLS = 25
ALL = (Queue, Scenario, QueueUser, QueueNumber)


@pytest.fixture
def web(app, cast):
    """Give queues of Windykacja that use each other in a circle, a scenario, and a schedule."""
    with make.building(app, of=cast.admin):
        debts = cast.debts
        cast.scenario = make.make_object("scenarios", HOSTILE, debts)
        cast.second = make.make_object("queues", "Druga", debts)
        cast.third = make.make_object("queues", "Trzecia", debts, overflow_id=cast.second.id)
        cast.lonely = make.make_object("queues", "Sama", debts)
        second = db.session.get_one(Queue, (debts.company_id, cast.second.id))
        second.overflow_id, second.scenario_id = cast.third.id, cast.scenario.id
        key = {"company_id": debts.company_id, "project_id": debts.id}
        db.session.add(QueueUser(**key, queue_id=second.id, user_id=cast.ala.id, penalty=3))
        db.session.add(QueueNumber(**key, queue_id=second.id, number="801"))
    return cast


def places(app, cast, *models):
    """Return what is in which project, parts too."""
    names = {cast.care.id: "care", cast.debts.id: "debts", cast.default.id: "default"}
    with make.building(app, of=cast.admin):
        rows = [one for model in models or ALL for one in db.session.scalars(select(model))]
        return sorted(
            (type(one).__name__, getattr(one, "name", ""), names[one.project_id]) for one in rows
        )


def told(page):
    return page.texts(".panel-notes b"), page.texts(".panel-notes .versions li")


CIRCLE = [
    "Queue Trzecia uses Druga",
    f"Call scenario {HOSTILE} is used by Druga",
]


def test_what_depends_on_a_move_is_shown_and_nothing_moves(app, web, visitor):
    before = places(app, web)
    admin = visitor("admin@example.org")
    page = save(admin, web.care, add_queues=web.second, status=422)
    assert told(page)[0][0] == "Other things depend on what you move or take out."
    assert told(page)[1] == CIRCLE
    assert page.one("#along").attributes["form"] == "stage"
    assert page.one("input[name=add-queues]").attributes["value"] == str(web.second.id)
    assert places(app, web) == before
    page = save(admin, web.care, add_queues=web.third, status=422)
    assert told(page)[1] == [
        "Queue Druga uses Trzecia",
        f"Call scenario {HOSTILE} is used by Druga",
    ]
    # What depends on nothing moves as ever.
    save(admin, web.care, add_queues=web.lonely)
    assert ("Queue", "Sama", "care") in places(app, web)


@pytest.mark.parametrize("who", ["admin@example.org", "builder@example.org"])
def test_dependents_are_taken_along_with_their_parts(app, web, visitor, who):
    person = visitor(who)
    page = save(person, web.care, add_queues=web.second, along="1")
    assert page.texts(".toast > span") == ["Obsługa is saved. 3 added, 0 removed."]
    assert places(app, web) == sorted(
        [
            ("QueueNumber", "", "care"),
            ("QueueUser", "", "care"),
            ("Queue", "Druga", "care"),
            ("Queue", "Kolejka", "care"),
            ("Queue", "Sama", "debts"),
            ("Queue", "Trzecia", "care"),
            ("Queue", "KOLEJKA", "debts"),
            ("Queue", HOSTILE, "debts"),
            ("Scenario", HOSTILE, "care"),
        ]
    )
    with make.building(app, of=web.admin):
        query = select(AuditEntry).where(AuditEntry.action.in_(["moved_in", "moved_out"]))
        entries = db.session.scalars(query)
        found = sorted((one.kind, one.object_name, one.action) for one in entries)
    assert found == sorted(
        (kind, name, action)
        for kind, name in (("queue", "Druga"), ("queue", "Trzecia"), ("scenario", HOSTILE))
        for action in ("moved_in", "moved_out")
    )
    # The second of two clicks finds nothing left to do.
    page = save(person, web.care, add_queues=web.second, along="1")
    assert page.texts(".toast > span") == ["Obsługa is saved. 0 added, 0 removed."]


def test_all_of_a_circle_moves_without_being_asked(app, web, visitor):
    staged = {"add_queues": [web.second, web.third], "add_scenarios": web.scenario}
    save(visitor("admin@example.org"), web.care, **staged)
    assert [row[2] for row in places(app, web, Scenario, QueueUser)] == ["care", "care"]


def test_a_shared_thing_that_is_not_there_is_named_with_the_project(app, web, visitor):
    with make.building(app, of=web.admin):
        db.session.get_one(
            Queue, (web.admin.company_id, web.third.id)
        ).schedule_id = web.schedule.id
    before, admin = places(app, web), visitor("admin@example.org")
    page = save(admin, web.care, add_queues=web.second, along="1", status=422)
    assert told(page)[0] == ["Trzecia uses Święta, which is not in Obsługa. Add it there first."]
    assert places(app, web) == before
    # It can be added in the same go.
    save(admin, web.care, add_queues=web.second, add_schedules=web.schedule, along="1")
    assert [row[2] for row in places(app, web, Scenario, QueueUser)] == ["care", "care"]


def test_a_shared_thing_goes_with_what_uses_it(app, web, visitor):
    with make.building(app, of=web.admin):
        db.session.get_one(
            Queue, (web.admin.company_id, web.third.id)
        ).schedule_id = web.schedule.id
    before, admin = places(app, web), visitor("admin@example.org")
    page = save(admin, web.debts, remove_schedules=web.schedule, status=422)
    assert told(page)[1] == [
        "Queue Druga uses Trzecia",
        "Queue Trzecia uses Święta",
        f"Call scenario {HOSTILE} is used by Druga",
    ]
    assert places(app, web) == before
    save(admin, web.debts, remove_schedules=web.schedule, along="1")
    assert [row for row in places(app, web) if row[2] == "default"] == sorted(
        [
            ("QueueNumber", "", "default"),
            ("QueueUser", "", "default"),
            ("Queue", "Druga", "default"),
            ("Queue", "Trzecia", "default"),
            ("Scenario", HOSTILE, "default"),
        ]
    )
    with make.building(app, of=web.admin):
        link = Schedule.Link
        assert list(db.session.scalars(select(link.project_id))) == [web.default.id]


def test_who_does_not_see_default_is_told_to_take_the_users_out_first(app, web, visitor):
    with make.building(app, of=web.admin):
        db.session.get_one(
            Queue, (web.admin.company_id, web.third.id)
        ).schedule_id = web.schedule.id
    before, builder = places(app, web), visitor("builder@example.org")
    page = save(builder, web.debts, remove_schedules=web.schedule, along="1", status=422)
    assert told(page)[0][0] == (
        "Other things of the project use what you take out: take them out first."
    )
    assert not page.all("#along")
    assert places(app, web) == before


def test_the_form_of_a_shared_thing_names_what_uses_it_and_where(app, web, visitor):
    with make.building(app, of=web.admin):
        db.session.get_one(
            Queue, (web.admin.company_id, web.third.id)
        ).schedule_id = web.schedule.id
    admin = visitor("admin@example.org")
    page = admin.get(f"/objects/schedules/{web.schedule.id}")
    page = page.submit("Save changes", {"Windykacja": False, "Obsługa": True}, status=422)
    assert "Święta is used in Windykacja by Trzecia. Change these first." in page.text


def test_names_of_what_comes_along_must_be_free(app, web, visitor):
    with make.building(app, of=web.admin):
        make.make_object("scenarios", HOSTILE, web.care)
    before = places(app, web)
    page = save(
        visitor("admin@example.org"), web.care, add_queues=web.second, along="1", status=422
    )
    assert told(page)[0] == [f"Obsługa has another {HOSTILE} already."]
    assert places(app, web) == before


def test_who_sees_one_side_only_takes_nothing_along(app, web, visitor):
    before = places(app, web)
    narrow = visitor("narrow@example.org")
    assert save(narrow, web.care, add_queues=web.second, along="1", status=404).status == 404
    assert places(app, web) == before


def test_a_dialer_takes_its_base_along(app, web, visitor):
    with make.building(app, of=web.admin):
        dialer = make.make_object("dialers", "Kampania", web.debts)
        key = {"company_id": dialer.company_id, "project_id": web.debts.id}
        for number in range(30):
            one = DialerNumber(**key, dialer_id=dialer.id, number=f"+485123450{number:02}")
            db.session.add(one)
    save(visitor("admin@example.org"), web.care, add_dialers=dialer)
    found = places(app, web, Dialer, DialerNumber)
    assert {row[2] for row in found} == {"care"}
    assert len(found) == 31


def test_a_move_of_several_things_that_is_killed_has_not_happened(app, web):
    mine = browser(app, web.admin.email)
    sent = {"csrf_token": mine.token, "version": "1", "add-queues": str(web.second.id)}
    sent |= {"along": "1", "history": "moves"}
    before, kills = all_rows(app), 0

    def move():
        assert mine.open("POST", url(web.care), data=sent).status_code in (200, 303)

    assert killed_before(app, None, move)
    assert all_rows(app) == before, "half moved before its commit"
    for number in range(1, 200, 2):
        if not killed_before(app, number, move):
            break
        assert all_rows(app) == before, f"half moved before its statement {number}"
        kills += 1
    assert kills >= KILLS
    assert [row[2] for row in places(app, web, Scenario, QueueUser)] == ["care", "care"]


def test_a_scenario_moves_with_its_versions_and_what_its_steps_lead_to(app, web, visitor):
    with make.building(app, of=web.admin):
        key = {"company_id": web.admin.company_id, "project_id": web.debts.id}
        key["scenario_id"] = web.scenario.id
        db.session.add(ScenarioVersion(**key, number=1, content={}))
        db.session.add(ScenarioTarget(**key, queue_id=web.lonely.id))
    admin = visitor("admin@example.org")
    page = save(admin, web.care, add_queues=web.lonely, status=422)
    assert told(page)[1] == [
        "Queue Druga uses " + HOSTILE,
        "Queue Trzecia uses Druga",
        f"Call scenario {HOSTILE} uses Sama",
    ]
    save(admin, web.care, add_queues=web.lonely, along="1")
    found = places(app, web, Scenario, ScenarioVersion, ScenarioTarget, QueueUser)
    assert {row[2] for row in found} == {"care"}
    assert len(found) == 4


def test_a_form_that_was_filled_in_stays_where_its_answers_are(app, web, visitor):
    with make.building(app, of=web.admin):
        form = make.make_object("forms", "Ankieta", web.debts)
        free = make.make_object("forms", "Pusta", web.debts)
        key = {"company_id": web.admin.company_id, "project_id": web.debts.id}
        version = FormVersion(**key, form_id=form.id, number=1, content={})
        db.session.add(version)
        db.session.flush()
        db.session.add(FormFilling(**key, form_version_id=version.id))
        db.session.add(FormVersion(**key, form_id=free.id, number=1, content={}))
    admin, models = visitor("admin@example.org"), (CrmForm, FormVersion, FormFilling)
    before = places(app, web, *models)
    page = save(admin, web.care, add_forms=form, along="1", status=422)
    assert told(page)[0] == ["Something of its project holds Ankieta there."]
    assert places(app, web, *models) == before
    save(admin, web.care, add_forms=free)
    assert places(app, web, *models) == [
        ("CrmForm", "Ankieta", "debts"),
        ("CrmForm", "Pusta", "care"),
        ("FormFilling", "", "debts"),
        ("FormVersion", "", "care"),
        ("FormVersion", "", "debts"),
    ]
