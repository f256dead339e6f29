"""A form is drafted and published in the browser, and filled in by an operator."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks
from tests.crm.conftest import contact, own_field

LEAD, OPERATOR = "lead@example.org", "operator@example.org"
EVIL = "Święta <img src=x onerror=alert(1)>"


@pytest.fixture
def office(app):
    """Make a project with a field, a contact and an empty form; return their addresses."""
    with make.building(app):
        make.company()
        care = make.project("Obsługa – Łódź")
        make.user("Lea Der", email=LEAD, role="supervisor", projects=[care])
        make.user("Ope Rator", email=OPERATOR, projects=[care])
        own_field("Numer licznika", care)
        form = make.make_object("forms", f"Ankieta {EVIL}", care)
        client = contact("Işıl Çelik", care, phone="+48512345460")
        return f"/objects/forms/{form.id}/draft", f"/contacts/{client.id}"


def add(page, place, kind):
    """Add a question of a type to the page of the form at ``place``, by the keyboard."""
    page.get_by_role("button", name="Add a question").nth(place).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=kind, exact=True).locator("visible=true").click()


def test_a_form_is_published_and_filled_in(office, signed_in, elsewhere):
    draft, client = office
    page = signed_in(LEAD, url=draft)
    button = page.get_by_role("button", name="Add a page")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Page 1")).to_be_visible()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Page 2")).to_be_visible()
    check_looks(page)
    page.get_by_role("link", name="Edit Page 1").click()
    page.get_by_label("Text to read out").fill(f"Dzień dobry, {EVIL}")
    page.keyboard.press("Control+Enter")
    add(page, 0, "One choice")
    page.get_by_label("Question").fill("Czy mogę zająć chwilę?")
    page.get_by_label("Choices").fill(f"Tak\n{EVIL}\nNie")
    page.get_by_label("Required").check()
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Edit: Czy mogę").click()
    page.get_by_label("Nie leads to").select_option("the end")
    check_looks(page)
    page.get_by_role("button", name="Save").click()
    add(page, 1, "Text")
    page.get_by_label("Question").fill("Numer licznika?")
    page.get_by_label("Contact field that takes the answer").select_option("Numer licznika")
    page.get_by_role("button", name="Save").click()
    add(page, 1, "Scale")
    page.get_by_label("Question").fill("Jak bardzo?")
    page.get_by_role("button", name="Save").click()
    up = page.get_by_role("button", name="Move up: Jak bardzo?")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#outline li b")).to_have_text(
        ["Czy mogę zająć chwilę?", "Jak bardzo?", "Numer licznika?"]
    )
    check_looks(page)
    page.get_by_role("link", name="Try it").click()
    page.get_by_label("Nie").check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="The form ends here")).to_be_visible()
    page.goto(page.url.removesuffix("/draft/try") + "/versions")
    check_looks(page)
    page.get_by_role("button", name="Publish the draft").click()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible()
    _fill_in(elsewhere(OPERATOR, url=client))


def _fill_in(page):
    menu = page.get_by_role("button", name="Fill in a form")
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ankieta").click()
    expect(page.get_by_text(f"Dzień dobry, {EVIL}")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    check_looks(page)
    page.get_by_label("Tak").check()
    expect(page.get_by_text("Kept at")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Tak")).to_be_checked()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("5", exact=True).check()
    page.get_by_label("Numer licznika?").fill("M-17")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Kept at")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    check_looks(page)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("main").get_by_text("Finished")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("M-17")).to_be_visible()
    check_looks(page)
