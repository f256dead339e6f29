"""Tables of calls from upload to the call log, through the pages."""

from __future__ import annotations

import gzip
import io

import openpyxl
import pytest
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.calls.evidence import EvidenceFile, ImportRun
from portal.calls.layouts import columns, samples
from portal.calls.layouts.models import CallLayout
from portal.calls.layouts.settings import Settings
from portal.calls.models import Call
from portal.extensions import db
from tests.calls.test_intake import NASTY, counted, finished, new_source, upload
from tests.factories import building, company, query, role, user

SAVE, IMPORT = "Save and import", "Import"
DAY_FIRST = "Day, month, year: 31/01/2026"
TABLE = (
    "Call Id;Start;Queue;Agent;Phone;Result;Wait;Talk\r\n"
    "1;05/02/2026 09:00:00;vip;Carla Támez;+48600100200;Odebrane;12,5;0:01:05\r\n"
    "2;05/02/2026 09:01:00;Łódź;Işıl Öz;48600100200;Porzucone;30;\r\n"
    "3;25/02/2026 09:02:00;vip;;anonymous;Test;1;\r\n"
)
SAID = {"Name of this layout": NASTY}


def uploaded(person, content=TABLE, name="calls.csv", page=None):
    """Upload a table; return the page that asks how it is to be read."""
    content = content.encode() if isinstance(content, str) else content
    page = upload(page or new_source(person), (name, content))
    assert page.path.endswith("/layout")
    return page


def preview(page):
    return [row[1:] for row in page.rows()]


def test_a_table_is_read_as_somebody_says(admin, calls):
    page = uploaded(admin)
    assert page.heading == "calls.csv"
    assert preview(page) == [
        ["2026-02-05 09:00:00", "Answered", "vip", "Carla Támez", "+48600100200", "0:12", "1:05"],
        ["2026-02-05 09:01:00", "Abandoned", "Łódź", "Işıl Öz", "48600100200", "0:30", ""],
        ["Left out"],
    ]
    page = finished(page.submit(SAVE, SAID))
    assert counted(page) == (3, 1, 0, 0, 0, 2, 0)
    assert calls("result", "queue_raw", "agent_raw", "number", "wait_s", "talk_s", "kind") == [
        ("answered", "vip", "Carla Támez", "+48600100200", 12, 65, "queue"),
        ("abandoned", "Łódź", "Işıl Öz", "48600100200", 30, None, "queue"),
    ]


def test_day_and_month_are_asked_for_where_no_day_tells(admin, calls, rows):
    page = uploaded(admin, TABLE.replace("25/02", "02/02"))
    asked = "column 2: which comes first, the day or the month?"
    assert [row[0].startswith(asked) for row in preview(page)] == [True] * 3
    page = page.submit(SAVE, SAID, status=422)
    message = "No day of this file tells which is which. Look it up where it comes from."
    assert page.errors() == {"Days are written as": message}
    assert rows(CallLayout) == 0
    page = page.submit("Preview", {"Days are written as": "Month, day, year: 01/31/2026"})
    assert preview(page)[0][0] == "2026-05-02 09:00:00"
    finished(page.submit(SAVE, {"Days are written as": DAY_FIRST}))
    assert [str(at) for (at,) in calls("started_at")] == [
        "2026-02-05 08:00:00+00:00", "2026-02-05 08:01:00+00:00",
    ]  # fmt: skip


def test_the_preview_follows_the_form(admin):
    page = uploaded(admin)
    live = admin.get(f"{page.path}?encoding=utf-8-sig&delimiter=0&header=y", fragment=True)
    assert preview(live)[1][0].startswith("no start time 2;05/02/2026 09:01")


@pytest.mark.parametrize("column", ["9" * 5000, "99", "-1", "\u00b2", "\0", "x"])
def test_a_column_that_is_none_is_not_chosen(admin, column):
    page = uploaded(admin)
    said = {"encoding": "utf-8-sig", "delimiter": "1", "header": "y", "column_start": column}
    said |= {"read_as": "utf-8-sig 1 True"}
    live = admin.get(f"{page.path}?{query(**said)}", fragment=True)
    assert preview(live)[0][0].startswith("no start time")


