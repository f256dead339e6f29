"""The wizard through its pages: numbers into a list, step by step and against the grain."""

from __future__ import annotations

import csv
import datetime as dt
import io
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.imports import operations
from portal.jobs.operations import enqueue
from portal.members.models import User
from portal.objects.numbers.models import NumberListEntry
from tests import factories
from tests.imports.conftest import ROWS, counts, imported, upload

HEAD = "Telefon;Nazwa;Ważny do\n"
LIST = {"List": "Niechciane – Care PL"}


def entries(app, one):
    with factories.building(app, of=one):
        query = select(NumberListEntry).where(NumberListEntry.list_id == one.id)
        rows = db.session.scalars(query.order_by(NumberListEntry.number))
        return [(row.number, row.label, row.expires_on) for row in rows]


def test_numbers_into_a_list_step_by_step(app, centre, jan, work):
    page = upload(jan, ROWS, **LIST, Country="Poland")
    assert page.heading == "numery.csv"
    assert page.rows("table")[0] == ["2", "512 345 460", "Łucja Żółć", "31.12.2026"]
    page = page.submit("Go on to the preview")
    assert page.rows("#preview table") == [
        ["2", "512 345 460", "Łucja Żółć", "31.12.2026", "Will be added"],
        ["3", "+90 532 123 45 67", "=1+1", "", "Will be added"],
    ]
    page = page.submit("Import all rows")
    assert entries(app, centre.blocked) == []
    assert work() == 1
    page = jan.get(page.url)
    assert counts(page) == [2, 0, 0, 0]
    assert entries(app, centre.blocked) == [
        ("+48512345460", "Łucja Żółć", dt.date(2026, 12, 31)),
        ("+905321234567", "=1+1", None),
    ]
    page = page.click("Look at the result")
    assert page.rows("#list table") == [
        ["+48512345460", "Łucja Żółć", "31 Dec 2026", ""],
        ["+905321234567", "=1+1", "–", ""],
    ]


def test_the_same_file_again_adds_nothing_and_another_label_changes_it(app, centre, jan, work):
    assert counts(imported(jan, ROWS, work, **LIST)) == [2, 0, 0, 0]
    before = entries(app, centre.blocked)
    assert counts(imported(jan, ROWS, work, **LIST)) == [0, 0, 2, 0]
    assert entries(app, centre.blocked) == before
    page = upload(jan, HEAD + "512345460;Łucja;\n", **LIST).submit("Go on to the preview")
    assert page.rows("#preview table")[0][-1] == "Will be changed"
    page.submit("Import all rows")
    work()
    assert entries(app, centre.blocked) == [("+48512345460", "Łucja", None), before[1]]


def test_refused_rows_are_told_with_line_and_reason_and_come_as_a_harmless_file(centre, jan, work):
    rows = HEAD + "=cmd|' /C calc'!A0;x;\n\n512345460;ok;\n+48 512 345 460;again;\n;none;\n"
    rows += "512345461;day;yesterday\n512345462;" + "ł" * 101 + ";\n"
    page = imported(jan, rows, work, **LIST)
    assert counts(page) == [1, 0, 0, 5]
    reasons = [
        ["2", "This is not a telephone number."],
        ["5", "This number stands in the file before."],
        ["6", "Number is missing."],
        ["7", "This is not a date: write 2026-12-31 or 31.12.2026."],
        ["8", "The label has more than 100 characters."],
    ]
    assert [row[:2] for row in page.rows()] == reasons
    sent = jan.get(page.link("CSV")).data.decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(sent)))
    assert found[0] == ["Line", "Reason", "Row"]
    assert found[1] == ["2", "This is not a telephone number.", "'=cmd|' /C calc'!A0", "x"]
    assert found[2][2:] == ["+48 512 345 460", "again"]
    assert len(found) == 6


def test_the_format_is_found_and_can_be_corrected(app, centre, jan, work):
    page = upload(jan, "512345460,a;b\n512345461,c;d\n".encode("utf-16-le"), **LIST)
    form = page.one("#format")
    chosen = [o.text() for o in form.css("option[selected]")]
    assert chosen == ["UTF-16, little end first", "Comma"]
    assert form.css_matches("input[type=checkbox]:not([checked])")
    page = page.submit("Read again", {"Columns are separated by": "Semicolon"})
    assert page.rows("table") == [["1", "512345460,a", "b"], ["2", "512345461,c", "d"]]


def test_columns_are_chosen_by_hand_and_kept_for_the_next_file(app, centre, jan, work):
    table = "a,b,c\nX,512345460,2026-12-31\n"
    page = upload(jan, table, **LIST)
    nothing = {"Number": "Not in the file"}
    page = page.submit("Go on to the preview", nothing, status=422)
    assert page.errors() == {"Number": "This is needed."}
    page = page.submit("Go on to the preview", {"Number": "b", "Label": "b"}, status=422)
    assert page.errors() == {"Label": "This column is chosen twice."}
    columns = {"Number": "b", "Label": "a", "Expires on": "c"}
    page = page.submit(
        "Go on to the preview", {**columns, "Keep these columns as (optional)": "Żółw"}
    )
    assert page.rows("#preview table") == [["2", "512345460", "X", "2026-12-31", "Will be added"]]
    page = upload(jan, "c,a,b\n2026-12-30,Y,512345461\n", **LIST)
    page = page.submit("Use these", {"Kept columns": "Żółw"})
    page = page.submit("Go on to the preview")
    assert page.rows("#preview table") == [["2", "512345461", "Y", "2026-12-30", "Will be added"]]


