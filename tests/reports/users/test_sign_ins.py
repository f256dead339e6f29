"""Sign-ins: known to who sees everything, and to nobody else."""

from __future__ import annotations

import json

import pytest

from portal.access.permissions import Permission
from portal.database import utcnow
from tests import factories as make
from tests.factories import PASSWORD

EVIL = "=1+1 <img src=x onerror=alert(1)> Żółć İ"


@pytest.fixture
def emails(app):
    with make.building(app):
        admin = make.company()
        held = (
            Permission.VIEW_REPORTS,
            Permission.EXPORT,
            Permission.VIEW_ACTIVITY,
            Permission.VIEW_PEOPLE,
            Permission.MANAGE_PEOPLE,
        )
        role = make.role("Looks", *held)
        place = make.project("Here")
        found = {
            "admin": admin,
            "evil": make.user(EVIL, role="supervisor", projects=[place]),
            "looks": make.user("Looks Żółć", role=role, projects=[place]),
        }
        few = make.role("Few", Permission.VIEW_REPORTS, Permission.VIEW_PEOPLE)
        found["few"] = make.user("Few", role=few, projects=[place])
        return {name: one.email for name, one in found.items()}


def listed(person, **arguments):
    address = f"/reports/sign-ins/export.json?{make.query(period='today', **arguments)}"
    return json.loads(person.get(address).text)


def test_who_signed_in_and_out(emails, visitor):
    before = utcnow()
    evil = visitor(emails["evil"], PASSWORD)
    evil.post("/sign-out")
    visitor(emails["evil"], PASSWORD)
    admin = visitor(emails["admin"], PASSWORD)
    rows = [row for row in listed(admin) if row["User"] == EVIL]
    assert [bool(row["Out"]) for row in rows] == [False, True]
    assert (utcnow() - before).total_seconds() + 1 >= rows[1]["Length (s)"] >= 0
    assert {row["Address"] for row in rows} == {"127.0.0.1"}
    by_user = {row["User"]: row for row in listed(admin, by="operator")}
    assert (by_user[EVIL]["Sign-ins"], by_user[EVIL]["Signed out"]) == (2, 1)
    page = admin.get("/reports/sign-ins?period=today")
    assert EVIL in page.text


def test_others_are_told_of_nobody(emails, visitor):
    visitor(emails["admin"], PASSWORD)
    assert listed(visitor(emails["looks"], PASSWORD)) == []
    assert listed(visitor(emails["evil"], PASSWORD)) == []
    visitor(emails["few"], PASSWORD).get("/reports/sign-ins", status=403)
