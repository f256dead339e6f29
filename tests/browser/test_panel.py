"""The panel of a project: what is staged, saved, discarded and lost to nobody."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.look import check_accessibility, check_looks

ADMIN, OTHER = "admin@example.org", "other@example.org"
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def office(app):
    with make.building(app):
        make.company(email=ADMIN)
        make.user("Ola Ługowska", email=OTHER, role="admin")
        care, clinic = make.project("Obsługa – Łódź", f"Care {EVIL}"), make.project("Klinik İzmir")
        dawn, night = make.group("Świt"), make.group("Gece")
        make.join(care, night)
        make.user("Şeyma Yıldırım", email="seyma@example.org", groups=[dawn], projects=[care])
        make.user("Żaneta Źdźbło", email="zaneta@example.org", groups=[dawn], projects=[clinic])
        make.user("Nina Nocna", email="nina@example.org", groups=[night])
        default = make.default_project()
        make.user(f"Default {EVIL}", email="default@example.org", projects=[default])
        for number in range(8):
            make.user(f"Operator {number}", projects=[clinic])
        make.make_object("queues", "Reklamacje", care)
        make.make_object("queues", "Randevu", clinic)
        make.make_object("schedules", "Święta", clinic)
        make.make_object("schedules", "24/7", care, clinic)
    return SimpleNamespace(care=care.id, clinic=clinic.id)


def panel_url(project_id, tab="users"):
    return f"/projects/{project_id}/panel/{tab}"


def opened(page, name="Obsługa – Łódź"):
    return page.get_by_role("dialog", name=name)


def rows_of(drawer, heading):
    """Return the names in the section ``heading`` of the open tab."""
    section = drawer.locator("section[data-section]").filter(
        has=drawer.page.get_by_role("heading", name=re.compile(f"^{heading}"))
    )
    return section.locator("li .nm > span:first-child")


def message(page, text):
    return page.get_by_role("region", name="Messages").get_by_text(text)


def test_changes_of_several_tabs_are_saved_together(office, signed_in):
    page = signed_in(ADMIN, url="/projects")
    page.get_by_role("link", name="Obsługa – Łódź").click()
    drawer = opened(page)
    expect(page).to_have_url(re.compile(f"/projects/{office.care}/panel$"))
    expect(drawer.get_by_label("Search in Users")).to_be_focused()
    expect(drawer.get_by_text("No changes")).to_be_visible()
    drawer.get_by_role("button", name="Add Żaneta Źdźbło").click()
    drawer.get_by_role("button", name="Remove Şeyma Yıldırım").click()
    expect(drawer.get_by_text("1 to add, 1 to remove")).to_be_visible()
    drawer.get_by_role("tab", name="Schedules").click()
    expect(page).to_have_url(re.compile("/panel/schedules$"))
    drawer.get_by_role("button", name="Add Święta").click()
    expect(drawer.get_by_role("tab", name="Users unsaved changes")).to_be_visible()
    expect(drawer.get_by_text("2 to add, 1 to remove")).to_be_visible()
    check_looks(page)
    drawer.get_by_role("button", name="Save changes").click()
    expect(message(page, "Obsługa – Łódź is saved.")).to_be_visible()
    expect(rows_of(opened(page), "In this project")).to_have_text(["24/7", "Święta"])
    opened(page).get_by_role("tab", name="Users").click()
    expect(rows_of(opened(page), "In this project")).to_have_text(["Nina Nocna", "Żaneta Źdźbło"])


def test_the_panel_needs_no_mouse(office, signed_in):
    page = signed_in(ADMIN, url="/projects")
    keys = page.keyboard
    for key in ("j", "j", "j", "k", "j"):
        keys.press(key)
    link = page.get_by_role("link", name="Obsługa – Łódź")
    expect(link).to_be_focused()
    keys.press("Enter")
    drawer = opened(page)
    expect(drawer.get_by_label("Search in Users")).to_be_focused()
    with page.expect_response(re.compile("q=zdzblo")):
        keys.type("zdzblo")
    expect(rows_of(drawer, "Available")).to_have_text(["Żaneta Źdźbło"])
    add = drawer.get_by_role("button", name="Add Żaneta Źdźbło")
    press_until(page, "Tab", add)
    keys.press("Enter")
    expect(drawer.get_by_role("button", name="Undo change for Żaneta Źdźbło")).to_be_focused()
    press_until(page, "Shift+Tab", drawer.get_by_role("tab", name="Users"))
    keys.press("ArrowDown")
    expect(drawer.get_by_role("tab", name="Groups")).to_be_focused()
    press_until(page, "Tab", drawer.get_by_role("button", name="Add Świt"))
    keys.press("Space")
    expect(drawer.get_by_text("2 to add")).to_be_visible()
    keys.press("Control+Enter")
    expect(message(page, "Obsługa – Łódź is saved.")).to_be_visible()
    expect(rows_of(opened(page), "In this project")).to_have_text(["Gece", "Świt"])
    keys.press("Escape")
    expect(opened(page)).to_have_count(0)
    expect(page).to_have_url(re.compile("/projects$"))
    check_accessibility(page)


def test_a_late_answer_leaves_the_focus_where_it_is(office, signed_in):
    page = signed_in(ADMIN, url=panel_url(office.care))
    drawer = opened(page)
    held = []
    page.route(re.compile("q=zaneta"), lambda route: held.append(route))
    with page.expect_request(re.compile("q=zaneta")):
        drawer.get_by_label("Search in Users").fill("zaneta")
    drawer.get_by_role("button", name="Add Żaneta Źdźbło").press("Enter")
    undo = drawer.get_by_role("button", name="Undo change for Żaneta Źdźbło")
    expect(undo).to_be_focused()
    held[0].continue_()
    expect(rows_of(drawer, "Available")).to_have_text(["Żaneta Źdźbło"])
    expect(undo).to_be_focused()
    assert len(held) == 1, "leaving the field does not search again"


def test_the_projects_beside_are_one_step_away(office, signed_in):
    page = signed_in(ADMIN, url="/projects")
    page.get_by_role("link", name="Klinik İzmir").click()
    opened(page, "Klinik İzmir").get_by_role("tab", name="Queues").click()
    expect(page).to_have_url(re.compile("/panel/queues$"))
    opened(page, "Klinik İzmir").get_by_role("link", name="Next project").press("Enter")
    drawer = opened(page)
    expect(drawer.get_by_role("tab", name="Queues")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(f"/projects/{office.care}/panel/queues$"))
    back = drawer.get_by_role("link", name="Previous project")
    drawer.get_by_role("button", name="Add Randevu").click()
    back.press("Enter")
    asked = page.get_by_role("dialog", name="Discard unsaved changes?")
    asked.get_by_role("button", name="Keep editing").press("Enter")
    expect(drawer.get_by_text("1 to add")).to_be_visible()
    back.press("Enter")
    asked.get_by_role("button", name="Discard changes").press("Enter")
    expect(
        opened(page, "Klinik İzmir").get_by_role("link", name="Previous project")
    ).to_be_focused()
    expect(opened(page, "Klinik İzmir").get_by_text("No changes")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/projects$"))
    expect(page.get_by_role("link", name="Klinik İzmir")).to_be_focused()


def press_until(page, key, wanted, most=30):
    """Press ``key`` until the focus is on ``wanted``."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        if wanted.evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press(key)
    expect(wanted).to_be_focused()


