"""Call scenarios: their steps, what is wrong with them, the paths of a call, and what they use."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.scenario import Scenario, ScenarioTarget, ScenarioVersion
from portal.objects.kinds.scenario.content import DIGITS, MOST_DEPTH, MOST_STEPS, SETTINGS, read
from portal.objects.versions.content import ContentError
from tests.factories import building, company, make_object, project, user

NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
END = "Add Step at the end"


@pytest.fixture
def house(app, visitor):
    """Return a supervisor of Ours and others, and objects of two projects by name."""
    with building(app):
        admin = company()
        ours, theirs = project("Ours"), project("Theirs")
        made = {
            "admin": admin,
            "ours": ours,
            "theirs": theirs,
            "scenario": make_object("scenarios", f"S {NASTY}", ours),
            "queue": make_object("queues", f"Q {NASTY}", ours),
            "list": make_object("lists", f"L {NASTY}", ours),
            "schedule": make_object("schedules", f"H {NASTY}", ours, theirs),
            "template": make_object("templates", f"T {NASTY}", ours),
            "foreign queue": make_object("queues", "Foreign queue", theirs),
            "foreign list": make_object("lists", "Foreign list", theirs),
        }
        somebody = user(f"Żaneta {NASTY}"[:60], role="supervisor", projects=[ours])
        other = user("Işıl Kaya", role="supervisor", projects=[theirs])
        operator = user("Filip Ćma", role="operator", projects=[ours])
        made["operator"] = operator
    signed_in = {"one": somebody, "other": other, "operator": operator}
    people = {name: visitor(one.email) for name, one in signed_in.items()}
    return people, made


def address(made, more=""):
    return f"/objects/scenarios/{made['scenario'].id}/steps{more}"


def add(page, what, where=END, **fields):
    """Add a step and fill in what is set in it."""
    label = where.removeprefix("Add ")
    page = page.submit(where, {label: what})
    return page.submit("Keep", {name.replace("_", " "): one for name, one in fields.items()})


def hang_up(page, where=END):
    return page.submit(where, {where.removeprefix("Add "): "Hang up"})


def steps(page):
    return page.texts(".step-head > .trunc")


def problems(page):
    return page.texts(".problems li")


def paths(page):
    return page.texts(".paths li")


def reception(page):
    """Draft a whole reception; return the page of its steps."""
    page = add(page, "Check the number against a list", List=page_list)
    page = hang_up(page, "Add Step at the end of 1 Check the number against a list › Listed")
    page = add(page, "Check a schedule", Schedule=page_schedule)
    closed = "Add Step at the end of 2 Check a schedule › It is closed"
    page = add(page, "Send a notification", closed, Template=page_template)
    page = add(page, "Voicemail", closed, Text=NASTY)
    page = page.submit(END, {"Step at the end": "Menu"})
    page = page.submit("Keep", {"Text": f"Welcome {NASTY}", "1": True, "2": True})
    page = add(page, "To a queue", "Add Step at the end of 3 Menu › Key 1", Queue=page_queue)
    page = add(
        page, "To an operator", "Add Step at the end of 3 Menu › Key 2", Operator="Filip Ćma"
    )
    return add(page, "To a number", Number="22 123 45 67")


page_list, page_schedule = f"L {NASTY}", f"H {NASTY}"
page_template, page_queue = f"T {NASTY}", f"Q {NASTY}"


def publish(visitor, made):
    page = visitor.get(f"/objects/scenarios/{made['scenario'].id}/versions")
    return page.submit("Publish the draft")


def targets(app, made):
    with building(app, of=made["admin"]):
        return sorted(
            one.queue_id or one.list_id or one.schedule_id or one.template_id
            for one in db.session.scalars(select(ScenarioTarget))
        )


# --- a whole scenario


def test_a_reception_is_drafted_published_and_told(app, house):
    people, made = house
    page = reception(people["one"].get(address(made)))
    assert steps(page) == [
        f"1 Check the number against a list L {NASTY}",
        "1 Hang up",
        f"2 Check a schedule H {NASTY}",
        f"1 Send a notification T {NASTY}",
        f"2 Voicemail {NASTY}",
        f"3 Menu Welcome {NASTY}",
        f"1 To a queue Q {NASTY}",
        "1 To an operator Filip Ćma",
        "4 To a number +48221234567",
    ]
    assert problems(page) == []
    found = paths(page)
    assert len(found) == 5
    assert found[0].endswith("Listed Hang up")
    assert found[-1].endswith(
        "It is closed Send a notification “T " + NASTY + f"” Voicemail “{NASTY}”"
    )
    assert [one for one in found if "Does not end" in one] == []
    page = publish(people["one"], made)
    assert "Version 1" in page.text
    used = [made[name].id for name in ("queue", "list", "schedule", "template")]
    assert targets(app, made) == sorted(used)
    activity = people["one"].get("/activity").text
    assert f"published the call scenario S {NASTY}" in activity
    assert "Welcome" not in people["other"].get("/activity").body
    # what is different from then on
    page = people["one"].get(address(made)).submit("Remove 4 To a number")
    page = people["one"].get(f"/objects/scenarios/{made['scenario'].id}/difference")
    assert "Removed To a number" in page.text
    assert "Changed" not in page.text


def test_nothing_is_published_before_every_path_ends(app, house):
    people, made = house
    page = people["one"].get(address(made))
    assert problems(page) == ["There is no step yet."]
    page = add(page, "Say or play", Text="Hello")
    assert problems(page) == ["1 Say or play: the call goes on, and there is no step. End it."]
    page = page.submit(END, {"Step at the end": "Menu"})
    page = page.submit("Keep", {"1": True})
    page = page.submit(END, {"Step at the end": "Check a schedule"})
    open_end = "the call goes on, and there is no step. End it."
    assert problems(page) == [
        "2 Menu: there is nothing to say or play.",
        "3 Check a schedule: choose a schedule.",
        f"3 Check a schedule › It is open: {open_end}",
        f"3 Check a schedule › It is closed: {open_end}",
    ]
    assert paths(page)[0].endswith("Check a schedule: It is open Does not end")
    versions = people["one"].get(f"/objects/scenarios/{made['scenario'].id}/versions")
    assert "3 Check a schedule: choose a schedule." in versions.text
    refused = people["one"].post(
        f"/objects/scenarios/{made['scenario'].id}/publish", {"state": "5"}, status=None
    )
    assert refused.status in (409, 422)
    with building(app, of=made["admin"]):
        assert db.session.scalars(select(ScenarioVersion)).all() == []


def test_what_stands_behind_an_end_is_told(app, house):
    people, made = house
    page = hang_up(people["one"].get(address(made)))
    assert page.all(".add-step") == []
    page = page.click("Add a step before 1 Hang up")
    page = page.submit("Add Step before 1 Hang up", {"Step before 1 Hang up": "Hang up"})
    assert problems(page) == ["2 Hang up: it is never reached, the call has ended."]
    assert paths(page) == ["Hang up"]


# --- editing


def test_steps_are_moved_put_between_and_removed(app, house):
    people, made = house
    page = people["one"].get(address(made))
    for text in ("a", "b", "c"):
        page = add(page, "Say or play", Text=text)
    said = lambda page: [one.rpartition(" ")[2] for one in steps(page)]  # noqa: E731  # short
    page = page.submit("Move 3 Say or play up")
    assert said(page) == ["a", "c", "b"]
    page = page.submit("Move 1 Say or play down")
    assert said(page) == ["c", "a", "b"]
    page = page.click("Add a step before 2 Say or play")
    between = "Step before 2 Say or play"
    page = page.submit(f"Add {between}", {between: "Say or play"}).submit("Keep", {"Text": "d"})
    assert said(page) == ["c", "d", "a", "b"]
    page = page.submit("Remove 3 Say or play")
    assert said(page) == ["c", "d", "b"]
    assert [1 for one in page.all("button") if "1 Say or play up" in str(one.attributes)] == []


def test_each_change_is_a_fragment_for_htmx(house):
    people, made = house
    page = people["one"].get(address(made))
    part = page.submit(END, {"Step at the end": "Menu"}, fragment=True)
    assert part.one("#scenario") is not None
    assert part.all("h1") == []
    assert "autofocus" in part.one("textarea[name=text]").attributes
    part = part.submit("Keep", {"Text": NASTY, "#": True, "*": True}, fragment=True)
    assert part.texts(".way h3") == ["Key *", "Key #"]
    assert part.one("a[autofocus]").attributes["aria-label"] == "Settings of 1 Menu"
    part = people["one"].get(address(made, f"?open={part.one('.step').id[5:]}"), fragment=True)
    shown = [one.attributes["value"] for one in part.all("input[name=digits][checked]")]
    assert shown == ["*", "#"]


def test_a_key_that_has_steps_is_not_lost(app, house):
    people, made = house
    page = people["one"].get(address(made)).submit(END, {"Step at the end": "Menu"})
    page = page.submit("Keep", {"Text": "x", "1": True, "2": True})
    page = hang_up(page, "Add Step at the end of 1 Menu › Key 1")
    form = page.click("Settings of 1 Menu")
    refused = form.submit("Keep", {"1": False}, status=422)
    assert "Keys that have steps: 1. Remove them first." in refused.text
    page = form.submit("Keep", {"2": False, "0": True})
    assert page.texts(".way h3") == ["Key 1", "Key 0"]
    page = page.submit("Remove")  # the dialog asks whether the steps within may go too
    assert steps(page) == []


def test_who_edits_an_older_draft_is_told_and_changes_nothing(app, house):
    people, made = house
    old = people["one"].get(address(made))
    page = add(old, "Say or play", Text="Theirs")
    for fragment in (False, True):
        said = old.submit(END, {"Step at the end": "Hang up"}, status=409, fragment=fragment)
        assert "Somebody else has changed this meanwhile." in said.text
        assert steps(said) == ["1 Say or play Theirs"]
    page.submit("Remove 1 Say or play")
    for path in ("/move", "/remove", "/set"):
        form = {"key": "nobody", "by": "up", "state": "3"}
        people["one"].post(address(made, path), form, status=409)
    people["one"].post(address(made, "/move"), {"key": "x", "by": "left"}, status=400)
    people["one"].post(address(made, "/add"), {"do": "explode", "state": "3"}, status=400)


def test_settings_are_checked_at_their_fields(house):
    people, made = house
    page = people["one"].get(address(made)).submit(END, {"Step at the end": "To a number"})
    refused = page.submit("Keep", {"Number": NASTY[:30]}, status=422)
    assert list(refused.errors()) == ["Number"]
    page = page.submit("Keep", {"Number": "+90 532 123 45 67"})
    assert steps(page) == ["1 To a number +905321234567"]
    page = page.click("Add a step before 1 To a number")
    before = "Step before 1 To a number"
    page = page.submit(f"Add {before}", {before: "Send a notification"})
    fields = {"Template": page_template, "Recipient": "An address or number"}
    assert page.submit("Keep", fields, status=422).errors() == {"Address": "This is needed."}
    refused = page.submit("Keep", {**fields, "Address": "=1+1"}, status=422)
    assert refused.errors() == {"Address": "This is neither an e-mail address nor a number."}
    page = page.submit("Keep", {**fields, "Address": "biuro@example.org"})
    assert problems(page) == []


# --- what is used


def test_only_what_is_in_the_project_is_offered_and_taken(app, house):
    people, made = house
    for what, name, mine in (
        ("To a queue", "queue_id", [f"Q {NASTY}"]),
        ("Check the number against a list", "list_id", [f"L {NASTY}"]),
        ("Check a schedule", "schedule_id", [f"H {NASTY}"]),
        ("Send a notification", "template_id", [f"T {NASTY}"]),
    ):
        page = people["one"].get(address(made)).submit(END, {"Step at the end": what})
        assert page.texts(f"select[name={name}] option") == ["None", *mine]
        page.submit("Remove 1 " + what)
    page = people["one"].get(address(made)).submit(END, {"Step at the end": "To a queue"})
    sent = {one.attributes["name"]: one.attributes["value"] for one in page.all(
        "#scenario form[action$='/set'] input[type=hidden]")}  # fmt: skip
    for wrong in (made["foreign queue"].id, uuid.uuid4(), "x", "\x00"):
        refused = people["one"].post(
            address(made, "/set"), {**sent, "queue_id": str(wrong)}, status=422
        )
        assert list(refused.errors()) == ["Queue"]
        assert "Foreign" not in refused.body
    assert targets(app, made) == []


def test_an_operator_of_another_project_is_not_offered(house):
    people, made = house
    page = people["one"].get(address(made)).submit(END, {"Step at the end": "To an operator"})
    offered = page.texts("select[name=user_id] option")
    assert "Filip Ćma" in offered
    assert "Işıl Kaya" not in offered


def test_what_a_draft_or_version_uses_says_so_and_stays(app, house):
    people, made = house
    one, scenario = people["one"], f"S {NASTY}"
    reception(one.get(address(made)))
    publish(one, made)
    kinds = {"queue": "queues", "list": "lists", "schedule": "schedules", "template": "templates"}

    def said(name):
        return one.get(f"/objects/{kinds[name]}/{made[name].id}").texts(
            "[aria-labelledby=used-by] a"
        )

    assert {name: said(name) for name in kinds} == {name: [scenario] for name in kinds}
    page = one.get(address(made))
    page = page.submit("Remove 3 Menu › Key 1 › 1 To a queue")  # the published version still has it
    assert said("queue") == [scenario]
    refused = one.post(f"/objects/queues/{made['queue'].id}/delete", status=422)
    assert f"Q {NASTY} is used by {scenario}. Switch it off instead." in refused.text
    page = hang_up(one.get(address(made)), "Add Step at the end of 3 Menu › Key 1")
    publish(one, made)
    assert said("queue") == []
    one.post(f"/objects/queues/{made['queue'].id}/delete")


def test_the_database_does_not_let_a_target_leave_or_another_in(app, house):
    people, made = house
    reception(people["one"].get(address(made)))
    with building(app, of=made["admin"]):
        queue = db.session.merge(made["queue"])
        queue.project_id = made["theirs"].id
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        link = type(made["list"]).Link
        row = db.session.scalars(select(link).where(link.object_id == made["list"].id)).one()
        db.session.delete(row)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        target = db.session.scalars(
            select(ScenarioTarget).where(ScenarioTarget.queue_id.is_not(None))
        ).one()
        target.queue_id = made["foreign queue"].id
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_a_scenario_moves_where_all_that_it_uses_is_too(app, house):
    people, made = house
    page = add(people["one"].get(address(made)), "Check a schedule", Schedule=page_schedule)
    for way in ("It is open", "It is closed"):
        page = hang_up(page, f"Add Step at the end of 1 Check a schedule › {way}")
    publish(people["one"], made)
    with building(app, of=made["admin"]):
        scenario = db.session.scalars(select(Scenario)).one()
        scenario.project_id = made["theirs"].id
        db.session.flush()
        rows = [*db.session.scalars(select(ScenarioTarget.project_id)),
                *db.session.scalars(select(ScenarioVersion.project_id))]  # fmt: skip
        assert rows == [made["theirs"].id] * 2
    assert people["other"].get(address(made)).status == 200
    people["one"].get(address(made), status=404)


def test_an_operator_who_has_left_is_a_problem(app, house):
    people, made = house
    page = add(people["one"].get(address(made)), "To an operator", Operator="Filip Ćma")
    assert problems(page) == []
    with building(app, of=made["admin"]):
        from portal.database import utcnow

        found = db.session.scalars(select(User).where(User.id == made["operator"].id)).one()
        found.locked_at = utcnow()
    page = people["one"].get(address(made))
    assert problems(page) == ["1 To an operator: what it leads to is not in the project."]


# --- who may, and what is not meant to be sent


def test_who_may_not_does_not(app, house):
    people, made = house
    reception(people["one"].get(address(made)))
    form = {"do": "hang_up", "key": "x", "by": "up", "state": "1"}
    for path in ("/add", "/move", "/remove", "/set"):
        people["other"].post(address(made, path), form, status=404)
        people["operator"].post(address(made, path), form, status=403)
    people["other"].get(address(made), status=404)
    people["operator"].get(address(made), status=403)


def test_there_is_an_end_to_the_number_of_steps_and_their_depth(app, house):
    people, made = house
    page, where = people["one"].get(address(made)), "Step at the end"
    for depth in range(1, MOST_DEPTH):
        assert len(steps(page)) == depth - 1
        page = page.submit(f"Add {where}", {where: "Check a schedule"})
        where += (
            " of 1 Check a schedule › It is open"
            if depth == 1
            else " › 1 Check a schedule › It is open"
        )
    refused = page.submit(f"Add {where}", {where: "Check a schedule"}, status=422)
    assert "Menus and checks are nested too deeply." in refused.text
    assert len(steps(refused)) == MOST_DEPTH - 1
    page = page.submit(f"Add {where}", {where: "Menu"})  # its keys would be one level more
    refused = page.submit("Keep", {"Text": "x", "1": True}, status=422)
    assert "Menus and checks are nested too deeply." in refused.text
    assert people["one"].get(address(made)).status == 200
    many = [{"key": str(n), "do": "say", "set": {"text": "x"}} for n in range(MOST_STEPS)]
    with building(app, of=made["admin"]):
        db.session.scalars(select(Scenario)).one().draft = {"steps": many}
    page = people["one"].get(address(made))
    refused = page.submit(END, {"Step at the end": "Hang up"}, status=422)
    assert f"A scenario has at most {MOST_STEPS} steps." in refused.text
    assert len(steps(refused)) == MOST_STEPS


def test_more_paths_than_anybody_reads_are_cut_off(app, house):
    people, made = house
    keys = [{"on": one, "steps": []} for one in DIGITS]
    many = [{"key": str(n), "do": "menu", "set": {"text": "x"}, "ways": keys} for n in range(50)]
    with building(app, of=made["admin"]):
        db.session.scalars(select(Scenario)).one().draft = {"steps": many}
    page = people["one"].get(address(made))
    assert len(paths(page)) == 100
    assert "There are more paths than can be shown." in page.text
    assert len(problems(page)) == len(DIGITS) + 1


BAD = (
    [], {"steps": {}}, {"steps": [1]}, {"steps": [{"key": "a", "do": "explode"}]},
    {"steps": [{"key": "<b>", "do": "hang_up"}]},
    {"steps": [{"key": "a", "do": "hang_up", "set": {"text": "x"}}]},
    {"steps": [{"key": "a", "do": "say", "set": {"text": "\x00"}}]},
    {"steps": [{"key": "a", "do": "say", "set": {"text": "x" * 2001}}]},
    {"steps": [{"key": "a", "do": "queue", "set": {"queue_id": "../../x"}}]},
    {"steps": [{"key": "a", "do": "menu", "set": {"wait_s": 10**9}}]},
    {"steps": [{"key": "a", "do": "menu", "set": {"wait_s": True}}]},
    {"steps": [{"key": "a", "do": "hang_up"}, {"key": "a", "do": "hang_up"}]},
    {"steps": [{"key": str(n), "do": "hang_up"} for n in range(MOST_STEPS + 1)]},
    {"steps": [{"key": "a", "do": "queue", "ways": [{"on": "1", "steps": []}]}]},
)  # fmt: skip


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_json_that_no_editor_wrote_is_refused(data):
    with pytest.raises(ContentError):
        read(data)


def test_a_digit_that_is_there_twice_is_told(app, house):
    people, made = house
    ways = [{"on": "1", "steps": [{"key": f"h{n}", "do": "hang_up"}]} for n in range(2)]
    menu = {"key": "m", "do": "menu", "set": {"text": "x"}, "ways": ways}
    with building(app, of=made["admin"]):
        scenario = db.session.scalars(select(Scenario)).one()
        scenario.draft = {"steps": [menu, {"key": "e", "do": "hang_up"}]}
    page = people["one"].get(f"/objects/scenarios/{made['scenario'].id}/versions")
    assert "1 Menu: the key 1 is there twice." in page.text


def test_a_content_is_kept_as_it_is_read():
    assert set(DIGITS) == set("0123456789*#")
    plain = {
        "steps": [{"key": do.replace("_", ""), "do": do, "set": {}, "ways": []} for do in SETTINGS]
    }
    assert read(plain).plain() == plain
