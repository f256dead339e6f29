"""The call log: filters in the address, more rows, the chart's table, keys, numbers, exports."""

from __future__ import annotations

import csv
import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source
from portal.database import utcnow
from portal.extensions import db
from tests import factories as make
from tests.browser.look import check_looks

ADMIN, OPERATOR = "admin@example.org", "sukru@example.org"
EVIL = "=1+1 <img src=x onerror=alert(1)>"


def log_lines(start):
    """Yield a queue_log: 60 calls in each of two queues, each tenth abandoned; one in neither."""
    for number in range(60):
        for queue, agent in (("ours", "Agata Żak"), ("theirs", "Şükrü Işık")):
            at, call = start + number * 60, f"{start + number * 60}.{queue}{number}"
            yield f"{at}|{call}|{queue}|NONE|ENTERQUEUE||+4850000{number:04}|1"
            if number % 10 == 9:
                yield f"{at + 20}|{call}|{queue}|NONE|ABANDON|1|1|20"
            else:
                yield f"{at + 5}|{call}|{queue}|{agent}|CONNECT|5|x.{number}|3"
                yield f"{at + 35}|{call}|{queue}|{agent}|COMPLETECALLER|5|30|1"
    at = start + 4000
    yield f"{at}|{at}.none|unknown|NONE|ENTERQUEUE||15550001|1"
    yield f"{at + 10}|{at}.none|unknown|NONE|ABANDON|1|1|10"


@pytest.fixture
def log(app, tmp_path):
    path = tmp_path / "queue_log"
    start = int((utcnow() - dt.timedelta(hours=26)).timestamp())
    path.write_text("".join(f"{line}\n" for line in log_lines(start)))
    with make.building(app):
        admin = make.company(email=ADMIN)
        ours, theirs = make.project(f"Ours {EVIL}"), make.project("Obsługa – İzmir")
        make.user("Agata Żak", projects=[ours])
        make.user("Şükrü Işık", email=OPERATOR, projects=[theirs])
        source = create_source(admin.company_id, "Centrala", "UTC")
        for name, where in (("ours", ours), ("theirs", theirs)):
            queue = make.make_object("queues", f"Queue {name}", where)
            key = {"company_id": admin.company_id, "source_id": source.id}
            db.session.add(Identity(**key, kind="queue", raw=name, queue_id=queue.id))
        db.session.commit()
        import_files(source, [path])


def url(query=""):
    return f"/calls?period=last_7_days{query}"


def rows(page):
    return page.locator("table.calls tbody tr:not(.group-row,.more-row)")


def said_total(page):
    return page.locator(".table-foot").get_by_role("status")


def test_filters_are_chips_and_stand_in_the_address(log, signed_in):
    page = signed_in(ADMIN, url=url())
    expect(said_total(page)).to_have_text("121 calls")
    page.get_by_role("button", name="Result").click()
    page.get_by_role("group", name="Result").get_by_label("Abandoned").check()
    expect(said_total(page)).to_have_text("13 calls")
    expect(page).to_have_url(re.compile("result=abandoned"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Project").click()
    page.get_by_role("group", name="Project").get_by_label("Obsługa – İzmir").check()
    expect(said_total(page)).to_have_text("6 calls")
    page.keyboard.press("Escape")
    check_looks(page)
    page.reload()
    expect(said_total(page)).to_have_text("6 calls")
    page.get_by_role("link", name="Remove filter Project").click()
    expect(said_total(page)).to_have_text("13 calls")
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(said_total(page)).to_have_text("121 calls")
    expect(page).to_have_url(re.compile("period=last_7_days"))


def test_filters_need_no_mouse(log, signed_in):
    page = signed_in(ADMIN, url=url())
    keys = page.keyboard
    keys.press("/")
    expect(page.get_by_role("searchbox", name="Number")).to_be_focused()
    keys.type("+48 500 000 007")
    expect(said_total(page)).to_have_text("2 calls")
    keys.press("Control+a")
    keys.press("Delete")
    expect(said_total(page)).to_have_text("121 calls")
    page.get_by_role("button", name="Direction").focus()
    keys.press("Enter")
    chosen = page.get_by_role("group", name="Direction")
    expect(chosen.get_by_label("All")).to_be_focused()
    keys.press("ArrowDown")
    expect(page).to_have_url(re.compile("direction=in"))
    expect(chosen.get_by_label("Inbound")).to_be_focused()
    check_looks(page)
    keys.press("Escape")
    expect(chosen).to_be_hidden()
    expect(page.get_by_role("button", name="Direction")).to_be_focused()


def test_more_rows_come_while_scrolling(log, signed_in):
    page = signed_in(ADMIN, url=url())
    expect(rows(page)).to_have_count(50)
    page.get_by_role("link", name="Load more").scroll_into_view_if_needed()
    expect(rows(page)).to_have_count(100)
    page.get_by_role("link", name="Load more").scroll_into_view_if_needed()
    expect(rows(page)).to_have_count(121)
    expect(page.get_by_role("link", name="Load more")).to_have_count(0)


def test_the_chart_is_a_table_too(log, signed_in):
    page = signed_in(ADMIN, url=url())
    table = page.get_by_role("region", name="Calls by day").get_by_role("table")
    expect(table).to_be_hidden()
    page.get_by_role("button", name="Show the chart as a table").press("Enter")
    expect(table).to_be_visible()
    cells = table.locator("td").all_inner_texts()
    assert sum(map(int, cells)) == 121
    check_looks(page)
    page.get_by_role("button", name="Show the chart as a table").click()
    expect(table).to_be_hidden()


def test_rows_are_walked_and_opened_by_keys(log, signed_in):
    page = signed_in(ADMIN, url=url("&result=answered"))
    for key in ("j", "j", "j", "k"):
        page.keyboard.press(key)
    second = rows(page).nth(1).get_by_role("link")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Call of")
    expect(page.get_by_role("table", name="Who was rung")).to_be_visible()
    check_looks(page)


def test_a_masked_number_is_revealed(log, signed_in):
    page = signed_in(OPERATOR, url=url())
    expect(rows(page).first).to_contain_text("•••")
    expect(page.get_by_text("+485000")).to_have_count(0)
    rows(page).first.get_by_role("link").click()
    expect(page.locator("#number")).to_contain_text("•••")
    page.get_by_role("button", name="Reveal").press("Enter")
    expect(page.locator("#number")).to_have_text("+48500000059")
    check_looks(page)


def test_an_export_has_what_is_filtered(log, signed_in):
    page = signed_in(ADMIN, url=url("&result=abandoned"))
    page.get_by_role("button", name="Export").press("Enter")
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV").press("Enter")
    assert re.fullmatch(r"calls-.*\.csv", kept.value.suggested_filename)
    with open(kept.value.path(), encoding="utf-8-sig", newline="") as file:
        exported = list(csv.reader(file))
    assert len(exported) == 14
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as kept:
        page.get_by_role("link", name="Excel workbook").click()
    assert kept.value.path().read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("?period=last_7_days", "Call log"),
        ("?period=today&number=99999999", "No calls match"),
        ("?period=custom&from=2020-01-01&to=2020-01-02", "No calls in this period"),
        ("?period=ever", "This filter cannot be used"),
    ],
)
def test_the_log_looks_right(log, signed_in, query, heading):
    page = signed_in(ADMIN, url=f"/calls{query}")
    expect(page.get_by_role("main").get_by_role("heading", name=heading)).to_be_visible()
    check_looks(page)
