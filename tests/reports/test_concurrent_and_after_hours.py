"""Calls at once, and calls outside of a queue's hours: neither is a sum by when calls began."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from portal import languages
from portal.calls.models import Visit
from portal.database import new_id
from portal.extensions import db
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.schedule import DAYS, Schedule, calendar_of
from portal.projects.models import Project
from portal.reports import raw_rows, tables
from portal.reports.asked import Behind
from portal.reports.registry import REPORTS
from portal.statuses.models import OperatorStatus
from tests.factories import building, make_object, query
from tests.reports.conftest import EVIL, FIRST, PERIOD
from tests.reports.test_every_report import asked

QUARTER = dt.timedelta(minutes=15)
START, END = FIRST.astimezone(dt.UTC), FIRST.astimezone(dt.UTC) + dt.timedelta(hours=7 * 24 + 1)


def spans(rows):
    """Return from which second to which each row goes, with what has no end cut off after a day."""
    for one in rows:
        begins = one.started_at.replace(microsecond=0)
        day_later = begins + dt.timedelta(days=1)
        yield (
            begins,
            min(one.ended_at.replace(microsecond=0) if one.ended_at else day_later, day_later),
        )


def by_quarter(found):
    """Count second by second: the most at once, and the seconds of all."""
    changes = defaultdict(int)
    for begins, ends in found:
        changes[max(begins, START)] += 1
        changes[max(ends, START)] -= 1
    level, at, most, busy = 0, START, defaultdict(int), defaultdict(int)
    while at < END:
        level += changes.get(at, 0)
        quarter = at - (at - START) % QUARTER
        most[quarter] = max(most[quarter], level)
        busy[quarter] += level
        at += dt.timedelta(seconds=1)
    return {quarter: (most[quarter], busy[quarter]) for quarter in most}


@pytest.mark.parametrize("name", ["admin", "ours", "nowhere"])
def test_calls_at_once_are_those_counted_second_by_second(acting, name):
    report = REPORTS["concurrent-calls"]

    def check():
        table = tables.make(asked(report))
        told = {
            row.keys[0]: (row.sums["peak"], row.sums["busy_s"], row.sums["online"])
            for row in table.rows
        }
        calls = by_quarter(spans(db.session.query(Visit).all()))
        statuses = db.session.query(OperatorStatus).all()
        online = by_quarter(
            (one.starts_at.replace(microsecond=0), one.ends_at.replace(microsecond=0))
            for one in statuses
        )
        expected = {
            quarter: (*both, online[quarter][0])
            for quarter, both in calls.items()
            if both != (0, 0) or online[quarter][0]
        }
        assert {quarter: each for quarter, each in told.items() if any(each)} == expected
        assert len(told) in (0, (END - START) // dt.timedelta(minutes=15))
        assert (name == "nowhere") == (not expected)
        if expected:
            assert table.total.sums["peak"] == max(most for most, _, _ in expected.values())
            seconds = (END - START).total_seconds()
            mean = report.measures[1].of(table.total.sums)
            assert mean == sum(busy for _, busy, _ in expected.values()) / seconds
        return table

    acting(name, check)


def test_behind_a_quarter_are_the_calls_under_way_in_it(acting):
    def check():
        mine = asked(REPORTS["concurrent-calls"])
        table = tables.make(mine)
        visits = db.session.query(Visit).all()
        for row in table.rows[:40]:
            (quarter,) = row.keys
            behind = Behind(mine.report.measures[0], row.keys)
            rows = [one.id for page in raw_rows.pages(mine, behind) for one in page]
            under_way = [
                (one.started_at, one.id)
                for one, (begins, ends) in zip(visits, spans(visits), strict=True)
                if begins < quarter + QUARTER and ends > quarter
            ]
            assert rows == [one for _, one in sorted(under_way, reverse=True)]
            assert len(rows) >= row.sums["peak"]
            whole = tables.make(mine, behind=behind).total
            assert whole.sums["peak"] == row.sums["peak"]

    acting("both", check)


HOURS = {
    # Open over the night in which the clocks of Warsaw go back, and on a day off for some hours.
    "ours": {
        "timezone": "Europe/Warsaw",
        "thursday": "08:00-12:30, 13:00-17:00",
        "friday": "22:00-06:00",
        "saturday": "22:00-02:30",
        "sunday": "02:45-24:00",
        "tuesday": "00:00-24:00",
        "exceptions": "2026-10-26..2026-10-27 21:15-03:20 # Święto\n2026-10-28",
    },
    # Elsewhere the day is another one, and the offset is no whole hour.
    "theirs": {
        "timezone": "Australia/Lord_Howe",
        **dict.fromkeys(("monday", "wednesday", "saturday"), "09:01-17:59"),
        "friday": "23:59-00:01",
    },
}


@pytest.fixture
def hours(app, centre):
    """Give both queues hours, and let calls come to the very seconds where these begin and end."""
    company_id = centre.people["admin"][0]
    with building(app, SimpleNamespace(company_id=company_id)):
        for name, given in HOURS.items():
            project = db.session.get(Project, (company_id, centre.ids[name]))
            queue = db.session.get(Queue, (company_id, centre.ids[f"queue {name}"]))
            schedule = make_object("schedules", f"Godziny {name} {EVIL}", project, **given)
            queue.schedule_id = schedule.id
            like = db.session.query(Visit).filter(Visit.queue_id == queue.id).first()
            columns = {one.key: getattr(like, one.key) for one in sa.inspect(Visit).column_attrs}
            for number, minute in enumerate(range(169 * 60)):
                if minute % 60 in (0, 1, 15, 20, 30, 45, 59):
                    at = START + dt.timedelta(minutes=minute, seconds=-(number % 2))
                    db.session.add(Visit(**columns | {"id": new_id(), "started_at": at}))
    return centre


def after_hours(visits):
    """Ask the schedules themselves, each on its own clock."""
    schedules = {one.id: one for one in db.session.query(Schedule)}
    calendars = {}
    for queue in db.session.query(Queue).filter(Queue.schedule_id.is_not(None)):
        schedule = schedules[queue.schedule_id]
        written = {name: getattr(schedule, name) for name in (*DAYS, "exceptions")}
        calendars[queue.id] = calendar_of(written), ZoneInfo(schedule.timezone)
    for one in visits:
        if one.kind == "queue" and one.queue_id in calendars:
            calendar, zone = calendars[one.queue_id]
            if not calendar.is_open(one.started_at.astimezone(zone)):
                yield one


@pytest.mark.parametrize("name", ["admin", "ours", "nowhere"])
def test_calls_after_hours_are_those_of_which_the_schedule_says_so(acting, hours, name):
    def check():
        visits = [one for one in db.session.query(Visit) if START <= one.started_at < END]
        expected = {one.id: one for one in after_hours(visits)}
        mine = asked(REPORTS["after-hours"], by=["queue", "day"])
        zone = languages.zone()
        counted = Counter(
            (one.queue_id, one.started_at.astimezone(zone).date()) for one in expected.values()
        )
        table = tables.make(mine)
        assert {row.keys: row.sums["after_hours"] for row in table.rows} == counted
        assert table.total.sums["after_hours"] == len(expected)
        assert (0 < len(expected) < len(visits)) == (name != "nowhere")
        listed = [one for page in raw_rows.pages(mine) for one in page]
        assert {one.id for one in listed} == set(expected)
        for keys, number in list(counted.items())[:5]:
            behind = Behind(mine.report.measures[0], keys)
            assert sum(map(len, raw_rows.pages(mine, behind))) == number

    acting(name, check)


def test_the_page_names_schedules_and_says_which_queues_count(hours):
    url = f"/reports/after-hours?{query(**PERIOD)}"
    page = hours["ours"].get(url)
    assert "Queues without a schedule do not count." in page.text
    exported = json.loads(hours["ours"].get(url.replace("?", "/export.json?")).text)
    assert {one["Schedule"] for one in exported} == {f"Godziny ours {EVIL}"}
    assert {one["Queue"] for one in exported} == {f"Kolejka {EVIL}"}


def test_without_schedules_no_call_is_after_hours(centre):
    page = centre["both"].get(f"/reports/after-hours?{query(**PERIOD)}")
    assert "Only queues that have a schedule are counted" in page.text
