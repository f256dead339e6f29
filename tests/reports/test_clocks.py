"""Hours and days of reports on the days on which clocks change, in the zone of who looks."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source
from portal.extensions import db
from tests.factories import building, company, make_object, project, query, user

# Both days of each zone, and how many hours they have.
CHANGES = (
    ("Europe/Warsaw", dt.date(2026, 3, 29), 23),
    ("Europe/Warsaw", dt.date(2026, 10, 25), 25),
    ("America/New_York", dt.date(2026, 3, 8), 23),
    ("America/New_York", dt.date(2026, 11, 1), 25),
    ("Australia/Lord_Howe", dt.date(2026, 4, 5), 24.5),
)
ZONES = tuple(dict.fromkeys(zone for zone, _, _ in CHANGES))
STEP = dt.timedelta(minutes=15)
UNITS = ("hour", "day", "week", "month", "weekday", "hour_of_day")


def around(day, zone):
    """Yield moments all through the day and the ones beside it, in UTC."""
    moment = dt.datetime.combine(day - dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    moment = moment.astimezone(dt.UTC)
    last = dt.datetime.combine(day + dt.timedelta(days=2), dt.time(), ZoneInfo(zone))
    while moment < last.astimezone(dt.UTC):
        yield moment
        moment += STEP


def local(moment, zone):
    return moment.astimezone(ZoneInfo(zone))


@pytest.fixture
def seen(app, visitor, tmp_path):
    """Import a call every quarter of an hour; return people by their zone, and all the moments."""
    moments = sorted({at for zone, day, _ in CHANGES for at in around(day, zone)})
    path = tmp_path / "queue_log"
    path.write_text(
        "".join(
            f"{int(at.timestamp())}|{place}.1|q|NONE|ENTERQUEUE||{place}|1\n"
            f"{int(at.timestamp()) + 7}|{place}.1|q|NONE|ABANDON|1|1|7\n"
            for place, at in enumerate(moments)
        )
    )
    with building(app):
        admin = company()  # its days are those of Warsaw: roll-ups by day serve who is there
        care = project("Łódź '=1+1'")
        queue = make_object("queues", "Kolejka <b>", care)
        emails = {}
        for number, zone in enumerate(ZONES):
            one = user(f"V {number}", role="supervisor", projects=[care], timezone=zone)
            emails[zone] = one.email
        source = create_source(admin.company_id, "PBX", "UTC")
        key = {"company_id": admin.company_id, "source_id": source.id}
        db.session.add(Identity(**key, kind="queue", raw="q", queue_id=queue.id))
        db.session.commit()
        import_files(source, [path])
    return {zone: visitor(email) for zone, email in emails.items()}, moments


def exported(person, **arguments):
    page = person.get(f"/reports/queue-summary/export.json?{query(**arguments)}")
    return json.loads(page.response.get_data(as_text=True))


def test_days_on_which_clocks_change(seen):
    people, moments = seen
    for zone, day, hours in CHANGES:
        for viewer in (zone, *ZONES[:1]):
            _add_up(people[viewer], viewer, day, moments)
        period = {"period": "custom", "from": str(day), "to": str(day)}
        *rows, total = exported(people[zone], **period, by="day")
        assert [row["Offered"] for row in rows] == [total["Offered"]] == [hours * 4]


def _add_up(person, zone, day, moments):
    """Each unit over the day and those beside it: the groups, their sum, and the total."""
    first, last = (day + dt.timedelta(days=days) for days in (-1, 1))
    period = {"period": "custom", "from": str(first), "to": str(last)}
    mine = [local(at, zone) for at in moments if first <= local(at, zone).date() <= last]
    keys = {
        "hour": lambda at: at.astimezone(dt.UTC) - dt.timedelta(minutes=at.minute),
        "day": lambda at: at.date(),
        "week": lambda at: at.isocalendar()[:2],
        "month": lambda at: at.month,
        "weekday": lambda at: at.weekday(),
        "hour_of_day": lambda at: at.hour,
    }
    for unit in UNITS:
        found = Counter(map(keys[unit], mine))
        *rows, total = exported(person, **period, by=unit)
        figures = [row["Offered"] for row in rows]
        assert total["Offered"] == sum(figures) == len(mine), (zone, day, unit)
        assert [one for one in figures if one] == [found[key] for key in sorted(found)], (
            zone,
            day,
            unit,
        )


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "America/New_York"])
def test_rows_behind_the_hour_that_happens_twice(seen, zone):
    """The second and the first time are two hours; as an hour of the day they are one."""
    people, moments = seen
    person = people[zone]
    (day,) = (day for name, day, hours in CHANGES if (name, hours) == (zone, 25))
    period = {"period": "custom", "from": str(day), "to": str(day)}
    whole = [local(at, zone) for at in moments if local(at, zone).date() == day]
    twice = next(at.hour for at in whole if at.fold)
    for fold in (0, 1):
        begins = dt.datetime.combine(day, dt.time(twice, fold=fold), ZoneInfo(zone))
        key = begins.astimezone(dt.UTC).isoformat()
        times = listed(person, **period, by="hour", measure="offered", key=key)
        assert times == [f"{day} {twice:02}:{minute:02}:00" for minute in (45, 30, 15, 0)]
    times = listed(person, **period, by="hour_of_day", measure="offered", key=twice)
    assert Counter(times) == Counter(
        f"{day} {twice:02}:{minute:02}:00" for minute in (0, 15, 30, 45) for _ in range(2)
    )
    times = listed(person, **period, by="day", measure="offered", key=day)
    assert sorted(times) == sorted(f"{at:%Y-%m-%d %H:%M:%S}" for at in whole)
    assert len(times) == 100
    page = person.get(
        f"/reports/queue-summary/rows?{query(**period, by='day', measure='offered', key=day)}"
    )
    assert "100" in page.text


def listed(person, **arguments):
    return [row["Time"] for row in exported(person, **arguments)]
