"""Tables of calls from upload to the call log, through the pages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.calls.models import Visit
from portal.extensions import db
from tests.calls.test_intake import (  # noqa: F401  # fixtures
    NASTY,
    admin,
    cast,
    counted,
    finished,
    new_source,
    rows,
    upload,
)
from tests.factories import building

SAVE, IMPORT = "Save and import", "Import"
TABLE = (
    "Call Id;Start;Queue;Agent;Phone;Result;Wait;Talk\r\n"
    "1;05/02/2026 09:00:00;vip;Carla Támez;+48600100200;Odebrane;12,5;0:01:05\r\n"
    "2;05/02/2026 09:01:00;Łódź;Işıl Öz;48600100200;Porzucone;30;\r\n"
    "3;25/02/2026 09:02:00;vip;;anonymous;Test;1;\r\n"
)
SAID = {"Name of this layout": NASTY}


def uploaded(person, content=TABLE, name="calls.csv", page=None):
    """Upload a table; return the page that asks how it is to be read."""
    content = content.encode() if isinstance(content, str) else content
    page = upload(page or new_source(person), (name, content))
    assert page.path.endswith("/layout")
    return page


def preview(page):
    return [row[1:] for row in page.rows()]


@pytest.fixture
def calls(app, cast):  # noqa: F811  # the fixture
    """Return what the visits of the company say."""

    def read(*names):
        with building(app, of=cast["admin"]):
            visits = db.session.scalars(select(Visit).order_by(Visit.started_at, Visit.id)).all()
            return [tuple(getattr(visit, name) for name in names) for visit in visits]

    return read


def test_a_table_is_read_as_somebody_says(admin, calls):  # noqa: F811  # the fixture
    page = uploaded(admin)
    assert page.heading == "calls.csv"
    assert preview(page)[0] == [
        "2026-02-05 09:00:00", "Answered", "vip", "Carla Támez", "+48600100200", "0:12", "1:05",
    ]  # fmt: skip
    page = finished(page.submit(SAVE, SAID))
    assert counted(page) == (3, 1, 0, 0, 0, 2, 0)
    assert calls("result", "queue_raw", "agent_raw", "number", "wait_s", "talk_s", "kind") == [
        ("answered", "vip", "Carla Támez", "+48600100200", 12, 65, "queue"),
        ("abandoned", "Łódź", "Işıl Öz", "48600100200", 30, None, "queue"),
    ]
