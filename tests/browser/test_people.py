"""People, groups, roles and settings, driven by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_looks

NAME = "Brannova"


@pytest.fixture
def office(app):
    with make.building(app):
        make.company(NAME, email="admin@example.org")
        care = make.project("Obsługa klienta")
        day = make.group("Ranna zmiana")
        make.join(care, day)
        make.user("Şeyma Yıldırım", extension="3311", projects=[care], groups=[day])
        for number in range(12):
            make.user(f"Operator {number:02}", invited=number % 3 == 0)


def message(page, text):
    return page.get_by_role("region", name="Messages").get_by_text(text)


def test_an_employee_is_created_in_a_drawer_by_keyboard(office, signed_in):
    page = signed_in("admin@example.org", url="/users")
    page.get_by_role("link", name="New user").press("Enter")
    expect(page).to_have_url(re.compile("/users/new$"))
    drawer = page.get_by_role("dialog", name="New user")
    expect(drawer.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Nowa Osoba")
    page.keyboard.press("Control+Enter")
    expect(drawer.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type("nowa@example.org")
    drawer.get_by_label("Obsługa klienta").check()
    page.keyboard.press("Control+Enter")
    expect(message(page, "Nowa Osoba is invited.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Nowa Osoba"))).to_be_visible()


def test_search_filters_and_the_card(office, signed_in):
    page = signed_in("admin@example.org", url="/users")
    search = page.get_by_label("Search name, e-mail or extension")
    search.fill("yildirim")
    expect(page).to_have_url(re.compile("q=yildirim"))
    expect(page.locator("#people tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Projects of Şeyma Yıldırım").focus()
    expect(page.get_by_text("by name, group Ranna zmiana")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("by name, group Ranna zmiana")).to_be_hidden()


def test_people_are_ticked_and_locked(office, signed_in):
    page = signed_in("admin@example.org", url="/users")
    expect(page.get_by_role("button", name="Set role")).to_be_hidden()
    for name in ("Operator 01", "Operator 02"):
        page.get_by_role("checkbox", name=f"Tick {name}").check()
    page.get_by_role("button", name="Lock…").click()
    page.get_by_role("button", name="Lock them").click()
    expect(message(page, "2 people are locked.")).to_be_visible()
    expect(page.get_by_text("Locked", exact=True).locator("visible=true")).to_have_count(2)


def test_a_group_is_filled_and_saved_once(office, signed_in):
    page = signed_in("admin@example.org", url="/groups")
    page.get_by_role("link", name="Ranna zmiana", exact=True).click()
    page.get_by_role("button", name="Add Operator 05").click()
    page.get_by_role("button", name="Remove Şeyma Yıldırım").click()
    expect(page.get_by_text("1 to add, 1 to remove")).to_be_visible()
    page.get_by_label("Search name, e-mail or extension").fill("operator 07")
    page.get_by_role("button", name="Add Operator 07").click()
    expect(page.get_by_text("2 to add, 1 to remove")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(message(page, "Ranna zmiana is saved.")).to_be_visible()
    expect(page.get_by_role("link", name="People in Ranna zmiana: 2")).to_be_visible()


def test_the_walls_are_taken_down_after_the_name_is_typed(office, signed_in):
    page = signed_in("admin@example.org", url="/settings")
    page.get_by_role("link", name="Change to simple…").click()
    expect(page.get_by_role("heading", name="13 people of 14 will see more")).to_be_visible()
    page.get_by_label(f"Type {NAME} to confirm").fill(NAME)
    page.get_by_role("button", name="Take the walls down").click()
    expect(message(page, "The walls are down: everybody sees everything.")).to_be_visible()
    expect(page.get_by_role("link", name="Projects", exact=True)).to_have_count(0)


@pytest.mark.parametrize(
    "url",
    ["/users", "/users/new", "/groups", "/roles", "/roles/new", "/settings", "/settings/security"],
)
def test_pages_look_right(office, signed_in, url):
    check_looks(signed_in("admin@example.org", url=url))
