"""Calls at once, and calls outside of a queue's hours: neither is a sum by when calls began."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest

from portal.calls.models import Visit
from portal.extensions import db
from portal.reports import queries, tables
from portal.reports.asked import Behind
from portal.reports.registry import REPORTS
from portal.statuses.models import OperatorStatus
from tests.reports.conftest import FIRST
from tests.reports.test_every_report import acting, asked  # noqa: F401  # a fixture

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
def test_calls_at_once_are_those_counted_second_by_second(acting, name):  # noqa: F811
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
        assert told == expected
        assert (name == "nowhere") == (not expected)
        if expected:
            assert table.total.sums["peak"] == max(most for most, _, _ in expected.values())
            seconds = (END - START).total_seconds()
            mean = report.measures[1].of(table.total.sums)
            assert mean == sum(busy for _, busy, _ in expected.values()) / seconds
        return table

    acting(name, check)


def test_behind_a_quarter_are_the_calls_under_way_in_it(acting):  # noqa: F811
    def check():
        mine = asked(REPORTS["concurrent-calls"])
        table = tables.make(mine)
        visits = db.session.query(Visit).all()
        for row in table.rows[:40]:
            (quarter,) = row.keys
            behind = Behind(mine.report.measures[0], row.keys)
            rows = [one.id for page in queries.pages(mine, behind) for one in page]
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
