"""The days of two operators, as somebody of each project sees them."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from portal.access.identity import assume, identity_by_id
from tests import factories as make
from tests.factories import query
from tests.statuses.centre import DAY, Centre
from tests.statuses.test_rebuilding import log_of_a_week

PERIOD = {"period": "custom", "from": "2026-11-23", "to": "2026-11-29"}


@pytest.fixture
def week(app, visitor, tmp_path):
    """Return a function: what a report's file says to somebody; the total is its last row."""
    with make.building(app):
        centre = Centre(tmp_path)
        centre.know()
        centre.read(log_of_a_week())
        places = {
            "acme": [centre.acme],
            "globex": [centre.globex],
            "third": [centre.third],
            "both": [centre.acme, centre.globex],
            "nowhere": [],
        }
        people = {
            name: make.user(f"S {name}", role="supervisor", projects=projects)
            for name, projects in places.items()
        }
        people["far"] = make.user("Far", role="supervisor", projects=[centre.acme, centre.globex])
        people["far"].timezone = "America/Los_Angeles"
        ids = {name: str(one[0].id) for name, one in places.items() if one}
        ids |= {"ada": str(centre.ada.id), "bogac": str(centre.bogac.id)}
        people["admin"] = centre.admin
        emails = {name: one.email for name, one in people.items()}
        whose = {name: (one.company_id, one.id) for name, one in people.items()}
        names = {one.id: one.name for one in (centre.ada, centre.bogac)}
    signed_in = {}

    def read(name, report, **arguments):
        if name not in signed_in:
            signed_in[name] = visitor(emails[name])
        given = {**PERIOD, **arguments}
        return json.loads(
            signed_in[name].get(f"/reports/{report}/export.json?{query(**given)}").text
        )

    def acting(name, work):
        with app.test_request_context():
            assume(identity_by_id(*whose[name]))
            return work()

    read.ids, read.visit, read.acting = ids, signed_in.__getitem__, acting
    read.people, read.names, read.admin, read.app = whose, names, centre.admin, app
    return read


def moment(days: int, hours: float) -> str:
    """Return a moment of the week as it is downloaded in Warsaw."""
    return str((DAY + dt.timedelta(days=days, hours=hours + 1)).replace(tzinfo=None))
