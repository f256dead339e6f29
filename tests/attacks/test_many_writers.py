"""Many at once: nobody is turned away by a lock, and nobody's work is lost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from portal.audit import trail
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from tests import factories as make
from tests.access.browsers import browser

WRITERS, TIMES, CONFLICTS = 8, 2, 40
VERSION = re.compile(r'name="version"[^>]*value="(\d+)"')


@pytest.fixture
def scene(app):
    with make.building(app):
        admin = make.company()
        care = make.project("Care")
        people = [
            make.user(f"Writer {number}", role="admin", projects=[care])
            for number in range(WRITERS)
        ]
        queue = make.make_object("queues", "Everybody's", care)
    return admin, care, queue, [browser(app, one.email) for one in people]


def queues(app, admin) -> dict[str, Queue]:
    with make.building(app, of=admin):
        return {one.name: one for one in db.session.scalars(select(Queue))}


def fields(person, care, name: str, version: int, notes: str = "") -> dict[str, str]:
    return {"name": name, "notes": notes, "active": "y", "project": str(care.id),
            "version": str(version), "csrf_token": person.token}  # fmt: skip


def test_eight_writers_lose_nothing(app, scene):
    admin, care, queue, people = scene
    url = f"/objects/queues/{queue.id}"

    def work(number: int) -> list[int]:
        """Make queues; change everybody's as often, each time on top of what stands there."""
        person, answers = people[number], []
        for time in range(TIMES):
            made = fields(person, care, f"Of {number}, {time}", 1)
            answers.append(person.open("POST", "/objects/queues/new", data=made).status_code)
            status = 409
            while status == 409:
                version = int(VERSION.search(person.open("GET", url).text)[1])
                changed = fields(person, care, "Everybody's", version, f"{number} {time}")
                status = person.open("POST", url, data=changed).status_code
            answers.append(status)
        return answers

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = [status for told in pool.map(work, range(WRITERS)) for status in told]
    assert answers == [303] * (2 * WRITERS * TIMES)
    found = queues(app, admin)
    wanted = {f"Of {number}, {time}" for number in range(WRITERS) for time in range(TIMES)}
    assert found.keys() == wanted | {"Everybody's"}
    assert found["Everybody's"].version == 1 + WRITERS * TIMES
    with make.building(app, of=admin):
        assert trail.verify(admin.company_id)[1] is None


def test_of_two_editors_the_second_is_shown_the_first_s_work(app, scene):
    admin, care, queue, (ewa, jan, *_) = scene
    url = f"/objects/queues/{queue.id}"
    for number in range(1, CONFLICTS + 1):
        first = fields(ewa, care, f"Ewa {number}", number)
        second = fields(jan, care, f"Jan {number}", number)
        assert ewa.open("POST", url, data=first).status_code == 303
        answer = jan.open("POST", url, data=second)
        assert answer.status_code == 409
        assert f"Ewa {number}" in answer.text
        assert f"Jan {number}" in answer.text
    assert queues(app, admin).keys() == {f"Ewa {CONFLICTS}"}
