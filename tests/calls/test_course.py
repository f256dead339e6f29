"""The chart's columns, from totals of days and hours, against the calls counted one by one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from portal.calls.figures import ROLL_UPS
from portal.calls.importing import import_files
from portal.calls.log import course, filters
from portal.calls.models import Visit
from portal.calls.operations import create_source
from portal.calls.recounting import recount
from portal.company.models import Company
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped
from tests.factories import building, company

START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
# Clocks are put back on 25 October in Europe, forward on 27 September in New Zealand.
ZONES = ["UTC", "Europe/Warsaw", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]
PERIODS = [
    ("2026-10-25", "2026-10-25"),
    ("2026-10-24", "2026-10-27"),
    ("2026-10-03", "2026-11-14"),
    ("2026-09-01", "2027-01-31"),
]


@pytest.fixture
def visits(app, tmp_path):
    """Import a call every 47 minutes of 50 days; every third is abandoned."""
    lines = []
    for number in range(50 * 24 * 60 // 47):
        at = int(START.timestamp()) + number * 47 * 60
        lines.append(f"{at}|{at}.1|łódź|NONE|ENTERQUEUE||+48500|1")
        if number % 3:
            lines.append(f"{at + 7}|{at}.1|łódź|Agata Żak|CONNECT|7|x|3")
            lines.append(f"{at + 60}|{at}.1|łódź|Agata Żak|COMPLETECALLER|7|53|1")
        else:
            lines.append(f"{at + 9}|{at}.1|łódź|NONE|ABANDON|1|1|9")
    path = tmp_path / "queue_log"
    path.write_text("".join(f"{line}\n" for line in lines))
    with building(app):
        company_id = company().company_id
        import_files(create_source(company_id, "PBX", "UTC"), [path])
    return Scope(company_id, sees_all=True, sees_people=True)


@pytest.mark.parametrize("zone", ZONES)
def test_columns_are_days_and_months_of_the_viewers_calendar(app, visits, zone):
    for kept in ("of the company", "of the viewer", "of nobody yet"):
        with app.app_context(), entered(visits):
            keep(zone, kept)
            assert_columns(zone)


def assert_columns(zone):
    rows = db.session.execute(select(Visit.started_at, Visit.result, Visit.wait_s)).all()
    for first, last in PERIODS:
        asked = MultiDict({"period": "custom", "from": first, "to": last})
        chosen = filters.read(asked, timezone=zone, numbers_shown=True)
        for found in (chosen, replace(chosen, direction="in")):
            columns = course.columns(found, ZoneInfo(zone))
            assert sum(column.figures.visits for column in columns) == sum(
                chosen.period.start <= row.started_at < chosen.period.end for row in rows
            )
            for what in ("visits", "answered", "wait_s"):
                shown = {c.start: n for c in columns if (n := getattr(c.figures, what))}
                assert shown == counted(rows, columns, chosen.period, what)


def keep(zone, kept):
    """Cut the days of the roll-ups in a zone; what nobody has counted yet has hours only."""
    with unscoped("a test looks after roll-ups"):
        company = db.session.scalars(select(Company)).one()
        if kept == "of the viewer":
            company.timezone = zone
            recount(company.id)
        if kept == "of nobody yet":
            company.figures_timezone = None
            for table in ROLL_UPS[1:]:
                db.session.execute(delete(table))
        db.session.flush()


def counted(rows, columns, period, what):
    """Count ``what`` of the visits by the start of the column in which they began."""
    found = Counter()
    for at, result, wait_s in rows:
        if period.start <= at < period.end:
            start = max(column.start for column in columns if column.start <= at)
            found[start] += {"visits": 1, "answered": result == "answered", "wait_s": wait_s}[what]
    return {start: number for start, number in found.items() if number}
