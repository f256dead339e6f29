"""The panel: what is staged is saved as one, or nothing is; who may do which part of it."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.schedule import Schedule
from portal.projects import moves
from portal.projects.models import Project, ProjectGroup, ProjectUser
from tests import factories as make
from tests.page import words
from tests.projects.conftest import HOSTILE


def url(project, tab=""):
    return f"/projects/{project.id}/panel" + (f"/{tab}" if tab else "")


def listed(page):
    """Return the names in each section of the open tab."""
    return [
        [words(node.text()) for node in section.css("li .nm > span:first-child")]
        for section in page.all("section[data-section]")
    ]


def members(app, cast, project):
    with make.building(app, cast.admin):
        query = select(User.name).join(ProjectUser, ProjectUser.user_id == User.id)
        return sorted(db.session.scalars(query.where(ProjectUser.project_id == project.id)))


def queues(app, cast, project):
    with make.building(app, cast.admin):
        query = select(Queue.name).where(Queue.project_id == project.id)
        return sorted(db.session.scalars(query))


def save(person, project, version=1, status=200, **staged):
    fields = MultiDict([("version", str(version)), ("csrf_token", person.token())])
    for name, values in staged.items():
        for value in values if isinstance(values, list) else [values]:
            fields.add(name.replace("_", "-"), str(getattr(value, "id", value)))
    return person.send("POST", url(project), data=fields, status=status)


def test_users_in_and_out(cast, visitor):
    admin = visitor("admin@example.org")
    everybody = [["Builder", "Jan Kos", "Keeper", "Lister", "Narrow"],
                 ["Ala Yıldırım", "Magdalena Sobczak", "Nowy Żuk"]]  # fmt: skip
    assert listed(admin.get(url(cast.care))) == everybody
    assert listed(admin.get(url(cast.care, "users"), fragment=True)) == everybody
    assert listed(admin.get(url(cast.care) + "?q=yildirim")) == [[], ["Ala Yıldırım"]]
    assert listed(admin.get(url(cast.care) + "?show=in")) == everybody[:1]
    assert listed(admin.get(url(cast.care) + "?show=out")) == everybody[1:]
    group = f"?group={cast.day.id}"
    assert listed(admin.get(url(cast.care) + group)) == [[], ["Ala Yıldırım"]]
    assert listed(admin.get(url(cast.care) + f"?group={uuid.uuid4()}")) == [[], []]
    by_group = listed(admin.get(url(cast.care) + "?sort=group"))[1]
    assert by_group == ["Ala Yıldırım", "Magdalena Sobczak", "Nowy Żuk"]


def test_tabs_count_what_is_in_the_project(cast, visitor):
    page = visitor("admin@example.org").get(url(cast.debts))
    assert page.texts("[role=tab] .n") == ["2", "0", "2", "1", *["0"] * 8]
    pane = visitor("admin@example.org").get(
        url(cast.debts, "schedules"), fragment=True, headers={"HX-Target": "div#pane-list"}
    )
    assert pane.all("#stage, #pane, [role=tab]") == []
    assert listed(pane) == [["Święta"], []]


def test_changes_of_several_tabs_are_one_change(app, cast, visitor):
    admin = visitor("admin@example.org")
    page = save(
        admin, cast.care, add_users=[cast.ala, cast.new], remove_users=cast.operator,
        add_groups=cast.day, add_schedules=cast.schedule,
    )  # fmt: skip
    assert page.texts(".toast > span") == ["Obsługa is saved. 4 added, 1 removed."]
    assert members(app, cast, cast.care) == [
        "Ala Yıldırım", "Builder", "Keeper", "Lister", "Narrow", "Nowy Żuk",
    ]  # fmt: skip
    with make.building(app, cast.admin):
        of_care = select(AuditEntry).where(
            AuditEntry.project_id == cast.care.id, AuditEntry.actor_name == "Magdalena Sobczak"
        )
        (entry,) = db.session.scalars(of_care)
        assert entry.before == {"users": ["Jan Kos"]}
        assert entry.after == {
            "users": ["Ala Yıldırım", "Nowy Żuk"],
            "groups": ["Ranna zmiana"],
            "schedules": ["Święta"],
        }
    assert listed(admin.get(url(cast.care, "schedules"))) == [["Święta"], []]
    assert listed(admin.get(url(cast.care, "groups"))) == [["Ranna zmiana"], []]


def test_a_second_click_has_no_effect_and_is_no_conflict(app, cast, visitor):
    admin = visitor("admin@example.org")
    for _ in range(3):
        save(admin, cast.care, add_users=cast.ala, remove_users=cast.operator)
    with make.building(app, cast.admin):
        assert db.session.get(Project, (cast.admin.company_id, cast.care.id)).version == 2


def test_a_conflict_shows_both_and_loses_nothing(app, cast, visitor):
    admin, builder = visitor("admin@example.org"), visitor("builder@example.org")
    page = admin.get(url(cast.care))
    seen = page.one("[name=seen]").attributes["value"]
    save(builder, cast.care, add_queues=cast.queue, add_schedules=cast.schedule)
    page = save(admin, cast.care, add_users=cast.ala, remove_queues=cast.own, seen=seen, status=409)
    assert page.texts(".versions > li") == [
        f"Builder moved the queue {HOSTILE} into this project",
        "Builder changed the project Obsługa Schedules added: Święta",
        "You want to add: Ala Yıldırım",
        "You want to remove: Kolejka",
    ]
    staged = [
        (n.attributes["name"], n.attributes["value"]) for n in page.all("[data-staged] input")
    ]
    assert staged == [("add-users", str(cast.ala.id)), ("remove-queues", str(cast.own.id))]
    assert queues(app, cast, cast.care) == [HOSTILE, "Kolejka"]
    page = page.submit("Save changes Ctrl ↵")
    assert queues(app, cast, cast.care) == [HOSTILE]
    assert queues(app, cast, cast.default) == ["Kolejka"]
    assert "Ala Yıldırım" in members(app, cast, cast.care)


def test_a_conflict_tells_of_values_before_and_after(cast, visitor):
    admin, builder = visitor("admin@example.org"), visitor("builder@example.org")
    seen = admin.get(url(cast.care)).one("[name=seen]").attributes["value"]
    form = {"name": "Nowa — Yeni", "description": "", "version": "1"}
    builder.post(f"/projects/{cast.care.id}/edit", form)
    builder.post(f"/projects/{cast.care.id}/archive")
    builder.post(f"/projects/{cast.care.id}/restore")
    page = save(admin, cast.care, add_users=cast.ala, seen=seen, status=409)
    assert page.texts(".versions > li") == [
        "Builder restored the project Nowa — Yeni",
        "Builder archived the project Nowa — Yeni",
        "Builder changed the project Nowa — Yeni"
        f" Name: Obsługa → Nowa — Yeni Description: {HOSTILE} → –",
        "You want to add: Ala Yıldırım",
    ]


def test_the_panel_leads_to_the_projects_beside_it(cast, visitor):
    def beside(person, project, tab=""):
        page = person.get(url(project, tab))
        return {n.attributes["aria-label"]: n.attributes["href"] for n in page.all(".pager a")}

    admin, narrow = visitor("admin@example.org"), visitor("narrow@example.org")
    assert beside(admin, cast.care, "queues") == {
        "Previous project": url(cast.default, "queues"),
        "Next project": url(cast.debts, "queues"),
    }
    assert beside(admin, cast.debts) == {"Previous project": url(cast.care)}
    assert beside(narrow, cast.care) == {}
    admin.post(f"/projects/{cast.debts.id}/archive")
    assert beside(admin, cast.debts) == {}
    assert beside(admin, cast.care) == {"Previous project": url(cast.default)}


def test_who_is_in_default_can_leave_it_in_the_same_save(app, cast, visitor):
    admin = visitor("admin@example.org")
    page = admin.get(url(cast.care))
    boxes = page.all("[name=leave-default]")
    assert [box.attributes["value"] for box in boxes] == [str(cast.admin.id), str(cast.new.id)]
    save(admin, cast.care, add_users=[cast.ala, cast.new], leave_default=cast.new)
    assert members(app, cast, cast.default) == ["Magdalena Sobczak"]
    save(admin, cast.debts, add_users=cast.admin)
    assert members(app, cast, cast.default) == ["Magdalena Sobczak"]
    assert visitor("keeper@example.org").get(url(cast.care)).all("[name=leave-default]") == []


def test_owned_objects_move_and_both_sides_are_told(app, cast, visitor):
    builder = visitor("builder@example.org")
    page = builder.get(url(cast.care, "queues"))
    assert listed(page) == [["Kolejka"], [HOSTILE, "KOLEJKA"]]
    assert page.texts("section[data-section]:nth-child(2) .sub") == ["Now in Windykacja"] * 2
    assert page.texts("[data-card] span.vh") == ["4 people gain sight of it and 1 lose it"] * 2
    card = builder.get(url(cast.care, f"queues/{cast.queue.id}/effect"), fragment=True)
    assert card.texts("p") == [
        HOSTILE, "Will see it: Jan Kos, Keeper, Lister, Narrow",
        "Will lose sight of it: Ala Yıldırım",
    ]  # fmt: skip
    save(builder, cast.care, add_queues=cast.queue)
    assert queues(app, cast, cast.care) == [HOSTILE, "Kolejka"]
    with make.building(app, cast.admin):
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.kind == "queue", AuditEntry.action != "created")
        ).all()
        assert {(e.project_id, e.action) for e in entries} == {
            (cast.debts.id, "moved_out"), (cast.care.id, "moved_in"),
        }  # fmt: skip
        assert {e.detail["history"] for e in entries} == {"stays"}


def test_a_name_that_is_there_already_is_refused(app, cast, visitor):
    page = save(visitor("admin@example.org"), cast.care, add_queues=[cast.queue, cast.same],
                add_users=cast.ala, status=422)  # fmt: skip
    assert page.texts(".panel-notes b") == ["Obsługa has another KOLEJKA already."]
    assert len(page.all("[data-staged] input")) == 3
    assert queues(app, cast, cast.care) == ["Kolejka"]
    assert "Ala Yıldırım" not in members(app, cast, cast.care)


def test_who_sees_one_side_only_can_neither_take_nor_leave(cast, visitor):
    narrow = visitor("narrow@example.org")
    assert listed(narrow.get(url(cast.care, "queues"))) == [["Kolejka"], []]
    save(narrow, cast.care, add_queues=cast.queue, status=404)
    page = save(narrow, cast.care, remove_queues=cast.own, status=422)
    assert page.texts(".panel-notes b") == [
        "Kolejka is always in a project: add it to the other one."
    ]
    narrow.get(url(cast.debts), status=404)
    narrow.get(url(cast.care, f"queues/{cast.queue.id}/effect"), status=404)


def test_access_changes_people_and_projects_change_objects(app, cast, visitor):
    keeper, builder = visitor("keeper@example.org"), visitor("builder@example.org")
    save(keeper, cast.care, add_queues=cast.own, status=403)
    save(builder, cast.care, add_users=cast.ala, status=403)
    save(builder, cast.care, remove_groups=cast.day, status=403)
    assert listed(keeper.get(url(cast.care, "queues"))) == [["Kolejka"]]
    assert keeper.get(url(cast.care, "queues")).all("[data-stage]") == []
    assert listed(builder.get(url(cast.care))) == [
        ["Builder", "Jan Kos", "Keeper", "Lister", "Narrow"]
    ]
    assert listed(keeper.get(url(cast.care)))[1] == [
        "Ala Yıldırım", "Magdalena Sobczak", "Nowy Żuk",
    ]  # fmt: skip
    save(keeper, cast.care, add_users=cast.ala, add_groups=cast.day)
    assert "Ala Yıldırım" in members(app, cast, cast.care)
    visitor("jan@example.org").get(url(cast.care), status=403)
    page = save(keeper, cast.care, version=2, remove_users=cast.keeper)
    assert page.path == "/projects"
    assert page.texts(".tile h2") == []
    keeper.get(url(cast.care), status=404)


@pytest.mark.parametrize("field", ["add-users", "remove-users", "add-queues", "add-schedules"])
def test_a_foreign_id_is_one_that_never_existed(app, cast, visitor, field):
    admin = visitor("admin@example.org")
    foreign = {
        "users": cast.stranger, "queues": cast.foreign_queue, "schedules": cast.foreign_schedule,
    }[field.partition("-")[2]]  # fmt: skip
    answers = [
        admin.post(
            url(cast.care), {"version": 1, field: one, "add-groups": cast.day.id}, status=404
        )
        for one in (foreign.id, make.never_existed(), "nonsense", "9" * 40)
    ]
    assert len({answer.data for answer in answers}) == 1
    with make.building(app, cast.admin):
        assert db.session.scalars(select(ProjectGroup)).all() == []
    admin.get(url(cast.foreign), status=404)
    admin.get(url(cast.care, "nonsense"), status=404)


def test_five_thousand_people_at_once(app, cast, visitor):
    with make.building(app, cast.admin):
        role = make.template_role("operator")
        people = [
            User(
                name=f"U{n}", name_key=f"u{n}", email=f"u{n}@x.org", email_key=f"u{n}@x.org",
                company_id=cast.admin.company_id, role_id=role.id,
            )
            for n in range(5000)
        ]  # fmt: skip
        db.session.add_all(people)
    admin = visitor("admin@example.org")
    page = save(admin, cast.care, add_users=people)
    assert page.texts(".toast > span") == ["Obsługa is saved. 5,000 added, 0 removed."]
    assert len(members(app, cast, cast.care)) == 5005
    page = save(
        admin, cast.care, version=2, status=422, add_users=[uuid.uuid4() for _ in range(20_001)]
    )
    assert page.texts(".panel-notes b") == ["These are too many changes at once."]


def test_what_is_used_cannot_leave_and_is_named(app, cast, visitor):
    """No kind refers to another yet: the database's refusal is played by a trigger."""

    def refuse(mapper, connection, row):
        if row.object_id == cast.schedule.id:
            raise IntegrityError("DELETE", {}, Exception("foreign key"))

    event.listen(Schedule.Link, "before_delete", refuse)
    try:
        page = save(
            visitor("admin@example.org"), cast.debts, remove_schedules=cast.schedule,
            remove_users=cast.ala, status=422,
        )  # fmt: skip
    finally:
        event.remove(Schedule.Link, "before_delete", refuse)
    assert page.texts(".panel-notes b") == ["Święta is used by another object of its project."]
    assert members(app, cast, cast.debts) == ["Ala Yıldırım", "Builder"]