def test_all_rows_are_looked_at_once(admin, monkeypatch):
    looked = []
    look = columns.look

    def counted_look(rows):
        rows = list(rows)
        looked.append(len(rows))
        return look(rows)

    monkeypatch.setattr(columns, "look", counted_look)
    monkeypatch.setattr(samples, "LOOKED_AT", 2)
    page = uploaded(admin)  # its last row alone tells day and month apart
    for change in (
        {"Queue": "Not in the file"},
        {"Start of the call": "Wait"},
        {"Start of the call": "Start"},
    ):
        page = page.submit("Preview", change)
    assert preview(page)[2] == ["Left out"]
    assert looked == [3]
    page = page.submit("Preview", {"Encoding": "Windows-1250, Central European"})
    assert looked == [3, 2]  # somebody waits for what it becomes
    assert "Each day of this file can be read in more than one way." not in page.text
    finished(page.submit(SAVE, SAID))
    assert looked == [3, 2, 3]


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"\xff"])
def test_what_was_kept_of_a_table_and_is_damaged_is_made_anew(tmp_path, damaged):
    settings, rows = Settings("UTC"), [["1.02.2026", "x"], ["2.02.2026", "y"]]
    found = columns.kept(tmp_path / "t", settings, rows, None)
    [beside] = tmp_path.iterdir()
    beside.write_bytes(damaged)
    assert columns.kept(tmp_path / "t", settings, rows, None) == found
    assert columns.kept(tmp_path / "t", settings, [], None) == found
    assert [*tmp_path.iterdir()] == [beside]


def test_columns_have_days_and_values():
    rows = [["5/2/2026 9:00", "a", "x"], [], ["05/02/2026", "A", "1"], ["25.02.2026 09:00:01 PM"]]
    days, values, mixed = columns.look(rows)
    assert days == columns.Column(["dmy"], True, True, {
        "05/02/2026": "05/02/2026", "25.02.2026 09:00:01 pm": "25.02.2026 09:00:01 PM",
        "5/2/2026 9:00": "5/2/2026 9:00",
    })  # fmt: skip
    assert (values.values, values.has_days, values.orders) == (
        {"a": "A"},
        False,
        ["dmy", "mdy", "ymd"],
    )
    assert mixed.values == {"x": "x", "1": "1"}
    many = columns.look([str(n)] for n in range(columns.MOST_VALUES + 1))
    long = columns.look([[f"{n}" * 9999] for n in range(3)])
    assert [one.values for one in (*many, *long)] == [None, None]
    assert len(columns.look([["x"] * 5000])) == 200


HOSTILE = (
    "\ufeffid,start,queue,agent,number,name\n"
    '1,2026-02-05 09:00,"İş ""1"", <img src=x onerror=alert(1)>",=1+1,+48600,"two\nlines"\n'
    "2,2026-02-05 09:01,Łódź\0,O'Brien|x,48600,\ud83d\n"
    "3,2026-02-31 09:02,a,b,c,d\n"
    "4,2026-02-05 25:02,a,b,c,d\n"
    "5,1066-02-05 09:02,a,b,c,d\n"
    "4.93055E+11,2026-02-05 09:03,a,b,c,d\n"
    '6,2026-02-05 09:04,a,b,4.93055E+11,"="\n'
    '7,2026-02-05 09:05,a,"never closed,c,d\n'
    "8,2026-02-05 09:06,a,b\n"
    ",,,,,\n"
    '9,2026-02-05 09:07,,,="0048600",x\n'
).encode("utf-8", "surrogatepass")
REASONS = [
    "column 2: there is no such day",
    "column 2: there is no such time",
    "column 2: there was no such call: the year is impossible",
    "column 1: a spreadsheet has rounded this number",
    "column 5: a spreadsheet has rounded this number",
    "quotes do not match",
    "4 columns, not 6",
]


