"""Dialers: their settings, what they may use, and starting, pausing and stopping them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit.models import AuditEntry
from portal.database import utcnow
from portal.extensions import db
from portal.objects.kinds.dialer import Dialer, DialerExclusion
from portal.projects.models import Project
from tests.factories import building, company, make_object, project, user

NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
CREATE, SAVE = "Create Ctrl ↵", "Save changes Ctrl ↵"


@pytest.fixture
def house(app, visitor):
    """Return a supervisor of Ours and one of both projects, and objects by name."""
    with building(app):
        admin = company()
        ours, theirs = project("Ours"), project("Theirs")
        made = {
            "admin": admin,
            "ours": ours,
            "theirs": theirs,
            "queue": make_object("queues", NASTY, ours),
            "inbound": make_object("queues", "Inbound", ours, direction="in"),
            "scenario": make_object("scenarios", "Message", ours),
            "provider": make_object("sip-providers", f"Line {NASTY}", ours),
            "unwanted": make_object("lists", f"Unwanted {NASTY}", ours),
            "second": make_object("lists", "Second", ours),
            "foreign list": make_object("lists", "Foreign list", theirs),
            "foreign queue": make_object("queues", "Foreign queue", theirs),
        }
        both = user("Owen O'Neil", role="supervisor", projects=[ours, theirs])
        somebody = user("Żaneta Źdźbło", role="supervisor", projects=[ours])
        other = user("Işıl Kaya", role="supervisor", projects=[theirs])
        operator = user("Filip Ćma", role="operator", projects=[ours])
    signed_in = {"one": somebody, "both": both, "other": other, "operator": operator}
    people = {name: visitor(one.email) for name, one in signed_in.items()}
    return people, made


def add(visitor, name="Campaign", **fields):
    """Create a dialer that can start, and return its page."""
    ready = {"Queue": NASTY, "SIP provider": f"Line {NASTY}"}
    form = visitor.get("/objects/dialers/new")
    form.submit(CREATE, {"Name": name, **ready, **fields})
    return visitor.get("/objects/dialers").click(name)


def stored(app, made):
    with building(app, of=made["admin"]):
        return db.session.scalars(select(Dialer)).one()


def entries(app, made, *actions):
    with building(app, of=made["admin"]):
        query = select(AuditEntry).where(AuditEntry.kind == "dialer").order_by(AuditEntry.seq)
        return [one for one in db.session.scalars(query) if one.action in actions]


# --- settings


def test_settings_are_kept_as_they_are_shown(app, house):
    people, made = house
    fields = {
        "Mode": "Predictive",
        "Caller ID": "+48221234567",
        "Busy: further attempts": "7",
        "Busy: wait (min)": "25",
        "Calls a day": "5000",
        f"Unwanted {NASTY}": True,
        "Second": True,
    }
    page = add(people["one"], **fields)
    shown = page._filled_in(page.one("#object-form"), {})
    kept = ("mode", "caller_id", "busy_attempts", "busy_wait_min", "daily_limit")
    assert [shown[name] for name in kept] == ["predictive", "+48221234567", "7", "25", "5000"]
    ticked = shown.getlist("excluded_lists")
    assert sorted(ticked) == sorted(str(made[name].id) for name in ("unwanted", "second"))
    page.submit(SAVE)  # and can be saved again as it is
    page = people["one"].get(page.path)
    page.submit(SAVE, {f"Unwanted {NASTY}": False})
    with building(app, of=made["admin"]):
        rows = db.session.scalars(select(DialerExclusion)).all()
        assert [row.list_id for row in rows] == [made["second"].id]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"Mode": "Voice message", "Queue": NASTY},
            {"Queue": "This mode calls without operators: choose a scenario, and no queue."},
        ),
        (
            {"Mode": "Power", "Call scenario": "Message"},
            {"Call scenario": "This mode needs operators: choose a queue, and no scenario."},
        ),
        (
            {"Mode": "Callback", "Call scenario": "Message", "Queue": NASTY},
            {
                "Queue": "Choose a queue or a scenario, not both.",
                "Call scenario": "Choose a queue or a scenario, not both.",
            },
        ),
        ({"Caller ID": "=1+1"}, {"Caller ID": "Digits only, with + before a country's code."}),
        (
            {"Failed: wait (min)": "-1", "Calls in all": "9" * 18},
            {
                "Failed: wait (min)": "A whole number from 0 to 100000.",
                "Calls in all": "A whole number from 0 to 100000000.",
            },
        ),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_does_not_fit_is_told_at_its_field(house, fields, errors):
    people, _made = house
    form = people["one"].get("/objects/dialers/new")
    page = form.submit(CREATE, {"Name": "Any", **fields}, status=422)
    assert page.errors() == errors
    assert people["one"].get("/objects/dialers").rows("table") == []


def test_the_database_keeps_one_answer_and_the_wall_of_lists(app, house):
    """Neither two that answer, nor a list of another project, nor a list that leaves while used."""
    people, made = house
    add(people["one"], f"Dialer {NASTY}", Second=True)
    dialer = stored(app, made)
    wrong = {
        "scenario_id": made["scenario"].id,
        "queue_id": made["foreign queue"].id,
        "excluded_lists": [made["foreign list"].id],
    }
    for name, value in wrong.items():
        with building(app, of=made["admin"]):
            found = db.session.get_one(Dialer, (dialer.company_id, dialer.id))
            setattr(found, name, value)
            with pytest.raises(IntegrityError):
                db.session.flush()
            db.session.rollback()
    page = people["one"].get(f"/objects/lists/{made['second'].id}")
    assert page.texts("[aria-labelledby=used-by] a") == [f"Dialer {NASTY}"]
    page = page.submit("Delete", status=422)
    assert f"Second is used by Dialer {NASTY}. Switch it off instead." in page.text


def test_lists_of_another_project_are_neither_offered_nor_taken(app, house):
    people, made = house
    labels = people["one"].get("/objects/dialers/new").texts("#excluded_lists-list label")
    assert labels == ["Second", f"Unwanted {NASTY}"]
    said = {}
    for name in ("one", "both"):
        fields = {"name": "Sly", "mode": "power", "excluded_lists": str(made["foreign list"].id)}
        fields |= {"project": str(made["ours"].id), "queue_id": "", "active": "y"}
        page = people[name].post("/objects/dialers/new", fields, status=422)
        said[name] = page.text
    assert "Foreign list is not in the project of this object. Add it there first." in said["both"]
    assert "This is no longer here." in said["one"]
    assert "Foreign list" not in said["one"]


def test_a_dialer_moves_with_its_exclusions_where_the_lists_are_too(app, house):
    people, made = house
    with building(app, of=made["admin"]):
        shared = make_object("lists", "Of both", made["ours"], made["theirs"])
        dialer = make_object("dialers", "Wanderer", made["ours"])
        fixed = make_object("dialers", "Fixed", made["ours"])
        dialer.excluded_lists = [shared.id]
        fixed.excluded_lists = [made["second"].id]
    admin = people["both"]
    with building(app, of=made["admin"]):
        found = db.session.get_one(Dialer, (dialer.company_id, dialer.id))
        found.project_id = made["theirs"].id
        db.session.flush()
        rows = db.session.execute(select(DialerExclusion.project_id, DialerExclusion.list_id))
        assert set(map(tuple, rows)) == {
            (made["theirs"].id, shared.id),
            (made["ours"].id, made["second"].id),
        }
        other = db.session.get_one(Dialer, (dialer.company_id, fixed.id))
        other.project_id = made["theirs"].id
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
    assert admin.get(f"/objects/dialers/{fixed.id}").status == 200


def test_the_trail_names_the_lists_to_who_sees_the_project_only(app, house):
    people, made = house
    page = add(people["one"], f"D {NASTY}", Second=True)
    people["one"].get(page.path).submit(SAVE, {"Second": False, f"Unwanted {NASTY}": True})
    created, changed = entries(app, made, "created", "changed")
    assert created.after["excluded_lists"] == ["Second"]
    assert (changed.before, changed.after) == (
        {"excluded_lists": ["Second"]},
        {"excluded_lists": [f"Unwanted {NASTY}"]},
    )
    assert {one.project_id for one in (created, changed)} == {made["ours"].id}
    assert "Lists not to call" in people["one"].get("/activity").text
    assert "Unwanted" not in people["other"].get("/activity").body


# --- its state


def state(page):
    return page.texts("#state .badge")[0]


def test_a_dialer_is_started_paused_and_stopped(app, house):
    people, made = house
    page = add(people["one"], f"D {NASTY}")
    assert (state(page), page.texts("#state button")) == ("Stopped", ["Start"])
    page = page.submit("Start")
    assert (state(page), page.texts("#state button")) == ("Running", ["Pause", "Stop"])
    page = page.submit("Pause")
    assert (state(page), page.texts("#state button")) == ("Paused", ["Start", "Stop"])
    page = page.submit("Start").submit("Stop")
    assert (state(page), stored(app, made).state) == ("Stopped", "stopped")
    told = entries(app, made, "started", "paused", "stopped")
    assert [one.action for one in told] == ["started", "paused", "started", "stopped"]
    assert {one.project_id for one in told} == {made["ours"].id}
    activity = people["one"].get("/activity").text
    assert f"Żaneta Źdźbło paused the dialer D {NASTY}" in activity


def test_of_two_who_press_at_once_the_second_changes_nothing(app, house):
    people, made = house
    page = add(people["one"])
    page.submit("Start")
    assert page.submit("Start").texts(".toast")[0].startswith("Campaign is running.")
    assert len(entries(app, made, "started")) == 1
    address = f"{page.path}/state"
    people["one"].post(address, {"state": "stopped"})
    refused = people["one"].post(address, {"state": "paused"}, status=422)
    assert "Campaign is not running." in refused.text
    for wrong in ("", "Running", "\x00", "deleted"):
        people["one"].post(address, {"state": wrong}, status=400)
    assert stored(app, made).state == "stopped"


def test_what_is_missing_is_named_and_nothing_starts(app, house):
    people, made = house
    people["one"].get("/objects/dialers/new").submit(CREATE, {"Name": NASTY})
    page = people["one"].get("/objects/dialers").click(NASTY)
    missing = "It has no queue. It has no SIP provider."
    assert missing in page.one("#state").text()
    refused = page.submit("Start", status=422)
    assert f"{NASTY} cannot start. {missing}" in refused.text
    assert "checked" in refused.one("#object-form input[name=active]").attributes  # as stored
    assert stored(app, made).state == "stopped"
    assert entries(app, made, "started") == []


BROKEN = {
    "It is switched off.": {"active": False},
    f"{NASTY} is switched off.": {"queue": {"active": False}},
    f"Line {NASTY} is switched off.": {"provider": {"active": False}},
    "The queue Inbound takes inbound calls only.": {"queue_id": "inbound"},
    "It has no call scenario.": {"mode": "voice", "queue_id": None},
    "It has neither a queue nor a call scenario.": {"mode": "callback", "queue_id": None},
    "Its project is archived.": {"project": True},
}


@pytest.mark.parametrize("reason", BROKEN)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_does_not_start_on_what_is_switched_off_or_wrong(app, house, reason):
    people, made = house
    page = add(people["one"])
    change = dict(BROKEN[reason])
    with building(app, of=made["admin"]):
        dialer = db.session.scalars(select(Dialer)).one()
        if change.pop("project", None):
            db.session.get(Project, (dialer.company_id, dialer.project_id)).archived_at = utcnow()
        for name, value in change.items():
            if isinstance(value, dict):
                getattr(dialer, name).active = value["active"]
            else:
                setattr(dialer, name, made[value].id if isinstance(value, str) and value in made
                        else value)  # fmt: skip
    refused = people["both"].post(f"{page.path}/state", {"state": "running"}, status=422)
    assert f"Campaign cannot start. {reason}" in refused.text
    assert stored(app, made).state == "stopped"


def test_what_a_dialer_at_work_needs_is_not_taken_from_it(app, house):
    people, made = house
    page = add(people["one"]).submit("Start")
    for fields, at in (
        ({"Queue": "None"}, "Queue"),
        ({"SIP provider": "None"}, "SIP provider"),
        ({"Active": False}, "Active"),
        ({"Mode": "Callback", "Queue": "None"}, "Queue"),
    ):
        refused = page.submit(SAVE, fields, status=422)
        assert at in refused.errors(), fields
    page.submit(SAVE, {"Calls a day": "10"})
    kept = stored(app, made)
    assert (kept.daily_limit, kept.state, kept.queue_id) == (10, "running", made["queue"].id)


def test_who_may_not_change_it_does_not_start_it(app, house):
    people, made = house
    page = add(people["one"])
    address = f"{page.path}/state"
    people["operator"].post(address, {"state": "running"}, status=403)
    people["other"].post(address, {"state": "running"}, status=404)
    people["one"].post(address, {"state": "running", "csrf_token": "x"}, status=403)
    assert stored(app, made).state == "stopped"


def test_a_voice_message_needs_a_published_scenario_of_dialers(app, house):
    people, made = house
    voice = {"Mode": "Voice message", "Queue": "None", "Call scenario": "Message"}
    page = add(people["one"], **voice)
    refused = page.submit("Start", status=422)
    missing = "is for inbound lines. The call scenario Message is not published yet."
    assert f"Campaign cannot start. The call scenario Message {missing}" in refused.text
    scenario = f"/objects/scenarios/{made['scenario'].id}"
    people["one"].get(scenario).submit(SAVE, {"Used on": "Dialer"})
    steps = people["one"].get(f"{scenario}/steps")
    steps.submit("Add Step at the end", {"Step at the end": "Hang up"})
    people["one"].get(f"{scenario}/versions").submit("Publish the draft")
    assert state(people["one"].get(page.path).submit("Start")) == "Running"
