"""The journal: the same stretches as those that are told of in Python, for whoever looks."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from portal.statuses.queries import journal
from tests.factories import query
from tests.reports.users.conftest import PERIOD, moment
from tests.reports.users.test_times import ADA, STATUSES, VIEWERS
from tests.statuses.test_seen import WHOLE

ZONES = {"far": "America/Los_Angeles"}


@pytest.mark.parametrize("name", VIEWERS)
def test_journal_is_what_one_may_see(week, name):
    zone = ZoneInfo(ZONES.get(name, "Europe/Warsaw"))

    def shown(at: dt.datetime) -> str:
        return str(at.astimezone(zone).replace(tzinfo=None))

    expected = [
        (
            week.names.get(one.operator_id, one.agent_raw),
            STATUSES[one.status],
            one.reason or None,
            shown(one.starts_at),
            shown(one.ends_at),
            one.seconds,
        )
        for one in week.acting(name, lambda: journal(*WHOLE))
        if one.seconds
    ]
    rows = [tuple(row.values()) for row in week(name, "operator-journal")]
    assert sorted(rows, key=repr) == sorted(expected, key=repr)
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), reverse=True)


def test_what_is_not_told_is_one_stretch(week):
    rows = week("globex", "operator-journal", operator=week.ids["ada"], to="2026-11-23")
    assert [tuple(row.values())[1:5] for row in reversed(rows)] == [
        ("Ready", None, moment(0, 0), moment(0, 1)),
        ("N/A", None, moment(0, 1), moment(0, 1.5)),
        ("Ready", None, moment(0, 1.5), moment(0, 3)),
        ("Away", "Lunch", moment(0, 3), moment(0, 4)),
        ("Ready", None, moment(0, 4), moment(0, 5)),
        ("Talk", None, moment(0, 5), moment(0, 6)),
        ("N/A", None, moment(0, 6), moment(0, 8)),
    ]
    by_operator = week("globex", "operator-journal", by="operator")
    assert next(row for row in by_operator if row["Operator"] == ADA)["Stretches"] == 35


def test_stretches_are_drawn(week):
    week("globex", "operator-journal")
    page = week.visit("globex").get("/reports/operator-journal?period=custom&from=2026-11-23")
    lines = page.all("svg.chart.spans g.col")
    assert [line.attributes["data-t"] for line in lines] == [ADA, "Boğaç <img src=x>"]
    assert len(lines[0].css("rect[class^=s]")) == 7
    hours = page.texts("svg.chart > text")
    assert (hours[0], len(page.all("svg.chart > line"))) == ("00:00", len(hours))


def test_what_is_not_drawn_of_stretches_is_told(week, monkeypatch):
    def notes(**asked):
        week("globex", "operator-journal")
        url = f"/reports/operator-journal?{query(**PERIOD | asked)}"
        page = week.visit("globex").get(url)
        drawn = [line.attributes["data-t"] for line in page.all("svg.chart.spans g.col")]
        return drawn, page.texts("figure .hint")

    everybody, nothing = notes()
    assert (len(everybody) > 1, nothing) == (True, [])
    monkeypatch.setattr("portal.reports.drawing.spans.MOST_BARS", 1)
    assert notes() == ([ADA], ["1 more operator is in the table."])
    assert notes(by="status") == ([ADA], ["1 more operator is in the table."])
    monkeypatch.setattr("portal.reports.drawing.spans.MOST_BARS", 12)
    monkeypatch.setattr("portal.reports.drawing.spans.MOST_SPANS", 3)
    drawn, [told] = notes()
    assert set(drawn) <= set(everybody)
    assert re.fullmatch(r"Drawn from .*2026.* on; what was before is in the table\.", told)
