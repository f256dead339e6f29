"""Operators, groups and inbound numbers of a queue, in its form and on a page of their own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.objects.queues.models import QueueGroup, QueueNumber, QueueUser
from tests import factories as make

NASTY = "Łucja \"<img src=x onerror=alert(1)>\" 'İş' =1+1"


@pytest.fixture
def centre(app):
    with make.building(app):
        admin = make.company()
        care, shop = make.project("Care PL"), make.project("Sklep Żabka")
        queue = make.make_object("queues", "Linia", care)
        second = make.make_object("queues", "Druga", care)
        theirs = make.make_object("queues", "Gizli", shop)
        jan = make.user("Jan Kowalski", role="supervisor", projects=[care])
        other = make.user("Ayşe Işık", role="supervisor", projects=[shop])
        operator = make.user(NASTY, projects=[care])
        grouped = make.user("Grażyna")
        team = make.group("Zespół Ś", grouped)
        make.join(care, team)
        stranger = make.user("Stranger", projects=[shop])
        locked = make.user("Locked", projects=[care], locked=True)
        elsewhere = make.group("Ekip", stranger)
        make.join(shop, elsewhere)
    return SimpleNamespace(**locals())


@pytest.fixture
def jan(visitor, centre):
    return visitor(centre.jan.email)


def staff_of(queue):
    return f"/objects/queues/{queue.id}/staff"


def stored(app, queue):
    """Return operators, groups and numbers of a queue with their penalties."""
    with make.building(app, of=queue):
        users = select(QueueUser).where(QueueUser.queue_id == queue.id)
        groups = select(QueueGroup).where(QueueGroup.queue_id == queue.id)
        numbers = select(QueueNumber.number).where(QueueNumber.queue_id == queue.id)
        return (
            {row.user_id: row.penalty for row in db.session.scalars(users)},
            {row.group_id: row.penalty for row in db.session.scalars(groups)},
            sorted(db.session.scalars(numbers)),
        )


def test_operators_and_groups_are_put_to_a_queue_and_taken_out(app, centre, jan):
    page = jan.get(f"/objects/queues/{centre.queue.id}")
    assert page.texts("#who option") == ["Choose…", "Grażyna", "Jan Kowalski", NASTY, "Zespół Ś"]
    page = page.submit("Add to the queue", {"Operator or group": NASTY, "Penalty": "3"})
    assert page.path == staff_of(centre.queue)
    page = page.submit("Add to the queue", {"Operator or group": "Zespół Ś"})
    assert stored(app, centre.queue) == ({centre.operator.id: 3}, {centre.team.id: 0}, [])
    assert [row[0] for row in page.rows("#staff table")] == [NASTY, "Zespół Ś"]
    assert page.texts("#who option") == ["Choose…", "Grażyna", "Jan Kowalski"]
    page = page.submit(f"Save the penalty of {NASTY}", {f"Penalty of {NASTY}": "7"})
    page = page.submit("Remove Zespół Ś")
    assert stored(app, centre.queue) == ({centre.operator.id: 7}, {}, [])
    with make.building(app, of=centre.admin):
        query = select(AuditEntry).where(
            AuditEntry.project_id == centre.care.id, AuditEntry.detail.is_not(None)
        )
        told = [
            (one.action, one.detail) for one in db.session.scalars(query.order_by(AuditEntry.seq))
        ]
    assert told == [
        ("operator_added", {"users": [NASTY], "penalty": 3}),
        ("operator_added", {"groups": ["Zespół Ś"], "penalty": 0}),
        ("penalty_changed", {"users": [NASTY], "penalty": 7}),
        ("operator_removed", {"groups": ["Zespół Ś"]}),
    ]
    assert "Jan Kowalski added operators to the queue Linia" in jan.get("/activity").text


def test_htmx_gets_that_part_of_the_form_alone(app, centre, jan):
    sent = {"who": f"user:{centre.operator.id}", "penalty": "1"}
    page = jan.post(staff_of(centre.queue), sent, fragment=True)
    assert [row[0] for row in page.rows("table")] == [NASTY]
    assert not page.all("h1")
    page = jan.post(staff_of(centre.queue), {**sent, "penalty": "101"}, fragment=True, status=422)
    assert "A whole number from 0 to 100." in page.text
    assert stored(app, centre.queue)[0] == {centre.operator.id: 1}


@pytest.mark.parametrize("who", ["stranger", "locked", "elsewhere", "other", "nobody"])
def test_only_who_is_in_the_project_is_taken(app, centre, jan, who):
    found = getattr(centre, who, None)
    kind = "group" if who == "elsewhere" else "user"
    identifier = found.id if found else make.never_existed()
    sent = {"who": f"{kind}:{identifier}", "penalty": "0"}
    page = jan.post(staff_of(centre.queue), sent, status=422)
    assert "This person or group is not in the project." in page.text
    assert not [name for name in ("Stranger", "Ekip") if name in page.text]
    assert stored(app, centre.queue) == ({}, {}, [])


@pytest.mark.parametrize("penalty", ["-1", "101", "x", "1e1", "9" * 400, "٣"])
def test_a_penalty_is_a_small_number(app, centre, jan, penalty):
    sent = {"who": f"user:{centre.operator.id}", "penalty": penalty}
    assert (
        "A whole number from 0 to 100." in jan.post(staff_of(centre.queue), sent, status=422).text
    )
    assert stored(app, centre.queue) == ({}, {}, [])


def test_an_operator_who_left_the_project_is_not_betrayed_and_stays(app, centre, jan, visitor):
    with make.building(app, of=centre.admin):
        key = {"company_id": centre.admin.company_id, "project_id": centre.care.id}
        values = {"queue_id": centre.queue.id, "user_id": centre.stranger.id}
        db.session.add(QueueUser(**key, **values))
    page = jan.get(f"/objects/queues/{centre.queue.id}")
    assert "Stranger" not in page.text
    jan.post(f"{staff_of(centre.queue)}/remove", {"who": f"user:{centre.stranger.id}"})
    assert stored(app, centre.queue)[0] == {centre.stranger.id: 0}
    page = visitor(centre.admin.email).get(staff_of(centre.queue))
    assert [row[0] for row in page.rows("#staff table")] == ["Stranger Not in the project"]


def test_a_number_leads_to_one_queue_among_those_that_one_sees(app, centre, jan, visitor):
    page = jan.get(staff_of(centre.queue))
    page = page.submit("Add number", {"Inbound number": "22 123 45 67"})
    page = page.submit("Add number", {"Inbound number": "+48 22 123 45 67"})
    page = page.submit("Add number", {"Inbound number": "801"})
    assert stored(app, centre.queue)[2] == ["+48221234567", "801"]
    page = page.submit("Add number", {"Inbound number": "<b>x</b>"}, status=422)
    assert page.errors() == {"Inbound number": "This is not a telephone number."}
    page = jan.get(staff_of(centre.second))
    page = page.submit("Add number", {"Inbound number": "0048221234567"}, status=422)
    assert page.errors() == {"Inbound number": "+48221234567 leads to the queue Linia."}
    # Whoever does not see that queue does not learn of it.
    other = visitor(centre.other.email)
    other.get(staff_of(centre.theirs)).submit("Add number", {"Inbound number": "22 123 45 67"})
    assert stored(app, centre.theirs)[2] == ["+48221234567"]
    page = jan.get(staff_of(centre.queue)).submit("Remove 801")
    assert stored(app, centre.queue)[2] == ["+48221234567"]


def test_the_wall_and_the_permissions_stand_before_staff(app, centre, jan, visitor):
    path, sent = staff_of(centre.theirs), {"who": f"user:{centre.operator.id}", "number": "801"}
    for part in ("", "/remove", "/numbers", "/numbers/remove"):
        jan.post(f"{path}{part}", sent, status=404)
    jan.get(path, status=404)
    with make.building(app, of=centre.admin):
        from portal.access.permissions import Permission

        looks = make.role("Looks", Permission.VIEW_OBJECTS)
        viewer = make.user("Viewer", role=looks, projects=[centre.care])
    page = visitor(viewer.email).get(staff_of(centre.queue))
    assert not page.all("#staff form")
    assert visitor(viewer.email).post(staff_of(centre.queue), sent, status=403).status == 403
    assert stored(app, centre.queue) == ({}, {}, [])


def test_a_queue_that_is_deleted_takes_its_parts_along(app, centre, jan):
    page = jan.get(staff_of(centre.queue)).submit("Add number", {"Inbound number": "801"})
    page.submit("Add to the queue", {"Operator or group": NASTY})
    jan.get(f"/objects/queues/{centre.queue.id}").submit("Delete")
    assert stored(app, centre.queue) == ({}, {}, [])