def test_people_are_filtered_and_sorted_by_group(office, signed_in):
    page = signed_in(ADMIN, url=panel_url(office.care))
    drawer = opened(page)
    drawer.get_by_label("Group", exact=True).select_option(label="Świt")
    expect(page).to_have_url(re.compile("group="))
    expect(rows_of(drawer, "In this project")).to_have_text(["Şeyma Yıldırım"])
    expect(rows_of(drawer, "Available")).to_have_text(["Żaneta Źdźbło"])
    drawer.get_by_label("Group", exact=True).select_option(label="All groups")
    drawer.get_by_label("Order").select_option(label="By group")
    expect(rows_of(drawer, "In this project")).to_have_text(["Nina Nocna", "Şeyma Yıldırım"])
    drawer.get_by_label("Search in Users").fill("nobody at all")
    expect(drawer.get_by_text("Nothing matches.")).to_have_count(2)
    check_looks(page)


def test_the_card_of_a_person_opens_by_focus(office, signed_in):
    page = signed_in(ADMIN, url=panel_url(office.care))
    drawer = opened(page)
    drawer.get_by_role("button", name="Add Operator 3").focus()
    page.keyboard.press("Shift+Tab")
    expect(drawer.get_by_role("button", name="Projects of Operator 3")).to_be_focused()
    card = page.get_by_role("tooltip")
    expect(card.get_by_text("Klinik İzmir")).to_be_visible()
    check_looks(page)
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(drawer).to_be_visible()


def test_who_leaves_default_is_asked_while_adding(office, signed_in):
    page = signed_in(ADMIN, url=panel_url(office.care))
    drawer = opened(page)
    row = drawer.get_by_role("listitem").filter(has_text=f"Default {EVIL}")
    expect(row.get_by_label("Is in Default: take out")).to_be_hidden()
    row.get_by_role("button", name=f"Add Default {EVIL}").click()
    row.get_by_label("Is in Default: take out").check()
    check_looks(page)
    drawer.get_by_role("button", name="Save changes").click()
    expect(message(page, "Obsługa – Łódź is saved.")).to_be_visible()
    page.goto(page.url.split("/projects/")[0] + "/projects")
    page.get_by_role("link", name="Default", exact=True).click()
    expect(rows_of(opened(page, "Default"), "In this project")).to_have_text(["Magdalena Sobczak"])


