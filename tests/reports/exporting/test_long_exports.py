"""Downloads: counted for the trail, and in the background where they are long."""

from __future__ import annotations

import csv
import io
import json
import os
import time

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal import exports
from portal.audit.models import AuditEntry
from portal.database import utcnow
from portal.extensions import db
from portal.jobs import worker
from portal.jobs.models import Job
from portal.reports import downloads
from portal.reports.exporting import files, jobs
from portal.wall.scope import unscoped
from tests.factories import building, template_role
from tests.reports.kept.conftest import CALLS
from tests.reports.kept.test_subscriptions import killed

REPORT = "/reports/queue-summary"
BEHIND = "measure=offered&by=queue&period=last_7_days"


@pytest.fixture
def few(monkeypatch):
    """Let two rows be many, and a page of them three."""
    monkeypatch.setattr(downloads, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "_ROWS_AT_ONCE", 3)


def rows_of(page, format):
    data = page.response.get_data()
    page.response.close()
    if format == "csv":
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]
    if format == "json":
        return [[str(cell) for cell in row.values()] for row in json.loads(data)]
    sheet = load_workbook(io.BytesIO(data)).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.values][1:]


def told(app):
    with app.app_context(), unscoped("the test looks"):
        query = select(AuditEntry).where(AuditEntry.kind == "report").order_by(AuditEntry.seq)
        entries = db.session.scalars(query)
        return [(one.actor_name, one.object_name, one.detail) for one in entries]


def start(person, url):
    """Ask for a long download; return the page of its job."""
    return person.get(url).submit("Write the file")


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_what_is_short_is_sent_at_once_and_told_with_its_rows(app, office, format):
    page = office["ours"].get(f"{REPORT}/export.{format}?{BEHIND}")
    assert len(rows_of(page, format)) == CALLS["ours"]
    page = office["both"].get(f"{REPORT}/export.{format}?by=queue")
    assert len(rows_of(page, format)) == 3  # with the total
    ((who, name, detail), (_who, _name, groups)) = told(app)
    assert (who, name.startswith("queue-summary-2"), detail["rows"]) == ("Agata Żak", True, 7)
    assert detail["filter"] == BEHIND
    assert groups == {"filter": "by=queue", "rows": 2}


def test_no_more_is_sent_than_was_told(app, office, monkeypatch):
    monkeypatch.setattr("portal.reports.raw_rows.count", lambda *given: 5)
    page = office["both"].get(f"{REPORT}/export.csv?{BEHIND}")
    assert len(rows_of(page, "csv")) == 5
    assert told(app)[0][2]["rows"] == 5


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_what_is_long_is_written_by_a_worker_for_who_asked(app, office, few, format):
    person = office["both"]
    page = start(person, f"{REPORT}/export.{format}?{BEHIND}")
    job = page.path
    assert told(app) == []  # this is told when it is written
    open_ = page.link("Open")
    assert person.get(open_).path == job  # not yet
    assert worker.run_waiting(app) == 1
    assert "11 rows. The file is kept for a day." in person.get(job).text
    file = person.get(open_)
    assert file.headers["Content-Disposition"].endswith(f".{format}")
    assert len(rows_of(file, format)) == sum(CALLS.values())
    assert told(app) == [("Owen O'Neil", person.get(job).heading, {"filter": BEHIND, "rows": 11})]
    for name in ("ours", "admin", "stranger"):
        office[name].get(open_, status=404)
    office["reader"].get(open_, status=404)


