"""A whole project set up from nothing in the portal, and the form of it that its operator fills in.

Only the company and the operator of another project are there before.
"""

from __future__ import annotations

import re
import threading

import pytest
from playwright.sync_api import expect

from portal.jobs import worker
from tests import factories as make
from tests.browser.look import check_accessibility, check_looks

ADMIN, OPERATOR, STRANGER = "admin@example.org", "nowa@example.org", "obcy@example.org"
PROJECT, OTHER = "Obsługa – Łódź", "Klinik İzmir"
EVIL = "Święta <img src=x onerror=alert(1)>"
BASE = "Telefon;Nazwa\n" + "".join(f"512 34{n:04};Klient nr {n} =1+1\n" for n in range(1000))


@pytest.fixture
def office(app, tmp_path):
    """Make a company with somebody in another project, and let a worker run beside it."""
    app.config["UPLOADS_FOLDER"] = tmp_path
    with make.building(app):
        make.company(email=ADMIN)
        make.user("Obcy Ćma", email=STRANGER, projects=[make.project(OTHER)])
    stopping = threading.Event()
    thread = threading.Thread(target=worker.work, args=(app, stopping))
    thread.start()
    yield
    stopping.set()
    thread.join()


def look(page):
    """Hold the page against the rules of every look, and go on in the first of them."""
    check_looks(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})


def said(page, text):
    expect(page.get_by_role("region", name="Messages").get_by_text(text)).to_be_visible()


def drawer(page, server, url, name):
    """Open the drawer in which something new is made; give it a name."""
    page.goto(server + url)
    found = page.get_by_role("dialog")
    found.get_by_label("Name", exact=True).fill(name)
    return found


def create(found):
    found.get_by_role("button", name=re.compile("^Create")).click()


def choose_project(found):
    """Choose the project; what it has is offered then."""
    with found.page.expect_response(lambda answer: "project=" in answer.url):
        found.get_by_label("Project", exact=True).select_option(label=PROJECT)


def test_a_project_is_set_up_and_its_form_is_filled_in(
    office, signed_in, elsewhere, server, visitor
):
    page = signed_in(ADMIN)
    _people_and_places(page, server)
    _objects(page, server)
    _base(page, server)
    draft = _form(page, server)
    client = _contact(page, server)
    filling = _fill_in(elsewhere(OPERATOR, url=client), server + client)
    stranger = elsewhere(STRANGER, url="/contacts")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Contacts")
    expect(stranger.locator("body")).not_to_contain_text("Işıl Çelik")
    expect(stranger.locator("body")).not_to_contain_text(PROJECT)
    for url in (client, filling, draft):
        visitor(STRANGER).get(url, status=404)


def _people_and_places(page, server):
    create(drawer(page, server, "/projects/new", PROJECT))
    expect(page).to_have_url(re.compile("/panel"))
    expect(page.get_by_role("dialog", name=PROJECT)).to_be_visible()
    found = drawer(page, server, "/users/new", "Nowa Ślimak")
    found.get_by_label("E-mail").fill(OPERATOR)
    found.get_by_label("Role").select_option(label="Operator")
    found.get_by_label(PROJECT).check()
    found.get_by_role("button", name=re.compile("Invite|Create")).click()
    said(page, "Nowa Ślimak is invited.")


def _objects(page, server):
    for slug, name in (("lists", EVIL), ("schedules", "Pn–Pt"), ("contact-fields", "Taryfa")):
        found = drawer(page, server, f"/objects/{slug}/new", name)
        found.get_by_label(PROJECT).check()
        if slug == "lists":
            found.get_by_label("Purpose").select_option("unwanted")
        if slug == "schedules":
            found.get_by_label("Monday").fill("8-12, 13-17")
        create(found)
        said(page, f"{name} created.")
    page.goto(f"{server}/objects/lists")
    page.get_by_role("link", name=EVIL).click()
    page.get_by_role("link", name="Numbers", exact=True).click()
    page.get_by_label("Numbers", exact=True).fill("512 340 007\n512 340 008")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("+48512340007")).to_be_visible()
    found = drawer(page, server, "/objects/queues/new", "Infolinia")
    choose_project(found)
    found.get_by_label("Schedule").select_option(label="Pn–Pt")
    found.get_by_label("Blocked numbers").select_option(label=EVIL)
    create(found)
    said(page, "Infolinia created.")
    page.get_by_role("link", name="Infolinia").click()
    found = page.get_by_role("dialog", name="Infolinia")
    found.get_by_label("Operator or group").select_option(label="Nowa Ślimak")
    found.get_by_role("button", name="Add to the queue").click()
    expect(found.get_by_role("button", name="Remove Nowa Ślimak")).to_be_visible()
    look(page)


