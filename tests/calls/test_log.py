"""The call log: each sees the visits of their projects, whole, counted and exported alike."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.calls.evidence import CallSource, Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source
from portal.database import utcnow
from portal.extensions import db
from tests.factories import (
    building,
    company,
    make_object,
    never_existed,
    project,
    query,
    role,
    user,
)

EVIL = "=1+1 <img src=x onerror=alert(1)>"


def log_lines(start):
    """Yield a queue_log: 60 calls in 'ours', 60 in 'theirs', one through both, one in neither."""
    for number in range(60):
        for queue, agent in (("ours", "Agata Żak"), ("theirs", "Işıl Kaya")):
            call = f"{start + number * 60}.{queue}{number}"
            at = start + number * 60
            caller = f"+4850000{number:04}"
            yield f"{at}|{call}|{queue}|NONE|ENTERQUEUE||{caller}|1"
            if number % 10 == 9:
                yield f"{at + 20}|{call}|{queue}|NONE|ABANDON|1|1|20"
            else:
                yield f"{at + 5}|{call}|{queue}|{agent}|CONNECT|5|x.{number}|3"
                yield f"{at + 35}|{call}|{queue}|{agent}|COMPLETECALLER|5|30|1"
    at = start + 4000
    yield f"{at}|{at}.both|ours|NONE|ENTERQUEUE||+905000012345|1"
    yield f"{at + 90}|{at}.both|ours|NONE|EXITWITHTIMEOUT|1|1|90"
    yield f"{at + 91}|{at}.both|theirs|NONE|ENTERQUEUE||+905000012345|1"
    yield f"{at + 95}|{at}.both|theirs|Işıl Kaya|CONNECT|4|x.99|4"
    yield f"{at + 195}|{at}.both|theirs|Işıl Kaya|COMPLETEAGENT|4|100|1"
    yield f"{at + 300}|{at}.none|unknown|NONE|ENTERQUEUE||15550001|1"
    yield f"{at + 310}|{at}.none|unknown|NONE|ABANDON|1|1|10"


@pytest.fixture
def log(app, visitor, tmp_path):
    """Import a log into two projects; return visitors by name, and the projects."""
    start = int((utcnow() - dt.timedelta(hours=3)).timestamp())
    path = tmp_path / "queue_log"
    path.write_text("".join(f"{line}\n" for line in log_lines(start)))
    with building(app):
        admin = company()
        ours, theirs = project(f"Ours {EVIL}"), project("Theirs – İzmir")
        cast = {
            "admin": admin,
            "ours": user("Agata Żak", role="supervisor", projects=[ours]),
            "theirs": user("Işıl Kaya", role="operator", projects=[theirs]),
            "both": user("Owen O'Neil", role="supervisor", projects=[ours, theirs]),
            "nowhere": user("Elif Tunç", role="operator"),
            "blind": user("Rea Der", role=role("Blind", Permission.LIST_PROJECTS), projects=[ours]),
        }
        queues = {
            name: make_object("queues", f"Queue {name}", where)
            for name, where in (("ours", ours), ("theirs", theirs))
        }
        source = create_source(admin.company_id, "PBX", "UTC")
        for name, queue in queues.items():
            _identity(source, "queue", name, queue_id=queue.id)
        for name in ("ours", "theirs"):
            _identity(source, "agent", cast[name].name, user_id=cast[name].id)
        db.session.commit()
        ids = {
            "ours": ours.id,
            "theirs": theirs.id,
            "queue ours": queues["ours"].id,
            "agata": cast["ours"].id,
        }
        log = Log(app, admin, visitor, {name: person.email for name, person in cast.items()}, ids)
        import_files(source, [path])
        db.session.refresh(admin)
    return log


class Log:
    """Visitors by name, each signed in when first spoken of, and the ids that tests ask for."""

    def __init__(self, app, admin, visitor, emails, ids):
        self.app, self.admin = app, admin
        self.visitor, self.emails, self.ids = visitor, emails, ids
        self.signed_in = {}

    def __getitem__(self, name):
        if name not in self.signed_in:
            self.signed_in[name] = self.visitor(self.emails[name])
        return self.signed_in[name]


def _identity(source, kind, raw, **meaning):
    key = {"company_id": source.company_id, "source_id": source.id}
    db.session.add(Identity(**key, kind=kind, raw=raw, **meaning))
    db.session.flush()


def every_row(person, url):
    """Return all rows of the log, page by page, without headings of days."""
    rows = []
    page = person.get(url)
    while True:
        rows += [row for row in page.rows("table.calls") if len(row) == 8]
        more = page.all(".more-row a")
        if not more:
            return rows
        page = person.get(more[0].attributes["href"])


def queues_of(rows):
    return sorted(
        {row[3].removeprefix(f"Ours {EVIL} ").removeprefix("Theirs – İzmir ") for row in rows}
    )


def said_total(page):
    return page.texts("[data-announce]")[-1]


def test_each_sees_the_visits_of_their_projects(log):
    expected = {
        "admin": (123, ["Queue ours", "Queue theirs", "Unassigned unknown"]),
        "both": (122, ["Queue ours", "Queue theirs"]),
        "ours": (61, ["Queue ours"]),
        "theirs": (61, ["Queue theirs"]),
        "nowhere": (0, []),
    }
    for name, (count, queues) in expected.items():
        rows = every_row(log[name], "/calls?period=last_7_days")
        assert (len(rows), queues_of(rows)) == (count, queues), name
        if count:
            assert said_total(log[name].get("/calls?period=last_7_days")) == f"{count} calls"
    log["blind"].get("/calls", status=403)


def test_a_visit_shows_only_its_own_part(log):
    rows = [row for row in every_row(log["theirs"], "/calls") if row[6] == "1:40"]
    assert [row[5:] for row in rows] == [["0:04", "1:40", "Answered"]]
    page = log["theirs"].get("/calls")
    link = next(a for a in page.all("td.c-time a") if "1:40" in a.parent.parent.text())
    call = log["theirs"].get(link.attributes["href"])
    assert "Queue ours" not in call.body
    assert call.texts("section.visit h2") == ["Queue theirs Theirs – İzmir"]
    assert log["both"].get(link.attributes["href"]).texts("section.visit h2") == [
        f"Queue ours Ours {EVIL}",
        "Queue theirs Theirs – İzmir",
    ]


def test_a_foreign_visit_is_like_one_that_never_existed(log):
    link = log["theirs"].get("/calls").all("td.c-time a")[0].attributes["href"]
    missing = log["ours"].get(f"/calls/{never_existed()}", status=404)
    assert log["ours"].get(link, status=404).data == missing.data
    assert log["ours"].post(f"{link}/reveal", status=404).data == missing.data


def test_a_project_gives_the_rows_of_all_its_queues(log):
    ours = log.ids["ours"]
    by_project = every_row(log["both"], f"/calls?project={ours}")
    by_queue = every_row(log["both"], f"/calls?queue={log.ids['queue ours']}")
    assert by_project == by_queue
    assert len(by_project) == 61
    assert every_row(log["theirs"], f"/calls?project={ours}") == []
    assert every_row(log["theirs"], f"/calls?project={never_existed()}") == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("result=abandoned", 12),
        ("result=abandoned&result=timed_out", 13),
        ("direction=in", 122),
        ("direction=out", 0),
        ("number=%2B48+500+000+007", 2),
        ("number=0007", 2),
        ("number=12345", 2),
        ("period=yesterday&number=12345", None),
        ("period=today&result=lost", 0),
    ],
)
def test_filters_are_in_the_address_and_total_says_what_the_rows_are(log, query, count):
    if "period" not in query:
        query += "&period=last_7_days"
    rows = every_row(log["both"], f"/calls?{query}")
    if count is not None:
        assert len(rows) == count
    if rows:
        said = said_total(log["both"].get(f"/calls?{query}"))
        assert said == f"{len(rows)} call{'' if len(rows) == 1 else 's'}"


def test_an_operator_can_be_asked_for(log):
    agata = log.ids["agata"]
    assert len(every_row(log["both"], f"/calls?operator={agata}")) == 54


@pytest.mark.parametrize(
    "query",
    [
        "period=ever",
        "period=custom&from=0000-01-01",
        "period=custom&from=9999-12-31",
        "period=custom&from=2026-02-30",
        "period=custom&from=2026-02-10&to=2026-02-01",
        "project=1",
        "queue='--",
        "result=nonsense",
        "direction=up",
        "number=abc",
        "number=" + "1" * 101,
    ],
)
def test_nonsense_is_refused(log, query):
    log["ours"].get(f"/calls?{query}", status=422)
    log["ours"].get(f"/calls?{query}", status=422, fragment=True)


def test_a_cursor_of_nonsense_begins_at_the_newest(log):
    for cursor in ("x", "A" * 32, "////", "%00"):
        assert len(log["ours"].get(f"/calls?before={cursor}").rows("table.calls")) >= 0


def test_numbers_are_masked_and_revealing_one_is_recorded(log):
    page = log["theirs"].get("/calls")
    numbers = {row[2] for row in page.rows("table.calls") if len(row) == 8}
    assert all("•••" in number for number in numbers)
    assert "+48500000" not in page.body
    link = page.all("td.c-time a")[-1].attributes["href"]
    assert "+485000000" not in log["theirs"].get(link).body
    answer = log["theirs"].post(f"{link}/reveal", fragment=True)
    assert "+485000000" in answer.text
    # Searching by parts would give a number away digit by digit.
    assert every_row(log["theirs"], "/calls?number=12345") == []
    assert len(every_row(log["theirs"], "/calls?number=%2B905000012345")) == 1


def test_watchers_learn_of_their_own_calls_and_of_no_others(log, tmp_path):
    names = ("admin", "both", "ours", "theirs", "nowhere")
    marks = {name: log[name].client.get("/calls/live").get_data(as_text=True) for name in names}
    log["blind"].get("/calls/live", status=403)

    def changed():
        paths = {name: f"/calls/live?{query(mark=mark)}" for name, mark in marks.items()}
        return {n: log[n].client.get(path).status_code for n, path in paths.items()}

    assert set(changed().values()) == {204}
    for nonsense in ("", "\0", EVIL, "-1", f"0{marks['ours']}", "9" * 5000):
        answer = log["ours"].client.get(f"/calls/live?{query(mark=nonsense)}")
        assert (answer.status_code, answer.get_data(as_text=True)) == (200, marks["ours"])
    assert log["ours"].client.get("/calls/live?mark=%ff").status_code == 200
    at, late = int(utcnow().timestamp()) - 60, tmp_path / "late"
    events = (
        f"{at}|{at}.9|theirs|NONE|{event}\n" for event in ("ENTERQUEUE||1|1", "ABANDON|1|1|0")
    )
    late.write_text("".join(events))
    with building(log.app, of=log.admin):
        import_files(db.session.scalars(select(CallSource)).one(), [late])
    assert changed() == {"admin": 200, "both": 200, "ours": 204, "theirs": 200, "nowhere": 204}


def test_exports_are_what_is_filtered(log):
    url = f"/calls/export.csv?project={log.ids['ours']}&result=abandoned"
    text = log["ours"].get(url).response.get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 7
    assert {row[4] for row in rows[1:]} == {f"Ours {EVIL}"}
    assert {row[2][:8] for row in rows[1:]} == {"+4850000"}
    log["theirs"].get("/calls/export.csv", status=403)
    book = log["both"].get("/calls/export.xlsx").response.get_data()
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 123
    assert "<f>" not in sheet


def test_the_chart_adds_up_to_the_total(log):
    page = log["ours"].get("/calls?period=today")
    sums = [sum(int(cell) for cell in row[1:]) for row in page.rows("#course-table table")]
    rows = every_row(log["ours"], "/calls?period=today")
    assert sum(sums) == len(rows)
