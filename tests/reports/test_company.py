"""Reports for who answers for the company: changes, exports, and who sees what and why."""

from __future__ import annotations

import json

import pytest

from portal.access.permissions import Permission
from portal.audit import trail
from portal.database import utcnow
from portal.extensions import db
from portal.projects.models import Project
from tests import factories as make
from tests.reports.conftest import EVIL

P = Permission


@pytest.fixture
def house(app, visitor):
    with make.building(app):
        admin = make.company()
        ours, theirs = make.project(f"Ours {EVIL}"), make.project("Theirs – İzmir")
        places = {"ours": [ours], "theirs": [theirs], "both": [ours, theirs], "nowhere": []}
        people = {
            name: make.user(f"S {name}", role="supervisor", projects=inside)
            for name, inside in places.items()
        }
        overseer = make.role(f"Overseer {EVIL}", P.SEE_EVERYTHING, P.VIEW_REPORTS)
        people["overseer"] = make.user("Ovid", role=overseer, last_sign_in_at=utcnow())
        few = make.role("Few", P.VIEW_REPORTS)
        people["few"] = make.user("Few Żółć", role=few, projects=[ours], locked=False)
        team = make.group(f"Zespół {EVIL}", people["both"], make.user("Filip Ćma", invited=True))
        make.join(ours, team)
        db.session.commit()
        db.session.get_one(Project, (ours.company_id, ours.id)).description = "=2+2"
        db.session.commit()
        trail.record(
            "exported", kind="contact", object_name="contacts.csv", project_ids=[ours.id],
            detail={"rows": 40}, actor=people["ours"],
        )  # fmt: skip
        trail.record(
            "revealed", kind="visit", object_name="+48•••460", project_ids=[theirs.id],
            actor=people["theirs"],
        )  # fmt: skip
        trail.record("exported", kind="visit", object_name="calls.csv", actor=admin)
        db.session.commit()
        emails = {name: one.email for name, one in people.items()} | {"admin": admin.email}
    return lambda name, password=None: visitor(emails[name], password)


def figures(person, address):
    return person.get(f"/reports/{address}").rows("table.figures")


def test_changes_are_listed_with_what_was_before(house):
    page = house("ours").get("/reports/change-log")
    changed = [row for row in page.rows("table.listed") if row[6] == "Description"]
    assert [row[2:] for row in changed] == [
        [f"System changed the project Ours {EVIL}", f"Ours {EVIL}", "Project", f"Ours {EVIL}",
         "Description", "", "Description: =2+2"],
    ]  # fmt: skip
    assert "İzmir" not in page.text
    text = house("ours").get("/reports/change-log/export.csv").text
    assert "İzmir" not in text
    assert "Description: =2+2" in text


def test_entries_of_the_company_are_for_who_sees_all(house):
    """The figures by project are those of the activity, entry by entry."""
    by_project = {row[0]: int(row[1]) for row in figures(house("admin"), "change-log?by=project")}
    assert set(by_project) == {"The company", "Default", f"Ours {EVIL}", "Theirs – İzmir"}
    for name, seen in (
        ("ours", {f"Ours {EVIL}"}),
        ("both", {f"Ours {EVIL}", "Theirs – İzmir"}),
        ("nowhere", set()),
    ):
        rows = figures(house(name), "change-log?by=project")
        assert {row[0]: int(row[1]) for row in rows} == {one: by_project[one] for one in seen}, name


def test_exports_and_revealed_numbers(house):
    assert figures(house("admin"), "exports") == [
        ["Magdalena Sobczak", "1", "0", "0", "0"],
        ["S ours", "1", "0", "40", "40"],
        ["S theirs", "0", "1", "1", "0"],
    ]
    assert figures(house("ours"), "exports?by=project") == [[f"Ours {EVIL}", "1", "0", "40", "40"]]
    page = house("theirs").get("/reports/exports/rows?measure=views")
    assert [row[2:6] for row in page.rows("table.listed")] == [
        ["S theirs revealed the number +48•••460", "Theirs – İzmir", "+48•••460", "1"]
    ]


def test_who_sees_which_project_and_why(house):
    team, mine, other = f"Zespół {EVIL}", f"Ours {EVIL}", "Theirs – İzmir"
    told = [
        [row["User"], row["Role"], row["State"], row["Project"], row["Why"], row["Group"]]
        for row in json.loads(house("both").get("/reports/access-review/export.json").text)
    ]
    assert sorted(map(str, told)) == sorted(
        map(
            str,
            [
                ["Few Żółć", "Few", "Active", mine, "Directly", None],
                ["Filip Ćma", "Operator", "Invited", mine, "By a group", team],
                ["S both", "Supervisor", "Active", mine, "By a group", team],
                ["S both", "Supervisor", "Active", mine, "Directly", None],
                ["S both", "Supervisor", "Active", other, "Directly", None],
                ["S ours", "Supervisor", "Active", mine, "Directly", None],
                ["S theirs", "Supervisor", "Active", other, "Directly", None],
            ],
        )
    )
    assert [row[0] for row in told] == sorted(row[0] for row in told)


def test_roles_that_see_everything_are_told_to_who_sees_them(house):
    rows = house("admin").get("/reports/access-review?why=role").rows("table.listed")
    assert {(row[0].split(" ", 1)[1], row[2]) for row in rows} == {
        ("Magdalena Sobczak", "Admin"),
        ("Ovid", f"Overseer {EVIL}"),
    }
    assert len(rows) == 2 * 3
    rows = figures(house("admin"), "access-review?by=project")
    assert [row[:2] for row in rows if "Ours" in row[0]] == [[f"Ours {EVIL}", "6"]]
    assert figures(house("theirs", make.PASSWORD), "access-review?by=user") == [
        ["S both", "1", "1", "1", "0", "0", "1"],
        ["S theirs", "1", "1", "1", "0", "0", "0"],  # who has just signed in
    ]


def test_pages_are_closed_without_the_permission_of_their_data(house):
    few = house("few")
    for name in ("change-log", "exports", "access-review", "cases", "form-answers", "quotas"):
        few.get(f"/reports/{name}", status=403)
        few.get(f"/reports/{name}/rows", status=403)
    assert "Access review" not in few.get("/reports").text