def _base(page, server):
    found = drawer(page, server, "/objects/dialers/new", "Oddzwonienia")
    choose_project(found)
    found.get_by_label("Queue").select_option(label="Infolinia")
    found.get_by_label("Schedule").select_option(label="Pn–Pt")
    found.get_by_label(EVIL).check()
    create(found)
    said(page, "Oddzwonienia created.")
    page.get_by_role("link", name="Oddzwonienia").click()
    page.get_by_role("link", name="Numbers", exact=True).click()
    page.get_by_role("link", name="Import numbers").click()
    file = {"name": "baza.csv", "mimeType": "text/csv", "buffer": BASE.encode("cp1250")}
    page.get_by_role("button", name="File").set_input_files([file])
    page.get_by_label("Country").select_option("PL")
    page.get_by_role("button", name="Upload").click()
    check_accessibility(page)
    page.get_by_role("button", name="Go on to the preview").click()
    expect(page.get_by_text("It is in an excluded list: it is not dialled.").first).to_be_visible()
    page.get_by_role("button", name="Import all rows").click()
    expect(page.get_by_text("Done: 1,000 rows were read.")).to_be_visible(timeout=20_000)
    look(page)
    page.get_by_role("link", name="Look at the result").click()
    expect(page.locator("#progress dd").first).to_have_text("1,000")


def _ask(page, place, kind, text):
    """Add a question to the page of the form at ``place``; its own page stays open."""
    page.get_by_role("button", name="Add a question").nth(place).click()
    page.get_by_role("link", name=kind, exact=True).locator("visible=true").click()
    page.get_by_label("Question").fill(text)


def _form(page, server):
    """Draft a form of three pages with a jump over the second, and publish it."""
    found = drawer(page, server, "/objects/forms/new", "Ankieta")
    found.get_by_label("Project", exact=True).select_option(label=PROJECT)
    create(found)
    said(page, "Ankieta created.")
    page.get_by_role("link", name="Ankieta").click()
    page.get_by_role("link", name="Pages and questions").click()
    for number in (1, 2, 3):
        page.get_by_role("button", name="Add a page").click()
        expect(page.get_by_role("heading", name=f"Page {number}")).to_be_visible()
    _ask(page, 0, "One choice", "Czy jest kłopot?")
    page.get_by_label("Choices").fill("Tak\nNie")
    page.get_by_label("Required").check()
    page.get_by_role("button", name="Save").click()
    _ask(page, 1, "Text", "Jaki?")
    page.get_by_role("button", name="Save").click()
    _ask(page, 2, "Text", "Którą ma taryfę?")
    page.get_by_label("Required").check()
    page.get_by_label("Contact field that takes the answer").select_option("Taryfa")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Edit: Czy jest").click()
    page.get_by_label("Nie leads to").select_option("Page 3")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#outline li b")).to_have_count(3)
    look(page)
    form = re.sub("/draft.*", "", page.url.removeprefix(server))
    page.goto(f"{server}{form}/versions")
    page.get_by_role("button", name="Publish the draft").click()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible()
    return f"{form}/draft"


def _contact(page, server):
    found = drawer(page, server, "/contacts/new", "Işıl Çelik")
    found.get_by_label("Phone").fill("+48 512 340 001")
    found.get_by_label(PROJECT).check()
    create(found)
    said(page, "Işıl Çelik created.")
    expect(page.get_by_role("heading", name="Işıl Çelik")).to_be_visible()
    return page.url.removeprefix(server)


def _fill_in(page, client):
    """Fill in the form as the operator: an answer is missing, one page is jumped over."""
    page.get_by_role("button", name="Fill in a form").click()
    page.get_by_role("button", name="Ankieta").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    page.get_by_label("Nie").check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("Jaki?")).to_have_count(0)
    page.get_by_label("Którą ma taryfę?").fill("G11 =1+1")
    page.get_by_role("button", name="Next").click()
    check_accessibility(page)
    page.get_by_role("button", name="Finish").click()
    main = page.get_by_role("main")
    expect(main.get_by_text("Finished")).to_be_visible()
    expect(main.get_by_text("Jaki?")).to_have_count(0)
    filled = page.url
    page.goto(client)
    expect(main.locator("dl.facts").first).to_contain_text("G11 =1+1")
    look(page)
    return re.sub(r"^https?://[^/]+", "", filled).partition("?")[0]
