"""Settings of kinds in the browser: previews that stay in the drawer, and a secret shown once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks

EMAIL = "admin@example.org"


@pytest.fixture
def office(app):
    with make.building(app):
        make.company(email=EMAIL)
        make.make_object("schedules", "Biuro Łódź", make.project("Sprzedaż"), timezone="UTC")


def test_a_preview_leaves_what_is_typed_and_saves_nothing(office, signed_in):
    page = signed_in(EMAIL, url="/objects/schedules")
    page.get_by_role("link", name="Biuro Łódź").click()
    drawer = page.get_by_role("dialog", name="Biuro Łódź")
    monday = drawer.get_by_label("Monday")
    monday.fill("8-12, 22-6")
    drawer.get_by_role("button", name="Show the preview").click()
    preview = drawer.locator("#preview")
    expect(preview.get_by_text("08:00-12:00")).to_have_count(2)
    expect(preview.locator("tbody tr")).to_have_count(14)
    expect(monday).to_have_value("8-12, 22-6")
    check_looks(page)
    monday.fill("soon")
    drawer.get_by_role("button", name="Show the preview").click()
    expect(preview).to_contain_text("Monday Write hours like 09:00-12:30, 13:00-17:00.")
    page.goto(page.url)
    monday = page.get_by_role("dialog").get_by_label("Monday")
    expect(monday).to_have_value("")
    monday.fill("8-12")
    monday.press("Enter")  # saves, and does not only show
    expect(page.get_by_text("Biuro Łódź saved.").first).to_be_visible()


def test_a_secret_is_shown_once_in_the_drawer(office, signed_in):
    page = signed_in(EMAIL, url="/objects/phones")
    page.get_by_role("link", name="New IP phone").first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("Biurko İzmir")
    drawer.get_by_label("Internal number").fill("2104")
    check_looks(page)
    drawer.get_by_role("button", name="Create").click()
    secret = drawer.locator("[data-once]").inner_text()
    assert len(secret) == 24
    check_looks(page)
    drawer.get_by_role("link", name="I have kept it").click()
    expect(page.get_by_role("link", name="Biurko İzmir")).to_be_visible()