def test_a_tab_asks_few_questions_however_many_projects_there_are(app, cast, visitor):
    def asked(person, tab):
        statements = []
        with app.app_context():
            engine = db.engine

        def note(connection, cursor, statement, *rest):
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        person.get(url(cast.care, tab), fragment=True)
        event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    builder = visitor("builder@example.org")
    before = {tab: asked(builder, tab) for tab in ("users", "groups", "queues", "schedules")}
    with make.building(app, cast.admin):
        for number in range(40):
            project = make.project(f"P{number}")
            make.join(project, cast.builder)
            make.make_object("queues", f"Q{number}", project)
            make.make_object("schedules", f"S{number}", project)
            make.user(f"U{number}", projects=[project])
    assert {tab: asked(builder, tab) for tab in before} == before
    assert max(before.values()) <= 30, before


def test_history_moves_along_when_it_is_told_to(app, cast, visitor, monkeypatch):
    taken = []
    monkeypatch.setattr(moves, "move_history", lambda *who: taken.append([x.id for x in who]) or 7)
    save(visitor("admin@example.org"), cast.care, add_queues=cast.queue, history="moves")
    assert taken == [[cast.queue.id, cast.care.id]]
    with make.building(app, cast.admin):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "moved_in"))
        assert [entry.detail for entry in entries] == [{"history": "moves", "visits": 7}]