def test_hostile_cells(admin, calls):
    page = finished(uploaded(admin, HOSTILE).submit(SAVE, SAID))
    assert counted(page) == (3, 2, 6, 1, 0, 4, 0)
    assert [row[3] for row in page.rows("table.lines")][-7:] == REASONS
    assert calls("queue_raw", "agent_raw", "number", "caller_name", "result") == [
        ('İş "1", <img src=x onerror=alert(1)>', "=1+1", "+48600", "two lines", "abandoned"),
        ("Łódź\ufffd", "O'Brien|x", "48600", "\\xed\\xa0\\xbd", "abandoned"),
        ("a", "b", "", "=", "abandoned"),
        (None, None, "0048600", "x", "no_answer"),
    ]
    for url in ("/calls?period=custom&from=2026-02-01&to=2026-02-28", page.path):
        assert "<img src=x" not in admin.get(url).data.decode()


def test_a_cell_beyond_all_numbers_harms_its_own_row_alone(admin, calls):
    table = "id,start,talk,number\n"
    table += f"1,2026-02-05 09:00,999999999999,600\n2,2026-02-05 09:01,5,1E+{'9' * 5000}\n"
    page = finished(uploaded(admin, table).submit(SAVE, SAID))
    assert counted(page) == (1, 1, 1, 0, 0, 1, 0)
    assert [row[3] for row in page.rows("table.lines")] == ["column 3: the duration cannot be read"]
    assert calls("talk_s", "result") == [(5, "answered")]


def workbook(*lines):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def in_many_ways():
    lines = [line.split(";") for line in TABLE.splitlines()]
    yield "xlsx", workbook(*lines)
    yield "utf-16", TABLE.encode("utf-16")
    yield "cp1254", TABLE.replace("Łódź", "Çığ").encode("cp1254")
    yield "gzip", gzip.compress(TABLE.encode())
    yield "mac", TABLE.replace("\r\n", "\r").encode()
    yield "no end", TABLE.rstrip().encode()


@pytest.mark.parametrize("way", [way for way, _ in in_many_ways()])
def test_tables_in_other_forms(admin, calls, way):
    page = uploaded(admin, dict(in_many_ways())[way])
    assert counted(finished(page.submit(SAVE, SAID)))[-2:] == (2, 0)
    queue = "Çığ" if way == "cp1254" else "Łódź"
    assert calls("queue_raw", "agent_raw", "wait_s") == [
        ("vip", "Carla Támez", 12), (queue, "Işıl Öz", 30),
    ]  # fmt: skip


def test_the_same_file_and_overlapping_ones(admin, rows):
    page = new_source(admin)
    source = page.path
    first = finished(uploaded(admin, page=page).submit(SAVE, SAID))
    assert counted(first) == (3, 1, 0, 0, 0, 2, 0)
    again = uploaded(admin, name="copy.csv", page=admin.get(source)).submit(IMPORT)
    assert counted(finished(again)) == (0, 0, 0, 0, 0, 0, 0)
    longer = (
        "".join(TABLE.splitlines(True)[i] for i in (0, 2)) + "4;26/02/2026 10:00:00;;;;Test;;\r\n"
    )
    more = uploaded(admin, longer, page=admin.get(source)).submit(IMPORT)
    assert counted(finished(more)) == (1, 1, 0, 0, 1, 0, 0)
    assert (rows(CallLayout), rows(Call)) == (1, 2)


