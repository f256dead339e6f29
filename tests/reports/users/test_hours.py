"""Occupancy by hours: as the journal has it, and together what the days say."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from portal.statuses.queries import journal
from tests.reports.users.conftest import PERIOD
from tests.reports.users.test_times import ADA, BO, VIEWERS
from tests.statuses.test_seen import WHOLE

WARSAW = ZoneInfo("Europe/Warsaw")
HOUR = dt.timedelta(hours=1)
FIRST, LAST = (dt.date.fromisoformat(PERIOD[name]) for name in ("from", "to"))


@pytest.fixture
def told(week):
    """Return the seconds of each hour by status, as the journal has them; and by operator."""

    def read(name):
        found = Counter()
        for one in week.acting(name, lambda: journal(*WHOLE)):
            at = one.starts_at
            while at < one.ends_at:
                hour = at.replace(minute=0, second=0, microsecond=0)
                until = min(one.ends_at, hour + HOUR)
                if FIRST <= hour.astimezone(WARSAW).date() <= LAST:
                    found[hour, one.operator_id, one.status] += int((until - at).total_seconds())
                at = until
        return found

    return read


@pytest.mark.parametrize("name", VIEWERS)
def test_hours_are_those_of_the_journal_and_make_the_days(week, told, name):
    rows, found = week(name, "occupancy", by="hour"), Counter()
    for (hour, _, status), seconds in told(name).items():
        found[hour, "Online (s)"] += seconds
        if status == "ready":
            found[hour, "Idle (s)"] += seconds
    for heading in ("Online (s)", "Idle (s)"):
        shown = [row[heading] for row in rows[:-1] if row[heading]]
        assert shown == [found[key] for key in sorted(found) if key[1] == heading and found[key]]
    assert rows[-1]["Online (s)"] == sum(n for (_, key), n in found.items() if key == "Online (s)")
    days = week(name, "occupancy", by="day")
    assert {**rows[-1], "Hour": ""} == {**_without(days[-1], "Day"), "Hour": ""}
    for group in ("operator", "group", "project"):
        one, other = week(name, "occupancy", by=["hour", group]), week(name, "occupancy", by=group)
        assert _by(one, group) == _by(other, group)


def _without(row, name):
    return {key: value for key, value in row.items() if key != name}


def _by(rows, group):
    heading, found = {"operator": "Operator", "group": "Group", "project": "Project"}[group], {}
    for row in rows[:-1]:
        before = found.setdefault(row[heading], Counter())
        before.update({name: row[name] for name in ("Idle (s)", "Online (s)")})
    return {name: one for name, one in found.items() if one.total()}


def test_filters(week, told):
    for name, person in (("ada", ADA), ("bogac", BO)):
        rows = week("globex", "occupancy", by="hour", operator=week.ids[name])
        whole = week("globex", "occupancy", by=["hour", "operator"])
        mine = [row["Online (s)"] for row in whole[:-1] if row["Operator"] == person]
        assert [row["Online (s)"] for row in rows[:-1] if row["Online (s)"]] == mine
    for filter in ({"project": week.ids["acme"]}, {"status": "n/a"}, {"status": "ready"}):
        totals = [week("both", "occupancy", by=by, **filter)[-1] for by in ("hour", "day")]
        assert _without(totals[0], "Hour") == _without(totals[1], "Day")


def test_behind_an_hour_are_the_stretches_under_way(week):
    """Ada talks from ten to half past, for the one project; for the other this is online."""
    key = "2026-11-23T09:00:00+00:00"
    rows = week("acme", "occupancy", by="hour", measure="occupancy", key=key)
    day = "2026-11-23"
    talk = {"Operator": ADA, "Status": "Talk", "Reason": None}
    assert rows == [
        {**talk, "From": f"{day} 10:00:00", "To": f"{day} 10:30:00", "Length (s)": 1800}
    ]
    rows = week("globex", "occupancy", by="hour", measure="online", key=key)
    assert {(row["Operator"], row["Status"]) for row in rows} == {(ADA, "Online"), (BO, "Online")}
    assert len(rows) == 2
