"""Sources of calls in the browser: a table that nobody knows, rules, and calls that just came."""

from __future__ import annotations

import base64
import re
import threading
import urllib.request

import pytest
from playwright.sync_api import expect

from portal.calls.following.loop import follow
from portal.calls.operations import create_source
from portal.calls.receiving.operations import make_token
from portal.database import utcnow
from portal.extensions import db
from tests import factories as make
from tests.browser.look import check_looks
from tests.browser.test_import import EMAIL, new_source, office

__all__ = ["office"]
# 25 rows: no day tells which is which, "Oddzwonić" is no outcome that anybody knows.
TABLE = "Początek;Kolejka;Konsultant;Telefon;Wynik;Oczekiwanie;Rozmowa\r\n" + "".join(
    f"05/02/2026 09:{number:02}:00;Łódź <b>;Işıl Öz;+4850000{number:04};"
    f"{'Oddzwonić' if number == 7 else 'Odebrane'};{number};{60 + number}\r\n"
    for number in range(25)
)


def test_a_table_is_shown_as_it_will_be_read(office, signed_in, tmp_path):
    path = tmp_path / "połączenia.csv"
    path.write_text(TABLE)
    page = signed_in(EMAIL, url="/calls/sources")
    new_source(page)
    page.get_by_label("Files", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("połączenia.csv")
    under = "document.querySelector('.top').getBoundingClientRect().bottom"
    assert page.evaluate(f"document.querySelector('h1').getBoundingClientRect().top >= {under}")
    shown = page.locator("#first-rows tbody tr")
    expect(shown).to_have_count(20)
    expect(shown.first).to_contain_text("which comes first, the day or the month?")
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Name of this layout").fill("Stara centrala")
    page.get_by_role("button", name="Save and import").click()
    expect(page.get_by_text("No day of this file tells which is which.")).to_be_visible()
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Days are written as").select_option("dmy")
    expect(shown.first).to_contain_text("2026-02-05 09:00:00")
    expect(shown.nth(3).get_by_role("cell")).to_have_text(
        [
            *("5", "2026-02-05 09:03:00", "Answered", "Łódź <b>", "Işıl Öz", "+48500000003"),
            *("0:03", "1:03"),
        ]
    )
    page.get_by_label("Queue", exact=True).focus()
    page.get_by_label("Queue", exact=True).select_option(label="Not in the file")
    expect(shown.nth(3).get_by_role("cell").nth(3)).to_have_text("")
    expect(page.get_by_label("Queue", exact=True)).to_be_focused()
    page.get_by_label("Queue", exact=True).select_option(label="Kolejka")
    page.get_by_label("Oddzwonić").select_option(label="No answer")
    expect(shown.nth(7)).to_contain_text("No answer")
    page.get_by_role("button", name="Save and import").click()
    expect(page.get_by_text("Done: 25 new calls")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Centrala – İzmir").click()
    page.get_by_role("link", name="Layouts").click()
    page.get_by_role("link", name="Stara centrala").click()
    expect(page.get_by_role("dialog", name="Stara centrala")).to_contain_text("1 file was read")
    page.keyboard.press("Escape")
    page.wait_for_load_state("networkidle")
    page.goto(re.sub("/sources.*", "?period=custom&from=2026-02-01&to=2026-02-28", page.url))
    expect(page.locator("table.calls")).to_contain_text("Łódź <b>")
    expect(page.locator(".table-foot").get_by_role("status")).to_have_text("25 calls")


@pytest.fixture
def connected(app):
    """Make a source; give the token by which calls are sent to it, and follow it."""
    with make.building(app):
        admin = make.company(email=EMAIL)
        ours = make.project("Sprzedaż – Łódź")
        make.make_object("queues", "Hotline", ours)
        source = create_source(admin.company_id, "Centrala", "UTC")
        token = make_token(source, actor=admin)
        db.session.commit()
    stopping = threading.Event()
    thread = threading.Thread(target=follow, args=(app, stopping))
    thread.start()
    yield token
    stopping.set()
    thread.join()


def send_call(server, token, number):
    """Send a call that was answered just now, as an exchange does."""
    at = int(utcnow().timestamp()) - 60
    events = ("NONE|ENTERQUEUE||{}|1", "Işıl|CONNECT|5|x.1|4", "Işıl|COMPLETECALLER|5|30|1")
    body = "".join(f"{at}|{at}.{number}|vip|{one.format(number)}\n" for one in events).encode()
    sent = urllib.request.Request(f"{server}/intake", body)
    secret = base64.b64encode(f"bulkhead:{token}".encode()).decode()
    sent.add_header("Authorization", f"Basic {secret}")
    with urllib.request.urlopen(sent) as answer:
        assert answer.status == 204


def asks_whether_anything_is_new(answer):
    return "/calls/live" in answer.url


def test_a_call_that_came_is_shown_without_a_reload(connected, server, signed_in):
    page = signed_in(EMAIL, url="/calls?period=last_7_days")
    page.evaluate("window.loaded = 'once'")
    with page.expect_response(asks_whether_anything_is_new) as nothing:
        pass
    assert nothing.value.status == 204
    for number in (600100200, 600100201):
        send_call(server, connected, number)
        expect(page.locator("table.calls")).to_contain_text(str(number), timeout=15_000)
    assert page.evaluate("window.loaded") == "once"
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    row = page.locator("table.calls tbody tr:not(.group-row)", has_text="600100201")
    row.get_by_role("link").first.click()
    page.get_by_role("link", name="Raw lines").click()
    expect(page.get_by_role("cell", name=re.compile("vip.*ENTERQUEUE"))).to_be_visible()


def test_nobody_asks_for_a_tab_that_is_not_seen(connected, server, page, signed_in):
    asked = []
    page.on("request", lambda one: asks_whether_anything_is_new(one) and asked.append(one.url))
    page.clock.install()
    page = signed_in(EMAIL, url="/calls?period=last_7_days")
    with page.expect_response(asks_whether_anything_is_new):
        page.clock.fast_forward(3_000)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {get: () => window.unseen, configurable: true});"
        "window.unseen = true"
    )
    asked.clear()
    page.clock.run_for(60_000)
    assert asked == []
    page.evaluate("window.unseen = false")
    with page.expect_response(asks_whether_anything_is_new):
        page.clock.run_for(3_000)
    page.get_by_role("button", name="Live").click()  # switched off, it asks no more
    asked.clear()
    page.clock.run_for(60_000)
    assert asked == []


def test_a_rule_is_tried_and_made(connected, server, signed_in):
    page = signed_in(EMAIL, url="/calls/sources")
    page.get_by_role("link", name="Centrala", exact=True).click()
    page.get_by_role("link", name="Rules").click()
    expect(page.get_by_role("heading", name="No rules yet")).to_be_visible()
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="New rule").press("Enter")
    drawer = page.get_by_role("dialog", name="New rule")
    expect(drawer.get_by_label("Names")).to_be_focused()
    page.keyboard.type("hot*line")
    drawer.get_by_label("Meaning").select_option(label="Hotline")
    drawer.get_by_role("button", name="Preview").press("Enter")
    expect(drawer).to_contain_text("0 entries of the call log are assigned again")
    check_looks(page)
    drawer.get_by_role("button", name=re.compile("Create")).click()
    expect(page.get_by_role("region", name="Rules")).to_contain_text("hot*line")
    check_looks(page)
