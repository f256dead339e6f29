"""The layouts of a source on their page: what they say, other names, and which may go."""

from __future__ import annotations

import shutil
from pathlib import Path

from portal.calls.layouts.models import CallLayout
from tests.calls.layouts.test_pages import SAID, SAVE, finished, new_source, uploaded
from tests.calls.test_intake import NASTY
from tests.calls.test_intake import SAVE as CHANGE

WHY = "1 file was read by this layout: it stays, so that the file can be read again."
ENDS = "An import by this layout has not ended yet."


def layouts_of(source):
    return source.visitor.get(source.path).click("Layouts")


def opened(page, name=NASTY):
    return page.click(name)


def facts(page):
    terms = page.texts("#drawer .facts dt")
    return dict(zip(terms, page.texts("#drawer .facts dd"), strict=True))


def refusal(page):
    return page.one(".note.bad p").text(strip=True)


def test_layouts_are_listed_with_what_they_say(admin):
    source = new_source(admin)
    assert "No layouts yet" in layouts_of(source).text
    finished(uploaded(admin, page=source).submit(SAVE, SAID))
    page = layouts_of(source)
    (row,) = page.rows()
    assert (row[0], row[1], row[3]) == (NASTY, "1", "1")
    assert facts(opened(page)) == {
        "Encoding": "UTF-8",
        "Columns are separated by": "Semicolon",
        "The first row has the names of the columns": "Yes",
        "Start of the call": "Start",
        "Waiting time": "Wait",
        "Talk time": "Talk",
        "Outcome": "Result",
        "Queue": "Queue",
        "Operator": "Agent",
        "Number of the caller or the called": "Phone",
        "Id of the call": "Call Id",
        "Time zone of the times in the file": "Europe/Warsaw",
        "Days are written as": "Day, month, year: 31/01/2026",
        "Times are written with": "24 hours",
        "Waiting times are in": "Seconds",
        "Talk times are in": "Hours:minutes:seconds",
        "A comma stands before decimals: 12,5": "Yes",
        "odebrane": "Answered",
        "porzucone": "Abandoned",
        "test": "Leave these rows out",
        "Direction, where no column tells it": "Inbound",
    }


def test_columns_without_headings_are_numbered(admin):
    source = new_source(admin)
    page = uploaded(admin, "2026-02-05 09:00,600\n2026-02-05 09:01,601\n", page=source)
    finished(page.submit(SAVE, {**SAID, "Start of the call": "Column 1: 2026-02-05 09:00"}))
    assert facts(opened(layouts_of(source)))["Start of the call"] == "Column 1"


def test_a_layout_gets_another_name(admin):
    source = new_source(admin)
    finished(uploaded(admin, page=source).submit(SAVE, SAID))
    finished(uploaded(admin, "start,n\n2026-02-05 09:00,1\n", page=source).submit(
        SAVE, {"Name of this layout": "Other"}
    ))  # fmt: skip
    mine, other = (opened(layouts_of(source)) for _ in range(2))
    for bad, said in (
        ("", "This is needed."),
        ("oTHER", "There is a layout of this name already."),
    ):
        assert mine.submit(CHANGE, {"Name": bad}, status=422).errors() == {"Name": said}
    page = other.submit(CHANGE, {"Name": "Żółw <b>"})
    assert [row[:2] for row in page.rows()] == [["Other", "1"], ["Żółw <b>", "1"]]
    stale = mine.submit(CHANGE, {"Name": "Mine"}, status=409)
    assert facts(stale)["Name now"] == "Żółw <b>"
    assert [row[0] for row in stale.submit(CHANGE).rows()[-2:]] == ["Mine", "Other"]
    assert "changed the layout Mine of files" in admin.get("/activity").text
    # Whose form for another version was open meanwhile gives it no former name.
    page = uploaded(admin, page=source).click("Change")
    opened(layouts_of(source), "Mine").submit(CHANGE, {"Name": "Third"})
    finished(page.submit(SAVE, {"Queue": "Not in the file"}))
    assert sorted(row[0] for row in layouts_of(source).rows()) == ["Other", "Third"]


def test_a_layout_goes_only_if_nothing_was_read_by_it(admin, rows):
    source = new_source(admin)
    layout = uploaded(admin, page=source).submit(SAVE, SAID)
    page = opened(layouts_of(source))
    # Its import waits for a worker.
    assert refusal(page.submit("Delete", status=422)) == ENDS
    finished(layout)
    assert refusal(page.submit("Delete", status=422)) == WHY
    page = opened(layouts_of(source))
    assert WHY in page.text
    assert not page.all('form[action$="/delete"]')
    assert rows(CallLayout) == 1


def test_a_layout_that_read_nothing_is_deleted(admin, rows, app):
    source = new_source(admin)
    uploaded(admin, page=source).submit(SAVE, SAID)
    (files,) = Path(app.config["UPLOADS_FOLDER"]).iterdir()
    shutil.rmtree(files)  # its import ends before anything is read
    again = uploaded(admin, page=source)
    page = opened(layouts_of(source)).submit("Delete")
    assert "No layouts yet" in page.text
    assert rows(CallLayout) == 0
    assert f"deleted the layout {NASTY} of files" in admin.get("/activity").text
    # Who was asked meanwhile whether to read by it is asked again.
    refused = again.submit("Import", status=422)
    assert refusal(refused) == "This is no longer here. Choose again."
