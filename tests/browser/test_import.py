"""Calls imported in the browser: by mouse and by keyboard, with its progress, and names mapped."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal.calls import importing, reading
from portal.jobs import worker
from tests import factories as make
from tests.browser.look import check_looks

DATA = Path(__file__).parents[1] / "calls" / "data" / "v16"
EMAIL = "admin@example.org"


@pytest.fixture
def office(app, tmp_path):
    app.config["UPLOADS_FOLDER"] = tmp_path
    with make.building(app):
        make.company(email=EMAIL)
        sales = make.project("Sprzedaż – Łódź")
        make.make_object("queues", "sales", sales)
        make.make_object("queues", "Hotline", sales)
        make.user("Carla Támez", projects=[sales])
    stopping = threading.Event()
    thread = threading.Thread(target=worker.work, args=(app, stopping))
    thread.start()
    yield
    stopping.set()
    thread.join()


def new_source(page):
    page.get_by_role("link", name="New source").first.press("Enter")
    drawer = page.get_by_role("dialog", name="New source")
    expect(drawer.get_by_label("Name")).to_be_focused()
    check_looks(page)
    page.keyboard.type("Centrala – İzmir")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Centrala – İzmir")


def test_files_are_uploaded_and_watched_and_names_get_a_meaning(office, signed_in, tmp_path):
    page = signed_in(EMAIL, url="/calls")
    page.get_by_role("link", name="Import calls").click()
    check_looks(page)
    new_source(page)
    check_looks(page)
    faulty = tmp_path / "faulty.log"
    faulty.write_bytes(
        b"not a line <img src=x onerror=alert(1)>\n"
        + b"x" * 2000
        + b"\n1700000000|NONE|NONE|NONE|CUSTOM|\n"
    )
    chosen = [DATA / "queue_log.0", DATA / "queue_log", DATA / "cdr-csv" / "Master.csv", faulty]
    page.get_by_label("Files", exact=True).set_input_files(chosen)
    page.get_by_role("button", name="Upload").press("Enter")
    expect(page.get_by_text(re.compile(r"Done: \d+ new calls"))).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile("/runs/"))
    assert page.locator("#run").get_attribute("hx-get") is None
    expect(page.get_by_role("cell", name="not a line <img")).to_be_visible()
    check_looks(page)
    page.get_by_role("link", name="Say what they mean").click()
    check_looks(page)
    page.get_by_role("link", name="Choose things of the same name").click()
    page.get_by_label("Meaning of support").select_option(label="Hotline")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    check_looks(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Saved.")
    page.get_by_role("link", name="Operators").click()
    expect(page.get_by_label("Meaning of Carla Támez")).to_be_visible()
    check_looks(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Call log").first.click()
    page.goto(page.url + "?period=custom&from=2026-11-01&to=2026-11-30")
    page.get_by_role("button", name="Queue").click()
    page.get_by_role("group", name="Queue").get_by_label("Hotline").check()
    expect(page.locator("table.calls").get_by_text("Hotline").first).to_be_visible()


def test_the_bar_moves_while_the_import_goes_on(office, signed_in, monkeypatch):
    go, keep = threading.Semaphore(0), importing._Importing._keep
    monkeypatch.setattr(reading, "BATCH_LINES", 100)
    monkeypatch.setattr(
        importing._Importing,
        "_keep",
        lambda self, *rest: go.acquire(timeout=20) and keep(self, *rest),
    )
    page = signed_in(EMAIL, url="/calls/sources")
    new_source(page)
    page.get_by_label("Files", exact=True).set_input_files(DATA / "queue_log")
    page.get_by_role("button", name="Upload").click()
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", "0")
    check_looks(page)
    go.release()
    expect(bar).not_to_have_attribute("value", "0")
    go.release(100)
    expect(page.get_by_text("Done:")).to_be_visible()


def test_a_refused_file_is_said_at_the_field(office, signed_in, tmp_path):
    page = signed_in(EMAIL, url="/calls/sources")
    new_source(page)
    bad = tmp_path / "photo.png"
    bad.write_bytes(b"\x89PNG" * 100)
    page.get_by_label("Files", exact=True).set_input_files(bad)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("photo.png is not a file that can be imported")).to_be_visible()
    expect(page.get_by_label("Files", exact=True)).to_be_focused()
    check_looks(page)
