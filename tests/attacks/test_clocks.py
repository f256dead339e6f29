"""Clocks that are wrong, or step back: nobody is locked out and the trail stays sound."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from portal.audit import trail
from portal.database import utcnow
from tests import factories as make
from tests.access.browsers import browser
from tests.factories import PASSWORD

HOUR = timedelta(hours=1)


@pytest.fixture
def clock(monkeypatch):
    """Give what turns the portal's clock: ``clock(-HOUR)``."""
    off = [timedelta()]
    for name, module in list(sys.modules.items()):
        if name.startswith("portal.") and getattr(module, "utcnow", None) is utcnow:
            monkeypatch.setattr(module, "utcnow", lambda: utcnow() + off[0])

    def turn(by: timedelta) -> None:
        off[0] = by

    return turn


def test_a_clock_that_jumps_an_hour_stops_nobody_and_spoils_nothing(app, clock):
    with make.building(app):
        admin = make.company()
    mine = browser(app, admin.email)
    for number, by in enumerate((HOUR, -HOUR, timedelta(), -HOUR, HOUR)):
        clock(by)
        form = {"name": f"Group {number}", "csrf_token": mine.token}
        assert mine.open("POST", "/groups/new", data=form).status_code == 303
        nobody = browser(app, None)
        sign_in = {"email": admin.email, "password": PASSWORD, "csrf_token": nobody.token}
        assert nobody.open("POST", "/sign-in", data=sign_in).status_code == 303
        for url in ("/activity", "/calls", "/projects", "/profile"):
            assert mine.open("GET", url).status_code == 200
    page = mine.open("GET", "/activity").text
    assert [number for number in range(5) if f"Group {number}" not in page] == []
    with make.building(app, of=admin):
        assert trail.verify(admin.company_id)[1] is None
