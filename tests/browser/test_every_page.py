"""Pages of people, settings, accounts and objects: in each look, in each language, by keyboard."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.calls.importing import import_files
from portal.calls.intake.operations import receive
from portal.calls.layouts.operations import save
from portal.calls.layouts.settings import Settings
from portal.calls.models import Visit
from portal.calls.operations import create_source
from portal.extensions import db
from tests import factories as make
from tests.browser.look import check_looks

ADMIN = "admin@example.org"
EVIL = "Grzegorz Brzęczyszczykiewicz <img src=x onerror=alert(1)>"
WIDER = """() => [document.documentElement, ...document.querySelectorAll(".table-wrap, .card")]
    .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.className)"""


@pytest.fixture
def office(app, tmp_path):
    """Make a company with one of each; give addresses of its pages by name."""
    app.config["UPLOADS_FOLDER"] = tmp_path
    with make.building(app):
        admin = make.company("Brannova – Łódź & İzmir", email=ADMIN)
        care = make.project("Obsługa klienta dostawcy energii – Łódź")
        shift = make.group("Windykacja polubowna, poranna zmiana")
        make.join(care, shift)
        person = make.user(EVIL, extension="3311", projects=[care], groups=[shift])
        for number in range(30):
            make.user(f"Şeyma Yıldırım {number:02}", projects=[care], extension=f"{2100 + number}")
        for name in ("Reklamacje i zwroty", "İade ve şikâyet"):
            make.make_object("queues", name, care)
        own = make.role("Kierownik zmiany")
        source = create_source(admin.company_id, "Centrala – İzmir", "Europe/Istanbul")
        run, layout, visit = calls_of(source, admin, tmp_path)
        return {
            "users": "/users",
            "nobody": "/users?q=zzz&state=locked",
            "user": f"/users/{person.id}",
            "groups": "/groups",
            "group": f"/groups/{shift.id}",
            "group form": f"/groups/{shift.id}/edit",
            "roles": "/roles",
            "template": f"/roles/{make.template_role('supervisor').id}",
            "own role": f"/roles/{own.id}",
            "role's people": f"/roles/{own.id}/people",
            "settings": "/settings",
            "security": "/settings/security",
            "profile": "/profile",
            "sessions": "/profile/sessions",
            "second factor": "/profile/second-factor",
            "objects": "/objects",
            "queues": "/objects/queues",
            "no phones": "/objects/phones",
            "new list": "/objects/lists/new",
            "calls": "/calls",
            "sources": "/calls/sources",
            "source": f"/calls/sources/{source.id}",
            "names": f"/calls/sources/{source.id}/names",
            "connection": f"/calls/sources/{source.id}/connection",
            "rules": f"/calls/sources/{source.id}/rules",
            "new rule": f"/calls/sources/{source.id}/rules/new?kind=did",
            "layouts": f"/calls/sources/{source.id}/layouts",
            "kept layout": f"/calls/sources/layouts/{layout.id}",
            "layout of a file": f"/calls/sources/runs/{run.id}/layout",
            "raw lines": f"/calls/sources/lines/{visit}",
        }


def calls_of(source, admin, folder):
    """Keep a layout and a file that waits to be read by one, and import a call."""
    settings = Settings(
        "Europe/Istanbul", header=("Başlangıç", EVIL), width=2, columns={"start": 0, "queue": 1},
        outcomes={"": "answered", EVIL.casefold(): "busy"},
    )  # fmt: skip
    layout = save(source, EVIL, settings, changing=None, version=1, actor=admin)
    table = f"Başlangıç,Kuyruk,Sonuç\n01/02/2026 09:00,{EVIL},{EVIL}\n" + "02/02/2026,Łódź,\n" * 30
    run = receive(source, [(f"{EVIL}.csv", io.BytesIO(table.encode()))], actor=admin)
    db.session.commit()
    log = folder / "queue_log"
    entered = f"1700000000|1700000000.1|{EVIL}|NONE|ENTERQUEUE||+48500000001|1"
    log.write_text(f"{entered}\n1700000009|1700000000.1|{EVIL}|NONE|ABANDON|1|1|9\n")
    import_files(source, [log])
    return run, layout, db.session.scalars(select(Visit.id)).one()


UNSEEN = (
    *("nobody", "user", "group", "group form", "template", "own role", "role's people", "profile"),
    *("sessions", "second factor", "objects", "queues", "no phones", "new list", "calls", "names"),
    *("rules", "new rule", "layouts", "kept layout", "layout of a file", "raw lines"),
)


@pytest.mark.parametrize("name", UNSEEN)
def test_a_page_is_right_in_each_look(office, signed_in, name):
    page = signed_in(ADMIN, url=office[name])
    expect(page.get_by_role("heading").first).to_be_visible()
    check_looks(page)


@pytest.mark.parametrize("url", ["/sign-in", "/forgot", "/forgot/sent"])
def test_the_way_in_is_right_in_each_look(office, page, server, url):
    page.goto(server + url)
    check_looks(page)


@pytest.mark.parametrize("language", ["en", "pl", "tr"])
def test_nothing_is_wider_than_a_phone(office, signed_in, server, language):
    """Tables fold there: only the matrix of permissions is moved sideways, on purpose."""
    page = signed_in(ADMIN)
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    wider = {}
    for name, url in office.items():
        page.goto(server + url)
        assert page.locator("html").get_attribute("lang") == language
        wider[name] = [part for part in page.evaluate(WIDER) if "matrix" not in part]
    assert {name: parts for name, parts in wider.items() if parts} == {}


@pytest.mark.parametrize("width", [1440, 390])
def test_filters_and_cards_are_used_by_keyboard(office, signed_in, width):
    page = signed_in(ADMIN, url="/users")
    page.set_viewport_size({"width": width, "height": 844})
    keys = page.keyboard
    page.get_by_role("button", name=re.compile("^Role")).press("Enter")
    expect(page.get_by_role("checkbox", name="Admin", exact=True)).to_be_focused()
    keys.press("Space")
    expect(page).to_have_url(re.compile("role="))
    keys.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Role"))).to_be_focused()
    page.get_by_role("link", name="Clear").press("Enter")
    expect(page).to_have_url(re.compile("/users$"))
    opener = page.get_by_role("button", name="Projects of Şeyma Yıldırım 20: 1")
    page.get_by_role("link", name="Şeyma Yıldırım 20").focus()
    keys.press("Tab")  # scrolls the page, which must not close the card
    expect(opener).to_be_focused()
    card = page.locator(".tip:popover-open")
    expect(card).to_contain_text("Obsługa klienta dostawcy energii – Łódź")
    page.mouse.wheel(0, 40)
    expect(card).to_be_visible()
    keys.press("Escape")
    expect(card).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_done_with_the_ticked_is_within_reach(office, signed_in, width):
    page = signed_in(ADMIN, url="/users")
    page.set_viewport_size({"width": width, "height": 844})
    page.get_by_role("checkbox", name="Tick Şeyma Yıldırım 01").press("Space")
    lock = page.get_by_role("button", name="Lock…")
    expect(lock).to_be_in_viewport()
    lock.press("Enter")
    asked = page.get_by_role("dialog", name="Lock the people ticked?")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(lock).to_be_focused()


def test_chosen_files_are_said_in_the_language_of_the_page(office, signed_in, server):
    page = signed_in(ADMIN)
    page.context.add_cookies([{"name": "language", "value": "pl", "url": page.url}])
    page.goto(server + office["source"])
    picker = page.locator(".picker")
    expect(picker).to_contain_text("Nic jeszcze nie wybrano")
    page.get_by_label("Pliki", exact=True).set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": b""} for name in ("a.log", "ż.log")]
    )
    expect(picker).to_contain_text("a.log, ż.log")