def test_it_is_the_same_as_what_is_sent_at_once(app, office, monkeypatch):
    url = f"{REPORT}/export.csv?{BEHIND}"
    at_once = office["both"].get(url).response.get_data()
    groups_at_once = office["both"].get(f"{REPORT}/export.csv?by=queue").response.get_data()
    monkeypatch.setattr(downloads, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(jobs, "_ROWS_AT_ONCE", 4)
    links = [
        start(office["both"], one).link("Open") for one in (url, f"{REPORT}/export.csv?by=queue")
    ]
    worker.run_waiting(app)
    for link, wanted in zip(links, (at_once, groups_at_once), strict=True):
        page = office["both"].get(link)
        assert page.response.get_data() == wanted
        page.response.close()


def lose(app, office, what):
    if what == "project":
        office.leave("both", "theirs")
    elif what == "locked":
        office.change("both", locked_at=utcnow())
    else:
        with building(app, of=office.people["admin"]):
            operator = template_role("operator").id
        office.change("both", role_id=operator)


@pytest.mark.parametrize(
    ("lost", "status"), [("project", 410), ("permission", 403), ("locked", 303)]
)
def test_who_has_lost_a_right_does_not_get_the_file(app, office, few, lost, status):
    link = start(office["both"], f"{REPORT}/export.csv?{BEHIND}").link("Open")
    worker.run_waiting(app)
    assert len(rows_of(office["both"].get(link), "csv")) == 11
    lose(app, office, lost)
    office["both"].get(link, status=status, follow=False)


@pytest.mark.parametrize("lost", ["project", "permission", "locked"])
def test_it_is_written_with_the_rights_of_that_moment(app, office, few, lost):
    filter = f"{BEHIND}&queue={office.ids['queue theirs']}"
    start(office["both"], f"{REPORT}/export.csv?{filter}")
    lose(app, office, lost)
    worker.run_waiting(app)
    with app.app_context(), unscoped("the test looks"):
        assert [job.state for job in db.session.scalars(select(Job))] == ["failed"]
        assert not list(files._folder().glob("*"))
    assert told(app) == []


def test_a_file_is_gone_after_a_day(app, office, few):
    link = start(office["both"], f"{REPORT}/export.csv?{BEHIND}").link("Open")
    worker.run_waiting(app)
    with app.app_context():
        (path,) = files._folder().glob("*")
    almost = time.time() - 24 * 3600 + 60
    os.utime(path, (almost, almost))
    worker.run_waiting(app)
    assert len(rows_of(office["both"].get(link), "csv")) == 11
    os.utime(path, (almost - 120, almost - 120))
    worker.run_waiting(app)
    assert "This file is gone" in office["both"].get(link, status=410).text
    assert not path.exists()


def test_it_can_be_cancelled_in_the_middle(app, office, few, monkeypatch):
    page = start(office["both"], f"{REPORT}/export.csv?{BEHIND}")
    written = []

    def cancel(self, done, total):
        written.append((done, total))
        if done == 6:
            office["both"].post(f"{page.path}/cancel")
        return report(self, done, total)

    report = jobs.Progress.report
    monkeypatch.setattr(jobs.Progress, "report", cancel)
    worker.run_waiting(app)
    assert written == [(3, 11), (6, 11)]
    assert "Cancelled" in office["both"].get(page.path).text
    with app.app_context():
        assert not list(files._folder().glob("*"))
    assert told(app) == []


def test_a_worker_that_is_killed_leaves_it_to_the_next(app, office, few, monkeypatch):
    monkeypatch.setattr("portal.jobs.claims.MOST_ATTEMPTS", 1000)
    link = start(office["both"], f"{REPORT}/export.csv?{BEHIND}").link("Open")
    kills = 0
    while killed(app, statements=3 + 4 * kills):
        kills += 1
    assert kills >= 5
    worker.run_waiting(app)
    assert len(rows_of(office["both"].get(link), "csv")) == 11
    assert [detail["rows"] for _who, _name, detail in told(app)] == [11]


def test_who_may_not_export_does_not(app, office, few):
    office["reader"].get(f"{REPORT}/export.csv?{BEHIND}", status=403)
    office["reader"].post(f"{REPORT}/export.csv?{BEHIND}", status=403)
    office["ours"].post(
        f"{REPORT}/export.csv?{BEHIND}&queue={office.ids['queue theirs']}", status=404
    )
    office["ours"].post(f"{REPORT}/export.csv?{BEHIND}&sort=x", status=422)
    office["ours"].post(f"{REPORT}/export.csv?measure=x", status=422)


def test_a_sheet_that_is_full_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(exports, "MOST_XLSX_ROWS", 4)
    for count, sheets in ((0, [0]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])):
        file = io.BytesIO()
        exports.write_workbook(file, ["n"], ([number] for number in range(count)))
        book = load_workbook(file)
        found = [[row[0] for row in sheet.values] for sheet in book.worksheets]
        assert [len(one) - 1 for one in found] == sheets
        assert [cell for one in found for cell in one[1:]] == list(range(count))
        assert {one[0] for one in found} == {"n"}
