"""Staff of a queue in its drawer, the base of a dialer, and a move that takes dependents along."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATES
from portal.extensions import db
from portal.objects.base.models import DialerNumber
from tests import factories as make
from tests.browser.look import check_looks

LEAD = "lead@example.org"
EVIL = "Łucja <img src=x onerror=alert(1)>"


@pytest.fixture
def centre(app):
    with make.building(app):
        make.company()
        care, shop = make.project("Obsługa – Łódź"), make.project("Klinik İzmir")
        lead = make.role("Lead", *TEMPLATES["supervisor"], Permission.MANAGE_PROJECTS)
        make.user("Lea Der", email=LEAD, role=lead, projects=[care, shop])
        make.user(EVIL, email="evil@example.org", projects=[care])
        second = make.make_object("queues", "Druga", care)
        queue = make.make_object("queues", "Linia", care, overflow_id=second.id)
        dialer = make.make_object("dialers", "Kampania", care)
        key = {"company_id": dialer.company_id, "project_id": care.id, "dialer_id": dialer.id}
        for number in range(60):
            one = DialerNumber(**key, number=f"+485123450{number:02}", name=EVIL)
            one.state = ("waiting", "done", "reached", "wrong", "excluded")[number % 5]
            db.session.add(one)
    return {"queue": queue, "dialer": dialer, "shop": shop}


def test_operators_and_numbers_are_put_to_a_queue_in_its_drawer(centre, signed_in):
    page = signed_in(LEAD, url="/objects/queues")
    page.get_by_role("link", name="Linia").click()
    drawer = page.get_by_role("dialog", name="Linia")
    drawer.get_by_label("Operator or group").select_option(EVIL)
    drawer.get_by_role("button", name="Add to the queue").click()
    expect(drawer.get_by_role("cell", name=EVIL, exact=True)).to_be_visible()
    drawer.get_by_role("textbox", name="Inbound number").fill("nobody")
    drawer.get_by_role("button", name="Add number").click()
    expect(drawer.get_by_text("This is not a telephone number.")).to_be_visible()
    drawer.get_by_role("textbox", name="Inbound number").fill("22 123 45 67")
    drawer.get_by_role("button", name="Add number").click()
    expect(drawer.get_by_text("+48221234567")).to_be_visible()
    drawer.get_by_role("spinbutton", name=f"Penalty of {EVIL}").fill("5")
    with page.expect_response("**/staff") as answer:
        drawer.get_by_role("button", name=f"Save the penalty of {EVIL}").click()
    assert answer.value.ok
    check_looks(page)


def test_the_page_of_a_base(centre, signed_in):
    page = signed_in(LEAD, url=f"/objects/dialers/{centre['dialer'].id}/numbers")
    expect(page.locator("#progress")).to_contain_text("60")
    check_looks(page)


def test_what_depends_on_a_move_is_shown_and_taken_along(centre, signed_in):
    page = signed_in(LEAD, url=f"/projects/{centre['shop'].id}/panel/queues")
    panel = page.get_by_role("dialog")
    panel.get_by_role("button", name="Add Linia").click()
    panel.get_by_role("button", name="Save changes").click()
    expect(panel.get_by_text("Queue Druga is used by Linia")).to_be_visible()
    check_looks(page)
    panel.get_by_label("Take these along").check()
    panel.get_by_role("button", name="Save changes").click()
    expect(
        page.get_by_role("region", name="Messages").get_by_text("2 added, 0 removed.")
    ).to_be_visible()