def test_a_queue_moves_with_its_calls(office, signed_in):
    page = signed_in(ADMIN, url=panel_url(office.care, "queues"))
    drawer = opened(page)
    row = drawer.get_by_role("listitem").filter(has_text="Randevu")
    expect(row.get_by_text("Now in Klinik İzmir")).to_be_visible()
    row.get_by_role("button", name=re.compile("gain sight of it")).click()
    expect(page.get_by_role("tooltip")).to_contain_text("Will lose sight of it: Operator 0")
    row.get_by_role("button", name="Add Randevu").click()
    drawer.get_by_label("Past calls of what moves").select_option(label="move along")
    check_looks(page)
    drawer.get_by_role("button", name="Save changes").click()
    expect(message(page, "Obsługa – Łódź is saved.")).to_be_visible()
    expect(rows_of(opened(page), "In this project")).to_have_text(["Randevu", "Reklamacje"])


def test_a_change_of_somebody_else_is_shown_and_nothing_is_lost(office, signed_in, elsewhere):
    page = signed_in(ADMIN, url=panel_url(office.care))
    page.get_by_role("button", name="Add Operator 1").click()
    other = elsewhere(OTHER, url=panel_url(office.care))
    other.get_by_role("button", name="Add Operator 2").click()
    other.get_by_role("button", name="Save changes").click()
    expect(message(other, "Obsługa – Łódź is saved.")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    drawer = opened(page)
    expect(drawer.get_by_text(re.compile("Users added: Operator 2"))).to_be_visible()
    expect(drawer.get_by_text("1 to add")).to_be_visible()
    check_looks(page)
    drawer.get_by_role("button", name="Save changes").click()
    expect(message(page, "Obsługa – Łódź is saved.")).to_be_visible()
    names = ["Nina Nocna", "Operator 1", "Operator 2", "Şeyma Yıldırım"]
    expect(rows_of(opened(page), "In this project")).to_have_text(names)


def test_unsaved_changes_are_not_lost_by_escape(office, signed_in):
    page = signed_in(ADMIN, url="/projects")
    page.get_by_role("link", name="Obsługa – Łódź").click()
    drawer = opened(page)
    drawer.get_by_role("button", name="Add Operator 1").click()
    page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Discard unsaved changes?")
    expect(asked.get_by_text("1 to add")).to_be_visible()
    expect(asked.get_by_role("button", name="Keep editing")).to_be_focused()
    check_looks(page)
    page.keyboard.press("Enter")
    expect(asked).to_be_hidden()
    expect(drawer.get_by_text("1 to add")).to_be_visible()
    page.keyboard.press("Escape")
    asked.get_by_role("button", name="Discard changes").press("Enter")
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(re.compile("/projects$"))
    expect(page.get_by_role("link", name="Obsługa – Łódź")).to_be_focused()


def test_the_back_button_closes_and_asks_first(office, signed_in):
    page = signed_in(ADMIN, url="/projects")
    page.get_by_role("link", name="Obsługa – Łódź").click()
    drawer = opened(page)
    expect(drawer).to_be_visible()
    page.go_back()
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(re.compile("/projects$"))
    page.get_by_role("link", name="Obsługa – Łódź").click()
    drawer.get_by_role("button", name="Add Operator 1").click()
    page.evaluate("() => history.back()")
    asked = page.get_by_role("dialog", name="Discard unsaved changes?")
    asked.get_by_role("button", name="Keep editing").click()
    expect(page).to_have_url(re.compile("/panel$"))
    expect(drawer.get_by_text("1 to add")).to_be_visible()
    page.evaluate("() => history.back()")
    asked.get_by_role("button", name="Discard changes").click()
    expect(drawer).to_have_count(0)


def test_an_address_opens_the_panel_as_it_was(office, signed_in):
    page = signed_in(ADMIN, url=panel_url(office.clinic, "schedules") + "?q=24&show=in")
    drawer = opened(page, "Klinik İzmir")
    expect(drawer.get_by_role("tab", name="Schedules")).to_have_attribute("aria-selected", "true")
    expect(rows_of(drawer, "In this project")).to_have_text(["24/7"])
    expect(drawer.get_by_label("Search in Schedules")).to_have_value("24")
    check_looks(page)
    drawer.get_by_role("link", name="Close panel").click()
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(re.compile("/projects$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")
