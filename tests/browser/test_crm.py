"""Contacts and cases are made, found and moved in the browser, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks
from tests.crm.conftest import case, contact, own_field

LEAD, OPERATOR = "lead@example.org", "operator@example.org"
EVIL = "Święta <img src=x onerror=alert(1)>"
PHONE = "+48512345460"


@pytest.fixture
def office(app):
    """Make two projects with fields of their own, a contact with cases, and give its address."""
    with make.building(app):
        make.company()
        care, clinic = make.project("Obsługa – Łódź"), make.project("Klinik İzmir")
        make.user("Lea Der", email=LEAD, role="supervisor", projects=[care, clinic])
        make.user("Ope Rator", email=OPERATOR, projects=[care])
        meter = own_field("Numer licznika", care, show_in_list=True)
        own_field("Randevu", clinic, type="date", show_in_list=True)
        own_field("Taryfa", care, type="choice", choices=["G11", EVIL], show_in_list=True)
        made = contact(EVIL, care, clinic, phone=PHONE, values=[(meter, "M-17")])
        case("Reklamacja faktury", made, care)
        case("Randevu değişikliği", made, clinic, status="waiting")
        return f"/contacts/{made.id}"


def message(page, text):
    return page.get_by_role("region", name="Messages").get_by_text(text)


def test_a_contact_is_made_with_the_fields_of_the_project_that_is_chosen(office, signed_in):
    page = signed_in(LEAD, url="/contacts")
    check_looks(page)
    page.get_by_role("main").get_by_role("link", name="New contact").click()
    drawer = page.get_by_role("dialog", name="New contact")
    expect(drawer.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Işıl Çelik")
    expect(drawer.get_by_label("Numer licznika")).to_have_count(0)
    drawer.get_by_label("Obsługa – Łódź").check()
    drawer.get_by_label("Numer licznika").fill("M-1")
    drawer.get_by_label("Klinik İzmir").check()
    expect(drawer.get_by_label("Randevu")).to_be_visible()
    expect(drawer.get_by_label("Numer licznika")).to_have_value("M-1")
    expect(drawer.get_by_label("Name")).to_have_value("Işıl Çelik")
    drawer.get_by_label("Phone").fill("+48 512 345 460")
    page.keyboard.press("Control+Enter")
    expect(drawer.get_by_text("There is a contact with this number already.")).to_be_visible()
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    drawer.get_by_role("button", name="Create").click()
    expect(message(page, "Işıl Çelik created.")).to_be_visible()
    expect(page.get_by_role("heading", name="Işıl Çelik")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("M-1")
    expect(page.get_by_role("link", name=EVIL)).to_be_visible()


def test_a_contact_is_found_by_a_field_and_edited_by_keyboard(office, signed_in):
    page = signed_in(LEAD, url="/contacts")
    page.keyboard.press("/")
    page.keyboard.type("m-17")
    expect(page).to_have_url(re.compile("q=m-17"))
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Taryfa")).press("Enter")
    page.get_by_role("radio", name="G11").check()
    expect(page.get_by_role("heading", name="No contacts match")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Clear filters").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=EVIL)).to_be_visible()
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Edit", exact=True).press("Enter")
    drawer = page.get_by_role("dialog", name=EVIL)
    drawer.get_by_label("Taryfa").select_option(label=EVIL)
    page.keyboard.press("Control+Enter")
    expect(message(page, f"{EVIL} saved.")).to_be_visible()


def test_a_case_is_opened_and_moved_on_the_board_by_keyboard(office, signed_in):
    page = signed_in(OPERATOR, url=office)
    expect(page.get_by_role("main")).not_to_contain_text("Randevu")
    page.get_by_role("link", name="New case").click()
    page.get_by_label("What it is about").fill("Zwrot")
    check_looks(page)
    page.keyboard.press("Control+Enter")
    expect(message(page, "Zwrot opened.")).to_be_visible()
    check_looks(page)
    page.goto(page.url.rsplit("/", 1)[0] + "/board")
    check_looks(page)
    page.get_by_role("button", name="Move Zwrot to In progress").press("Enter")
    expect(page.get_by_role("region", name=re.compile("In progress"))).to_contain_text("Zwrot")
    page.get_by_role("link", name="List", exact=True).click()
    check_looks(page)


def test_a_case_is_dragged_into_another_column(office, signed_in):
    page = signed_in(LEAD, url="/cases/board?q=faktury")
    target = page.get_by_role("region", name=re.compile("In progress"))
    page.locator("[data-card]", has_text="Reklamacja faktury").drag_to(target, steps=5)
    expect(message(page, "Reklamacja faktury: In progress")).to_be_visible()
    expect(target).to_contain_text("Reklamacja faktury")
    expect(page.get_by_role("link", name="Reklamacja faktury")).to_be_focused()
    expect(page).to_have_url(re.compile("q=faktury"))
    page.locator("[data-card]").drag_to(target)  # where it is already: nothing is sent
    page.get_by_role("button", name="Move Reklamacja faktury to Waiting").press("Enter")
    waiting = page.get_by_role("region", name=re.compile("Waiting"))
    expect(waiting).to_contain_text("Reklamacja faktury")
    expect(page.get_by_role("link", name="Reklamacja faktury")).to_be_focused()
    check_looks(page)


@pytest.mark.parametrize("language", ["pl", "tr"])
def test_nothing_is_wider_than_a_phone_in_each_language(office, signed_in, server, language):
    page = signed_in(LEAD)
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    wider = {}
    for url in ("/contacts", "/contacts/new", office, f"{office}/edit", "/cases", "/cases/board"):
        page.goto(server + url)
        wider[url] = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    assert {url: by for url, by in wider.items() if by > 0} == {}