def test_only_own_lists_are_offered_and_no_other_is_taken(app, centre, jan, work):
    page = jan.get("/imports/numbers/new")
    assert page.texts("select[name=list] option") == [
        "Niechciane – Care PL",
        "VIP – Care PL",
    ]
    forged = {"list": str(centre.theirs.id), "country": "PL", "file": (io.BytesIO(b"1\n"), "x.csv")}
    page = jan.send(
        "POST", "/imports/numbers/new", data={**forged, "csrf_token": jan.token()}, status=422
    )
    assert page.errors() == {"List": "Not a valid choice."}
    assert entries(app, centre.theirs) == []


def test_a_file_that_is_gone_is_uploaded_again(app, centre, jan):
    page = upload(jan, ROWS, **LIST).submit("Go on to the preview")
    for path in Path(app.config["UPLOADS_FOLDER"], "tables").iterdir():
        path.unlink()
    for url in (page.path, page.path.replace("preview", "columns")):
        gone = jan.get(url, status=422)
        assert gone.texts("[role=status]")[0] == "The file is no longer here. Upload it again."
        assert gone.click("Upload").path == "/imports/numbers/new"
    page.submit("Import all rows", status=422)


def test_who_may_not_see_numbers_imports_none(app, centre, visitor):
    """Else the preview would tell them which numbers are in the list."""
    rights = (Permission.MANAGE_OBJECTS, Permission.VIEW_OBJECTS, Permission.IMPORT_DATA)
    with factories.building(app, of=centre.admin):
        role = factories.role("Blind", *rights)
        who = factories.user("Kadriye", role=role, projects=[centre.care])
    kadriye = visitor(who.email)
    assert kadriye.get("/imports").texts("#targets a") == []
    kadriye.get("/imports/numbers/new", status=403)


def test_an_import_is_its_persons_own(app, centre, jan, visitor, work):
    page = imported(jan, HEAD + "nothing;x;\n", work, **LIST)
    other = visitor(centre.other.email)
    parts = ("", "/columns", "/preview", "/refused.csv")
    assert [other.get(page.path + part, status=None).status for part in parts] == [404] * 4
    assert other.get("/imports").rows("#imports table") == []
    assert len(visitor(centre.admin.email).get(page.path).rows()) == 1
    operator = visitor(centre.operator.email)
    assert operator.get("/imports", status=403).status == 403


def test_who_was_locked_meanwhile_imports_nothing(app, centre, jan, visitor, work):
    page = upload(jan, ROWS, **LIST).submit("Go on to the preview")
    page = page.submit("Import all rows")
    with factories.building(app, of=centre.admin):
        db.session.get_one(
            User, (centre.admin.company_id, centre.supervisor.id)
        ).role_id = factories.template_role("operator").id
    work()
    assert entries(app, centre.blocked) == []
    page = visitor(centre.admin.email).get(page.path)
    assert "The person who started this may no longer do it." in page.text


def test_the_activity_tells_the_import_once(app, centre, jan, work):
    imported(jan, ROWS, work, **LIST)
    with factories.building(app, of=centre.admin):
        query = select(AuditEntry).where(AuditEntry.action == "imported")
        told = [(e.kind, e.object_name, e.project_id, e.detail) for e in db.session.scalars(query)]
    counted = {"rows": 2, "rows_new": 2, "rows_changed": 0, "rows_same": 0, "rows_refused": 0}
    assert told == [("number_list", "Niechciane", centre.care.id, counted)]


def test_a_started_import_is_not_changed_and_not_started_twice(app, centre, jan, work):
    preview = upload(jan, ROWS, **LIST).submit("Go on to the preview")
    columns = jan.get(preview.path.replace("preview", "columns"))
    page = preview.submit("Import all rows")
    assert preview.submit("Import all rows").path == page.path
    columns.submit("Read again", status=422)
    assert work() == 1
    assert preview.submit("Import all rows").path == page.path
    assert work() == 0
    assert len(entries(app, centre.blocked)) == 2


def test_two_presses_at_the_same_moment_start_it_once(app, centre, jan, visitor, work, monkeypatch):
    preview = upload(jan, ROWS, **LIST).submit("Go on to the preview")
    again = visitor(centre.supervisor.email).get(preview.path)

    def slowly(*arguments, **values):
        time.sleep(0.3)
        return enqueue(*arguments, **values)

    monkeypatch.setattr(operations, "enqueue", slowly)
    presses = [
        threading.Thread(target=one.submit, args=("Import all rows",)) for one in (preview, again)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join(30)
    assert work() == 1
    assert counts(jan.get(preview.path.removesuffix("/preview"))) == [2, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("512345460", "+48512345460"),
        ("0048512345460", "+48512345460"),
        ("48512345460", "+48512345460"),
        ("\u202a+48 512-345-460\u202c", "+48512345460"),
        ("(512) 345 460", "+48512345460"),
        ("905321234567", "+905321234567"),
    ],
)
def test_numbers_are_kept_as_e164(app, centre, jan, work, text, stored):
    assert counts(imported(jan, f"number\n{text}\n", work, **LIST)) == [1, 0, 0, 0]
    assert [number for number, _, _ in entries(app, centre.blocked)] == [stored]
