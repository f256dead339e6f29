"""Cases: each in one project, with its contact, calls, owner and history."""

from __future__ import annotations

import pytest

from tests import factories as make
from tests.crm.conftest import NASTY, OTHER, PHONE, case, contact, names

SAVE, OPEN = "Save changes Ctrl ↵", "Open case Ctrl ↵"


@pytest.fixture
def matters(app, office):
    """Make a contact of both projects with a case in each."""
    ours, theirs = office.projects.values()
    with make.building(app, of=ours):
        both = contact("C of both", ours, theirs, phone=OTHER)
        return {
            "contact": both,
            "ours": case(f"Ours {NASTY}", both, ours),
            "theirs": case("Of theirs", both, theirs, status="waiting"),
        }


def columns(page):
    return {
        " ".join(node.css_first("h2").text().split()): [a.text() for a in node.css("li > a")]
        for node in page.all(".column")
    }


def test_each_sees_the_cases_of_their_projects(office, matters):
    a, b = f"Ours {NASTY}", "Of theirs"
    for who, seen in {
        "ours": [a],
        "operator": [a],
        "theirs": [b],
        "both": [b, a],
        "admin": [b, a],
        "nowhere": [],
    }.items():
        assert names(office[who].get("/cases")) == seen, who
        on_board = [
            name for column in columns(office[who].get("/cases/board")).values() for name in column
        ]
        assert sorted(on_board) == sorted(seen), who
    page = office["ours"].get(f"/contacts/{matters['contact'].id}")
    assert names(page) == [a]
    assert office["ours"].get("/contacts").rows("table") == [
        ["C of both", OTHER, "–", "Ours – Łódź", "1"]
    ]


def test_a_foreign_case_is_like_one_that_never_existed(office, matters):
    foreign, never = matters["theirs"].id, make.never_existed()
    for path in ("", "/edit"):
        missing = office["ours"].get(f"/cases/{never}{path}", status=404)
        assert office["ours"].get(f"/cases/{foreign}{path}", status=404).data == missing.data
    for path in ("edit", "status", "calls", "delete"):
        office["ours"].post(f"/cases/{foreign}/{path}", {"status": "done"}, status=404)


def test_a_case_is_opened_edited_moved_and_told(office, matters):
    url = f"/cases/of/{matters['contact'].id}/new"
    page = office["ours"].get(url)
    assert "İzmir" not in page.body
    page = page.submit(
        OPEN,
        {"What it is about": NASTY, "Due (optional)": "2026-12-24", "Notes (optional)": "Ğ\nż"},
    )
    assert page.heading == NASTY
    assert "24 Dec 2026" in page.text
    page = page.submit("Waiting")
    page = page.click("Edit").submit(SAVE, {"Owner": "Nobody", "Status": "Done"})
    history = page.texts(".history li p b")
    assert history == [
        f"S ours changed the case {NASTY}",
        f"S ours changed the case {NASTY}",
        f"S ours opened the case {NASTY}",
    ]
    assert page.rows(".history table")[:2] == [
        ["Status", "Waiting", "Done"],
        ["Owner", "S ours", "not set"],
    ]
    assert "S ours changed the case" not in office["theirs"].get("/activity").text


def test_a_card_moves_by_its_buttons_and_the_second_click_changes_nothing(office, matters):
    board = office["ours"].get("/cases/board?q=ours")
    title = f"Ours {NASTY}"
    assert columns(board)["New 1"] == [title]
    moved = board.submit(f"Move {title} to In progress")
    assert columns(moved)["In progress 1"] == [title]
    assert moved.url.endswith("/cases/board?q=ours")
    again = board.submit(f"Move {title} to In progress")
    assert columns(again)["In progress 1"] == [title]
    moved.submit(f"Move {title} to Waiting")
    stale = moved.submit(f"Move {title} to New", status=409)
    assert "Somebody else has changed this meanwhile." in stale.text


@pytest.mark.parametrize("version", ["9" * 5000, "0", "-1", "\u00b2", ""])
def test_a_version_that_never_was_moves_nothing(office, matters, version):
    url = f"/cases/{matters['ours'].id}/status"
    office["ours"].post(url, {"status": "done", "version": version}, status=409)


def test_an_owner_is_of_the_project(app, office, matters):
    page = office["ours"].get(f"/cases/{matters['ours'].id}/edit")
    owners = page.texts("select[name=owner] option")
    assert owners == ["Nobody", "Edi Tor", "Filip Ćma", "Rea Der", "S both", "S ours"]
    stranger = office["admin"].get(f"/cases/{matters['theirs'].id}/edit")
    value = next(
        node.attributes["value"]
        for node in stranger.all("select[name=owner] option")
        if node.text() == "S theirs"
    )
    page = page.visitor.post(
        f"/cases/{matters['ours'].id}/edit",
        {"name": "x", "status": "new", "owner": value, "version": "1"},
        status=422,
    )
    url = f"/cases/of/{matters['contact'].id}/new"
    form = office["both"].get(url)
    fields = {"What it is about": "Odd", "Project": "Theirs – İzmir", "Owner": "Filip Ćma"}
    assert "Owner" in form.submit(OPEN, fields, status=422).errors()


def test_filters_know_only_what_one_sees(office, matters):
    assert names(office["ours"].get("/cases?q=OURS")) == [f"Ours {NASTY}"]
    assert names(office["ours"].get("/cases?q=of+both")) == [f"Ours {NASTY}"]
    assert names(office["ours"].get("/cases?q=theirs")) == []
    assert names(office["both"].get("/cases?status=waiting")) == ["Of theirs"]
    assert names(office["both"].get("/cases?owner=me")) == []
    assert names(office["both"].get("/cases?owner=nobody")) == ["Of theirs", f"Ours {NASTY}"]
    assert names(office["both"].get("/cases?due=over")) == []
    theirs = office.projects["theirs"].id
    assert names(office["ours"].get(f"/cases?project={theirs}")) == []
    data = office["ours"].get("/cases/export.csv").data.decode("utf-8-sig")
    assert data.splitlines()[0] == "Case,Contact,Project,Status,Owner,Due,Opened"
    assert len(data.splitlines()) == 2
    assert "C of both,Ours – Łódź,New,,," in data


def test_a_contact_stays_in_a_project_where_it_has_cases(office, matters):
    form = office["ours"].get(f"/contacts/{matters['contact'].id}")
    refused = form.submit("Delete", status=422)
    assert "C of both has cases or filled-in forms there. Delete them first." in refused.text
    assert names(office["ours"].get("/contacts")) == ["C of both"]
    office["ours"].get(f"/cases/{matters['ours'].id}").submit("Delete")
    assert names(office["ours"].get("/cases")) == []
    office["ours"].get(f"/contacts/{matters['contact'].id}").submit("Delete")
    assert names(office["ours"].get("/contacts")) == []
    assert names(office["theirs"].get("/cases")) == ["Of theirs"]


def test_in_a_simple_company_nobody_is_asked_for_a_project(app, visitor):
    with make.building(app):
        admin = make.company(enhanced=False)
    page = visitor(admin.email).get("/contacts/new")
    page = page.submit("Create Ctrl ↵", {"Name": "Ola", "Phone (optional)": PHONE})
    page = page.click("New case").submit(OPEN, {"What it is about": "Repair"})
    assert page.heading == "Repair"
    assert "Project" not in page.text