def test_a_changed_layout_is_a_new_version(admin, calls, rows, app, cast):
    page = new_source(admin)
    source = page.path
    finished(uploaded(admin, page=page).submit(SAVE, SAID))
    page = uploaded(admin, page=admin.get(source)).click("Change")
    page = finished(page.submit(SAVE, {"Queue": "Not in the file", "Odebrane": "Busy"}))
    assert counted(page)[-2:] == (0, 2)
    assert calls("result", "queue_raw") == [("busy", None), ("abandoned", None)]
    with building(app, of=cast["admin"]):
        layout = db.session.scalars(select(CallLayout)).one()
        kinds = db.session.scalars(select(EvidenceFile.kind)).all()
        assert (layout.version, len(layout.versions)) == (2, 2)
        assert sorted(kinds) == [f"layout:{layout.id.hex}-{n}" for n in (1, 2)]
    feed = admin.get("/activity").text
    for said in ("said how files are read: layout", "changed the layout"):
        assert f"{said} {NASTY}" in feed


def test_twins_are_two_calls(admin, rows):
    table = "start,number\n" + "2026-02-05 09:00,600\n" * 3 + "2026-02-05 09:01,600\n"
    page = new_source(admin)
    source = page.path
    assert counted(finished(uploaded(admin, table, page=page).submit(SAVE, SAID)))[-2:] == (4, 0)
    more = table.replace("09:01", "09:02") + "2026-02-05 09:00,600\n"
    page = uploaded(admin, more, page=admin.get(source)).submit(IMPORT)
    assert counted(finished(page)) == (2, 1, 0, 0, 3, 2, 0)
    assert rows(Call) == 6


def test_the_hour_that_comes_twice(admin, calls):
    times = ("01:50", "02:10", "02:50", "02:05", "02:40", "03:01")
    table = "start,number\n" + "".join(f"2025-10-26 {time}:00,600\n" for time in times)
    finished(uploaded(admin, table).submit(SAVE, SAID))
    assert [f"{at:%H:%M}" for (at,) in calls("started_at")] == [
        "23:50", "00:10", "00:50", "01:05", "01:40", "02:01",
    ]  # fmt: skip


def test_times_that_never_were_are_at_fault(admin):
    table = "start,number\n2026-03-29 02:30:00,600\n2026-03-29 03:30:00,600\n"
    page = finished(uploaded(admin, table).submit(SAVE, SAID))
    assert [row[3] for row in page.rows("table.lines")] == [
        "column 1: there is no such time in this time zone"
    ]


def test_several_files_are_asked_about_in_turn(admin, rows):
    other = b"when,phone\n2026-02-05 09:00,600\n"
    page = upload(
        new_source(admin), ("a.csv", TABLE.encode()), ("b.csv", other), ("c.csv", TABLE.encode())
    )
    page = page.submit(SAVE, {**SAID, "Days are written as": DAY_FIRST})
    assert page.heading == "b.csv"
    assert rows(Call) == 0
    page = page.submit(SAVE, {"Name of this layout": "Other", "Start of the call": "when"})
    assert counted(finished(page))[-2:] == (3, 0)


def test_two_layouts_have_two_names(admin):
    page = new_source(admin)
    source = page.path
    uploaded(admin, page=page).submit(SAVE, SAID)
    page = uploaded(admin, "start,number\n2026-02-05 09:00,1\n", page=admin.get(source))
    page = page.submit(SAVE, {"Name of this layout": NASTY.upper()}, status=422)
    assert page.errors() == {"Name of this layout": "There is a layout of this name already."}


def test_strangers_see_nothing_of_it(app, visitor, admin, cast):
    path = uploaded(admin).path
    with building(app, of=cast["admin"]):
        reader = role("Importer", Permission.IMPORT_CALLS)
        few = user("Few", role=reader, projects=[cast["ours"]])
    visitor(few.email).get(path, status=404)
    with building(app):
        stranger = company("Stranger")
    for method in (visitor(stranger.email).get, visitor(stranger.email).post):
        method(path, status=404)


def test_no_table_is_refused(admin, rows):
    for content in (b"bad\nworse\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 40, b"PK\x03\x04nonsense"):
        page = upload(new_source(admin, str(content)[:20]), ("a.csv", content), status=422)
        assert list(page.errors()) == ["Files"]
    assert rows(ImportRun) == 0
