"""Every report in the browser: in each language, light and dark, wide and narrow, by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from portal.reports.registry import REPORTS
from tests.browser.look import check_accessibility
from tests.factories import query
from tests.reports.conftest import PERIOD, made

LOOKS = (("dark", 390), ("light", 1440))
# In which of them a page is held against axe's rules: words are all that languages change.
HELD = {"en": LOOKS, "pl": LOOKS[:1], "tr": LOOKS[1:]}
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def admin(app, tmp_path, signed_in):
    people, _ids = made(app, tmp_path)
    return signed_in(people["admin"][2])


@pytest.mark.parametrize("language", HELD)
def test_every_report_is_right_in_each_look(admin, server, language):
    admin.context.add_cookies([{"name": "language", "value": language, "url": admin.url}])
    for name in ("", *REPORTS):
        filters = query(**PERIOD) if name and REPORTS[name].fact.at is not None else ""
        admin.goto(f"{server}/reports/{name}?{filters}".replace("/?", "?"))
        expect(admin.locator("html")).to_have_attribute("lang", language)
        expect(admin.get_by_role("heading", level=1)).to_be_visible()
        for scheme, width in LOOKS:
            admin.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            admin.set_viewport_size({"width": width, "height": 900})
            if (scheme, width) in HELD[language]:
                check_accessibility(admin)
            assert admin.evaluate(TOO_WIDE) <= 0, (name, scheme, width)


def test_a_report_is_asked_by_keyboard(admin, server):
    """Group, open a figure's rows, come back, sort, keep the filters."""
    admin.goto(f"{server}/reports/queue-summary?{query(**PERIOD)}")
    admin.get_by_role("button", name=re.compile("^Grouped by")).press("Enter")
    admin.get_by_role("checkbox", name="Project").press("Space")
    expect(admin).to_have_url(re.compile("by=project"))
    admin.keyboard.press("Escape")
    admin.get_by_role("columnheader", name="Abandoned").get_by_role("link").press("Enter")
    expect(admin).to_have_url(re.compile("sort=-abandoned"))
    figure = admin.locator("table.figures tbody td a").first
    said = figure.inner_text()
    figure.press("Enter")
    expect(admin.get_by_role("heading", level=1)).to_have_text(f"Offered: {said}")
    admin.get_by_role("link", name="Queue summary").press("Enter")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Queue summary")
