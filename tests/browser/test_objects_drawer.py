"""Objects are made, changed and deleted in a drawer over their list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks

ADMIN = "admin@example.org"
EVIL = "Święta <img src=x onerror=alert(1)>"


@pytest.fixture
def office(app):
    with make.building(app):
        make.company(email=ADMIN)
        care, clinic = make.project("Obsługa – Łódź"), make.project("Klinik İzmir")
        make.make_object("schedules", "24/7", care, clinic)
        make.make_object("queues", "Reklamacje", care)


def message(page, text):
    return page.get_by_role("region", name="Messages").get_by_text(text)


def test_an_object_is_made_changed_and_deleted_by_mouse(office, signed_in):
    page = signed_in(ADMIN, url="/objects")
    check_looks(page)
    page.get_by_role("main").get_by_role("link", name="Schedules").click()
    page.get_by_role("main").get_by_role("link", name="New schedule").click()
    drawer = page.get_by_role("dialog", name="New schedule")
    drawer.get_by_label("Name").fill(EVIL)
    drawer.get_by_label("Obsługa – Łódź").check()
    check_looks(page)
    drawer.get_by_role("button", name="Create").click()
    expect(message(page, f"{EVIL} created.")).to_be_visible()
    page.get_by_role("link", name=EVIL).click()
    drawer = page.get_by_role("dialog", name=EVIL)
    drawer.get_by_label("Notes").fill("Zamknięte")
    drawer.get_by_label("Klinik İzmir").check()
    drawer.get_by_role("button", name="Save changes").click()
    expect(message(page, f"{EVIL} saved.")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Święta"))
    expect(row).to_contain_text("Klinik İzmir")
    expect(row).to_contain_text("Obsługa – Łódź")
    page.get_by_role("link", name=EVIL).click()
    drawer.get_by_role("button", name="Delete").click()
    asked = page.get_by_role("dialog", name=f"Delete {EVIL}?")
    expect(asked).to_be_visible()
    check_looks(page)
    asked.get_by_role("button", name="Delete").click()
    expect(message(page, f"{EVIL} deleted.")).to_be_visible()
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)


def test_an_object_is_made_by_keyboard_and_a_bad_name_is_said(office, signed_in):
    page = signed_in(ADMIN, url="/objects/queues")
    keys = page.keyboard
    page.get_by_role("link", name="New queue").first.press("Enter")
    drawer = page.get_by_role("dialog", name="New queue")
    name = drawer.get_by_label("Name")
    expect(name).to_be_focused()
    keys.type("reklamacje")
    drawer.get_by_label("Project").select_option(label="Obsługa – Łódź")
    keys.press("Control+Enter")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    check_looks(page)
    name.fill("Zwroty")
    keys.press("Control+Enter")
    expect(message(page, "Zwroty created.")).to_be_visible()
    keys.press("j")
    expect(page.get_by_role("link", name="Reklamacje")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Reklamacje")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("dialog", name="Reklamacje")).to_have_count(0)
    expect(page.get_by_role("link", name="Reklamacje")).to_be_focused()


def test_two_who_change_the_same_lose_nothing(office, signed_in, elsewhere):
    page = signed_in(ADMIN, url="/objects/queues")
    page.get_by_role("link", name="Reklamacje").click()
    other = elsewhere(ADMIN, url="/objects/queues")
    other.get_by_role("link", name="Reklamacje").click()
    other.get_by_role("dialog").get_by_label("Notes").fill("Theirs")
    other.get_by_role("button", name="Save changes").click()
    expect(message(other, "Reklamacje saved.")).to_be_visible()
    drawer = page.get_by_role("dialog", name="Reklamacje")
    drawer.get_by_label("Notes").fill("Ours")
    drawer.get_by_role("button", name="Save changes").click()
    expect(drawer.get_by_text("Somebody else has changed this meanwhile.")).to_be_visible()
    expect(drawer.get_by_text("Notes now: Theirs")).to_be_visible()
    expect(drawer.get_by_label("Notes")).to_have_value("Ours")
    check_looks(page)
    drawer.get_by_role("button", name="Save changes").click()
    expect(message(page, "Reklamacje saved.")).to_be_visible()


def test_a_list_without_rows_says_what_it_is_for(office, signed_in):
    page = signed_in(ADMIN, url="/objects/dialers")
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    check_looks(page)
    page.goto(page.url.replace("dialers", "queues?q=nothing"))
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    check_looks(page)
