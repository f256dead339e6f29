"""The company's security type is changed after its effect is shown and its name typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks

NAME, ADMIN = "Brannova – Łódź & İzmir", "admin@example.org"


@pytest.fixture
def simple(app):
    with make.building(app):
        make.company(NAME, enhanced=False, email=ADMIN)
        for name in ("Reklamacje", "Randevu <img src=x onerror=alert(1)>"):
            make.make_object("queues", name, make.default_project())
        make.make_object("phones", "101")
        make.user("Şeyma Yıldırım")
        make.user("Żaneta Źdźbło")


@pytest.fixture
def walled(app):
    with make.building(app):
        make.company(NAME, email=ADMIN)
        care, clinic = make.project("Obsługa"), make.project("Klinik")
        make.make_object("queues", "Reklamacje", care)
        make.user("Şeyma Yıldırım", projects=[care])
        make.user("Żaneta Źdźbło", projects=[care, clinic])


def message(page, text):
    return page.get_by_role("region", name="Messages").get_by_text(text)


def cell(page, row, column):
    return page.get_by_role("row", name=row).get_by_role("cell").nth(column)


def test_walls_are_put_up_by_mouse(simple, signed_in):
    page = signed_in(ADMIN, url="/settings")
    expect(page.get_by_role("link", name="Projects", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Change to enhanced…").click()
    will = "The project Default will hold 3 objects and 3 people."
    expect(page.get_by_role("heading", name=will)).to_be_visible()
    expect(page.get_by_text("Nobody loses sight of anything.")).to_be_visible()
    expect(cell(page, "Queues", 2)).to_have_text("2")
    expect(cell(page, "IP phones", 2)).to_have_text("1")
    check_looks(page)
    typed = page.get_by_label(f"Type {NAME} to confirm")
    button = page.get_by_role("button", name="Put the walls up")
    typed.fill("brannova")
    button.click(force=True)
    expect(typed).to_be_focused()
    expect(page.get_by_role("heading", name=will)).to_be_visible()
    typed.fill(NAME)
    button.click()
    expect(message(page, "The walls are up")).to_be_visible()
    page.goto(page.url.replace("/settings", "/projects"))
    expect(page.get_by_role("link", name="Default", exact=True)).to_be_visible()


def test_walls_are_taken_down_by_keyboard(walled, signed_in):
    page = signed_in(ADMIN, url="/settings")
    page.get_by_role("link", name="Change to simple…").press("Enter")
    will = "2 people of 3 will see more than today."
    expect(page.get_by_role("heading", name=will)).to_be_visible()
    expect(cell(page, "Operator", 1)).to_have_text("2")
    page.get_by_text("People with the role Operator").press("Enter")
    expect(page.get_by_text("projects: 1 → 3")).to_be_visible()
    check_looks(page)
    page.get_by_label(f"Type {NAME} to confirm").focus()
    page.keyboard.type("Brannova")
    page.keyboard.press("Enter")
    expect(page.get_by_label(f"Type {NAME} to confirm")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    expect(message(page, "The walls are down: everybody sees everything.")).to_be_visible()
    check_looks(page)
