"""Signing in by keyboard alone, and the second factor, whose picture stands in the page."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.look import check_accessibility
from tests.factories import PASSWORD, building, company, user

EMAIL = "łucja@example.org"


@pytest.fixture
def person(app):
    with building(app):
        company()
        return user("Łucja Żółć", email=EMAIL)


def type_into(page, *texts: str) -> None:
    """Type each text and go on by the tabulator; the last one ends with Enter."""
    for text in texts[:-1]:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type(texts[-1])
    page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_in_by_keyboard(person, page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(server + "/profile")
    expect(page.get_by_label("E-mail")).to_be_focused()
    check_accessibility(page)
    type_into(page, EMAIL, "wrong password")
    expect(page.get_by_role("alert")).to_contain_text("The e-mail or the password is wrong.")
    check_accessibility(page)
    page.get_by_label("Password", exact=True).focus()
    type_into(page, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
    check_accessibility(page)


def test_the_second_factor_is_turned_on_and_asked_for(person, signed_in, server):
    page = signed_in(EMAIL, url="/profile/second-factor")
    check_accessibility(page)
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    box = page.get_by_role("img", name="QR code with your key").locator("svg").bounding_box()
    assert box["width"] > 100
    assert abs(box["width"] - box["height"]) < 1
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    check_accessibility(page)
    code = page.locator(".codes li").first.inner_text()
    page.get_by_role("button", name="Łucja Żółć").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    type_into(page, EMAIL, PASSWORD)
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    check_accessibility(page)
    type_into(page, code)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here for you yet")
