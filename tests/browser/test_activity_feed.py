"""The activity: read by day, filtered in the address, and opened for its fields."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks

ADMIN = "admin@example.org"
EVIL = "Święta <img src=x onerror=alert(1)>"


@pytest.fixture
def history(app, visitor):
    with make.building(app):
        make.company(email=ADMIN)
        make.project("Obsługa – Łódź")
    person = visitor(ADMIN)
    schedule = {"name": EVIL, "notes": "Zamknięte w niedzielę i święta", "active": "y"}
    person.post("/objects/schedules/new", schedule)
    person.post("/projects/new", {"name": "Klinik İzmir"})


def entries(page):
    return page.locator("main ol.feed > li")


def test_entries_are_filtered_by_kind_and_text(history, signed_in):
    page = signed_in(ADMIN, url="/activity")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    everything = entries(page).count()
    assert everything > 2
    check_looks(page)
    page.get_by_role("button", name="Kind").click()
    page.get_by_role("group", name="Kind").get_by_label("Schedule").check()
    expect(page).to_have_url(re.compile("kind=schedule"))
    expect(entries(page)).to_have_count(1)
    expect(entries(page)).to_contain_text(EVIL)
    page.keyboard.press("Escape")
    page.reload()
    expect(entries(page)).to_have_count(1)
    page.get_by_role("link", name="Remove filter Kind").press("Enter")
    expect(entries(page)).to_have_count(everything)
    page.keyboard.press("/")
    page.keyboard.type("klinik")
    expect(entries(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("q=klinik"))
    page.get_by_role("searchbox").first.fill("nothing of the kind")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    check_looks(page)


def test_an_entry_is_opened_by_keyboard(history, signed_in):
    page = signed_in(ADMIN, url="/activity?kind=schedule")
    entry = entries(page)
    entry.locator("summary").press("Enter")
    table = entry.get_by_role("table", name="Before and after").first
    expect(table).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("Name"))).to_contain_text(EVIL)
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV").click()
    assert kept.value.suggested_filename.endswith(".csv")
    page.reload()
    page.goto(page.url.split("?")[0])
    expect(entries(page).first).to_contain_text("export")


def test_a_change_is_reverted_by_keyboard(history, signed_in):
    page = signed_in(ADMIN, url="/projects")
    page.get_by_role("link", name="Klinik İzmir").focus()
    page.keyboard.press("e")
    form = page.get_by_role("dialog", name="Klinik İzmir")
    form.get_by_label("Name").fill(EVIL)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name=EVIL)).to_be_visible()
    page.goto(page.url.split("/projects")[0] + "/activity?kind=project")
    first = entries(page).first
    expect(first.get_by_role("table", name="Before and after")).to_contain_text("Klinik İzmir")
    check_looks(page)
    first.get_by_role("button", name=f"Revert {EVIL}").press("Enter")
    said = page.get_by_role("region", name="Messages")
    expect(said.get_by_text("Klinik İzmir is again as it was before.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/activity\?kind=project$"))
    expect(entries(page).first).to_contain_text("Reverts the change of:")
    refused = entries(page).nth(1).get_by_role("button", name=f"Revert {EVIL}")
    refused.press("Enter")
    expect(page.get_by_role("heading", name="This change cannot be reverted")).to_be_visible()
    expect(page.get_by_text("This has been changed again since: Name.")).to_be_visible()
    check_looks(page)
    page.get_by_role("link", name="Back to the activity").press("Enter")
    expect(entries(page)).to_have_count(4)
